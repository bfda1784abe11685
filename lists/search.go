package lists

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Found is a contact that fits a question.
type Found struct {
	Contact
	ListName string `json:"list_name"`
	Key      string `json:"key"`
	Archived bool   `json:"archived" doc:"its list is archived"`

	more []string // further numbers
}

// SearchResult is what was found. Contacts come in no order that means anything; More says that there are others.
type SearchResult struct {
	Items    []Found `json:"items" nullable:"false"`
	More     bool    `json:"more" doc:"there are more than are shown: ask for more letters or digits"`
	Indexing bool    `json:"indexing" doc:"contacts that were just loaded are still being filled into the search: some may be missing"`
}

// SearchQuery asks for contacts. Text is a number (its beginning, or its last four digits or more, in any writing), words of
// a name, the customer's key, or field=value. Field and Value ask for a field alone.
type SearchQuery struct {
	Text  string
	Field string
	Value string
	List  uuid.UUID // uuid.Nil: all lists
	Limit int       // 1 to 100; default 50
}

const (
	searchFirst    = 150                     // contacts behind the index that are looked at first, which is enough where most of them fit
	searchMore     = 2000                    // and then
	searchTail     = 2000                    // newest contacts of a list that are looked through while they are not filled in
	searchWhole    = 20_000                  // contacts of a list that are all looked at for the beginning of a number
	searchPatience = 1500 * time.Millisecond // of the database
)

// question is a search query taken apart.
type question struct {
	digits string  // of a number; "" when it is none
	words  string  // folded
	field  string  // folded
	value  string  // folded
	all    []int32 // tokens that a contact must have, besides those of one of the ways
	ways   [][]int32
}

// Search finds contacts. *InputError: too little was asked for (q).
func (s *Store) Search(ctx context.Context, q SearchQuery) (SearchResult, error) {
	x, err := q.parse()
	if err != nil {
		return SearchResult{}, err
	}
	if q.Limit < 1 || q.Limit > 100 {
		q.Limit = 50
	}
	out := SearchResult{Items: []Found{}}
	err = s.patient(ctx, searchPatience, func(tx pgx.Tx) error {
		// Plans by the size of tables that a load has just filled are worse than plans by the indexes that are there for this.
		if _, err := tx.Exec(ctx, `SELECT set_config(k, v, true) FROM (VALUES ('enable_seqscan', 'off'), ('jit', 'off'),
			('max_parallel_workers_per_gather', '0')) AS x(k, v)`); err != nil {
			return err
		}
		seen := map[uuid.UUID]bool{}
		take := func(found []Found, most int) {
			for _, f := range found {
				if !seen[f.ID] && x.fits(&f) {
					seen[f.ID] = true
					out.Items = append(out.Items, f)
				}
			}
			out.More = len(found) == most
		}
		if x.digits != "" {
			found, err := byNumber(ctx, tx, x.digits, q.List, q.Limit+1)
			if err != nil {
				return err
			}
			take(found, q.Limit+1)
		}
		for _, most := range []int{searchFirst, searchMore} {
			if len(out.Items) > q.Limit || len(x.ways) == 0 {
				break
			}
			found, err := byTokens(ctx, tx, x, most)
			if err != nil {
				return err
			}
			if take(found, most); len(found) < most {
				break
			}
		}
		found, full, err := byTail(ctx, tx, q.List)
		if err != nil {
			return err
		}
		out.Indexing = full
		take(found, -1)
		return nil
	})
	if tooLong(err) {
		return SearchResult{}, &InputError{"q", "fits too many contacts: ask for more letters or digits"}
	}
	if err != nil {
		return SearchResult{}, fmt.Errorf("search contacts: %w", err)
	}
	if len(out.Items) > q.Limit {
		out.Items, out.More = out.Items[:q.Limit], true
	}
	return out, nil
}

func (q SearchQuery) parse() (x question, err error) {
	text := CleanText(q.Text, 100)
	field, value := CleanText(q.Field, 100), CleanText(q.Value, 100)
	if i := strings.IndexAny(text, "=＝"); field == "" && i > 0 {
		field, value, text = text[:i], strings.TrimLeft(text[i:], "=＝"), ""
	}
	if q.List != uuid.Nil {
		x.all = []int32{listToken(q.List.String())}
	}
	if field != "" {
		x.field, x.value = folded(field), folded(value)
		if x.value == "" {
			return x, &InputError{"value", "must not be empty"}
		}
		x.ways = [][]int32{{fieldToken(x.field, x.value)}}
		return x, nil
	}
	x.words = folded(text)
	if digits, ok := plainNumber(text); ok {
		x.digits = strings.TrimPrefix(digits, "+")
		if abroad := strings.TrimPrefix(x.digits, "00"); len(abroad) >= endings[2] {
			x.digits = abroad // as it is dialled from another country
		}
		if len(x.digits) < 3 {
			return x, &InputError{"q", "give at least 3 digits"}
		}
		for _, end := range x.endings() {
			if t, ok := endingToken(end); ok {
				x.ways = append(x.ways, []int32{t})
			}
		}
		x.ways = append(x.ways, []int32{keyToken(text)})
		return x, nil
	}
	tokens := askedTokens(text)
	if len(tokens) == 0 {
		return x, &InputError{"q", "give a number, a name, a key or field=value"}
	}
	x.ways = [][]int32{tokens, {keyToken(text)}}
	return x, nil
}

// endings are the digits as they are, and without the zero that a number has inside its country only.
func (x *question) endings() []string {
	return slices.Compact([]string{x.digits, strings.TrimLeft(x.digits, "0")})
}

