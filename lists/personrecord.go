package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// PersonRecord is everything that the ledger knows of one person, for the person himself.
type PersonRecord struct {
	Asked        Who              `json:"asked"`
	At           time.Time        `json:"at"`
	Numbers      []string         `json:"numbers" nullable:"false"`
	Keys         []string         `json:"keys" nullable:"false" doc:"the customer's own ids of the person"`
	Contacts     []PersonContact  `json:"contacts" nullable:"false"`
	Places       []PersonPlace    `json:"places" nullable:"false" doc:"where the contacts stand in campaigns"`
	Attempts     []Attempt        `json:"attempts" nullable:"false" doc:"calls, newest first, with what the agent noted"`
	Open         []PersonOpen     `json:"open" nullable:"false" doc:"calls under way"`
	Answers      []PersonAnswer   `json:"answers" nullable:"false" doc:"what was answered to scripts"`
	Callbacks    []Callback       `json:"callbacks" nullable:"false"`
	Consents     []Consent        `json:"consents" nullable:"false"`
	DNC          []DNC            `json:"dnc" nullable:"false"`
	Registries   []PersonRegistry `json:"registries" nullable:"false" doc:"registries that list a number of the person"`
	Recordings   []Recorded       `json:"recordings" nullable:"false"`
	Overrides    []Override       `json:"overrides" nullable:"false" doc:"rules that were lifted for the person"`
	Erased       bool             `json:"erased" doc:"a number was erased before: only its hash is known"`
	MoreAttempts bool             `json:"more_attempts" doc:"there are more calls than are shown here"`
}

// PersonContact is a contact with the list that holds it.
type PersonContact struct {
	Contact
	List      string    `json:"list"`
	Key       string    `json:"key"`
	Phones    []string  `json:"phones" nullable:"false" doc:"further numbers"`
	CreatedAt time.Time `json:"created_at"`
}

// PersonPlace is where a contact stands in one campaign.
type PersonPlace struct {
	Contact  uuid.UUID `json:"contact_id"`
	Campaign string    `json:"campaign"`
	Place
}

// PersonOpen is a call under way.
type PersonOpen struct {
	Attempt  uuid.UUID `json:"attempt_id"`
	Phone    string    `json:"phone"`
	Campaign uuid.UUID `json:"campaign_id"`
	At       time.Time `json:"at"`
}

// PersonAnswer is an answer to one step of a script.
type PersonAnswer struct {
	Attempt uuid.UUID       `json:"attempt_id"`
	Step    string          `json:"step"`
	Answer  json.RawMessage `json:"answer"`
	At      time.Time       `json:"at"`
}

// PersonRegistry is a registry that lists a number.
type PersonRegistry struct {
	Registry string     `json:"registry"`
	Phone    string     `json:"phone"`
	AsOf     *time.Time `json:"as_of"`
}

const mostAttempts = 5000 // of one record

// PersonRecord gathers what is known of a person, in one snapshot. Whoever hands it out writes an audit row first.
// Errors: as Erase has them.
func (s *Store) PersonRecord(ctx context.Context, who Who) (PersonRecord, error) {
	p, err := s.find(ctx, who)
	if err != nil {
		return PersonRecord{}, err
	}
	r := PersonRecord{Asked: who, Numbers: p.numbers, Keys: p.keys}
	if r.Numbers == nil {
		r.Numbers = []string{}
	}
	if r.Keys == nil {
		r.Keys = []string{}
	}
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		var have []registryFact
		b := &pgx.Batch{}
		b.Queue(`SELECT coalesce($1::timestamptz, now())`, s.at()).QueryRow(func(row pgx.Row) error { return row.Scan(&r.At) })
		b.Queue(registriesSQL).Query(readRegistries(&have))
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		b = r.queue(p)
		r.queueRegistries(b, have)
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return PersonRecord{}, fmt.Errorf("record of a person: %w", err)
	}
	if r.MoreAttempts = len(r.Attempts) > mostAttempts; r.MoreAttempts {
		r.Attempts = r.Attempts[:mostAttempts]
	}
	return r, nil
}

// collect makes a reader of rows for a batch; no rows make an empty slice, not null.
func collect[T any](into *[]T, row pgx.RowToFunc[T]) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, row)
		*into = append([]T{}, found...)
		return err
	}
}

