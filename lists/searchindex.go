package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	lockSearch  = 7    // held while contacts are filled into the search
	searchBatch = 5000 // contacts of one transaction
)

// IndexContacts fills contacts into the search that came or changed since it was last called, at most one batch of each, in a
// short transaction; it returns how many. Two processes at once do not disturb each other: one of them does nothing. Who calls
// it again at once while it returns more than 0 fills in all.
func (s *Store) IndexContacts(ctx context.Context) (filled int, err error) {
	err = s.tx(ctx, func(tx pgx.Tx) error {
		var mine bool
		filled = 0
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1, 0)`, lockSearch).Scan(&mine); err != nil || !mine {
			return err
		}
		if filled, err = indexChanged(ctx, tx); err != nil {
			return err
		}
		more, err := indexNew(ctx, tx)
		filled += more
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("fill the search: %w", err)
	}
	return filled, nil
}

// searchedSQL reads what contacts are found by.
const searchedSQL = `SELECT c.id, c.seq, c.list_id::text, c.name, c.key, c.fields, c.phone,
	ARRAY(SELECT p.phone FROM contact_phones p WHERE p.contact_id = c.id ORDER BY p.pos) FROM contacts c `

// searched is a contact with its tokens.
type searched struct {
	id     uuid.UUID
	seq    int64
	tokens []int32
}

func scanSearched(row pgx.CollectableRow) (x searched, err error) {
	var list, name, key, phone string
	var phones []string
	var f fields
	err = row.Scan(&x.id, &x.seq, &list, &name, &key, &f, &phone, &phones)
	x.tokens = searchTokens(list, name, key, append([]string{phone}, phones...), f)
	return x, err
}

// indexChanged takes the marks of changed contacts away and fills them in anew.
func indexChanged(ctx context.Context, tx pgx.Tx) (int, error) {
	rows, err := tx.Query(ctx, `DELETE FROM search_changed WHERE ctid = ANY (ARRAY(SELECT ctid FROM search_changed LIMIT $1 FOR UPDATE SKIP LOCKED))
		RETURNING contact_id`, searchBatch)
	if err != nil {
		return 0, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	// Those behind the cursors come with the others of their list.
	rows, err = tx.Query(ctx, searchedSQL+`JOIN search_cursors k ON k.list_id = c.list_id AND c.seq <= k.seq WHERE c.id = ANY ($1)`, ids)
	if err != nil {
		return 0, err
	}
	found, err := pgx.CollectRows(rows, scanSearched)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM contact_search WHERE contact_id = ANY ($1)`, ids); err != nil {
		return 0, err
	}
	return len(ids), fillIn(ctx, tx, found, false)
}

// indexNew goes on in the lists that have contacts behind their cursors.
func indexNew(ctx context.Context, tx pgx.Tx) (filled int, err error) {
	rows, err := tx.Query(ctx, `SELECT l.id, coalesce(k.seq, 0) FROM lists l LEFT JOIN search_cursors k ON k.list_id = l.id
		WHERE (SELECT true FROM contacts c WHERE c.list_id = l.id AND c.seq > coalesce(k.seq, 0) ORDER BY c.seq LIMIT 1) ORDER BY l.id`)
	if err != nil {
		return 0, err
	}
	type behind struct {
		List uuid.UUID
		Seq  int64
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[behind])
	if err != nil {
		return 0, err
	}
	for _, b := range all {
		if filled >= searchBatch {
			break
		}
		rows, err := tx.Query(ctx, searchedSQL+`WHERE c.list_id = $1 AND c.seq > $2 ORDER BY c.seq LIMIT $3`, b.List, b.Seq, searchBatch-filled)
		if err != nil {
			return 0, err
		}
		found, err := pgx.CollectRows(rows, scanSearched)
		if err != nil {
			return 0, err
		}
		if len(found) == 0 {
			continue
		}
		if err := fillIn(ctx, tx, found, true); err != nil {
			return 0, err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO search_cursors AS k (list_id, seq) VALUES ($1, $2)
			ON CONFLICT (list_id) DO UPDATE SET seq = greatest(k.seq, excluded.seq)`, b.List, found[len(found)-1].seq); err != nil {
			return 0, err
		}
		filled += len(found)
	}
	return filled, nil
}

// fillIn stores tokens; moved says that some of the contacts may be there from another list.
func fillIn(ctx context.Context, tx pgx.Tx, found []searched, moved bool) error {
	if moved {
		ids := make([]uuid.UUID, len(found))
		for i := range found {
			ids[i] = found[i].id
		}
		if _, err := tx.Exec(ctx, `DELETE FROM contact_search WHERE contact_id = ANY ($1)`, ids); err != nil {
			return err
		}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"contact_search"}, []string{"contact_id", "tokens"}, pgx.CopyFromSlice(len(found), func(i int) ([]any, error) {
		return []any{found[i].id, found[i].tokens}, nil
	}))
	return err
}
