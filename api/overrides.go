package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

type overridesInput struct {
	Phone     string    `query:"phone" maxLength:"40" doc:"the beginning of a number in E.164; spaces, hyphens and brackets are left out"`
	ContactID uuid.UUID `query:"contact_id" format:"uuid" doc:"those of a contact and of its numbers"`
	Rule      string    `query:"rule" maxLength:"60"`
	Valid     bool      `query:"valid" doc:"only those that count now"`
	Before    uuid.UUID `query:"before" format:"uuid" doc:"the id of the last of the page before"`
	Limit     int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *Server) overrides(ctx context.Context, in *overridesInput) (*body[page[lists.ListedOverride]], error) {
	found, err := s.opts.Store.Overrides(ctx, lists.OverrideFilter{Phone: plainPhone(in.Phone), Contact: in.ContactID, Rule: in.Rule, Valid: in.Valid, Before: in.Before, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

type newOverrideInput struct {
	Body struct {
		Rule       string            `json:"rule" minLength:"2" maxLength:"60" doc:"id of a pack's rule, or of a campaign's own, that names the ground"`
		Ground     compliance.Ground `json:"ground" enum:"consent,relationship" doc:"consent: the callee agreed to exactly that; relationship: he is a customer, in the sense of the rule's law"`
		Phone      string            `json:"phone,omitempty" maxLength:"40" doc:"E.164; spaces, hyphens and brackets are left out; this or contact_id"`
		ContactID  *uuid.UUID        `json:"contact_id,omitempty" format:"uuid" nullable:"true" doc:"every number of a contact"`
		CampaignID *uuid.UUID        `json:"campaign_id,omitempty" format:"uuid" nullable:"true" doc:"missing: for all campaigns"`
		Why        string            `json:"why" minLength:"1" maxLength:"1000" doc:"the evidence: what was agreed or bought, when, and where that can be found"`
		Until      time.Time         `json:"until" doc:"within a year"`
	}
}

// postOverride lifts a rule for one number or contact. The audit row, which the store writes first, has all of it.
func (s *Server) postOverride(ctx context.Context, in *newOverrideInput) (*body[lists.Override], error) {
	b := in.Body
	o, err := s.opts.Store.AddOverride(ctx, userOf(ctx).ID, lists.Override{Rule: b.Rule, Ground: b.Ground, Phone: plainPhone(b.Phone), ContactID: b.ContactID,
		CampaignID: b.CampaignID, Why: b.Why, Until: b.Until})
	if err != nil {
		return nil, err
	}
	return &body[lists.Override]{o}, nil
}

type endOverrideInput struct {
	ByID
	Reason string `query:"reason" required:"true" minLength:"1" maxLength:"500" doc:"why it ends before its time, for the audit log"`
}

func (s *Server) deleteOverride(ctx context.Context, in *endOverrideInput) (*struct{}, error) {
	if lists.CleanText(in.Reason, 500) == "" {
		return nil, invalid("query.reason", "say why the override ends")
	}
	return nil, s.opts.Store.EndOverride(ctx, userOf(ctx).ID, in.ID, in.Reason)
}

type coverageInput struct {
	ByID
	Body struct {
		Coverage []string `json:"coverage" nullable:"false" maxItems:"1000" doc:"regions and beginnings of numbers, like US-FL and +1212, or area codes like 212; empty: all of the registry's region"`
	}
}

// putCoverage says which numbers a registry can speak of.
func (s *Server) putCoverage(ctx context.Context, in *coverageInput) (*body[lists.Registry], error) {
	if err := s.audit(ctx, "registry.coverage", "registry", in.ID.String(), map[string]any{"coverage": in.Body.Coverage}); err != nil {
		return nil, err
	}
	r, err := s.opts.Store.SetCoverage(ctx, in.ID, in.Body.Coverage)
	if err != nil {
		return nil, err
	}
	return &body[lists.Registry]{r}, nil
}
