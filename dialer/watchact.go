package dialer

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
)

// perform does effects in order until one fails, and what follows from that. The error is that of a call that was not to be had.
func (w *watch) perform(effects []call.WatchEffect) error {
	for _, f := range effects {
		if f.Kind == call.WatchTake {
			if err := w.takeCall(f.Post); err != nil {
				w.step(call.WatchInput{Kind: call.WatchBack})
				return err
			}
			continue
		}
		err := w.do(f)
		switch {
		case err == nil:
		case f.Kind == call.WatchNote && f.Action == lists.WatchCall:
			w.step(call.WatchInput{Kind: call.WatchUnnoted})
			return nil
		case f.Kind == call.WatchNote || f.Kind == call.WatchSpy || f.Kind == call.WatchEnter:
			w.logged("a supervisor could not be brought beside an agent", err)
			w.step(call.WatchInput{Kind: call.WatchFailed})
			return nil
		default:
			w.logged("a watch's phone or snoop could not be moved or hung up", err)
		}
	}
	return nil
}

func (w *watch) do(f call.WatchEffect) error {
	ctx, cancel := context.WithTimeout(w.e.ctx, requestTimeout)
	defer cancel()
	switch f.Kind {
	case call.WatchNote:
		return w.note(ctx, f.Action, viaSystem, "", "")
	case call.WatchPart:
		return w.part(ctx)
	case call.WatchSpy:
		w.e.watches.mu.Lock()
		w.e.watches.snoop[w.act] = w
		w.e.watches.mu.Unlock()
		w.snoop = w.act
		return w.e.cfg.WatchSwitch.Spy(ctx, w.id, w.act, f.Post.Leg, f.On)
	case call.WatchEnter:
		w.inside = true
		return w.e.cfg.Legs.Join(ctx, w.id, f.Post.Bridge)
	case call.WatchLeave:
		if l := w.e.live.get(f.Post.Attempt); l != nil {
			l.talkBox.post(l, talkMail{leg: w.id})
		}
	case call.WatchHangup:
		return w.e.sw.Hangup(ctx, w.id)
	}
	return nil
}

// part takes the snoop away and brings his phone home.
func (w *watch) part(ctx context.Context) (err error) {
	if w.snoop != uuid.Nil {
		w.e.watches.mu.Lock()
		delete(w.e.watches.snoop, w.snoop)
		w.e.watches.mu.Unlock()
		err = w.e.sw.Hangup(ctx, w.snoop)
		w.snoop = uuid.Nil
	}
	if w.inside && w.m.State != call.WatchOver {
		w.inside = false
		if home := w.e.cfg.Legs.Join(ctx, w.id, w.id); home != nil && !errors.Is(home, ErrNoChannel) {
			// He must not be heard by the next customer: rather no phone than that.
			return errors.Join(err, home, w.e.sw.Hangup(ctx, w.id))
		}
	}
	return err
}

// takeCall has the call's own goroutine give him the call.
func (w *watch) takeCall(at call.Post) error {
	l := w.e.live.get(at.Attempt)
	if l == nil {
		return watchRefusals[call.NotTalking]
	}
	w.renewed = time.Time{}
	w.keep() // his phone has to last for the talk
	m := talkMail{seize: &seizure{leg: w.id, session: at.Session, supervisor: w.supervisor, name: w.name}, done: make(chan error, 1)}
	if !l.talkBox.post(l, m) {
		return watchRefusals[call.NotTalking]
	}
	select {
	case err := <-m.done:
		return err
	case <-w.e.ctx.Done():
		return w.e.ctx.Err()
	}
}

// note commits an act to the audit log before it is done. An act of connecting gives the snoop its id.
func (w *watch) note(ctx context.Context, action, via, request, why string) error {
	a := lists.WatchAct{ID: uuid.New(), Watch: w.id, Node: w.e.cfg.Node, Supervisor: w.supervisor, Token: w.token, Endpoint: w.endpoint,
		Agent: w.m.Agent, Action: action, Mode: string(w.m.Mode), Attempt: w.m.Post.Attempt, Silent: w.e.silent(w.m.Agent), Via: via, Why: why, Request: request}
	if w.m.Mode == call.TakeOver {
		a.Silent = false // nobody loses a call without seeing it
	}
	if err := w.e.cfg.WatchLedger.ActWatch(ctx, a); err != nil {
		w.e.log.Warn("a supervisor's act could not be written down and is not done", "watch", w.id, "action", action, "error", err)
		return errors.Join(ErrUnnoted, err)
	}
	if action != lists.WatchCall && action != lists.WatchStop {
		w.act = a.ID
	}
	return nil
}

func (w *watch) noteStop(ctx context.Context, via, request, why string) {
	if !w.noted {
		w.noted = w.note(ctx, lists.WatchStop, via, request, why) == nil
	}
}
