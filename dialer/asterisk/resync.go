package asterisk

import (
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
)

// following is what comes right after a Resync event: facts that its Snapshot cannot carry, and work that a lost
// connection or a dead dialer left undone.
type following struct {
	facts []fact
	tasks []task
}

// rebuild makes the table anew from the lists, and the Snapshot for the handler. window are the events that came
// between the subscription and the lists; they will be applied after it.
func (t *table) rebuild(l *holdings, window []fact) (dialer.Snapshot, following) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var next following
	snapshot := dialer.Snapshot{BootID: l.bootID, Booted: l.booted, Bridges: l.sessions}
	legs := make(map[uuid.UUID]leg, len(l.channels))
	pending := starts(window)
	for i := range l.channels {
		c := &l.channels[i]
		was := t.legs[c.ID]
		now := c.leg(was)
		if c.kind.comes() {
			t.name[c.ID] = c.name
		}
		if c.kind == customer || c.kind == customerAMD {
			c.follow(&now, was, pending, &next)
		} else {
			c.undone(&now, &next)
		}
		legs[c.ID] = now
		snapshot.Channels = append(snapshot.Channels, c.ChannelState)
	}
	for id, l := range legs {
		if _, attended := legs[l.subject]; l.kind == watchSnoop && !attended {
			next.tasks = append(next.tasks, task{do: dropSnoop, channel: id})
		}
	}
	livedInWindow(window, t.legs, legs, &snapshot)
	keepPending(t.legs, legs)
	clear(t.gone)
	for id := range t.legs {
		if _, ok := legs[id]; !ok {
			t.gone[id] = struct{}{}
		}
	}
	t.legs = legs
	for id := range t.hung {
		if _, ok := legs[id]; !ok {
			delete(t.hung, id)
		}
	}
	for _, b := range l.empty {
		if !t.served(b, uuid.Nil) {
			next.tasks = append(next.tasks, task{do: unseat, subject: b})
		}
	}
	return snapshot, next
}

// keepPending keeps channels whose originate is under way: that a list lacks them proves nothing. Where the reply was lost,
// it proves that there is none.
func keepPending(before, legs map[uuid.UUID]leg) {
	for id, was := range before {
		if _, ok := legs[id]; ok || was.posting == nil {
			continue
		}
		if was.lost {
			close(was.posting)
		} else {
			legs[id] = was
		}
	}
}

// starts are the channels whose hand-over is among the events that follow.
func starts(window []fact) map[uuid.UUID]bool {
	m := make(map[uuid.UUID]bool)
	for i := range window {
		if window[i].Type == stasisStart {
			m[window[i].Channel] = true
		}
	}
	return m
}

// leg carries over what the handler was told before.
func (c *listed) leg(was leg) leg {
	l := leg{kind: c.kind, subject: c.subject, bridge: c.Bridge, told: was.told}
	if was.posting != nil {
		close(was.posting)
	}
	if l.subject == uuid.Nil {
		l.subject = was.subject
	}
	return l
}

// follow arranges that a callee's facts are told once: by an event of the window, or by one made here.
func (c *listed) follow(now *leg, was leg, pending map[uuid.UUID]bool, next *following) {
	add := func(f fact) {
		f.Channel, f.Kind, f.Up = c.ID, c.kind, c.Up
		next.facts = append(next.facts, f)
	}
	if c.ringing {
		add(fact{Type: dialProgress, Status: rings})
	}
	if c.message {
		add(fact{Type: userEvent, Message: true})
		return
	}
	if c.kind == customerAMD && c.Up && c.Bridge == uuid.Nil {
		add(fact{Type: dialProgress, Status: answers})
	}
	switch {
	case !c.InApp || was.told&toldAnswered != 0:
	case c.Bridge != uuid.Nil: // a call that goes on; its answer is no news
		now.told |= toldAnswered | toldPickedUp | toldRinging
	default:
		c.InApp = false
		if !pending[c.ID] {
			add(fact{Type: stasisStart, Verb: answered, Subject: c.ID, AMD: c.amd})
		}
	}
}

// undone starts again what was not finished for our own legs and snoops.
func (c *listed) undone(now *leg, next *following) {
	add := func(what taskKind) {
		next.tasks = append(next.tasks, task{do: what, channel: c.ID, subject: c.subject})
	}
	switch {
	case c.Bridge != uuid.Nil && (c.kind == agentLeg || c.kind.attends() || c.kind == outsideLeg):
		now.told |= toldLegUp
	case c.Bridge != uuid.Nil || !c.InApp:
	case c.kind == agentLeg && c.verb == agent:
		add(seat)
	case c.kind == supervisorLeg && c.verb == supervisor:
		add(attend)
	case c.kind == outsideLeg && c.verb == outside:
		add(room)
	case c.verb == screen:
		add(sendToAMD)
	case c.verb == watch:
		add(join)
	case c.verb == amdDone:
		next.facts = append(next.facts, fact{Type: stasisStart, Verb: amdDone, Channel: c.ID, Subject: c.subject, AMD: c.amd})
	}
}

// livedInWindow keeps channels in the Snapshot that are missing in the lists but had an event since the subscription:
// they began after the lists were read, or ended before, and then their Ended follows with its cause.
func livedInWindow(window []fact, before, legs map[uuid.UUID]leg, snapshot *dialer.Snapshot) {
	for i := range window {
		f := &window[i]
		if _, ok := legs[f.Channel]; ok || f.Channel == uuid.Nil {
			continue
		}
		was, known := before[f.Channel]
		if !known {
			if f.Kind == foreign {
				continue
			}
			was = leg{kind: f.Kind}
		}
		legs[f.Channel] = was
		snapshot.Channels = append(snapshot.Channels, dialer.ChannelState{
			ID: f.Channel, Up: f.Up, Bridge: was.bridge, Role: was.kind.role(),
		})
	}
}
