package dialer

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
)

// By whom an act was asked for, as the audit log says it.
const (
	viaPage   = "page"
	viaPhone  = "phone"
	viaSystem = "system"
)

// watch drives one call.Watch. m, act, snoop and renewed belong to its goroutine once that runs, and to who makes it before.
type watch struct {
	e          *Engine
	id         uuid.UUID
	supervisor uuid.UUID
	name       string
	token      string
	endpoint   string
	via        string // of its start
	began      time.Time
	placed     atomic.Int64 // when the phone was asked for, on the engine's clock; 0: not yet

	m       call.Watch
	act     uuid.UUID // that was written down last
	snoop   uuid.UUID // the channel that may live
	inside  bool      // his phone is in an agent's bridge
	renewed time.Time
	noted   bool // the stop is written down

	wake chan struct{}
	mu   sync.Mutex // guards all below
	mail []watchMail
	over bool
	view WatchView
}

// watchMail is one fact or wish for a watch.
type watchMail struct {
	in      call.WatchInput
	done    chan error // of a wish; holds one
	via     string
	request string
	why     string
	snoop   uuid.UUID // this channel is gone
}

func (e *Engine) newWatch(id uuid.UUID, r WatchRequest) *watch {
	return &watch{e: e, id: id, supervisor: r.Supervisor, name: r.Name, token: r.Token, endpoint: r.Endpoint, began: time.Now(), wake: make(chan struct{}, 1)}
}

// start runs the watch from now on.
func (w *watch) start() {
	w.placed.Store(int64(w.e.since(time.Now())))
	w.show()
	w.e.background(w.run)
}

// abandon forgets a watch that never ran.
func (w *watch) abandon(ctx context.Context, why string) {
	w.m, _, _ = w.m.Step(time.Now(), call.WatchInput{Kind: call.WatchGone})
	w.noteStop(ctx, viaSystem, "", why)
	w.close()
}

func (w *watch) stir() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// post adds mail; false: the watch is over.
func (w *watch) post(m watchMail) bool {
	w.mu.Lock()
	if w.over {
		w.mu.Unlock()
		return false
	}
	w.mail = append(w.mail, m)
	w.mu.Unlock()
	w.stir()
	return true
}

