package lists

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// bucketBits is how many bits of seq are of one part of the search: a part holds up to 131,072 contacts.
const bucketBits = 17

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
const searchedSQL = `SELECT c.id, c.seq, c.list_id, c.name, c.key, c.fields, c.phone,
	ARRAY(SELECT p.phone FROM contact_phones p WHERE p.contact_id = c.id ORDER BY p.pos) FROM contacts c `

// searched is a contact with its tokens.
type searched struct {
	id     uuid.UUID
	list   uuid.UUID
	seq    int64
	tokens []int32
}

func (x *searched) bucket() int32 { return int32(x.seq >> bucketBits) }

func scanSearched(row pgx.CollectableRow) (x searched, err error) {
	var name, key, phone string
	var phones []string
	var f fields
	err = row.Scan(&x.id, &x.seq, &x.list, &name, &key, &f, &phone, &phones)
	x.tokens = searchTokens(x.list.String(), name, key, append([]string{phone}, phones...), f)
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
	b := &pgx.Batch{}
	for bucket, gone := range byBucket(found) {
		b.Queue(`DELETE FROM contact_search WHERE bucket = $1 AND contact_id = ANY ($2)`, bucket, gone)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return 0, err
	}
	return len(ids), fillIn(ctx, tx, found)
}

func byBucket(found []searched) map[int32][]uuid.UUID {
	out := map[int32][]uuid.UUID{}
	for _, x := range found {
		out[x.bucket()] = append(out[x.bucket()], x.id)
	}
	return out
}

// behindSQL is the next contact of each list that has some behind its cursor.
const behindSQL = `SELECT l.id, coalesce(k.seq, 0), n.seq FROM lists l LEFT JOIN search_cursors k ON k.list_id = l.id
	CROSS JOIN LATERAL (SELECT seq FROM contacts c WHERE c.list_id = l.id AND c.seq > coalesce(k.seq, 0) ORDER BY c.seq LIMIT 1) n ORDER BY n.seq`

// unfilledSQL reads contacts behind the cursors ($1, $2) of a part that ends before $3.
const unfilledSQL = `SELECT c.id, c.seq, c.list_id, c.name, c.key, c.fields, c.phone, ARRAY(SELECT p.phone FROM contact_phones p WHERE p.contact_id = c.id ORDER BY p.pos)
	FROM unnest($1::uuid[], $2::bigint[]) AS l(list_id, seq)
	CROSS JOIN LATERAL (SELECT * FROM contacts x WHERE x.list_id = l.list_id AND x.seq > l.seq AND x.seq < $3 ORDER BY x.seq LIMIT $4) c LIMIT $4`

// indexNew goes on in the oldest part that has contacts behind the cursors of their lists. A part that is not there yet and gets
// many contacts at once is filled before it has its index, which is several times faster.
func indexNew(ctx context.Context, tx pgx.Tx) (filled int, err error) {
	rows, err := tx.Query(ctx, behindSQL)
	if err != nil {
		return 0, err
	}
	var listIDs []uuid.UUID
	var cursors []int64
	var end, cursor, next int64
	var list uuid.UUID
	if _, err = pgx.ForEachRow(rows, []any{&list, &cursor, &next}, func() error {
		if end == 0 {
			end = (next>>bucketBits + 1) << bucketBits
		}
		if next < end {
			listIDs, cursors = append(listIDs, list), append(cursors, cursor)
		}
		return nil
	}); err != nil || len(listIDs) == 0 {
		return 0, err
	}
	var there bool
	name := partName(int32(end>>bucketBits - 1))
	if err := tx.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, name).Scan(&there); err != nil {
		return 0, err
	}
	most := searchBatch
	if !there {
		most = 1 << bucketBits
	}
	if rows, err = tx.Query(ctx, unfilledSQL, listIDs, cursors, end, most); err != nil {
		return 0, err
	}
	found, err := pgx.CollectRows(rows, scanSearched)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	if !there && len(found) >= searchBatch {
		err = fillPart(ctx, tx, name, found)
	} else {
		err = fillIn(ctx, tx, found)
	}
	if err != nil {
		return 0, err
	}
	return len(found), moveCursors(ctx, tx, found)
}

func moveCursors(ctx context.Context, tx pgx.Tx, found []searched) error {
	last := map[uuid.UUID]int64{}
	for _, x := range found {
		last[x.list] = max(last[x.list], x.seq)
	}
	b := &pgx.Batch{}
	for list, seq := range last {
		b.Queue(`INSERT INTO search_cursors AS k (list_id, seq) VALUES ($1, $2) ON CONFLICT (list_id) DO UPDATE SET seq = greatest(k.seq, excluded.seq)`, list, seq)
	}
	return tx.SendBatch(ctx, b).Close()
}

// fillIn stores tokens in parts that are there, and makes those that are missing.
func fillIn(ctx context.Context, tx pgx.Tx, found []searched) error {
	for bucket := range byBucket(found) {
		var there bool
		if err := tx.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, partName(bucket)).Scan(&there); err != nil {
			return err
		}
		if !there {
			if err := fillPart(ctx, tx, partName(bucket), found[:0]); err != nil {
				return err
			}
		}
	}
	return copyTokens(ctx, tx, "contact_search", found)
}

func copyTokens(ctx context.Context, tx pgx.Tx, table string, found []searched) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{table}, []string{"bucket", "contact_id", "tokens"}, pgx.CopyFromSlice(len(found), func(i int) ([]any, error) {
		return []any{found[i].bucket(), found[i].id, found[i].tokens}, nil
	}))
	return err
}

func partName(bucket int32) string { return fmt.Sprintf("contact_search_%d", bucket) }

// fillPart makes a part as a table of its own, fills it, and attaches it when it has its indexes: searches do not wait.
func fillPart(ctx context.Context, tx pgx.Tx, name string, found []searched) error {
	for _, sql := range []string{
		`SET LOCAL lock_timeout = '5s'`, `SET LOCAL maintenance_work_mem = '128MB'`, `SET LOCAL max_parallel_maintenance_workers = 0`,
		`CREATE TABLE ` + name + ` (LIKE contact_search)`,
	} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("make part %s: %w", name, err)
		}
	}
	if err := copyTokens(ctx, tx, name, found); err != nil {
		return err
	}
	bucket := strings.TrimPrefix(name, "contact_search_")
	for _, sql := range []string{
		`ALTER TABLE ` + name + ` ADD PRIMARY KEY (bucket, contact_id)`, `CREATE INDEX ON ` + name + ` USING gin (tokens)`,
		`ALTER TABLE ` + name + ` ADD CHECK (bucket = ` + bucket + `)`, // so that attaching does not read the table
		`ALTER TABLE contact_search ATTACH PARTITION ` + name + ` FOR VALUES IN (` + bucket + `)`,
	} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("make part %s: %w", name, err)
		}
	}
	return nil
}
