package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Import is the reading of one file into a list.
type Import struct {
	ID         uuid.UUID  `json:"id"`
	ListID     uuid.UUID  `json:"list_id"`
	FileName   string     `json:"file_name"`
	State      string     `json:"state" enum:"running,done,failed"`
	BytesTotal int64      `json:"bytes_total" doc:"0: unknown"`
	BytesRead  int64      `json:"bytes_read"`
	RowsRead   int64      `json:"rows_read"`
	Accepted   int64      `json:"accepted"`
	Rejected   int64      `json:"rejected"`
	Error      string     `json:"error" doc:"why it failed; what was accepted before stays in the list"`
	CreatedBy  *uuid.UUID `json:"created_by"`
	CreatedAt  time.Time  `json:"created_at"`
	EndedAt    *time.Time `json:"ended_at"`
}

// Reject is a row of a file that did not become a contact.
type Reject struct {
	Row    int64  `json:"row" doc:"1 is the header"`
	Field  string `json:"field"`
	Value  string `json:"value" doc:"at most 200 characters of it"`
	Reason string `json:"reason"`
}

// CreateImport notes that a file is about to be read into a list; package lists/importer does the reading.
func (s *Store) CreateImport(ctx context.Context, i Import) (Import, error) {
	if i.ID == uuid.Nil {
		i.ID = newID()
	}
	i.State, i.FileName = "running", CleanText(i.FileName, 255)
	err := s.pool.QueryRow(ctx, `INSERT INTO imports (id, list_id, file_name, state, bytes_total, created_by) VALUES ($1, $2, $3, 'running', $4, $5)
		RETURNING created_at`, i.ID, i.ListID, i.FileName, max(0, i.BytesTotal), i.CreatedBy).Scan(&i.CreatedAt)
	if violated(err) == "imports_list_id_fkey" {
		err = ErrNotFound
	}
	if err != nil {
		return Import{}, fmt.Errorf("create import: %w", err)
	}
	return i, nil
}

const importSQL = `SELECT id, list_id, file_name, state, bytes_total, bytes_read, rows_read, accepted, rejected, error, created_by, created_at, ended_at
	FROM imports `

// Import returns one import, or ErrNotFound.
func (s *Store) Import(ctx context.Context, id uuid.UUID) (Import, error) {
	rows, err := s.pool.Query(ctx, importSQL+`WHERE id = $1`, id)
	if err != nil {
		return Import{}, fmt.Errorf("import %s: %w", id, err)
	}
	i, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Import])
	if noRows(err) {
		err = ErrNotFound
	}
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
	rows, err := s.pool.Query(ctx, `SELECT row_no, field, value, reason FROM import_rejects WHERE import_id = $1 AND row_no > $2
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

// ImportStep is what an import did since its last step.
type ImportStep struct {
	Contacts  []NewContact
	Rows      []int64 // row number of each contact
	Rejects   []Reject
	Unlisted  int64 // rejected rows that are counted but not stored
	Room      int   // how many duplicates may be stored; the others are counted
	BytesRead int64 // so far
	RowsRead  int64 // so far
}

// Advance stores a step of a running import in one transaction: contacts, rejects and counters belong together whatever
// happens next. It returns the import as it stands, and the contacts that were passed over as duplicates as further rejects.
func (s *Store) Advance(ctx context.Context, id, list uuid.UUID, step ImportStep) (now Import, duplicates []Reject, err error) {
	err = s.tx(ctx, func(tx pgx.Tx) error {
		duplicates = duplicates[:0]
		reasons, err := AppendContacts(ctx, tx, list, id, step.Contacts)
		if err != nil {
			return err
		}
		for i, r := range reasons {
			if r != "" {
				duplicates = append(duplicates, Reject{step.Rows[i], "phone", step.Contacts[i].Number.E164, r})
			}
		}
		listed := min(len(duplicates), step.Room)
		rejects := append(duplicates[:listed:listed], step.Rejects...)
		rows, fields, values, why := make([]int64, len(rejects)), make([]string, len(rejects)), make([]string, len(rejects)), make([]string, len(rejects))
		for i, r := range rejects {
			rows[i], fields[i], values[i], why[i] = r.Row, CleanText(r.Field, 60), CleanText(r.Value, 200), r.Reason
		}
		b := &pgx.Batch{}
		if len(rejects) > 0 {
			b.Queue(`INSERT INTO import_rejects (import_id, row_no, field, value, reason) SELECT $1, i.* FROM unnest($2::bigint[], $3::text[], $4::text[],
				$5::text[]) AS i`, id, rows, fields, values, why)
		}
		b.Queue(`UPDATE imports SET bytes_read = $2, rows_read = $3, accepted = accepted + $4, rejected = rejected + $5 WHERE id = $1 AND state = 'running'
			RETURNING id, list_id, file_name, state, bytes_total, bytes_read, rows_read, accepted, rejected, error, created_by, created_at, ended_at`,
			id, step.BytesRead, step.RowsRead, len(step.Contacts)-len(duplicates), int64(len(duplicates)+len(step.Rejects))+step.Unlisted).Query(func(rows pgx.Rows) (err error) {
			now, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Import])
			return err
		})
		return tx.SendBatch(ctx, b).Close()
	})
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return Import{}, nil, fmt.Errorf("advance import %s: %w", id, err)
	}
	return now, duplicates, nil
}

// EndImport ends a running import: done when reason is "", else failed.
func (s *Store) EndImport(ctx context.Context, id uuid.UUID, reason string) error {
	_, err := s.pool.Exec(ctx, `UPDATE imports SET state = CASE WHEN $2 = '' THEN 'done' ELSE 'failed' END, error = $2, ended_at = now()
		WHERE id = $1 AND state = 'running'`, id, CleanText(reason, 500))
	if err != nil {
		return fmt.Errorf("end import %s: %w", id, err)
	}
	return nil
}
