package agent

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Codes of refused commands of the agent's day.
const (
	CodeOfferOver    = "offer_over"    // the contact is not offered to him any more
	CodeNoSkip       = "no_skip"       // the campaign does not let him skip
	CodeNoWrapUp     = "no_wrap_up"    // there is no call to wrap up
	CodeNoMoreTime   = "no_more_time"  // more time was given as often as the campaign allows
	CodeNoCall       = "no_call"       // there is no call
	CodePauseLimit   = "pause_limit"   // today's time for this reason is used up
	CodeTooMuch      = "too_much"      // more unsent text than is kept
	CodeFieldMissing = "field_missing" // the disposition needs a contact field: CommandError.Field
	CodeFieldClosed  = "field_closed"  // agents may not change this contact field: CommandError.Field
	CodePhoneDown    = "phone_down"
	CodeRules        = "rules"       // the contact must not be called now; the message says which rule and until when
	CodeNoContact    = "no_contact"  // the campaign's lists have no such contact
	CodeNoLine       = "no_line"     // no line or no call per second is free; the same command may be sent again
	CodeCounted      = "counted_on"  // calls that are on their way count on the agent
	CodeNotRunning   = "not_running" // the campaign places no calls now
)

// RefuseDial makes the error with which a func field of a Desk refuses to dial.
func RefuseDial(code, message string) error { return refuse(code, message) }

// DialRequest is a contact whom an agent wants called.
type DialRequest struct {
	Agent, Campaign uuid.UUID
	Attempt         uuid.UUID // the id that the attempt gets; of a preview the offer's
	Contact         uuid.UUID // zero: the one with the number
	Number          string    // E.164, or as people in the list's region write it
	Offer           bool      // a preview is accepted
	Callback        bool      // it is his own callback, which is due
	Ready           bool      // he is ready, so that calls on their way may count on him
}

const (
	maxReason = 100
	maxNumber = 40
)

type (
	offerData struct {
		OfferID uuid.UUID `json:"offer_id"`
	}
	skipData struct {
		OfferID uuid.UUID `json:"offer_id"`
		Reason  string    `json:"reason"`
	}
	dialData struct {
		ContactID uuid.UUID `json:"contact_id"`
		Number    string    `json:"number"`
	}
	nextPauseData struct {
		Reason string `json:"reason"` // "" takes it back
	}
	draftData struct {
		AttemptID uuid.UUID `json:"attempt_id"`
		Key       string    `json:"key"`
		Value     string    `json:"value"` // "" takes the draft away
	}
	fieldsData struct {
		AttemptID uuid.UUID         `json:"attempt_id"`
		Fields    map[string]string `json:"fields"`
	}
	moreData struct{}
)

func (d offerData) check() *CommandError { return given("offer_id", d.OfferID) }

func (d skipData) check() *CommandError {
	if e := given("offer_id", d.OfferID); e != nil {
		return e
	}
	if d.Reason == "" || utf8.RuneCountInString(d.Reason) > maxReason || !plainText(d.Reason) {
		return refuse(CodeBadData, "reason is missing or longer than 100 characters")
	}
	return nil
}

func (d dialData) check() *CommandError {
	switch {
	case (d.ContactID == uuid.Nil) == (d.Number == ""):
		return refuse(CodeBadData, "give contact_id or number, one of them")
	case len(d.Number) > maxNumber || !plainText(d.Number):
		return refuse(CodeBadData, "number is longer than 40 characters or not plain text")
	}
	return nil
}

func (d nextPauseData) check() *CommandError {
	if len(d.Reason) > maxName || !plainText(d.Reason) {
		return refuse(CodeBadData, "reason is too long or not plain text")
	}
	return nil
}

func (d fieldsData) check() *CommandError {
	if e := given("attempt_id", d.AttemptID); e != nil {
		return e
	}
	if len(d.Fields) == 0 {
		return refuse(CodeBadData, "fields is missing")
	}
	return plainFields(d.Fields)
}

func (moreData) check() *CommandError { return nil }

// dayRequest is the data of a command of the agent's day, nil when name is none.
func dayRequest(name string) request {
	switch name {
	case "preview_accept":
		return &offerData{}
	case "preview_skip":
		return &skipData{}
	case "dial":
		return &dialData{}
	case "more_wrap_up":
		return &moreData{}
	case "next_pause":
		return &nextPauseData{}
	case "draft":
		return &draftData{}
	case "set_fields":
		return &fieldsData{}
	case "pop_shown":
		return &popShownData{}
	}
	return nil
}

