package api

import (
	"context"
	"net/http"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/lists"
)

// Targets are those to whom an agent may give a call.
type Targets struct {
	Agents  []agent.Colleague      `json:"agents" doc:"who else is logged in, those who are ready first"`
	Queues  []agent.Queue          `json:"queues" doc:"the ready agents of a campaign; the agent's own campaign first"`
	Outside []lists.TransferTarget `json:"outside" doc:"numbers that the campaign allows"`
}

func deskRoutes() []route {
	return []route{
		{method: "GET", path: "/api/desk/targets", id: "list-transfer-targets", tag: "Desk", summary: "To whom I may give my call: colleagues, queues, outside numbers that the campaign allows", access: only(Agent), errors: []int{409}, serve: op((*Server).targets)},
	}
}

// targets answers from memory but for the campaign's own list.
func (s *Server) targets(ctx context.Context, _ *struct{}) (*body[Targets], error) {
	campaign, agents, queues, ok := s.opts.Floor.Colleagues(userOf(ctx).ID)
	if !ok {
		return nil, newProblem(http.StatusConflict, "not_logged_in", "log in to a campaign first")
	}
	c, err := s.opts.Store.Campaign(ctx, campaign)
	if err != nil {
		return nil, err
	}
	out := Targets{Agents: agents, Queues: queues, Outside: c.Settings.TransferTargets}
	if out.Agents == nil {
		out.Agents = []agent.Colleague{}
	}
	if out.Outside == nil {
		out.Outside = []lists.TransferTarget{}
	}
	return &body[Targets]{out}, nil
}
