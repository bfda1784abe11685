package dialer

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
)

// WatchSwitch is what supervisors' phones ask of the telephone switch beyond [Switch] and [Legs]; the same adapter implements
// them. A supervisor's phone has a bridge with its own id, in which it is when LegUp is told; Legs.Join takes it into an agent's
// and back, and a customer into it. It is hung up by Switch.Hangup, and so is a snoop.
type WatchSwitch interface {
	// Summon calls a supervisor's phone as channel leg. LegUp and Ended tell how it went.
	Summon(ctx context.Context, leg uuid.UUID, endpoint string) error
	// Admit answers a supervisor's phone that calls (event Called). LegUp and Ended tell how it went.
	Admit(ctx context.Context, leg uuid.UUID) error
	// Spy lets a supervisor's leg hear an agent's, and whom that talks with, through a channel with the id snoop; with whisper the agent
	// hears him too. The snoop ends with either of the two; Ended is told of it. ErrNoChannel: the agent's leg is gone.
	Spy(ctx context.Context, leg, snoop, agentLeg uuid.UUID, whisper bool) error
	// Keep has the switch hang a leg up by itself unless it is asked again within d: nobody listens on for a dialer that has died.
	Keep(ctx context.Context, leg uuid.UUID, d time.Duration) error
}

// WatchFloor is what watches ask of the floor; *agent.Floor implements it. No method does I/O.
type WatchFloor interface {
	// Whereabouts is where an agent sits; false: he is not logged in here.
	Whereabouts(agent uuid.UUID) (agent.Whereabouts, bool)
	// ShowWatchers puts on an agent's screen who is beside him.
	ShowWatchers(agent uuid.UUID, all []agent.Watcher)
}

// WatchLedger is what watches ask of the store; *lists.Store implements it.
type WatchLedger interface {
	ActWatch(ctx context.Context, a lists.WatchAct) error
	OpenWatches(ctx context.Context, node string) ([]lists.OpenWatch, error)
	UnlawfulWatches(ctx context.Context, node string) ([]uuid.UUID, error)
	SupervisorAt(ctx context.Context, endpoint string) (id uuid.UUID, name string, err error)
	AgentOfCode(ctx context.Context, code int) (uuid.UUID, error)
}

// WatchRequest asks for a supervisor's phone beside an agent's.
type WatchRequest struct {
	Supervisor uuid.UUID
	Name       string // his
	Endpoint   string // of his phone
	Token      string // hashed, of the sign-in that the watch ends with
	Agent      uuid.UUID
	Mode       call.WatchMode
	Request    string // of the API, for the audit log
}

// WatchChange asks a watch for another mode, another agent, or both.
type WatchChange struct {
	ID         uuid.UUID
	Supervisor uuid.UUID      // whose it must be
	Mode       call.WatchMode // "": as it is; with another agent never more than whispering
	Agent      uuid.UUID      // nil: as it is
	Request    string
}

// WatchView is a watch as supervisors see it.
type WatchView struct {
	ID           uuid.UUID      `json:"id"`
	SupervisorID uuid.UUID      `json:"supervisor_id"`
	Supervisor   string         `json:"supervisor"`
	AgentID      uuid.UUID      `json:"agent_id"`
	Agent        string         `json:"agent"`
	Mode         call.WatchMode `json:"mode" enum:"listen,whisper,barge,takeover"`
	State        string         `json:"state" enum:"ringing,waiting,on,talking" doc:"ringing: the supervisor's phone; waiting: the agent's phone is not up; on: beside the agent; talking: the call was taken over"`
	AttemptID    *uuid.UUID     `json:"attempt_id" doc:"the call in talk; null: the agent is between calls"`
	Silent       bool           `json:"silent" doc:"the agent is not told"`
	Since        time.Time      `json:"since"`
}

// Errors of watches. Those of a wish that does not fit are *agent.CommandError with the codes of agent and of call.Refusal.
var (
	ErrNoWatch    = errors.New("there is no such watch")
	ErrWatchesOff = errors.New("watching is not set up")
	ErrAgentAway  = agent.Refuse("agent_away", "the agent is not logged in to a campaign")
	ErrPhoneAway  = agent.Refuse("phone_unreachable", "your phone could not be called: is it registered?")
	ErrUnnoted    = errors.New("the audit log could not be written, so nothing was done")
	errWatchTwice = agent.Refuse("watching", "your phone is beside an agent already: change that watch, or end it first")
)

var watchRefusals = map[call.Refusal]*agent.CommandError{
	call.NotTalking:  agent.Refuse(agent.CodeNotTalking, "the agent is not in a talk"),
	call.ConsultOpen: agent.Refuse(agent.CodeConsultOpen, "another party is in the call: the agent must end that first"),
	call.HasCall:     agent.Refuse(string(call.HasCall), "you have taken a call over: end it first"),
	call.WatchDone:   agent.Refuse(string(call.WatchDone), "the watch is over: begin a new one"),
}

