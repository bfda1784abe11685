package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

type dncsInput struct {
	Phone      string    `query:"phone" maxLength:"40" doc:"the beginning of the number; spaces, hyphens and brackets are left out; empty: the newest entries"`
	Person     string    `query:"person" maxLength:"200" doc:"the customer's own id of a person"`
	CampaignID uuid.UUID `query:"campaign_id" format:"uuid" doc:"only entries of this campaign"`
	Query      string    `query:"q" maxLength:"200" doc:"part of the reason"`
	Before     uuid.UUID `query:"before" format:"uuid" doc:"the id of the last of the page before"`
	Limit      int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// plainPhone leaves out what people write between digits. The store judges what remains.
func plainPhone(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -().\u00a0", r) {
			return -1
		}
		return r
	}, s)
}

func (s *Server) dncs(ctx context.Context, in *dncsInput) (*body[page[lists.DNC]], error) {
	entries, err := s.opts.Store.SearchDNC(ctx, lists.DNCFilter{Phone: plainPhone(in.Phone), Person: in.Person, Campaign: in.CampaignID, Text: in.Query,
		Before: in.Before, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return items(entries), nil
}

type newDNCInput struct {
	Body struct {
		Phone      string     `json:"phone,omitempty" maxLength:"40" doc:"E.164; spaces, hyphens and brackets are left out; this or person"`
		Person     string     `json:"person,omitempty" maxLength:"200" doc:"the customer's own id of a person (a contact's key): all his numbers, also those that are loaded later"`
		Reason     string     `json:"reason,omitempty" maxLength:"200"`
		CampaignID *uuid.UUID `json:"campaign_id,omitempty" format:"uuid" nullable:"true" doc:"only this campaign must not call; missing: nobody may"`
		Until      *time.Time `json:"until,omitempty" nullable:"true" doc:"missing: for ever"`
	}
}

// postDNC is acknowledged only when no call to the number can be answered any more (I3): the entry is committed, then
// unanswered calls are withdrawn, then comes the answer. When the withdrawal fails the entry stays and the caller gets an
// error: sending it again does no harm.
func (s *Server) postDNC(ctx context.Context, in *newDNCInput) (*body[lists.DNC], error) {
	b := in.Body
	if b.Until != nil && !b.Until.After(s.opts.Now()) {
		return nil, invalid("body.until", "is over already")
	}
	if b.CampaignID != nil {
		if _, err := s.opts.Store.Campaign(ctx, *b.CampaignID); err != nil {
			return nil, err
		}
	}
	d := lists.DNC{Phone: plainPhone(b.Phone), Person: b.Person, CampaignID: b.CampaignID, Reason: b.Reason, By: actorOf(ctx), Until: b.Until}
	object, id := "phone", d.Phone
	if d.Person != "" {
		object, id = "person", d.Person
	}
	if err := s.audit(ctx, "dnc.add", object, id, map[string]any{"campaign_id": d.CampaignID, "until": d.Until, "reason": d.Reason}); err != nil {
		return nil, err
	}
	open, err := s.opts.Store.AddDNC(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := s.withdraw(ctx, open); err != nil {
		return nil, err
	}
	return s.entry(ctx, d)
}

// withdraw ends unanswered calls to numbers that were just suppressed.
func (s *Server) withdraw(ctx context.Context, open []uuid.UUID) error {
	if len(open) == 0 {
		return nil
	}
	if err := s.opts.Engine.Withdraw(ctx, open); err != nil {
		s.opts.Log.Error("calls to a do-not-call number not withdrawn", "request", requestOf(ctx).id, "attempts", open, "err", err)
		p := newProblem(http.StatusServiceUnavailable, "not_withdrawn", "the number is on the list, but a call to it that is under way could not be confirmed as ended: send it again")
		p.retryAfter = defaultRetry
		return p
	}
	return nil
}

// entry finds what was stored: an entry that was there before keeps its id and the later end.
func (s *Server) entry(ctx context.Context, d lists.DNC) (*body[lists.DNC], error) {
	entries, err := s.opts.Store.DNCEntries(ctx, d.Phone, strings.TrimSpace(d.Person))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if (e.Phone == "") == (d.Phone == "") && (e.CampaignID == nil) == (d.CampaignID == nil) && (e.CampaignID == nil || *e.CampaignID == *d.CampaignID) {
			return &body[lists.DNC]{e}, nil
		}
	}
	return nil, fmt.Errorf("entry just added: %w", lists.ErrNotFound)
}

type removeDNCInput struct {
	ByID
	Reason string `query:"reason" required:"true" minLength:"1" maxLength:"200" doc:"why the number may be called again, for the audit log"`
}

// deleteDNC allows a number again. The audit row, which the store writes first, tells what the entry was.
func (s *Server) deleteDNC(ctx context.Context, in *removeDNCInput) (*struct{}, error) {
	reason := lists.CleanText(in.Reason, 200)
	if reason == "" {
		return nil, invalid("query.reason", "say why the number may be called again")
	}
	return nil, s.opts.Store.RemoveDNC(ctx, lists.DNCRemoval{ID: in.ID, By: userOf(ctx).ID, Reason: reason})
}
