package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// PersonName names one person; one of them is enough.
type PersonName struct {
	Phone     string    `json:"phone,omitempty" maxLength:"40" doc:"E.164; spaces, hyphens and brackets are left out"`
	Person    string    `json:"person,omitempty" maxLength:"200" doc:"the customer's own id (a contact's key)"`
	ContactID uuid.UUID `json:"contact_id,omitempty" format:"uuid"`
}

func (w PersonName) who() lists.Who {
	return lists.Who{Phone: plainPhone(w.Phone), Person: w.Person, Contact: w.ContactID}
}

type personRecordInput struct{ Body PersonName }

// postPersonRecord hands out what is known of a person: its audit row comes first (I15).
func (s *Server) postPersonRecord(ctx context.Context, in *personRecordInput) (*body[lists.PersonRecord], error) {
	who := in.Body.who()
	if err := s.auditPerson(ctx, who, nil); err != nil {
		return nil, err
	}
	r, err := s.opts.Store.PersonRecord(ctx, who)
	if err != nil {
		return nil, err
	}
	return &body[lists.PersonRecord]{r}, nil
}

// auditPerson writes that somebody's data is about to be handed out.
func (s *Server) auditPerson(ctx context.Context, who lists.Who, detail map[string]any) error {
	object, id := "contact", who.Contact.String()
	switch {
	case who.Phone != "":
		object, id = "phone", who.Phone
	case who.Person != "":
		object, id = "person", who.Person
	}
	return s.audit(ctx, "person.export", object, id, detail)
}

type erasureInput struct {
	Body struct {
		PersonName
		Reason    string `json:"reason" minLength:"1" maxLength:"200" doc:"who asked, and how"`
		KeepCalls bool   `json:"keep_calls,omitempty" doc:"leave the numbers of past calls in the history, because a law obliges to keep records of calls"`
		// KeepRecordings is a word of its own: the law on records of calls need not ask for their sound.
		KeepRecordings bool `json:"keep_recordings,omitempty" doc:"leave the recordings of past calls, because a law obliges to keep them; otherwise they are deleted with their files"`
	}
}

// postErasure forgets a person. The audit row, which the store writes first, names the person by hash only.
func (s *Server) postErasure(ctx context.Context, in *erasureInput) (*body[lists.Erased], error) {
	e := lists.Erasure{Who: in.Body.who(), By: userOf(ctx).ID, Reason: in.Body.Reason, KeepCalls: in.Body.KeepCalls, DeleteRecordings: s.deleteRecordings}
	if in.Body.KeepRecordings {
		e.DeleteRecordings = nil
	}
	done, err := s.opts.Store.Erase(ctx, e, s.withdraw)
	if err != nil {
		return nil, err
	}
	return &body[lists.Erased]{done}, nil
}
