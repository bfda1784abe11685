package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/lists"
)

func helpRoutes() []route {
	sup, own := only(Supervisor), only(Agent)
	return []route{
		{method: "POST", path: "/api/agents/{id}/orders", id: "order-agent", tag: "Supervision", summary: "Order an agent to pause, to be ready, to log out, or free him when he is stuck; a call is never cut, and an audit row comes first", access: sup, errors: []int{409, 422}, serve: op((*Server).postOrder)},
		{method: "POST", path: "/api/desk/help", id: "ask-help", tag: "Help", summary: "I want a supervisor's help", access: own, status: 201, errors: []int{409, 422}, serve: op((*Server).postHelp)},
		{method: "DELETE", path: "/api/desk/help", id: "withdraw-help", tag: "Help", summary: "I need no help any more", access: own, errors: []int{404}, serve: op((*Server).deleteHelp)},
		{method: "GET", path: "/api/help", id: "list-help", tag: "Help", summary: "Who waits for help or gets it, oldest first; the stream's topic help has the same", access: sup, serve: op((*Server).helpQueue)},
		{method: "POST", path: "/api/help/{id}/take", id: "take-help", tag: "Help", summary: "I come and help; the others and the agent see it", access: sup, errors: []int{404, 409}, serve: op((*Server).takeHelp)},
		{method: "POST", path: "/api/help/{id}/close", id: "close-help", tag: "Help", summary: "The agent was helped; an answer is sent to him as a message", access: sup, errors: []int{404, 409, 422}, serve: op((*Server).closeHelp)},
	}
}

type orderInput struct {
	ByID
	Body struct {
		Do     string `json:"do" enum:"not_ready,ready,logout,free"`
		Reason string `json:"reason,omitempty" maxLength:"100" doc:"of not_ready: a reason for a pause, or coaching"`
		When   string `json:"when,omitempty" enum:"now,after" default:"after" doc:"of not_ready and logout. now: a preview or a wrap-up is ended for it, and its call settled as one that nobody disposed; a call goes on in any case"`
	}
}

// Ordered says whether an order took effect.
type Ordered struct {
	Done bool `json:"done" doc:"false: it waits for the end of the call, or until the calls on their way can do without the agent"`
}

// postOrder has the audit row first: what could not be written down does not happen.
func (s *Server) postOrder(ctx context.Context, in *orderInput) (*body[Ordered], error) {
	if in.Body.Do == agent.OrderNotReady && in.Body.Reason == "" {
		return nil, invalid("body.reason", "must name the reason for the pause")
	}
	detail := map[string]any{"do": in.Body.Do, "reason": in.Body.Reason, "when": in.Body.When}
	if err := s.audit(ctx, "agent.order", "agent", in.ID.String(), detail); err != nil {
		return nil, err
	}
	done, err := s.opts.Desk.Steer(ctx, in.ID, agent.Order{Do: in.Body.Do, Reason: in.Body.Reason, Now: in.Body.When == "now", By: userOf(ctx).Name})
	var refused *agent.CommandError
	switch {
	case errors.As(err, &refused) && refused.Code == agent.CodeBadData:
		return nil, invalid("body.reason", refused.Message)
	case errors.As(err, &refused) && refused.Code == agent.CodeNotLoggedIn:
		if elsewhere := s.agentElsewhere(ctx, in.ID); elsewhere != nil {
			return nil, elsewhere
		}
		return nil, newProblem(http.StatusConflict, "agent_away", "the agent is not logged in to a campaign")
	case errors.As(err, &refused):
		return nil, newProblem(http.StatusConflict, refused.Code, refused.Message)
	case err != nil:
		return nil, err
	}
	return &body[Ordered]{Ordered{done}}, nil
}

type helpInput struct {
	Body struct {
		ID   uuid.UUID `json:"id" format:"uuid" doc:"made by the caller; the same id again is the same request"`
		Text string    `json:"text,omitempty" maxLength:"500"`
	}
}

func (s *Server) postHelp(ctx context.Context, in *helpInput) (*body[lists.HelpRequest], error) {
	h, err := s.opts.Store.AskHelp(ctx, in.Body.ID, userOf(ctx).ID, in.Body.Text)
	if err != nil {
		return nil, err
	}
	s.helpline.showHelp(ctx)
	return &body[lists.HelpRequest]{h}, nil
}

func (s *Server) deleteHelp(ctx context.Context, _ *struct{}) (*struct{}, error) {
	if err := s.opts.Store.WithdrawHelp(ctx, userOf(ctx).ID); err != nil {
		return nil, err
	}
	s.helpline.showHelp(ctx)
	return nil, nil
}

func (s *Server) helpQueue(ctx context.Context, _ *struct{}) (*body[page[lists.HelpRequest]], error) {
	found, err := s.opts.Store.HelpQueue(ctx)
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

func (s *Server) takeHelp(ctx context.Context, in *ByID) (*body[lists.HelpRequest], error) {
	h, err := s.opts.Store.TakeHelp(ctx, in.ID, userOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	s.helpline.showHelp(ctx)
	return &body[lists.HelpRequest]{h}, nil
}

type closeHelpInput struct {
	ByID
	Body struct {
		Answer string `json:"answer,omitempty" maxLength:"1000" doc:"sent to the agent as a message"`
	}
}

func (s *Server) closeHelp(ctx context.Context, in *closeHelpInput) (*body[lists.HelpRequest], error) {
	by := userOf(ctx).ID
	h, err := s.opts.Store.CloseHelp(ctx, in.ID, by, in.Body.Answer)
	if err != nil {
		return nil, err
	}
	s.helpline.showHelp(ctx)
	if in.Body.Answer != "" {
		// The request's own id makes the message's, so that a repeat sends nothing twice.
		m, to, err := s.opts.Store.Send(ctx, lists.NewMessage{ID: uuid.NewSHA1(in.ID, []byte("answer")), Kind: lists.MessageChat, From: by, Agent: h.AgentID, Body: in.Body.Answer})
		if err != nil {
			return nil, err
		}
		s.helpline.sent(ctx, m, to)
	}
	return &body[lists.HelpRequest]{h}, nil
}
