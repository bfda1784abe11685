package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

func (s *Server) whyCampaign(ctx context.Context, in *ByID) (*body[lists.CampaignWhy], error) {
	why, err := s.opts.Store.WhyCampaign(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[lists.CampaignWhy]{why}, nil
}

type whyContactInput struct {
	ByID
	ContactID uuid.UUID `path:"contact_id" format:"uuid"`
}

func (s *Server) whyContact(ctx context.Context, in *whyContactInput) (*body[lists.Why], error) {
	why, err := s.opts.Store.Why(ctx, in.ID, in.ContactID)
	if err != nil {
		return nil, err
	}
	return &body[lists.Why]{why}, nil
}

type journeyInput struct {
	ByID
	Others bool   `query:"others" doc:"also what happened to other contacts with the same number; not for agents"`
	After  string `query:"after" maxLength:"160" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// journey shows an agent only contacts that a call gave him, and nothing of others.
func (s *Server) journey(ctx context.Context, in *journeyInput) (*body[lists.Timeline], error) {
	if u := userOf(ctx); u.Role == Agent {
		given, err := s.gaveContact(ctx, u.ID, in.ID)
		if err != nil {
			return nil, err
		}
		if !given {
			return nil, notFound("contact")
		}
		in.Others = false
	}
	t, err := s.opts.Store.Timeline(ctx, in.ID, in.Others, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	return &body[lists.Timeline]{t}, nil
}
