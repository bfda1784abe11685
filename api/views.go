package api

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

func viewRoutes() []route {
	see := only(Supervisor)
	const size = 32 << 10
	return []route{
		{method: "GET", path: "/api/views", id: "list-views", tag: "Supervision", summary: "My views of the board, and those that others share", access: see, serve: op((*Server).views)},
		{method: "POST", path: "/api/views", id: "create-view", tag: "Supervision", summary: "Keep a view of the board", access: see, body: size, status: 201, errors: []int{409, 422}, serve: op((*Server).postView)},
		{method: "PUT", path: "/api/views/{id}", id: "update-view", tag: "Supervision", summary: "Change a view of mine; the revision must be the newest", access: see, body: size, errors: []int{404, 409, 422}, serve: op((*Server).putView)},
		{method: "DELETE", path: "/api/views/{id}", id: "delete-view", tag: "Supervision", summary: "Delete a view of mine", access: see, errors: []int{404}, serve: op((*Server).deleteView)},
	}
}

func (s *Server) views(ctx context.Context, _ *struct{}) (*body[page[lists.BoardView]], error) {
	all, err := s.opts.Store.BoardViews(ctx, userOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

// ViewDraft is a view of the board as its owner wants it.
type ViewDraft struct {
	Name   string         `json:"name" minLength:"1" maxLength:"60"`
	Shared bool           `json:"shared"`
	Body   map[string]any `json:"body" doc:"columns, filters, order and thresholds, as the page has them"`
}

func (d ViewDraft) of(ctx context.Context, id uuid.UUID, revision int) (lists.BoardView, error) {
	raw, err := json.Marshal(d.Body)
	return lists.BoardView{ID: id, Owner: userOf(ctx).ID, Name: d.Name, Shared: d.Shared, Body: raw, Revision: revision}, err
}

type newViewInput struct{ Body ViewDraft }

func (s *Server) postView(ctx context.Context, in *newViewInput) (*body[lists.BoardView], error) {
	v, err := in.Body.of(ctx, uuid.Nil, 0)
	if err == nil {
		v, err = s.opts.Store.CreateBoardView(ctx, v)
	}
	if err != nil {
		return nil, err
	}
	return &body[lists.BoardView]{v}, nil
}

type viewInput struct {
	ByID
	Body struct {
		ViewDraft
		Revision int `json:"revision" minimum:"1"`
	}
}

func (s *Server) putView(ctx context.Context, in *viewInput) (*body[lists.BoardView], error) {
	v, err := in.Body.of(ctx, in.ID, in.Body.Revision)
	if err == nil {
		v, err = s.opts.Store.UpdateBoardView(ctx, v)
	}
	if err != nil {
		return nil, err
	}
	return &body[lists.BoardView]{v}, nil
}

func (s *Server) deleteView(ctx context.Context, in *ByID) (*struct{}, error) {
	return nil, s.opts.Store.DeleteBoardView(ctx, userOf(ctx).ID, in.ID)
}
