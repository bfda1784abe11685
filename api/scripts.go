package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent/script"
	"github.com/dialtide/dialtide/lists"
)

func scriptRoutes() []route {
	reads, writes := only(ListManager, Supervisor), only(ListManager)
	return []route{
		{method: "GET", path: "/api/scripts", id: "list-scripts", tag: "Scripts", summary: "Newest version of every script", access: reads, serve: op((*Server).scripts)},
		{method: "POST", path: "/api/scripts", id: "create-script", tag: "Scripts", summary: "Publish a script, or a new version of one, without a draft", access: writes, body: 1 << 20, status: 201, serve: op((*Server).postScript)},
		{method: "GET", path: "/api/scripts/{id}/versions/{version}", id: "get-script", tag: "Scripts", summary: "One version of a script", access: signedIn(), errors: []int{404}, serve: op((*Server).script)},
		{method: "GET", path: "/api/scripts/{id}/versions/{version}/file", id: "get-script-file", tag: "Scripts", summary: "One version of a script as a file, JSON or readable text", access: reads, errors: []int{404, 422}, serve: raw((*Server).scriptFile, documentScriptFile)},
		{method: "GET", path: "/api/script-library", id: "list-script-library", tag: "Scripts", summary: "Every script with its draft and the campaigns that use it", access: reads, serve: op((*Server).scriptLibrary)},
		{method: "POST", path: "/api/script-drafts", id: "create-script-draft", tag: "Scripts", summary: "Begin a new script as a draft", access: writes, body: 1 << 20, status: 201, serve: op((*Server).postScriptDraft)},
		{method: "GET", path: "/api/scripts/{id}", id: "get-script-head", tag: "Scripts", summary: "A script's draft and versions", access: reads, errors: []int{404}, serve: op((*Server).scriptHead)},
		{method: "PUT", path: "/api/scripts/{id}/draft", id: "put-script-draft", tag: "Scripts", summary: "Change a script's draft; the revision must be the newest, 0 begins one", access: writes, body: 1 << 20, errors: []int{404, 409}, serve: op((*Server).putScriptDraft)},
		{method: "DELETE", path: "/api/scripts/{id}/draft", id: "delete-script-draft", tag: "Scripts", summary: "Drop a script's draft", access: writes, serve: op((*Server).deleteScriptDraft)},
		{method: "POST", path: "/api/scripts/{id}/publish", id: "publish-script", tag: "Scripts", summary: "Make the draft the next version, for campaigns to use from now on; running calls keep theirs", access: writes, errors: []int{404, 409}, serve: op((*Server).publishScript)},
		{method: "POST", path: "/api/scripts/{id}/rollback", id: "roll-script-back", tag: "Scripts", summary: "Let campaigns use an older version again", access: writes, errors: []int{404}, serve: op((*Server).rollBackScript)},
		{method: "GET", path: "/api/scripts/{id}/log", id: "list-script-log", tag: "Scripts", summary: "What was published and rolled back, newest first", access: reads, serve: op((*Server).scriptLog)},
		{method: "POST", path: "/api/scripts/check", id: "check-script", tag: "Scripts", summary: "What is wrong with a script; converts between JSON and readable text", access: reads, body: 1 << 20, serve: op((*Server).checkScript)},
		{method: "POST", path: "/api/scripts/play", id: "play-script", tag: "Scripts", summary: "Play a script without a call: one step", access: reads, body: 1 << 20, serve: op((*Server).playScript)},
		{method: "GET", path: "/api/scripts/{id}/answers/export", id: "export-script-answers", tag: "Scripts", summary: "The answers to a script as a file, one row for each call", access: reads, timeout: -1, errors: []int{404, 422}, serve: raw((*Server).exportAnswers, documentAnswers)},
		{method: "GET", path: "/api/scripts/{id}/results", id: "get-script-results", tag: "Scripts", summary: "What was answered to each question, in sums", access: reads, timeout: time.Minute, errors: []int{404}, serve: op((*Server).scriptResults)},
		{method: "GET", path: "/api/scripts/{id}/dropoff", id: "get-script-dropoff", tag: "Scripts", summary: "Where calls end: by page, in the first 30 seconds, by way; versions, campaigns, lists, segments or hours compared", access: reads, serve: op((*Server).scriptDropoff)},
		{method: "GET", path: "/api/campaigns/{id}/script-tests", id: "list-script-tests", tag: "Scripts", summary: "Scripts compared on a campaign's contacts, with results and intervals", access: reads, errors: []int{404}, serve: op((*Server).scriptTests)},
		{method: "POST", path: "/api/campaigns/{id}/script-tests", id: "create-script-test", tag: "Scripts", summary: "Compare scripts on a campaign's contacts from now on", access: writes, status: 201, errors: []int{404, 409}, serve: op((*Server).postScriptTest)},
		{method: "POST", path: "/api/campaigns/{id}/script-tests/{test_id}/end", id: "end-script-test", tag: "Scripts", summary: "End a comparison; the campaign goes on with the winner, or with its own script", access: writes, errors: []int{404}, serve: op((*Server).endScriptTest)},
	}
}

