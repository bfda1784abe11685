package api

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

func listOpRoutes() []route {
	manage := only(ListManager)
	look := only(ListManager, Supervisor)
	return []route{
		{method: "GET", path: "/api/contacts", id: "search-contacts", tag: "Contacts", summary: "Find contacts by number, name, key or field=value, in all lists or in one", access: look, errors: []int{422}, serve: op((*Server).searchContacts)},
		{method: "PUT", path: "/api/contacts/{id}/tags", id: "set-contact-tags", tag: "Contacts", summary: "Make the tags of a contact these", access: manage, errors: []int{404, 422}, serve: op((*Server).putTags)},
		{method: "PUT", path: "/api/lists/{id}", id: "update-list", tag: "Lists", summary: "Rename a list; the revision must be the newest", access: manage, errors: []int{404, 409}, serve: op((*Server).putList)},
		{method: "POST", path: "/api/lists/{id}/archive", id: "archive-list", tag: "Lists", summary: "Put a list away with its history, or take it back", access: manage, errors: []int{404, 409}, serve: op((*Server).postArchive)},
		{method: "POST", path: "/api/lists/{id}/split", id: "split-list", tag: "Lists", summary: "Move contacts of a list to new lists, by filters, shares or counts, while campaigns run", access: manage, body: 1 << 20, status: 202, errors: []int{404, 409, 422}, serve: op((*Server).postSplit)},
		{method: "POST", path: "/api/lists/{id}/merge", id: "merge-lists", tag: "Lists", summary: "Move contacts of other lists into this one, while campaigns run", access: manage, status: 202, errors: []int{404, 409, 422}, serve: op((*Server).postMerge)},
		{method: "POST", path: "/api/lists/{id}/copy", id: "copy-list", tag: "Lists", summary: "Add copies of another list's contacts to this one", access: manage, status: 202, errors: []int{404, 409, 422}, serve: op((*Server).postCopy)},
		{method: "POST", path: "/api/lists/{id}/tags", id: "tag-contacts", tag: "Lists", summary: "Give contacts of a list tags and take tags from them", access: manage, status: 202, errors: []int{404, 422}, serve: op((*Server).postTags)},
		{method: "POST", path: "/api/campaigns/{id}/lists/{list_id}/reset", id: "reset-list", tag: "Campaigns", summary: "Begin anew with contacts that the campaign has finished or excluded; their history stays", access: manage, status: 202, errors: []int{404, 409, 422}, serve: op((*Server).postReset)},
		{method: "GET", path: "/api/lists/{id}/export", id: "export-list", tag: "Lists", summary: "Contacts of a list as CSV or XLSX; leaves an audit row first", access: manage, timeout: -1, errors: []int{404, 422}, serve: raw((*Server).exportList, documentExport)},
		{method: "GET", path: "/api/list-jobs", id: "list-list-jobs", tag: "Lists", summary: "Work on lists in the background, newest first", access: look, serve: op((*Server).listJobs)},
		{method: "GET", path: "/api/list-jobs/{id}", id: "get-list-job", tag: "Lists", summary: "How far the work is", access: look, errors: []int{404}, serve: op((*Server).listJob)},
		{method: "DELETE", path: "/api/list-jobs/{id}", id: "cancel-list-job", tag: "Lists", summary: "End work on lists; what is done stays done", access: manage, errors: []int{404}, serve: op((*Server).deleteListJob)},
	}
}

