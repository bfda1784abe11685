package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/pacing/sim"
	"github.com/dialtide/dialtide/pacing/sim/whatif"
)

const (
	simulationsWaiting = 8                // questions that wait for their turn; more are refused
	simulationBeat     = time.Second      // between two words of progress
	simulationLimit    = 30 * time.Minute // after which one is given up
	simulationRecord   = 90               // days of record that are read
)

// simulations answers what-if questions in the background, one at a time on one processor, so that the dialer beside it has
// the others.
type simulations struct {
	s     *Server
	queue chan lists.Simulation

	mu    sync.Mutex
	stops map[uuid.UUID]context.CancelFunc // of those that run here
	wait  []uuid.UUID                      // those in the queue, in their order
}

func newSimulations(s *Server) *simulations {
	return &simulations{s: s, queue: make(chan lists.Simulation, simulationsWaiting), stops: map[uuid.UUID]context.CancelFunc{}}
}

// add takes a question on.
func (m *simulations) add(ctx context.Context, row lists.Simulation) (lists.Simulation, error) {
	row, err := m.s.opts.Store.CreateSimulation(ctx, row)
	if err != nil {
		return row, err
	}
	if m.enqueue(row) {
		return row, nil
	}
	p := newProblem(http.StatusTooManyRequests, "busy", "too many simulations are waiting: try again later")
	p.retryAfter = defaultRetry
	return row, errors.Join(p, m.s.opts.Store.EndSimulation(ctx, row.ID, lists.SimulationCancelled, nil, ""))
}

func (m *simulations) enqueue(row lists.Simulation) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	select {
	case m.queue <- row:
		m.wait = append(m.wait, row.ID)
		return true
	default:
		return false
	}
}

// cancel stops one that runs here at once; one that runs elsewhere hears of it at its next beat.
func (m *simulations) cancel(id uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if stop := m.stops[id]; stop != nil {
		stop()
	}
}

// run works until ctx ends.
func (m *simulations) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case row := <-m.queue:
			m.one(ctx, row)
		}
	}
}

func (m *simulations) waiting() []uuid.UUID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.wait)
}

// one answers a question. Its row is ended here or by whoever gave it up, unless this process ends.
func (m *simulations) one(ctx context.Context, row lists.Simulation) {
	work, stop := context.WithTimeout(ctx, simulationLimit)
	defer stop()
	m.mu.Lock()
	m.stops[row.ID] = stop
	m.wait = slices.DeleteFunc(m.wait, func(id uuid.UUID) bool { return id == row.ID })
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		delete(m.stops, row.ID)
		m.mu.Unlock()
	}()
	var done atomic.Uint64 // thousandths
	beats := make(chan struct{})
	go func() {
		defer close(beats)
		m.beat(work, stop, row.ID, &done)
	}()
	answer, err := m.answer(work, row, func(d float64) { done.Store(uint64(d * 1000)) })
	late := errors.Is(work.Err(), context.DeadlineExceeded)
	stop()
	<-beats
	if ctx.Err() != nil {
		return // this process ends; that shows, for the row does not beat any more
	}
	if errors.Is(err, context.Canceled) && !late {
		return // given up; whoever did has ended the row
	}
	state, problem := lists.SimulationDone, problemOf(err)
	if err != nil {
		state = lists.SimulationFailed
		m.s.opts.Log.Warn("simulation failed", "simulation", row.ID, "campaign", row.CampaignID, "err", err)
	}
	if err := m.s.opts.Store.EndSimulation(ctx, row.ID, state, answer, problem); err != nil {
		m.s.opts.Log.Error("end of a simulation not stored", "simulation", row.ID, "err", err)
	}
}

// problemOf is the code of an error that pages put into words.
func problemOf(err error) string {
	var input *whatif.InputError
	switch {
	case err == nil:
		return ""
	case errors.Is(err, sim.ErrTooFew):
		return "too_few_calls"
	case errors.As(err, &input), errors.Is(err, sim.ErrUnfit):
		return "unfit_record"
	}
	return "internal"
}

// beat tells the table how far the work is and that others wait here, and stops it when somebody has given it up.
func (m *simulations) beat(ctx context.Context, stop context.CancelFunc, id uuid.UUID, done *atomic.Uint64) {
	_ = every(ctx, simulationBeat, func() {
		goOn, err := m.s.opts.Store.BeatSimulation(ctx, id, lists.SimulationRunning, float64(done.Load())/1000)
		if err != nil && ctx.Err() == nil {
			m.s.opts.Log.Warn("progress of a simulation not stored", "simulation", id, "err", err)
		}
		if !goOn {
			stop()
		}
		for _, waiting := range m.waiting() {
			if _, err := m.s.opts.Store.BeatSimulation(ctx, waiting, lists.SimulationWaiting, 0); err != nil && ctx.Err() == nil {
				m.s.opts.Log.Warn("a waiting simulation could not beat", "simulation", waiting, "err", err)
			}
		}
	})
}

// answer reads the record, fits a scenario for tomorrow and simulates it.
func (m *simulations) answer(ctx context.Context, row lists.Simulation, progress func(float64)) (json.RawMessage, error) {
	var q SimulationQuestion
	if err := json.Unmarshal(row.Question, &q); err != nil {
		return nil, err
	}
	campaign, err := m.s.opts.Store.Campaign(ctx, row.CampaignID)
	if err != nil {
		return nil, err
	}
	now := m.s.opts.Now()
	var zone *time.Location
	if q.Zone != "" {
		zone = compliance.Location(q.Zone)
	}
	history, err := m.s.opts.Store.SimHistory(ctx, row.CampaignID, now.AddDate(0, 0, -simulationRecord), zone)
	if err != nil {
		return nil, err
	}
	history.Day = now.AddDate(0, 0, 1)
	fitted, err := sim.Fit(history)
	if err != nil {
		return nil, err
	}
	ask := q.asked(campaign.Settings)
	ask.Progress = progress
	answer, err := whatif.Ask(ctx, fitted, ask)
	if err != nil {
		return nil, err
	}
	return json.Marshal(answer)
}
