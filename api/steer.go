package api

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// boardRoutes are those of the supervisors' room: steering, alerts, views, webhooks.
func boardRoutes() []route {
	return slices.Concat(steerRoutes(), alertRoutes(), viewRoutes(), webhookRoutes())
}

func steerRoutes() []route {
	steer := only(ListManager, Supervisor)
	return []route{
		{method: "PATCH", path: "/api/campaigns/{id}", id: "steer-campaign", tag: "Campaigns", summary: "Change mode, target, ratio, caller ID, ceiling, lists and their weights while it runs; the revision must be the newest, and each field is audited", access: steer, errors: []int{404, 409, 422}, serve: op((*Server).patchCampaign)},
		{method: "GET", path: "/api/campaigns/{id}/changes", id: "list-campaign-changes", tag: "Campaigns", summary: "What was changed in a campaign, field by field: who, when, from, to; newest first", access: steer, errors: []int{404}, serve: op((*Server).campaignChanges)},
	}
}

// byOf says who asks for a change.
func byOf(ctx context.Context) lists.By {
	return lists.By{Actor: userOf(ctx).ID, Request: requestOf(ctx).id}
}

// campaignChanged has everybody look at a campaign that was just changed: the dialer, and those who watch the board.
func (s *Server) campaignChanged(ctx context.Context, id uuid.UUID) {
	s.opts.Engine.Wake(id)
	s.board.Changed(ctx, id)
}

type steeringInput struct {
	ByID
	Body lists.Steering
}

func (s *Server) patchCampaign(ctx context.Context, in *steeringInput) (*body[lists.Campaign], error) {
	c, err := s.opts.Store.Steer(ctx, byOf(ctx), in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	s.campaignChanged(ctx, in.ID)
	return &body[lists.Campaign]{c}, nil
}

type changesInput struct {
	ByID
	Before int64 `query:"before" minimum:"0" doc:"only changes with a lower id: the next page"`
	Limit  int   `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *Server) campaignChanges(ctx context.Context, in *changesInput) (*body[page[lists.CampaignChange]], error) {
	all, err := s.opts.Store.CampaignChanges(ctx, in.ID, in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}
