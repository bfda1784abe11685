package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/filter"
)

func segmentRoutes() []route {
	manage := only(ListManager)
	look := only(ListManager, Supervisor)
	return []route{
		{method: "GET", path: "/api/filters/fields", id: "list-filter-fields", tag: "Segments", summary: "What filters may name: fields, their types and operators", access: look, serve: op((*Server).filterFields)},
		{method: "POST", path: "/api/filters/check", id: "check-filter", tag: "Segments", summary: "Read a filter, as text or as a form, and say what is wrong and where; optionally count the contacts that fit", access: look, timeout: 30 * time.Second, serve: op((*Server).postFilterCheck)},
		{method: "GET", path: "/api/segments", id: "list-segments", tag: "Segments", summary: "All saved filters with their last counts", access: look, serve: op((*Server).segments)},
		{method: "POST", path: "/api/segments", id: "create-segment", tag: "Segments", summary: "Save a filter", access: manage, status: 201, errors: []int{409, 422}, serve: op((*Server).postSegment)},
		{method: "GET", path: "/api/segments/{id}", id: "get-segment", tag: "Segments", summary: "One segment, with its filter as text and as a form", access: look, errors: []int{404}, serve: op((*Server).segment)},
		{method: "PUT", path: "/api/segments/{id}", id: "update-segment", tag: "Segments", summary: "Change a segment; the revision must be the newest", access: manage, errors: []int{404, 409, 422}, serve: op((*Server).putSegment)},
		{method: "DELETE", path: "/api/segments/{id}", id: "delete-segment", tag: "Segments", summary: "Remove a segment that nothing needs", access: manage, errors: []int{404, 409}, serve: op((*Server).deleteSegment)},
		{method: "GET", path: "/api/segments/{id}/count", id: "count-segment", tag: "Segments", summary: "How many contacts fit: exactly, or estimated where they are many", access: look, timeout: 6 * time.Minute, errors: []int{404}, serve: op((*Server).segmentCount)},
		{method: "GET", path: "/api/segmentations", id: "list-segmentations", tag: "Segments", summary: "All partitions of contacts into segments", access: look, serve: op((*Server).segmentations)},
		{method: "POST", path: "/api/segmentations", id: "create-segmentation", tag: "Segments", summary: "Declare segments disjoint, or put them in order", access: manage, status: 201, errors: []int{409, 422}, serve: op((*Server).postSegmentation)},
		{method: "GET", path: "/api/segmentations/{id}", id: "get-segmentation", tag: "Segments", summary: "One partition with its last check", access: look, errors: []int{404}, serve: op((*Server).segmentation)},
		{method: "PUT", path: "/api/segmentations/{id}", id: "update-segmentation", tag: "Segments", summary: "Change a partition; the revision must be the newest", access: manage, errors: []int{404, 409, 422}, serve: op((*Server).putSegmentation)},
		{method: "DELETE", path: "/api/segmentations/{id}", id: "delete-segmentation", tag: "Segments", summary: "Remove a partition that no campaign has; its segments stay", access: manage, errors: []int{404, 409}, serve: op((*Server).deleteSegmentation)},
		{method: "POST", path: "/api/segmentations/{id}/check", id: "check-segmentation", tag: "Segments", summary: "Look at every contact: how many each part has, overlaps and gaps with examples", access: look, timeout: 6 * time.Minute, errors: []int{404}, serve: op((*Server).postSegmentationCheck)},
		{method: "GET", path: "/api/campaigns/{id}/segments", id: "get-campaign-segments", tag: "Campaigns", summary: "Whom the campaign calls; empty: all contacts of its lists", access: look, errors: []int{404}, serve: op((*Server).campaignSegments)},
		{method: "PUT", path: "/api/campaigns/{id}/segments", id: "set-campaign-segments", tag: "Campaigns", summary: "Call contacts of some segments only; the revision must be the campaign's newest", access: manage, errors: []int{404, 409, 422}, serve: op((*Server).putCampaignSegments)},
	}
}

// FilterProblem is what is wrong with a filter.
type FilterProblem struct {
	filter.Error
	Message   string `json:"message" doc:"in English"`
	MessageZH string `json:"message_zh" doc:"in Chinese"`
}

