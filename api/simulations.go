package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/pacing"
	"github.com/dialtide/dialtide/pacing/sim/whatif"
)

func simulationRoutes() []route {
	return []route{
		{method: "POST", path: "/api/campaigns/{id}/simulations", id: "create-simulation", tag: "Simulations", summary: "What if: simulate a day of the campaign after its own record, with other agents, hours, cap or mode; poll the simulation for progress and answer", access: only(ListManager, Supervisor), status: 202, errors: []int{404, 422, 429}, serve: op((*Server).postSimulation)},
		{method: "GET", path: "/api/campaigns/{id}/simulations", id: "list-simulations", tag: "Simulations", summary: "The newest simulations of a campaign, without their answers", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).simulations)},
		{method: "GET", path: "/api/simulations/{id}", id: "get-simulation", tag: "Simulations", summary: "How far a simulation is, and its answer", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).simulation)},
		{method: "DELETE", path: "/api/simulations/{id}", id: "cancel-simulation", tag: "Simulations", summary: "Give a simulation up that is waiting or running", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).deleteSimulation)},
	}
}

// SimulationQuestion is what a manager wants to know. What is left out is as now.
type SimulationQuestion struct {
	Agents *int     `json:"agents,omitempty" minimum:"1" maximum:"500" doc:"signed in through all hours; left out: as on record, hour by hour"`
	From   *int     `json:"from,omitempty" minimum:"0" maximum:"23" doc:"hour of day at which calling begins, with until; left out: as on record"`
	Until  *int     `json:"until,omitempty" minimum:"1" maximum:"24" doc:"hour of day at which calling ends"`
	Target *float64 `json:"target,omitempty" minimum:"0" maximum:"0.1" doc:"cap on abandoned / answered by a person"`
	Mode   string   `json:"mode,omitempty" enum:"progressive,power,predictive" doc:"left out: the campaign's, predictive instead of preview"`
	Ratio  *float64 `json:"ratio,omitempty" minimum:"1" maximum:"10" doc:"of power"`
	Most   *int     `json:"most,omitempty" minimum:"1" maximum:"500" doc:"most agents in the staffing table; left out: half as many again as now"`
	Zone   string   `json:"zone,omitempty" maxLength:"60" doc:"zone of the hours of day, like Europe/Berlin; left out: the campaign's, else UTC"`
}

// Simulation is a question and how far its answer is.
type Simulation struct {
	ID         uuid.UUID             `json:"id"`
	CampaignID uuid.UUID             `json:"campaign_id"`
	Question   SimulationQuestion    `json:"question"`
	State      lists.SimulationState `json:"state" enum:"waiting,running,done,failed,cancelled,interrupted" doc:"interrupted: the process that worked on it is gone"`
	Progress   float64               `json:"progress" doc:"0 to 1"`
	Problem    string                `json:"problem" doc:"why it failed: too_few_calls, unfit_record, internal; empty otherwise"`
	Answer     *whatif.Answer        `json:"answer,omitempty" doc:"when done; lists leave it out"`
	CreatedAt  time.Time             `json:"created_at"`
	EndedAt    *time.Time            `json:"ended_at"`
}

func shownSimulation(m lists.Simulation) (Simulation, error) {
	out := Simulation{ID: m.ID, CampaignID: m.CampaignID, State: m.State, Progress: m.Progress, Problem: m.Problem, CreatedAt: m.CreatedAt, EndedAt: m.EndedAt}
	err := json.Unmarshal(m.Question, &out.Question)
	if len(m.Answer) > 0 {
		err = errors.Join(err, json.Unmarshal(m.Answer, &out.Answer))
	}
	if err != nil {
		return out, fmt.Errorf("simulation %s: %w", m.ID, err)
	}
	return out, nil
}

type newSimulationInput struct {
	ByID
	Body SimulationQuestion
}

func (s *Server) postSimulation(ctx context.Context, in *newSimulationInput) (*body[Simulation], error) {
	q := in.Body
	if (q.From == nil) != (q.Until == nil) {
		return nil, invalid("body.until", "goes with from")
	}
	if q.From != nil && *q.From >= *q.Until {
		return nil, invalid("body.until", "must be after from")
	}
	if q.Zone != "" && compliance.Location(q.Zone) == nil {
		return nil, invalid("body.zone", "must be the name of a time zone, like America/New_York")
	}
	if _, err := s.opts.Store.Campaign(ctx, in.ID); err != nil {
		return nil, err
	}
	text, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	m, err := s.sims.add(ctx, lists.Simulation{CampaignID: in.ID, Question: text, CreatedBy: actorOf(ctx)})
	if err != nil {
		return nil, err
	}
	out, err := shownSimulation(m)
	return &body[Simulation]{out}, err
}

func (s *Server) simulations(ctx context.Context, in *ByID) (*body[page[Simulation]], error) {
	if _, err := s.opts.Store.Campaign(ctx, in.ID); err != nil {
		return nil, err
	}
	all, err := s.opts.Store.Simulations(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := make([]Simulation, len(all))
	for i, m := range all {
		if out[i], err = shownSimulation(m); err != nil {
			return nil, err
		}
	}
	return items(out), nil
}

func (s *Server) simulation(ctx context.Context, in *ByID) (*body[Simulation], error) {
	m, err := s.opts.Store.Simulation(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out, err := shownSimulation(m)
	if err != nil {
		return nil, err
	}
	return &body[Simulation]{out}, nil
}

func (s *Server) deleteSimulation(ctx context.Context, in *ByID) (*struct{}, error) {
	m, err := s.opts.Store.Simulation(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	s.sims.cancel(m.ID)
	return nil, s.opts.Store.EndSimulation(ctx, m.ID, lists.SimulationCancelled, nil, "")
}

// asked makes a question of package whatif of the manager's and the campaign's settings.
func (q *SimulationQuestion) asked(settings lists.Settings) whatif.Question {
	now := settings.SimConfig()
	w := whatif.Question{Now: now, Config: now, Workers: 1}
	number := func(to *int, v *int) {
		if v != nil {
			*to = *v
		}
	}
	number(&w.Agents, q.Agents)
	number(&w.From, q.From)
	number(&w.Until, q.Until)
	number(&w.Most, q.Most)
	if q.Target != nil {
		w.Config.Target = *q.Target
	}
	if q.Ratio != nil {
		w.Config.Ratio = *q.Ratio
	}
	switch {
	case q.Mode != "":
		w.Config.Mode = pacing.Mode(q.Mode)
	case now.Mode == pacing.Preview:
		w.Config.Mode = pacing.Predictive
	}
	return w
}
