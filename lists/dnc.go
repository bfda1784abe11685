package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// DNC is a number, or a person with all his numbers, that must not be called: by nobody, or by one campaign.
type DNC struct {
	ID         uuid.UUID  `json:"id"`
	Phone      string     `json:"phone" doc:"E.164; empty: the entry is of a person, not of a number"`
	CampaignID *uuid.UUID `json:"campaign_id" doc:"null: no campaign may call it"`
	Reason     string     `json:"reason"`
	By         *uuid.UUID `json:"by" doc:"who added it; null: the system"`
	Until      *time.Time `json:"until" doc:"null: for ever"`
	CreatedAt  time.Time  `json:"created_at"`
	Person     string     `json:"person" doc:"the customer's own id of a person (a contact's key); with a number: the number was added because it is his"`
}

// AddDNC puts a number, or a person with all the numbers that contacts of his have now or later, on the do-not-call list,
// commits, and returns the attempts that are open to them: they are marked as cancelled, and those not answered yet must be
// withdrawn before anybody is told that the entry was added (I3). Adding one again keeps the later end. Exactly one of
// Phone (E.164) and Person must be set. Errors: *InputError (phone, person, by).
func (s *Store) AddDNC(ctx context.Context, d DNC) (open []uuid.UUID, err error) {
	d.Reason = CleanText(d.Reason, 200)
	switch {
	case d.Phone != "" && d.Person != "":
		return nil, &InputError{"person", "give a number or a person, not both"}
	case d.Person != "":
		open, err = s.addPerson(ctx, d)
	case !e164.MatchString(d.Phone):
		return nil, &InputError{"phone", "must be a number in E.164 form, like +12025550100"}
	default:
		err = s.tx(ctx, func(tx pgx.Tx) error {
			if err := lockNumber(ctx, tx, d.Phone); err != nil {
				return err
			}
			open, err = s.suppress(ctx, tx, d)
			return err
		})
	}
	if c := violated(err); c == "dnc_added_by_fkey" || c == "dnc_people_added_by_fkey" {
		err = &InputError{"by", "there is no such user"}
	}
	if err != nil {
		return nil, fmt.Errorf("add do-not-call entry: %w", err)
	}
	return open, nil
}

// lockNumber waits until no claim and no suppression of the number is under way. It must be a statement of its own,
// before those that look at the number.
func lockNumber(ctx context.Context, tx pgx.Tx, phone string) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, phone)
	return err
}

// lockNumbers is lockNumber for several, in the order in which claims try them. PostgreSQL has room for a few thousand locks
// of all transactions together, so callers keep to [lockedAtOnce].
func lockNumbers(ctx context.Context, tx pgx.Tx, phones []string) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended(phone, 0)) FROM unnest($1::text[]) AS p(phone)`, phones)
	return err
}

const lockedAtOnce = 200

// suppress adds the entry and cancels open attempts; the caller holds the number's lock.
func (s *Store) suppress(ctx context.Context, tx pgx.Tx, d DNC) (open []uuid.UUID, err error) {
	open, _, err = s.suppressAll(ctx, tx, d, []string{d.Phone})
	return open, err
}

const (
	addDNCSQL = `
INSERT INTO dnc AS was (id, phone, campaign_id, reason, added_by, until, person)
SELECT i.id, i.phone, $3, $4, $5, $6, $7 FROM unnest($1::uuid[], $2::text[]) AS i(id, phone)
ON CONFLICT (phone, coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'::uuid)) DO UPDATE SET
	until = CASE WHEN was.until IS NULL OR excluded.until IS NULL THEN NULL ELSE greatest(was.until, excluded.until) END,
	person = CASE WHEN excluded.person = '' THEN '' ELSE was.person END
RETURNING xmax = 0`
	// Rows are locked in the order of their ids, as endings do.
	cancelOpenSQL = `
UPDATE open_attempts SET cancelled = true WHERE id = ANY (ARRAY(
	SELECT id FROM open_attempts WHERE phone = ANY ($1) AND ($2::uuid IS NULL OR campaign_id = $2)
		AND ($3::timestamptz IS NULL OR $3 > coalesce($4::timestamptz, now())) ORDER BY id FOR UPDATE)) RETURNING id`
)

// suppressAll is suppress for several numbers, each once, with the same campaign, reason and end. fresh counts those that
// had no such entry before.
func (s *Store) suppressAll(ctx context.Context, tx pgx.Tx, d DNC, phones []string) (open []uuid.UUID, fresh int, err error) {
	ids, bodies := make([]uuid.UUID, len(phones)), make([]string, len(phones))
	for i, phone := range phones {
		body, err := json.Marshal(map[string]any{"phone": phone, "campaign_id": d.CampaignID, "reason": d.Reason, "until": d.Until})
		if err != nil {
			return nil, 0, err
		}
		ids[i], bodies[i] = newID(), string(body)
	}
	b := &pgx.Batch{}
	b.Queue(addDNCSQL, ids, phones, d.CampaignID, CleanText(d.Reason, 200), d.By, d.Until, d.Person).Query(func(rows pgx.Rows) error {
		var is bool
		_, err := pgx.ForEachRow(rows, []any{&is}, func() error {
			if is {
				fresh++
			}
			return nil
		})
		return err
	})
	b.Queue(cancelOpenSQL, phones, d.CampaignID, d.Until, s.at()).Query(func(rows pgx.Rows) (err error) {
		open, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		return err
	})
	b.Queue(outboxSQL, TopicDNCAdded, phones, bodies)
	return open, fresh, tx.SendBatch(ctx, b).Close()
}

// AddDNCs puts many numbers on the do-not-call list, as AddDNC does with one; d says the rest. It works in transactions of
// a few numbers, so after an error those before it are on the list; doing it again does no harm. open are the attempts to
// withdraw, fresh counts numbers that had no such entry. Numbers that are not E.164 are an *InputError.
func (s *Store) AddDNCs(ctx context.Context, d DNC, phones []string) (open []uuid.UUID, fresh int, err error) {
	phones = slices.Compact(slices.Sorted(slices.Values(phones)))
	for _, phone := range phones {
		if !e164.MatchString(phone) {
			return nil, 0, &InputError{"phone", fmt.Sprintf("%.40q must be a number in E.164 form, like +12025550100", phone)}
		}
	}
	for part := range slices.Chunk(phones, lockedAtOnce) {
		var more []uuid.UUID
		var n int
		err := s.tx(ctx, func(tx pgx.Tx) (err error) {
			if err = lockNumbers(ctx, tx, part); err == nil {
				more, n, err = s.suppressAll(ctx, tx, d, part)
			}
			return err
		})
		if err != nil {
			return open, fresh, fmt.Errorf("add do-not-call numbers: %w", err)
		}
		open, fresh = append(open, more...), fresh+n
	}
	return open, fresh, nil
}

// page bounds the length of a page: 100 when not given, at most 1,000.
func page(limit int) int {
	if limit <= 0 {
		return 100
	}
	return min(limit, 1000)
}