// doDay carries out a command of the agent's day; known: it is one.
func (d *Desk) doDay(ctx context.Context, agent uuid.UUID, c Command, r request) (data any, known bool, err error) {
	switch data := r.(type) {
	case *offerData:
		err = d.acceptOffer(ctx, agent, data.OfferID)
	case *skipData:
		err = d.skipOffer(ctx, agent, data)
	case *dialData:
		reply, err := d.dial(ctx, agent, c, data)
		return reply, true, err
	case *moreData:
		err = d.floor.more(agent)
	case *nextPauseData:
		if err = d.reason(agent, data.Reason); err == nil || data.Reason == "" {
			err = d.floor.nextPause(agent, data.Reason)
		}
	case *draftData:
		err = d.floor.draft(agent, data)
	case *fieldsData:
		err = d.setFields(ctx, agent, data)
	case *popShownData:
		d.floor.popShown(agent, data.AttemptID)
	default:
		return nil, false, nil
	}
	return nil, true, err
}

// reason checks that an agent may pause for it.
func (d *Desk) reason(agent uuid.UUID, reason string) error {
	if !slices.Contains(d.floor.cfg.Reasons, reason) {
		return refuse(CodeBadData, "reason is not one of the campaign's reasons")
	}
	return d.floor.pausable(agent, reason)
}

// dialled is the reply's data of dial.
type dialled struct {
	AttemptID uuid.UUID `json:"attempt_id"`
}

// dialSpace makes the ids of manual attempts, so that a command that is repeated after a restart dials nobody twice.
var dialSpace = uuid.MustParse("1f6a3f0e-8c3a-4d0f-9a55-6a6d2f6f4b11")

func (d *Desk) dial(ctx context.Context, agent uuid.UUID, c Command, data *dialData) (any, error) {
	campaign, state, err := d.floor.mayDial(agent)
	if err != nil {
		return nil, err
	}
	if d.Dial == nil {
		return nil, refuse(CodeNotRunning, "nobody places calls here")
	}
	id := uuid.NewSHA1(dialSpace, append(agent[:], c.ID[:]...))
	err = d.Dial(ctx, DialRequest{Agent: agent, Campaign: campaign, Attempt: id, Contact: data.ContactID, Number: data.Number, Ready: state == Ready})
	if err != nil {
		return nil, err
	}
	return dialled{id}, nil
}

// acceptOffer has the contact dialled that the agent looks at. What the rules refuse ends the preview.
func (d *Desk) acceptOffer(ctx context.Context, agent, offer uuid.UUID) error {
	s, err := d.floor.previewing(agent, offer)
	if err != nil {
		return err
	}
	defer d.floor.released(s.id)
	if d.Dial == nil {
		return refuse(CodeNotRunning, "nobody places calls here")
	}
	campaign, _ := d.floor.Campaign(agent)
	view := d.floor.previewOf(agent)
	err = d.Dial(ctx, DialRequest{Agent: agent, Campaign: campaign, Attempt: offer, Contact: view.Contact.ID, Offer: true})
	if codeOf(err) == CodeRules {
		d.floor.previewed(agent, offer, ByRules)
	}
	return err
}

// skipOffer stores why the agent does not want to call the contact, and gives him the next one.
func (d *Desk) skipOffer(ctx context.Context, agent uuid.UUID, data *skipData) error {
	s, err := d.floor.previewing(agent, data.OfferID)
	if err != nil {
		return err
	}
	defer d.floor.released(s.id)
	view := d.floor.previewOf(agent)
	switch {
	case !view.MaySkip:
		return refuse(CodeNoSkip, "contacts of this campaign cannot be skipped")
	case len(view.Reasons) > 0 && !slices.Contains(view.Reasons, data.Reason):
		return refuse(CodeBadData, "reason is not one of the campaign's reasons for skipping")
	}
	campaign, _ := d.floor.Campaign(agent)
	if err := d.ledger.SkipPreview(ctx, campaign, view.Contact.ID, agent, data.OfferID, data.Reason); err != nil {
		return err
	}
	d.floor.previewed(agent, data.OfferID, BySkip)
	return nil
}

func (d *Desk) setFields(ctx context.Context, agent uuid.UUID, data *fieldsData) error {
	if _, _, err := d.floor.callState(agent, data.AttemptID); err != nil {
		return err
	}
	after, err := d.ledger.EditContact(ctx, agent, data.AttemptID, data.Fields)
	if err != nil {
		return err
	}
	d.floor.edited(agent, data.AttemptID, after)
	return nil
}
