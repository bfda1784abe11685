package lists

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// NearDuplicate is a pair of contacts of a list that look like one person. A person decides.
type NearDuplicate struct {
	ID     uuid.UUID  `json:"id"`
	ListID uuid.UUID  `json:"list_id"`
	A      uuid.UUID  `json:"a" doc:"the contact that was there first"`
	B      uuid.UUID  `json:"b"`
	Score  float32    `json:"score" doc:"how alike they are, 0 to 1"`
	Why    []string   `json:"why" nullable:"false" doc:"what they share: name, email, phone, birthday, address, zip"`
	State  string     `json:"state" enum:"open,merged,different"`
	First  *Contact   `json:"first" doc:"null: it is gone"`
	Second *Contact   `json:"second"`
	At     *time.Time `json:"decided_at"`
}

// ErrDecided says that somebody decided about a pair already, or that one of the two is gone.
var ErrDecided = errors.New("somebody decided already, or one of the two contacts is gone")

// ErrInCall says that a contact cannot be changed while it is being called.
var ErrInCall = errors.New("one of the contacts is in a call now: try again when it is over")

const nearSQL = `SELECT id, list_id, a, b, score, why, state, decided_at FROM near_duplicates `

func scanNear(row pgx.CollectableRow) (n NearDuplicate, err error) {
	err = row.Scan(&n.ID, &n.ListID, &n.A, &n.B, &n.Score, &n.Why, &n.State, &n.At)
	return n, err
}

