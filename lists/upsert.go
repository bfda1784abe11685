package lists

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// What became of a contact that was brought to a list.
const (
	Added   = "added"
	Updated = "updated" // a contact that was there was changed
	Passed  = "passed"  // passed over, with a reason
)

// Upserted is what became of one contact.
type Upserted struct {
	Did    string    `json:"did" enum:"added,updated,passed,rejected"`
	ID     uuid.UUID `json:"id" doc:"the contact that was added or changed, or that was there before; zero: none"`
	Reason string    `json:"reason,omitempty" doc:"why it was passed over: duplicate_in_list, duplicate_in_lists, key_taken, ..."`
}

func oneOf(value, others string) bool { return value == "" || strings.Contains(others, "|"+value+"|") }

// present is a contact that is in the database.
type present struct {
	id, list uuid.UUID
	phone    string
	key      string
	same     bool // it came with the import that is at work
}

// upserter places one batch.
type upserter struct {
	list, importID uuid.UUID
	policy         Duplicates
	contacts       []NewContact
	placed         []Upserted
	ids            idSource
	seqs           []int64 // given to the fresh ones beforehand; nil: the table gives them

	byPhone, byKey map[string]*present // of this list
	elsewhere      map[string]*present // of other lists, by number or by key
	fresh          []int               // contacts to be added
	at             map[uuid.UUID]int   // of fresh ones, so that a later row of the batch can change them
	changes        []contactChange
}

// contactChange is a contact that is there and what is laid upon it.
type contactChange struct {
	to    *present
	from  NewContact
	merge bool
}

// upsertContacts is the one way for contacts into a list. known: none of the contacts is in the list yet, and none twice in the
// batch; where that turns out to be wrong, a unique index says so and the caller does the transaction again without it.
func upsertContacts(ctx context.Context, tx pgx.Tx, list, importID uuid.UUID, contacts []NewContact, d Duplicates, known bool) ([]Upserted, error) {
	p := &upserter{list: list, importID: importID, policy: d, contacts: contacts, placed: make([]Upserted, len(contacts))}
	if _, err := tx.Exec(ctx, lockListSQL, lockList, list.String()); err != nil {
		return nil, fmt.Errorf("lock list: %w", err)
	}
	if known {
		p.allFresh()
		return p.placed, p.insert(ctx, tx)
	}
	if err := p.look(ctx, tx); err != nil {
		return nil, err
	}
	p.at = map[uuid.UUID]int{}
	for i := range contacts {
		p.decide(i)
	}
	if err := p.insert(ctx, tx); err != nil {
		return nil, err
	}
	return p.placed, p.change(ctx, tx)
}

// look finds those that are there.
func (p *upserter) look(ctx context.Context, tx pgx.Tx) error {
	p.byPhone, p.byKey, p.elsewhere = map[string]*present{}, map[string]*present{}, map[string]*present{}
	var phones, keys []string
	for i := range p.contacts {
		phones = append(phones, p.contacts[i].Number.E164)
		if k := p.contacts[i].Key; k != "" {
			keys = append(keys, k)
		}
	}
	var importOf *uuid.UUID
	if p.importID != uuid.Nil {
		importOf = &p.importID
	}
	b := &pgx.Batch{}
	const columns = `SELECT c.id, c.list_id, c.phone, c.key, c.import_id IS NOT DISTINCT FROM $2 AND $2 IS NOT NULL FROM contacts c `
	note := func(rows pgx.Rows) error {
		_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
			s := &present{}
			if err := row.Scan(&s.id, &s.list, &s.phone, &s.key, &s.same); err != nil {
				return struct{}{}, err
			}
			p.note(s)
			return struct{}{}, nil
		})
		return err
	}
	b.Queue(columns+`WHERE c.list_id = $1 AND c.phone = ANY ($3)`, p.list, importOf, phones).Query(note)
	if len(keys) > 0 {
		b.Queue(columns+`WHERE c.list_id = $1 AND c.key <> '' AND c.key = ANY ($3)`, p.list, importOf, keys).Query(note)
	}
	if p.policy.Across != "" && p.policy.Across != "allow" {
		if p.policy.By == byKey {
			b.Queue(columns+`WHERE c.list_id <> $1 AND c.key <> '' AND c.key = ANY ($3)`, p.list, importOf, keys).Query(note)
		} else {
			b.Queue(columns+`WHERE c.list_id <> $1 AND c.phone = ANY ($3)`, p.list, importOf, phones).Query(note)
		}
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("look for duplicates: %w", err)
	}
	return nil
}

func (p *upserter) note(s *present) {
	if s.list != p.list {
		p.elsewhere[p.identity(s.phone, s.key)] = s
		return
	}
	p.byPhone[s.phone] = s
	if s.key != "" {
		p.byKey[s.key] = s
	}
}

// identity is what makes two contacts one.
func (p *upserter) identity(phone, key string) string {
	if p.policy.By == byKey && key != "" {
		return "k" + key
	}
	return "p" + phone
}

