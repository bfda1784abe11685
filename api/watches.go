package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
)

func watchRoutes() []route {
	return []route{
		{method: "GET", path: "/api/watches", id: "list-watches", tag: "Supervision", summary: "Supervisors' phones beside agents, on this server", access: only(Supervisor), serve: op((*Server).watches)},
		{method: "POST", path: "/api/watches", id: "create-watch", tag: "Supervision", summary: "Call my phone and bring it beside an agent's: listen, whisper, barge in or take the call over; leaves an audit row first", access: only(Supervisor), status: 201, errors: []int{409}, serve: op((*Server).postWatch)},
		{method: "PUT", path: "/api/watches/{id}", id: "update-watch", tag: "Supervision", summary: "Another mode or another agent, without hanging up; leaves an audit row first", access: only(Supervisor), errors: []int{404, 409}, serve: op((*Server).putWatch)},
		{method: "DELETE", path: "/api/watches/{id}", id: "delete-watch", tag: "Supervision", summary: "Hang my phone up; a call that I have taken over ends", access: only(Supervisor), errors: []int{409}, serve: op((*Server).deleteWatch)},
	}
}

type watchInput struct {
	Body struct {
		AgentID uuid.UUID      `json:"agent_id" format:"uuid"`
		Mode    call.WatchMode `json:"mode,omitempty" enum:"listen,whisper,barge,takeover" default:"listen" doc:"listen: nobody hears me; whisper: the agent does; barge: all hear all; takeover: the call is mine and the agent wraps it up"`
	}
}

type watchChangeInput struct {
	ByID
	Body struct {
		AgentID *uuid.UUID     `json:"agent_id,omitempty" format:"uuid" doc:"missing: the same agent"`
		Mode    call.WatchMode `json:"mode,omitempty" enum:"listen,whisper,barge,takeover" doc:"missing: as it is; beside another agent: whispering stays, all else becomes listening"`
	}
}

func (s *Server) watches(context.Context, *struct{}) (*body[page[dialer.WatchView]], error) {
	return items(s.opts.Engine.Watches()), nil
}

// postWatch brings a supervisor's phone beside an agent's. The engine writes the audit row before it does anything (I15).
func (s *Server) postWatch(ctx context.Context, in *watchInput) (*body[dialer.WatchView], error) {
	u, req := userOf(ctx), requestOf(ctx)
	if u.Endpoint == "" {
		return nil, newProblem(http.StatusConflict, "no_phone", "your account has no phone: an admin must set its endpoint, or choose the phone in the page")
	}
	mode := in.Body.Mode
	if mode == "" {
		mode = call.Listen
	}
	v, err := s.opts.Engine.Watch(ctx, dialer.WatchRequest{Supervisor: u.ID, Name: u.Name, Endpoint: u.Endpoint, Token: req.token,
		Agent: in.Body.AgentID, Mode: mode, Request: req.id})
	if err != nil {
		return nil, s.watchProblem(ctx, err, uuid.Nil, in.Body.AgentID)
	}
	return &body[dialer.WatchView]{v}, nil
}

func (s *Server) putWatch(ctx context.Context, in *watchChangeInput) (*body[dialer.WatchView], error) {
	c := dialer.WatchChange{ID: in.ID, Supervisor: userOf(ctx).ID, Mode: in.Body.Mode, Request: requestOf(ctx).id}
	if in.Body.AgentID != nil {
		c.Agent = *in.Body.AgentID
	}
	v, err := s.opts.Engine.ChangeWatch(ctx, c)
	if err != nil {
		return nil, s.watchProblem(ctx, err, in.ID, c.Agent)
	}
	return &body[dialer.WatchView]{v}, nil
}

func (s *Server) deleteWatch(ctx context.Context, in *ByID) (*struct{}, error) {
	u := userOf(ctx)
	by := &u.ID
	if u.Role == Admin {
		by = nil
	}
	here := slices.ContainsFunc(s.opts.Engine.Watches(), func(v dialer.WatchView) bool { return v.ID == in.ID })
	if err := s.opts.Engine.EndWatch(ctx, in.ID, by, requestOf(ctx).id); err != nil || here {
		return nil, err
	}
	return nil, s.heldElsewhere(ctx, in.ID) // nobody is told that a phone does not listen any more that does
}

// heldElsewhere is the problem of a watch that goes on, but not in this process; nil when it is over.
func (s *Server) heldElsewhere(ctx context.Context, id uuid.UUID) error {
	node, err := s.opts.Store.WatchNode(ctx, id)
	switch {
	case errors.Is(err, lists.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return newProblem(http.StatusConflict, "watch_elsewhere", "the server "+node+" has your phone, or had it before it was started again: try again in a moment, do it there, or hang up by hand")
}

// agentElsewhere is the problem of an agent who is not logged in here; nil when he is nowhere.
func (s *Server) agentElsewhere(ctx context.Context, agent uuid.UUID) error {
	node, err := s.opts.Store.AgentNode(ctx, agent)
	switch {
	case errors.Is(err, lists.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return newProblem(http.StatusConflict, "agent_elsewhere", "the agent works on the server "+node+", or did before it was started again: try again in a moment, or do it there")
}

// watchProblem is a refusal as a caller sees it; other errors go the common way. Watches and agents are of one process each: what this
// one does not know may well be elsewhere.
func (s *Server) watchProblem(ctx context.Context, err error, watch, who uuid.UUID) error {
	var refused *agent.CommandError
	switch {
	case errors.Is(err, dialer.ErrNoWatch):
		if elsewhere := s.heldElsewhere(ctx, watch); elsewhere != nil {
			return elsewhere
		}
	case errors.Is(err, dialer.ErrAgentAway):
		if elsewhere := s.agentElsewhere(ctx, who); elsewhere != nil {
			return elsewhere
		}
		return newProblem(http.StatusConflict, dialer.ErrAgentAway.Code, dialer.ErrAgentAway.Message)
	case errors.As(err, &refused):
		return newProblem(http.StatusConflict, refused.Code, refused.Message)
	case errors.Is(err, dialer.ErrUnnoted):
		return newProblem(http.StatusServiceUnavailable, "unavailable", "the audit log cannot be written now, so nothing was done: try again in a moment")
	case errors.Is(err, dialer.ErrWatchesOff):
		return newProblem(http.StatusConflict, "no_phone", "this server watches nobody")
	}
	return err
}
