package api

import (
	"context"
	"strconv"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

func (s *Server) lists(ctx context.Context, _ *struct{}) (*body[page[lists.List]], error) {
	all, err := s.opts.Store.Lists(ctx)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

type newListInput struct {
	Body struct {
		Name   string `json:"name" minLength:"1" maxLength:"120"`
		Region string `json:"region" pattern:"^[A-Za-z]{2}$" doc:"ISO 3166 code: default country of numbers without a country code"`
	}
}

func (s *Server) postList(ctx context.Context, in *newListInput) (*body[lists.List], error) {
	l, err := s.opts.Store.CreateList(ctx, lists.List{Name: in.Body.Name, Region: in.Body.Region, CreatedBy: actorOf(ctx)})
	if err != nil {
		return nil, err
	}
	return &body[lists.List]{l}, nil
}

func (s *Server) list(ctx context.Context, in *ByID) (*body[lists.List], error) {
	l, err := s.opts.Store.List(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[lists.List]{l}, nil
}

// listRegion is the list's default country; an unknown list is lists.ErrNotFound.
func (s *Server) listRegion(ctx context.Context, id uuid.UUID) (string, error) {
	l, err := s.opts.Store.List(ctx, id)
	return l.Region, err
}

type contactsInput struct {
	ByID
	After string `query:"after" pattern:"^[0-9]{0,18}$" doc:"next of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
	Query string `query:"q" maxLength:"100" doc:"part of the name, or the beginning of the number"`
}

type contactsPage struct {
	Items []lists.Contact `json:"items" nullable:"false"`
	Next  string          `json:"next" doc:"after of the next page; empty: this is the last one"`
}

func (s *Server) contacts(ctx context.Context, in *contactsInput) (*body[contactsPage], error) {
	if _, err := s.opts.Store.List(ctx, in.ID); err != nil {
		return nil, err
	}
	var after int64
	if in.After != "" {
		n, err := strconv.ParseInt(in.After, 10, 64)
		if err != nil {
			return nil, invalid("query.after", "must be the next of a page before")
		}
		after = n
	}
	found, err := s.opts.Store.Contacts(ctx, in.ID, after, in.Limit, in.Query)
	if err != nil {
		return nil, err
	}
	p := contactsPage{Items: items(found).Body.Items}
	if len(found) == in.Limit {
		p.Next = strconv.FormatInt(found[len(found)-1].Seq, 10)
	}
	return &body[contactsPage]{p}, nil
}

func (s *Server) listImports(ctx context.Context, in *ByID) (*body[page[lists.Import]], error) {
	if _, err := s.opts.Store.List(ctx, in.ID); err != nil {
		return nil, err
	}
	all, err := s.opts.Store.Imports(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

func (s *Server) getImport(ctx context.Context, in *ByID) (*body[lists.Import], error) {
	i, err := s.opts.Store.Import(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[lists.Import]{i}, nil
}