// decide says what becomes of a contact.
func (p *upserter) decide(i int) {
	c := &p.contacts[i]
	if s := p.same(c); s != nil {
		policy, reason := orSkip(p.policy.InList), DuplicateInList
		if s.same {
			policy, reason = orSkip(p.policy.InFile), DuplicateInFile
		}
		p.meet(i, s, policy, reason)
		return
	}
	// By key it is nobody who is there; but a number, and a key, is had by one only.
	if s := p.byPhone[c.Number.E164]; s != nil {
		p.pass(i, s.id, PhoneTaken)
		return
	}
	if s := p.byKey[c.Key]; c.Key != "" && s != nil {
		p.pass(i, s.id, KeyTaken)
		return
	}
	if s := p.elsewhere[p.identity(c.Number.E164, c.Key)]; s != nil {
		p.meet(i, s, p.policy.Across, DuplicateInLists)
		return
	}
	id := p.ids.next()
	p.placed[i] = Upserted{Did: Added, ID: id}
	p.at[id] = i
	p.fresh = append(p.fresh, i)
	p.note(&present{id: id, list: p.list, phone: c.Number.E164, key: c.Key, same: p.importID != uuid.Nil})
}

// same returns the contact of this list that is the same one.
func (p *upserter) same(c *NewContact) *present {
	if p.policy.By != byKey {
		return p.byPhone[c.Number.E164]
	}
	if c.Key != "" {
		return p.byKey[c.Key]
	}
	return p.byPhone[c.Number.E164] // without a key the number is all there is
}

func (p *upserter) pass(i int, id uuid.UUID, reason string) {
	p.placed[i] = Upserted{Did: Passed, ID: id, Reason: reason}
}

// meet is a contact that comes upon itself.
func (p *upserter) meet(i int, s *present, policy, reason string) {
	if policy == SkipDuplicate {
		p.pass(i, s.id, reason)
		return
	}
	c := p.contacts[i]
	merge := policy == MergeDuplicate
	// A number and a key may change only where nobody else has them.
	switch {
	case p.policy.By != byKey || merge || s.list != p.list:
		c.Number.E164 = s.phone
	case c.Number.E164 != s.phone:
		if other := p.byPhone[c.Number.E164]; other != nil && other.id != s.id {
			p.pass(i, s.id, PhoneTaken)
			return
		}
		delete(p.byPhone, s.phone)
	}
	if c.Key != "" && c.Key != s.key {
		if other := p.byKey[c.Key]; s.list != p.list || other != nil && other.id != s.id {
			if s.list == p.list {
				p.pass(i, s.id, KeyTaken)
				return
			}
			c.Key = ""
		}
	}
	p.placed[i] = Upserted{Did: Updated, ID: s.id}
	p.changes = append(p.changes, contactChange{to: &present{id: s.id, list: s.list, phone: s.phone, key: s.key}, from: c, merge: merge})
	s.phone = c.Number.E164
	if c.Key != "" && (s.key == "" || !merge) {
		s.key = c.Key
	}
	p.note(s)
}

// allFresh adds every contact. With places that are given already they are stored by number, see sortFresh.
func (p *upserter) allFresh() {
	p.fresh = make([]int, len(p.contacts))
	for i := range p.contacts {
		p.fresh[i] = i
	}
	if p.seqs != nil {
		p.sortFresh()
	}
	for _, i := range p.fresh {
		p.placed[i] = Upserted{Did: Added, ID: p.ids.next()}
	}
}

// insert adds the fresh ones and counts them.
func (p *upserter) insert(ctx context.Context, tx pgx.Tx) error {
	counts, err := p.copy(ctx, tx)
	if err != nil {
		return err
	}
	return counts.write(ctx, tx)
}

// copy adds the fresh ones.
func (p *upserter) copy(ctx context.Context, tx pgx.Tx) (*addedCount, error) {
	counts := newAddedCount(p.list)
	if len(p.fresh) == 0 {
		return counts, nil
	}
	rows, phones := newCopyRows(p.list, p.importID), 0
	if p.seqs != nil {
		rows.seqs = make([]int64, 0, len(p.fresh))
	}
	for _, i := range p.fresh {
		c := &p.contacts[i]
		if p.seqs != nil {
			rows.seqs = append(rows.seqs, p.seqs[i])
		}
		rows.columns.see(c)
		counts.add(p.placed[i].ID, c)
		phones += len(c.Phones)
	}
	sql, columns := rows.statement()
	stream := &contactReader{rows: rows, fields: columns, contacts: func(n int) (uuid.UUID, *NewContact) {
		if n >= len(p.fresh) {
			return uuid.Nil, nil
		}
		i := p.fresh[n]
		return p.placed[i].ID, &p.contacts[i]
	}}
	conn := tx.Conn().PgConn()
	if _, err := conn.CopyFrom(ctx, stream, sql); err != nil {
		return nil, fmt.Errorf("copy %d contacts: %w", len(p.fresh), err)
	}
	if phones > 0 {
		rows.begin()
		for _, i := range p.fresh {
			rows.phones(p.placed[i].ID, p.contacts[i].Phones)
		}
		if _, err := conn.CopyFrom(ctx, rows.reader(), copyPhonesSQL); err != nil {
			return nil, fmt.Errorf("copy %d numbers: %w", phones, err)
		}
	}
	return counts, nil
}

// rounds parts the changes so that each contact is in a round once, in their order.
func (p *upserter) rounds() (out [][]contactChange) {
	met := map[uuid.UUID]int{}
	for _, c := range p.changes {
		n := met[c.to.id]
		if n == len(out) {
			out = append(out, nil)
		}
		out[n] = append(out[n], c)
		met[c.to.id]++
	}
	return out
}

func (p *upserter) change(ctx context.Context, tx pgx.Tx) error {
	for _, round := range p.rounds() {
		// In one order everywhere: two transactions that change the same contacts must not wait for each other in a circle.
		slices.SortFunc(round, func(a, b contactChange) int { return strings.Compare(a.to.id.String(), b.to.id.String()) })
		if err := changeContacts(ctx, tx, round); err != nil {
			return err
		}
	}
	return nil
}
