package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// BoardList is where a list stands in one campaign, for those who watch it.
type BoardList struct {
	CampaignID uuid.UUID
	ListID     uuid.UUID
	Name       string
	Position   int
	Due        int64      // waiting contacts whose time has come
	NextAt     *time.Time // when the next of the others is due
	ContactCounts
}

// BoardLists counts where lists stand in these campaigns, in the campaigns' order of lists. Its cost grows with the contacts that
// were touched: callers leave room between two calls.
func (s *Store) BoardLists(ctx context.Context, campaigns []uuid.UUID) ([]BoardList, error) {
	var out []BoardList
	type place struct{ campaign, list uuid.UUID }
	index := map[place]int{}
	b := &pgx.Batch{}
	b.Queue(`SELECT cl.campaign_id, cl.list_id, l.name, cl.position, coalesce((SELECT sum(contacts) FROM list_zones z WHERE z.list_id = cl.list_id), 0)::bigint
		FROM campaign_lists cl JOIN lists l ON l.id = cl.list_id WHERE cl.campaign_id = ANY ($1) ORDER BY cl.campaign_id, cl.position, cl.list_id`, campaigns).Query(func(rows pgx.Rows) error {
		var r BoardList
		var loaded int64
		_, err := pgx.ForEachRow(rows, []any{&r.CampaignID, &r.ListID, &r.Name, &r.Position, &loaded}, func() error {
			r.ContactCounts = untouched(loaded)
			index[place{r.CampaignID, r.ListID}] = len(out)
			out = append(out, r)
			return nil
		})
		return err
	})
	b.Queue(`SELECT campaign_id, list_id, state, reason, count(*), count(*) FILTER (WHERE due_at <= coalesce($2::timestamptz, now())),
		min(due_at) FILTER (WHERE due_at > coalesce($2::timestamptz, now())) FROM contact_states WHERE campaign_id = ANY ($1) GROUP BY 1, 2, 3, 4`, campaigns, s.at()).Query(func(rows pgx.Rows) error {
		var at place
		var state, reason string
		var n, due int64
		var next *time.Time
		_, err := pgx.ForEachRow(rows, []any{&at.campaign, &at.list, &state, &reason, &n, &due, &next}, func() error {
			i, ok := index[at]
			if !ok { // the campaign has the list no more
				return nil
			}
			out[i].add(state, reason, n)
			if state == stateWaiting {
				out[i].Due += due
				if next != nil && (out[i].NextAt == nil || next.Before(*out[i].NextAt)) {
					out[i].NextAt = next
				}
			}
			next = nil
			return nil
		})
		return err
	})
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return nil, fmt.Errorf("lists on the board: %w", err)
	}
	return out, nil
}
