package asterisk

import (
	"bytes"
	"time"

	"github.com/CyCoreSystems/ari/v5"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
)

// eventType is a type of ARI event that we ask for.
type eventType uint8

const (
	otherEvent eventType = iota
	stasisStart
	channelDestroyed
	enteredBridge
	dialProgress
	userEvent
	keyPressed
	replaced
	eventTypes
)

// eventNames are Asterisk's names of the types.
var eventNames = [eventTypes]string{
	otherEvent: "other", stasisStart: ari.Events.StasisStart, channelDestroyed: ari.Events.ChannelDestroyed,
	enteredBridge: ari.Events.ChannelEnteredBridge, dialProgress: ari.Events.Dial, userEvent: ari.Events.ChannelUserevent,
	keyPressed: ari.Events.ChannelDtmfReceived,
	replaced:   ari.Events.ApplicationReplaced,
}

func (t eventType) String() string { return eventNames[t] }

// eventFilter makes Asterisk send nothing but these: 5 to 6 events a call instead of 16.
func eventFilter() any {
	type typed struct {
		Type string `json:"type"`
	}
	allowed := make([]typed, 0, eventTypes)
	for _, name := range eventNames[otherEvent+1:] {
		allowed = append(allowed, typed{name})
	}
	return map[string]any{"allowed": allowed}
}

// kind is what one of our channels is for.
type kind uint8

const (
	foreign     kind = iota
	customer         // a callee
	customerAMD      // a callee whose leg runs AMD before it is handed to us
	agentLeg         // an agent's phone
	supervisorLeg
	screenSnoop // listens to a callee for AMD
	watchSnoop  // hears an agent's phone for a supervisor
	outsideLeg  // an outside number in a talk
	inboundLeg  // somebody who calls us
	callingLeg  // a supervisor's phone that calls us
)

// Roles in the account code, APP.ROLE.
const (
	roleCustomer    = "customer"
	roleCustomerAMD = "customer-amd"
	roleAgent       = "agent"
	roleSupervisor  = "supervisor"
	roleOutside     = "outside"
	roleInbound     = "inbound"
	roleCalling     = "supervisor-calls"
)

func (k kind) role() dialer.Role {
	switch k {
	case customer, customerAMD, inboundLeg:
		return dialer.RoleCustomer
	case agentLeg:
		return dialer.RoleAgent
	case supervisorLeg, callingLeg:
		return dialer.RoleSupervisor
	case outsideLeg:
		return dialer.RoleOutside
	}
	return dialer.RoleSnoop
}

// comes says whether the channel was begun by the far end, so that its id is Asterisk's.
func (k kind) comes() bool { return k == inboundLeg || k == callingLeg }

// attends says whether the channel is a supervisor's phone.
func (k kind) attends() bool { return k == supervisorLeg || k == callingLeg }

// kindOf reads an account code; foreign unless it begins with our application.
func kindOf[T string | []byte](account T, app string) kind {
	if len(account) <= len(app)+1 || string(account[:len(app)]) != app || account[len(app)] != '.' {
		return foreign
	}
	switch string(account[len(app)+1:]) {
	case roleCustomer:
		return customer
	case roleCustomerAMD:
		return customerAMD
	case roleAgent:
		return agentLeg
	case roleSupervisor:
		return supervisorLeg
	case roleOutside:
		return outsideLeg
	case roleInbound:
		return inboundLeg
	case roleCalling:
		return callingLeg
	}
	return foreign
}

// verb is the first argument of the application, which says why a channel was handed to us.
type verb uint8

const (
	noVerb     verb = iota
	answered        // callee; attempt, AMDSTATUS, AMDCAUSE
	agent           // agent's phone; session
	supervisor      // supervisor's phone; its own id
	screen          // snoop, to be sent to AMD; attempt
	amdDone         // snoop, back from AMD; attempt, AMDSTATUS, AMDCAUSE
	watch           // snoop; supervisor's leg
	outside         // outside number; its own id
	inbound         // somebody who calls; the number that he called, his own
	called          // a supervisor's phone calls; what it dialled, its endpoint
)

func verbOf[T string | []byte](word T) verb {
	switch string(word) {
	case "answered":
		return answered
	case "agent":
		return agent
	case "supervisor":
		return supervisor
	case forScreen:
		return screen
	case "amd":
		return amdDone
	case forWatch:
		return watch
	case "outside":
		return outside
	case "inbound":
		return inbound
	case "called":
		return called
	}
	return noVerb
}

// amdOf translates AMDSTATUS; "" is no result.
func amdOf[T string | []byte](status T) dialer.AMD {
	switch string(status) {
	case "HUMAN":
		return dialer.Human
	case "MACHINE":
		return dialer.Machine
	case "", "HANGUP":
		return ""
	}
	return dialer.NotSure
}

