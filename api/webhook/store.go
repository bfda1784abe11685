package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dialtide/dialtide/api/alert"
	"github.com/dialtide/dialtide/lists"
)

// Topics that an endpoint may ask for.
var Topics = []string{lists.TopicAttemptEnded, lists.TopicDispositionMade, lists.TopicDNCAdded, alert.TopicRaised, alert.TopicCleared, alert.TopicAcked, TopicReportReady}

// Topics of facts that are not package lists' own.
const (
	TopicReportReady = "report.ready"
	TopicTest        = "webhook.test" // goes to whom it is meant for, asked for or not
)

// Endpoint is where posts go. Its secret is nowhere in it.
type Endpoint struct {
	ID        uuid.UUID  `json:"id"`
	Name      string     `json:"name"`
	URL       string     `json:"url"`
	Topics    []string   `json:"topics" nullable:"false"`
	Enabled   bool       `json:"enabled"`
	Revision  int        `json:"revision" doc:"grows with each change; send it back with an update"`
	CreatedAt time.Time  `json:"created_at"`
	Delivered int64      `json:"delivered" doc:"posts that went through"`
	Waiting   int64      `json:"waiting" doc:"posts that are to be sent"`
	Dead      int64      `json:"dead" doc:"posts that were given up"`
	LastOK    *time.Time `json:"last_ok"`
	LastError string     `json:"last_error" doc:"of the last try that failed; empty when the last one went through"`
	Failing   *time.Time `json:"failing" doc:"since when nothing goes through; null: all is well"`
}

// Post is a fact that is to be sent, or was given up.
type Post struct {
	ID        int64      `json:"id"`
	MessageID string     `json:"message_id" doc:"the header webhook-id"`
	Topic     string     `json:"topic"`
	At        time.Time  `json:"at"`
	Tries     int        `json:"tries"`
	DueAt     time.Time  `json:"due_at" doc:"when it is tried next"`
	DeadAt    *time.Time `json:"dead_at" doc:"when it was given up; null: it waits"`
	Error     string     `json:"error" doc:"of the last try"`
}

// Store keeps endpoints and their posts.
type Store struct {
	pool  *pgxpool.Pool
	guard Guard
}

// NewStore makes a store; guard judges addresses.
func NewStore(pool *pgxpool.Pool, guard Guard) *Store { return &Store{pool: pool, guard: guard} }

const endpointSQL = `SELECT w.id, w.name, w.url, w.topics, w.enabled, w.revision, w.created_at, w.delivered,
	(SELECT count(*) FROM webhook_posts p WHERE p.webhook_id = w.id AND p.dead_at IS NULL), (SELECT count(*) FROM webhook_posts p WHERE p.webhook_id = w.id AND p.dead_at IS NOT NULL),
	w.last_ok, w.last_error, w.failing FROM webhooks w `

// Endpoints returns all endpoints by name.
func (s *Store) Endpoints(ctx context.Context) ([]Endpoint, error) {
	rows, err := s.pool.Query(ctx, endpointSQL+`ORDER BY w.name`)
	if err != nil {
		return nil, fmt.Errorf("webhooks: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Endpoint])
	if err != nil {
		return nil, fmt.Errorf("webhooks: %w", err)
	}
	return out, nil
}

// Endpoint returns one endpoint, or lists.ErrNotFound.
func (s *Store) Endpoint(ctx context.Context, id uuid.UUID) (Endpoint, error) {
	rows, err := s.pool.Query(ctx, endpointSQL+`WHERE w.id = $1`, id)
	if err != nil {
		return Endpoint{}, fmt.Errorf("webhook %s: %w", id, err)
	}
	e, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Endpoint])
	if errors.Is(err, pgx.ErrNoRows) {
		err = lists.ErrNotFound
	}
	if err != nil {
		return Endpoint{}, fmt.Errorf("webhook %s: %w", id, err)
	}
	return e, nil
}

func (s *Store) clean(e *Endpoint) error {
	if e.Name = lists.CleanText(e.Name, 1000); e.Name == "" || utf8.RuneCountInString(e.Name) > 60 {
		return &lists.InputError{Field: "name", Reason: "must be 1 to 60 characters"}
	}
	checked, err := s.guard.CheckURL(strings.TrimSpace(e.URL))
	if err != nil {
		return &lists.InputError{Field: "url", Reason: err.Error()}
	}
	e.URL = checked
	slices.Sort(e.Topics)
	if e.Topics = slices.Compact(e.Topics); e.Topics == nil {
		e.Topics = []string{}
	}
	for _, t := range e.Topics {
		if !slices.Contains(Topics, t) {
			return &lists.InputError{Field: "topics", Reason: "must be some of " + strings.Join(Topics, ", ")}
		}
	}
	return nil
}

// Create stores a new endpoint with a new secret, which is returned this once. Errors: *lists.InputError (name, url, topics),
// lists.ErrExists.
func (s *Store) Create(ctx context.Context, e Endpoint) (made Endpoint, secret string, err error) {
	if err := s.clean(&e); err != nil {
		return Endpoint{}, "", err
	}
	e.ID = lists.NewID()
	key := NewSecret()
	_, err = s.pool.Exec(ctx, `INSERT INTO webhooks (id, name, url, secret, topics, enabled) VALUES ($1, $2, $3, $4, $5, $6)`, e.ID, e.Name, e.URL, key, e.Topics, e.Enabled)
	if err != nil {
		return Endpoint{}, "", fmt.Errorf("create webhook: %w", named(err))
	}
	made, err = s.Endpoint(ctx, e.ID)
	return made, FormatSecret(key), err
}

