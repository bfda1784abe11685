package dialer

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/lists"
)

// Legs is what talks ask of the telephone switch beyond [Switch]; the same adapter implements both, and the same suite tests
// it. Each method but Outside may be asked again with the same effect.
type Legs interface {
	// Hold takes an answered customer out of his bridge to where he is alone with music. When nothing is heard of him for limit,
	// because the dialer has died, the switch plays the message and hangs up; asking again prolongs that. ErrNoChannel: he is gone.
	Hold(ctx context.Context, attempt uuid.UUID, limit time.Duration) error
	// Join moves a channel of ours into a session's bridge or an outside leg's, whose id is the leg's, from wherever it is.
	// ErrNoChannel: it is gone.
	Join(ctx context.Context, channel, bridge uuid.UUID) error
	// Mute keeps what an agent's phone says from all others, or lets it through again.
	Mute(ctx context.Context, leg uuid.UUID, on bool) error
	// Digits sends key presses to whom a channel belongs. digits are 1 to 32 of 0-9 * #.
	Digits(ctx context.Context, channel uuid.UUID, digits string) error
	// Outside asks for one INVITE to an outside number and never asks twice. LegUp: it is up and in a bridge with its own id;
	// Ringing and Ended as for a customer. Errors as of Switch.Originate.
	Outside(ctx context.Context, permit lists.TransferPermit, dial OutsideDial) error
}

// OutsideDial is how an outside number is to be called.
type OutsideDial struct {
	Trunk       string // SIP endpoint
	CallerID    string // E.164
	RingTimeout time.Duration
}

// TalkFloor is what talks ask of the floor beyond [Floor]; *agent.Floor implements it. No method does I/O.
type TalkFloor interface {
	// ReserveAgent is Reserve for one agent, who must be ready.
	ReserveAgent(agent uuid.UUID, call agent.Call) (agent.Seat, bool)
	// Pop is what the session's agent sees of the attempt now.
	Pop(session, attempt uuid.UUID) (agent.Pop, bool)
	// Person is who sits in a session, and his phone's leg (nil UUID: it is not up).
	Person(session uuid.UUID) (p agent.Person, leg uuid.UUID, ok bool)
	// ShowTalk puts how the call stands on a screen; of an attempt that is not the session's it does nothing.
	ShowTalk(session, attempt uuid.UUID, v agent.TalkView)
	// ShowParked puts a campaign's parked calls on its agents' screens.
	ShowParked(campaign uuid.UUID, calls []agent.ParkedCall)
	// SessionOf finds the session of an agent.
	SessionOf(agent uuid.UUID) (session uuid.UUID, ok bool)
	// Unattended says that an agent gave on a call for which then nobody came: it needs a disposition all the same.
	Unattended(agent, attempt uuid.UUID)
	// GaveOn says that an agent whose own disposition would have counted is not the last one any more.
	GaveOn(agent, attempt uuid.UUID)
	// InTalk says whether the session's agent talks in the attempt.
	InTalk(session, attempt uuid.UUID) bool
	// HomeOf tells to which session a phone's leg belongs.
	HomeOf(leg uuid.UUID) (session uuid.UUID, ok bool)
}

// TalkLedger is what talks ask of the store; *lists.Store implements it.
type TalkLedger interface {
	PermitTransfer(ctx context.Context, r lists.TransferRequest) (lists.TransferPermit, error)
	HandOver(ctx context.Context, h lists.Handover) error
	LastAgent(ctx context.Context, attempt uuid.UUID) (uuid.UUID, error)
}

// Times of talks.
const (
	transferTTL     = 5 * time.Second // from the permit of an outside number to its INVITE
	transferTimeout = 3 * time.Second // of asking for the permit
)

// outsideLeg is a third party's channel that lives or is about to.
type outsideLeg struct {
	call   *liveCall
	placed time.Duration // on the engine's clock
}

// talks is what the engine knows of all talks; it is guarded by Engine.mu.
type talks struct {
	outside map[uuid.UUID]outsideLeg                     // by channel
	visits  map[uuid.UUID]uuid.UUID                      // agents' legs that are in another one's bridge, and which
	owners  map[uuid.UUID]*liveCall                      // by session, of calls that are or were more than a plain talk
	parked  map[uuid.UUID]map[uuid.UUID]agent.ParkedCall // by campaign and attempt
}

func newTalks() talks {
	return talks{outside: map[uuid.UUID]outsideLeg{}, visits: map[uuid.UUID]uuid.UUID{}, owners: map[uuid.UUID]*liveCall{},
		parked: map[uuid.UUID]map[uuid.UUID]agent.ParkedCall{}}
}

// canTalk says whether the engine was given what talks need.
func (e *Engine) canTalk() bool {
	return e.cfg.Legs != nil && e.cfg.TalkFloor != nil && e.cfg.TalkLedger != nil
}

