package api

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// contact shows a contact and all that happened. An agent sees only whom a call gave him, open or ended; everybody else is
// "not found" to him, so that ids cannot be tried out.
func (s *Server) contact(ctx context.Context, in *ByID) (*body[lists.Journey], error) {
	u := userOf(ctx)
	if u.Role == Agent {
		given, err := s.gaveContact(ctx, u.ID, in.ID)
		if err != nil {
			return nil, err
		}
		if !given {
			return nil, notFound("contact")
		}
	}
	j, err := s.opts.Store.Journey(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[lists.Journey]{j}, nil
}

func (s *Server) gaveContact(ctx context.Context, agentID, contact uuid.UUID) (given bool, err error) {
	err = s.opts.Pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM open_attempts WHERE agent_id = $1 AND contact_id = $2)
		OR EXISTS (SELECT FROM attempts WHERE agent_id = $1 AND contact_id = $2)`, agentID, contact).Scan(&given)
	if err != nil {
		return false, fmt.Errorf("look for the agent's calls to a contact: %w", err)
	}
	return given, nil
}

type attemptsInput struct {
	CampaignID uuid.UUID `query:"campaign_id" format:"uuid"`
	ContactID  uuid.UUID `query:"contact_id" format:"uuid"`
	AgentID    uuid.UUID `query:"agent_id" format:"uuid"`
	Phone      string    `query:"phone" maxLength:"40" doc:"E.164; spaces, hyphens and brackets are left out"`
	Before     time.Time `query:"before" doc:"only attempts permitted before this moment: the next page"`
	Limit      int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *Server) attempts(ctx context.Context, in *attemptsInput) (*body[page[lists.Attempt]], error) {
	found, err := s.opts.Store.Attempts(ctx, lists.AttemptFilter{Campaign: in.CampaignID, Contact: in.ContactID, Agent: in.AgentID,
		Phone: plainPhone(in.Phone), Before: in.Before, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return items(found), nil
}
