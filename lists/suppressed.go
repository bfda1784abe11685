package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// suppressedSQL says how long the numbers of attempts that were cancelled must not be called: NULL when no entry speaks of them any
// more. An erasure has no end.
const suppressedSQL = `
SELECT i.id, CASE WHEN i.phone LIKE '+0%' OR EXISTS (SELECT FROM erased_numbers e WHERE e.hash = number_hash(i.phone)) THEN 'infinity'::timestamptz ELSE
	(SELECT max(coalesce(until, 'infinity')) FROM (
		SELECT until FROM dnc d WHERE d.phone = i.phone AND (d.campaign_id IS NULL OR d.campaign_id = i.campaign) AND (d.until IS NULL OR d.until > $5)
		UNION ALL SELECT d.until FROM contacts c JOIN dnc_people d ON d.person = c.key WHERE c.id = i.contact AND c.key <> ''
			AND (d.campaign_id IS NULL OR d.campaign_id = i.campaign) AND (d.until IS NULL OR d.until > $5)) x) END
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[]) AS i(id, phone, campaign, contact)`

// suppressed finds out what became of the numbers of attempts that were cancelled while they were open. Where no entry is left, because
// it was removed meanwhile or because a registry lists the number, the contact goes on and the next claim judges.
func (f *finishing) suppressed(ctx context.Context) (map[uuid.UUID]suppression, error) {
	var ids, campaigns, contacts []uuid.UUID
	var phones []string
	for _, e := range f.ended {
		if e.cancelled {
			ids, phones, campaigns, contacts = append(ids, e.id), append(phones, e.phone), append(campaigns, e.campaign), append(contacts, e.contact)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := f.tx.Query(ctx, suppressedSQL, ids, phones, campaigns, contacts, f.now)
	if err != nil {
		return nil, fmt.Errorf("entries of cancelled attempts: %w", err)
	}
	out := make(map[uuid.UUID]suppression, len(ids))
	var id uuid.UUID
	var end pgtype.Timestamptz
	_, err = pgx.ForEachRow(rows, []any{&id, &end}, func() error {
		switch {
		case !end.Valid:
		case end.InfinityModifier == pgtype.Finite:
			until := end.Time
			out[id] = suppression{true, &until}
		default:
			out[id] = suppression{true, nil}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("entries of cancelled attempts: %w", err)
	}
	return out, nil
}
