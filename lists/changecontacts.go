package lists

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// changeSQL lays contacts upon those that are there. What is empty in the new one changes nothing; with merge only what is empty
// in the old one changes. A retired number's zones go with the number.
const changeSQL = `
	UPDATE contacts c SET
		name = CASE WHEN u.name = '' OR u.merge AND c.name <> '' THEN c.name ELSE u.name END,
		fields = CASE WHEN u.merge THEN u.fields::jsonb || c.fields ELSE c.fields || u.fields::jsonb END,
		key = CASE WHEN u.key = '' OR u.merge AND c.key <> '' THEN c.key ELSE u.key END,
		priority = CASE WHEN u.priority = 0 OR u.merge AND c.priority <> 0 THEN c.priority ELSE u.priority END,
		tags = CASE WHEN u.tags::jsonb = '[]' THEN c.tags ELSE ARRAY(SELECT DISTINCT t FROM (SELECT unnest(c.tags) UNION ALL
			SELECT jsonb_array_elements_text(u.tags::jsonb)) AS a(t) ORDER BY t) END,
		phone = u.phone,
		zones = CASE WHEN u.phone = c.phone THEN c.zones ELSE ARRAY(SELECT jsonb_array_elements_text(u.zones::jsonb)) END,
		kind = CASE WHEN u.phone = c.phone THEN c.kind ELSE u.kind END,
		region = CASE WHEN u.phone = c.phone THEN c.region ELSE u.region END,
		carrier = CASE WHEN u.phone = c.phone THEN c.carrier ELSE u.carrier END,
		dnc = CASE WHEN u.phone = c.phone THEN c.dnc OR u.dnc ELSE u.dnc END
	FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
		$11::text[], $12::bool[], $13::bool[])
		AS u(id, name, fields, key, priority, tags, phone, zones, kind, region, carrier, dnc, merge)
	WHERE c.id = u.id`

// changeContacts changes each contact at most once.
func changeContacts(ctx context.Context, tx pgx.Tx, changes []contactChange) error {
	n := len(changes)
	ids, priorities := make([]uuid.UUID, n), make([]int32, n)
	names, fields, keys, tags := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	phones, zones, kinds, regions, carriers := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	dnc, merge := make([]bool, n), make([]bool, n)
	for i, c := range changes {
		f, err := fieldsJSON(&c.from)
		if err != nil {
			return err
		}
		ids[i], names[i], fields[i], keys[i], priorities[i] = c.to.id, c.from.Name, string(f), c.from.Key, int32(c.from.Priority)
		tags[i], zones[i] = jsonTexts(c.from.Tags), jsonTexts(c.from.Number.Zones)
		phones[i], kinds[i], regions[i], carriers[i] = c.from.Number.E164, kindText(c.from.Number.Kind), c.from.Number.Region, c.from.Number.Carrier
		dnc[i], merge[i] = c.from.OnDNC, c.merge
	}
	if _, err := tx.Exec(ctx, changeSQL, ids, names, fields, keys, priorities, tags, phones, zones, kinds, regions, carriers, dnc, merge); err != nil {
		return fmt.Errorf("change %d contacts: %w", n, err)
	}
	return changePhones(ctx, tx, changes)
}

// changePhones lays further numbers upon those that are there: an update with numbers replaces them, a merge adds those that are
// new.
func changePhones(ctx context.Context, tx pgx.Tx, changes []contactChange) error {
	var ids []uuid.UUID
	want := map[uuid.UUID][]ContactPhone{}
	for _, c := range changes {
		if len(c.from.Phones) == 0 {
			continue
		}
		ids = append(ids, c.to.id)
		if !c.merge {
			want[c.to.id] = c.from.Phones
		}
	}
	if len(ids) == 0 {
		return nil
	}
	have, err := phonesOf(ctx, tx, ids)
	if err != nil {
		return err
	}
	rows := newCopyRows(uuid.Nil, uuid.Nil)
	for _, c := range changes {
		if len(c.from.Phones) == 0 {
			continue
		}
		phones := want[c.to.id]
		if c.merge {
			phones = have[c.to.id]
			for _, p := range c.from.Phones {
				same := func(x ContactPhone) bool { return x.Number.E164 == p.Number.E164 }
				if p.Number.E164 != c.from.Number.E164 && !slices.ContainsFunc(phones, same) && len(phones) < MaxPhones {
					phones = append(phones, p)
				}
			}
		}
		rows.phones(c.to.id, phones)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM contact_phones WHERE contact_id = ANY ($1)`, ids); err != nil {
		return fmt.Errorf("change numbers: %w", err)
	}
	if _, err := tx.Conn().PgConn().CopyFrom(ctx, rows.reader(), copyPhonesSQL); err != nil {
		return fmt.Errorf("copy numbers: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO search_changed (contact_id) SELECT unnest($1::uuid[])`, ids); err != nil {
		return fmt.Errorf("mark contacts for the search: %w", err)
	}
	return nil
}

// MaxPhones is how many further numbers a contact may have.
const MaxPhones = 20