// Talk carries out what an agent wants of a call in talk. Errors that are *agent.CommandError are his business; after any other
// nothing has changed.
func (e *Engine) Talk(ctx context.Context, r agent.TalkRequest) error {
	l := e.live.get(r.Attempt)
	switch {
	case l == nil:
		return agent.Refuse(agent.CodeCallOver, "the call is over")
	case !e.canTalk():
		return errors.New("talks are not set up")
	}
	ask := talkMail{ask: &r, done: make(chan error, 1)}
	if r.To.Kind == "outside" {
		if err := e.permitOutside(ctx, l, &r, &ask); err != nil {
			return err
		}
	}
	if !l.talkBox.post(l, ask) {
		return agent.Refuse(agent.CodeCallOver, "the call is over")
	}
	select {
	case err := <-ask.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// permitOutside gets the right to dial an outside number, away from the call's goroutine: the call does not wait for the
// database. What forbids the command anyway is asked first, so that no permit is made in vain.
func (e *Engine) permitOutside(ctx context.Context, l *liveCall, r *agent.TalkRequest, ask *talkMail) error {
	target, ok := l.c.plan.Load().campaign.Settings.Target(r.To.Number)
	if !ok {
		return agent.Refuse(agent.CodeTargetNotAllowed, "the number is not on the campaign's list of transfer targets")
	}
	probe := talkMail{ask: r, done: make(chan error, 1), probe: true}
	if !l.talkBox.post(l, probe) {
		return agent.Refuse(agent.CodeCallOver, "the call is over")
	}
	select {
	case err := <-probe.done:
		if err != nil {
			return err
		}
	case <-ctx.Done():
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	permit, err := e.cfg.TalkLedger.PermitTransfer(ctx, lists.TransferRequest{Leg: uuid.New(), Attempt: l.id, Campaign: l.c.id, Agent: r.Agent,
		Number: r.To.Number, Blind: r.Name == agent.TalkBlind, TTL: transferTTL})
	switch {
	case errors.Is(err, lists.ErrTargetNotAllowed):
		return agent.Refuse(agent.CodeTargetNotAllowed, "the number is not on the campaign's list of transfer targets")
	case errors.Is(err, lists.ErrNotFound):
		return agent.Refuse(agent.CodeCallOver, "the call is over")
	}
	ask.permit, ask.label = permit, target.Name
	return err
}

// DropFrom says that a session has lost its agent or his phone while he was in the call. Who else is in it is looked after.
func (e *Engine) DropFrom(session, attempt uuid.UUID) {
	if l := e.live.get(attempt); l != nil {
		l.talkBox.post(l, talkMail{dropped: session})
	}
}

// talkEvent takes what the switch tells of legs that are in talks. true: it was of an outside leg, and of nobody else's interest.
func (e *Engine) talkEvent(ev Event) bool {
	e.mu.Lock()
	o, ok := e.talks.outside[ev.Channel]
	e.mu.Unlock()
	if ok {
		switch ev.Kind {
		case LegUp:
			o.call.talkBox.post(o.call, talkMail{leg: ev.Channel, up: true})
		case Ended:
			o.call.talkBox.post(o.call, talkMail{leg: ev.Channel})
		}
		return true
	}
	if ev.Kind == LegUp && e.cfg.TalkFloor != nil {
		e.agentBack(ev.Channel)
	}
	return false
}

// agentBack brings a phone that was lost and rung again to where its talk is.
func (e *Engine) agentBack(leg uuid.UUID) {
	session, ok := e.cfg.TalkFloor.HomeOf(leg)
	if !ok {
		return
	}
	e.mu.Lock()
	l := e.talks.owners[session]
	e.mu.Unlock()
	if l != nil {
		l.talkBox.post(l, talkMail{back: session})
	}
}

// park notes that a call is parked, or is not any more (nil), and shows it to the campaign's agents.
func (e *Engine) park(campaign, attempt uuid.UUID, p *agent.ParkedCall) {
	e.mu.Lock()
	of := e.talks.parked[campaign]
	_, was := of[attempt]
	switch {
	case p != nil && of == nil:
		e.talks.parked[campaign] = map[uuid.UUID]agent.ParkedCall{attempt: *p}
	case p != nil:
		of[attempt] = *p
	default:
		delete(of, attempt)
	}
	all := slices.SortedFunc(maps.Values(e.talks.parked[campaign]), func(a, b agent.ParkedCall) int { return a.Since.Compare(b.Since) })
	e.mu.Unlock()
	if was || p != nil {
		e.cfg.TalkFloor.ShowParked(campaign, all)
	}
}

// own notes whose talk is driven by l; nil forgets it, if it is that call's still.
func (e *Engine) own(session uuid.UUID, l, not *liveCall) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if l != nil {
		e.talks.owners[session] = l
	} else if e.talks.owners[session] == not {
		delete(e.talks.owners, session)
	}
}

// visit notes that an agent's leg is in another one's bridge, or at home again (nil).
func (e *Engine) visit(leg, bridge uuid.UUID) {
	e.mu.Lock()
	if bridge != uuid.Nil {
		e.talks.visits[leg] = bridge
	} else {
		delete(e.talks.visits, leg)
	}
	e.mu.Unlock()
	e.stirWatches(uuid.Nil)
}

// sendHome brings agents' phones back that are in somebody else's bridge and belong to no talk there, as after a restart.
func (e *Engine) sendHome(s *Snapshot) {
	if !e.canTalk() {
		return
	}
	for _, c := range s.Channels {
		if c.Role != RoleAgent || !c.Up || c.Bridge == uuid.Nil {
			continue
		}
		home, ok := e.cfg.TalkFloor.HomeOf(c.ID)
		e.mu.Lock()
		_, away := e.talks.visits[c.ID]
		e.mu.Unlock()
		if !ok || away || home == c.Bridge {
			continue
		}
		ctx, cancel := context.WithTimeout(e.ctx, requestTimeout)
		err := e.cfg.Legs.Join(ctx, c.ID, home)
		cancel()
		e.log.Warn("an agent's phone was in somebody else's bridge and is sent home", "leg", c.ID, "session", home, "error", err)
	}
}

// lostLegs tells talks of outside legs that the switch does not have any more; missing counts how often a list lacked one.
func (e *Engine) lostLegs(have map[uuid.UUID]*ChannelState, began time.Duration, missing, before map[uuid.UUID]int, least int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for id, o := range e.talks.outside {
		if _, ok := have[id]; ok || o.placed >= began {
			continue
		}
		if missing[id] = before[id] + 1; missing[id] >= least {
			o.call.talkBox.post(o.call, talkMail{leg: id})
		}
	}
}