// filterProblem is the answer to a filter that is wrong.
func filterProblem(err *filter.Error) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, "invalid_filter", "the filter is not valid: "+err.Error())
	p.Errors = []*huma.ErrorDetail{{Location: "body.filter", Message: err.Error(), Value: FilterProblem{*err, err.Error(), err.Message("zh-CN")}}}
	return p
}

// inUse says who needs what was to go or to change.
func inUse(err error) *Problem {
	text := err.Error()
	return newProblem(http.StatusConflict, "in_use", text[max(0, strings.Index(text, lists.ErrInUse.Error())):])
}

type filterFieldsInput struct {
	Lists []string `query:"list_ids" maxItems:"200" doc:"lists that are asked, separated by commas; none: all"`
}

func (s *Server) filterFields(ctx context.Context, in *filterFieldsInput) (*body[page[filter.Field]], error) {
	ids := make([]uuid.UUID, len(in.Lists))
	for i, text := range in.Lists {
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, invalid("query.list_ids", "must be UUIDs")
		}
		ids[i] = id
	}
	schema, err := s.opts.Store.FilterSchema(ctx, ids)
	if err != nil {
		return nil, err
	}
	return items(schema.Fields()), nil
}

// FilterForm is a filter as text or as a form; the text counts when both are there.
type FilterForm struct {
	Filter string       `json:"filter,omitempty" maxLength:"10000" doc:"as text, like: age >= 30 and city in (\"Shanghai\", \"北京\")"`
	Form   *filter.Node `json:"form,omitempty" doc:"the same as a tree of conditions, for forms"`
}

// text is the canonical text.
func (f FilterForm) text(schema *filter.Schema) (*filter.Filter, error) {
	if f.Form != nil && strings.TrimSpace(f.Filter) == "" {
		return filter.FromNode(*f.Form, schema)
	}
	return filter.Parse(f.Filter, schema)
}

type filterCheckInput struct {
	Body struct {
		FilterForm
		ListIDs []uuid.UUID `json:"list_ids,omitempty" maxItems:"200" doc:"none: all lists"`
		Zone    string      `json:"zone,omitempty" maxLength:"60" doc:"in which days begin; default UTC"`
		Count   bool        `json:"count,omitempty" doc:"count the contacts that fit, too"`
	}
}

// FilterChecked is a filter that was read.
type FilterChecked struct {
	Valid   bool                `json:"valid"`
	Text    string              `json:"text,omitempty" doc:"canonical"`
	Form    *filter.Node        `json:"form,omitempty"`
	Problem *FilterProblem      `json:"problem,omitempty"`
	Count   *lists.SegmentCount `json:"count,omitempty"`
}

func (s *Server) postFilterCheck(ctx context.Context, in *filterCheckInput) (*body[FilterChecked], error) {
	schema, err := s.opts.Store.FilterSchema(ctx, in.Body.ListIDs)
	if err != nil {
		return nil, err
	}
	f, err := in.Body.text(schema)
	var wrong *filter.Error
	if errors.As(err, &wrong) {
		return &body[FilterChecked]{FilterChecked{Problem: &FilterProblem{*wrong, wrong.Error(), wrong.Message("zh-CN")}}}, nil
	}
	if err != nil {
		return nil, err
	}
	n := f.Node()
	out := FilterChecked{Valid: true, Text: f.Text(), Form: &n}
	if in.Body.Count {
		zone := in.Body.Zone
		if zone == "" {
			zone = "UTC"
		}
		c, err := s.opts.Store.CountFilter(ctx, f, schema, in.Body.ListIDs, zone)
		if err != nil {
			return nil, err
		}
		out.Count = &c
	}
	return &body[FilterChecked]{out}, nil
}

// ShownSegment is a segment with its filter as a form.
type ShownSegment struct {
	lists.Segment
	Form *filter.Node `json:"form,omitempty" doc:"the filter as a tree; missing when a list has lost a field that it names"`
}

