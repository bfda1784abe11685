package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/importer"
)

func importRoutes() []route {
	return []route{
		{method: "POST", path: "/api/lists/{id}/imports/inspect", id: "inspect-import", tag: "Lists", summary: "Send a file of contacts and see how it would be read; nothing is loaded", access: only(ListManager), body: -1, timeout: -1, errors: []int{400, 404, 408, 413, 415, 422}, serve: raw((*Server).postInspect, documentInspect)},
		{method: "POST", path: "/api/imports/{id}/inspect", id: "reinspect-import", tag: "Lists", summary: "See how a file that was sent would be read by another plan", access: only(ListManager), body: 256 << 10, errors: []int{404, 409}, serve: op((*Server).postReinspect)},
		{method: "POST", path: "/api/imports/{id}/start", id: "start-import", tag: "Lists", summary: "Load a file that was inspected", access: only(ListManager), body: 256 << 10, status: 202, errors: []int{404, 409}, serve: op((*Server).postStart)},
		{method: "POST", path: "/api/imports/{id}/cancel", id: "cancel-import", tag: "Lists", summary: "Stop the loading of a file; what was loaded stays", access: only(ListManager), errors: []int{404}, serve: op((*Server).postCancel)},
		{method: "GET", path: "/api/import-templates", id: "list-import-templates", tag: "Lists", summary: "Ways to read files that were kept", access: only(ListManager), serve: op((*Server).templates)},
		{method: "POST", path: "/api/import-templates", id: "save-import-template", tag: "Lists", summary: "Keep a way to read files; one of the same name is replaced", access: only(ListManager), body: 256 << 10, status: 201, serve: op((*Server).postTemplate)},
		{method: "DELETE", path: "/api/import-templates/{id}", id: "delete-import-template", tag: "Lists", summary: "Forget a way to read files", access: only(ListManager), errors: []int{404}, serve: op((*Server).deleteTemplate)},
		{method: "GET", path: "/api/lists/{id}/fields", id: "list-list-fields", tag: "Lists", summary: "What the fields of a list's contacts mean", access: only(ListManager, Supervisor), errors: []int{404}, serve: op((*Server).listFields)},
		{method: "PUT", path: "/api/lists/{id}/fields", id: "put-list-fields", tag: "Lists", summary: "Say what the fields of a list's contacts mean", access: only(ListManager), body: 256 << 10, errors: []int{404}, serve: op((*Server).putListFields)},
		{method: "POST", path: "/api/lists/{id}/contacts", id: "upsert-contacts", tag: "Lists", summary: "Add contacts to a list or change those that are there, also while campaigns run", access: only(ListManager), body: 8 << 20, timeout: 30 * time.Second, errors: []int{404}, serve: op((*Server).postContacts)},
		{method: "POST", path: "/api/lists/{id}/contacts/remove", id: "remove-contacts", tag: "Lists", summary: "Take contacts out of a list; those in a call stay", access: only(ListManager), body: 1 << 20, timeout: 30 * time.Second, errors: []int{404}, serve: op((*Server).postRemove)},
		{method: "POST", path: "/api/lists/{id}/near-duplicates", id: "find-near-duplicates", tag: "Lists", summary: "Look for contacts that may be one person", access: only(ListManager), timeout: 2 * time.Minute, errors: []int{404}, serve: op((*Server).postNearDuplicates)},
		{method: "GET", path: "/api/lists/{id}/near-duplicates", id: "list-near-duplicates", tag: "Lists", summary: "Contacts that may be one person, surest first", access: only(ListManager), errors: []int{404}, serve: op((*Server).nearDuplicates)},
		{method: "POST", path: "/api/near-duplicates/{id}", id: "decide-near-duplicate", tag: "Lists", summary: "Merge two contacts that are one person, or say that they are two", access: only(ListManager), errors: []int{404, 409}, serve: op((*Server).postNearDuplicate)},
	}
}

// Inspected is a file that has come in, and what it looks like.
type Inspected struct {
	Import     lists.Import        `json:"import"`
	Inspection importer.Inspection `json:"inspection"`
}

// fileProblem is what is wrong with a file, in words for who sent it.
func fileProblem(err error) error {
	var f *importer.FileError
	if errors.As(err, &f) {
		p := newProblem(http.StatusUnprocessableEntity, f.Code, f.Message)
		return p
	}
	return err
}

// inspectNew looks at an upload and keeps it.
func (m *imports) inspectNew(ctx context.Context, u upload) (Inspected, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), defaultTimeout)
	defer cancel()
	out, err := m.inspect(ctx, u.path, u.plan, u.region)
	if err != nil {
		return Inspected{}, err
	}
	u.row.State, u.row.KeptBy, u.row.Plan = lists.ImportReady, m.keeper, nil
	row, err := m.store.CreateImport(ctx, u.row)
	return Inspected{row, out}, err
}

// inspect looks at a file. Without a plan's columns, the template that fits the file is taken.
func (m *imports) inspect(ctx context.Context, path string, plan importer.Plan, region string) (out importer.Inspection, err error) {
	defer func() {
		if p := recover(); p != nil { // a file must not take the request's log with it
			err = fmt.Errorf("panic while looking at a file: %v", p)
		}
	}()
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return out, newProblem(http.StatusConflict, "file_elsewhere", "the file is kept by another server: ask that one, or send the file again")
	}
	if err != nil {
		return out, fmt.Errorf("open the uploaded file: %w", err)
	}
	defer func() { _ = file.Close() }()
	if out, err = importer.Inspect(file, plan, region); err != nil || len(plan.Columns) > 0 {
		return out, fileProblem(err)
	}
	name, fitting, err := m.fitting(ctx, out)
	if err != nil || name == "" {
		return out, err
	}
	if _, err := file.Seek(0, 0); err != nil {
		return out, fmt.Errorf("read the uploaded file: %w", err)
	}
	fitting.Encoding, fitting.Delimiter, fitting.Sheet = plan.Encoding, plan.Delimiter, plan.Sheet
	if better, err := importer.Inspect(file, fitting, region); err == nil {
		better.Template = name
		return better, nil
	}
	return out, nil
}

