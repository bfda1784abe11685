package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ImportStep is what an import did since its last step.
type ImportStep struct {
	Contacts            []NewContact
	Rows                []int64                 // row number of each contact
	Record              func(i int) []string    // the cells of contact i as they were in the file, for those that are passed over
	Rejects             []Reject                // rows that are no contacts
	Unlisted            int64                   // rejected rows that are counted but not stored
	Room                int                     // how many duplicates may be stored; the others are counted
	Policy              Duplicates              //
	Known               bool                    // no contact is in the list yet, and none twice in the step: nothing is looked up
	Reasons             map[string]int64        // of all rejects so far, these included, those that this step finds not
	OnDNC               int64                   // so far
	Shape               func() (string, string) // encoding and delimiter, as far as they are known now
	Header              []string
	BytesRead, RowsRead int64 // so far
}

// Stepped is what became of a step.
type Stepped struct {
	Import     Import   // as it stands
	Duplicates []Reject // contacts that were passed over
	Known      bool     // false although it was true in the step: a contact was there
}

// Advance stores a step of a running import in one transaction: contacts, rejects and counters belong together whatever
// happens next, and RowsRead is where the import goes on after a crash. ErrNotFound: the import does not run any more.
func (s *Store) Advance(ctx context.Context, id, list uuid.UUID, step ImportStep) (out Stepped, err error) {
	out.Known = step.Known
	for {
		err = s.tx(ctx, func(tx pgx.Tx) (err error) {
			out.Import, out.Duplicates, err = advance(ctx, tx, id, list, step, out.Known)
			return err
		})
		// Somebody else put one of the contacts there: look for what is there from now on.
		if c := violated(err); out.Known && (c == "contacts_phone" || c == "contacts_key") {
			out.Known = false
			continue
		}
		break
	}
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return Stepped{}, fmt.Errorf("advance import %s: %w", id, err)
	}
	return out, nil
}

func advance(ctx context.Context, tx pgx.Tx, id, list uuid.UUID, step ImportStep, known bool) (now Import, duplicates []Reject, err error) {
	if _, err := tx.Exec(ctx, lazySQL); err != nil {
		return now, nil, err
	}
	var did []Upserted
	if len(step.Contacts) > 0 {
		if did, err = upsertContacts(ctx, tx, list, id, step.Contacts, step.Policy, known); err != nil {
			return now, nil, err
		}
	}
	return record(ctx, tx, id, &step, did)
}

// lazySQL: a step that a crash of the database takes away takes its place in the file with it, and whatever builds on the contacts
// is behind them in the log: so nothing needs to wait for the disk but the end of the import.
const lazySQL = `SET LOCAL synchronous_commit = off`

// record writes what became of the rows of a step.
func record(ctx context.Context, tx pgx.Tx, id uuid.UUID, step *ImportStep, did []Upserted) (now Import, duplicates []Reject, err error) {
	var updated, barred int64
	reasons := maps.Clone(step.Reasons)
	if reasons == nil {
		reasons = map[string]int64{}
	}
	for i, d := range did {
		switch d.Did {
		case Added:
			if step.Contacts[i].OnDNC {
				barred++
			}
		case Updated:
			updated++
		case Passed:
			reasons[d.Reason]++
			x := Reject{Row: step.Rows[i], Field: "phone", Value: step.Contacts[i].Number.E164, Reason: d.Reason}
			if d.Reason == KeyTaken {
				x.Field, x.Value = "key", step.Contacts[i].Key
			}
			if step.Record != nil && len(duplicates) < step.Room {
				x.Record = step.Record(i)
			}
			duplicates = append(duplicates, x)
		}
	}
	listed := min(len(duplicates), step.Room)
	if err := copyRejects(ctx, tx, id, append(duplicates[:listed:listed], step.Rejects...)); err != nil {
		return now, nil, err
	}
	counts, err := json.Marshal(reasons)
	if err != nil {
		return now, nil, err
	}
	var encoding, delimiter string
	if step.Shape != nil {
		encoding, delimiter = step.Shape()
	}
	header := step.Header
	if header == nil {
		header = []string{}
	}
	passed := int64(len(duplicates))
	rows, err := tx.Query(ctx, `UPDATE imports SET bytes_read = $2, rows_read = $3, accepted = accepted + $4, updated = updated + $5, rejected = rejected + $6,
		on_dnc = on_dnc + $7, reasons = $8, encoding = $9, delimiter = $10, header = $11, beat_at = now() WHERE id = $1 AND state = 'running' RETURNING `+importColumns,
		id, step.BytesRead, step.RowsRead, int64(len(step.Contacts))-passed-updated, updated, passed+int64(len(step.Rejects))+step.Unlisted,
		barred, counts, encoding, delimiter, header)
	if err != nil {
		return now, nil, err
	}
	now, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Import])
	return now, duplicates, err
}