// Times of watches.
const (
	watchLook    = time.Second      // a watch looks where its agent is, if nothing tells it sooner
	watchKeep    = 60 * time.Second // without a word for so long the switch hangs a supervisor's phone up
	watchRenew   = 20 * time.Second // the word is given so often
	watchLawful  = 2 * time.Second  // between looks whether supervisors still may
	watchTimeout = 3 * time.Second  // of the audit log
)

// watches are the supervisors' phones of this process.
type watches struct {
	showing sync.Mutex // held while it is found out and shown who is beside an agent

	mu    sync.Mutex // guards all below
	byID  map[uuid.UUID]*watch
	snoop map[uuid.UUID]*watch // by channels that were made for them
	calls map[uuid.UUID]bool   // phones that call, about whom the ledger is being asked
}

func newWatches() *watches {
	return &watches{byID: map[uuid.UUID]*watch{}, snoop: map[uuid.UUID]*watch{}, calls: map[uuid.UUID]bool{}}
}

func (e *Engine) canWatch() bool {
	return e.cfg.WatchSwitch != nil && e.cfg.WatchFloor != nil && e.cfg.WatchLedger != nil && e.cfg.Legs != nil
}

func (ws *watches) get(id uuid.UUID) *watch {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.byID[id]
}

// knows says whether a supervisor's channel is one's of ours.
func (ws *watches) knows(id uuid.UUID) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.byID[id] != nil || ws.calls[id]
}

func (ws *watches) all() []*watch {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if len(ws.byID) == 0 {
		return nil
	}
	out := make([]*watch, 0, len(ws.byID))
	for _, w := range ws.byID {
		out = append(out, w)
	}
	return out
}

// claim enters a watch; false: its supervisor has one.
func (ws *watches) claim(w *watch) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, o := range ws.byID {
		if o.supervisor == w.supervisor {
			return false
		}
	}
	ws.byID[w.id] = w
	return true
}

func (ws *watches) remove(w *watch) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	delete(ws.byID, w.id)
	for id, o := range ws.snoop {
		if o == w {
			delete(ws.snoop, id)
		}
	}
}

// Watch calls a supervisor's phone and brings it beside an agent's, or, with TakeOver, gives him the call. The audit row is
// committed before. It returns as soon as the phone is being called.
func (e *Engine) Watch(ctx context.Context, r WatchRequest) (WatchView, error) {
	if !e.canWatch() {
		return WatchView{}, ErrWatchesOff
	}
	w := e.newWatch(uuid.New(), r)
	w.via = viaPage
	if err := e.beginWatch(ctx, w, r.Mode, r.Agent, r.Request); err != nil {
		return WatchView{}, err
	}
	if err := e.cfg.WatchSwitch.Summon(ctx, w.id, r.Endpoint); err != nil {
		e.log.Warn("a supervisor's phone could not be called", "watch", w.id, "endpoint", r.Endpoint, "error", err)
		w.abandon(context.WithoutCancel(ctx), "phone")
		return WatchView{}, ErrPhoneAway
	}
	w.start()
	return w.look(), nil
}

// beginWatch makes sure that the wish fits, enters the watch and writes its start down.
func (e *Engine) beginWatch(ctx context.Context, w *watch, mode call.WatchMode, who uuid.UUID, request string) error {
	post, ok := e.post(who)
	if !ok {
		return ErrAgentAway
	}
	m, refused := call.NewWatch(mode, who, post)
	if refused != "" {
		return watchRefusals[refused]
	}
	w.m, w.act = m, uuid.New()
	if !e.watches.claim(w) {
		return errWatchTwice
	}
	if err := w.note(ctx, lists.WatchStart, w.via, request, ""); err != nil {
		e.watches.remove(w)
		return err
	}
	return nil
}

// ChangeWatch asks for another mode or agent. When it returns nil, that is so or about to be.
func (e *Engine) ChangeWatch(ctx context.Context, c WatchChange) (WatchView, error) {
	w := e.watches.get(c.ID)
	switch {
	case w == nil:
		return WatchView{}, ErrNoWatch
	case w.supervisor != c.Supervisor:
		return WatchView{}, ErrNotYours
	}
	if err := w.ask(ctx, watchMail{in: call.WatchInput{Kind: call.WatchAsk, Mode: c.Mode, Agent: c.Agent}, via: viaPage, request: c.Request}); err != nil {
		return WatchView{}, err
	}
	return w.look(), nil
}

// EndWatch hangs the supervisor's phone up; of a call that he has taken over it is the end. by is who asks for it; nil: one who may
// end anybody's. One that is over, or never was, is no error. ErrNotYours: another supervisor's.
func (e *Engine) EndWatch(ctx context.Context, id uuid.UUID, by *uuid.UUID, request string) error {
	w := e.watches.get(id)
	if w == nil {
		return nil
	}
	if by != nil && *by != w.supervisor {
		return ErrNotYours
	}
	return w.ask(ctx, watchMail{in: call.WatchInput{Kind: call.WatchEnd}, via: viaPage, request: request, why: "asked"})
}