// fitting finds a template whose columns are those of the file.
func (m *imports) fitting(ctx context.Context, out importer.Inspection) (string, importer.Plan, error) {
	all, err := m.store.ImportTemplates(ctx)
	if err != nil {
		return "", importer.Plan{}, err
	}
	for _, t := range all {
		var plan importer.Plan
		if json.Unmarshal(t.Plan, &plan) == nil && plan.Fits(out) {
			return t.Name, plan, nil
		}
	}
	return "", importer.Plan{}, nil
}

type reinspectInput struct {
	ByID
	Body importer.Plan
}

func (s *Server) postReinspect(ctx context.Context, in *reinspectInput) (*body[Inspected], error) {
	row, err := s.readyImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	region, err := s.listRegion(ctx, row.ListID)
	if err != nil {
		return nil, err
	}
	out, err := s.imports.inspect(ctx, s.imports.path(row.ID), in.Body, region)
	if err != nil {
		return nil, err
	}
	return &body[Inspected]{Inspected{row, out}}, nil
}

func (s *Server) readyImport(ctx context.Context, id uuid.UUID) (lists.Import, error) {
	row, err := s.opts.Store.Import(ctx, id)
	if err == nil && row.State != lists.ImportReady {
		err = newProblem(http.StatusConflict, "started", "the import was started already")
	}
	return row, err
}

type startInput struct {
	ByID
	Body struct {
		Plan     importer.Plan `json:"plan,omitempty" doc:"how the file is read; empty: by the template, or as it looks"`
		Template string        `json:"template,omitempty" maxLength:"120" doc:"id or name of a template"`
		SaveAs   string        `json:"save_as,omitempty" maxLength:"120" doc:"keep the plan as a template of this name"`
	}
}

func (s *Server) postStart(ctx context.Context, in *startInput) (*body[lists.Import], error) {
	row, err := s.readyImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	plan := in.Body.Plan
	if len(plan.Columns) == 0 && in.Body.Template != "" {
		if plan, err = s.planOf(ctx, map[string]string{"template": in.Body.Template}); err != nil {
			return nil, err
		}
	}
	if err := plan.Check(); err != nil {
		return nil, err
	}
	path := s.imports.path(row.ID)
	if _, err := os.Stat(path); err != nil {
		return nil, newProblem(http.StatusConflict, "file_elsewhere", "the file is kept by another server: ask that one, or send the file again")
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return nil, err
	}
	if in.Body.SaveAs != "" {
		if _, err := s.opts.Store.SaveImportTemplate(ctx, lists.ImportTemplate{Name: in.Body.SaveAs, Plan: text, CreatedBy: actorOf(ctx)}); err != nil {
			return nil, err
		}
	}
	if err := s.opts.Store.AddListFields(ctx, row.ListID, plan.ListFields()); err != nil {
		return nil, err
	}
	row, err = s.imports.begin(ctx, row.ID, "", path, func() (lists.Import, error) { return s.opts.Store.StartImport(ctx, row.ID, text) })
	if errors.Is(err, errImportsBusy) {
		err = uploadProblem(err, s.opts.MaxUpload)
	}
	if err != nil {
		return nil, err
	}
	return &body[lists.Import]{row}, nil
}

func (s *Server) postCancel(ctx context.Context, in *ByID) (*body[lists.Import], error) {
	row, err := s.opts.Store.CancelImport(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if row.EndedAt != nil {
		s.imports.publish(row)
		s.imports.retire(row.ID)
		if err := removeIfThere(s.imports.path(row.ID)); err != nil {
			return nil, err
		}
	}
	return &body[lists.Import]{row}, nil
}

func (s *Server) templates(ctx context.Context, _ *struct{}) (*body[page[lists.ImportTemplate]], error) {
	all, err := s.opts.Store.ImportTemplates(ctx)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

type templateInput struct {
	Body struct {
		Name string        `json:"name" minLength:"1" maxLength:"120"`
		Plan importer.Plan `json:"plan"`
	}
}

func (s *Server) postTemplate(ctx context.Context, in *templateInput) (*body[lists.ImportTemplate], error) {
	if err := in.Body.Plan.Check(); err != nil {
		return nil, err
	}
	text, err := json.Marshal(in.Body.Plan)
	if err != nil {
		return nil, err
	}
	t, err := s.opts.Store.SaveImportTemplate(ctx, lists.ImportTemplate{Name: in.Body.Name, Plan: text, CreatedBy: actorOf(ctx)})
	if err != nil {
		return nil, err
	}
	return &body[lists.ImportTemplate]{t}, nil
}

func (s *Server) deleteTemplate(ctx context.Context, in *ByID) (*struct{}, error) {
	return nil, s.opts.Store.DeleteImportTemplate(ctx, in.ID)
}

func (s *Server) listFields(ctx context.Context, in *ByID) (*body[page[lists.ListField]], error) {
	if _, err := s.opts.Store.List(ctx, in.ID); err != nil {
		return nil, err
	}
	all, err := s.opts.Store.ListFields(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

type listFieldsInput struct {
	ByID
	Body page[lists.ListField]
}

func (s *Server) putListFields(ctx context.Context, in *listFieldsInput) (*body[page[lists.ListField]], error) {
	if err := s.opts.Store.PutListFields(ctx, in.ID, in.Body.Items); err != nil {
		return nil, err
	}
	return items(slices.Clone(in.Body.Items)), nil
}