// maxRecord is how much of a rejected row is kept, in bytes; a longer one is told without its cells.
const maxRecord = 64 << 10

func copyRejects(ctx context.Context, tx pgx.Tx, id uuid.UUID, rejects []Reject) error {
	if len(rejects) == 0 {
		return nil
	}
	rows := make([][]any, len(rejects))
	for i, r := range rejects {
		rows[i] = []any{id, r.Row, CleanText(r.Field, 60), CleanText(r.Value, 200), r.Reason, storedRecord(r.Record)}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"import_rejects"}, []string{"import_id", "row_no", "field", "value", "reason", "record"}, pgx.CopyFromRows(rows))
	if err != nil {
		return fmt.Errorf("store %d rejects: %w", len(rejects), err)
	}
	return nil
}

// storedRecord is what PostgreSQL takes of a row: text without NUL.
func storedRecord(cells []string) []string {
	n := 0
	for _, c := range cells {
		n += len(c)
	}
	if n > maxRecord || cells == nil {
		return nil
	}
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = strings.ReplaceAll(strings.ToValidUTF8(c, "\ufffd"), "\x00", "")
	}
	return out
}

// EndImport ends an import that is ready or running: done when reason is "", else failed; cancelled when somebody asked for it.
func (s *Store) EndImport(ctx context.Context, id uuid.UUID, reason string) error {
	_, err := s.pool.Exec(ctx, `UPDATE imports SET state = CASE WHEN $2 = '' THEN 'done' WHEN cancel THEN 'cancelled' ELSE 'failed' END,
		error = CASE WHEN cancel THEN '' ELSE $2 END, ended_at = now() WHERE id = $1 AND state IN ('ready', 'running')`, id, CleanText(reason, 500))
	if err != nil {
		return fmt.Errorf("end import %s: %w", id, err)
	}
	return nil
}

// CancelImport asks for the end of an import: one that is ready ends at once, one that runs after the rows that it is at. What
// was loaded stays. ErrNotFound: there is no such import, or it has ended.
func (s *Store) CancelImport(ctx context.Context, id uuid.UUID) (Import, error) {
	i, err := s.importRow(ctx, `UPDATE imports SET cancel = true, state = CASE state WHEN 'ready' THEN 'cancelled' ELSE state END,
		ended_at = CASE state WHEN 'ready' THEN now() END WHERE id = $1 AND state IN ('ready', 'running') RETURNING `+importColumns, id)
	if err != nil {
		return Import{}, fmt.Errorf("cancel import %s: %w", id, err)
	}
	return i, nil
}

// StartImport lets an import that is ready run by a plan, or one that was interrupted go on. ErrNotFound: it is neither.
func (s *Store) StartImport(ctx context.Context, id uuid.UUID, plan json.RawMessage) (Import, error) {
	i, err := s.importRow(ctx, `UPDATE imports SET state = 'running', plan = coalesce($2, plan), error = '', ended_at = NULL, cancel = false,
		tries = tries + (state <> 'ready')::int, beat_at = now()
		WHERE id = $1 AND (state IN ('ready', 'running') OR state = 'failed' AND error = $3) RETURNING `+importColumns, id, plan, ImportInterrupted)
	if err != nil {
		return Import{}, fmt.Errorf("start import %s: %w", id, err)
	}
	return i, nil
}