// ask posts a wish and waits for its answer.
func (w *watch) ask(ctx context.Context, m watchMail) error {
	m.done = make(chan error, 1)
	if !w.post(m) {
		if m.in.Kind == call.WatchEnd {
			return nil
		}
		return watchRefusals[call.WatchDone]
	}
	select {
	case err := <-m.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// look is how the watch is shown.
func (w *watch) look() WatchView {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.view
}

// run takes facts and wishes in until the watch is over or the engine stops; then it goes on in the switch for a while, for the next
// life to take it up.
func (w *watch) run() {
	tick := time.NewTicker(watchLook)
	defer tick.Stop()
	for w.m.State != call.WatchOver {
		select {
		case <-w.e.stop:
			return
		case <-w.wake:
		case <-tick.C:
		}
		w.read()
		w.see()
		w.keep()
	}
	w.close()
}

func (w *watch) read() {
	w.mu.Lock()
	mail := w.mail
	w.mail = nil
	w.mu.Unlock()
	for _, m := range mail {
		err := w.take(m)
		if m.done != nil {
			m.done <- err
		}
	}
}

// take carries out one piece of mail.
func (w *watch) take(m watchMail) error {
	switch {
	case m.snoop != uuid.Nil:
		if m.snoop == w.snoop {
			w.snoop = uuid.Nil
			w.see() // with the agent's phone, or else it is to be made again
			if w.snoop == uuid.Nil && w.m.State == call.WatchBeside && w.m.Mode != call.Barge {
				w.step(call.WatchInput{Kind: call.WatchFailed})
			}
		}
		return nil
	case m.in.Kind == call.WatchAsk:
		return w.wish(m)
	case m.in.Kind == call.WatchEnd, m.in.Kind == call.WatchGone:
		via := m.via
		if via == "" {
			via = viaSystem
		}
		ctx, cancel := context.WithTimeout(w.e.ctx, watchTimeout)
		defer cancel()
		w.noteStop(ctx, via, m.request, m.why) // should it fail he is let go all the same
	}
	w.step(m.in)
	return nil
}

// wish does what a supervisor asks for, or nothing.
func (w *watch) wish(m watchMail) error {
	if m.in.Agent == uuid.Nil {
		m.in.Agent = w.m.Agent
	}
	post, here := w.e.post(m.in.Agent)
	if !here && m.in.Agent != w.m.Agent {
		return ErrAgentAway
	}
	m.in.Post = post
	next, effects, refused := w.m.Step(time.Now(), m.in)
	if refused != "" {
		return watchRefusals[refused]
	}
	before := w.m
	w.m = next
	if len(effects) > 0 && effects[0].Kind == call.WatchNote {
		ctx, cancel := context.WithTimeout(w.e.ctx, watchTimeout)
		err := w.note(ctx, effects[0].Action, m.via, m.request, "")
		cancel()
		if err != nil {
			w.m = before
			return err
		}
		effects = effects[1:]
	}
	err := w.perform(effects)
	w.show()
	if before.Agent != w.m.Agent {
		w.e.showWatchers(before.Agent)
	}
	return err
}

// step takes a fact in and does what follows from it.
func (w *watch) step(in call.WatchInput) {
	next, effects, _ := w.m.Step(time.Now(), in)
	changed := next != w.m
	w.m = next
	if in.Kind == call.WatchBack {
		w.renewed = time.Time{} // the short time again
	}
	w.logged("a watch could not go on", w.perform(effects))
	if changed {
		w.show()
	}
}

// see looks where the agent is.
func (w *watch) see() {
	if attempt := w.m.Taken(); attempt != uuid.Nil && w.e.live.get(attempt) == nil {
		w.step(call.WatchInput{Kind: call.WatchBack})
	}
	post, _ := w.e.post(w.m.Agent)
	w.step(call.WatchInput{Kind: call.WatchSee, Post: post})
	if w.m.State != call.WatchOver && w.e.silent(w.m.Agent) != w.look().Silent {
		w.show()
	}
}

// keep tells the switch that the dialer lives.
func (w *watch) keep() {
	now := time.Now()
	if w.m.State == call.WatchRings || w.m.State == call.WatchOver || now.Sub(w.renewed) < watchRenew {
		return
	}
	limit := watchKeep
	if w.m.State == call.WatchTalks {
		limit = w.e.cfg.MaxTalk
	}
	ctx, cancel := context.WithTimeout(w.e.ctx, requestTimeout)
	defer cancel()
	if err := w.e.cfg.WatchSwitch.Keep(ctx, w.id, limit); err != nil {
		w.logged("a supervisor's phone has no longer time", err)
		return
	}
	w.renewed = now
}

// close forgets the watch.
func (w *watch) close() {
	w.mu.Lock()
	w.over = true
	left := w.mail
	w.mail = nil
	w.mu.Unlock()
	for _, m := range left {
		if m.done != nil {
			m.done <- w.late(m)
		}
	}
	if !w.noted {
		ctx, cancel := context.WithTimeout(w.e.ctx, watchTimeout)
		defer cancel()
		w.noteStop(ctx, viaSystem, "", "switch")
	}
	w.e.publishWatch(w, nil) // before his next one may begin
	w.e.watches.remove(w)
	w.e.showWatchers(w.m.Agent)
}

// late answers a wish that came when the watch was over.
func (w *watch) late(m watchMail) error {
	if m.in.Kind == call.WatchEnd {
		return nil
	}
	return watchRefusals[call.WatchDone]
}

func (w *watch) logged(what string, err error) {
	if err != nil && w.e.ctx.Err() == nil {
		w.e.log.Warn(what, "watch", w.id, "error", err)
	}
}

// show puts the watch on the board and on the screen of its agent.
func (w *watch) show() {
	if w.m.State == call.WatchOver {
		return
	}
	at, _ := w.e.cfg.WatchFloor.Whereabouts(w.m.Agent)
	v := WatchView{ID: w.id, SupervisorID: w.supervisor, Supervisor: w.name, AgentID: w.m.Agent, Agent: at.Name, Mode: w.m.Mode,
		State: w.m.State.String(), Silent: w.e.silent(w.m.Agent), Since: w.began}
	if a := w.m.Taken(); a != uuid.Nil {
		v.AttemptID = &a
	} else if a := w.m.Post.Attempt; a != uuid.Nil {
		v.AttemptID = &a
	}
	w.mu.Lock()
	before := w.view
	if v.Agent == "" && before.AgentID == v.AgentID {
		v.Agent = before.Agent // he has logged out
	}
	w.view = v
	w.mu.Unlock()
	w.e.publishWatch(w, &v)
	w.e.showWatchers(w.m.Agent)
}

func (e *Engine) publishWatch(w *watch, v *WatchView) {
	if e.cfg.PublishWatch != nil {
		e.cfg.PublishWatch(w.id, w.supervisor, v)
	}
}

// showWatchers puts on an agent's screen who is beside him, unless his campaign is silent about it.
func (e *Engine) showWatchers(who uuid.UUID) {
	e.watches.showing.Lock() // what was found last is shown last
	defer e.watches.showing.Unlock()
	var all []agent.Watcher
	if !e.silent(who) {
		for _, v := range e.Watches() {
			if v.AgentID == who && v.State == call.WatchBeside.String() {
				all = append(all, agent.Watcher{Name: v.Supervisor, Mode: string(v.Mode), Since: v.Since})
			}
		}
	}
	slices.SortFunc(all, func(a, b agent.Watcher) int { return a.Since.Compare(b.Since) })
	e.cfg.WatchFloor.ShowWatchers(who, all)
}
