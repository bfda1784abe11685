package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// Progress is where an import stands.
type Progress struct {
	BytesRead, BytesTotal        int64 // BytesTotal 0: unknown
	RowsRead, Accepted, Rejected int64 // rows after the header
}

// ImportRequest says what to read into which list.
type ImportRequest struct {
	ImportID   uuid.UUID // of lists.Store.CreateImport
	ListID     uuid.UUID
	Region     string // default country of numbers without a country code; "": the list's
	Reader     io.Reader
	Size       int64          // 0: unknown
	OnProgress func(Progress) // may be nil; called from the importing goroutine after each committed batch
}

// Report is what came of an import.
type Report struct {
	RowsRead  int64            `json:"rows_read"`
	Accepted  int64            `json:"accepted"`
	Rejected  int64            `json:"rejected"`
	Reasons   map[string]int64 `json:"reasons" doc:"rejected rows by reason"`
	Encoding  string           `json:"encoding"`
	Delimiter string           `json:"delimiter"`
}

const (
	batchRows  = 1000
	batchBytes = 4 << 20
	maxListed  = 100_000 // rejected rows that are stored
)

// Import reads a file into a list and ends the import: as done, or as failed with the error's text. It returns a *FileError
// when the file itself is to blame. Contacts accepted before an error stay in the list.
func Import(ctx context.Context, store *lists.Store, req ImportRequest) (Report, error) {
	run := &running{store: store, req: req, report: Report{Reasons: map[string]int64{}}}
	err := run.run(ctx)
	reason := ""
	if err != nil {
		reason = plain(err)
	}
	// Also when the caller has given up: the import must not look as if it went on.
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if endErr := store.EndImport(end, req.ImportID, reason); endErr != nil {
		err = errors.Join(err, endErr)
	}
	if err != nil {
		return run.report, fmt.Errorf("import: %w", err)
	}
	return run.report, nil
}

// plain is what people see of an error.
func plain(err error) string {
	var f *FileError
	switch {
	case errors.As(err, &f):
		return f.Message
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "the import was interrupted"
	}
	return "the import failed for a reason on our side: see the log"
}

// running is one import under way.
type running struct {
	store  *lists.Store
	req    ImportRequest
	report Report

	bytes  *counter
	step   lists.ImportStep
	size   int   // rough bytes of the step
	listed int64 // rejects stored so far
}

// counter counts what was read from the file itself. Its first error stays.
type counter struct {
	r   io.Reader
	n   int64
	err error
}

func (c *counter) Read(p []byte) (n int, err error) {
	if c.err == nil {
		n, c.err = c.r.Read(p)
		c.n += int64(n)
	}
	return n, c.err
}

func (r *running) run(ctx context.Context) error {
	if r.req.Region == "" {
		list, err := r.store.List(ctx, r.req.ListID)
		if err != nil {
			return err
		}
		r.req.Region = list.Region
	}
	if !lists.KnownRegion(r.req.Region) {
		return &lists.InputError{Field: "region", Reason: "must be a country code like US or CN"}
	}
	r.bytes = &counter{r: r.req.Reader}
	text, encoding, err := decoded(r.bytes)
	if err != nil {
		return err
	}
	r.report.Encoding = encoding
	s, err := open(text, r.req.Region)
	if err != nil {
		return err
	}
	r.report.Delimiter = string(s.delimiter)
	for {
		row, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errors.Join(err, r.flush(ctx))
		}
		r.add(row)
		if len(r.step.Contacts)+len(r.step.Rejects) >= batchRows || r.report.RowsRead%batchRows == 0 || r.size >= batchBytes {
			if err := r.flush(ctx); err != nil {
				return err
			}
		}
	}
	if d, ok := text.(*asciiFirst); ok {
		r.report.Encoding = d.name // known only now when the file began with plain ASCII
	}
	return r.flush(ctx)
}

func (r *running) add(x row) {
	r.report.RowsRead++
	if x.reject != nil {
		r.reject(*x.reject)
		return
	}
	r.step.Contacts, r.step.Rows = append(r.step.Contacts, x.contact), append(r.step.Rows, x.no)
	r.size += 100 + len(x.contact.Name)
	for k, v := range x.contact.Fields {
		r.size += len(k) + len(v)
	}
}

func (r *running) reject(x lists.Reject) {
	r.report.Rejected++
	r.report.Reasons[x.Reason]++
	if r.listed >= maxListed {
		r.step.Unlisted++
		return
	}
	r.listed++
	r.step.Rejects = append(r.step.Rejects, x)
}

// flush commits what was read since the last time and tells how far the import is.
func (r *running) flush(ctx context.Context) error {
	r.step.BytesRead, r.step.RowsRead, r.step.Room = r.bytes.n, r.report.RowsRead, int(max(0, maxListed-r.listed))
	now, duplicates, err := r.store.Advance(ctx, r.req.ImportID, r.req.ListID, r.step)
	if err != nil {
		return err
	}
	for _, d := range duplicates {
		r.report.Rejected++
		r.report.Reasons[d.Reason]++
		r.listed++
	}
	r.report.Accepted = now.Accepted
	r.step, r.size = lists.ImportStep{Contacts: r.step.Contacts[:0], Rows: r.step.Rows[:0], Rejects: r.step.Rejects[:0]}, 0
	if r.req.OnProgress != nil {
		r.req.OnProgress(Progress{BytesRead: now.BytesRead, BytesTotal: r.req.Size, RowsRead: now.RowsRead, Accepted: now.Accepted, Rejected: now.Rejected})
	}
	return nil
}
