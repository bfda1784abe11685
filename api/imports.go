package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/importer"
)

const (
	importsWaiting  = 50               // files that wait for a worker; more are refused
	uploadsAtOnce   = 8                // files that come in at the same time
	importsShown    = 50               // ended imports that stay in the stream's table
	orphansEvery    = 15 * time.Second // between looks for imports of dead processes
	importsTopic    = "imports"
	uploadSuffix    = ".upload"
	partSuffix      = ".part"
	forgottenUpload = 24 * time.Hour // a file of an upload that never ended, or that nobody said how to read
	mostTries       = 5              // a file that took the process with it so often is not read again
	lastWords       = 5 * time.Second
)

// imports loads uploaded files in the background, a few at a time.
type imports struct {
	s       *Server
	keeper  string // who keeps the files: this machine's folder
	store   *lists.Store
	locks   *lists.ImportLocks
	queue   chan importJob
	uploads chan struct{} // one for each file that is coming in

	mu    sync.Mutex
	shown []uuid.UUID // ended ones in the stream's table, oldest first
}

type importJob struct {
	row    lists.Import
	region string // "": the list's
	path   string
}

func newImports(s *Server) *imports {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return &imports{s: s, keeper: host + ":" + s.opts.Uploads, store: s.opts.Store, locks: s.opts.Store.ImportLocks(), queue: make(chan importJob, importsWaiting),
		uploads: make(chan struct{}, uploadsAtOnce)}
}

var errImportsBusy = errors.New("too many files are being loaded: try again later")

// add takes over the file at path: it makes the row and puts the job into the queue. From here on the row ends in any case.
func (m *imports) add(ctx context.Context, row lists.Import, region, path string) (lists.Import, error) {
	row.KeptBy = m.keeper
	return m.begin(ctx, row.ID, region, path, func() (lists.Import, error) { return m.store.CreateImport(ctx, row) })
}

// begin takes the import's lock, lets its row run and puts it into the queue.
func (m *imports) begin(ctx context.Context, id uuid.UUID, region, path string, run func() (lists.Import, error)) (lists.Import, error) {
	// The lock comes before the row: a running row without a lock is an orphan.
	if err := m.locks.Hold(ctx, id); err != nil {
		return lists.Import{}, err
	}
	row, err := run()
	if err != nil {
		return lists.Import{}, errors.Join(err, m.locks.Release(ctx, id))
	}
	job := importJob{row: row, region: region, path: path}
	select {
	case m.queue <- job:
		m.publish(row)
		return row, nil
	default:
		m.end(job, errImportsBusy.Error())
		return lists.Import{}, errImportsBusy
	}
}

// resume goes on with the imports whose file is here and that nobody works on, because the process that did is gone.
func (m *imports) resume(ctx context.Context) error {
	orphans, err := m.store.KeptImports(ctx, m.keeper, m.locks.IDs())
	for _, row := range orphans {
		path := m.path(row.ID)
		if _, statErr := os.Stat(path); statErr != nil {
			continue // FailOrphans ends it in time
		}
		_, startErr := m.begin(ctx, row.ID, "", path, func() (lists.Import, error) { return m.store.StartImport(ctx, row.ID, nil) })
		switch {
		case startErr == nil:
			m.s.opts.Log.Info("import of a process that is gone goes on", "import", row.ID, "behind_row", row.RowsRead, "tries", row.Tries+1)
		case errors.Is(startErr, errImportsBusy):
			return err
		default: // its process lives after all, or it has just ended
			m.s.opts.Log.Debug("import not gone on with", "import", row.ID, "err", startErr)
		}
	}
	return err
}

func (m *imports) path(id uuid.UUID) string {
	return filepath.Join(m.s.opts.Uploads, id.String()+uploadSuffix)
}

// run works until ctx ends; what is loading or waiting then goes on when a server with this folder starts again.
func (m *imports) run(ctx context.Context) error {
	var wg sync.WaitGroup
	for range m.s.opts.Importers {
		wg.Go(func() { m.work(ctx) })
	}
	err := every(ctx, orphansEvery, func() {
		if err := m.tidy(ctx); err != nil && ctx.Err() == nil {
			m.s.opts.Log.Warn("interrupted imports not looked for, will be tried again", "err", err)
		}
	})
	wg.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	m.locks.Close(ctx)
	return err
}

func (m *imports) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case job := <-m.queue:
			m.load(ctx, job)
		}
	}
}

// load runs one import to its end. Whatever happens, the row ends and the file goes, unless the server stops.
func (m *imports) load(ctx context.Context, job importJob) {
	failure := ""
	err := m.read(ctx, job)
	if ctx.Err() != nil {
		return // another server goes on behind the rows that are committed
	}
	if err != nil {
		m.s.opts.Log.Warn("import failed", "import", job.row.ID, "list", job.row.ListID, "err", err)
		failure = "the import failed for a reason on our side: see the log" // unless the importer knew better
	}
	m.end(job, failure)
}

