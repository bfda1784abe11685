package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	keepMessages = 90 * 24 * time.Hour  // chat, notices, requests for help
	keepCoaching = 400 * 24 * time.Hour // as long as the calls that the notes are about
	threadsMost  = 500
)

// Thread is what supervisors and one agent have written to each other, by its newest message.
type Thread struct {
	AgentID   uuid.UUID `json:"agent_id"`
	AgentName string    `json:"agent_name"`
	LastSeq   int64     `json:"last_seq"`
	LastAt    time.Time `json:"last_at"`
	LastBy    string    `json:"last_by" doc:"name of who wrote it"`
	ByAgent   bool      `json:"by_agent" doc:"the agent wrote it"`
	Body      string    `json:"body" doc:"its beginning"`
}

// Threads returns the threads of these agents, or, without any, all that somebody wrote in since.
func (s *Store) Threads(ctx context.Context, agents []uuid.UUID, since time.Time) ([]Thread, error) {
	rows, err := s.pool.Query(ctx, `SELECT m.agent_id, a.name, m.seq, m.at, u.name, m.from_id = m.agent_id, left(m.body, 160)
		FROM (SELECT agent_id, max(seq) AS seq FROM messages WHERE agent_id IS NOT NULL AND kind = 'chat'
			AND CASE WHEN $1::uuid[] IS NULL THEN at >= $2 ELSE agent_id = ANY ($1) END GROUP BY agent_id ORDER BY 2 DESC LIMIT $3) l
		JOIN messages m ON m.seq = l.seq JOIN users a ON a.id = m.agent_id JOIN users u ON u.id = m.from_id ORDER BY m.seq DESC`, agents, since, threadsMost)
	if err != nil {
		return nil, fmt.Errorf("threads: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Thread])
	if err != nil {
		return nil, fmt.Errorf("threads: %w", err)
	}
	return out, nil
}

// Talked returns the agents in whose threads something was written since.
func (s *Store) Talked(ctx context.Context, since time.Time) ([]uuid.UUID, error) {
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT agent_id FROM messages WHERE at >= $1 AND agent_id IS NOT NULL`, since)
	if err != nil {
		return nil, fmt.Errorf("new messages: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("new messages: %w", err)
	}
	return out, nil
}

// ThreadMessages returns an agent's thread with his coaching notes, oldest first: the last ones before a number (0: the newest).
func (s *Store) ThreadMessages(ctx context.Context, agent uuid.UUID, before int64, limit int) ([]Message, error) {
	return s.messagesBy(ctx, `SELECT * FROM (`+fmt.Sprintf(messageSQL, "$1::uuid")+`WHERE m.agent_id = $1 AND ($2 = 0 OR m.seq < $2) ORDER BY m.seq DESC LIMIT $3) x ORDER BY seq`,
		agent, before, page(limit))
}

func (s *Store) messagesBy(ctx context.Context, sql string, args ...any) ([]Message, error) {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("messages: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Message])
	if err != nil {
		return nil, fmt.Errorf("messages: %w", err)
	}
	return out, nil
}

// CoachingNotes returns notes on a call, or on an agent's calls, newest first; zero ids leave nothing out.
func (s *Store) CoachingNotes(ctx context.Context, attempt, agent uuid.UUID, limit int) ([]Message, error) {
	return s.messagesBy(ctx, fmt.Sprintf(messageSQL, "NULL::uuid")+`WHERE m.kind = 'coaching' AND ($1::uuid IS NULL OR m.attempt_id = $1) AND ($2::uuid IS NULL OR m.agent_id = $2)
		ORDER BY m.seq DESC LIMIT $3`, nilID(attempt), nilID(agent), page(limit))
}

// SeeThread notes that a supervisor has read what the agent wrote, up to a number.
func (s *Store) SeeThread(ctx context.Context, supervisor, agent uuid.UUID, upTo int64) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO message_reads (message_id, user_id, read_at)
		SELECT id, $1, now() FROM messages WHERE agent_id = $2 AND from_id = $2 AND seq <= $3 AND at > now() - interval '31 days'
		ON CONFLICT DO NOTHING`, supervisor, agent, upTo)
	if err != nil {
		return fmt.Errorf("see a thread: %w", err)
	}
	return nil
}

// SeenThreads tells up to which number a supervisor has read each agent's thread.
func (s *Store) SeenThreads(ctx context.Context, supervisor uuid.UUID, since time.Time) (map[uuid.UUID]int64, error) {
	rows, err := s.pool.Query(ctx, `SELECT m.agent_id, max(m.seq) FROM message_reads r JOIN messages m ON m.id = r.message_id
		WHERE r.user_id = $1 AND r.shown_at >= $2 AND m.agent_id IS NOT NULL GROUP BY m.agent_id`, supervisor, since)
	if err != nil {
		return nil, fmt.Errorf("seen threads: %w", err)
	}
	out := map[uuid.UUID]int64{}
	var agent uuid.UUID
	var seq int64
	if _, err = pgx.ForEachRow(rows, []any{&agent, &seq}, func() error {
		out[agent] = seq
		return nil
	}); err != nil {
		return nil, fmt.Errorf("seen threads: %w", err)
	}
	return out, nil
}

// Notice is a message to many with how many of them have read it.
type Notice struct {
	Message
	AudienceName string `json:"audience_name" doc:"of the campaign or team"`
	Shown        int    `json:"shown" doc:"agents to whom it was shown"`
	Read         int    `json:"read"`
}

// Notices returns notices, newest first.
func (s *Store) Notices(ctx context.Context, limit int) ([]Notice, error) {
	rows, err := s.pool.Query(ctx, fmt.Sprintf(`SELECT x.*, coalesce(c.name, t.name, ''), (SELECT count(*) FROM message_reads r WHERE r.message_id = x.id),
			(SELECT count(*) FROM message_reads r WHERE r.message_id = x.id AND r.read_at IS NOT NULL)
		FROM (SELECT * FROM (`+messageSQL+`WHERE m.kind = 'notice' ORDER BY m.seq DESC LIMIT $1) y) x
		LEFT JOIN campaigns c ON x.audience = 'campaign' AND c.id = x.audience_id LEFT JOIN teams t ON x.audience = 'team' AND t.id = x.audience_id ORDER BY x.seq DESC`, "NULL::uuid"), page(limit))
	if err != nil {
		return nil, fmt.Errorf("notices: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (n Notice, err error) {
		var name string // the sender's, which the alias of the view hides
		err = row.Scan(&n.ID, &n.Seq, &n.Kind, &n.FromID, &name, &n.AgentID, &n.Audience, &n.AudienceID, &n.AttemptID, &n.ContactID, &n.ContactName, &n.Body, &n.At, &n.Until, &n.ReadAt,
			&n.AudienceName, &n.Shown, &n.Read)
		n.FromName = name
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("notices: %w", err)
	}
	return out, nil
}

// Receipt says who was shown a notice, and when he read it.
type Receipt struct {
	UserID  uuid.UUID  `json:"user_id"`
	Name    string     `json:"name"`
	ShownAt time.Time  `json:"shown_at"`
	ReadAt  *time.Time `json:"read_at"`
}

// Receipts returns to whom a notice was shown, those who have not read it first.
func (s *Store) Receipts(ctx context.Context, notice uuid.UUID) ([]Receipt, error) {
	rows, err := s.pool.Query(ctx, `SELECT r.user_id, u.name, r.shown_at, r.read_at FROM message_reads r JOIN users u ON u.id = r.user_id
		JOIN messages m ON m.id = r.message_id AND m.kind = 'notice' WHERE r.message_id = $1 ORDER BY r.read_at DESC NULLS FIRST, u.name LIMIT 5000`, notice)
	if err != nil {
		return nil, fmt.Errorf("receipts: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Receipt])
	if err != nil {
		return nil, fmt.Errorf("receipts: %w", err)
	}
	return out, nil
}

// EndNotice takes a notice back and returns to whom it was shown. Errors: ErrNoticeOver, ErrNotFound.
func (s *Store) EndNotice(ctx context.Context, id uuid.UUID) (shown []uuid.UUID, err error) {
	tag, err := s.pool.Exec(ctx, `UPDATE messages SET until = now() WHERE id = $1 AND kind = 'notice' AND until > now()`, id)
	if err != nil {
		return nil, fmt.Errorf("end notice: %w", err)
	}
	if tag.RowsAffected() == 0 {
		var there bool
		if err := s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM messages WHERE id = $1 AND kind = 'notice')`, id).Scan(&there); err != nil {
			return nil, fmt.Errorf("end notice: %w", err)
		}
		if !there {
			return nil, ErrNotFound
		}
		return nil, ErrNoticeOver
	}
	rows, err := s.pool.Query(ctx, `SELECT user_id FROM message_reads WHERE message_id = $1`, id)
	if err == nil {
		shown, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	}
	if err != nil {
		return nil, fmt.Errorf("end notice: %w", err)
	}
	return shown, nil
}
