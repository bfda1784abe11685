package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// feedHotSQL makes hot ones of the contacts $1 due rows of every running campaign that has their list, and wakes their dialers.
const feedHotSQL = `SELECT feed_hot_contacts($1)`

// addedCount counts contacts that are added to a list, by zones and region, and notes those that are hot.
type addedCount struct {
	list   uuid.UUID
	at     map[addedGroup]int
	last   addedGroup // of the contact before: neighbours in a file are often of one place
	lastAt int
	sets   [][]string
	names  []string // regions
	counts []int64
	hot    []uuid.UUID
}

// addedGroup tells groups apart. Slices of zones are mostly the same ones again and again, so their first element's place serves.
type addedGroup struct {
	zones  *string
	n      int
	region string
}

func newAddedCount(list uuid.UUID) *addedCount {
	return &addedCount{list: list, at: map[addedGroup]int{}, lastAt: -1}
}

func (t *addedCount) add(id uuid.UUID, c *NewContact) {
	key := addedGroup{n: len(c.Number.Zones), region: c.Number.Region}
	if key.n > 0 {
		key.zones = &c.Number.Zones[0]
	}
	if key != t.last || t.lastAt < 0 {
		i, ok := t.at[key]
		if !ok {
			i = len(t.counts)
			t.at[key] = i
			t.sets, t.names, t.counts = append(t.sets, c.Number.Zones), append(t.names, c.Number.Region), append(t.counts, 0)
		}
		t.last, t.lastAt = key, i
	}
	t.counts[t.lastAt]++
	if c.Priority > 0 {
		t.hot = append(t.hot, id)
	}
}

// write counts them in the transaction that adds them, behind them: other batches of the list wait for these rows until the commit.
func (t *addedCount) write(ctx context.Context, tx pgx.Tx) error {
	if len(t.counts) == 0 {
		return nil
	}
	sets := make([]string, len(t.sets))
	for i, zones := range t.sets {
		sets[i] = jsonTexts(zones)
	}
	if _, err := tx.Exec(ctx, `SELECT count_added_contacts($1, $2, $3, $4)`, t.list, sets, t.names, t.counts); err != nil {
		return fmt.Errorf("count contacts: %w", err)
	}
	if len(t.hot) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, feedHotSQL, t.hot); err != nil {
		return fmt.Errorf("feed hot contacts: %w", err)
	}
	return nil
}
