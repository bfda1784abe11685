package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
)

func (s *Server) trunks(ctx context.Context, _ *struct{}) (*body[page[lists.Trunk]], error) {
	all, err := s.opts.Store.Trunks(ctx)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

type newTrunkInput struct {
	Body struct {
		Name        string   `json:"name" minLength:"1" maxLength:"120"`
		Endpoint    string   `json:"endpoint" pattern:"^[A-Za-z0-9_-]{1,40}$" doc:"the switch's SIP endpoint, without technology"`
		MaxChannels int      `json:"max_channels" minimum:"1" maximum:"10000"`
		CPS         float64  `json:"cps" exclusiveMinimum:"0" maximum:"1000" doc:"new calls per second"`
		CallerIDs   []string `json:"caller_ids,omitempty" maxItems:"1000" doc:"numbers that its calls may show, E.164; none: any"`
	}
}

func (s *Server) postTrunk(ctx context.Context, in *newTrunkInput) (*body[lists.Trunk], error) {
	b := in.Body
	if err := s.audit(ctx, "trunk.create", "trunk", b.Name, map[string]any{"endpoint": b.Endpoint, "max_channels": b.MaxChannels, "cps": b.CPS, "caller_ids": b.CallerIDs}); err != nil {
		return nil, err
	}
	t, err := s.opts.Store.CreateTrunk(ctx, lists.Trunk{Name: b.Name, Endpoint: b.Endpoint, MaxChannels: b.MaxChannels, CPS: b.CPS, CallerIDs: b.CallerIDs})
	if err != nil {
		return nil, err
	}
	return &body[lists.Trunk]{t}, nil
}

type trunkInput struct {
	ByID
	Body struct {
		Name        *string   `json:"name,omitempty" minLength:"1" maxLength:"120"`
		Endpoint    *string   `json:"endpoint,omitempty" pattern:"^[A-Za-z0-9_-]{1,40}$" doc:"the switch's SIP endpoint, without technology; open calls stay on the old one"`
		MaxChannels *int      `json:"max_channels,omitempty" minimum:"1" maximum:"10000"`
		CPS         *float64  `json:"cps,omitempty" exclusiveMinimum:"0" maximum:"1000" doc:"new calls per second"`
		CallerIDs   *[]string `json:"caller_ids,omitempty" maxItems:"1000" doc:"all numbers that its calls may show; an empty list: any; refused when a campaign of the trunk shows another"`
	}
}

// putTrunk changes what the body names. Nothing is read and written back, so nobody's change of another field is lost.
func (s *Server) putTrunk(ctx context.Context, in *trunkInput) (*body[lists.Trunk], error) {
	b := in.Body
	detail := map[string]any{"name": b.Name, "endpoint": b.Endpoint, "max_channels": b.MaxChannels, "cps": b.CPS, "caller_ids": b.CallerIDs}
	if err := s.audit(ctx, "trunk.change", "trunk", in.ID.String(), detail); err != nil {
		return nil, err
	}
	t, err := s.opts.Store.UpdateTrunk(ctx, in.ID, lists.TrunkChange{Name: b.Name, Endpoint: b.Endpoint, MaxChannels: b.MaxChannels, CPS: b.CPS, CallerIDs: b.CallerIDs})
	if err != nil {
		return nil, err
	}
	s.opts.Engine.Wake(uuid.Nil) // trunks are read at once, and by other processes within a second
	return &body[lists.Trunk]{t}, nil
}

// CampaignItem is a campaign in a list. Agents get the id and the name only.
type CampaignItem struct {
	ID       uuid.UUID            `json:"id"`
	Name     string               `json:"name"`
	Status   lists.CampaignStatus `json:"status,omitempty" enum:"paused,running,draining,stopped"`
	TrunkID  *uuid.UUID           `json:"trunk_id,omitempty"`
	ListIDs  []uuid.UUID          `json:"list_ids,omitempty"`
	Settings *lists.Settings      `json:"settings,omitempty"`
	Revision int                  `json:"revision,omitempty"`
}

func (s *Server) campaigns(ctx context.Context, _ *struct{}) (*body[page[CampaignItem]], error) {
	all, err := s.opts.Store.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	agent := userOf(ctx).Role == Agent
	var out []CampaignItem
	for _, c := range all {
		switch {
		case !agent:
			out = append(out, CampaignItem{c.ID, c.Name, c.Status, &c.TrunkID, c.ListIDs, &c.Settings, c.Revision})
		case c.Status == lists.Running:
			out = append(out, CampaignItem{ID: c.ID, Name: c.Name})
		}
	}
	return items(out), nil
}

// CampaignDraft is what a list manager decides about a campaign.
type CampaignDraft struct {
	Name     string         `json:"name" minLength:"1" maxLength:"120"`
	TrunkID  uuid.UUID      `json:"trunk_id" format:"uuid"`
	ListIDs  []uuid.UUID    `json:"list_ids" maxItems:"100" doc:"walked in this order"`
	Settings lists.Settings `json:"settings"`
	Revision int            `json:"revision,omitempty" minimum:"0" doc:"of an update: the one that was read; a newer one in the database refuses the update"`
	// A whole campaign may be sent back with a change in it; these two are not changed that way.
	ID     *uuid.UUID           `json:"id,omitempty" format:"uuid"`
	Status lists.CampaignStatus `json:"status,omitempty" enum:"paused,running,draining,stopped"`
}

func (d CampaignDraft) campaign() lists.Campaign {
	return lists.Campaign{Name: d.Name, TrunkID: d.TrunkID, ListIDs: d.ListIDs, Settings: d.Settings, Revision: d.Revision}
}

type newCampaignInput struct{ Body CampaignDraft }

func (s *Server) postCampaign(ctx context.Context, in *newCampaignInput) (*body[lists.Campaign], error) {
	if err := s.audit(ctx, "campaign.create", "campaign", in.Body.Name, map[string]any{"campaign": in.Body}); err != nil {
		return nil, err
	}
	c, err := s.opts.Store.CreateCampaign(ctx, in.Body.campaign())
	if err != nil {
		return nil, err
	}
	return &body[lists.Campaign]{c}, nil
}

func (s *Server) campaign(ctx context.Context, in *ByID) (*body[lists.Campaign], error) {
	c, err := s.opts.Store.Campaign(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[lists.Campaign]{c}, nil
}

type campaignInput struct {
	ByID
	Body CampaignDraft
}

func (s *Server) putCampaign(ctx context.Context, in *campaignInput) (*body[lists.Campaign], error) {
	c := in.Body.campaign()
	c.ID = in.ID
	if err := s.audit(ctx, "campaign.update", "campaign", in.ID.String(), map[string]any{"campaign": in.Body}); err != nil {
		return nil, err
	}
	c, err := s.opts.Store.UpdateCampaignBy(ctx, byOf(ctx), c)
	if err != nil {
		return nil, err
	}
	s.campaignChanged(ctx, in.ID)
	return &body[lists.Campaign]{c}, nil
}

type statusInput struct {
	ByID
	Body struct {
		Status lists.CampaignStatus `json:"status" enum:"paused,running,draining,stopped"`
	}
}

func (s *Server) postStatus(ctx context.Context, in *statusInput) (*body[lists.Campaign], error) {
	if err := s.audit(ctx, "campaign.status", "campaign", in.ID.String(), map[string]any{"status": in.Body.Status}); err != nil {
		return nil, err
	}
	if err := s.opts.Store.SetStatusBy(ctx, byOf(ctx), in.ID, in.Body.Status); err != nil {
		return nil, err
	}
	s.campaignChanged(ctx, in.ID)
	return s.campaign(ctx, &in.ByID)
}

func (s *Server) summary(ctx context.Context, in *ByID) (*body[lists.Summary], error) {
	sum, err := s.opts.Store.Summary(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[lists.Summary]{sum}, nil
}

// pacing is told by the process that dials the campaign; another one knows the settings only. What changes is pushed on the
// board, too.
func (s *Server) pacing(ctx context.Context, in *ByID) (*body[dialer.PacingStatus], error) {
	c, err := s.opts.Store.Campaign(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	p := s.opts.Engine.Pacing(in.ID)
	if !p.Here {
		t := c.Settings
		p.Mode, p.Target, p.Caution, p.Aim, p.AimValue = t.Mode, t.AbandonTarget, string(t.Caution), string(t.Aim), t.AimValue
		p.MaxOccupancy, p.MaxLines = t.MaxOccupancy, t.MaxLines
	}
	return &body[dialer.PacingStatus]{p}, nil
}