// Update changes an endpoint whose revision is still the newest, else lists.ErrStale. Errors as of Create, lists.ErrNotFound.
func (s *Store) Update(ctx context.Context, e Endpoint) (Endpoint, error) {
	if err := s.clean(&e); err != nil {
		return Endpoint{}, err
	}
	tag, err := s.pool.Exec(ctx, `UPDATE webhooks SET name = $3, url = $4, topics = $5, enabled = $6, revision = revision + 1 WHERE id = $1 AND revision = $2`,
		e.ID, e.Revision, e.Name, e.URL, e.Topics, e.Enabled)
	if err != nil {
		return Endpoint{}, fmt.Errorf("update webhook %s: %w", e.ID, named(err))
	}
	is, err := s.Endpoint(ctx, e.ID)
	if err == nil && tag.RowsAffected() == 0 {
		return Endpoint{}, fmt.Errorf("update webhook %s: %w", e.ID, lists.ErrStale)
	}
	return is, err
}

// NewSecretOf gives an endpoint another secret, which is returned this once; posts are signed by it from now on.
func (s *Store) NewSecretOf(ctx context.Context, id uuid.UUID) (string, error) {
	key := NewSecret()
	return FormatSecret(key), s.one(ctx, "new secret of webhook", id, `UPDATE webhooks SET secret = $2 WHERE id = $1`, key)
}

// Delete takes an endpoint away with its posts.
func (s *Store) Delete(ctx context.Context, id uuid.UUID) error {
	return s.one(ctx, "delete webhook", id, `DELETE FROM webhooks WHERE id = $1`)
}

func (s *Store) one(ctx context.Context, what string, id uuid.UUID, sql string, args ...any) error {
	tag, err := s.pool.Exec(ctx, sql, append([]any{id}, args...)...)
	if err == nil && tag.RowsAffected() == 0 {
		err = lists.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", what, id, err)
	}
	return nil
}

// Posts returns posts of an endpoint: the dead ones newest first, or those that wait in their order.
func (s *Store) Posts(ctx context.Context, id uuid.UUID, dead bool, limit int) ([]Post, error) {
	if _, err := s.Endpoint(ctx, id); err != nil {
		return nil, err
	}
	which := `dead_at IS NULL ORDER BY id`
	if dead {
		which = `dead_at IS NOT NULL ORDER BY id DESC`
	}
	rows, err := s.pool.Query(ctx, `SELECT id, message_id, topic, at, tries, due_at, dead_at, error FROM webhook_posts WHERE webhook_id = $1 AND `+which+` LIMIT $2`, id, limit)
	if err != nil {
		return nil, fmt.Errorf("posts of webhook %s: %w", id, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Post])
	if err != nil {
		return nil, fmt.Errorf("posts of webhook %s: %w", id, err)
	}
	return out, nil
}

// Revive has dead posts of an endpoint sent again, behind those that wait, for another day; post 0: all of them. lists.ErrNotFound: no
// such dead post.
func (s *Store) Revive(ctx context.Context, id uuid.UUID, post int64) (int64, error) {
	// They get new ids, and with them new places: what came after them may be delivered already.
	tag, err := s.pool.Exec(ctx, `WITH up AS (DELETE FROM webhook_posts WHERE webhook_id = $1 AND dead_at IS NOT NULL AND ($2 = 0 OR id = $2) RETURNING *)
		INSERT INTO webhook_posts (webhook_id, message_id, outbox_id, topic, body) SELECT webhook_id, message_id, outbox_id, topic, body FROM up ORDER BY id`, id, post)
	if err == nil && tag.RowsAffected() == 0 && post != 0 {
		err = lists.ErrNotFound
	}
	if err != nil {
		return 0, fmt.Errorf("send again a post of webhook %s: %w", id, err)
	}
	return tag.RowsAffected(), nil
}

// Execer is a pool or a transaction.
type Execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// MaxBody bounds what Queue takes, in bytes of JSON.
const MaxBody = 256 << 10

// Queue makes a post for one endpoint; in a transaction it exists when that commits. body becomes the post's data. It returns the
// message id. lists.ErrNotFound: there is no such endpoint, or it is switched off.
func Queue(ctx context.Context, db Execer, endpoint uuid.UUID, topic string, body any) (string, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return "", fmt.Errorf("queue a post: %w", err)
	}
	if len(raw) > MaxBody {
		return "", &lists.InputError{Field: "body", Reason: fmt.Sprintf("must have at most %d bytes: post a link instead", MaxBody)}
	}
	message := "msg_" + lists.NewID().String()
	tag, err := db.Exec(ctx, `INSERT INTO webhook_posts (webhook_id, message_id, topic, body) SELECT id, $2, $3, $4::jsonb FROM webhooks WHERE id = $1 AND enabled`,
		endpoint, message, topic, string(raw))
	if err == nil && tag.RowsAffected() == 0 {
		err = lists.ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("queue a post for webhook %s: %w", endpoint, err)
	}
	return message, nil
}

func named(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "webhooks_name_key" {
		return lists.ErrExists
	}
	return err
}
