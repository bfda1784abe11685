package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/dialtide/dialtide/lists"
)

// Progress is where an import stands.
type Progress struct {
	BytesRead, BytesTotal                        int64 // BytesTotal 0: unknown
	RowsRead, Accepted, Updated, Rejected, OnDNC int64 // rows after the header
}

// ImportRequest says what to read into which list.
type ImportRequest struct {
	ImportID   uuid.UUID // of lists.Store.CreateImport
	ListID     uuid.UUID
	Region     string // default country of numbers without a country code; "": the list's
	Plan       Plan
	Reader     io.Reader      // a workbook must be an io.ReaderAt, too
	Size       int64          // 0: unknown
	OnProgress func(Progress) // may be nil; called from one goroutine after each committed batch
}

// Report is what came of an import.
type Report struct {
	RowsRead  int64            `json:"rows_read"`
	Accepted  int64            `json:"accepted"`
	Updated   int64            `json:"updated"`
	Rejected  int64            `json:"rejected"`
	OnDNC     int64            `json:"on_dnc"`
	Reasons   map[string]int64 `json:"reasons" doc:"rejected rows by reason"`
	Encoding  string           `json:"encoding"`
	Delimiter string           `json:"delimiter"`
}

// ErrCancelled is the error of an import whose end somebody asked for. What was loaded stays.
var ErrCancelled = errors.New("the import was cancelled")

// Import reads a file into a list and ends the import: as done, as cancelled, or as failed with the error's text. An import
// that has read rows already goes on behind them. It returns a *FileError when the file itself is to blame. Contacts accepted
// before an error stay in the list. When ctx ends, the import stays as it is, to be gone on with.
func Import(ctx context.Context, store *lists.Store, req ImportRequest) (Report, error) {
	run := &running{store: store, req: req, report: Report{Reasons: map[string]int64{}}}
	err := run.run(ctx)
	if err != nil && ctx.Err() != nil {
		return run.report, fmt.Errorf("import: %w", errors.Join(ctx.Err(), err))
	}
	reason := ""
	if err != nil {
		reason = plain(err)
	}
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
	var input *lists.InputError
	switch {
	case errors.As(err, &f):
		return f.Message
	case errors.As(err, &input):
		return input.Error()
	case errors.Is(err, ErrCancelled):
		return "cancelled"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return lists.ImportInterrupted
	}
	return "the import failed for a reason on our side: see the log"
}

// running is one import under way. One goroutine reads the file into batches, another one commits them.
type running struct {
	store  *lists.Store
	req    ImportRequest
	report Report // of the committing goroutine

	// Of the committing goroutine.
	flying []*flight // steps under way, the oldest first
	lane   bool      // they may overlap

	// Of the reading goroutine.
	bytes   *counter
	sheet   *sheet
	rows    int64
	listed  int64
	seen    *numberSet // nil: the database is asked who is there
	barred  *numberSet // nil: the database is asked who is barred
	batch   *batch
	resumed bool
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
	was, err := r.begin(ctx)
	if err != nil {
		return err
	}
	if err := r.open(); err != nil {
		return err
	}
	for range was.RowsRead {
		if err := r.sheet.skip(); err != nil {
			return fmt.Errorf("go on behind row %d: %w", was.RowsRead+1, err)
		}
	}
	r.rows = was.RowsRead
	if !r.resumed {
		if err := r.prepare(ctx); err != nil {
			return err
		}
	}
	// The reader stops at what it cannot read; what came before it is committed.
	var readErr error
	batches := make(chan *batch, 1)
	group, both := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(batches)
		readErr = r.readAll(both, batches)
		return nil
	})
	group.Go(func() error { return r.storeAll(both, batches) })
	if err := group.Wait(); err != nil {
		return err
	}
	return readErr
}

// begin reads the import's row and checks the request.
func (r *running) begin(ctx context.Context) (lists.Import, error) {
	was, err := r.store.Import(ctx, r.req.ImportID)
	if err != nil {
		return was, err
	}
	if r.req.Region == "" {
		list, err := r.store.List(ctx, r.req.ListID)
		if err != nil {
			return was, err
		}
		r.req.Region = list.Region
	}
	if !lists.KnownRegion(r.req.Region) {
		return was, &lists.InputError{Field: "region", Reason: "must be a country code like US or CN"}
	}
	if err := r.req.Plan.Check(); err != nil {
		return was, err
	}
	r.resumed = was.RowsRead > 0
	r.report = Report{RowsRead: was.RowsRead, Accepted: was.Accepted, Updated: was.Updated, Rejected: was.Rejected, OnDNC: was.OnDNC, Reasons: map[string]int64{}}
	for reason, n := range was.Reasons {
		r.report.Reasons[reason] = n
		r.listed += n
	}
	return was, nil
}

// open reads the beginning of the file. The file itself goes to open when it is a workbook, which is not read from its front.
func (r *running) open() (err error) {
	r.bytes = &counter{r: r.req.Reader}
	in := io.Reader(r.bytes)
	if at, ok := r.req.Reader.(io.ReaderAt); ok {
		in = &countedFile{counter: r.bytes, ReaderAt: at}
	}
	r.sheet, err = open(in, r.req.Plan, r.req.Region)
	return err
}

// countedFile is a file whose reads from the front are counted.
type countedFile struct {
	*counter
	io.ReaderAt
}

// Size implements what sizeOf asks.
func (f *countedFile) Size() int64 {
	n, err := sizeOf(f.ReaderAt)
	if err != nil {
		return 0
	}
	return n
}

const (
	rowsPerRead  = 30      // bytes of a short row: a list of more numbers than the file can have is not read into memory
	mostInMemory = 4 << 20 // numbers of a list or of the do-not-call list that are held
)

// prepare gets to know who is there and who is barred, when that is cheaper than asking for each batch.
func (r *running) prepare(ctx context.Context) error {
	limit := mostInMemory
	if r.req.Size > 0 {
		limit = int(min(mostInMemory, 10_000+r.req.Size/rowsPerRead))
	}
	barred := newNumberSet()
	all, err := r.store.BarredNumbers(ctx, limit, func(e164 string) { barred.add(packed(e164), 0) })
	if err != nil {
		return err
	}
	if all && !barred.full {
		r.barred = barred
	}
	if !r.req.Plan.Duplicates.Skips() {
		return nil
	}
	for _, c := range r.sheet.columns {
		if c.As == AsKey {
			return nil
		}
	}
	seen := newNumberSet()
	all, err = r.store.ListNumbers(ctx, r.req.ListID, limit, func(e164 string) { seen.add(packed(e164), inList) })
	if err != nil {
		return err
	}
	if all && !seen.full {
		r.seen = seen
		if r.lane, err = r.store.TakeLane(ctx, r.req.ListID, r.req.ImportID); err != nil {
			return err
		}
		r.sheet.keep = false // who is a duplicate is known before its cells are gone
	}
	return nil
}

// Where a number of the seen ones is known from.
const (
	inFile = 0
	inList = 1
)
