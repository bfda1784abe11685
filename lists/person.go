package lists

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Who names one person: by a number, by the customer's own id of him, or by one of his contacts. One of them is enough.
type Who struct {
	Phone   string    `json:"phone,omitempty" doc:"E.164"`
	Person  string    `json:"person,omitempty" doc:"the customer's own id (a contact's key)"`
	Contact uuid.UUID `json:"contact_id,omitempty" format:"uuid"`
}

// mostOfOne bounds the contacts and the numbers of one person: more is a mistake, not a person.
const mostOfOne = 200

// person is what was found of somebody: his contacts in all lists, his keys, and every number of theirs.
type person struct {
	contacts []uuid.UUID
	keys     []string
	numbers  []string
}

// find looks a person up: contacts with the number or the key, all their numbers, and then all contacts that have one of these
// as their first. Errors: *InputError (phone, person), ErrNotFound for a contact that is not there.
func (s *Store) find(ctx context.Context, who Who) (p person, err error) {
	switch {
	case who.Phone == "" && who.Person == "" && who.Contact == uuid.Nil:
		return p, &InputError{"phone", "give a number, a person or a contact"}
	case who.Phone != "" && !e164.MatchString(who.Phone):
		return p, &InputError{"phone", "must be a number in E.164 form, like +12025550100"}
	}
	if who.Person != "" {
		if who.Person, err = personKey(who.Person); err != nil {
			return p, err
		}
	}
	rows, err := s.pool.Query(ctx, `
		WITH first AS MATERIALIZED (
			SELECT id, phone, key FROM contacts WHERE phone = $1 AND $1 <> ''
			UNION SELECT c.id, c.phone, c.key FROM contact_phones n JOIN contacts c ON c.id = n.contact_id WHERE n.phone = $1 AND $1 <> ''
			UNION SELECT id, phone, key FROM contacts WHERE id = $3
			UNION SELECT c.id, c.phone, c.key FROM lists l CROSS JOIN LATERAL (
				SELECT id, phone, key FROM contacts WHERE list_id = l.id AND key = $2 AND key <> '') c),
		his AS MATERIALIZED (SELECT phone FROM first UNION SELECT n.phone FROM first JOIN contact_phones n ON n.contact_id = first.id)
		SELECT id, phone, key FROM first
		UNION SELECT c.id, c.phone, c.key FROM his JOIN contacts c ON c.phone = his.phone WHERE his.phone NOT LIKE '+0%'
		UNION SELECT '00000000-0000-0000-0000-000000000000'::uuid, phone, '' FROM his
		LIMIT $4`, who.Phone, who.Person, nilID(who.Contact), 2*mostOfOne+2)
	if err != nil {
		return p, fmt.Errorf("look for a person: %w", err)
	}
	var id uuid.UUID
	var phone, key string
	_, err = pgx.ForEachRow(rows, []any{&id, &phone, &key}, func() error {
		p.numbers = append(p.numbers, phone)
		if id != uuid.Nil {
			p.contacts = append(p.contacts, id)
		}
		if key != "" {
			p.keys = append(p.keys, key)
		}
		return nil
	})
	if err != nil {
		return p, fmt.Errorf("look for a person: %w", err)
	}
	if who.Phone != "" {
		p.numbers = append(p.numbers, who.Phone)
	}
	if who.Person != "" {
		p.keys = append(p.keys, who.Person)
	}
	p.tidy()
	switch {
	case len(p.contacts) == 0 && who.Contact != uuid.Nil:
		return p, ErrNotFound
	case len(p.contacts) > mostOfOne || len(p.numbers) > mostOfOne:
		return p, &InputError{"phone", fmt.Sprintf("more than %d contacts or numbers belong to it: that is no person", mostOfOne)}
	}
	return p, nil
}

func (p *person) tidy() {
	p.numbers = slices.DeleteFunc(p.numbers, func(n string) bool { return strings.HasPrefix(n, erasedPrefix) })
	slices.Sort(p.numbers)
	slices.Sort(p.keys)
	p.numbers, p.keys = slices.Compact(p.numbers), slices.Compact(p.keys)
}

// Erasure asks for a person to be forgotten.
type Erasure struct {
	Who
	By     uuid.UUID
	Reason string
	// DeleteRecordings takes the recordings of the attempts away for good, with their files, and returns how many there were. nil
	// leaves them, where a law obliges to keep them; then they are named in the answer.
	DeleteRecordings func(ctx context.Context, attempts []uuid.UUID) (deleted int, err error)
	// KeepCalls leaves the numbers of past attempts in the history, where a law obliges the customer to keep records of calls
	// (as 16 CFR 310.5 does for five years). Otherwise they are replaced.
	KeepCalls bool
}

