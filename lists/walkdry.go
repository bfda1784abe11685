package lists

import (
	"context"
)

// nextDueSQL finds what becomes due first.
const nextDueSQL = `
SELECT due_at, reason FROM (
	(SELECT due_at, reason FROM contact_states cs WHERE cs.campaign_id = $1 AND cs.state = 'waiting' AND cs.callback
		AND cs.list_id = ANY ($2) ORDER BY due_at, contact_id LIMIT 1)
	UNION ALL
	(SELECT due_at, reason FROM contact_states cs WHERE cs.campaign_id = $1 AND cs.state = 'waiting' AND NOT cs.callback AND cs.rank = 0
		AND cs.list_id = ANY ($2) AND cs.due_at >= $3 ORDER BY due_at, contact_id LIMIT 1)
	UNION ALL
	(SELECT due_at, reason FROM contact_states cs WHERE cs.campaign_id = $1 AND cs.state = 'waiting' AND NOT cs.callback AND cs.rank > 0
		AND cs.rank = 1 AND cs.list_id = ANY ($2) ORDER BY due_at, contact_id LIMIT 1)
	UNION ALL
	(SELECT due_at, reason FROM contact_states cs WHERE cs.campaign_id = $1 AND cs.state = 'waiting' AND NOT cs.callback AND cs.rank > 0
		AND cs.rank = 2 AND cs.list_id = ANY ($2) ORDER BY due_at, contact_id LIMIT 1)) part
ORDER BY due_at LIMIT 1`

// dryWalk says what is left of the contacts that were never tried.
func (c *claiming) dryWalk(ctx context.Context) error {
	if kept, err := c.keptFor(ctx); err != nil || kept {
		c.result.Dry, c.result.Next = DryAssigned, c.now.Add(lockAgain)
		return err
	}
	asleep := c.nextOpen
	if c.hours {
		asleep = c.walk.asleep
	}
	placing := c.hours && c.walk.order != 0 // somebody may wait for a place
	if asleep.IsZero() && !placing {
		return nil
	}
	fresh, err := c.fresh(ctx)
	if err != nil || !fresh {
		return err
	}
	if asleep.IsZero() {
		c.result.Dry, asleep = DryAllWaiting, c.now.Add(placeAgain)
	} else {
		c.result.Dry = DryHours
	}
	if c.result.Next.IsZero() || asleep.Before(c.result.Next) {
		c.result.Next = asleep
	}
	return nil
}
