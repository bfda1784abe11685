package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

type consentsInput struct {
	Phone   string    `query:"phone" maxLength:"40" doc:"E.164; spaces, hyphens and brackets are left out"`
	Person  string    `query:"person" maxLength:"200" doc:"the customer's own id of the person"`
	Purpose string    `query:"purpose" maxLength:"40"`
	Valid   bool      `query:"valid" doc:"only those that count now"`
	Before  uuid.UUID `query:"before" format:"uuid" doc:"the id of the last of the page before"`
	Limit   int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *Server) consents(ctx context.Context, in *consentsInput) (*body[page[lists.Consent]], error) {
	found, err := s.opts.Store.Consents(ctx, lists.ConsentFilter{Phone: plainPhone(in.Phone), Person: in.Person, Purpose: in.Purpose, Valid: in.Valid,
		Before: in.Before, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

// NewConsent is a consent to be written down.
type NewConsent struct {
	Phone          string     `json:"phone,omitempty" maxLength:"40" doc:"E.164; spaces, hyphens and brackets are left out"`
	Person         string     `json:"person,omitempty" maxLength:"200" doc:"the customer's own id of the person: the consent counts for each of his numbers"`
	Purpose        string     `json:"purpose" maxLength:"40" doc:"what for: 1 to 40 of a-z, 0-9, _ . and -"`
	Evidence       string     `json:"evidence,omitempty" maxLength:"4000" doc:"what was said or signed, and where it can be found"`
	EvidenceSHA256 string     `json:"evidence_sha256,omitempty" maxLength:"64" doc:"of the file that is the evidence, in hex"`
	Source         string     `json:"source,omitempty" maxLength:"200" doc:"where it was given: a form, a page, a call"`
	GivenAt        time.Time  `json:"given_at"`
	Until          *time.Time `json:"until,omitempty" nullable:"true" doc:"missing: until it is withdrawn"`
}

type newConsentsInput struct {
	Body struct {
		Consents []NewConsent `json:"consents" minItems:"1" maxItems:"5000" nullable:"false"`
	}
}

// ConsentsAdded says what became of consents.
type ConsentsAdded struct {
	Added int `json:"added" doc:"those that were not written down before"`
	Known int `json:"known"`
}

func (s *Server) postConsents(ctx context.Context, in *newConsentsInput) (*body[ConsentsAdded], error) {
	all := make([]lists.Consent, len(in.Body.Consents))
	for i, c := range in.Body.Consents {
		all[i] = lists.Consent{Phone: plainPhone(c.Phone), Person: c.Person, Purpose: c.Purpose, Evidence: c.Evidence, EvidenceSHA256: c.EvidenceSHA256,
			Source: c.Source, GivenAt: c.GivenAt, Until: c.Until}
	}
	added, err := s.opts.Store.AddConsents(ctx, userOf(ctx).ID, all)
	if err != nil {
		return nil, err
	}
	return &body[ConsentsAdded]{ConsentsAdded{added, len(all) - added}}, nil
}

type withdrawalInput struct {
	Body struct {
		ID      uuid.UUID `json:"id,omitempty" format:"uuid" doc:"one consent; or all of"`
		Phone   string    `json:"phone,omitempty" maxLength:"40" doc:"this number,"`
		Person  string    `json:"person,omitempty" maxLength:"200" doc:"or this person,"`
		Purpose string    `json:"purpose,omitempty" maxLength:"40" doc:"for this purpose; missing: for any"`
		How     string    `json:"how" minLength:"1" maxLength:"500" doc:"how the person said so"`
	}
}

// ConsentsWithdrawn says how many consents were withdrawn.
type ConsentsWithdrawn struct {
	Withdrawn int `json:"withdrawn" doc:"0: they were withdrawn before"`
}

func (s *Server) postWithdrawal(ctx context.Context, in *withdrawalInput) (*body[ConsentsWithdrawn], error) {
	b := in.Body
	n, err := s.opts.Store.WithdrawConsent(ctx, lists.Withdrawal{ID: b.ID, Phone: plainPhone(b.Phone), Person: b.Person, Purpose: b.Purpose, How: b.How, By: userOf(ctx).ID})
	if err != nil {
		return nil, err
	}
	return &body[ConsentsWithdrawn]{ConsentsWithdrawn{n}}, nil
}