func (s *Server) shownSegment(ctx context.Context, g lists.Segment) (*body[ShownSegment], error) {
	out := ShownSegment{Segment: g}
	f, _, err := s.opts.Store.ParseFilter(ctx, g.Filter, g.ListIDs)
	var wrong *filter.Error
	switch {
	case err == nil:
		n := f.Node()
		out.Form = &n
	case !errors.As(err, &wrong):
		return nil, err
	}
	return &body[ShownSegment]{out}, nil
}

func (s *Server) segments(ctx context.Context, _ *struct{}) (*body[page[lists.Segment]], error) {
	all, err := s.opts.Store.Segments(ctx)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

func (s *Server) segment(ctx context.Context, in *ByID) (*body[ShownSegment], error) {
	g, err := s.opts.Store.Segment(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return s.shownSegment(ctx, g)
}

// SegmentForm is what a person says of a segment.
type SegmentForm struct {
	Name string `json:"name" minLength:"1" maxLength:"120"`
	FilterForm
	ListIDs []uuid.UUID `json:"list_ids,omitempty" maxItems:"200" doc:"none: all lists"`
	Zone    string      `json:"zone,omitempty" maxLength:"60" doc:"IANA zone in which the days of relative dates begin; default UTC"`
}

func (s *Server) formed(ctx context.Context, f SegmentForm) (lists.Segment, error) {
	schema, err := s.opts.Store.FilterSchema(ctx, f.ListIDs)
	if err != nil {
		return lists.Segment{}, err
	}
	read, err := f.text(schema)
	if err != nil {
		return lists.Segment{}, err
	}
	return lists.Segment{Name: f.Name, Filter: read.Text(), ListIDs: f.ListIDs, Zone: f.Zone}, nil
}

type newSegmentInput struct{ Body SegmentForm }

func (s *Server) postSegment(ctx context.Context, in *newSegmentInput) (*body[ShownSegment], error) {
	g, err := s.formed(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	g.ID, g.CreatedBy = lists.NewID(), actorOf(ctx)
	if err := s.audit(ctx, "segment.create", "segment", g.ID.String(), map[string]any{"name": g.Name, "filter": g.Filter}); err != nil {
		return nil, err
	}
	if g, err = s.opts.Store.CreateSegment(ctx, g); err != nil {
		return nil, err
	}
	return s.shownSegment(ctx, g)
}

type segmentInput struct {
	ByID
	Body struct {
		SegmentForm
		Revision int `json:"revision" minimum:"1"`
	}
}

func (s *Server) putSegment(ctx context.Context, in *segmentInput) (*body[ShownSegment], error) {
	g, err := s.formed(ctx, in.Body.SegmentForm)
	if err != nil {
		return nil, err
	}
	g.ID, g.Revision = in.ID, in.Body.Revision
	if err := s.audit(ctx, "segment.update", "segment", g.ID.String(), map[string]any{"name": g.Name, "filter": g.Filter}); err != nil {
		return nil, err
	}
	if g, err = s.opts.Store.UpdateSegment(ctx, g); err != nil {
		return nil, err
	}
	return s.shownSegment(ctx, g)
}

func (s *Server) deleteSegment(ctx context.Context, in *ByID) (*struct{}, error) {
	if err := s.audit(ctx, "segment.delete", "segment", in.ID.String(), nil); err != nil {
		return nil, err
	}
	return nil, s.opts.Store.DeleteSegment(ctx, in.ID)
}

type countInput struct {
	ByID
	MaxAge int  `query:"max_age" minimum:"0" maximum:"86400" default:"60" doc:"seconds that the last count may be old"`
	Exact  bool `query:"exact" doc:"count one by one, whatever the size; may take minutes"`
}

func (s *Server) segmentCount(ctx context.Context, in *countInput) (*body[lists.SegmentCount], error) {
	n, err := s.opts.Store.CountSegment(ctx, in.ID, time.Duration(in.MaxAge)*time.Second, in.Exact)
	if err != nil {
		return nil, err
	}
	return &body[lists.SegmentCount]{n}, nil
}

func (s *Server) segmentations(ctx context.Context, _ *struct{}) (*body[page[lists.Segmentation]], error) {
	all, err := s.opts.Store.Segmentations(ctx)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

func (s *Server) segmentation(ctx context.Context, in *ByID) (*body[lists.Segmentation], error) {
	n, err := s.opts.Store.Segmentation(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[lists.Segmentation]{n}, nil
}

// SegmentationForm is what a person says of a partition.
type SegmentationForm struct {
	Name       string      `json:"name" minLength:"1" maxLength:"120"`
	SegmentIDs []uuid.UUID `json:"segment_ids" minItems:"1" maxItems:"20" doc:"in their order"`
	ListIDs    []uuid.UUID `json:"list_ids,omitempty" maxItems:"200" doc:"none: all lists"`
	Ordered    bool        `json:"ordered,omitempty" doc:"overlaps are meant: the first segment that fits has the contact"`
}

func (f SegmentationForm) segmentation() lists.Segmentation {
	return lists.Segmentation{Name: f.Name, SegmentIDs: f.SegmentIDs, ListIDs: f.ListIDs, Ordered: f.Ordered}
}

type newSegmentationInput struct{ Body SegmentationForm }

func (s *Server) postSegmentation(ctx context.Context, in *newSegmentationInput) (*body[lists.Segmentation], error) {
	n := in.Body.segmentation()
	n.ID, n.CreatedBy = lists.NewID(), actorOf(ctx)
	if err := s.audit(ctx, "segmentation.create", "segmentation", n.ID.String(), map[string]any{"name": n.Name}); err != nil {
		return nil, err
	}
	n, err := s.opts.Store.CreateSegmentation(ctx, n)
	if err != nil {
		return nil, err
	}
	return &body[lists.Segmentation]{n}, nil
}

type segmentationInput struct {
	ByID
	Body struct {
		SegmentationForm
		Revision int `json:"revision" minimum:"1"`
	}
}

func (s *Server) putSegmentation(ctx context.Context, in *segmentationInput) (*body[lists.Segmentation], error) {
	n := in.Body.segmentation()
	n.ID, n.Revision = in.ID, in.Body.Revision
	if err := s.audit(ctx, "segmentation.update", "segmentation", n.ID.String(), map[string]any{"name": n.Name}); err != nil {
		return nil, err
	}
	n, err := s.opts.Store.UpdateSegmentation(ctx, n)
	if err != nil {
		return nil, err
	}
	return &body[lists.Segmentation]{n}, nil
}

func (s *Server) deleteSegmentation(ctx context.Context, in *ByID) (*struct{}, error) {
	if err := s.audit(ctx, "segmentation.delete", "segmentation", in.ID.String(), nil); err != nil {
		return nil, err
	}
	return nil, s.opts.Store.DeleteSegmentation(ctx, in.ID)
}

func (s *Server) postSegmentationCheck(ctx context.Context, in *ByID) (*body[lists.SegmentationCheck], error) {
	c, err := s.opts.Store.CheckSegmentation(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[lists.SegmentationCheck]{c}, nil
}

// CampaignSegments is whom a campaign calls.
type CampaignSegments struct {
	Segments []lists.SegmentRef `json:"segments" nullable:"false" maxItems:"20" doc:"contacts of any of these; empty: all contacts of the campaign's lists"`
	Revision int                `json:"revision" minimum:"1" doc:"of the campaign"`
}

func (s *Server) campaignSegments(ctx context.Context, in *ByID) (*body[CampaignSegments], error) {
	c, err := s.opts.Store.Campaign(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	refs, err := s.opts.Store.CampaignSegments(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[CampaignSegments]{CampaignSegments{refs, c.Revision}}, nil
}

type campaignSegmentsInput struct {
	ByID
	Body CampaignSegments
}

func (s *Server) putCampaignSegments(ctx context.Context, in *campaignSegmentsInput) (*body[CampaignSegments], error) {
	if err := s.audit(ctx, "campaign.segments", "campaign", in.ID.String(), map[string]any{"segments": in.Body.Segments}); err != nil {
		return nil, err
	}
	if _, err := s.opts.Store.SetCampaignSegments(ctx, in.ID, in.Body.Revision, in.Body.Segments); err != nil {
		return nil, err
	}
	s.opts.Engine.Wake(in.ID)
	return s.campaignSegments(ctx, &in.ByID)
}
