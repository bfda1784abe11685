package asterisk

import (
	"sync"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
)

// told is the set of facts that the handler knows of a channel already.
type told uint8

const (
	toldRinging told = 1 << iota
	toldPickedUp
	toldAnswered
	toldMessage
	toldScreened // of a snoop: its result
	toldLegUp
)

// leg is one of our channels that lives.
type leg struct {
	kind      kind
	subject   uuid.UUID // agent's phone: session; snoop: attempt, or supervisor's leg
	bridge    uuid.UUID
	told      told
	posting   chan struct{} // closed and nil once its originate's fate is known; until then a list without it proves nothing
	comforted bool          // a callee whom we took to music because his agent's phone was lost
	lost      bool          // the reply will not come any more: the next list decides
}

// table holds our living channels. Events change it in Run's goroutine, commands from any; the lock is never held across
// a request or the handler.
type table struct {
	mu   sync.Mutex
	legs map[uuid.UUID]leg
	hung map[uuid.UUID]struct{} // we asked for the hang-up
	hold uuid.UUID              // the bridge for music
	name map[uuid.UUID]string   // Asterisk's ids of channels that call us
	gone map[uuid.UUID]struct{} // absent from the last lists, which told their end: late events are no news
}

func (t *table) reset() {
	t.legs, t.hung, t.gone = make(map[uuid.UUID]leg), make(map[uuid.UUID]struct{}), make(map[uuid.UUID]struct{})
	t.name = make(map[uuid.UUID]string)
}

// expect enters a channel that is about to be asked for; false when it is there already.
func (t *table) expect(id uuid.UUID, l leg) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.legs[id]; ok {
		return false
	}
	l.posting = make(chan struct{})
	t.legs[id] = l
	return true
}

// settle ends the wait for an originate's reply; a channel that was refused is forgotten.
func (t *table) settle(id uuid.UUID, lives bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.legs[id]
	if l.posting == nil { // gone, or there before
		return
	}
	close(l.posting)
	if l.posting = nil; lives {
		t.legs[id] = l
	} else {
		delete(t.legs, id)
	}
}

// lose notes that no reply to id's originate came.
func (t *table) lose(id uuid.UUID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.legs[id]; l.posting != nil {
		l.lost = true
		t.legs[id] = l
	}
}

// pending is a channel that closes when the fate of id's originate is known; nil when it is.
func (t *table) pending(id uuid.UUID) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.legs[id].posting
}

// mark notes that we ask for the hang-up of id, unmark that it was gone before.
func (t *table) mark(id uuid.UUID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hung[id] = struct{}{}
}

func (t *table) unmark(id uuid.UUID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.hung, id)
}

// served reports whether a living channel other than id needs the session's bridge.
func (t *table) served(session, id uuid.UUID) bool {
	for other, l := range t.legs {
		if other != id && (l.bridge == session || l.kind == agentLeg && l.subject == session) || other == session && other != id && l.kind.attends() {
			return true
		}
	}
	return false
}

// task is what the adapter does by itself after an event, away from Run's goroutine.
type task struct {
	do      taskKind
	channel uuid.UUID
	subject uuid.UUID
	also    []uuid.UUID // of unwatch: its snoops
}

type taskKind uint8

const (
	nothing   taskKind = iota
	seat               // agent's phone into the session's bridge
	unseat             // delete the session's bridge
	sendToAMD          // snoop into the dialplan of AMD
	dropSnoop          // snoop has told its result
	attend             // supervisor's phone into its bridge
	join               // snoop into the bridge of the supervisor's phone
	unwatch            // supervisor's phone is gone: remove its snoops, and its bridge if nobody is in it (subject)
	room               // outside number into its bridge
)

// step is the outcome of one event.
type step struct {
	events [2]dialer.Event
	n      int
	task   task
}

func (s *step) tell(kind dialer.EventKind, f *fact) *dialer.Event {
	e := &s.events[s.n]
	*e = dialer.Event{Kind: kind, At: f.At, Channel: f.Channel}
	s.n++
	return e
}

// apply takes one fact in and says what the handler must be told and what must be done.
func (t *table) apply(f *fact) (s step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, over := t.gone[f.Channel]; over || f.Channel == uuid.Nil {
		return s
	}
	switch f.Type {
	case stasisStart:
		t.handed(f, &s)
	case dialProgress:
		t.progress(f, &s)
	case enteredBridge:
		t.entered(f, &s)
	case userEvent:
		if f.Message && (f.Kind == customer || f.Kind == customerAMD || f.Kind == inboundLeg) {
			t.once(f, toldMessage, dialer.MessageDone, &s)
		}
	case channelDestroyed:
		t.ended(f, &s)
	case keyPressed:
		if t.legs[f.Channel].kind.attends() && f.Key != 0 {
			s.tell(dialer.Key, f).Key = f.Key
		}
	}
	return s
}

// once tells kind unless that was done before, and enters the channel if it is new.
func (t *table) once(f *fact, bit told, kind dialer.EventKind, s *step) *dialer.Event {
	l := t.living(f)
	if l.told&bit != 0 {
		return nil
	}
	l.told |= bit
	t.legs[f.Channel] = l
	return s.tell(kind, f)
}

// living gives the leg of an event, which is proof that the channel exists.
func (t *table) living(f *fact) leg {
	l := t.legs[f.Channel]
	if f.Kind != foreign {
		l.kind = f.Kind
	}
	if l.posting != nil {
		close(l.posting)
		l.posting = nil
		t.legs[f.Channel] = l
	}
	return l
}

