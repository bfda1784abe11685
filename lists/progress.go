package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ListProgress is where a list stands in one of its campaigns.
type ListProgress struct {
	ListID     uuid.UUID `json:"list_id"`
	CampaignID uuid.UUID `json:"campaign_id"`
	ContactCounts
}

// ListsProgress is where lists stand, as of one moment.
type ListsProgress struct {
	Items []ListProgress `json:"items" nullable:"false" doc:"one for each list of each campaign"`
	At    time.Time      `json:"at" doc:"when it was counted"`
}

// ListsProgress counts where the contacts of lists stand in each of their campaigns, in one snapshot; no lists: all. Its cost
// grows with the contacts that were touched.
func (s *Store) ListsProgress(ctx context.Context, lists []uuid.UUID) (ListsProgress, error) {
	out := ListsProgress{Items: []ListProgress{}}
	type place struct{ list, campaign uuid.UUID }
	index := map[place]int{}
	b := &pgx.Batch{}
	b.Queue(`SELECT coalesce($1::timestamptz, now())`, s.at()).QueryRow(func(row pgx.Row) error { return row.Scan(&out.At) })
	b.Queue(`SELECT cl.list_id, cl.campaign_id, coalesce((SELECT sum(contacts) FROM list_zones z WHERE z.list_id = cl.list_id), 0)::bigint
		FROM campaign_lists cl WHERE cardinality($1::uuid[]) = 0 OR cl.list_id = ANY ($1) ORDER BY cl.list_id, cl.campaign_id`, scope(lists)).Query(func(rows pgx.Rows) error {
		p := ListProgress{}
		_, err := pgx.ForEachRow(rows, []any{&p.ListID, &p.CampaignID, &p.Loaded}, func() error {
			p.ContactCounts = untouched(p.Loaded)
			index[place{p.ListID, p.CampaignID}] = len(out.Items)
			out.Items = append(out.Items, p)
			return nil
		})
		return err
	})
	b.Queue(`SELECT list_id, campaign_id, state, reason, count(*) FROM contact_states WHERE cardinality($1::uuid[]) = 0
		OR list_id = ANY ($1) AND campaign_id IN (SELECT campaign_id FROM campaign_lists WHERE list_id = ANY ($1))
		GROUP BY list_id, campaign_id, state, reason`, scope(lists)).Query(func(rows pgx.Rows) error {
		var at place
		var state, reason string
		var n int64
		_, err := pgx.ForEachRow(rows, []any{&at.list, &at.campaign, &state, &reason, &n}, func() error {
			if i, ok := index[at]; ok { // else the campaign has the list no more
				out.Items[i].add(state, reason, n)
			}
			return nil
		})
		return err
	})
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return ListsProgress{}, fmt.Errorf("progress of lists: %w", err)
	}
	return out, nil
}
