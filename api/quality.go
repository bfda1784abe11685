package api

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/recording/quality"
)

func qualityRoutes() []route {
	sup, both, own := only(Supervisor), only(Agent, Supervisor), only(Agent)
	return []route{
		{method: "GET", path: "/api/quality/scorecards", id: "list-scorecards", tag: "Quality", summary: "All scorecards", access: sup, serve: op((*Server).scorecards)},
		{method: "POST", path: "/api/quality/scorecards", id: "create-scorecard", tag: "Quality", summary: "Begin a scorecard as a draft", access: sup, body: 256 << 10, status: 201, errors: []int{422}, serve: op((*Server).postScorecard)},
		{method: "GET", path: "/api/quality/scorecards/{id}", id: "get-scorecard", tag: "Quality", summary: "A scorecard with its draft and versions", access: sup, errors: []int{404}, serve: op((*Server).scorecard)},
		{method: "PUT", path: "/api/quality/scorecards/{id}/draft", id: "put-scorecard-draft", tag: "Quality", summary: "Change a scorecard's draft; the revision must be the newest", access: sup, body: 256 << 10, errors: []int{404, 409, 422}, serve: op((*Server).putScorecard)},
		{method: "POST", path: "/api/quality/scorecards/{id}/publish", id: "publish-scorecard", tag: "Quality", summary: "Make the draft the next version, which calls are scored by from now on; leaves an audit row", access: sup, errors: []int{404, 409, 422}, serve: op((*Server).publishScorecard)},
		{method: "POST", path: "/api/quality/scorecards/{id}/retire", id: "retire-scorecard", tag: "Quality", summary: "Take a scorecard out of use, or back; leaves an audit row", access: sup, errors: []int{404}, serve: op((*Server).retireScorecard)},
		{method: "GET", path: "/api/quality/rules", id: "list-sampling-rules", tag: "Quality", summary: "Rules that draw calls to be scored", access: sup, serve: op((*Server).samplingRules)},
		{method: "POST", path: "/api/quality/rules", id: "create-sampling-rule", tag: "Quality", summary: "Make a rule; it draws within a minute, and leaves an audit row", access: sup, status: 201, errors: []int{422}, serve: op((*Server).postSamplingRule)},
		{method: "PUT", path: "/api/quality/rules/{id}", id: "update-sampling-rule", tag: "Quality", summary: "Change a rule; the revision must be the newest, and an audit row is left", access: sup, errors: []int{404, 409, 422}, serve: op((*Server).putSamplingRule)},
		{method: "DELETE", path: "/api/quality/rules/{id}", id: "delete-sampling-rule", tag: "Quality", summary: "Delete a rule of which nothing is left to score; leaves an audit row", access: sup, errors: []int{404, 422}, serve: op((*Server).deleteSamplingRule)},
		{method: "GET", path: "/api/quality/queue", id: "list-quality-queue", tag: "Quality", summary: "Calls that are to be scored, the latest due first", access: sup, serve: op((*Server).qualityQueue)},
		{method: "POST", path: "/api/quality/queue/{attempt_id}/skip", id: "skip-quality-call", tag: "Quality", summary: "Take a call out of the queue that cannot be scored; leaves an audit row", access: sup, errors: []int{404, 422}, serve: op((*Server).skipQuality)},
		{method: "GET", path: "/api/quality/calls/{attempt_id}", id: "get-quality-call", tag: "Quality", summary: "What is known of a call that may be scored", access: sup, errors: []int{404}, serve: op((*Server).qualityCall)},
		{method: "GET", path: "/api/quality/evaluations", id: "list-evaluations", tag: "Quality", summary: "Evaluations, newest first; agents get their own, supervisors those of their teams' agents", access: both, errors: []int{422}, serve: op((*Server).evaluations)},
		{method: "POST", path: "/api/quality/evaluations", id: "submit-evaluation", tag: "Quality", summary: "Score a call, once and for good; the score is computed here, and an audit row is left", access: sup, body: 256 << 10, status: 201, errors: []int{403, 404, 409, 422}, serve: op((*Server).postEvaluation)},
		{method: "GET", path: "/api/quality/evaluations/{id}", id: "get-evaluation", tag: "Quality", summary: "An evaluation with card, answers, changes and appeal", access: both, errors: []int{404}, serve: op((*Server).evaluation)},
		{method: "GET", path: "/api/quality/evaluations/{id}/audio", id: "play-evaluation", tag: "Quality", summary: "The audio of a call that was scored; agents hear their own, and an audit row is left first", access: both, timeout: -1, errors: []int{404, 416}, serve: raw((*Server).evaluationAudio, documentEvaluationAudio)},
		{method: "GET", path: "/api/quality/evaluations/{id}/wave", id: "get-evaluation-wave", tag: "Quality", summary: "Waveform and marks of a call that was scored", access: both, errors: []int{404}, serve: op((*Server).evaluationWave)},
		{method: "POST", path: "/api/quality/evaluations/{id}/corrections", id: "correct-evaluation", tag: "Quality", summary: "Give an evaluation other answers for a stated reason; the first ones stay, and an audit row is left", access: sup, body: 256 << 10, errors: []int{404, 409, 422}, serve: op((*Server).correctEvaluation)},
		{method: "POST", path: "/api/quality/evaluations/{id}/acknowledge", id: "acknowledge-evaluation", tag: "Quality", summary: "I have seen my score", access: own, errors: []int{404}, serve: op((*Server).acknowledgeEvaluation)},
		{method: "POST", path: "/api/quality/evaluations/{id}/appeal", id: "appeal-evaluation", tag: "Quality", summary: "Appeal against my score, once and before its deadline; leaves an audit row", access: own, errors: []int{404, 409, 422}, serve: op((*Server).appealEvaluation)},
		{method: "POST", path: "/api/quality/evaluations/{id}/decision", id: "decide-appeal", tag: "Quality", summary: "Uphold a score against its appeal or change it; never by whoever had a part in it, and an audit row is left", access: sup, body: 256 << 10, errors: []int{403, 404, 409, 422}, serve: op((*Server).decideAppeal)},
		{method: "GET", path: "/api/quality/trend", id: "get-quality-trend", tag: "Quality", summary: "Scores by week with intervals, an agent's against his team's; agents get their own", access: both, errors: []int{422}, serve: op((*Server).qualityTrend)},
	}
}