// Erased says what an erasure found and did.
type Erased struct {
	Contacts   int         `json:"contacts" doc:"contacts that stay as empty rows, so that lists add up"`
	Numbers    int         `json:"numbers" doc:"numbers that are suppressed for good, by a hash"`
	Attempts   int64       `json:"attempts" doc:"past attempts whose number was replaced"`
	Notes      int64       `json:"notes" doc:"dispositions and callbacks whose notes were emptied"`
	Answers    int64       `json:"answers" doc:"answers to scripts that were deleted"`
	Consents   int64       `json:"consents" doc:"consents that were withdrawn and emptied; purpose and days stay as evidence"`
	DNC        int64       `json:"dnc" doc:"do-not-call entries that the hash takes the place of"`
	Recordings []Recorded  `json:"recordings" nullable:"false" doc:"recordings of the person's calls that are kept, because the erasure said so"`
	Open       []uuid.UUID `json:"-"`
	Deleted    int         `json:"recordings_deleted" doc:"recordings that were deleted with their files"`
	Overrides  int64       `json:"overrides" doc:"overrides of rules that were ended and emptied"`
}

// Recorded names a recording.
type Recorded struct {
	Attempt uuid.UUID `json:"attempt_id"`
	Path    string    `json:"path"`
	SHA256  string    `json:"sha256"`
}

// Erase forgets a person. In this order: a row in the audit log, which names nobody but by hash; then, in one transaction
// under the locks of the numbers, their hashes and the cancelling of open attempts; then withdraw, which must end the
// unanswered ones (I3); then the recordings of all calls; then, in one transaction, the emptying of everything else. When a later step
// fails, the numbers are suppressed already and the same call may be made again.
//
// What stays: the contact as an empty row with a number that nobody has; attempts with their outcomes, under such a number
// (or, with KeepCalls, under the real one); dispositions without notes; consents without number and text; the audit log,
// which law and its hash chain keep from being changed; facts in the outbox for at most thirty days; recordings only where the
// erasure leaves them, which are then named in the answer; rejected rows of imported files, until these are deleted.
func (s *Store) Erase(ctx context.Context, e Erasure, withdraw func(context.Context, []uuid.UUID) error) (Erased, error) {
	p, err := s.find(ctx, e.Who)
	if err != nil {
		return Erased{}, err
	}
	w := &erasing{store: s, e: e, p: p, result: Erased{Contacts: len(p.contacts), Numbers: len(p.numbers), Recordings: []Recorded{}}}
	if err := w.run(ctx, withdraw); err != nil {
		return w.result, fmt.Errorf("erase a person: %w", err)
	}
	return w.result, nil
}

// erasing is one Erase under way.
type erasing struct {
	store  *Store
	e      Erasure
	p      person
	hashes [][]byte // of the numbers
	result Erased
}

func (w *erasing) run(ctx context.Context, withdraw func(context.Context, []uuid.UUID) error) error {
	if err := w.hash(ctx); err != nil {
		return err
	}
	short := make([]string, len(w.hashes))
	for i, h := range w.hashes {
		short[i] = hex.EncodeToString(h)
	}
	err := w.store.Audit(ctx, w.e.By, "person.erase", "person:"+strings.Join(short, ","), map[string]any{"contacts": w.p.contacts, "numbers": short,
		"reason": CleanText(w.e.Reason, 200), "keep_calls": w.e.KeepCalls})
	if err != nil {
		return err
	}
	if err := w.store.tx(ctx, func(tx pgx.Tx) error { return w.suppress(ctx, tx) }); err != nil {
		return err
	}
	if len(w.result.Open) > 0 && withdraw != nil {
		if err := withdraw(ctx, w.result.Open); err != nil {
			return err
		}
	}
	if w.e.DeleteRecordings != nil {
		calls, err := w.calls(ctx)
		if err != nil {
			return err
		}
		if w.result.Deleted, err = w.e.DeleteRecordings(ctx, calls); err != nil {
			return err
		}
	}
	return w.store.tx(ctx, func(tx pgx.Tx) error { return w.empty(ctx, tx) })
}

// personCalls are the attempts of contacts $1 and numbers $2.
const personCalls = `SELECT id FROM attempts WHERE contact_id = ANY ($1) UNION SELECT id FROM attempts WHERE phone = ANY ($2)
		UNION SELECT id FROM open_attempts WHERE phone = ANY ($2) OR contact_id = ANY ($1)`

