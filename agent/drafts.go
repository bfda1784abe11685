package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// DraftNote is the key of the draft that becomes the note of a call whose wrap-up ran out.
const DraftNote = "note"

// Bounds of what one call's agent may have typed and not sent.
const (
	maxDraftKey = 60
	maxDraft    = 8 << 10 // bytes of one
	maxDrafts   = 64
	maxTyped    = 64 << 10 // bytes of all

	draftJoin = 300 * time.Millisecond // drafts wait so long for more of the same typing
)

// draft keeps what an agent has typed. Screens share the drafts: they are copied.
func (f *Floor) draft(agent uuid.UUID, data *draftData) error {
	f.mu.Lock()
	s, refused := f.callOf(agent, data.AttemptID)
	if refused != nil {
		f.mu.Unlock()
		return refused
	}
	if s.drafts[data.Key] == data.Value {
		f.mu.Unlock()
		return nil
	}
	drafts := maps.Clone(s.drafts)
	if drafts == nil {
		drafts = map[string]string{}
	}
	if data.Value == "" {
		delete(drafts, data.Key)
	} else {
		drafts[data.Key] = data.Value
	}
	if err := bounded(drafts); err != nil {
		f.mu.Unlock()
		return err
	}
	s.drafts = drafts
	f.drafts.put(data.AttemptID, agent, drafts)
	d := f.show(s, f.cfg.Clock())
	f.mu.Unlock()
	f.perform(d)
	return nil
}

func bounded(drafts map[string]string) error {
	n := 0
	for k, v := range drafts {
		n += len(k) + len(v)
	}
	if len(drafts) > maxDrafts || n > maxTyped {
		return refuse(CodeTooMuch, "value: this call has more unsent text than the server keeps; send or clear some")
	}
	return nil
}

func (d draftData) check() *CommandError {
	if e := given("attempt_id", d.AttemptID); e != nil {
		return e
	}
	if d.Key == "" || len(d.Key) > maxDraftKey || !plainText(d.Key) {
		return refuse(CodeBadData, "key is missing, too long or not plain text")
	}
	if len(d.Value) > maxDraft || !plainText(d.Value) {
		return refuse(CodeBadData, "value is longer than 8 KiB or not plain text")
	}
	return nil
}

// plainText says whether the database can hold it: valid UTF-8 without a null character.
func plainText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// plainFields refuses contact fields that the database could not hold.
func plainFields(fields map[string]string) *CommandError {
	for k, v := range fields {
		if !plainText(k) || !plainText(v) {
			return refuse(CodeBadData, "fields is not plain text")
		}
	}
	return nil
}

// drafter writes drafts behind the floor's back: of a call only the newest, joined over a third of a second, retried until
// written. Its fillers never wait.
type drafter struct {
	rows  *Rows
	log   *slog.Logger
	ready chan struct{}

	mu      sync.Mutex
	dirty   map[uuid.UUID]draftRow // by attempt
	writing map[uuid.UUID]draftRow // on their way to the database
	over    []uuid.UUID            // of those, the calls that ended meanwhile
}

type draftRow struct {
	agent  uuid.UUID
	drafts map[string]string // shared, never changed
}

func newDrafter(cfg Config) *drafter {
	return &drafter{rows: cfg.Rows, log: cfg.Log, ready: make(chan struct{}, 1), dirty: map[uuid.UUID]draftRow{}}
}

func (w *drafter) put(attempt, agent uuid.UUID, drafts map[string]string) {
	if w.rows == nil {
		return
	}
	w.mu.Lock()
	w.dirty[attempt] = draftRow{agent, drafts}
	w.mu.Unlock()
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

// forget drops what is not written of a call that is over. What is written goes with the disposition, but for what is on its way
// just then and comes after it: that is dropped when it is there.
func (w *drafter) forget(attempt uuid.UUID) {
	w.mu.Lock()
	delete(w.dirty, attempt)
	if _, late := w.writing[attempt]; late {
		w.over = append(w.over, attempt)
	}
	w.mu.Unlock()
}

func (w *drafter) run(ctx context.Context) {
	if w.rows == nil {
		return
	}
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), journalLast)
			defer cancel()
			w.keep(last)
			return
		case <-w.ready:
		}
		sleep(ctx, draftJoin)
		w.keep(ctx)
	}
}

// keep writes until it has succeeded or ctx ends.
func (w *drafter) keep(ctx context.Context) {
	for pause := draftJoin; ctx.Err() == nil; pause = min(2*pause, journalPause) {
		err := w.flush(ctx)
		if err == nil {
			return
		}
		w.log.Warn("what agents have typed could not be kept, trying again", "error", err)
		sleep(ctx, pause)
	}
}

// flush writes what is there now.
func (w *drafter) flush(ctx context.Context) error {
	w.mu.Lock()
	rows := w.dirty
	w.dirty, w.writing = map[uuid.UUID]draftRow{}, rows
	w.mu.Unlock()
	if len(rows) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, journalLast)
	defer cancel()
	err := w.rows.writeDrafts(ctx, rows)
	if broken(err) {
		w.log.Error("drafts were refused by the database", "error", err)
		err = nil
	}
	w.mu.Lock()
	over := w.over
	w.writing, w.over = nil, nil
	if err != nil {
		for attempt, row := range rows {
			if _, newer := w.dirty[attempt]; !newer && !slices.Contains(over, attempt) {
				w.dirty[attempt] = row
			}
		}
	}
	w.mu.Unlock()
	if err == nil && len(over) > 0 {
		if err := w.rows.dropDrafts(ctx, over); err != nil {
			w.log.Warn("what was typed in calls that are over is deleted later", "error", err)
		}
	}
	return err
}

// writeDrafts keeps drafts of calls that have no disposition.
func (r *Rows) writeDrafts(ctx context.Context, rows map[uuid.UUID]draftRow) error {
	b := &pgx.Batch{}
	for attempt, row := range rows {
		text, err := json.Marshal(row.drafts)
		if err != nil {
			return err
		}
		b.Queue(`INSERT INTO desk_drafts (attempt_id, agent_id, drafts)
			SELECT $1, $2, $3::jsonb WHERE NOT EXISTS (SELECT FROM dispositions WHERE attempt_id = $1)
			ON CONFLICT (attempt_id) DO UPDATE SET drafts = excluded.drafts, at = now()`, attempt, row.agent, string(text))
	}
	if err := r.pool.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("write drafts: %w", err)
	}
	return nil
}

// dropDrafts deletes those of calls that have a disposition.
func (r *Rows) dropDrafts(ctx context.Context, attempts []uuid.UUID) error {
	_, err := r.pool.Exec(ctx, `DELETE FROM desk_drafts d WHERE d.attempt_id = ANY ($1) AND EXISTS (SELECT FROM dispositions x WHERE x.attempt_id = d.attempt_id)`, attempts)
	if err != nil {
		return fmt.Errorf("delete drafts: %w", err)
	}
	return nil
}

// draftsOf reads what the agent had typed in a call; nil: nothing.
func (r *Rows) draftsOf(ctx context.Context, agent, attempt uuid.UUID) (drafts map[string]string, err error) {
	var text []byte
	err = r.pool.QueryRow(ctx, `SELECT coalesce((SELECT drafts FROM desk_drafts WHERE attempt_id = $1 AND agent_id = $2), '{}')`, attempt, agent).Scan(&text)
	if err == nil {
		err = json.Unmarshal(text, &drafts)
	}
	if err != nil {
		return nil, fmt.Errorf("read drafts: %w", err)
	}
	return drafts, nil
}