// qualityScope says whose evaluations the signed-in user sees.
func (s *Server) qualityScope(ctx context.Context) (quality.Scope, error) {
	switch u := userOf(ctx); u.Role {
	case Admin:
		return quality.Everyone(), nil
	case Supervisor:
		return s.quality.ScopeOf(ctx, u.ID)
	default:
		return quality.Only(u.ID), nil
	}
}

// EvaluationsQuery chooses evaluations.
type EvaluationsQuery struct {
	Agent     uuid.UUID `query:"agent_id" format:"uuid"`
	Campaign  uuid.UUID `query:"campaign_id" format:"uuid"`
	Card      uuid.UUID `query:"card_id" format:"uuid"`
	Evaluator uuid.UUID `query:"evaluator_id" format:"uuid"`
	Attempt   uuid.UUID `query:"attempt_id" format:"uuid"`
	Least     float64   `query:"least" minimum:"0" maximum:"100" doc:"of the score, per cent"`
	Most      float64   `query:"most" minimum:"0" maximum:"100" default:"100"`
	State     string    `query:"state" enum:"unread,appealed,changed,fatal" doc:"unread: not acknowledged; appealed: an appeal is open; missing: any"`
	From      time.Time `query:"from" doc:"submitted then or later"`
	To        time.Time `query:"to" doc:"submitted before"`
	Before    time.Time `query:"before" doc:"submitted_at of the last one seen, with before_id: the page after"`
	BeforeID  uuid.UUID `query:"before_id" format:"uuid"`
	Limit     int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *Server) evaluations(ctx context.Context, in *EvaluationsQuery) (*body[page[quality.Evaluation]], error) {
	if in.Least > in.Most {
		return nil, invalid("query.least", "must not be above most")
	}
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.quality.Evaluations(ctx, quality.Choice{Scope: scope, Agent: in.Agent, Campaign: in.Campaign, Card: in.Card, Evaluator: in.Evaluator, Attempt: in.Attempt,
		Least: &in.Least, Most: &in.Most, State: in.State, From: in.From, To: in.To, Before: in.Before, BeforeID: in.BeforeID, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

func (s *Server) evaluation(ctx context.Context, in *ByID) (*body[quality.Whole], error) {
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	return answer(s.quality.Evaluation(ctx, in.ID, scope))
}

// answer makes the body of an operation that has one.
func answer[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{v}, nil
}

func (s *Server) qualityCall(ctx context.Context, in *attemptInput) (*body[quality.Call], error) {
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	return answer(s.quality.Call(ctx, in.AttemptID, scope))
}

type evaluationInput struct {
	Body struct {
		ID          uuid.UUID `json:"id" format:"uuid" doc:"made by the caller; the same id again is the same evaluation"`
		Attempt     uuid.UUID `json:"attempt_id" format:"uuid"`
		Card        uuid.UUID `json:"card_id" format:"uuid"`
		Version     int       `json:"card_version" minimum:"1" maximum:"1000000"`
		Calibration uuid.UUID `json:"calibration_id,omitempty" format:"uuid" doc:"it is for a calibration: it counts nowhere else"`
		quality.Sheet
	}
}

// Submitted is the score of an evaluation that was stored.
type Submitted struct {
	ID    uuid.UUID `json:"id"`
	Score float64   `json:"score" doc:"per cent"`
	Fatal bool      `json:"fatal"`
}

func (s *Server) postEvaluation(ctx context.Context, in *evaluationInput) (*body[Submitted], error) {
	b := in.Body
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	version, err := s.quality.CardVersion(ctx, b.Card, b.Version)
	if err != nil {
		return nil, invalid("body.card_version", "was never published")
	}
	r, err := version.Body.Score(&b.Sheet)
	if err != nil {
		return nil, err
	}
	detail := map[string]any{"evaluation": b.ID, "card": b.Card, "version": b.Version, "score": r.Score, "calibration": b.Calibration}
	if err := s.audit(ctx, "quality.evaluate", "attempt", b.Attempt.String(), detail); err != nil {
		return nil, err
	}
	id, err := s.quality.Submit(ctx, quality.NewEvaluation{ID: b.ID, Attempt: b.Attempt, Card: b.Card, Version: b.Version, Calibration: b.Calibration, Evaluator: userOf(ctx).ID, Sheet: b.Sheet}, scope)
	if err != nil {
		return nil, err
	}
	return &body[Submitted]{Submitted{id, r.Score, r.Fatal}}, nil
}

type sheetChangeInput struct {
	ByID
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"the agent and the audit log read it"`
		quality.Sheet
	}
}

func (s *Server) correctEvaluation(ctx context.Context, in *sheetChangeInput) (*body[quality.Whole], error) {
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	was, err := s.quality.Evaluation(ctx, in.ID, scope)
	if err != nil {
		return nil, err
	}
	r, err := was.Body.Score(&in.Body.Sheet)
	if err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "quality.correct", "evaluation", in.ID.String(), map[string]any{"reason": in.Body.Reason, "from": was.Score, "to": r.Score}); err != nil {
		return nil, err
	}
	return answer(s.quality.Correct(ctx, in.ID, in.Body.Sheet, in.Body.Reason, userOf(ctx).ID, scope))
}

func (s *Server) acknowledgeEvaluation(ctx context.Context, in *ByID) (*body[quality.Whole], error) {
	return answer(s.quality.Acknowledge(ctx, in.ID, userOf(ctx).ID))
}

type appealInput struct {
	ByID
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"2000"`
	}
}

func (s *Server) appealEvaluation(ctx context.Context, in *appealInput) (*body[quality.Whole], error) {
	me := userOf(ctx).ID
	if _, err := s.quality.Evaluation(ctx, in.ID, quality.Only(me)); err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "quality.appeal", "evaluation", in.ID.String(), map[string]any{"text": in.Body.Text}); err != nil {
		return nil, err
	}
	return answer(s.quality.Appeal(ctx, in.ID, me, in.Body.Text))
}

type decisionInput struct {
	ByID
	Body struct {
		Verdict string         `json:"verdict" enum:"upheld,changed"`
		Answer  string         `json:"answer" minLength:"1" maxLength:"2000" doc:"what the agent is told"`
		Sheet   *quality.Sheet `json:"sheet,omitempty" doc:"of changed: the answers that hold from now on"`
	}
}

func (s *Server) decideAppeal(ctx context.Context, in *decisionInput) (*body[quality.Whole], error) {
	b := in.Body
	if (b.Verdict == "changed") != (b.Sheet != nil) {
		return nil, invalid("body.sheet", "must be there when the score is changed, and only then")
	}
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	was, err := s.quality.Evaluation(ctx, in.ID, scope)
	if err != nil {
		return nil, err
	}
	detail := map[string]any{"verdict": b.Verdict, "answer": b.Answer, "from": was.Score, "to": was.Score}
	if b.Sheet != nil {
		r, err := was.Body.Score(b.Sheet)
		if err != nil {
			return nil, below("sheet.", err)
		}
		detail["to"] = r.Score
	}
	if err := s.audit(ctx, "quality.decide", "evaluation", in.ID.String(), detail); err != nil {
		return nil, err
	}
	w, err := s.quality.Decide(ctx, in.ID, quality.Decision{Answer: b.Answer, Sheet: b.Sheet, By: userOf(ctx).ID}, scope)
	return answer(w, below("sheet.", err))
}

type trendInput struct {
	Agent    uuid.UUID `query:"agent_id" format:"uuid" doc:"agents always get their own; missing: all together"`
	Team     uuid.UUID `query:"team_id" format:"uuid"`
	Campaign uuid.UUID `query:"campaign_id" format:"uuid"`
	Card     uuid.UUID `query:"card_id" format:"uuid"`
	Weeks    int       `query:"weeks" minimum:"1" maximum:"104" default:"12" doc:"with the one that is under way"`
}

func (s *Server) qualityTrend(ctx context.Context, in *trendInput) (*body[quality.Trend], error) {
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	u := userOf(ctx)
	if u.Role == Agent {
		in.Agent = u.ID
	}
	return answer(s.quality.TrendOf(ctx, quality.Span{Scope: scope, Campaign: in.Campaign, Card: in.Card, Agent: in.Agent, Team: in.Team}, in.Weeks, u.Role == Agent))
}

// below puts a refused field into its place in the request.
func below(prefix string, err error) error {
	var field *lists.InputError
	if errors.As(err, &field) && (strings.HasPrefix(field.Field, "answers") || field.Field == "comment") {
		return &lists.InputError{Field: prefix + field.Field, Reason: field.Reason}
	}
	return err
}