// queue asks for all of it.
func (r *PersonRecord) queue(p person) *pgx.Batch {
	b := &pgx.Batch{}
	calls := `SELECT id FROM attempts WHERE contact_id = ANY ($1) UNION SELECT id FROM attempts WHERE phone = ANY ($2)
		UNION SELECT id FROM open_attempts WHERE contact_id = ANY ($1) OR phone = ANY ($2)`
	b.Queue(`SELECT c.id, c.list_id, c.seq, c.phone, c.name, c.zones, c.fields, l.name, c.key, c.created_at,
			coalesce((SELECT array_agg(n.phone ORDER BY n.pos) FROM contact_phones n WHERE n.contact_id = c.id), '{}')
		FROM contacts c JOIN lists l ON l.id = c.list_id WHERE c.id = ANY ($1) ORDER BY c.created_at, c.id`, p.contacts).Query(
		collect(&r.Contacts, func(row pgx.CollectableRow) (c PersonContact, err error) {
			err = row.Scan(&c.ID, &c.ListID, &c.Seq, &c.Phone, &c.Name, &c.Zones, (*fields)(&c.Fields), &c.List, &c.Key, &c.CreatedAt, &c.Phones)
			return c, err
		}))
	b.Queue(`SELECT cs.contact_id, g.name, cs.campaign_id, cs.state, cs.reason, cs.attempts, cs.last_outcome, cs.due_at FROM campaigns g
		CROSS JOIN unnest($1::uuid[]) AS i(id) JOIN contact_states cs ON cs.campaign_id = g.id AND cs.contact_id = i.id ORDER BY g.name`, p.contacts).Query(
		collect(&r.Places, func(row pgx.CollectableRow) (x PersonPlace, err error) {
			err = row.Scan(&x.Contact, &x.Campaign, &x.CampaignID, &x.State, &x.Reason, &x.Attempts, &x.LastOutcome, &x.DueAt)
			return x, err
		}))
	b.Queue(attemptSQL(`SELECT a.* FROM attempts a JOIN (`+calls+`) i ON i.id = a.id ORDER BY permit_at DESC LIMIT $3`), p.contacts, p.numbers, mostAttempts+1).Query(
		collect(&r.Attempts, pgx.RowToStructByPos[Attempt]))
	b.Queue(`SELECT id, phone, campaign_id, permit_at FROM open_attempts WHERE contact_id = ANY ($1) OR phone = ANY ($2)`, p.contacts, p.numbers).Query(
		collect(&r.Open, pgx.RowToStructByPos[PersonOpen]))
	b.Queue(`SELECT s.attempt_id, s.step, s.answer, s.at FROM (`+calls+`) a JOIN script_answers s ON s.attempt_id = a.id ORDER BY s.at`, p.contacts, p.numbers).Query(
		collect(&r.Answers, pgx.RowToStructByPos[PersonAnswer]))
	b.Queue(callbackSQL+`WHERE contact_id = ANY ($1) ORDER BY created_at DESC, id DESC`, p.contacts).Query(collect(&r.Callbacks, pgx.RowToStructByPos[Callback]))
	b.Queue(`SELECT `+consentColumns+` FROM consents WHERE phone = ANY ($1) OR person = ANY ($2) ORDER BY given_at`, p.numbers, p.keys).Query(
		collect(&r.Consents, pgx.RowToStructByPos[Consent]))
	b.Queue(`SELECT id, phone, campaign_id, reason, added_by, until, created_at, person FROM dnc WHERE phone = ANY ($1)
		UNION ALL SELECT id, '', campaign_id, reason, added_by, until, created_at, person FROM dnc_people WHERE person = ANY ($2) ORDER BY created_at`, p.numbers, p.keys).Query(
		collect(&r.DNC, pgx.RowToStructByPos[DNC]))
	b.Queue(`SELECT r.attempt_id, r.path, encode(r.sha256, 'hex') FROM (`+calls+`) a JOIN recordings r ON r.attempt_id = a.id ORDER BY r.created_at`,
		p.contacts, p.numbers).Query(collect(&r.Recordings, pgx.RowToStructByPos[Recorded]))
	b.Queue(overrideSQL+`WHERE phone = ANY ($1) OR contact_id = ANY ($2) ORDER BY id`, p.numbers, p.contacts).Query(collect(&r.Overrides, pgx.RowToStructByPos[Override]))
	b.Queue(`SELECT EXISTS (SELECT FROM unnest($1::text[]) AS i(phone) JOIN erased_numbers e ON e.hash = number_hash(i.phone))`, p.numbers).QueryRow(
		func(row pgx.Row) error { return row.Scan(&r.Erased) })
	return b
}

// queueRegistries asks every registry for the numbers.
func (r *PersonRecord) queueRegistries(b *pgx.Batch, have []registryFact) {
	r.Registries = []PersonRegistry{}
	for _, f := range have {
		if f.no == nil {
			continue
		}
		b.Queue(`SELECT r.name, i.phone, r.as_of FROM registries r CROSS JOIN unnest($1::text[]) AS i(phone) WHERE r.load_no = $2
			AND EXISTS (SELECT FROM `+registryTable(*f.no)+` n WHERE n.phone = i.phone::bigint)`, r.Numbers, *f.no).Query(func(rows pgx.Rows) error {
			found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[PersonRegistry])
			r.Registries = append(r.Registries, found...)
			return err
		})
	}
}
