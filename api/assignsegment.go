package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// segmentAssignments are the segments of a campaign that are for some agents only, with their progress.
func (s *Server) segmentAssignments(ctx context.Context, in *ByID) (*body[page[lists.SegmentAssignmentStatus]], error) {
	all, err := s.opts.Store.SegmentAssignments(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

// CampaignSegment is the path of a segment in a campaign. It is exported because huma looks into embedded structs only when they are.
type CampaignSegment struct {
	ByID
	Segment uuid.UUID `path:"segment_id" format:"uuid"`
}

type segmentAssignmentInput struct {
	CampaignSegment
	Body struct {
		Agents []uuid.UUID `json:"agents" nullable:"false" maxItems:"500" doc:"ids of users"`
		Teams  []uuid.UUID `json:"teams" nullable:"false" maxItems:"500" doc:"their members, as they are at the time of a call"`
		State  string      `json:"state,omitempty" enum:"open,paused" default:"open" doc:"paused: nobody calls its contacts in this campaign"`
	}
}

func (s *Server) putSegmentAssignment(ctx context.Context, in *segmentAssignmentInput) (*body[lists.SegmentAssignment], error) {
	if err := s.audit(ctx, "campaign.assign", "campaign", in.ID.String(), map[string]any{"segment": in.Segment, "to": in.Body}); err != nil {
		return nil, err
	}
	a, err := s.opts.Store.AssignSegment(ctx, lists.SegmentAssignment{Campaign: in.ID, Segment: in.Segment, Agents: in.Body.Agents, Teams: in.Body.Teams, State: in.Body.State}, actorOf(ctx))
	if err != nil {
		return nil, err
	}
	s.opts.Engine.Wake(in.ID)
	return &body[lists.SegmentAssignment]{a}, nil
}

func (s *Server) deleteSegmentAssignment(ctx context.Context, in *CampaignSegment) (*struct{}, error) {
	if err := s.audit(ctx, "campaign.unassign", "campaign", in.ID.String(), map[string]any{"segment": in.Segment}); err != nil {
		return nil, err
	}
	if err := s.opts.Store.UnassignSegment(ctx, in.ID, in.Segment); err != nil {
		return nil, err
	}
	s.opts.Engine.Wake(in.ID)
	return nil, nil
}