// fact is what we keep of one event: values only, so that queueing it costs no allocation.
type fact struct {
	Type    eventType
	Kind    kind
	Verb    verb
	Status  dialStatus
	Up      bool // state of the channel
	Message bool // the channel is in the dialplan of the message
	Channel uuid.UUID
	Subject uuid.UUID // second argument of the application
	Bridge  uuid.UUID
	AMD     dialer.AMD
	Cause   int
	SIP     int
	Name    string    // of a channel whose id is not ours, which is one that calls us: Asterisk's own id
	To      string    // of inbound and called: the number that was called
	From    string    // and the caller's, or his endpoint
	Key     byte      // of keyPressed
	At      time.Time // when it was read from the socket
}

type dialStatus uint8

const (
	noStatus dialStatus = iota
	rings               // RINGING or PROGRESS
	answers             // ANSWER
)

// parseID accepts the 36-character form only: anything else is not an id of ours.
func parseID(text []byte) uuid.UUID {
	if len(text) != 36 {
		return uuid.Nil
	}
	id, err := uuid.ParseBytes(text)
	if err != nil {
		return uuid.Nil
	}
	return id
}

// decode reads the fields that matter of one event. An unknown type is no error: it gives otherEvent.
func decode(data []byte, app string) (fact, error) {
	f := fact{}
	s := scanner{b: data}
	if !s.eat('{') {
		return f, errEvent
	}
	var theirs bool
	first := true
	for k, ok := s.key(&first); ok; k, ok = s.key(&first) {
		switch string(k) {
		case "type":
			f.Type = typeOf(s.text())
		case "application":
			theirs = string(s.text()) != app
		case "channel", "peer":
			f.channel(&s, app)
		case "bridge":
			f.Bridge = idIn(&s)
		case "args":
			f.args(&s)
		case "cause":
			f.Cause = s.number()
		case "tech_cause":
			f.SIP = s.number()
		case "digit":
			if key := s.text(); len(key) == 1 {
				f.Key = key[0]
			}
		case "dialstatus":
			f.Status = dialStatusOf(s.text())
		default:
			s.skip(0)
		}
	}
	s.space()
	if s.bad || s.i != len(s.b) {
		return fact{}, errEvent
	}
	if theirs {
		f.Kind, f.Verb = foreign, noVerb
	}
	return f, nil
}

func typeOf(name []byte) eventType {
	for t, n := range eventNames[otherEvent+1:] {
		if n == string(name) {
			return eventType(t) + 1
		}
	}
	return otherEvent
}

func dialStatusOf(word []byte) dialStatus {
	switch string(word) {
	case "RINGING", "PROGRESS":
		return rings
	case "ANSWER":
		return answers
	}
	return noStatus
}

// channel reads a channel object.
func (f *fact) channel(s *scanner, app string) {
	if !s.open('{') {
		return
	}
	first := true
	var name []byte
	snoop := false
	for k, ok := s.key(&first); ok; k, ok = s.key(&first) {
		switch string(k) {
		case "id":
			name = s.text()
			f.Channel = parseID(name)
		case "name":
			snoop = bytes.HasPrefix(s.text(), []byte(snoopName))
		case "state":
			f.Up = string(s.text()) == "Up"
		case "accountcode":
			f.Kind = kindOf(s.text(), app)
		case "dialplan":
			f.Message = inMessage(s)
		default:
			s.skip(1)
		}
	}
	if snoop { // in a bridge it takes over the account code of another channel
		f.Kind = foreign
	}
	if f.Kind.comes() && f.Channel == uuid.Nil {
		f.Channel, f.Name = inboundID(name), string(name)
	}
}

// inMessage reads a dialplan position.
func inMessage(s *scanner) (in bool) {
	if !s.open('{') {
		return false
	}
	first := true
	for k, ok := s.key(&first); ok; k, ok = s.key(&first) {
		if string(k) == "context" {
			in = bytes.Equal(s.text(), []byte(contextMessage))
		} else {
			s.skip(2)
		}
	}
	return in
}

// idIn reads the id of an object.
func idIn(s *scanner) (id uuid.UUID) {
	if !s.open('{') {
		return uuid.Nil
	}
	first := true
	for k, ok := s.key(&first); ok; k, ok = s.key(&first) {
		if string(k) == "id" {
			id = parseID(s.text())
		} else {
			s.skip(1)
		}
	}
	return id
}

// args reads the arguments of the application.
func (f *fact) args(s *scanner) {
	if !s.open('[') {
		return
	}
	first := true
	for n := 0; s.more(']', &first); n++ {
		switch word := s.text(); n {
		case 0:
			f.Verb = verbOf(word)
		case 1:
			if f.Verb == inbound || f.Verb == called {
				f.To = string(word)
			}
			f.Subject = parseID(word)
		case 2:
			if f.Verb == inbound || f.Verb == called {
				f.From = string(word)
			}
			f.AMD = amdOf(word)
		}
	}
}
