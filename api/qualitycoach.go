package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/recording/quality"
)

func calibrationRoutes() []route {
	sup := only(Supervisor)
	return []route{
		{method: "GET", path: "/api/quality/calibrations", id: "list-calibrations", tag: "Quality", summary: "Calibrations of my teams' agents, and those that I am asked for, newest first", access: sup, serve: op((*Server).calibrations)},
		{method: "POST", path: "/api/quality/calibrations", id: "create-calibration", tag: "Quality", summary: "Ask several evaluators to score a call, each without knowing the others' scores; leaves an audit row", access: sup, status: 201, errors: []int{404, 422}, serve: op((*Server).postCalibration)},
		{method: "GET", path: "/api/quality/calibrations/{id}", id: "get-calibration", tag: "Quality", summary: "A calibration; once it is closed with all sheets, the spread of each question, and the distance from the reference", access: sup, errors: []int{404}, serve: op((*Server).calibration)},
		{method: "POST", path: "/api/quality/calibrations/{id}/close", id: "close-calibration", tag: "Quality", summary: "Show all what all have said; nobody scores it any more, and an audit row is left", access: sup, errors: []int{404, 409, 422}, serve: op((*Server).closeCalibration)},
	}
}

func coachingRoutes() []route {
	sup := only(Supervisor)
	return []route{
		{method: "GET", path: "/api/quality/coaching", id: "get-coaching-list", tag: "Quality", summary: "Agents and questions that lost most in the calls of a time", access: sup, errors: []int{422}, serve: op((*Server).weakness)},
		{method: "GET", path: "/api/quality/tasks", id: "list-coaching-tasks", tag: "Quality", summary: "What agents are to be coached about, open ones first; agents get their own", access: only(Agent, Supervisor), serve: op((*Server).coachingTasks)},
		{method: "POST", path: "/api/quality/tasks", id: "create-coaching-task", tag: "Quality", summary: "Coach an agent about this; leaves an audit row", access: sup, status: 201, errors: []int{404, 422}, serve: op((*Server).postCoachingTask)},
		{method: "POST", path: "/api/quality/tasks/{id}/done", id: "finish-coaching-task", tag: "Quality", summary: "He was coached, and what came of it; leaves an audit row", access: sup, errors: []int{404, 409, 422}, serve: op((*Server).finishCoachingTask)},
	}
}

func (s *Server) calibrations(ctx context.Context, in *pageInput) (*body[page[quality.Calibration]], error) {
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.quality.Calibrations(ctx, userOf(ctx).ID, scope, in.Limit)
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

func (s *Server) calibration(ctx context.Context, in *ByID) (*body[quality.CalibrationWhole], error) {
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	return answer(s.quality.Calibration(ctx, in.ID, userOf(ctx).ID, scope))
}

type newCalibrationInput struct {
	Body struct {
		Title      string      `json:"title" minLength:"1" maxLength:"120"`
		Attempt    uuid.UUID   `json:"attempt_id" format:"uuid"`
		Card       uuid.UUID   `json:"card_id" format:"uuid" doc:"its newest version is taken"`
		Evaluators []uuid.UUID `json:"evaluators" minItems:"2" maxItems:"30" nullable:"false" doc:"supervisors or administrators"`
		Reference  uuid.UUID   `json:"reference_id,omitempty" format:"uuid" doc:"one of them, whose scores are taken as the right ones"`
	}
}

func (s *Server) postCalibration(ctx context.Context, in *newCalibrationInput) (*body[quality.CalibrationWhole], error) {
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	b, me := in.Body, userOf(ctx).ID
	if err := s.audit(ctx, "quality.calibrate", "attempt", b.Attempt.String(), map[string]any{"title": b.Title, "card": b.Card, "evaluators": b.Evaluators, "reference": b.Reference}); err != nil {
		return nil, err
	}
	return answer(s.quality.Calibrate(ctx, quality.NewCalibration{Title: b.Title, Attempt: b.Attempt, Card: b.Card, Evaluators: b.Evaluators, Reference: b.Reference, By: me}, scope))
}

func (s *Server) closeCalibration(ctx context.Context, in *ByID) (*body[quality.CalibrationWhole], error) {
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "quality.calibration.close", "calibration", in.ID.String(), nil); err != nil {
		return nil, err
	}
	return answer(s.quality.CloseCalibration(ctx, in.ID, userOf(ctx).ID, scope))
}

type weaknessInput struct {
	From     time.Time `query:"from" required:"true" doc:"calls of then or later"`
	To       time.Time `query:"to" required:"true" doc:"calls of before; at most two years after from"`
	Agent    uuid.UUID `query:"agent_id" format:"uuid"`
	Team     uuid.UUID `query:"team_id" format:"uuid"`
	Campaign uuid.UUID `query:"campaign_id" format:"uuid"`
	Card     uuid.UUID `query:"card_id" format:"uuid"`
}

const weaknessMost = 2 * 366 * 24 * time.Hour

func (s *Server) weakness(ctx context.Context, in *weaknessInput) (*body[quality.Weakness], error) {
	if !in.To.After(in.From) || in.To.Sub(in.From) > weaknessMost {
		return nil, invalid("query.to", "must be after from, and at most two years after it")
	}
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	return answer(s.quality.Weakness(ctx, quality.Span{Scope: scope, From: in.From, To: in.To, Campaign: in.Campaign, Card: in.Card, Agent: in.Agent, Team: in.Team}))
}

type tasksInput struct {
	Agent uuid.UUID `query:"agent_id" format:"uuid"`
	Open  bool      `query:"open" doc:"only those that are not done"`
	Limit int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *Server) coachingTasks(ctx context.Context, in *tasksInput) (*body[page[quality.Task]], error) {
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.quality.Tasks(ctx, scope, in.Agent, in.Open, in.Limit)
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

type newTaskInput struct {
	Body struct {
		ID         uuid.UUID  `json:"id" format:"uuid" doc:"made by the caller; the same id again is the same task"`
		Agent      uuid.UUID  `json:"agent_id" format:"uuid"`
		Card       uuid.UUID  `json:"card_id,omitempty" format:"uuid"`
		Question   string     `json:"question,omitempty" maxLength:"40" doc:"of that card"`
		Evaluation uuid.UUID  `json:"evaluation_id,omitempty" format:"uuid" doc:"that shows it"`
		Text       string     `json:"text" minLength:"1" maxLength:"1000"`
		DueOn      *time.Time `json:"due_on,omitempty" doc:"a day"`
	}
}

func (s *Server) postCoachingTask(ctx context.Context, in *newTaskInput) (*body[quality.Task], error) {
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	b := in.Body
	if err := s.audit(ctx, "quality.task", "agent", b.Agent.String(), map[string]any{"task": b.ID, "question": b.Question, "evaluation": b.Evaluation}); err != nil {
		return nil, err
	}
	return answer(s.quality.AddTask(ctx, quality.NewTask{ID: b.ID, Agent: b.Agent, Card: b.Card, Evaluation: b.Evaluation, Question: b.Question, Text: b.Text, DueOn: b.DueOn, By: userOf(ctx).ID}, scope))
}

type taskDoneInput struct {
	ByID
	Body struct {
		Outcome string `json:"outcome,omitempty" maxLength:"1000"`
	}
}

func (s *Server) finishCoachingTask(ctx context.Context, in *taskDoneInput) (*body[quality.Task], error) {
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "quality.task.done", "task", in.ID.String(), map[string]any{"outcome": in.Body.Outcome}); err != nil {
		return nil, err
	}
	return answer(s.quality.FinishTask(ctx, in.ID, in.Body.Outcome, userOf(ctx).ID, scope))
}