func (s *Server) scripts(ctx context.Context, _ *struct{}) (*body[page[lists.Script]], error) {
	all, err := s.opts.Store.Scripts(ctx)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

type newScriptInput struct {
	Body struct {
		ID   *uuid.UUID      `json:"id,omitempty" format:"uuid" nullable:"true" doc:"of an existing script: this becomes its next version"`
		Name string          `json:"name" minLength:"1" maxLength:"120"`
		Body json.RawMessage `json:"body" doc:"start and steps, see package agent/script"`
	}
}

func (s *Server) postScript(ctx context.Context, in *newScriptInput) (*body[lists.Script], error) {
	if p := unsound("body.body", script.Validate(in.Body.Body)); p != nil {
		return nil, p
	}
	var id uuid.UUID
	if in.Body.ID != nil {
		id = *in.Body.ID
		if _, err := s.opts.Store.Script(ctx, id, 0); err != nil {
			return nil, err
		}
	}
	created, err := s.opts.Store.CreateScript(ctx, id, in.Body.Name, in.Body.Body)
	if err != nil {
		return nil, err
	}
	return &body[lists.Script]{created}, nil
}

// unsound tells what is wrong with a script, each fault at its place; nil: nothing.
func unsound(location string, problems []script.Fault) error {
	if len(problems) == 0 {
		return nil
	}
	p := newProblem(http.StatusUnprocessableEntity, "invalid_input", "the script is not sound: "+(&script.Error{Problems: problems}).Error())
	for _, x := range problems {
		at := location
		if x.Path != "" {
			at += "." + x.Path
		}
		p.Errors = append(p.Errors, &huma.ErrorDetail{Location: at, Message: x.Reason})
	}
	return p
}

type scriptInput struct {
	ByID
	Version int `path:"version" minimum:"1" maximum:"2147483647"`
}

// ScriptWhole is a version of a script with its document as the engine reads it.
type ScriptWhole struct {
	lists.Script
	Document *script.Document `json:"document" doc:"the body in form 2; null when it cannot be read"`
}

func (s *Server) script(ctx context.Context, in *scriptInput) (*body[ScriptWhole], error) {
	found, err := s.opts.Store.Script(ctx, in.ID, in.Version)
	if err != nil {
		return nil, err
	}
	out := ScriptWhole{Script: found}
	if doc, err := script.Read(found.Body); err == nil {
		out.Document = &doc
	}
	return &body[ScriptWhole]{out}, nil
}

func (s *Server) scriptLibrary(ctx context.Context, _ *struct{}) (*body[page[lists.ScriptHead]], error) {
	all, err := s.opts.Store.ScriptLibrary(ctx)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

// Draft is a script's draft with what is wrong with it.
type Draft struct {
	lists.ScriptDraft
	Problems []script.Fault `json:"problems" nullable:"false" doc:"why it cannot be published yet"`
}

func draftOf(d lists.ScriptDraft) *Draft {
	out := &Draft{ScriptDraft: d, Problems: script.Validate(d.Body)}
	if out.Problems == nil {
		out.Problems = []script.Fault{}
	}
	return out
}

// ScriptOverview is a script's draft and versions.
type ScriptOverview struct {
	ID       uuid.UUID             `json:"id"`
	Name     string                `json:"name"`
	Draft    *Draft                `json:"draft" doc:"null: there is none"`
	Versions []lists.ScriptVersion `json:"versions" nullable:"false" doc:"newest first"`
}

func (s *Server) scriptHead(ctx context.Context, in *ByID) (*body[ScriptOverview], error) {
	out := ScriptOverview{ID: in.ID}
	versions, err := s.opts.Store.ScriptVersions(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if out.Versions = versions; len(versions) > 0 {
		out.Name = versions[0].Name
	} else {
		out.Versions = []lists.ScriptVersion{}
	}
	draft, err := s.opts.Store.ScriptDraft(ctx, in.ID)
	switch {
	case errors.Is(err, lists.ErrNotFound) && len(versions) == 0:
		return nil, notFound("script")
	case errors.Is(err, lists.ErrNotFound):
	case err != nil:
		return nil, err
	default:
		out.Draft, out.Name = draftOf(draft), draft.Name
	}
	return &body[ScriptOverview]{out}, nil
}

type newDraftInput struct {
	Body struct {
		Name string          `json:"name" minLength:"1" maxLength:"120"`
		Body json.RawMessage `json:"body" doc:"the document; it need not be sound yet"`
	}
}

func (s *Server) postScriptDraft(ctx context.Context, in *newDraftInput) (*body[Draft], error) {
	d, err := s.opts.Store.SaveDraft(ctx, lists.ScriptDraft{Name: in.Body.Name, Body: in.Body.Body}, userOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	return &body[Draft]{*draftOf(d)}, nil
}

type draftInput struct {
	ByID
	Body struct {
		Name     string          `json:"name" minLength:"1" maxLength:"120"`
		Body     json.RawMessage `json:"body" doc:"the document; it need not be sound yet"`
		Revision int             `json:"revision" minimum:"0" doc:"the one that was read; 0: there is no draft yet"`
	}
}

func (s *Server) putScriptDraft(ctx context.Context, in *draftInput) (*body[Draft], error) {
	d, err := s.opts.Store.SaveDraft(ctx, lists.ScriptDraft{ScriptID: in.ID, Name: in.Body.Name, Body: in.Body.Body, Revision: in.Body.Revision}, userOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	return &body[Draft]{*draftOf(d)}, nil
}

func (s *Server) deleteScriptDraft(ctx context.Context, in *ByID) (*struct{}, error) {
	if err := s.audit(ctx, "script.draft.delete", "script", in.ID.String(), map[string]any{}); err != nil {
		return nil, err
	}
	return nil, s.opts.Store.DeleteDraft(ctx, in.ID)
}

// Release is a version and the campaigns that use it.
type Release struct {
	Version   int               `json:"version"`
	Campaigns []lists.ScriptUse `json:"campaigns" nullable:"false" doc:"that use it from now on"`
}

type publishInput struct {
	ByID
	Body struct {
		Revision  int          `json:"revision" minimum:"1" doc:"of the draft that was read"`
		Note      string       `json:"note,omitempty" maxLength:"500"`
		Campaigns *[]uuid.UUID `json:"campaign_ids,omitempty" nullable:"true" doc:"that use the version from now on; missing: all that use this script; empty: none"`
	}
}

func (s *Server) publishScript(ctx context.Context, in *publishInput) (*body[Release], error) {
	d, err := s.opts.Store.ScriptDraft(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if d.Revision != in.Body.Revision {
		return nil, lists.ErrStale
	}
	if p := unsound("body.body", script.Validate(d.Body)); p != nil {
		return nil, p
	}
	r := lists.ScriptRelease{Script: in.ID, Revision: in.Body.Revision, Note: in.Body.Note, Campaigns: chosen(in.Body.Campaigns), By: userOf(ctx).ID}
	if err := s.audit(ctx, "script.publish", "script", in.ID.String(), map[string]any{"revision": r.Revision, "campaigns": r.Campaigns, "note": r.Note}); err != nil {
		return nil, err
	}
	version, uses, err := s.opts.Store.PublishScript(ctx, r)
	if err != nil {
		return nil, err
	}
	s.wakeScriptUsers(uses)
	return &body[Release]{Release{version, uses}}, nil
}

func chosen(ids *[]uuid.UUID) []uuid.UUID {
	switch {
	case ids == nil:
		return nil
	case *ids == nil:
		return []uuid.UUID{}
	}
	return *ids
}

// wakeScriptUsers lets the dialer read its campaigns anew.
func (s *Server) wakeScriptUsers(uses []lists.ScriptUse) {
	for _, u := range uses {
		s.opts.Engine.Wake(u.ID)
	}
}

type rollbackInput struct {
	ByID
	Body struct {
		Version   int          `json:"version" minimum:"1" maximum:"2147483647"`
		Note      string       `json:"note,omitempty" maxLength:"500"`
		Campaigns *[]uuid.UUID `json:"campaign_ids,omitempty" nullable:"true" doc:"that use the version from now on; missing: all that use this script"`
	}
}

func (s *Server) rollBackScript(ctx context.Context, in *rollbackInput) (*body[Release], error) {
	r := lists.ScriptRelease{Script: in.ID, Version: in.Body.Version, Note: in.Body.Note, Campaigns: chosen(in.Body.Campaigns), By: userOf(ctx).ID}
	if err := s.audit(ctx, "script.rollback", "script", in.ID.String(), map[string]any{"version": r.Version, "campaigns": r.Campaigns, "note": r.Note}); err != nil {
		return nil, err
	}
	uses, err := s.opts.Store.RollBackScript(ctx, r)
	if err != nil {
		return nil, err
	}
	s.wakeScriptUsers(uses)
	return &body[Release]{Release{r.Version, uses}}, nil
}

func (s *Server) scriptLog(ctx context.Context, in *ByID) (*body[page[lists.ScriptAct]], error) {
	all, err := s.opts.Store.ScriptLog(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}