// Watches lists the watches of this process, oldest first.
func (e *Engine) Watches() []WatchView {
	all := e.watches.all()
	out := make([]WatchView, 0, len(all))
	for _, w := range all {
		out = append(out, w.look())
	}
	slices.SortFunc(out, func(a, b WatchView) int { return a.Since.Compare(b.Since) })
	return out
}

// post is where an agent is; false: not logged in here.
func (e *Engine) post(who uuid.UUID) (call.Post, bool) {
	at, ok := e.cfg.WatchFloor.Whereabouts(who)
	if !ok {
		return call.Post{}, false
	}
	p := call.Post{Session: at.Session, Leg: at.Leg, Bridge: at.Session, Attempt: at.Attempt}
	e.mu.Lock()
	if away, ok := e.talks.visits[at.Leg]; ok {
		p.Bridge = away
	}
	e.mu.Unlock()
	return p, true
}

// silent says whether an agent is not to be told who is beside him.
func (e *Engine) silent(who uuid.UUID) bool {
	at, ok := e.cfg.WatchFloor.Whereabouts(who)
	if !ok {
		return false
	}
	c := e.campaign(at.Campaign)
	return c != nil && c.plan.Load().campaign.Settings.SilentWatch
}

// stirringFloor is the floor, and has watches look when an agent's call begins or ends.
type stirringFloor struct {
	Floor
	e *Engine
}

func (f stirringFloor) Bridged(session, attempt uuid.UUID, at time.Time) {
	f.Floor.Bridged(session, attempt, at)
	f.stir(session)
}

func (f stirringFloor) Ended(session, attempt uuid.UUID, end agent.CallEnd) {
	f.Floor.Ended(session, attempt, end)
	f.stir(session)
}

func (f stirringFloor) stir(session uuid.UUID) {
	if len(f.e.watches.all()) == 0 {
		return
	}
	if who, ok := f.Agent(session); ok {
		f.e.stirWatches(who)
	}
}

// stirWatches has watches look where their agents are: those beside one, or all (nil).
func (e *Engine) stirWatches(who uuid.UUID) {
	for _, w := range e.watches.all() {
		if who == uuid.Nil || w.look().AgentID == who {
			w.stir()
		}
	}
}

// watchEvent takes what the switch tells of supervisors' phones and snoops; true: it was of one.
func (e *Engine) watchEvent(ev Event) bool {
	e.watches.mu.Lock()
	w, snoop := e.watches.byID[ev.Channel], e.watches.snoop[ev.Channel]
	switch ev.Kind {
	case Ended:
		delete(e.watches.snoop, ev.Channel)
	case Called:
		e.watches.calls[ev.Channel] = true
	}
	e.watches.mu.Unlock()
	switch {
	case ev.Kind == Called:
		incoming := ev // what a goroutine holds goes to the heap, which every other event shall not
		e.background(func() { e.answerSupervisor(incoming) })
	case snoop != nil:
		if ev.Kind == Ended {
			snoop.post(watchMail{snoop: ev.Channel})
		}
	case w == nil:
		return false
	case ev.Kind == LegUp:
		w.post(watchMail{in: call.WatchInput{Kind: call.WatchUp}})
	case ev.Kind == Ended:
		w.post(watchMail{in: call.WatchInput{Kind: call.WatchGone}, why: "hung_up"})
	case ev.Kind == Key:
		key := ev.Key
		e.background(func() { e.pressed(w, key) })
	}
	return true
}

// callBack tells a supervisor's watch that the call that he took over is over.
func (e *Engine) callBack(leg uuid.UUID) {
	if w := e.watches.get(leg); w != nil {
		w.post(watchMail{in: call.WatchInput{Kind: call.WatchBack}})
	}
}

// lostWatches ends watches whose phones the switch does not have any more.
func (e *Engine) lostWatches(have map[uuid.UUID]*ChannelState, began time.Duration, missing, before map[uuid.UUID]int, least int) {
	for _, w := range e.watches.all() {
		if _, ok := have[w.id]; ok || w.placed.Load() == 0 || time.Duration(w.placed.Load()) >= began {
			continue
		}
		if missing[w.id] = before[w.id] + 1; missing[w.id] >= least {
			w.post(watchMail{in: call.WatchInput{Kind: call.WatchGone}, why: "lost"})
		}
	}
}

// checkWatches ends watches whose supervisors may watch no more, until the engine stops.
func (e *Engine) checkWatches() {
	if !e.canWatch() {
		return
	}
	tick := time.NewTicker(watchLawful)
	defer tick.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-tick.C:
		}
		if len(e.watches.all()) == 0 {
			continue
		}
		ctx, cancel := context.WithTimeout(e.ctx, watchTimeout)
		gone, err := e.cfg.WatchLedger.UnlawfulWatches(ctx, e.cfg.Node)
		cancel()
		if err != nil && e.ctx.Err() == nil {
			e.log.Warn("the rights of those who watch could not be checked, trying again", "error", err)
		}
		for _, id := range gone {
			if w := e.watches.get(id); w != nil {
				w.post(watchMail{in: call.WatchInput{Kind: call.WatchEnd}, why: "no_right"})
			}
		}
	}
}
