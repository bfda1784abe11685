package agent

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	journalBatch = 200                   // rows of one transaction
	journalMax   = 100_000               // log rows kept while the database is away; then the oldest go, loudly
	journalLast  = 5 * time.Second       // for what is unwritten at the end
	journalPause = 5 * time.Second       // longest pause between tries
	journalJoin  = 20 * time.Millisecond // how long the first change waits for company: agents change in bursts
)

// sessionRow is what agent_sessions holds of a session beyond what its login wrote.
type sessionRow struct {
	id      uuid.UUID
	leg     *uuid.UUID
	state   State
	reason  string
	since   time.Time
	attempt *uuid.UUID
	more    int        // wishes for more time that were granted in this wrap-up
	until   *time.Time // when it ends then
	ended   *time.Time
}

// stateRow is one line of agent_state_log.
type stateRow struct {
	session, agent uuid.UUID
	at             time.Time
	state          State
	reason         string
	attempt        *uuid.UUID
}

// journal writes session rows behind the floor's back: in order, retried until written, of a session only the newest
// row. Its fillers never wait.
type journal struct {
	rows  *Rows
	log   *slog.Logger
	ready chan struct{}
	taken func(session uuid.UUID) // another process has ended the session's row

	mu       sync.Mutex
	sessions map[uuid.UUID]sessionRow
	states   []stateRow
	lost     int
}

func newJournal(cfg Config) *journal {
	return &journal{rows: cfg.Rows, log: cfg.Log, ready: make(chan struct{}, 1), sessions: map[uuid.UUID]sessionRow{}}
}

// state notes how a session stands; entered also notes it in the state log. The floor's lock keeps the order.
func (j *journal) state(s *session, now time.Time, entered, ended bool) {
	if j.rows == nil {
		return
	}
	row := sessionRow{id: s.id, leg: some(s.leg), state: s.m.State, reason: s.m.Reason, since: s.m.Since,
		attempt: some(s.m.Attempt)}
	row.more, row.until = s.m.wrapKept()
	if ended {
		at := now
		row.ended = &at
	}
	j.mu.Lock()
	j.sessions[s.id] = row
	if entered {
		if len(j.states) >= journalMax {
			j.states = j.states[1:]
			j.lost++
		}
		j.states = append(j.states, stateRow{session: s.id, agent: s.person.ID, at: now, state: s.m.State,
			reason: s.m.Reason, attempt: row.attempt})
	}
	j.mu.Unlock()
	select {
	case j.ready <- struct{}{}:
	default:
	}
}

func some(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func (j *journal) run(ctx context.Context) {
	if j.rows == nil {
		return
	}
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), journalLast)
			defer cancel()
			j.drain(last)
			return
		case <-j.ready:
			sleep(ctx, journalJoin)
			j.drain(ctx)
		}
	}
}

// drain writes until nothing is left or ctx ends.
func (j *journal) drain(ctx context.Context) {
	pause := 100 * time.Millisecond
	for ctx.Err() == nil {
		sessions, states, lost := j.batch()
		if len(sessions)+len(states) == 0 {
			return
		}
		if lost > 0 {
			j.log.Error("the database was away for too long: lines of the agents' state log are lost", "lines", lost)
		}
		err := j.write(ctx, sessions, states)
		if err == nil {
			pause = 100 * time.Millisecond
			continue
		}
		if broken(err) { // the rows themselves are refused: no retry helps, but what is behind them must get through
			j.log.Error("session rows were refused by the database", "error", err)
			j.oneByOne(ctx, sessions, states)
			continue
		}
		j.putBack(sessions, states)
		j.log.Warn("agents' session rows could not be written, trying again", "error", err, "pause", pause)
		if !sleep(ctx, pause) {
			return
		}
		pause = min(2*pause, journalPause)
	}
}

// write writes and reports the sessions that are not this process's any more.
func (j *journal) write(ctx context.Context, sessions []sessionRow, states []stateRow) error {
	gone, err := j.rows.write(ctx, sessions, states)
	if err != nil {
		return err
	}
	for _, id := range gone {
		j.taken(id)
	}
	return nil
}

func (j *journal) oneByOne(ctx context.Context, sessions []sessionRow, states []stateRow) {
	for i := range sessions {
		if err := j.write(ctx, sessions[i:i+1], nil); err != nil {
			j.log.Error("a session row was not written", "session", sessions[i].id, "error", err)
		}
	}
	for i := range states {
		if err := j.write(ctx, nil, states[i:i+1]); err != nil {
			j.log.Error("a line of the state log was not written", "session", states[i].session, "error", err)
		}
	}
}

func (j *journal) batch() ([]sessionRow, []stateRow, int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var sessions []sessionRow
	for id, row := range j.sessions {
		if len(sessions) == journalBatch {
			break
		}
		sessions = append(sessions, row)
		delete(j.sessions, id)
	}
	n := min(len(j.states), journalBatch)
	states := append([]stateRow(nil), j.states[:n]...)
	j.states = j.states[n:]
	if len(j.states) == 0 {
		j.states = nil
	}
	lost := j.lost
	j.lost = 0
	return sessions, states, lost
}

// putBack returns what was not written: log lines to the front, session rows unless a newer one came.
func (j *journal) putBack(sessions []sessionRow, states []stateRow) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, row := range sessions {
		if _, newer := j.sessions[row.id]; !newer {
			j.sessions[row.id] = row
		}
	}
	j.states = append(states, j.states...)
}

// sleep waits d; false: ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
