package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists/importer"
)

const (
	importsWaiting  = 50               // files that wait for a worker; more are refused
	importsShown    = 50               // ended imports that stay in the stream's table
	progressEvery   = time.Second      // between writes of the row; the stream gets every report
	orphansEvery    = 15 * time.Second // between looks for imports of dead processes
	importsTopic    = "imports"
	uploadSuffix    = ".upload"
	partSuffix      = ".part"
	forgottenUpload = 24 * time.Hour // a file of an upload that never ended
	lastWords       = 5 * time.Second
)

// imports loads uploaded files in the background, a few at a time.
type imports struct {
	s     *Server
	store importStore
	locks *importLocks
	queue chan importJob

	mu    sync.Mutex
	shown []uuid.UUID // ended ones in the stream's table, oldest first
}

type importJob struct {
	row    Import
	region string
	path   string
}

func newImports(s *Server) *imports {
	return &imports{s: s, store: importStore{s.opts.Pool}, locks: newImportLocks(s.opts.Pool), queue: make(chan importJob, importsWaiting)}
}

var errImportsBusy = errors.New("too many files wait to be loaded: try again later")

// add takes over the file at path: it makes the row and puts the job into the queue. From here on the row ends in any case.
func (m *imports) add(ctx context.Context, row Import, region, path string) (Import, error) {
	// The lock comes before the row: a running row without a lock is an orphan.
	if err := m.locks.hold(ctx, row.ID); err != nil {
		return Import{}, err
	}
	id := row.ID
	row, err := m.store.create(ctx, row)
	if err != nil {
		return Import{}, errors.Join(err, m.locks.release(ctx, id))
	}
	job := importJob{row: row, region: region, path: path}
	select {
	case m.queue <- job:
		m.publish(row)
		return row, nil
	default:
		m.end(job, row, errImportsBusy.Error())
		return Import{}, errImportsBusy
	}
}

// run works until ctx ends; what is loading or waiting then is marked as interrupted.
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
	for {
		select {
		case job := <-m.queue:
			m.end(job, job.row, interrupted)
		default:
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
			defer cancel()
			m.locks.close(ctx)
			return err
		}
	}
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

// load runs one import to its end. Whatever happens, the row ends and the file goes.
func (m *imports) load(ctx context.Context, job importJob) {
	row := job.row
	report, err := m.read(ctx, job, &row)
	failure := ""
	switch {
	case err == nil:
		row.RowsRead, row.Accepted, row.Rejected, row.BytesRead = report.Rows, report.Accepted, report.Rejected, row.BytesTotal
	case ctx.Err() != nil:
		failure = interrupted
	default:
		failure = m.explain(err)
		m.s.opts.Log.Warn("import failed", "import", row.ID, "list", row.ListID, "err", err)
	}
	m.end(job, row, failure)
}

func (m *imports) read(ctx context.Context, job importJob, row *Import) (report importer.Report, err error) {
	defer func() {
		if p := recover(); p != nil { // a file must not take the process with it
			err = fmt.Errorf("panic while loading: %v", p)
		}
	}()
	file, err := os.Open(job.path)
	if err != nil {
		return importer.Report{}, fmt.Errorf("open the uploaded file: %w", err)
	}
	defer func() { _ = file.Close() }()
	var written time.Time
	return importer.Import(ctx, m.s.opts.Store, importer.ImportRequest{
		ImportID: row.ID, ListID: row.ListID, Region: job.region, Reader: file, Size: row.BytesTotal,
		OnProgress: func(p importer.Progress) {
			row.BytesRead, row.RowsRead, row.Accepted, row.Rejected = p.Bytes, p.Rows, p.Accepted, p.Rejected
			m.publish(*row)
			if now := time.Now(); now.Sub(written) >= progressEvery {
				written = now
				if err := m.store.progress(ctx, *row); err != nil && ctx.Err() == nil {
					m.s.opts.Log.Warn("import goes on, its progress was not written", "import", row.ID, "err", err)
				}
			}
		},
	})
}

// explain says why a file was not loaded, in words for the person who sent it.
func (m *imports) explain(err error) string {
	if p := inputProblem(err); p != nil {
		return err.Error()
	}
	if databaseProblem(err) != nil {
		return "the database refused it: load the file again; rows already taken are skipped"
	}
	return err.Error()
}

// end writes the last state of an import, also when ctx has ended, and removes the file.
func (m *imports) end(job importJob, row Import, failure string) {
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	if err := m.store.finish(ctx, row, failure); err != nil {
		// The lock goes with the process at the latest; then another look finds the row and ends it.
		m.s.opts.Log.Error("end of an import not written", "import", row.ID, "err", err)
	}
	result := "done"
	if failure != "" {
		result = "failed"
	}
	m.s.metrics.imports.WithLabelValues(result).Inc()
	if err := m.locks.release(ctx, row.ID); err != nil {
		m.s.opts.Log.Warn("import lock not released", "import", row.ID, "err", err)
	}
	if err := os.Remove(job.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		m.s.opts.Log.Warn("uploaded file not removed", "import", row.ID, "err", err)
	}
	if final, err := m.store.get(ctx, row.ID); err == nil {
		row = final
	}
	m.publish(row)
	m.retire(row.ID)
}

// publish puts the import into the stream's table.
func (m *imports) publish(row Import) { m.s.opts.Hub.Put(importsTopic, row.ID.String(), row) }

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
	if err := m.locks.check(ctx); err != nil {
		return err
	}
	failed, err := m.store.failOrphans(ctx, m.locks.ids())
	for _, row := range failed {
		m.s.opts.Log.Warn("import of a process that is gone marked as failed", "import", row.ID, "list", row.ListID)
		m.publish(row)
		m.retire(row.ID)
	}
	return errors.Join(err, m.removeForgotten(ctx))
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
			row, err := m.store.get(ctx, id)
			forgotten = err == nil && row.State != "running"
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
	path = filepath.Join(m.s.opts.Uploads, id.String()+uploadSuffix)
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
