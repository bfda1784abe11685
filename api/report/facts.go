package report

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/compliance"
)

const factsBatch = 10_000

// facts writes what is to be kept of attempts that are summed up for the first time.
func (f *Folder) facts(ctx context.Context, tx pgx.Tx, w wanted) error {
	from, to := w.span()
	for {
		rows, err := tx.Query(ctx, factsSQL, w.campaigns, w.slots, from, to, factsBatch)
		if err != nil {
			return err
		}
		var (
			ids, contacts []uuid.UUID
			hours         []int16
			fresh         []bool
			id, contact   uuid.UUID
			at            time.Time
			zones         []string
			first         bool
		)
		if _, err := pgx.ForEachRow(rows, []any{&id, &at, &zones, &contact, &first}, func() error {
			ids, contacts, hours, fresh = append(ids, id), append(contacts, contact), append(hours, weekHour(at, zones)), append(fresh, first)
			return nil
		}); err != nil || len(ids) == 0 {
			return err
		}
		in, err := f.store.SegmentsOfContacts(ctx, contacts)
		if err != nil {
			return err
		}
		b := &pgx.Batch{}
		for i, id := range ids {
			if g := in[contacts[i]]; len(g) > 0 {
				b.Queue(`INSERT INTO attempt_facts VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, id, hours[i], fresh[i], g)
			}
		}
		b.Queue(`INSERT INTO attempt_facts (attempt_id, week_hour, fresh) SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::bool[]) ON CONFLICT DO NOTHING`, ids, hours, fresh)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		if len(ids) < factsBatch {
			return nil
		}
	}
}

// weekHour is the hour of the callee's week, Monday 00:00 being 0; -1 when it is not known, or not the same in all candidate zones.
func weekHour(at time.Time, zones []string) int16 {
	hour := int16(-1)
	for _, z := range zones {
		in := compliance.Location(z)
		if in == nil {
			return -1
		}
		t := at.In(in)
		h := int16((int(t.Weekday())+6)%7*24 + t.Hour())
		if hour >= 0 && h != hour {
			return -1
		}
		hour = h
	}
	return hour
}