// NearDuplicates returns pairs that nobody has decided about, the surest first, with both contacts.
func (s *Store) NearDuplicates(ctx context.Context, list uuid.UUID, limit int) ([]NearDuplicate, error) {
	rows, err := s.pool.Query(ctx, nearSQL+`WHERE list_id = $1 AND state = 'open' ORDER BY score DESC, id LIMIT $2`, list, page(limit))
	if err != nil {
		return nil, fmt.Errorf("near duplicates: %w", err)
	}
	pairs, err := pgx.CollectRows(rows, scanNear)
	if err != nil {
		return nil, fmt.Errorf("near duplicates: %w", err)
	}
	ids := make([]uuid.UUID, 0, 2*len(pairs))
	for _, p := range pairs {
		ids = append(ids, p.A, p.B)
	}
	rows, err = s.pool.Query(ctx, contactSQL+`WHERE id = ANY ($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("near duplicates: %w", err)
	}
	contacts, err := pgx.CollectRows(rows, scanContact)
	if err != nil {
		return nil, fmt.Errorf("near duplicates: %w", err)
	}
	byID := map[uuid.UUID]*Contact{}
	for i := range contacts {
		byID[contacts[i].ID] = &contacts[i]
	}
	for i := range pairs {
		pairs[i].First, pairs[i].Second = byID[pairs[i].A], byID[pairs[i].B]
	}
	return pairs, nil
}

// DismissNearDuplicate notes that the two are two. Errors: ErrNotFound, ErrDecided.
func (s *Store) DismissNearDuplicate(ctx context.Context, id uuid.UUID, by *uuid.UUID) (n NearDuplicate, err error) {
	err = s.tx(ctx, func(tx pgx.Tx) (err error) {
		n, err = decideNear(ctx, tx, id, "different", by)
		return err
	})
	if err != nil {
		return NearDuplicate{}, fmt.Errorf("near duplicate %s: %w", id, err)
	}
	return n, nil
}

func decideNear(ctx context.Context, tx pgx.Tx, id uuid.UUID, state string, by *uuid.UUID) (n NearDuplicate, err error) {
	rows, err := tx.Query(ctx, nearSQL+`WHERE id = $1 FOR UPDATE`, id)
	if err != nil {
		return n, err
	}
	n, err = pgx.CollectExactlyOneRow(rows, scanNear)
	switch {
	case noRows(err):
		return n, ErrNotFound
	case err == nil && n.State != "open":
		return n, ErrDecided
	case err != nil:
		return n, err
	}
	n.State = state
	err = tx.QueryRow(ctx, `UPDATE near_duplicates SET state = $2, decided_by = $3, decided_at = now() WHERE id = $1 RETURNING decided_at`, id, state, by).Scan(&n.At)
	return n, err
}

// MergeNearDuplicate makes one contact of two: keep (zero: the older one) stays, and gets what it has not: fields, tags, the
// other's numbers behind its own, callbacks, and where a campaign does not know it, what the campaign knows of the other. The
// other one goes; its attempts stay in the history under its id. Errors: ErrNotFound, ErrDecided, ErrInCall, *InputError (keep).
func (s *Store) MergeNearDuplicate(ctx context.Context, id, keep uuid.UUID, by *uuid.UUID) (n NearDuplicate, err error) {
	err = s.tx(ctx, func(tx pgx.Tx) (err error) {
		if n, err = decideNear(ctx, tx, id, "merged", by); err != nil {
			return err
		}
		stays, goes := n.A, n.B
		switch keep {
		case uuid.Nil, n.A:
		case n.B:
			stays, goes = n.B, n.A
		default:
			return &InputError{"keep", "must be one of the two"}
		}
		return s.mergeContacts(ctx, tx, n.ListID, stays, goes)
	})
	if err != nil {
		return NearDuplicate{}, fmt.Errorf("merge near duplicate %s: %w", id, err)
	}
	return n, nil
}

func (s *Store) mergeContacts(ctx context.Context, tx pgx.Tx, list, stays, goes uuid.UUID) error {
	if _, err := tx.Exec(ctx, lockListSQL, lockList, list.String()); err != nil {
		return err
	}
	var out Removed
	found, err := s.lockForRemoval(ctx, tx, list, []uuid.UUID{stays, goes}, nil, nil, &out)
	switch {
	case err != nil:
		return err
	case len(out.Busy) > 0:
		return ErrInCall
	case len(found) != 2:
		return ErrDecided
	}
	from, key, err := newContactOf(ctx, tx, goes)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(`UPDATE callbacks c SET contact_id = $1 WHERE contact_id = $2 AND (state <> 'open' OR NOT EXISTS (SELECT FROM callbacks o
		WHERE o.contact_id = $1 AND o.campaign_id = c.campaign_id AND o.state = 'open'))`, stays, goes)
	b.Queue(`DELETE FROM callbacks WHERE contact_id = $1`, goes)
	// Whoever refused, or was reached, must not be called anew as the other one.
	b.Queue(`UPDATE contact_states cs SET contact_id = $1 WHERE contact_id = $2 AND NOT EXISTS (SELECT FROM contact_states o
		WHERE o.contact_id = $1 AND o.campaign_id = cs.campaign_id)`, stays, goes)
	b.Queue(`DELETE FROM contact_states WHERE contact_id = $1`, goes)
	b.Queue(`DELETE FROM near_duplicates WHERE state = 'open' AND (a = $1 OR b = $1)`, goes)
	b.Queue(`DELETE FROM contacts WHERE id = $1`, goes)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	var phone string
	if err := tx.QueryRow(ctx, `SELECT phone FROM contacts WHERE id = $1`, stays).Scan(&phone); err != nil {
		return err
	}
	from.Key = key
	from.Phones = append([]ContactPhone{{Number: from.Number}}, from.Phones...)
	from.Number.E164 = phone // it stays what it is
	return changeContacts(ctx, tx, []contactChange{{to: &present{id: stays}, from: from, merge: true}})
}

// newContactOf reads a contact as one to be laid upon another.
func newContactOf(ctx context.Context, tx pgx.Tx, id uuid.UUID) (c NewContact, key string, err error) {
	var kind string
	var values fields
	err = tx.QueryRow(ctx, `SELECT phone, name, zones, fields, kind, region, carrier, key, priority, tags, dnc FROM contacts WHERE id = $1`, id).Scan(
		&c.Number.E164, &c.Name, &c.Number.Zones, &values, &kind, &c.Number.Region, &c.Number.Carrier, &key, &c.Priority, &c.Tags, &c.OnDNC)
	if err != nil {
		return c, "", err
	}
	c.Number.Kind, c.Fields = parseKind(kind), values
	phones, err := phonesOf(ctx, tx, []uuid.UUID{id})
	c.Phones = phones[id]
	return c, key, err
}
