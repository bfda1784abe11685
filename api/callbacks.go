package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

func callbackRoutes() []route {
	who := only(Agent, Supervisor)
	return []route{
		{method: "GET", path: "/api/callbacks", id: "list-callbacks", tag: "Callbacks", summary: "Agreed callbacks by their times; agents get their own and, of the campaign in which they are logged in, those for anyone", access: who, serve: op((*Server).callbacks)},
		{method: "GET", path: "/api/callbacks/lawful", id: "check-callback-time", tag: "Callbacks", summary: "May the contact of my call, or of a callback, be called at a time? With the rule that forbids it and the next lawful time", access: who, errors: []int{404, 422}, serve: op((*Server).lawfulTime)},
		{method: "PUT", path: "/api/callbacks/{id}", id: "move-callback", tag: "Callbacks", summary: "Move a callback to another lawful time, take one that is for anyone, or give it to another agent; leaves an audit row", access: who, errors: []int{404, 409, 422}, serve: op((*Server).putCallback)},
		{method: "POST", path: "/api/callbacks/{id}/cancel", id: "cancel-callback", tag: "Callbacks", summary: "Cancel a callback with a reason: its contact is finished; leaves an audit row", access: who, status: 204, errors: []int{404, 409, 422}, serve: op((*Server).cancelCallback)},
	}
}

type callbacksInput struct {
	From     time.Time `query:"from" doc:"callbacks agreed for this moment or later"`
	To       time.Time `query:"to" doc:"callbacks agreed for a moment before"`
	Campaign uuid.UUID `query:"campaign_id" format:"uuid"`
	Agent    uuid.UUID `query:"agent_id" format:"uuid" doc:"agents: their own id leaves out those for anyone"`
	Shared   bool      `query:"shared" doc:"only those that are for anyone"`
	State    string    `query:"state" enum:"open,done,cancelled" doc:"missing: all"`
	Limit    int       `query:"limit" minimum:"1" maximum:"1000" default:"500"`
}

func (s *Server) callbacks(ctx context.Context, in *callbacksInput) (*body[page[lists.AgreedCallback]], error) {
	f := lists.CallbackFilter{From: in.From, To: in.To, Campaign: in.Campaign, Agent: in.Agent, Shared: in.Shared, State: in.State, Limit: in.Limit}
	if u := userOf(ctx); u.Role == Agent {
		var err error
		if in.Agent != u.ID || in.Shared {
			if f.Beside, err = s.opts.Store.CampaignOf(ctx, u.ID); err != nil {
				return nil, err
			}
		}
		f.Agent = u.ID
	}
	found, err := s.opts.Store.Callbacks(ctx, f)
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

// ownCallback returns a callback that the user may change: his own, or any for supervisors. Others are not there for him.
func (s *Server) ownCallback(ctx context.Context, id uuid.UUID) (lists.AgreedCallback, error) {
	k, err := s.opts.Store.AgreedCallback(ctx, id)
	if err != nil {
		return lists.AgreedCallback{}, err
	}
	if u := userOf(ctx); u.Role == Agent && (k.AgentID == nil || *k.AgentID != u.ID) {
		return lists.AgreedCallback{}, notFound("callback")
	}
	return k, nil
}

// nearCallback is ownCallback, and for agents also one that is for anyone in the campaign in which they are logged in.
func (s *Server) nearCallback(ctx context.Context, id uuid.UUID) (lists.AgreedCallback, error) {
	k, err := s.opts.Store.AgreedCallback(ctx, id)
	if err != nil {
		return lists.AgreedCallback{}, err
	}
	u := userOf(ctx)
	if u.Role != Agent || k.AgentID != nil && *k.AgentID == u.ID {
		return k, nil
	}
	campaign, err := s.opts.Store.CampaignOf(ctx, u.ID)
	switch {
	case err != nil:
		return lists.AgreedCallback{}, err
	case campaign == uuid.Nil || campaign != k.CampaignID:
		return lists.AgreedCallback{}, notFound("callback")
	case k.AgentID != nil: // somebody was faster with what this agent could see a moment ago
		return lists.AgreedCallback{}, lists.ErrCallbackTaken
	}
	return k, nil
}

type lawfulInput struct {
	Attempt  uuid.UUID `query:"attempt_id" format:"uuid" doc:"a call; agents: one of theirs. Or callback_id"`
	Callback uuid.UUID `query:"callback_id" format:"uuid"`
	At       time.Time `query:"at" required:"true"`
}

func (s *Server) lawfulTime(ctx context.Context, in *lawfulInput) (*body[lists.Lawful], error) {
	campaign, contact, err := s.calleeOf(ctx, in)
	if err != nil {
		return nil, err
	}
	l, err := s.opts.Store.LawfulAt(ctx, campaign, contact, in.At)
	if err != nil {
		return nil, err
	}
	return &body[lists.Lawful]{l}, nil
}

func (s *Server) calleeOf(ctx context.Context, in *lawfulInput) (campaign, contact uuid.UUID, err error) {
	if (in.Attempt == uuid.Nil) == (in.Callback == uuid.Nil) {
		return uuid.Nil, uuid.Nil, invalid("query.attempt_id", "name either attempt_id or callback_id")
	}
	if in.Callback != uuid.Nil {
		k, err := s.nearCallback(ctx, in.Callback)
		return k.CampaignID, k.ContactID, err
	}
	agent := uuid.Nil
	if u := userOf(ctx); u.Role == Agent {
		agent = u.ID
	}
	return s.opts.Store.AttemptOf(ctx, in.Attempt, agent)
}

type moveCallbackInput struct {
	ByID
	Body struct {
		DueAt time.Time  `json:"due_at" doc:"lawful by the rules that every call is asked of; the refusal names the rule and the next lawful time"`
		Agent *uuid.UUID `json:"agent_id" required:"true" format:"uuid" nullable:"true" doc:"null: anyone. Agents may keep it or leave it to anyone"`
		Note  string     `json:"note" maxLength:"4000"`
	}
}

func (s *Server) putCallback(ctx context.Context, in *moveCallbackInput) (*body[lists.AgreedCallback], error) {
	if _, err := s.nearCallback(ctx, in.ID); err != nil {
		return nil, err
	}
	u := userOf(ctx)
	if to := in.Body.Agent; u.Role == Agent && to != nil && *to != u.ID {
		return nil, invalid("body.agent_id", "must be you or null: a supervisor gives callbacks to other agents")
	}
	k, err := s.opts.Store.MoveCallback(ctx, lists.CallbackMove{ID: in.ID, DueAt: in.Body.DueAt, Agent: in.Body.Agent, Note: in.Body.Note, By: u.ID, Own: u.Role == Agent, Request: requestOf(ctx).id})
	if err != nil {
		return nil, err
	}
	return &body[lists.AgreedCallback]{k}, nil
}

type cancelCallbackInput struct {
	ByID
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"200"`
	}
}

func (s *Server) cancelCallback(ctx context.Context, in *cancelCallbackInput) (*struct{}, error) {
	if _, err := s.ownCallback(ctx, in.ID); err != nil {
		return nil, err
	}
	return nil, s.opts.Store.CancelCallback(ctx, in.ID, userOf(ctx).ID, in.Body.Reason, requestOf(ctx).id)
}
