package lists

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"
)

const (
	mostAlike  = 8      // contacts of one block that are compared with each other; a larger block tells nothing
	mostPairs  = 10_000 // pairs that one search stores
	surePair   = 0.6    // below, a pair is not shown
	nearFields = 6
)

// likeness is what a contact is compared by.
type likeness struct {
	id     uuid.UUID
	seq    int64
	name   string // skeleton
	values [nearFields]string
	phones []string
}

// What people are told apart by besides their names: parts of the names of fields, and how much it says when two share it.
var nearBy = [nearFields]struct {
	why    string
	weight float64
	words  []string
}{
	{"email", 0.5, []string{"email", "e-mail", "mail", "邮箱", "电子邮件"}},
	{"birthday", 0.3, []string{"birth", "dob", "生日", "出生"}},
	{"address", 0.3, []string{"address", "street", "地址"}},
	{"zip", 0.15, []string{"zip", "postal", "postcode", "邮编"}},
	{"company", 0.1, []string{"company", "公司", "employer"}},
	{"city", 0.1, []string{"city", "城市", "town"}},
}

// FindNearDuplicates looks through a list for contacts that may be one person: the same name in another spelling or order
// together with something else that they share, the same mail address, or a number of one that is a further number of the
// other. It stores the pairs that are new and returns how many. Its memory is bounded; it takes some seconds for each million
// contacts, and holds nothing that others wait for.
func (s *Store) FindNearDuplicates(ctx context.Context, list uuid.UUID) (found int64, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return 0, fmt.Errorf("near duplicates: %w", err)
	}
	defer conn.Release()
	other, err := s.pool.Acquire(ctx)
	if err != nil {
		return 0, fmt.Errorf("near duplicates: %w", err)
	}
	defer other.Release()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `CREATE TEMPORARY TABLE near_blocks (block bigint NOT NULL, contact_id uuid NOT NULL) ON COMMIT DROP`); err != nil {
			return err
		}
		if err := copyBlocks(ctx, tx, other.Conn(), list); err != nil {
			return err
		}
		pairs, err := comparePairs(ctx, tx, other.Conn())
		if err != nil || len(pairs) == 0 {
			return err
		}
		found, err = storePairs(ctx, tx, list, pairs)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("near duplicates of list %s: %w", list, err)
	}
	return found, nil
}

const likenessSQL = `SELECT c.id, c.seq, c.name, c.fields, c.phone, ARRAY(SELECT p.phone FROM contact_phones p WHERE p.contact_id = c.id) FROM contacts c `

func scanLikeness(row pgx.CollectableRow) (p likeness, err error) {
	var name, phone string
	var values fields
	if err := row.Scan(&p.id, &p.seq, &name, &values, &phone, &p.phones); err != nil {
		return p, err
	}
	p.name, p.phones = skeleton(name), append(p.phones, phone)
	for field, v := range values {
		field = strings.ToLower(field)
		for i, by := range nearBy {
			if p.values[i] == "" && slices.ContainsFunc(by.words, func(w string) bool { return strings.Contains(field, w) }) {
				p.values[i] = strings.ToLower(strings.Join(strings.Fields(v), " "))
			}
		}
	}
	return p, nil
}

// copyBlocks writes down for each contact what those that are alike have in common.
func copyBlocks(ctx context.Context, tx pgx.Tx, read *pgx.Conn, list uuid.UUID) error {
	rows, err := read.Query(ctx, likenessSQL+`WHERE c.list_id = $1`, list)
	if err != nil {
		return err
	}
	defer rows.Close()
	var blocks []int64
	var id uuid.UUID
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"near_blocks"}, []string{"block", "contact_id"}, pgx.CopyFromFunc(func() ([]any, error) {
		for len(blocks) == 0 {
			if !rows.Next() {
				return nil, rows.Err()
			}
			p, err := scanLikeness(rows)
			if err != nil {
				return nil, err
			}
			blocks, id = p.blocks(), p.id
		}
		b := blocks[0]
		blocks = blocks[1:]
		return []any{b, id}, nil
	}))
	return err
}

// blocks are hashes of what two spellings of one person would share.
func (p *likeness) blocks() (out []int64) {
	add := func(parts ...string) {
		h := fnv.New64a()
		for _, s := range parts {
			_, _ = h.Write([]byte(s))
			_, _ = h.Write([]byte{0})
		}
		out = append(out, int64(h.Sum64()))
	}
	if p.values[0] != "" {
		add("mail", p.values[0])
	}
	if len(p.phones) > 1 {
		for _, n := range p.phones {
			add("phone", n)
		}
	} else {
		add("phone", p.phones[0])
	}
	if p.name == "" {
		return out
	}
	for i := 1; i < nearFields; i++ {
		if p.values[i] != "" {
			add("name", p.name, nearBy[i].why, p.values[i])
		}
	}
	if p.values[1] != "" { // another spelling, born on the same day
		add("initials", initials(p.name), p.values[1])
	}
	return out
}

type likePair struct {
	a, b  uuid.UUID
	score float64
	why   []string
}