// handed is a channel that the dialplan, or a snoop's start, gave to our application.
func (t *table) handed(f *fact, s *step) {
	l := t.legs[f.Channel]
	if f.Verb != noVerb {
		l = t.living(f)
	}
	switch f.Verb {
	case inbound:
		if f.Kind == inboundLeg && f.Name != "" {
			t.name[f.Channel] = f.Name
			if e := t.once(f, toldRinging, dialer.Inbound, s); e != nil {
				e.To, e.From = f.To, f.From
			}
		}
		return
	case called:
		if f.Kind == callingLeg && f.Name != "" {
			t.name[f.Channel] = f.Name
			if e := t.once(f, toldRinging, dialer.Called, s); e != nil {
				e.To, e.From = f.To, f.From
			}
		}
		return
	case answered:
		if f.Kind != customer && f.Kind != customerAMD && f.Kind != inboundLeg {
			return
		}
		if e := t.once(f, toldAnswered, dialer.Answered, s); e != nil {
			e.AMD = f.AMD
		}
		return
	case agent:
		if f.Kind != agentLeg {
			return
		}
		l.kind, s.task.do = agentLeg, seat
	case supervisor:
		if f.Kind != supervisorLeg {
			return
		}
		l.kind, s.task.do = supervisorLeg, attend
	case outside:
		if f.Kind != outsideLeg {
			return
		}
		l.kind, s.task.do = outsideLeg, room
	case screen:
		l.kind, s.task.do = screenSnoop, sendToAMD
	case amdDone:
		l.kind, s.task.do = screenSnoop, dropSnoop
		t.screened(f, &l, s)
	case watch:
		l.kind, s.task.do = watchSnoop, join
	default:
		return
	}
	l.subject = f.Subject
	t.legs[f.Channel] = l
	s.task.channel, s.task.subject = f.Channel, f.Subject
}

func (t *table) screened(f *fact, l *leg, s *step) {
	if l.told&toldScreened != 0 {
		return
	}
	l.told |= toldScreened
	e := s.tell(dialer.Screened, f)
	e.Channel, e.AMD = f.Subject, f.AMD
	if e.AMD == "" {
		e.AMD = dialer.NotSure
	}
}

func (t *table) progress(f *fact, s *step) {
	if f.Kind != customer && f.Kind != customerAMD && f.Kind != outsideLeg {
		return
	}
	switch f.Status {
	case rings:
		t.once(f, toldRinging, dialer.Ringing, s)
	case answers:
		if f.Kind == customerAMD {
			t.once(f, toldPickedUp, dialer.PickedUp, s)
		}
	}
}

func (t *table) entered(f *fact, s *step) {
	l, ok := t.legs[f.Channel]
	if !ok {
		return
	}
	before := l.bridge
	l.bridge = f.Bridge
	t.legs[f.Channel] = l
	if empty, ok := t.left(before, f.Bridge); ok {
		s.task = task{do: unseat, channel: f.Channel, subject: empty}
	}
	home := uuid.Nil
	switch l.kind {
	case agentLeg:
		home = l.subject
	case supervisorLeg, callingLeg, outsideLeg:
		home = f.Channel
	}
	if home != uuid.Nil && home == f.Bridge {
		t.once(f, toldLegUp, dialer.LegUp, s)
	}
}

// ended is the end of a channel. One that is not in the table was never ours, or its absence from a Snapshot has told
// its end already.
func (t *table) ended(f *fact, s *step) {
	l, ok := t.legs[f.Channel]
	if !ok {
		return
	}
	if l.posting != nil {
		close(l.posting)
	}
	switch l.kind {
	case screenSnoop:
		if _, lives := t.legs[l.subject]; lives {
			f.Subject = l.subject
			t.screened(f, &l, s)
		}
	case watchSnoop:
		s.tell(dialer.Ended, f).End = t.end(f)
	case customer, customerAMD, inboundLeg:
		if f.Message {
			t.once(f, toldMessage, dialer.MessageDone, s)
		}
		if l.bridge != uuid.Nil && l.bridge != t.hold && !t.served(l.bridge, f.Channel) {
			s.task = task{do: unseat, channel: f.Channel, subject: l.bridge}
		}
		s.tell(dialer.Ended, f).End = t.end(f)
	case agentLeg:
		if l.subject != uuid.Nil && !t.served(l.subject, f.Channel) {
			s.task = task{do: unseat, channel: f.Channel, subject: l.subject}
		}
		s.tell(dialer.Ended, f).End = t.end(f)
	case outsideLeg:
		if !t.served(f.Channel, f.Channel) {
			s.task = task{do: unseat, channel: f.Channel, subject: f.Channel}
		}
		s.tell(dialer.Ended, f).End = t.end(f)
	case supervisorLeg, callingLeg:
		s.task = t.unwatch(f.Channel)
		s.tell(dialer.Ended, f).End = t.end(f)
	}
	delete(t.legs, f.Channel)
	delete(t.hung, f.Channel)
	delete(t.name, f.Channel)
}

// unwatch is what is left to do when a supervisor's phone is gone. A customer whom he had taken over keeps the bridge until he
// goes himself.
func (t *table) unwatch(leg uuid.UUID) task {
	todo := task{do: unwatch, channel: leg, subject: leg}
	for id, l := range t.legs {
		switch {
		case l.kind == watchSnoop && l.subject == leg:
			todo.also = append(todo.also, id)
		case id != leg && l.bridge == leg:
			todo.subject = uuid.Nil
		}
	}
	return todo
}

// Causes by which dialtide-message ends a call by itself.
const (
	causeMessagePlayed  = 31
	causeMessageMissing = 127
)

func (t *table) end(f *fact) dialer.End {
	_, byUs := t.hung[f.Channel]
	if f.Message && (f.Cause == causeMessagePlayed || f.Cause == causeMessageMissing) {
		byUs = true
	}
	return dialer.End{Cause: f.Cause, SIPCode: f.SIP, ByUs: byUs, Up: f.Up}
}
