package dialer

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
)

// What a supervisor dials to be beside an agent, followed by the agent's code.
var watchPrefixes = map[string]call.WatchMode{"81": call.Listen, "82": call.Whisper, "83": call.Barge, "84": call.TakeOver}

// What a supervisor presses meanwhile. The star ends it, the hash goes to the next agent.
var watchKeys = map[byte]call.WatchMode{'4': call.Listen, '5': call.Whisper, '6': call.Barge, '7': call.TakeOver}

var watchDialled = regexp.MustCompile(`^(8[1-4])([0-9]{1,6})$`)

// answerSupervisor takes a call from a phone. Whose it is the switch knows by the phone's registration; who is no supervisor, and
// who means no agent, is turned away without an answer.
func (e *Engine) answerSupervisor(ev Event) {
	defer func() {
		e.watches.mu.Lock()
		defer e.watches.mu.Unlock()
		delete(e.watches.calls, ev.Channel)
	}()
	ctx, cancel := context.WithTimeout(e.ctx, watchTimeout)
	defer cancel()
	w, err := e.calledBy(ctx, ev)
	if err == nil {
		err = e.cfg.WatchSwitch.Admit(ctx, ev.Channel)
		if err == nil {
			w.start()
			return
		}
		w.abandon(ctx, "phone")
	}
	e.log.Info("a phone's call to watch an agent is turned away", "endpoint", ev.From, "dialled", ev.To, "why", err)
	ctx, cancel = context.WithTimeout(e.ctx, requestTimeout)
	defer cancel()
	if err := e.sw.Hangup(ctx, ev.Channel); err != nil {
		e.log.Warn("a phone's call could not be hung up", "channel", ev.Channel, "error", err)
	}
}

func (e *Engine) calledBy(ctx context.Context, ev Event) (*watch, error) {
	if !e.canWatch() {
		return nil, ErrWatchesOff
	}
	m := watchDialled.FindStringSubmatch(ev.To)
	if m == nil {
		return nil, errors.New("not a number to watch by")
	}
	who, name, err := e.cfg.WatchLedger.SupervisorAt(ctx, ev.From)
	if err != nil {
		return nil, err
	}
	code, err := strconv.Atoi(m[2])
	if err != nil {
		return nil, err
	}
	of, err := e.cfg.WatchLedger.AgentOfCode(ctx, code)
	if err != nil {
		return nil, err
	}
	w := e.newWatch(ev.Channel, WatchRequest{Supervisor: who, Name: name, Endpoint: ev.From})
	w.via = viaPhone
	return w, e.beginWatch(ctx, w, watchPrefixes[m[1]], of, "")
}

// pressed does what a key of the supervisor's phone says. What does not fit is not done; his ears tell him.
func (e *Engine) pressed(w *watch, key byte) {
	m := watchMail{via: viaPhone, in: call.WatchInput{Kind: call.WatchAsk}}
	mode, known := watchKeys[key]
	switch {
	case known:
		m.in.Mode = mode
	case key == '*':
		m.in.Kind, m.why = call.WatchEnd, "asked"
	case key == '#':
		next, ok := e.nextAgent(w.look().AgentID)
		if !ok {
			return
		}
		m.in.Agent = next
	default:
		return
	}
	ctx, cancel := context.WithTimeout(e.ctx, 2*watchTimeout)
	defer cancel()
	if err := w.ask(ctx, m); err != nil {
		e.log.Info("a key of a supervisor's phone was not obeyed", "watch", w.id, "key", string(key), "why", err)
	}
}

// nextAgent is who comes after an agent in his campaign: the next one in a talk, or else the next one.
func (e *Engine) nextAgent(who uuid.UUID) (uuid.UUID, bool) {
	at, ok := e.cfg.WatchFloor.Whereabouts(who)
	if !ok {
		return uuid.Nil, false
	}
	all := e.floor.Present(at.Campaign)
	slices.SortFunc(all, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	i, _ := slices.BinarySearchFunc(all, who, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	var idle uuid.UUID
	for k := 1; k <= len(all); k++ {
		next := all[(i+k)%len(all)]
		if next == who {
			continue
		}
		if p, ok := e.post(next); ok && p.Attempt != uuid.Nil {
			return next, true
		}
		if idle == uuid.Nil {
			idle = next
		}
	}
	return idle, idle != uuid.Nil
}

// seizure is a supervisor who takes a call over.
type seizure struct {
	leg, session, supervisor uuid.UUID
	name                     string
}

// seize gives the customer to a supervisor: he comes into the bridge of the supervisor's phone, and the agent leaves as after a
// transfer to the outside. It runs in the call's goroutine.
func (l *liveCall) seize(s *seizure) error {
	if l.m.State != call.Talking || l.e.cfg.TalkFloor == nil {
		return watchRefusals[call.NotTalking]
	}
	l.begin()
	t := l.talk
	if t.freed || l.seat.Session != s.session {
		return agent.Refuse(agent.CodeNotTalking, "the call is another agent's now")
	}
	if t.other != nil {
		return watchRefusals[call.ConsultOpen]
	}
	t.other = &party{label: s.name, leg: s.leg, room: s.leg, watch: s.supervisor, up: true, since: time.Now()}
	t.how = lists.TakeOver
	err := l.talkWish(call.TalkInput{Kind: call.AskTakeOver})
	if err != nil && t.other != nil && t.other.leg == s.leg {
		t.other = nil
	}
	return err
}

// restoreWatches takes up what a former life left: phones that are up are beside their agents again, with a new audit row, or
// keep the call that was taken over; of the others it is noted that they are over. An error: the ledger could not be asked.
func (e *Engine) restoreWatches(ctx context.Context, s *Snapshot) error {
	if !e.canWatch() {
		return nil
	}
	open, err := e.cfg.WatchLedger.OpenWatches(ctx, e.cfg.Node)
	if err != nil {
		return err
	}
	have := channels(s)
	for i := range open {
		o := &open[i]
		if e.watches.get(o.ID) != nil {
			continue // the second try of a restoration
		}
		w := e.newWatch(o.ID, WatchRequest{Supervisor: o.Supervisor, Name: o.Name, Endpoint: o.Endpoint, Token: o.Token})
		w.began, w.act = o.BeganAt, o.Act
		w.m = call.RestoredWatch(call.WatchMode(o.Mode), o.Agent, customerIn(s, o.ID))
		c := have[o.ID]
		if c == nil || !c.Up || !e.watches.claim(w) {
			w.abandon(ctx, "restart")
			continue
		}
		e.log.Info("a supervisor's phone of a former life is taken up", "watch", o.ID, "state", w.m.State.String())
		if sn := have[o.Act]; sn != nil {
			w.snoop = o.Act
		}
		w.inside = c.Bridge != uuid.Nil && c.Bridge != o.ID
		w.logged("a watch of a former life could not be parted from its agent", w.do(call.WatchEffect{Kind: call.WatchPart}))
		w.start()
	}
	return nil
}

func customerIn(s *Snapshot, bridge uuid.UUID) uuid.UUID {
	for _, c := range s.Channels {
		if c.Role == RoleCustomer && c.Bridge == bridge {
			return c.ID
		}
	}
	return uuid.Nil
}

// supervisorIn is a supervisor's phone that is alone with a customer.
func supervisorIn(s *Snapshot, bridge uuid.UUID) *ChannelState {
	for i := range s.Channels {
		if c := &s.Channels[i]; c.Role == RoleSupervisor && c.ID == bridge && c.Bridge == bridge {
			return c
		}
	}
	return nil
}

var _ WatchLedger = (*lists.Store)(nil)
