package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
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
	session, err := s.openSession(ctx, in.Body.AgentID)
	if err != nil {
		return nil, err
	}
	l := Listen{ID: uuid.New(), Supervisor: u.ID, Endpoint: u.Endpoint, AgentSession: session}
	detail := map[string]any{"listen": l.ID, "session": session}
	if err := s.audit(ctx, "listen.start", "agent", in.Body.AgentID.String(), detail); err != nil {
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

func (s *Server) deleteListen(ctx context.Context, in *idInput) (*struct{}, error) {
	if err := s.audit(ctx, "listen.stop", "listen", in.ID.String(), nil); err != nil {
		return nil, err
	}
	return nil, s.opts.Engine.StopListen(ctx, in.ID)
}

// openSession returns the session of an agent who is logged in to a campaign.
func (s *Server) openSession(ctx context.Context, agentID uuid.UUID) (session uuid.UUID, err error) {
	err = s.opts.Pool.QueryRow(ctx, `SELECT id FROM agent_sessions WHERE agent_id = $1 AND ended_at IS NULL`, agentID).Scan(&session)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, newProblem(http.StatusConflict, "agent_away", "the agent is not logged in to a campaign")
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("read agent's session: %w", err)
	}
	return session, nil
}
