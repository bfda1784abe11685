package lists

import (
	"bytes"
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// lockLists keeps claims of all campaigns that have one of these lists out, and everybody who adds contacts to them, until
// the transaction ends. It comes before anything else that the transaction locks.
func lockLists(ctx context.Context, tx pgx.Tx, ids ...uuid.UUID) error {
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	ids = slices.Compact(ids)
	b := &pgx.Batch{}
	b.Queue(`SELECT FROM campaign_lists WHERE list_id = ANY ($1) ORDER BY campaign_id, list_id FOR UPDATE`, ids)
	for _, id := range ids {
		b.Queue(`SELECT pg_advisory_xact_lock($1, hashtext($2::text))`, lockList, id.String())
	}
	return tx.SendBatch(ctx, b).Close()
}

// moveContacts puts contacts of one list at the end of another, in their order, and their places in campaigns with them. Those
// whose number or key the other list has stay. The caller holds the locks of both lists (lockLists). A contact keeps its id and
// so its history.
func moveContacts(ctx context.Context, tx pgx.Tx, from, to uuid.UUID, ids []uuid.UUID) (moved int64, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	rows, err := tx.Query(ctx, `SELECT c.id FROM contacts c WHERE c.id = ANY ($1) AND c.list_id = $2
		AND NOT EXISTS (SELECT FROM contacts o WHERE o.list_id = $3 AND o.phone = c.phone)
		AND (c.key = '' OR NOT EXISTS (SELECT FROM contacts o WHERE o.list_id = $3 AND o.key = c.key AND o.key <> ''))`, ids, from, to)
	if err != nil {
		return 0, err
	}
	if ids, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil || len(ids) == 0 {
		return 0, err
	}
	if err := moveStates(ctx, tx, to, ids); err != nil {
		return 0, err
	}
	tag, err := tx.Exec(ctx, `UPDATE contacts c SET list_id = $3, seq = n.seq
		FROM (SELECT o.id, nextval(pg_get_serial_sequence('contacts', 'seq')) AS seq FROM (
			SELECT id FROM contacts WHERE id = ANY ($1) AND list_id = $2 ORDER BY seq) o) n
		WHERE c.id = n.id AND c.id = ANY ($1)`, ids, from, to)
	return tag.RowsAffected(), err
}

// moveStates names the new list in the contacts' places, campaign by campaign: so the primary key serves, whatever the
// planner believes. It comes before the contacts' rows, as in a disposition.
func moveStates(ctx context.Context, tx pgx.Tx, to uuid.UUID, ids []uuid.UUID) error {
	rows, err := tx.Query(ctx, `SELECT id FROM campaigns ORDER BY id`)
	if err != nil {
		return err
	}
	campaigns, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	for _, c := range campaigns {
		b.Queue(`UPDATE contact_states SET list_id = $3 WHERE campaign_id = $1 AND contact_id = ANY ($2)`, c, ids, to)
	}
	return tx.SendBatch(ctx, b).Close()
}

// joinCampaigns gives the campaigns of some lists other lists too, right behind them, so that no callback and no retry of a
// contact that moves is left behind. Campaigns change their revision: somebody who edits one hears of it.
func joinCampaigns(ctx context.Context, tx pgx.Tx, of, joining []uuid.UUID) error {
	if _, err := lockCampaignsOf(ctx, tx, `SELECT campaign_id FROM campaign_lists WHERE list_id = ANY ($1)`, of); err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(`WITH joined AS (INSERT INTO campaign_lists (campaign_id, list_id, position)
		SELECT cl.campaign_id, j.id, min(cl.position) FROM campaign_lists cl CROSS JOIN unnest($2::uuid[]) AS j(id) WHERE cl.list_id = ANY ($1)
		GROUP BY 1, 2 ORDER BY 1, 2 ON CONFLICT DO NOTHING RETURNING campaign_id)
		UPDATE campaigns SET revision = revision + 1 WHERE id IN (SELECT campaign_id FROM joined)`, of, joining)
	return tx.SendBatch(ctx, b).Close()
}

// batchSQL is the next contacts of a list behind a seq.
const batchSQL = `SELECT id, seq FROM contacts WHERE list_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4`

// nextBatch reads ids and the seq of the last one; it is 0 when there are no more.
func nextBatch(ctx context.Context, q querier, list uuid.UUID, after, until int64) (ids []uuid.UUID, last int64, err error) {
	rows, err := q.Query(ctx, batchSQL, list, after, until, jobBatch)
	if err != nil {
		return nil, 0, err
	}
	var id uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&id, &last}, func() error {
		ids = append(ids, id)
		return nil
	})
	return ids, last, err
}
