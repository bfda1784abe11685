package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// InCall is the reason for which a contact is not removed: it is being called, or an attempt to it is not over.
const InCall = "in_call"

// Removed is what became of contacts that were to be removed.
type Removed struct {
	Removed int64       `json:"removed"`
	Busy    []uuid.UUID `json:"busy" nullable:"false" doc:"contacts that are in a call now: they stay, try again later"`
}

// RemoveContacts takes contacts out of a list, by ids, numbers or keys, with what campaigns know of them and their callbacks.
// Attempts, dispositions and recordings of their past stay. Those that are in a call stay. At most MaxAppend at a time.
func (s *Store) RemoveContacts(ctx context.Context, list uuid.UUID, ids []uuid.UUID, phones, keys []string) (out Removed, err error) {
	if len(ids)+len(phones)+len(keys) > MaxAppend {
		return Removed{}, &InputError{"contacts", fmt.Sprintf("at most %d at a time", MaxAppend)}
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		out = Removed{Busy: []uuid.UUID{}}
		found, err := s.lockForRemoval(ctx, tx, list, ids, phones, keys, &out)
		if err != nil || len(found) == 0 {
			return err
		}
		b := &pgx.Batch{}
		b.Queue(`DELETE FROM contact_states WHERE contact_id = ANY ($1)`, found)
		b.Queue(`DELETE FROM callbacks WHERE contact_id = ANY ($1)`, found)
		b.Queue(`DELETE FROM near_duplicates WHERE a = ANY ($1) OR b = ANY ($1)`, found)
		b.Queue(`DELETE FROM contacts WHERE id = ANY ($1)`, found)
		out.Removed = int64(len(found))
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return Removed{}, fmt.Errorf("remove contacts of list %s: %w", list, err)
	}
	return out, nil
}

// lockForRemoval finds contacts of a list and keeps claims off their numbers; those that are being called are left out.
func (s *Store) lockForRemoval(ctx context.Context, tx pgx.Tx, list uuid.UUID, ids []uuid.UUID, phones, keys []string, out *Removed) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `SELECT phone FROM contacts WHERE list_id = $1 AND (id = ANY ($2) OR phone = ANY ($3) OR key <> '' AND key = ANY ($4))
		ORDER BY phone`, list, ids, phones, keys)
	if err != nil {
		return nil, err
	}
	locked, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	// Claims only try these locks, so the order of several transactions of this kind is what counts; it is that of the numbers.
	if err := lockNumbers(ctx, tx, locked); err != nil {
		return nil, err
	}
	rows, err = tx.Query(ctx, `SELECT c.id, EXISTS (SELECT FROM open_attempts o WHERE o.contact_id = c.id AND o.phone = c.phone)
			OR EXISTS (SELECT FROM contact_states cs WHERE cs.contact_id = c.id AND cs.state = 'in_flight')
		FROM contacts c WHERE c.list_id = $1 AND (c.id = ANY ($2) OR c.phone = ANY ($3) OR c.key <> '' AND c.key = ANY ($4)) ORDER BY c.id FOR UPDATE OF c`,
		list, ids, phones, keys)
	if err != nil {
		return nil, err
	}
	var found []uuid.UUID
	var id uuid.UUID
	var busy bool
	_, err = pgx.ForEachRow(rows, []any{&id, &busy}, func() error {
		if busy {
			out.Busy = append(out.Busy, id)
		} else {
			found = append(found, id)
		}
		return nil
	})
	return found, err
}
