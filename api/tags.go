package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

func tagRoutes() []route {
	manage := only(ListManager)
	return []route{
		{method: "POST", path: "/api/contacts/tags", id: "tag-some-contacts", tag: "Contacts", summary: "Give contacts tags and take tags from them, at once", access: manage, errors: []int{422}, serve: op((*Server).postSomeTags)},
		{method: "POST", path: "/api/segments/{id}/tags", id: "tag-segment", tag: "Segments", summary: "Give who fits a segment now tags and take tags from them, list by list in the background", access: manage, status: 202, errors: []int{404, 422}, serve: op((*Server).postSegmentTags)},
	}
}

// TagChange is what becomes of contacts' tags.
type TagChange struct {
	Add    []string `json:"add,omitempty" maxItems:"20" doc:"each of 1 to 40 characters"`
	Remove []string `json:"remove,omitempty" maxItems:"20"`
}

type someTagsInput struct {
	Body struct {
		ContactIDs []uuid.UUID `json:"contact_ids" minItems:"1" maxItems:"500"`
		TagChange
	}
}

// Tagged says how many contacts have other tags now.
type Tagged struct {
	Changed int64 `json:"changed" doc:"those that had the tags already, and those that would have too many, stay as they are"`
}

func (s *Server) postSomeTags(ctx context.Context, in *someTagsInput) (*body[Tagged], error) {
	b := in.Body
	if err := s.audit(ctx, "contact.tag", "contacts", "several", map[string]any{"contacts": b.ContactIDs, "add": b.Add, "remove": b.Remove}); err != nil {
		return nil, err
	}
	n, err := s.opts.Store.TagSome(ctx, b.ContactIDs, b.Add, b.Remove)
	if err != nil {
		return nil, err
	}
	return &body[Tagged]{Tagged{n}}, nil
}

type segmentTagsInput struct {
	ByID
	Body TagChange
}

func (s *Server) postSegmentTags(ctx context.Context, in *segmentTagsInput) (*body[page[lists.ListJob]], error) {
	if err := s.audit(ctx, "segment.tag", "segment", in.ID.String(), map[string]any{"add": in.Body.Add, "remove": in.Body.Remove}); err != nil {
		return nil, err
	}
	jobs, err := s.opts.Store.TagSegment(ctx, in.ID, actorOf(ctx), in.Body.Add, in.Body.Remove)
	if err != nil {
		return nil, err
	}
	s.listWork.wake()
	return items(jobs), nil
}
