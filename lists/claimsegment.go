package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// queueSegments asks whether the campaign calls contacts of some segments only.
func (c *claiming) queueSegments(b *pgx.Batch) {
	b.Queue(`SELECT EXISTS (SELECT FROM campaign_segments WHERE campaign_id = $1)`, c.req.Campaign).QueryRow(func(row pgx.Row) error {
		return row.Scan(&c.segmented)
	})
	b.Queue(assignedPartsSQL, c.req.Campaign).Query(c.readParts)
	c.queueAnyOverride(b)
}

// readSegments reads them, for the campaigns that have some.
func (c *claiming) readSegments(ctx context.Context) (err error) {
	if c.segmented {
		c.members, err = membershipOf(ctx, c.tx, c.req.Campaign)
	}
	if err == nil {
		err = c.readPartSegments(ctx)
	}
	if err != nil {
		return fmt.Errorf("segments of the campaign: %w", err)
	}
	return nil
}

// asksSegment says whether the segments decide on the contact: until it has been called. Who was called, or has a callback,
// goes on by the rules of the campaign.
func (x *candidate) asksSegment() bool {
	return !x.skip && !x.callback && x.contact.Attempts == 0
}

// passOver marks the contacts that no segment of the campaign holds, and finds the agents of the others.
func (c *claiming) passOver(ctx context.Context, found []*candidate) error {
	if c.members != nil {
		if err := c.markOutside(ctx, found); err != nil {
			return err
		}
	}
	return c.findParts(ctx, found)
}

func (c *claiming) markOutside(ctx context.Context, found []*candidate) error {
	byID := make(map[uuid.UUID]*candidate, len(found))
	ids := make([]uuid.UUID, 0, len(found))
	for _, x := range found {
		if x.asksSegment() {
			byID[x.contact.ID] = x
			ids = append(ids, x.contact.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	condition, args, err := c.members.condition(c.now, 2)
	if err != nil {
		return err
	}
	rows, err := c.tx.Query(ctx, `SELECT c.id FROM unnest($1::uuid[]) AS i(id) CROSS JOIN LATERAL (SELECT * FROM contacts WHERE id = i.id OFFSET 0) c
		WHERE NOT `+condition, append([]any{ids}, args...)...)
	if err != nil {
		return fmt.Errorf("ask the segments: %w", err)
	}
	var id uuid.UUID
	if _, err := pgx.ForEachRow(rows, []any{&id}, func() error {
		byID[id].outside = true
		return nil
	}); err != nil {
		return fmt.Errorf("ask the segments: %w", err)
	}
	return nil
}
