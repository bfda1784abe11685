package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

const (
	registriesTopic  = "registries"
	registrySuffix   = ".registry"
	registriesQueued = 20
	registryTidy     = 30 * time.Second
)

func (s *Server) registries(ctx context.Context, _ *struct{}) (*body[page[lists.Registry]], error) {
	all, err := s.opts.Store.Registries(ctx)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

type newRegistryInput struct {
	Body struct {
		Name     string   `json:"name" minLength:"1" maxLength:"120"`
		Region   string   `json:"region" maxLength:"6" doc:"country or state whose registry it is, like US or US-FL"`
		Everyone *bool    `json:"everyone,omitempty" doc:"missing or true: no campaign may call its numbers; false: only those whose rules demand it must not"`
		Coverage []string `json:"coverage,omitempty" maxItems:"1000" doc:"regions and beginnings of numbers that it was loaded for, like US-FL, +1212 or 212; missing: all of its region"`
	}
}

func (s *Server) postRegistry(ctx context.Context, in *newRegistryInput) (*body[lists.Registry], error) {
	r := lists.Registry{Name: in.Body.Name, Region: in.Body.Region, Everyone: in.Body.Everyone == nil || *in.Body.Everyone, CreatedBy: actorOf(ctx), Coverage: in.Body.Coverage}
	if err := s.audit(ctx, "registry.create", "registry", lists.CleanText(r.Name, 120), map[string]any{"region": r.Region, "everyone": r.Everyone}); err != nil {
		return nil, err
	}
	r, err := s.opts.Store.CreateRegistry(ctx, r)
	if err != nil {
		return nil, err
	}
	return &body[lists.Registry]{r}, nil
}

func (s *Server) deleteRegistry(ctx context.Context, in *ByID) (*struct{}, error) {
	if err := s.audit(ctx, "registry.delete", "registry", in.ID.String(), nil); err != nil {
		return nil, err
	}
	return nil, s.registryProblem(s.opts.Store.DeleteRegistry(ctx, in.ID))
}

func (s *Server) registryProblem(err error) error {
	if errors.Is(err, lists.ErrLoading) {
		return newProblem(http.StatusConflict, "loading", lists.ErrLoading.Error())
	}
	return err
}

func (s *Server) registryLoads(ctx context.Context, in *ByID) (*body[page[lists.RegistryLoad]], error) {
	if _, err := s.opts.Store.Registry(ctx, in.ID); err != nil {
		return nil, err
	}
	all, err := s.opts.Store.RegistryLoads(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

type registryLoadInput struct {
	ByID
	No int `path:"no" minimum:"1" maximum:"2147483647"`
}

func (s *Server) deleteRegistryLoad(ctx context.Context, in *registryLoadInput) (*struct{}, error) {
	if err := s.audit(ctx, "registry.cancel", "registry", in.ID.String(), map[string]any{"load": in.No}); err != nil {
		return nil, err
	}
	return nil, s.opts.Store.CancelRegistryLoad(ctx, in.ID, in.No)
}

// registryJob is a file that waits to be loaded.
type registryJob struct {
	row    lists.RegistryLoad
	file   lists.NumberFile
	shrink bool
	path   string
}

// registryFiles loads the files of registries, one at a time.
type registryFiles struct {
	s     *Server
	queue chan registryJob

	mu      sync.Mutex
	waiting map[int]bool // loads that are in the queue
}

func newRegistryFiles(s *Server) *registryFiles {
	return &registryFiles{s: s, queue: make(chan registryJob, registriesQueued), waiting: map[int]bool{}}
}

// add puts a job into the queue, unless that is full.
func (m *registryFiles) add(job registryJob) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	select {
	case m.queue <- job:
		m.waiting[job.row.No] = true
		return true
	default:
		return false
	}
}

func (m *registryFiles) begun(no int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.waiting, no)
}

// postRegistryLoad takes the file of a registry as multipart/form-data, field "file", and answers 202 before it is loaded.
func (s *Server) postRegistryLoad(w http.ResponseWriter, r *http.Request) {
	row, err := s.takeRegistryFile(w, r)
	if err == nil {
		w.Header().Set("Location", "/api/registries/"+row.RegistryID.String()+"/loads")
	}
	s.answerFile(w, r, http.StatusAccepted, row, s.registryProblem(err))
}

func (s *Server) takeRegistryFile(w http.ResponseWriter, r *http.Request) (row lists.RegistryLoad, err error) {
	ctx := r.Context()
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return row, invalid("path.id", "must be a UUID")
	}
	q := &numberQuery{values: r.URL.Query()}
	job := registryJob{file: lists.NumberFile{Column: q.text("column", 100), AreaColumn: q.text("area_column", 100), Tolerate: q.number("tolerate")}, shrink: q.yes("shrink")}
	asOf := q.moment("as_of")
	if err := q.err(); err != nil {
		return row, err
	}
	registry, err := s.opts.Store.Registry(ctx, id)
	if err != nil {
		return row, err
	}
	job.file.Region = registry.Region
	part, err := s.filePartOf(w, r)
	if err != nil {
		return row, err
	}
	job.path = filepath.Join(s.opts.Uploads, lists.NewID().String()+registrySuffix)
	size, err := storeFile(job.path, &limitedFile{part, s.opts.MaxUpload})
	if err != nil {
		return row, err
	}
	name := fileName(part.FileName())
	err = s.audit(ctx, "registry.load", "registry", id.String(), map[string]any{"file": name, "bytes": size, "as_of": asOf, "tolerate": job.file.Tolerate, "shrink": job.shrink})
	if err == nil {
		job.row, err = s.opts.Store.BeginRegistryLoad(ctx, lists.RegistryLoad{RegistryID: id, FileName: name, AsOf: asOf, BytesTotal: size, CreatedBy: actorOf(ctx)})
	}
	if err != nil {
		return row, errors.Join(err, removeIfThere(job.path))
	}
	s.loads.publish(job.row)
	if !s.loads.add(job) {
		return row, errors.Join(errImportsBusy, removeIfThere(job.path), s.opts.Store.AbandonRegistryLoad(ctx, job.row.No, errImportsBusy.Error()))
	}
	return job.row, nil
}

