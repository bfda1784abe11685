package call

import (
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// WatchMode is what a supervisor does beside an agent.
type WatchMode string

const (
	Listen   WatchMode = "listen"   // hears agent and customer, nobody hears him
	Whisper  WatchMode = "whisper"  // the agent hears him too, the customer does not
	Barge    WatchMode = "barge"    // all hear all
	TakeOver WatchMode = "takeover" // the call is his, the agent has left it
)

// Valid reports whether m is one of the constants.
func (m WatchMode) Valid() bool { return m == Listen || m == Whisper || m == Barge || m == TakeOver }

// WatchState is how far a watch is.
type WatchState uint8

const (
	WatchRings  WatchState = iota + 1 // the supervisor's phone rings
	WatchWaits                        // it is up, and beside nobody: the agent's phone is not, or the switch refused
	WatchBeside                       // it is beside the agent's phone in Mode
	WatchTalks                        // its supervisor has taken the call over
	WatchOver
)

var watchNames = [...]string{WatchRings: "ringing", WatchWaits: "waiting", WatchBeside: "on", WatchTalks: "talking", WatchOver: "over"}

// WatchStates is the number of watch states plus one.
const WatchStates = len(watchNames)

func (s WatchState) String() string {
	if int(s) < len(watchNames) && watchNames[s] != "" {
		return watchNames[s]
	}
	return "none"
}

// Post is where an agent is.
type Post struct {
	Session uuid.UUID // nil: he is not logged in here
	Leg     uuid.UUID // his phone; nil: it is not up
	Bridge  uuid.UUID // where his phone is
	Attempt uuid.UUID // the call in talk; nil: he is between calls
}

// WatchInputKind names what happens to a watch.
type WatchInputKind uint8

const (
	WatchUp      WatchInputKind = iota + 1 // the supervisor has picked up
	WatchGone                              // his phone is gone, or was never picked up
	WatchAsk                               // he wants Mode (""; as it is) beside Agent, who is at Post
	WatchSee                               // the agent is at Post
	WatchFailed                            // the last connection could not be made or written down, or is gone
	WatchUnnoted                           // the agent's next call could not be written down
	WatchBack                              // the call that he took over is over, or could not be had
	WatchEnd                               // he wants to stop, or may watch no more
	watchInputs
)

// WatchInput is one fact or wish.
type WatchInput struct {
	Kind  WatchInputKind
	Mode  WatchMode
	Agent uuid.UUID
	Post  Post
}

// WatchEffectKind names something to do.
type WatchEffectKind uint8

const (
	WatchNote   WatchEffectKind = iota + 1 // commit Action to the audit log; should that fail, nothing that follows is done
	WatchPart                              // take the snoop away and the supervisor's phone home: nobody is heard
	WatchSpy                               // a snoop on Post.Leg, through which the agent hears him when On
	WatchEnter                             // the supervisor's phone into Post.Bridge
	WatchTake                              // have Post.Attempt given to him
	WatchLeave                             // the call that he has taken over loses him
	WatchHangup                            // his phone
)

// WatchEffect is one thing to do. They are done in order until one fails.
type WatchEffect struct {
	Kind   WatchEffectKind
	Action string // of WatchNote, one of lists.Watch...
	Post   Post
	On     bool
}

// Refusals of a supervisor's wishes; NotTalking and ConsultOpen are others.
const (
	HasCall   Refusal = "has_call"   // he talks himself
	WatchDone Refusal = "watch_over" // the watch is over
)

// Watch is a supervisor's phone beside agents' phones, from the ring to the hang-up. It is made by NewWatch; it is a value, and
// Step gives the next one.
//
// Guarantees: no connection without a WatchNote right before it; he is heard by a customer in Barge and TakeOver alone, both begin with
// a call that his wish was about and end with it, and the next one finds him listening or whispering; after the end nothing is
// connected.
type Watch struct {
	State WatchState
	Mode  WatchMode
	Agent uuid.UUID
	Post  Post // of the agent, as seen last

	at    Post // that it is connected to; of WatchTalks the call
	known uuid.UUID
	retry time.Time
	tries int
}

const (
	watchRetry = time.Second
	watchTries = 10
)

// NewWatch is a phone that is about to ring, or rings us.
func NewWatch(mode WatchMode, agent uuid.UUID, at Post) (Watch, Refusal) {
	if (mode == Barge || mode == TakeOver) && at.Attempt == uuid.Nil {
		return Watch{}, NotTalking
	}
	return Watch{State: WatchRings, Mode: mode, Agent: agent, Post: at, known: at.Attempt}, ""
}

// RestoredWatch is a watch that a former life of the dialer left, whose phone is up. talk: the call that is in its bridge.
func RestoredWatch(mode WatchMode, agent uuid.UUID, talk uuid.UUID) Watch {
	w := Watch{State: WatchWaits, Mode: mode, Agent: agent}
	switch {
	case talk != uuid.Nil:
		w.State, w.Mode, w.at.Attempt = WatchTalks, TakeOver, talk
	case mode == Barge || mode == TakeOver:
		w.Mode = Listen
	}
	return w
}

// Taken is the call that he has taken over.
func (w *Watch) Taken() uuid.UUID {
	if w.State != WatchTalks {
		return uuid.Nil
	}
	return w.at.Attempt
}

// Step takes one input at the time now. A wish that does not fit is refused and changes nothing.
func (w Watch) Step(now time.Time, in WatchInput) (Watch, []WatchEffect, Refusal) {
	if w.State == WatchOver {
		if in.Kind == WatchAsk {
			return w, nil, WatchDone
		}
		return w, nil, ""
	}
	switch in.Kind {
	case WatchAsk:
		return w.ask(in)
	case WatchUp:
		if w.State == WatchRings {
			w.State = WatchWaits
			w, out := w.connect(nil)
			return w, out, "" // the start is written down already
		}
	case WatchGone:
		w, out := w.end(false)
		return w, out, ""
	case WatchEnd:
		w, out := w.end(true)
		return w, out, ""
	case WatchSee:
		w, out := w.see(now, in.Post)
		return w, out, ""
	case WatchUnnoted:
		w.known = uuid.Nil
	case WatchFailed:
		w, out := w.failed(now)
		return w, out, ""
	case WatchBack:
		if w.State == WatchTalks {
			w.State, w.Mode, w.at = WatchWaits, Listen, Post{}
			w, out := w.connect([]WatchEffect{{Kind: WatchNote, Action: lists.WatchMode}})
			return w, out, ""
		}
	}
	return w, nil, ""
}

// ask takes a wish. The note comes first: when it cannot be written all stays as it is.
func (w Watch) ask(in WatchInput) (Watch, []WatchEffect, Refusal) {
	mode, agent := in.Mode, in.Agent
	other := agent != uuid.Nil && agent != w.Agent
	switch {
	case mode == "" && (w.Mode == Whisper || !other):
		mode = w.Mode
	case mode == "":
		mode = Listen
	}
	switch {
	case w.State == WatchTalks:
		return w, nil, HasCall
	case (mode == Barge || mode == TakeOver) && in.Post.Attempt == uuid.Nil:
		return w, nil, NotTalking
	case !other && mode == w.Mode:
		return w, nil, ""
	}
	action := lists.WatchMode
	if other {
		w.Agent, action = agent, lists.WatchSwitch
	}
	out := []WatchEffect{{Kind: WatchNote, Action: action}}
	if w.State == WatchBeside {
		out = append(out, WatchEffect{Kind: WatchPart})
		w.State, w.at = WatchWaits, Post{}
	}
	w.Mode, w.Post, w.known, w.tries = mode, in.Post, in.Post.Attempt, 0
	w, out = w.connect(out)
	return w, out, ""
}

// connect brings his phone beside the agent's, if both are up. out holds what is to be done before; a note must be among it, or
// have been written before.
func (w Watch) connect(out []WatchEffect) (Watch, []WatchEffect) {
	if w.State != WatchWaits || w.Post.Leg == uuid.Nil {
		return w, out
	}
	if (w.Mode == Barge || w.Mode == TakeOver) && w.Post.Attempt == uuid.Nil { // it ended while his phone rang
		w.Mode = Listen
		out = append(out, WatchEffect{Kind: WatchNote, Action: lists.WatchMode})
	}
	w.at = w.Post
	switch w.Mode {
	case TakeOver:
		w.State = WatchTalks
		return w, append(out, WatchEffect{Kind: WatchTake, Post: w.Post})
	case Barge:
		w.State = WatchBeside
		return w, append(out, WatchEffect{Kind: WatchEnter, Post: w.Post})
	}
	w.State = WatchBeside
	return w, append(out, WatchEffect{Kind: WatchSpy, Post: w.Post, On: w.Mode == Whisper})
}

// see takes in where the agent is now.
func (w Watch) see(now time.Time, p Post) (Watch, []WatchEffect) {
	w.Post = p
	switch w.State {
	case WatchWaits:
		if p.Leg == uuid.Nil || now.Before(w.retry) {
			return w, nil
		}
		w.known = p.Attempt
		return w.connect([]WatchEffect{{Kind: WatchNote, Action: lists.WatchResume}})
	case WatchBeside:
		return w.follow(p)
	}
	return w, nil
}

// follow stays beside the agent's phone, wherever it goes.
func (w Watch) follow(p Post) (Watch, []WatchEffect) {
	part := []WatchEffect{{Kind: WatchPart}}
	switch {
	case p.Leg != w.at.Leg:
		if w.Mode == Barge {
			w.Mode = Listen
		}
		w.State, w.at, w.known = WatchWaits, Post{}, p.Attempt
		if p.Leg == uuid.Nil {
			return w, part
		}
		return w.connect(append(part, WatchEffect{Kind: WatchNote, Action: lists.WatchResume}))
	case w.Mode == Barge && p.Attempt != w.at.Attempt: // the next customer does not find him in the call
		w.State, w.Mode, w.known = WatchWaits, Listen, p.Attempt
		return w.connect(append(part, WatchEffect{Kind: WatchNote, Action: lists.WatchMode}))
	case w.Mode == Barge && p.Bridge != w.at.Bridge:
		w.at = p
		return w, []WatchEffect{{Kind: WatchEnter, Post: p}}
	}
	w.at = p
	if p.Attempt != uuid.Nil && p.Attempt != w.known {
		w.known, w.tries = p.Attempt, 0
		return w, []WatchEffect{{Kind: WatchNote, Action: lists.WatchCall}}
	}
	return w, nil
}

// failed waits a moment before the next try, and gives up after some.
func (w Watch) failed(now time.Time) (Watch, []WatchEffect) {
	if w.State == WatchRings || w.State == WatchTalks {
		return w, nil
	}
	if w.Mode == Barge {
		w.Mode = Listen
	}
	w.State, w.at, w.retry = WatchWaits, Post{}, now.Add(watchRetry)
	if w.tries++; w.tries >= watchTries {
		return w.end(true)
	}
	return w, []WatchEffect{{Kind: WatchPart}}
}

// end leaves nothing behind. by us: his phone is still there.
func (w Watch) end(byUs bool) (Watch, []WatchEffect) {
	out := []WatchEffect{{Kind: WatchPart}}
	if w.State == WatchTalks {
		out = []WatchEffect{{Kind: WatchLeave, Post: w.at}}
	}
	if byUs {
		out = append(out, WatchEffect{Kind: WatchHangup})
	}
	w.State, w.at = WatchOver, Post{}
	return w, out
}
