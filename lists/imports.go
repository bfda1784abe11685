package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// States of an import.
const (
	ImportReady     = "ready" // the file is here, nobody has said yet how to read it
	ImportRunning   = "running"
	ImportDone      = "done"
	ImportFailed    = "failed"
	ImportCancelled = "cancelled"
)

// Import is the reading of one file into a list.
type Import struct {
	ID         uuid.UUID        `json:"id"`
	ListID     uuid.UUID        `json:"list_id"`
	FileName   string           `json:"file_name"`
	State      string           `json:"state" enum:"ready,running,done,failed,cancelled" doc:"ready: it waits for a plan"`
	BytesTotal int64            `json:"bytes_total" doc:"0: unknown"`
	BytesRead  int64            `json:"bytes_read"`
	RowsRead   int64            `json:"rows_read" doc:"rows after the header; a load that was interrupted goes on behind them"`
	Accepted   int64            `json:"accepted" doc:"contacts that were added"`
	Updated    int64            `json:"updated" doc:"rows that changed a contact which was there"`
	Rejected   int64            `json:"rejected"`
	OnDNC      int64            `json:"on_dnc" doc:"added contacts whose number is on a do-not-call list: they are marked and will not be called"`
	Reasons    map[string]int64 `json:"reasons" doc:"rejected rows by reason"`
	Encoding   string           `json:"encoding"`
	Delimiter  string           `json:"delimiter"`
	Header     []string         `json:"header" nullable:"false" doc:"the columns of the file"`
	Error      string           `json:"error" doc:"why it failed; what was accepted before stays in the list"`
	Cancel     bool             `json:"cancel" doc:"somebody asked for its end"`
	Tries      int              `json:"tries" doc:"how often it was begun or gone on with"`
	CreatedBy  *uuid.UUID       `json:"created_by"`
	CreatedAt  time.Time        `json:"created_at"`
	EndedAt    *time.Time       `json:"ended_at"`
	KeptBy     string           `json:"-"` // where the file is kept until the end; "": nowhere
	Plan       json.RawMessage  `json:"plan,omitempty" doc:"how the file is read"`
}

// Reject is a row of a file that did not become a contact.
type Reject struct {
	Row    int64    `json:"row" doc:"1 is the header"`
	Field  string   `json:"field"`
	Value  string   `json:"value" doc:"at most 200 characters of it"`
	Reason string   `json:"reason"`
	Record []string `json:"record,omitempty" doc:"the cells of the row as they were"`
}

// CreateImport notes that a file is about to be read into a list; package lists/importer does the reading. State is running
// unless it is given.
func (s *Store) CreateImport(ctx context.Context, i Import) (Import, error) {
	if i.ID == uuid.Nil {
		i.ID = newID()
	}
	if i.State == "" {
		i.State = ImportRunning
	}
	i.FileName = CleanText(i.FileName, 255)
	i, err := s.importRow(ctx, `INSERT INTO imports (id, list_id, file_name, state, bytes_total, kept_by, plan, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		RETURNING `+importColumns, i.ID, i.ListID, i.FileName, i.State, max(0, i.BytesTotal), i.KeptBy, i.Plan, i.CreatedBy)
	if violated(err) == "imports_list_id_fkey" {
		err = ErrNotFound
	}
	if err != nil {
		return Import{}, fmt.Errorf("create import: %w", err)
	}
	return i, nil
}

const importColumns = `id, list_id, file_name, state, bytes_total, bytes_read, rows_read, accepted, updated, rejected, on_dnc, reasons, encoding, delimiter,
	header, error, cancel, tries, created_by, created_at, ended_at, kept_by, plan`

const importSQL = `SELECT ` + importColumns + ` FROM imports `

// importRow runs a statement that gives one import.
func (s *Store) importRow(ctx context.Context, sql string, args ...any) (Import, error) {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return Import{}, err
	}
	i, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Import])
	if noRows(err) {
		err = ErrNotFound
	}
	return i, err
}

// Import returns one import, or ErrNotFound.
func (s *Store) Import(ctx context.Context, id uuid.UUID) (Import, error) {
	i, err := s.importRow(ctx, importSQL+`WHERE id = $1`, id)
	if err != nil {
		return Import{}, fmt.Errorf("import %s: %w", id, err)
	}
	return i, nil
}

// Imports returns the imports of a list, newest first.
func (s *Store) Imports(ctx context.Context, list uuid.UUID) ([]Import, error) {
	rows, err := s.pool.Query(ctx, importSQL+`WHERE list_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1000`, list)
	if err != nil {
		return nil, fmt.Errorf("imports of list %s: %w", list, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Import])
	if err != nil {
		return nil, fmt.Errorf("imports of list %s: %w", list, err)
	}
	return out, nil
}

// Rejects returns rejected rows of an import with row numbers above after, at most limit.
func (s *Store) Rejects(ctx context.Context, id uuid.UUID, after int64, limit int) ([]Reject, error) {
	rows, err := s.pool.Query(ctx, `SELECT row_no, field, value, reason, record FROM import_rejects WHERE import_id = $1 AND row_no > $2
		ORDER BY row_no LIMIT $3`, id, after, page(limit))
	if err != nil {
		return nil, fmt.Errorf("rejects of import %s: %w", id, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Reject])
	if err != nil {
		return nil, fmt.Errorf("rejects of import %s: %w", id, err)
	}
	return out, nil
}