// storeFile writes a file that comes in.
func storeFile(path string, from io.Reader) (size int64, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return 0, fmt.Errorf("make a file for the upload: %w", err)
	}
	size, err = io.Copy(file, from)
	if err = errors.Join(err, file.Close()); err == nil && size == 0 {
		err = invalid("body.file", "is empty")
	}
	if err != nil {
		return 0, errors.Join(err, removeIfThere(path))
	}
	return size, nil
}

// run loads what is queued until ctx ends. What waits then is marked as interrupted.
func (m *registryFiles) run(ctx context.Context) error {
	var sweeper sync.WaitGroup
	sweeper.Go(func() { _ = every(ctx, registryTidy, func() { m.sweep(ctx) }) })
	defer sweeper.Wait()
	for {
		select {
		case <-ctx.Done():
			m.abandon()
			return nil
		case job := <-m.queue:
			m.begun(job.row.No)
			m.load(ctx, job)
		}
	}
}

func (m *registryFiles) abandon() {
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	for {
		select {
		case job := <-m.queue:
			if err := errors.Join(m.s.opts.Store.AbandonRegistryLoad(ctx, job.row.No, lists.RegistryInterrupted), removeIfThere(job.path)); err != nil {
				m.s.opts.Log.Warn("end of a registry's load not written", "load", job.row.No, "err", err)
			}
		default:
			return
		}
	}
}

// load runs one job to its end. Whatever happens, the row ends and the file goes.
func (m *registryFiles) load(ctx context.Context, job registryJob) {
	defer func() {
		if err := removeIfThere(job.path); err != nil {
			m.s.opts.Log.Warn("uploaded file not removed", "load", job.row.No, "err", err)
		}
	}()
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		_ = every(watching, time.Second, func() {
			if row, err := m.s.opts.Store.RegistryLoad(watching, job.row.No); err == nil {
				m.publish(row)
			}
		})
	}()
	err := m.read(ctx, job)
	stop()
	<-watched
	if err != nil {
		m.s.opts.Log.Warn("registry not loaded", "registry", job.row.RegistryID, "load", job.row.No, "err", err)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if row, err := m.s.opts.Store.RegistryLoad(last, job.row.No); err == nil {
		m.publish(row)
	}
}

func (m *registryFiles) read(ctx context.Context, job registryJob) (err error) {
	defer func() {
		if p := recover(); p != nil { // a file must not take the process with it
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
			defer cancel()
			err = errors.Join(fmt.Errorf("panic while loading: %v", p), m.s.opts.Store.AbandonRegistryLoad(last, job.row.No, "it failed for a reason on our side: see the log"))
		}
	}()
	file, err := os.Open(job.path)
	if err != nil {
		return errors.Join(fmt.Errorf("open the uploaded file: %w", err), m.s.opts.Store.AbandonRegistryLoad(ctx, job.row.No, lists.RegistryInterrupted))
	}
	defer func() { _ = file.Close() }()
	_, err = m.s.opts.Store.LoadRegistry(ctx, job.row.No, file, job.file, job.shrink, m.s.opts.Engine.Withdraw)
	return err
}

// publish puts the load into the stream's table, one for each registry.
func (m *registryFiles) publish(row lists.RegistryLoad) {
	m.s.opts.Hub.Put(registriesTopic, row.RegistryID.String(), row)
}

// sweep ends what dead processes left behind, and keeps alive what waits here.
func (m *registryFiles) sweep(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	m.mu.Lock()
	waiting := slices.Collect(maps.Keys(m.waiting))
	m.mu.Unlock()
	if err := errors.Join(m.s.opts.Store.KeepRegistryLoads(ctx, waiting), m.s.opts.Store.FailRegistryOrphans(ctx)); err != nil && ctx.Err() == nil {
		m.s.opts.Log.Warn("interrupted registry loads not looked for, will be tried again", "err", err)
	}
	entries, err := os.ReadDir(m.s.opts.Uploads)
	if err != nil {
		return // the imports say so
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasSuffix(e.Name(), registrySuffix) && time.Since(info.ModTime()) > forgottenUpload {
			_ = removeIfThere(filepath.Join(m.s.opts.Uploads, e.Name())) // the next sweep tries again
		}
	}
}

func documentRegistryLoad(s *Server, o *huma.Operation) {
	parameters := append([]*huma.Param{{Name: "id", In: "path", Required: true, Description: "the registry", Schema: &huma.Schema{Type: "string", Format: "uuid"}}},
		numberParams()...)
	documentNumbers(o, "The file goes into the form field `file`: one number per line, or CSV, also with the area code in a column of its own. "+
		"The answer comes before the numbers are read; follow the load with GET or on the stream's topic `registries`. "+
		"Until its end the numbers from before are asked, and for good when it fails.", append(parameters,
		queryParam("as_of", "string", "day of which the numbers are; missing: now"),
		queryParam("tolerate", "integer", "lines without a number beyond which the file is refused; default "+strconv.Itoa(0)),
		queryParam("shrink", "boolean", "let a file pass that has less than half of the numbers from before"))...)
	o.Responses = map[string]*huma.Response{"202": {Description: "Accepted", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemaOf[lists.RegistryLoad](s)}}}}
}