// fits looks at the contact itself: the index knows hashes, and may be behind.
func (x *question) fits(f *Found) bool {
	if x.field != "" {
		for name, value := range f.Fields {
			if folded(name) == x.field && folded(value) == x.value {
				return true
			}
		}
		return false
	}
	if f.Key != "" && folded(f.Key) == x.words {
		return true
	}
	if x.digits != "" {
		ends := x.endings()
		return slices.ContainsFunc(f.numbers(), func(n string) bool {
			n = strings.TrimPrefix(n, "+")
			return strings.HasPrefix(n, x.digits) || slices.ContainsFunc(ends, func(end string) bool { return len(end) >= endings[0] && strings.HasSuffix(n, end) })
		})
	}
	name := folded(f.Name)
	have := runs(name)
	for _, w := range runs(x.words) {
		word, found := string(w), false
		for _, h := range have {
			if short := !ideograph(w[0]) && len(w) < 3; short && strings.HasPrefix(string(h), word) || !short && strings.Contains(string(h), word) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

const foundSQL = `SELECT c.id, c.list_id, c.seq, c.phone, c.name, c.zones, c.fields, c.key, l.name, l.archived_at IS NOT NULL,
	ARRAY(SELECT p.phone FROM contact_phones p WHERE p.contact_id = c.id ORDER BY p.pos) `

func scanFound(row pgx.CollectableRow) (f Found, err error) {
	err = row.Scan(&f.ID, &f.ListID, &f.Seq, &f.Phone, &f.Name, &f.Zones, (*fields)(&f.Fields), &f.Key, &f.ListName, &f.Archived, &f.more)
	return f, err
}

const (
	// numberSQL is between $1 and $2, at most $3.
	numberSQL = `(SELECT id FROM contacts WHERE phone BETWEEN $1 AND $2 ORDER BY phone LIMIT $3)
		UNION (SELECT contact_id FROM contact_phones WHERE phone BETWEEN $1 AND $2 ORDER BY phone LIMIT $3)`
	// numberInListSQL is the same in the list $4: the index by number knows the list. Of a list that has few of the numbers with this
	// beginning it would read most of them, so a small one is read as a whole.
	numberInListSQL      = `(SELECT id FROM contacts WHERE phone BETWEEN $1 AND $2 AND list_id = $4 ORDER BY phone LIMIT $3)`
	numberInSmallListSQL = `(SELECT id FROM (SELECT id, phone FROM contacts WHERE list_id = $4 ORDER BY seq OFFSET 0) s WHERE phone BETWEEN $1 AND $2 LIMIT $3)`
	// furtherInListSQL adds further numbers, whose lists only their contacts know: the first $5 with this beginning are looked at.
	furtherInListSQL = ` UNION (SELECT c.id FROM (SELECT contact_id FROM contact_phones WHERE phone BETWEEN $1 AND $2 ORDER BY phone LIMIT $5) p
		CROSS JOIN LATERAL (SELECT id, list_id FROM contacts WHERE id = p.contact_id OFFSET 0) c WHERE c.list_id = $4 LIMIT $3)`
)

// byNumber finds numbers by their beginning: between it with nothing and with nines behind, in any collation.
func byNumber(ctx context.Context, tx pgx.Tx, digits string, list uuid.UUID, most int) ([]Found, error) {
	low := "+" + digits
	sql, args := numberSQL, []any{low, low + strings.Repeat("9", max(0, 16-len(low))), most}
	if list != uuid.Nil {
		var contacts int64
		if err := tx.QueryRow(ctx, `SELECT coalesce(sum(contacts), 0)::bigint FROM list_zones WHERE list_id = $1`, list).Scan(&contacts); err != nil {
			return nil, err
		}
		sql, args = numberInListSQL, append(args, list, searchMore)
		if contacts <= searchWhole {
			sql = numberInSmallListSQL
		}
		sql += furtherInListSQL
	}
	rows, err := tx.Query(ctx, foundSQL+`FROM (`+sql+`) x JOIN contacts c ON c.id = x.id JOIN lists l ON l.id = c.list_id LIMIT $3`, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanFound)
}

// byTokens finds contacts that have all tokens of one of the ways.
func byTokens(ctx context.Context, tx pgx.Tx, x question, most int) ([]Found, error) {
	var conditions []string
	args := []any{most}
	for _, way := range x.ways {
		args = append(args, append(slices.Clone(x.all), way...))
		conditions = append(conditions, fmt.Sprintf("tokens @> $%d::int[]", len(args)))
	}
	rows, err := tx.Query(ctx, foundSQL+`FROM (SELECT contact_id FROM contact_search WHERE `+strings.Join(conditions, " OR ")+` LIMIT $1) x
		CROSS JOIN LATERAL (SELECT * FROM contacts WHERE id = x.contact_id OFFSET 0) c JOIN lists l ON l.id = c.list_id`, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanFound)
}

// byTail returns the newest contacts that are not filled in yet; full: there are more of them.
func byTail(ctx context.Context, tx pgx.Tx, list uuid.UUID) (found []Found, full bool, err error) {
	rows, err := tx.Query(ctx, foundSQL+`FROM lists l LEFT JOIN search_cursors k ON k.list_id = l.id CROSS JOIN LATERAL (
			SELECT * FROM contacts c WHERE c.list_id = l.id AND c.seq > coalesce(k.seq, 0) ORDER BY c.seq DESC LIMIT $2) c
		WHERE $1 IN (l.id, '00000000-0000-0000-0000-000000000000'::uuid) LIMIT $2`, list, searchTail)
	if err != nil {
		return nil, false, err
	}
	found, err = pgx.CollectRows(rows, scanFound)
	return found, len(found) == searchTail, err
}

func (f *Found) numbers() []string { return append([]string{f.Phone}, f.more...) }
