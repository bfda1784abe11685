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
	object, id := "contact", who.Contact.String()
	switch {
	case who.Phone != "":
		object, id = "phone", who.Phone
	case who.Person != "":
		object, id = "person", who.Person
	}
	if err := s.audit(ctx, "person.export", object, id, nil); err != nil {
		return nil, err
	}
	r, err := s.opts.Store.PersonRecord(ctx, who)
	if err != nil {
		return nil, err
	}
	return &body[lists.PersonRecord]{r}, nil
}

type erasureInput struct {
	Body struct {
		PersonName
		Reason    string `json:"reason" minLength:"1" maxLength:"200" doc:"who asked, and how"`
		KeepCalls bool   `json:"keep_calls,omitempty" doc:"leave the numbers of past calls in the history, because a law obliges to keep records of calls"`
	}
}

// postErasure forgets a person. The audit row, which the store writes first, names the person by hash only.
func (s *Server) postErasure(ctx context.Context, in *erasureInput) (*body[lists.Erased], error) {
	done, err := s.opts.Store.Erase(ctx, lists.Erasure{Who: in.Body.who(), By: userOf(ctx).ID, Reason: in.Body.Reason, KeepCalls: in.Body.KeepCalls}, s.withdraw)
	if err != nil {
		return nil, err
	}
	return &body[lists.Erased]{done}, nil
}
