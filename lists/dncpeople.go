package lists

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// addPerson suppresses a person. The entry of the person is committed first: from then on claims ask it for every contact
// with the person's key, whenever that was loaded. Only then are his numbers looked up, locked and cancelled, which catches
// the claims that were under way. A contact that is loaded after that look is first claimed by a statement that sees the entry.
func (s *Store) addPerson(ctx context.Context, d DNC) (open []uuid.UUID, err error) {
	if d.Person, err = personKey(d.Person); err != nil {
		return nil, err
	}
	_, err = s.pool.Exec(ctx, `
		INSERT INTO dnc_people AS was (id, person, campaign_id, reason, added_by, until) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (person, coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'::uuid)) DO UPDATE SET
			until = CASE WHEN was.until IS NULL OR excluded.until IS NULL THEN NULL ELSE greatest(was.until, excluded.until) END`,
		newID(), d.Person, d.CampaignID, d.Reason, d.By, d.Until)
	if err != nil {
		return nil, err
	}
	phones, err := s.NumbersOf(ctx, d.Person)
	if err != nil {
		return nil, err
	}
	open, _, err = s.AddDNCs(ctx, d, phones)
	return open, err
}

// personKey cleans a person's key and refuses one that none can be.
func personKey(key string) (string, error) {
	if clean := CleanText(key, 1000); clean != "" && utf8.RuneCountInString(clean) <= 200 {
		return clean, nil
	}
	return "", &InputError{"person", "must be the key of a contact, 1 to 200 characters"}
}

// NumbersOf returns all numbers that contacts with the key have, sorted.
func (s *Store) NumbersOf(ctx context.Context, person string) ([]string, error) {
	rows, err := s.pool.Query(ctx, `
		WITH his AS MATERIALIZED (SELECT c.id, c.phone FROM lists l CROSS JOIN LATERAL (
			SELECT id, phone FROM contacts WHERE list_id = l.id AND key = $1 AND key <> '') c)
		SELECT phone FROM his UNION SELECT n.phone FROM his JOIN contact_phones n ON n.contact_id = his.id`, person)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(phone string) bool { return strings.HasPrefix(phone, erasedPrefix) })
	slices.Sort(found)
	return found, nil
}
