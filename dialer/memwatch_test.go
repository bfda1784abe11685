package dialer_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
)

// watchActs is what ledger, floor and pages in memory were told of watches.
type watchActs struct {
	mu       sync.Mutex
	acts     []lists.WatchAct
	at       []time.Time
	open     map[uuid.UUID]lists.OpenWatch
	down     bool
	unlawful []uuid.UUID
	shown    map[uuid.UUID][]agent.Watcher
	views    map[uuid.UUID]*dialer.WatchView
	bosses   map[string]uuid.UUID // by endpoint
	codes    map[int]uuid.UUID
}

func newWatchActs() *watchActs {
	return &watchActs{open: map[uuid.UUID]lists.OpenWatch{}, shown: map[uuid.UUID][]agent.Watcher{}, views: map[uuid.UUID]*dialer.WatchView{},
		bosses: map[string]uuid.UUID{}, codes: map[int]uuid.UUID{}}
}

func (n *watchActs) publish(id, _ uuid.UUID, v *dialer.WatchView) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.views[id] = v
}

// set changes what the ledger will say.
func (n *watchActs) set(change func(*watchActs)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change(n)
}

// left is how many watches are written down as open, and whether a page shows this one.
func (n *watchActs) left(id uuid.UUID) (open int, shown bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.open), n.views[id] != nil
}

func (n *watchActs) did() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []string
	for _, a := range n.acts {
		out = append(out, a.Action+" "+a.Mode)
	}
	return out
}

func (n *watchActs) last() lists.WatchAct {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.acts[len(n.acts)-1]
}

func (n *watchActs) watchersOf(id uuid.UUID) (modes []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, w := range n.shown[id] {
		modes = append(modes, w.Mode)
	}
	return modes
}

// noted is when the act was committed that a snoop has its id of.
func (n *watchActs) noted(act uuid.UUID) (time.Time, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.IndexFunc(n.acts, func(a lists.WatchAct) bool { return a.ID == act })
	if i < 0 {
		return time.Time{}, false
	}
	return n.at[i], true
}

type watchLedger struct{ *watchActs }

var errLedgerDown = errors.New("the database is away")

func (l watchLedger) ActWatch(_ context.Context, a lists.WatchAct) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return errLedgerDown
	}
	l.acts, l.at = append(l.acts, a), append(l.at, time.Now())
	switch a.Action {
	case lists.WatchStop:
		delete(l.open, a.Watch)
	case lists.WatchCall:
	default:
		l.open[a.Watch] = lists.OpenWatch{ID: a.Watch, Supervisor: a.Supervisor, Endpoint: a.Endpoint, Agent: a.Agent, Mode: a.Mode, Act: a.ID, BeganAt: time.Now()}
	}
	return nil
}

func (l watchLedger) OpenWatches(context.Context, string) (out []lists.OpenWatch, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.open {
		out = append(out, w)
	}
	return out, nil
}

func (l watchLedger) UnlawfulWatches(context.Context, string) ([]uuid.UUID, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.unlawful), nil
}

func (l watchLedger) SupervisorAt(_ context.Context, endpoint string) (uuid.UUID, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id, ok := l.bosses[endpoint]; ok {
		return id, endpoint, nil
	}
	return uuid.Nil, "", lists.ErrNotFound
}

func (l watchLedger) AgentOfCode(_ context.Context, code int) (uuid.UUID, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id, ok := l.codes[code]; ok {
		return id, nil
	}
	return uuid.Nil, lists.ErrNotFound
}

type watchFloor struct {
	*memFloor
	acts *watchActs
}

func (f watchFloor) Whereabouts(id uuid.UUID) (agent.Whereabouts, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.agents {
		if a.id != id {
			continue
		}
		w := agent.Whereabouts{Name: "agent", Session: a.session, Campaign: f.campaign, Leg: a.leg}
		if a.state == agent.Talking {
			w.Attempt = a.attempt
		}
		return w, true
	}
	return agent.Whereabouts{}, false
}

func (f watchFloor) ShowWatchers(id uuid.UUID, all []agent.Watcher) {
	f.acts.mu.Lock()
	defer f.acts.mu.Unlock()
	f.acts.shown[id] = all
}
