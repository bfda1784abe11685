package api

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

func progressRoutes() []route {
	look := only(ListManager, Supervisor)
	return []route{
		{method: "GET", path: "/api/lists/{id}/progress", id: "get-list-progress", tag: "Lists", summary: "Where a list stands in each of its campaigns: loaded = dialable + in flight + finished + excluded, with reasons", access: look, errors: []int{404}, serve: op((*Server).listProgress)},
		{method: "GET", path: "/api/list-progress", id: "list-list-progress", tag: "Lists", summary: "The same for all lists at once; the answer says how old it is", access: look, timeout: 30 * time.Second, serve: op((*Server).listsProgress)},
	}
}

func (s *Server) listProgress(ctx context.Context, in *ByID) (*body[lists.ListsProgress], error) {
	if _, err := s.opts.Store.List(ctx, in.ID); err != nil {
		return nil, err
	}
	p, err := s.opts.Store.ListsProgress(ctx, []uuid.UUID{in.ID})
	if err != nil {
		return nil, err
	}
	return &body[lists.ListsProgress]{p}, nil
}

func (s *Server) listsProgress(ctx context.Context, _ *struct{}) (*body[lists.ListsProgress], error) {
	p, err := s.progress.get(ctx, s.opts.Store)
	if err != nil {
		return nil, err
	}
	return &body[lists.ListsProgress]{p}, nil
}

const (
	progressAge   = 5 * time.Second // for which one count serves everybody who looks
	progressShare = 20              // a count is followed by a rest of so many times its length
)

// progress counts where all lists stand, for all people who look at the same time. However many contacts there are, it takes
// no more than a twentieth of one connection.
type progress struct {
	mu    sync.Mutex // held while counting: one count at a time
	until time.Time
	last  lists.ListsProgress
}

func (p *progress) get(ctx context.Context, store *lists.Store) (lists.ListsProgress, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	began := time.Now()
	if began.Before(p.until) {
		return p.last, nil
	}
	got, err := store.ListsProgress(ctx, nil)
	if err != nil {
		return lists.ListsProgress{}, err
	}
	p.last, p.until = got, time.Now().Add(max(progressAge, progressShare*time.Since(began)))
	return got, nil
}
