package recording

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// MarkKind is what was done to the recording of a call, or played to the callee in place of a talk.
type MarkKind string

const (
	Begun       MarkKind = "begun"       // the talk began; Detail has the policy
	Announced   MarkKind = "announced"   // callee and agent were told
	Unannounced MarkKind = "unannounced" // they were to be told and could not be: nothing is kept from here on
	Paused      MarkKind = "paused"      // what is said is kept out
	Resumed     MarkKind = "resumed"
	Started     MarkKind = "started" // on demand
	Stopped     MarkKind = "stopped" // on demand
	Played      MarkKind = "played"  // the message for a callee whom nobody attends to begins; Detail has the sound
)

// Mark is one such act.
type Mark struct {
	Attempt uuid.UUID
	At      time.Time
	Kind    MarkKind
	By      *uuid.UUID // user; nil: the system
	Detail  Detail
}

// Detail says more of a mark.
type Detail struct {
	Policy   string  `json:"policy,omitempty"`
	Percent  float64 `json:"percent,omitempty"`
	Announce string  `json:"announce,omitempty"` // the sound that was to be played, as the switch calls it
	Why      string  `json:"why,omitempty"`      // of a pause or its end: agent, supervisor, time, restart; of a failure: the reason
}

const (
	maxMarks   = 100_000          // kept while the database is away; then the oldest go, loudly
	marksBatch = 500              // rows of one transaction
	marksPause = time.Second      // between tries
	marksLast  = 10 * time.Second // for what is unwritten at the end
)

// Marks writes marks behind the calls' backs: in order, and again until they are written. Add never blocks.
type Marks struct {
	// Sounds tells what was in the files of sounds that were played; nil: nobody knows. Set it before the first mark.
	Sounds *Sounds

	pool *pgxpool.Pool
	log  *slog.Logger
	wake chan struct{}

	writing sync.Mutex // one writer at a time
	mu      sync.Mutex // guards all below
	rows    []Mark
}

// NewMarks makes a writer; Run must be called for it to write by itself.
func NewMarks(pool *pgxpool.Pool, log *slog.Logger) *Marks {
	return &Marks{pool: pool, log: log, wake: make(chan struct{}, 1)}
}

// Add takes a mark in.
func (m *Marks) Add(row Mark) {
	m.mu.Lock()
	if len(m.rows) >= maxMarks {
		m.log.Error("the database was away for too long: a mark of a recording is lost", "attempt", m.rows[0].Attempt, "kind", m.rows[0].Kind)
		m.rows = m.rows[1:]
	}
	m.rows = append(m.rows, row)
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// Run writes until ctx ends, and then what is left.
func (m *Marks) Run(ctx context.Context) error {
	tick := time.NewTicker(marksPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return m.last(context.WithoutCancel(ctx))
		case <-m.wake:
		case <-tick.C:
		}
		if err := m.Flush(ctx); err != nil && ctx.Err() == nil {
			m.log.Warn("marks of recordings are not written yet, trying again", "error", err)
		}
	}
}

// last writes what is left, and tries again as long as the end may wait: after a restart of the database the first connection is a
// broken one.
func (m *Marks) last(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, marksLast)
	defer cancel()
	for {
		err := m.Flush(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(marksPause / 4):
		}
	}
}

// Flush writes all that was added before it was called.
func (m *Marks) Flush(ctx context.Context) error {
	m.writing.Lock()
	defer m.writing.Unlock()
	for {
		m.mu.Lock()
		batch := m.rows[:min(len(m.rows), marksBatch)]
		m.mu.Unlock()
		if len(batch) == 0 {
			return nil
		}
		if err := m.write(ctx, batch); err != nil {
			return err
		}
		m.mu.Lock()
		// Meanwhile the oldest may have been given up; those that are left of the batch stand at the front.
		n := 0
		for n < len(m.rows) && n < len(batch) && m.rows[n] == batch[n] {
			n++
		}
		m.rows = m.rows[n:]
		m.mu.Unlock()
		if n == 0 {
			return nil
		}
	}
}

// marked is what is stored of a mark's detail.
type marked struct {
	Detail
	Files map[string]string `json:"files,omitempty"` // of the sound: SHA-256 by name
}

// filesOf are those of a sound that somebody heard.
func (m *Marks) filesOf(r *Mark) map[string]string {
	if r.Kind != Played && r.Kind != Announced {
		return nil
	}
	return m.Sounds.Files(r.Detail.Announce)
}

func (m *Marks) write(ctx context.Context, rows []Mark) error {
	b := &pgx.Batch{}
	for _, r := range rows {
		detail, err := json.Marshal(marked{r.Detail, m.filesOf(&r)})
		if err != nil {
			return fmt.Errorf("write marks of recordings: %w", err)
		}
		b.Queue(`INSERT INTO recording_marks (attempt_id, at, kind, by_user, detail) VALUES ($1, $2, $3, $4, $5::jsonb)
			ON CONFLICT (attempt_id, at, kind) DO NOTHING`, r.Attempt, r.At, r.Kind, r.By, string(detail))
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := pgx.BeginFunc(ctx, m.pool, func(tx pgx.Tx) error { return tx.SendBatch(ctx, b).Close() })
	if err != nil {
		return fmt.Errorf("write marks of recordings: %w", err)
	}
	return nil
}