// calls are all attempts of the person, those under way among them.
func (w *erasing) calls(ctx context.Context) ([]uuid.UUID, error) {
	rows, err := w.store.pool.Query(ctx, personCalls, scope(w.p.contacts), w.p.numbers)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// keyMark is put before a person's key, so that its hash is not that of a number.
const keyMark = "key:"

func (w *erasing) hash(ctx context.Context) error {
	rows, err := w.store.pool.Query(ctx, `SELECT number_hash(n) FROM unnest($1::text[]) WITH ORDINALITY AS p(n, i) ORDER BY i`, w.p.numbers)
	if err == nil {
		w.hashes, err = pgx.CollectRows(rows, pgx.RowTo[[]byte])
	}
	return err
}

// suppress makes sure that no call leaves any more.
func (w *erasing) suppress(ctx context.Context, tx pgx.Tx) error {
	if err := lockNumbers(ctx, tx, w.p.numbers); err != nil {
		return err
	}
	keys := make([]string, len(w.p.keys))
	for i, k := range w.p.keys {
		keys[i] = keyMark + k
	}
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO erased_numbers (hash) SELECT number_hash(n) FROM unnest($1::text[]) AS p(n) ON CONFLICT DO NOTHING`, append(keys, w.p.numbers...))
	b.Queue(cancelOpenSQL, w.p.numbers, nil, nil, nil).Query(func(rows pgx.Rows) (err error) {
		w.result.Open, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		return err
	})
	return tx.SendBatch(ctx, b).Close()
}

// standIn is a number that no telephone has: +0 and fourteen digits.
func standIn(hash []byte) string {
	return fmt.Sprintf("%s%014d", erasedPrefix, binary.BigEndian.Uint64(hash)%100_000_000_000_000)
}

// empty takes the person out of everything. The order of rows is that of package lists: open attempts, then states.
func (w *erasing) empty(ctx context.Context, tx pgx.Tx) error {
	if err := personMode(ctx, tx); err != nil {
		return err
	}
	if err := w.list(ctx, tx); err != nil {
		return err
	}
	calls := make([]string, len(w.hashes))
	erased := make([]string, len(w.hashes))
	for i, h := range w.hashes {
		calls[i], erased[i] = standIn(h), "erased:"+hex.EncodeToString(h)
	}
	rows := make([]string, len(w.p.contacts))
	for i, id := range w.p.contacts {
		h := sha256.Sum256(id[:])
		rows[i] = standIn(h[:])
	}
	numbers, contacts := w.p.numbers, w.p.contacts
	w.result.Notes = 0
	b := &pgx.Batch{}
	count := func(into *int64, sql string, args ...any) {
		b.Queue(sql, args...).Exec(func(tag pgconn.CommandTag) error {
			*into += tag.RowsAffected()
			return nil
		})
	}
	var none int64
	w.result.Attempts, w.result.Consents, w.result.DNC, w.result.Overrides = 0, 0, 0, 0 // a transaction may be done again
	if !w.e.KeepCalls {
		count(&none, `UPDATE open_attempts o SET phone = i.stand_in FROM unnest($1::text[], $2::text[]) AS i(phone, stand_in) WHERE o.id = ANY (ARRAY(
			SELECT id FROM open_attempts WHERE phone = ANY ($1) ORDER BY id FOR UPDATE)) AND o.phone = i.phone`, numbers, calls)
		count(&w.result.Attempts, `UPDATE attempts a SET phone = i.stand_in FROM unnest($1::text[], $2::text[]) AS i(phone, stand_in) WHERE a.phone = i.phone`, numbers, calls)
	}
	count(&none, `UPDATE contact_states SET state = 'excluded', reason = '`+RuleErased+`', due_at = NULL, callback = false WHERE state <> 'in_flight'
		AND (campaign_id, contact_id) IN (SELECT c.id, i FROM campaigns c CROSS JOIN unnest($1::uuid[]) i)`, contacts)
	count(&none, `UPDATE callbacks SET state = 'cancelled' WHERE contact_id = ANY ($1) AND state = 'open'`, contacts)
	count(&w.result.Notes, `UPDATE callbacks SET note = '' WHERE contact_id = ANY ($1) AND note <> ''`, contacts)
	count(&w.result.Notes, `UPDATE dispositions SET note = '', follow_up = '' WHERE contact_id = ANY ($1) AND (note <> '' OR follow_up <> '')`, contacts)
	count(&w.result.Notes, `UPDATE sales SET title = '–', note = '', revision = revision + 1 WHERE contact_id = ANY ($1)`, contacts)
	count(&w.result.Notes, `UPDATE messages SET body = '' WHERE contact_id = ANY ($1) AND body <> ''`, contacts)
	count(&w.result.Notes, `UPDATE help_requests SET text = '', answer = '' WHERE contact_id = ANY ($1) AND (text <> '' OR answer <> '')`, contacts)
	count(&w.result.Notes, `UPDATE evaluation_changes SET reason = '–', sheet = quality_wordless(sheet) WHERE evaluation_id IN (SELECT id FROM evaluations WHERE contact_id = ANY ($1))`, contacts)
	count(&w.result.Notes, `UPDATE evaluation_appeals SET text = '–', answer = '' WHERE evaluation_id IN (SELECT id FROM evaluations WHERE contact_id = ANY ($1))`, contacts)
	count(&w.result.Notes, `UPDATE coaching_tasks SET text = '–', outcome = '' WHERE evaluation_id IN (SELECT id FROM evaluations WHERE contact_id = ANY ($1))`, contacts)
	count(&w.result.Notes, `UPDATE evaluations SET sheet = quality_wordless(sheet), sheet_now = quality_wordless(sheet_now) WHERE contact_id = ANY ($1)`, contacts)
	b.Queue(`UPDATE preview_skips SET reason = '' WHERE contact_id = ANY ($1) AND reason <> ''`, contacts)
	b.Queue(`DELETE FROM desk_drafts d USING attempts a WHERE a.id = d.attempt_id AND a.contact_id = ANY ($1)`, contacts)
	count(&none, `DELETE FROM number_pasts WHERE phone = ANY ($1)`, bare(numbers))
	count(&none, `DELETE FROM number_marks WHERE phone = ANY ($1)`, bare(numbers))
	count(&none, `UPDATE import_rejects SET value = '', record = NULL WHERE value = ANY ($1) OR record && $1`, numbers)
	count(&w.result.DNC, `DELETE FROM dnc WHERE phone = ANY ($1)`, numbers)
	count(&w.result.DNC, `DELETE FROM dnc_people WHERE person = ANY ($1)`, w.p.keys)
	count(&w.result.Consents, `UPDATE consents k SET phone = '', person = i.erased, evidence = '', source = '', erased = true,
		withdrawn_at = coalesce(withdrawn_at, now()), withdrawn_how = CASE WHEN withdrawn_at IS NULL THEN 'erased' ELSE '' END
		FROM unnest($1::text[], $2::text[]) AS i(phone, erased) WHERE k.phone = i.phone`, numbers, erased)
	count(&w.result.Consents, `UPDATE consents SET phone = '', person = coalesce(($2::text[])[1], 'erased'), evidence = '', source = '', erased = true,
		withdrawn_at = coalesce(withdrawn_at, now()), withdrawn_how = CASE WHEN withdrawn_at IS NULL THEN 'erased' ELSE '' END WHERE person = ANY ($1)`, w.p.keys, erased)
	count(&w.result.Overrides, `UPDATE rule_overrides SET phone = '', contact_id = NULL, why = 'erased', ended_why = CASE WHEN ended_at IS NULL THEN 'erased' ELSE '' END,
		ended_at = coalesce(ended_at, now()), erased = true WHERE phone = ANY ($1) OR contact_id = ANY ($2)`, numbers, contacts)
	count(&none, `DELETE FROM contact_search WHERE contact_id = ANY ($1)`, contacts)
	count(&none, `DELETE FROM contact_phones WHERE contact_id = ANY ($1)`, contacts)
	count(&none, eraseContactsSQL, contacts, rows)
	return tx.SendBatch(ctx, b).Close()
}

const eraseContactsSQL = `
UPDATE contacts c SET phone = i.stand_in, name = '', fields = '{}', key = '', kind = '', carrier = '', tags = '{}', dnc = true
FROM unnest($1::uuid[], $2::text[]) AS i(id, stand_in) WHERE c.id = i.id`

// bare are numbers without the plus.
func bare(phones []string) []int64 {
	out := make([]int64, 0, len(phones))
	for _, phone := range phones {
		if n, err := strconv.ParseInt(phone, 10, 64); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// list finds the attempts of the person: their recordings are named, their answers deleted.
func (w *erasing) list(ctx context.Context, tx pgx.Tx) error {
	const attempts = personCalls
	rows, err := tx.Query(ctx, `SELECT r.attempt_id, r.path, encode(r.sha256, 'hex') FROM (`+attempts+`) a JOIN recordings r ON r.attempt_id = a.id ORDER BY r.created_at`,
		w.p.contacts, w.p.numbers)
	if err != nil {
		return err
	}
	if w.result.Recordings, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Recorded]); err != nil {
		return err
	}
	if w.result.Recordings == nil {
		w.result.Recordings = []Recorded{}
	}
	tag, err := tx.Exec(ctx, `DELETE FROM script_answers s USING (`+attempts+`) a WHERE s.attempt_id = a.id`, w.p.contacts, w.p.numbers)
	w.result.Answers = tag.RowsAffected()
	return err
}
