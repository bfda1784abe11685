package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

const (
	look        = 500 * time.Millisecond
	pruneEach   = time.Minute
	atOnce      = 8
	inOneGo     = 200            // posts of one endpoint before the others are looked at again
	giveUp      = 24 * time.Hour // from the fact on
	refusals    = 5              // tries of a post that the receiver refuses
	mostWaiting = 50_000
	mostDead    = 1_000
	keepDead    = 30 * 24 * time.Hour
	mostLater   = time.Hour // that a receiver may ask for
)

// pauses are those between the tries; the last one repeats.
var pauses = []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour}

// Config makes a Deliverer.
type Config struct {
	Pool       *pgxpool.Pool
	Guard      Guard
	Now        func() time.Time
	Log        *slog.Logger
	Registerer prometheus.Registerer
}

// Deliverer sends posts. Make it with New.
type Deliverer struct {
	cfg    Config
	client *http.Client
	posts  *prometheus.CounterVec

	mu   sync.Mutex
	busy map[uuid.UUID]bool // endpoints that are served now
}

// New makes a deliverer.
func New(cfg Config) *Deliverer {
	d := &Deliverer{cfg: cfg, client: cfg.Guard.client(), busy: map[uuid.UUID]bool{},
		posts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dialtide_webhook_posts_total", Help: "Posts to webhooks by what came of the try: delivered, failed, dead."}, []string{"result"})}
	if cfg.Registerer != nil {
		cfg.Registerer.MustRegister(d.posts)
	}
	return d
}

// Run delivers until ctx ends. Of all processes one should do so.
func (d *Deliverer) Run(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	defer d.client.CloseIdleConnections()
	var served sync.WaitGroup
	defer served.Wait()
	slots := make(chan struct{}, atOnce)
	var pruned time.Time
	for {
		if now := d.cfg.Now(); now.Sub(pruned) >= pruneEach {
			pruned = now
			d.complain(ctx, d.Prune(ctx))
		}
		due, err := d.due(ctx)
		d.complain(ctx, err)
		for _, id := range due {
			if !d.claim(id) {
				continue
			}
			served.Go(func() {
				defer d.release(id)
				select {
				case slots <- struct{}{}:
				case <-ctx.Done():
					return
				}
				defer func() { <-slots }()
				d.complain(ctx, d.Serve(ctx, id))
			})
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (d *Deliverer) complain(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		d.cfg.Log.Warn("webhooks wait for the database", "err", err)
	}
}

func (d *Deliverer) claim(id uuid.UUID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[id] {
		return false
	}
	d.busy[id] = true
	return true
}

func (d *Deliverer) release(id uuid.UUID) {
	d.mu.Lock()
	delete(d.busy, id)
	d.mu.Unlock()
}

// due lists endpoints whose first post is to be tried now.
func (d *Deliverer) due(ctx context.Context) ([]uuid.UUID, error) {
	rows, err := d.cfg.Pool.Query(ctx, `SELECT w.id FROM webhooks w CROSS JOIN LATERAL (SELECT due_at FROM webhook_posts p
		WHERE p.webhook_id = w.id AND p.dead_at IS NULL ORDER BY p.id LIMIT 1) first WHERE w.enabled AND first.due_at <= $1 ORDER BY first.due_at`, d.cfg.Now())
	if err != nil {
		return nil, fmt.Errorf("look for posts: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// letter is a post with all that sending it takes.
type letter struct {
	endpoint uuid.UUID
	url      string
	secret   []byte
	post     int64
	message  string
	topic    string
	at       time.Time
	tries    int
	body     json.RawMessage // nil: the fact is not kept any more
}

// Serve sends posts of one endpoint in their order until one fails, none is due, or it was at it for long.
func (d *Deliverer) Serve(ctx context.Context, endpoint uuid.UUID) error {
	for range inOneGo {
		l := letter{endpoint: endpoint}
		err := d.cfg.Pool.QueryRow(ctx, `SELECT w.url, w.secret, p.id, p.message_id, p.topic, p.at, p.tries, coalesce(p.body, o.body)
			FROM webhooks w JOIN LATERAL (SELECT * FROM webhook_posts WHERE webhook_id = w.id AND dead_at IS NULL ORDER BY id LIMIT 1) p ON true
			LEFT JOIN outbox o ON o.id = p.outbox_id WHERE w.id = $1 AND w.enabled AND p.due_at <= $2`, endpoint, d.cfg.Now()).
			Scan(&l.url, &l.secret, &l.post, &l.message, &l.topic, &l.at, &l.tries, &l.body)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a post: %w", err)
		}
		ok, err := d.try(ctx, l)
		if err != nil || !ok {
			return err
		}
	}
	return nil
}

// try sends a post and writes down what came of it. ok: the next one may follow.
func (d *Deliverer) try(ctx context.Context, l letter) (ok bool, err error) {
	if l.body == nil {
		return true, d.bury(ctx, l, "the fact is not kept any more")
	}
	status, later, failed := d.send(ctx, l)
	if ctx.Err() != nil {
		return false, nil // not the receiver's fault; it may get the post twice
	}
	if failed == "" {
		d.posts.WithLabelValues("delivered").Inc()
		return true, d.done(ctx, l)
	}
	d.posts.WithLabelValues("failed").Inc()
	now := d.cfg.Now()
	if status == http.StatusGone {
		_, err := d.cfg.Pool.Exec(ctx, `UPDATE webhooks SET enabled = false, last_error = $2, failing = coalesce(failing, $3), revision = revision + 1 WHERE id = $1`, l.endpoint, failed, now)
		return false, err
	}
	refused := status >= 400 && status < 500 && status != http.StatusRequestTimeout && status != http.StatusTooEarly && status != http.StatusTooManyRequests
	pause := max(pauses[min(l.tries, len(pauses)-1)], min(later, mostLater))
	if refused && l.tries+1 >= refusals || now.Add(pause).After(l.at.Add(giveUp)) {
		return true, d.bury(ctx, l, failed)
	}
	b := &pgx.Batch{}
	b.Queue(`UPDATE webhook_posts SET tries = tries + 1, due_at = $2, error = $3 WHERE id = $1`, l.post, now.Add(pause), failed)
	b.Queue(`UPDATE webhooks SET last_error = $2, failing = coalesce(failing, $3) WHERE id = $1`, l.endpoint, failed, now)
	return false, d.cfg.Pool.SendBatch(ctx, b).Close()
}

func (d *Deliverer) done(ctx context.Context, l letter) error {
	b := &pgx.Batch{}
	b.Queue(`DELETE FROM webhook_posts WHERE id = $1`, l.post)
	b.Queue(`UPDATE webhooks SET delivered = delivered + 1, last_ok = $2, last_error = '', failing = NULL WHERE id = $1`, l.endpoint, d.cfg.Now())
	return d.cfg.Pool.SendBatch(ctx, b).Close()
}

func (d *Deliverer) bury(ctx context.Context, l letter, why string) error {
	d.posts.WithLabelValues("dead").Inc()
	now := d.cfg.Now()
	b := &pgx.Batch{}
	b.Queue(`UPDATE webhook_posts SET tries = tries + 1, dead_at = $2, error = $3 WHERE id = $1`, l.post, now, why)
	b.Queue(`UPDATE webhooks SET last_error = $2, failing = coalesce(failing, $3) WHERE id = $1`, l.endpoint, why, now)
	return d.cfg.Pool.SendBatch(ctx, b).Close()
}

// message is the body of a post.
type message struct {
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// send posts once. failed says why it did not go through, without anything that the receiver wrote.
func (d *Deliverer) send(ctx context.Context, l letter) (status int, later time.Duration, failed string) {
	body, err := json.Marshal(message{l.topic, l.at.UTC(), l.body})
	if err != nil {
		return 0, 0, "the fact cannot be written as JSON"
	}
	checked, err := d.cfg.Guard.CheckURL(l.url) // the configuration may have changed since it was stored
	if err != nil {
		return 0, 0, "the address " + err.Error()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, checked, bytes.NewReader(body))
	if err != nil {
		return 0, 0, "the address cannot be used"
	}
	if req.URL.Scheme == "http" {
		req = req.WithContext(context.WithValue(ctx, plainKey{}, true))
	}
	now := d.cfg.Now()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Dialtide-Webhook/1")
	req.Header.Set("webhook-id", l.message)
	req.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	req.Header.Set("webhook-signature", Sign(l.secret, l.message, now, body))
	resp, err := d.client.Do(req)
	if err != nil {
		return 0, 0, reason(err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, 16<<10) // so that the connection can serve again; what it says does not matter
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp.StatusCode, 0, ""
	}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 && s < 1<<20 {
		later = time.Duration(s) * time.Second
	}
	return resp.StatusCode, later, fmt.Sprintf("the receiver answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
}

// reason says what went wrong without the address, whose query may hold what is nobody's business.
func reason(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, ErrForbidden):
		return ErrForbidden.Error()
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("no answer within %d s", int(postTime.Seconds()))
	}
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	text := err.Error()
	return "no connection: " + text[:min(len(text), 200)]
}

// Prune keeps the posts bounded: too many that wait, too many that are dead or dead for long.
func (d *Deliverer) Prune(ctx context.Context) error {
	b := &pgx.Batch{}
	b.Queue(`UPDATE webhook_posts SET dead_at = $1, error = 'too many posts waited' WHERE id IN (SELECT x.id FROM webhooks w CROSS JOIN LATERAL
		(SELECT id FROM webhook_posts p WHERE p.webhook_id = w.id AND p.dead_at IS NULL ORDER BY p.id DESC OFFSET $2) x)`, d.cfg.Now(), mostWaiting)
	b.Queue(`DELETE FROM webhook_posts WHERE id IN (SELECT x.id FROM webhooks w CROSS JOIN LATERAL
		(SELECT id FROM webhook_posts p WHERE p.webhook_id = w.id AND p.dead_at IS NOT NULL ORDER BY p.id DESC OFFSET $1) x)`, mostDead)
	b.Queue(`DELETE FROM webhook_posts WHERE dead_at < $1`, d.cfg.Now().Add(-keepDead))
	if err := d.cfg.Pool.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("prune posts: %w", err)
	}
	return nil
}