// read lets the importer read the file; it ends the row by itself, with words for the person who sent the file.
func (m *imports) read(ctx context.Context, job importJob) (err error) {
	defer func() {
		if p := recover(); p != nil { // a file must not take the process with it
			err = fmt.Errorf("panic while loading: %v", p)
		}
	}()
	row := job.row
	if row.Tries > mostTries {
		return fmt.Errorf("the file was begun %d times", row.Tries)
	}
	var plan importer.Plan
	if len(row.Plan) > 0 {
		if err := json.Unmarshal(row.Plan, &plan); err != nil {
			return fmt.Errorf("the import's plan: %w", err)
		}
	}
	file, err := os.Open(job.path)
	if err != nil {
		return fmt.Errorf("open the uploaded file: %w", err)
	}
	defer func() { _ = file.Close() }()
	_, err = importer.Import(ctx, m.store, importer.ImportRequest{
		ImportID: row.ID, ListID: row.ListID, Region: job.region, Plan: plan, Reader: file, Size: row.BytesTotal,
		OnProgress: func(p importer.Progress) {
			row.BytesRead, row.RowsRead, row.Accepted, row.Rejected = p.BytesRead, p.RowsRead, p.Accepted, p.Rejected
			row.Updated, row.OnDNC = p.Updated, p.OnDNC
			m.publish(row)
		},
	})
	return err
}

// end writes the last state of an import unless it has one, also when the process is about to stop, and removes the file.
func (m *imports) end(job importJob, failure string) {
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	row := job.row
	if err := m.store.EndImport(ctx, row.ID, failure); err != nil {
		// The lock goes with the process at the latest; then another look finds the row and ends it.
		m.s.opts.Log.Error("end of an import not written", "import", row.ID, "err", err)
	}
	if err := m.locks.Release(ctx, row.ID); err != nil {
		m.s.opts.Log.Warn("import lock not released", "import", row.ID, "err", err)
	}
	if err := removeIfThere(job.path); err != nil {
		m.s.opts.Log.Warn("uploaded file not removed", "import", row.ID, "err", err)
	}
	result := "failed"
	if final, err := m.store.Import(ctx, row.ID); err == nil {
		row, result = final, final.State
	}
	m.s.metrics.imports.WithLabelValues(result).Inc()
	m.publish(row)
	m.retire(row.ID)
}

// publish puts the import into the stream's table.
func (m *imports) publish(row lists.Import) { m.s.opts.Hub.Put(importsTopic, row.ID.String(), row) }

// retire keeps the stream's table short.
func (m *imports) retire(id uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shown = append(m.shown, id)
	for len(m.shown) > importsShown {
		m.s.opts.Hub.Delete(importsTopic, m.shown[0].String())
		m.shown = m.shown[1:]
	}
}

// tidy ends what dead processes left behind: running rows and uploaded files.
func (m *imports) tidy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	if err := m.locks.Check(ctx); err != nil {
		return err
	}
	failed, err := m.store.FailOrphans(ctx, m.locks.IDs())
	for _, id := range failed {
		m.s.opts.Log.Warn("import of a process that is gone marked as failed", "import", id)
		if row, err := m.store.Import(ctx, id); err == nil {
			m.publish(row)
			m.retire(id)
		}
	}
	return errors.Join(err, m.resume(ctx), m.removeForgotten(ctx))
}

// removeForgotten removes files whose import has ended, and uploads that never did.
func (m *imports) removeForgotten(ctx context.Context) error {
	entries, err := os.ReadDir(m.s.opts.Uploads)
	if err != nil {
		return fmt.Errorf("read the uploads folder: %w", err)
	}
	var errs []error
	for _, e := range entries {
		path := filepath.Join(m.s.opts.Uploads, e.Name())
		forgotten := false
		if name, ok := strings.CutSuffix(e.Name(), uploadSuffix); ok {
			id, err := uuid.Parse(name)
			if err != nil {
				continue
			}
			row, err := m.store.Import(ctx, id)
			forgotten = err == nil && row.EndedAt != nil
			if err == nil && row.State == lists.ImportReady && time.Since(row.CreatedAt) > forgottenUpload {
				_, err = m.store.CancelImport(ctx, id)
				forgotten = err == nil
			}
		} else if strings.HasSuffix(e.Name(), partSuffix) {
			info, err := e.Info()
			forgotten = err == nil && time.Since(info.ModTime()) > forgottenUpload
		}
		if forgotten {
			if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				errs = append(errs, fmt.Errorf("remove a forgotten upload: %w", err))
			}
		}
	}
	return errors.Join(errs...)
}

// receive writes the body to a file of the uploads folder, under a name that tells an unfinished one.
func (m *imports) receive(id uuid.UUID, from io.Reader) (path string, size int64, err error) {
	path = m.path(id)
	part := path + partSuffix
	file, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return "", 0, fmt.Errorf("make a file for the upload: %w", err)
	}
	size, err = io.Copy(file, from)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return "", 0, errors.Join(fmt.Errorf("store the upload: %w", err), os.Remove(part))
	}
	return path, size, nil
}
