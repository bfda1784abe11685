package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/recording/quality"
)

func (s *Server) scorecards(ctx context.Context, _ *struct{}) (*body[page[quality.CardHead]], error) {
	found, err := s.quality.Cards(ctx)
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

func (s *Server) scorecard(ctx context.Context, in *ByID) (*body[quality.CardWhole], error) {
	return answer(s.quality.Card(ctx, in.ID))
}

type newScorecardInput struct {
	Body struct {
		Name string       `json:"name" minLength:"1" maxLength:"120"`
		Body quality.Card `json:"body" doc:"it need not be sound yet"`
	}
}

func (s *Server) postScorecard(ctx context.Context, in *newScorecardInput) (*body[quality.CardWhole], error) {
	return answer(s.quality.SaveCard(ctx, uuid.Nil, in.Body.Name, in.Body.Body, 0, userOf(ctx).ID))
}

type scorecardDraftInput struct {
	ByID
	Body struct {
		Name     string       `json:"name" minLength:"1" maxLength:"120"`
		Body     quality.Card `json:"body" doc:"it need not be sound yet"`
		Revision int          `json:"revision" minimum:"1"`
	}
}

func (s *Server) putScorecard(ctx context.Context, in *scorecardDraftInput) (*body[quality.CardWhole], error) {
	return answer(s.quality.SaveCard(ctx, in.ID, in.Body.Name, in.Body.Body, in.Body.Revision, userOf(ctx).ID))
}

type publishScorecardInput struct {
	ByID
	Body struct {
		Revision int    `json:"revision" minimum:"1" doc:"of the draft that was read"`
		Note     string `json:"note,omitempty" maxLength:"500" doc:"what is new"`
	}
}

func (s *Server) publishScorecard(ctx context.Context, in *publishScorecardInput) (*body[quality.CardWhole], error) {
	if err := s.audit(ctx, "quality.publish", "scorecard", in.ID.String(), map[string]any{"revision": in.Body.Revision, "note": in.Body.Note}); err != nil {
		return nil, err
	}
	return answer(s.quality.PublishCard(ctx, in.ID, in.Body.Revision, in.Body.Note, userOf(ctx).ID))
}

type retireScorecardInput struct {
	ByID
	Body struct {
		Retired bool `json:"retired"`
	}
}

func (s *Server) retireScorecard(ctx context.Context, in *retireScorecardInput) (*body[quality.CardWhole], error) {
	if err := s.audit(ctx, "quality.retire", "scorecard", in.ID.String(), map[string]any{"retired": in.Body.Retired}); err != nil {
		return nil, err
	}
	return answer(s.quality.RetireCard(ctx, in.ID, in.Body.Retired, userOf(ctx).ID))
}

func (s *Server) samplingRules(ctx context.Context, _ *struct{}) (*body[page[quality.Rule]], error) {
	found, err := s.quality.Rules(ctx)
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

type newSamplingRuleInput struct{ Body quality.RuleText }

func (s *Server) postSamplingRule(ctx context.Context, in *newSamplingRuleInput) (*body[quality.Rule], error) {
	return s.saveSamplingRule(ctx, uuid.Nil, in.Body, 0)
}

type samplingRuleInput struct {
	ByID
	Body struct {
		quality.RuleText
		Revision int `json:"revision" minimum:"1"`
	}
}

func (s *Server) putSamplingRule(ctx context.Context, in *samplingRuleInput) (*body[quality.Rule], error) {
	return s.saveSamplingRule(ctx, in.ID, in.Body.RuleText, in.Body.Revision)
}

func (s *Server) saveSamplingRule(ctx context.Context, id uuid.UUID, t quality.RuleText, revision int) (*body[quality.Rule], error) {
	if err := s.audit(ctx, "quality.rule", "rule", id.String(), map[string]any{"rule": t}); err != nil {
		return nil, err
	}
	return answer(s.quality.SaveRule(ctx, id, t, revision, userOf(ctx).ID))
}

func (s *Server) deleteSamplingRule(ctx context.Context, in *ByID) (*struct{}, error) {
	if err := s.audit(ctx, "quality.rule.delete", "rule", in.ID.String(), nil); err != nil {
		return nil, err
	}
	return nil, s.quality.DeleteRule(ctx, in.ID)
}

type queueInput struct {
	Agent    uuid.UUID `query:"agent_id" format:"uuid"`
	Campaign uuid.UUID `query:"campaign_id" format:"uuid"`
	Rule     uuid.UUID `query:"rule_id" format:"uuid"`
	Late     bool      `query:"late" doc:"only what should be scored by now"`
	Limit    int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *Server) qualityQueue(ctx context.Context, in *queueInput) (*body[page[quality.Due]], error) {
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.quality.Queue(ctx, quality.DueChoice{Scope: scope, Agent: in.Agent, Campaign: in.Campaign, Rule: in.Rule, Late: in.Late, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

type skipInput struct {
	AttemptID uuid.UUID `path:"attempt_id" format:"uuid"`
	Body      struct {
		Reason string `json:"reason" minLength:"1" maxLength:"500" doc:"why it cannot be scored"`
	}
}

func (s *Server) skipQuality(ctx context.Context, in *skipInput) (*struct{}, error) {
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	reason := lists.CleanText(in.Body.Reason, 500)
	if reason == "" {
		return nil, invalid("body.reason", "say why the call cannot be scored")
	}
	if err := s.audit(ctx, "quality.skip", "attempt", in.AttemptID.String(), map[string]any{"reason": reason}); err != nil {
		return nil, err
	}
	return nil, s.quality.Skip(ctx, in.AttemptID, reason, userOf(ctx).ID, scope)
}
