package agent

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Command is what an agent asks for. ID is made by his page; the same id again gets the same reply and has no second
// effect.
type Command struct {
	ID   uuid.UUID
	Name string
	Data json.RawMessage
}

// Reply answers a Command.
type Reply struct {
	OK    bool
	Error *CommandError
	Data  any
}

// CommandError says why a command was refused. Code is one of the Code constants.
type CommandError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"` // the contact field that it is about, or the command's own
	// Next is the first moment that would be allowed instead, of a time that was refused.
	Next *time.Time `json:"next,omitempty"`
}

func (e *CommandError) Error() string { return e.Code + ": " + e.Message }

// Codes of refused commands.
const (
	CodeUnknownCommand      = "unknown_command"
	CodeBadData             = "bad_data"
	CodeNotLoggedIn         = "not_logged_in"
	CodeCampaignNotFound    = "campaign_not_found"
	CodeAlreadyInSession    = "already_in_session"
	CodeNoPhone             = "no_phone" // the user has no SIP endpoint
	CodeInCall              = "in_call"
	CodeCallOver            = "call_over"
	CodeNotYourCall         = "not_your_call"
	CodeStillTalking        = "still_talking"
	CodeAlreadyDisposed     = "already_disposed"
	CodeUnknownCode         = "unknown_code"
	CodeCallbackTimeMissing = "callback_time_missing"
	CodeCallbackTimePast    = "callback_time_past"
	CodeCallbackUnlawful    = "callback_unlawful" // no call is allowed then; Next says when
	CodeTryAgain            = "try_again"         // nothing was changed; send the same command again
)

func refuse(code, message string) *CommandError { return &CommandError{Code: code, Message: message} }

const (
	maxData  = 64 << 10
	maxValue = 16 << 10
	maxNote  = 4000

	maxFollowUp = 1000
	maxName     = 100

	maxAnnounced = 4 * 3600 // seconds
	maxFuture    = 366 * 24 * time.Hour
)

// The data of each command.
type (
	loginData struct {
		CampaignID uuid.UUID `json:"campaign_id"`
	}
	noData       struct{}
	notReadyData struct {
		Reason    string `json:"reason"`
		InSeconds int    `json:"in_seconds"` // 0: as soon as may be; else the pause is announced, and "ready" takes it back
	}
	hangupData struct {
		AttemptID uuid.UUID `json:"attempt_id"`
	}
	disposeData struct {
		AttemptID    uuid.UUID  `json:"attempt_id"`
		Code         string     `json:"code"`
		Note         string     `json:"note"`
		CallbackAt   *time.Time `json:"callback_at"`
		CallbackMine bool       `json:"callback_mine"`
		// Fields are values of contact fields that the disposition requires, or that the campaign lets agents change; FollowUp
		// says what is still to be done.
		Fields   map[string]string `json:"fields"`
		FollowUp string            `json:"follow_up"`
	}
)

// request is a decoded command: one of the data types.
type request interface{ check() *CommandError }

func (noData) check() *CommandError { return nil }

func (d loginData) check() *CommandError { return given("campaign_id", d.CampaignID) }

func (d notReadyData) check() *CommandError {
	if d.Reason == "" || len(d.Reason) > maxName || !plainText(d.Reason) {
		return refuse(CodeBadData, "reason is missing, too long or not plain text")
	}
	if d.InSeconds < 0 || d.InSeconds > maxAnnounced {
		return refuse(CodeBadData, "in_seconds must be between 0 and 14400")
	}
	return nil
}

func (d hangupData) check() *CommandError { return given("attempt_id", d.AttemptID) }

func (d disposeData) check() *CommandError {
	if e := given("attempt_id", d.AttemptID); e != nil {
		return e
	}
	if d.Code == "" || len(d.Code) > maxName || !plainText(d.Code) {
		return refuse(CodeBadData, "code is missing, too long or not plain text")
	}
	if utf8.RuneCountInString(d.Note) > maxNote {
		return refuse(CodeBadData, "note is longer than 4000 characters")
	}
	if !plainText(d.Note) {
		return refuse(CodeBadData, "note is not plain text")
	}
	if utf8.RuneCountInString(d.FollowUp) > maxFollowUp || !plainText(d.FollowUp) {
		return refuse(CodeBadData, "follow_up is longer than 1000 characters or not plain text")
	}
	return plainFields(d.Fields)
}

func given(field string, id uuid.UUID) *CommandError {
	if id == uuid.Nil {
		return refuse(CodeBadData, field+" is missing")
	}
	return nil
}

// parse decodes a command's data strictly: unknown fields, wrong types and trailing bytes are refused.
func parse(c Command) (request, *CommandError) {
	if c.ID == uuid.Nil {
		return nil, refuse(CodeBadData, "id is missing")
	}
	var r request
	switch c.Name {
	case "login":
		r = &loginData{}
	case "logout", "ready":
		r = &noData{}
	case "not_ready":
		r = &notReadyData{}
	case "hangup":
		r = &hangupData{}
	case "dispose":
		r = &disposeData{}
	case "dnc":
		r = &dncData{}
	default:
		if r = dayRequest(c.Name); r != nil {
			break
		}
		if r = scriptRequest(c.Name); r != nil {
			break
		}
		if r = talkCommand(c.Name); r == nil {
			return nil, refuse(CodeUnknownCommand, "there is no such command")
		}
	}
	if len(c.Data) > maxData {
		return nil, refuse(CodeBadData, "data is too long")
	}
	if err := decodeStrictly(c.Data, r); err != nil {
		return nil, refuse(CodeBadData, "data: "+err.Error())
	}
	return r, r.check()
}

func decodeStrictly(data json.RawMessage, into any) error {
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) == 0 || string(trimmed) == "null" {
		trimmed = []byte("{}")
	}
	d := json.NewDecoder(bytes.NewReader(trimmed))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		var typed *json.UnmarshalTypeError
		if errors.As(err, &typed) && typed.Field != "" {
			return errors.New(typed.Field + " has the wrong type")
		}
		if text := err.Error(); len(text) <= 120 && utf8.ValidString(text) {
			return errors.New(text)
		}
		return errors.New("not as expected")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}