type searchInput struct {
	Query  string    `query:"q" maxLength:"100" doc:"a number in any writing (its beginning, or its last four digits or more), words of a name, the customer's key, or field=value"`
	Field  string    `query:"field" maxLength:"100" doc:"name of a field, with value; instead of q"`
	Value  string    `query:"value" maxLength:"100"`
	ListID uuid.UUID `query:"list_id" format:"uuid" doc:"only this list"`
	Limit  int       `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

func (s *Server) searchContacts(ctx context.Context, in *searchInput) (*body[lists.SearchResult], error) {
	found, err := s.opts.Store.Search(ctx, lists.SearchQuery{Text: in.Query, Field: in.Field, Value: in.Value, List: in.ListID, Limit: in.Limit})
	var wrong *lists.InputError
	if errors.As(err, &wrong) {
		return nil, invalid("query."+wrong.Field, wrong.Reason)
	}
	if err != nil {
		return nil, err
	}
	return &body[lists.SearchResult]{found}, nil
}

type tagsInput struct {
	ByID
	Body struct {
		Tags []string `json:"tags" maxItems:"20" doc:"each of 1 to 40 characters"`
	}
}

func (s *Server) putTags(ctx context.Context, in *tagsInput) (*struct{}, error) {
	if err := s.audit(ctx, "contact.tags", "contact", in.ID.String(), map[string]any{"tags": in.Body.Tags}); err != nil {
		return nil, err
	}
	return nil, s.opts.Store.SetTags(ctx, in.ID, in.Body.Tags)
}

type listInput struct {
	ByID
	Body struct {
		Name     string `json:"name" minLength:"1" maxLength:"120"`
		Revision int    `json:"revision" minimum:"1"`
	}
}

func (s *Server) putList(ctx context.Context, in *listInput) (*body[lists.List], error) {
	if err := s.audit(ctx, "list.rename", "list", in.ID.String(), map[string]any{"name": in.Body.Name}); err != nil {
		return nil, err
	}
	l, err := s.opts.Store.RenameList(ctx, in.ID, in.Body.Revision, in.Body.Name)
	if err != nil {
		return nil, err
	}
	return &body[lists.List]{l}, nil
}

type archiveInput struct {
	ByID
	Body struct {
		Archived bool `json:"archived"`
		Revision int  `json:"revision" minimum:"1"`
	}
}

func (s *Server) postArchive(ctx context.Context, in *archiveInput) (*body[lists.List], error) {
	if err := s.audit(ctx, "list.archive", "list", in.ID.String(), map[string]any{"archived": in.Body.Archived}); err != nil {
		return nil, err
	}
	l, err := s.opts.Store.ArchiveList(ctx, in.ID, in.Body.Revision, in.Body.Archived)
	if err != nil {
		return nil, err
	}
	return &body[lists.List]{l}, nil
}

// started writes the audit row of a list operation before it begins.
func (s *Server) started(ctx context.Context, action, list string, detail any, begin func() (lists.ListJob, error)) (*body[lists.ListJob], error) {
	if err := s.audit(ctx, action, "list", list, map[string]any{"asked": detail}); err != nil {
		return nil, err
	}
	j, err := begin()
	if err != nil {
		return nil, err
	}
	s.listWork.wake()
	return &body[lists.ListJob]{j}, nil
}

type splitInput struct {
	ByID
	Body lists.Split
}

func (s *Server) postSplit(ctx context.Context, in *splitInput) (*body[lists.ListJob], error) {
	return s.started(ctx, "list.split", in.ID.String(), in.Body, func() (lists.ListJob, error) {
		return s.opts.Store.SplitList(ctx, in.ID, actorOf(ctx), in.Body)
	})
}

type mergeInput struct {
	ByID
	Body lists.Merge
}

func (s *Server) postMerge(ctx context.Context, in *mergeInput) (*body[lists.ListJob], error) {
	return s.started(ctx, "list.merge", in.ID.String(), in.Body, func() (lists.ListJob, error) {
		return s.opts.Store.MergeLists(ctx, in.ID, actorOf(ctx), in.Body)
	})
}

type copyInput struct {
	ByID
	Body lists.Copy
}

func (s *Server) postCopy(ctx context.Context, in *copyInput) (*body[lists.ListJob], error) {
	return s.started(ctx, "list.copy", in.ID.String(), in.Body, func() (lists.ListJob, error) {
		return s.opts.Store.CopyContacts(ctx, in.ID, actorOf(ctx), in.Body)
	})
}

type taggingInput struct {
	ByID
	Body lists.Tagging
}

func (s *Server) postTags(ctx context.Context, in *taggingInput) (*body[lists.ListJob], error) {
	return s.started(ctx, "list.tag", in.ID.String(), in.Body, func() (lists.ListJob, error) {
		return s.opts.Store.TagContacts(ctx, in.ID, actorOf(ctx), in.Body)
	})
}

type resetInput struct {
	ByID
	ListID uuid.UUID `path:"list_id" format:"uuid"`
	Body   lists.Reset
}

func (s *Server) postReset(ctx context.Context, in *resetInput) (*body[lists.ListJob], error) {
	out, err := s.started(ctx, "list.reset", in.ListID.String(), map[string]any{"campaign": in.ID, "reasons": in.Body.Reasons}, func() (lists.ListJob, error) {
		return s.opts.Store.ResetList(ctx, in.ID, in.ListID, actorOf(ctx), in.Body)
	})
	if err == nil {
		s.opts.Engine.Wake(in.ID)
	}
	return out, err
}

type listJobsInput struct {
	ListID uuid.UUID `query:"list_id" format:"uuid" doc:"only work on or into this list"`
	Limit  int       `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

func (s *Server) listJobs(ctx context.Context, in *listJobsInput) (*body[page[lists.ListJob]], error) {
	all, err := s.opts.Store.ListJobs(ctx, in.ListID, in.Limit)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

func (s *Server) listJob(ctx context.Context, in *ByID) (*body[lists.ListJob], error) {
	j, err := s.opts.Store.ListJob(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[lists.ListJob]{j}, nil
}

func (s *Server) deleteListJob(ctx context.Context, in *ByID) (*struct{}, error) {
	if err := s.audit(ctx, "list_job.cancel", "list_job", in.ID.String(), nil); err != nil {
		return nil, err
	}
	return nil, s.opts.Store.CancelListJob(ctx, in.ID)
}

// listWork does the work on lists and fills contacts into the search, in the background.
type listWork struct {
	s    *Server
	bell chan struct{}
}

func newListWork(s *Server) *listWork { return &listWork{s: s, bell: make(chan struct{}, 1)} }

// wake lets the work begin at once.
func (w *listWork) wake() {
	select {
	case w.bell <- struct{}{}:
	default:
	}
}

// listWorkEvery is the longest time until work is found that another process was given or left behind.
const listWorkEvery = 2 * time.Second

// jobs does list jobs one after another until ctx ends; what is not done then another process goes on with.
func (w *listWork) jobs(ctx context.Context) error {
	tick := time.NewTicker(listWorkEvery)
	defer tick.Stop()
	for {
		worked, err := w.s.opts.Store.WorkListJob(ctx)
		if err != nil && ctx.Err() == nil {
			w.s.opts.Log.Warn("work on a list was interrupted, it will go on", "err", err)
		}
		if worked && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.bell:
		case <-tick.C:
		}
	}
}

// indexEvery is the time after which a new contact is found by its name at the latest, when no load is under way.
const indexEvery = time.Second

// index fills contacts into the search until ctx ends, and leaves the database time for others.
func (w *listWork) index(ctx context.Context) error {
	return every(ctx, indexEvery, func() {
		for ctx.Err() == nil {
			n, err := w.s.opts.Store.IndexContacts(ctx)
			if err != nil && ctx.Err() == nil {
				w.s.opts.Log.Warn("contacts not filled into the search, will be tried again", "err", err)
			}
			if n == 0 || err != nil {
				return
			}
		}
	})
}