// comparePairs looks at everybody who shares a block with a few others.
func comparePairs(ctx context.Context, tx pgx.Tx, read *pgx.Conn) (out []likePair, err error) {
	rows, err := tx.Query(ctx, `SELECT array_agg(DISTINCT contact_id) FROM near_blocks GROUP BY block
		HAVING count(DISTINCT contact_id) BETWEEN 2 AND $1 LIMIT $2`, mostAlike, 10*mostPairs)
	if err != nil {
		return nil, err
	}
	groups, err := pgx.CollectRows(rows, pgx.RowTo[[]uuid.UUID])
	if err != nil {
		return nil, err
	}
	seen := map[[2]uuid.UUID]bool{}
	for len(groups) > 0 && len(out) < mostPairs {
		part := groups[:min(len(groups), 1000)]
		groups = groups[len(part):]
		people, err := readLikenesses(ctx, read, slices.Concat(part...))
		if err != nil {
			return nil, err
		}
		for _, g := range part {
			for i := range g {
				for j := i + 1; j < len(g); j++ {
					if p, ok := compare(people[g[i]], people[g[j]], seen); ok {
						out = append(out, p)
					}
				}
			}
		}
	}
	return out, nil
}

func readLikenesses(ctx context.Context, conn *pgx.Conn, ids []uuid.UUID) (map[uuid.UUID]*likeness, error) {
	rows, err := conn.Query(ctx, likenessSQL+`WHERE c.id = ANY ($1)`, ids)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, scanLikeness)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID]*likeness{}
	for i := range all {
		out[all[i].id] = &all[i]
	}
	return out, nil
}

// compare says how alike two contacts are.
func compare(a, b *likeness, seen map[[2]uuid.UUID]bool) (likePair, bool) {
	if a == nil || b == nil || a.id == b.id {
		return likePair{}, false
	}
	if a.seq > b.seq {
		a, b = b, a
	}
	key := [2]uuid.UUID{a.id, b.id}
	if seen[key] {
		return likePair{}, false
	}
	seen[key] = true
	p := likePair{a: a.id, b: b.id}
	if name := alike(a.name, b.name); name > 0.5 {
		p.score += 0.5 * name
		p.why = append(p.why, "name")
	} else if a.name != "" && b.name != "" {
		p.score -= 0.3 // two names, one mail address: a family
	}
	for i, by := range nearBy {
		if a.values[i] != "" && a.values[i] == b.values[i] {
			p.score += by.weight
			p.why = append(p.why, by.why)
		}
	}
	if slices.ContainsFunc(a.phones, func(n string) bool { return slices.Contains(b.phones, n) }) {
		p.score += 0.4
		p.why = append(p.why, "phone")
	}
	p.score = min(p.score, 1)
	return p, p.score >= surePair
}

func storePairs(ctx context.Context, tx pgx.Tx, list uuid.UUID, pairs []likePair) (int64, error) {
	n := len(pairs)
	ids, a, b, scores, why := make([]uuid.UUID, n), make([]uuid.UUID, n), make([]uuid.UUID, n), make([]float32, n), make([]string, n)
	for i, p := range pairs {
		ids[i], a[i], b[i], scores[i], why[i] = newID(), p.a, p.b, float32(p.score), strings.Join(p.why, ",")
	}
	tag, err := tx.Exec(ctx, `INSERT INTO near_duplicates (id, list_id, a, b, score, why)
		SELECT p.id, $1, p.a, p.b, p.score, string_to_array(p.why, ',') FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::real[], $6::text[]) AS p(id, a, b, score, why)
		ON CONFLICT (a, b) DO NOTHING`, list, ids, a, b, scores, why)
	return tag.RowsAffected(), err
}

// skeleton is a name without what spellings differ in: case, accents, punctuation, titles, the order of its words.
func skeleton(name string) string {
	words := strings.FieldsFunc(strings.ToLower(norm.NFKD.String(name)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	})
	out := words[:0]
	for _, w := range words {
		w = strings.Map(func(r rune) rune {
			if unicode.IsMark(r) {
				return -1
			}
			return r
		}, w)
		switch w {
		case "", "mr", "mrs", "ms", "dr", "prof", "herr", "frau", "jr", "sr":
			continue
		}
		out = append(out, w)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func initials(name string) string {
	var out []string
	for _, w := range strings.Fields(name) {
		out = append(out, string([]rune(w)[:1]))
	}
	slices.Sort(out)
	return strings.Join(out, "")
}

// alike is the share of pairs of letters that two names have in common (Dice), 0 to 1.
func alike(a, b string) float64 {
	if a == b && a != "" {
		return 1
	}
	x, y := bigrams(a), bigrams(b)
	if len(x)+len(y) == 0 {
		return 0
	}
	common := 0
	for g, n := range x {
		common += min(n, y[g])
	}
	total := 0
	for _, n := range x {
		total += n
	}
	for _, n := range y {
		total += n
	}
	return 2 * float64(common) / float64(total)
}

func bigrams(s string) map[[2]rune]int {
	out := map[[2]rune]int{}
	last := ' '
	for _, r := range s + " " {
		out[[2]rune{last, r}]++
		last = r
	}
	return out
}
