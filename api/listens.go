package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"
)

type listenInput struct {
	Body struct {
		AgentID uuid.UUID `json:"agent_id" format:"uuid"`
	}
}

type listening struct {
	ID uuid.UUID `json:"id" doc:"delete it to stop listening"`
}

// postListen lets a supervisor hear an agent on his own phone. The audit row comes first (I15).
func (s *Server) postListen(ctx context.Context, in *listenInput) (*body[listening], error) {
	u := userOf(ctx)
	if u.Endpoint == "" {
		return nil, newProblem(http.StatusConflict, "no_phone", "your account has no phone: an admin must set its endpoint")
	}
	leg, err := s.agentLeg(in.Body.AgentID)
	if err != nil {
		return nil, err
	}
	l := Listen{ID: uuid.New(), Supervisor: u.ID, Endpoint: u.Endpoint, AgentLeg: leg}
	if err := s.audit(ctx, "listen.start", "agent", in.Body.AgentID.String(), map[string]any{"listen": l.ID, "leg": leg}); err != nil {
		return nil, err
	}
	if err := s.opts.Engine.Listen(ctx, l); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		s.opts.Log.Warn("listening did not start", "listen", l.ID, "err", err)
		return nil, newProblem(http.StatusConflict, "cannot_listen", "your phone or the agent could not be reached")
	}
	return &body[listening]{listening{l.ID}}, nil
}

func (s *Server) deleteListen(ctx context.Context, in *ByID) (*struct{}, error) {
	if err := s.audit(ctx, "listen.stop", "listen", in.ID.String(), nil); err != nil {
		return nil, err
	}
	u := userOf(ctx)
	by := &u.ID
	if u.Role == Admin {
		by = nil
	}
	return nil, s.opts.Engine.StopListen(ctx, in.ID, by)
}

// agentLeg returns the channel of the phone of an agent who is logged in to a campaign. The table of sessions would name a
// leg that only rings, too, which has no bridge to listen to.
func (s *Server) agentLeg(agentID uuid.UUID) (uuid.UUID, error) {
	_, leg, ok := s.opts.Floor.Seated(agentID)
	switch {
	case !ok:
		return uuid.Nil, newProblem(http.StatusConflict, "agent_away", "the agent is not logged in to a campaign")
	case leg == uuid.Nil:
		return uuid.Nil, newProblem(http.StatusConflict, "agent_away", "the agent's phone is not connected")
	}
	return leg, nil
}
