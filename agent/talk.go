package agent

import (
	"context"
	"errors"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// Codes of refused talk commands.
const (
	CodeNotTalking       = "not_talking"        // the contact cannot hear the agent now, or there is no talk
	CodeNotHeld          = "not_held"           // the call is neither on hold nor parked
	CodeConsultOpen      = "consult_open"       // another party is in already
	CodeNoConsult        = "no_consult"         // no other party is in, or it has not answered
	CodeTargetNotAllowed = "target_not_allowed" // the number is not on the campaign's list
	CodeTargetBusy       = "target_busy"        // nobody there is ready
	CodeNotReady         = "not_ready"          // who retrieves another one's call must be ready
	CodeSwitchRefused    = "switch_refused"     // the switch did not do it; all is as before
)

// Names of the talk commands; what each does is in the package's documentation.
const (
	TalkHold     = "hold"
	TalkMute     = "mute"
	TalkDigits   = "dtmf"
	TalkBlind    = "transfer_blind"
	TalkConsult  = "consult"
	TalkCancel   = "consult_cancel"
	TalkComplete = "transfer_complete"
	TalkThree    = "three_way"
	TalkLeave    = "leave_three_way"
	TalkPark     = "park"
	TalkRetrieve = "retrieve"
	TalkStepOut  = "step_out" // an agent who was asked in goes again; agents say "hangup"
)

// TalkRequest is what an agent wants of a call in talk.
type TalkRequest struct {
	Name    string
	Agent   uuid.UUID
	Session uuid.UUID
	Attempt uuid.UUID
	On      bool   // of hold, mute, record and record_pause
	Digits  string // of dtmf
	To      TalkTo // of transfer_blind and consult
	Note    string // for the one who takes over

	Supervisor bool // Agent is a supervisor, who may speak for any call's recording
}

// PartLedger keeps what agents say of their part of a call that they gave on.
type PartLedger interface {
	NotePart(ctx context.Context, n lists.PartNote) error
}

// Refuse is the reply of a command that does not fit.
func Refuse(code, message string) *CommandError { return refuse(code, message) }

type talkData struct {
	name string

	AttemptID uuid.UUID `json:"attempt_id"`
	On        *bool     `json:"on"`
	Digits    string    `json:"digits"`
	To        *TalkTo   `json:"to"`
	Note      string    `json:"note"`
}

const maxHandoverNote = 1000

var (
	digitsPattern = regexp.MustCompile(`^[0-9*#]{1,32}$`)
	numberPattern = regexp.MustCompile(`^[0-9+*#]{3,20}$`)
)

// talkCommand is the request of a talk command's name, nil for others.
func talkCommand(name string) request {
	switch name {
	case TalkHold, TalkMute, TalkDigits, TalkBlind, TalkConsult, TalkCancel, TalkComplete, TalkThree, TalkLeave, TalkPark, TalkRetrieve, TalkRecordPause, TalkRecord:
		return &talkData{name: name}
	}
	return nil
}

func (d *talkData) check() *CommandError {
	if e := given("attempt_id", d.AttemptID); e != nil {
		return e
	}
	switched := d.name == TalkHold || d.name == TalkMute || d.name == TalkRecordPause || d.name == TalkRecord
	aimed := d.name == TalkBlind || d.name == TalkConsult
	switch {
	case switched != (d.On != nil):
		return refuse(CodeBadData, "on: true or false belongs to hold, mute, record and record_pause, and to no other command")
	case d.name == TalkDigits && !digitsPattern.MatchString(d.Digits):
		return refuse(CodeBadData, "digits must be 1 to 32 of 0-9 * #")
	case d.name != TalkDigits && d.Digits != "":
		return refuse(CodeBadData, "digits belong to dtmf alone")
	case aimed != (d.To != nil):
		return refuse(CodeBadData, "to belongs to transfer_blind and consult, and to no other command")
	case !aimed && d.Note != "":
		return refuse(CodeBadData, "a note belongs to transfer_blind and consult alone")
	case utf8.RuneCountInString(d.Note) > maxHandoverNote || !plainText(d.Note):
		return refuse(CodeBadData, "note is longer than 1000 characters or not plain text")
	case aimed:
		return d.To.check()
	}
	return nil
}

func (t *TalkTo) check() *CommandError {
	agent, queue, outside := t.AgentID != nil && *t.AgentID != uuid.Nil, t.CampaignID != nil && *t.CampaignID != uuid.Nil, t.Number != ""
	switch {
	case t.Kind == "agent" && agent && !queue && !outside, t.Kind == "queue" && queue && !agent && !outside:
		return nil
	case t.Kind == "outside" && outside && !agent && !queue:
		if !numberPattern.MatchString(t.Number) {
			return refuse(CodeTargetNotAllowed, "to.number is not a number of the campaign's list")
		}
		return nil
	}
	return refuse(CodeBadData, "to must be an agent with agent_id, a queue with campaign_id, or outside with number")
}

// talk carries a talk command out. Whether it fits is decided where the call is driven; here only whose call it is.
func (d *Desk) talk(ctx context.Context, agent uuid.UUID, data *talkData) error {
	if d.Talk == nil {
		return errors.New("nothing to talk with")
	}
	r := TalkRequest{Name: data.name, Agent: agent, Attempt: data.AttemptID, Digits: data.Digits, Note: lists.CleanText(data.Note, maxHandoverNote)}
	if data.On != nil {
		r.On = *data.On
	}
	if data.To != nil {
		r.To = *data.To
	}
	session, state, err := d.floor.callState(agent, data.AttemptID)
	if data.name == TalkRetrieve && err != nil { // another one's parked call
		var ok bool
		if r.Session, ok = d.floor.SessionOf(agent); !ok {
			return errNotLoggedIn
		}
		return d.Talk(ctx, r)
	}
	switch {
	case err != nil:
		return err
	case state == WrapUp:
		return refuse(CodeCallOver, "the call is over")
	case state != Talking:
		return refuse(CodeNotTalking, "nobody has answered yet")
	}
	r.Session = session
	return d.Talk(ctx, r)
}

// stepOut lets an agent who was asked in go, instead of ending another one's call. ok: that was it.
func (d *Desk) stepOut(ctx context.Context, agent, attempt uuid.UUID) (ok bool, err error) {
	if d.Talk == nil || !d.floor.consulted(agent, attempt) {
		return false, nil
	}
	session, _ := d.floor.SessionOf(agent)
	return true, d.Talk(ctx, TalkRequest{Name: TalkStepOut, Agent: agent, Session: session, Attempt: attempt})
}

// disposePart takes the disposition of an agent who gave the call on: a note on his part, which moves nothing, for the agent
// who talked last gives the one that counts. ok: the call was given on.
func (d *Desk) disposePart(ctx context.Context, agent uuid.UUID, data *disposeData) (ok bool, err error) {
	session, ok := d.floor.handedOn(agent, data.AttemptID)
	if !ok {
		return false, nil
	}
	if d.Parts != nil {
		if err := d.notePart(ctx, lists.PartNote{Attempt: data.AttemptID, Agent: agent, Code: data.Code, Note: data.Note}); err != nil {
			return true, err
		}
	}
	d.floor.disposed(session, data.AttemptID, false)
	return true, nil
}

// notePart waits a moment for the handover, which is written behind the call's back.
func (d *Desk) notePart(ctx context.Context, n lists.PartNote) error {
	for range 20 {
		err := d.Parts.NotePart(ctx, n)
		if !errors.Is(err, lists.ErrNotFound) {
			return err
		}
		if !sleep(ctx, 100*time.Millisecond) {
			return ctx.Err()
		}
	}
	return errors.New("the handover is not written yet")
}
