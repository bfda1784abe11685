package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/compliance"
)

// again names contacts that campaigns are to look at again, because what kept them from being called may be gone: who has one of the
// numbers, and these contacts. Only those kept back for one of the reasons; attempts, tries and history stay as they are, and the
// rules are asked anew by the claim that comes to them.
type again struct {
	phones   []string
	contacts []uuid.UUID
	campaign *uuid.UUID // nil: all
	reasons  []string
	now      time.Time
}

const againSQL = `
WITH hit AS MATERIALIZED (
	SELECT c.id, c.list_id FROM contacts c WHERE c.phone = ANY ($1)
	UNION SELECT c.id, c.list_id FROM contact_phones n JOIN contacts c ON c.id = n.contact_id WHERE n.phone = ANY ($1)
	UNION SELECT c.id, c.list_id FROM contacts c WHERE c.id = ANY ($2)
), places AS MATERIALIZED (
	SELECT cs.campaign_id, cs.contact_id FROM hit JOIN campaign_lists cl ON cl.list_id = hit.list_id
		JOIN contact_states cs ON cs.campaign_id = cl.campaign_id AND cs.contact_id = hit.id
	WHERE ($3::uuid IS NULL OR cs.campaign_id = $3) AND cs.reason = ANY ($4) AND (cs.state = 'excluded' OR cs.state = 'waiting' AND cs.due_at > $5)
	ORDER BY 1, 2 FOR UPDATE OF cs
), done AS (
	UPDATE contact_states cs SET state = 'waiting', due_at = $5, reason = $6, rank = CASE WHEN cs.rank = 3 THEN 3 ELSE 0 END FROM places p
	WHERE cs.campaign_id = p.campaign_id AND cs.contact_id = p.contact_id RETURNING cs.campaign_id
)
SELECT DISTINCT campaign_id FROM done ORDER BY 1`

// ReasonAgain is why a contact waits, for no time, that was kept back and may be free now.
const ReasonAgain = "freed"

// lookAgain makes the contacts due and wakes the dialers of their campaigns. The caller holds the locks of the numbers, where a claim
// must not be in between.
func lookAgain(ctx context.Context, tx pgx.Tx, a again) error {
	if a.phones == nil {
		a.phones = []string{}
	}
	if a.contacts == nil {
		a.contacts = []uuid.UUID{}
	}
	rows, err := tx.Query(ctx, againSQL, a.phones, a.contacts, a.campaign, a.reasons, a.now, ReasonAgain)
	if err != nil {
		return err
	}
	campaigns, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return err
	}
	return wakeDialers(ctx, tx, campaigns)
}

func wakeDialers(ctx context.Context, tx pgx.Tx, campaigns []uuid.UUID) error {
	b := &pgx.Batch{}
	for _, id := range campaigns {
		b.Queue(`SELECT pg_notify($1, $2)`, WakeChannel, id.String())
	}
	return tx.SendBatch(ctx, b).Close()
}

// recheckParams say what a campaign looks at again: who is excluded because of a registry, or who waits for the agents of a segment
// that is not assigned any more.
type recheckParams struct {
	Assignment *uuid.UUID `json:"assignment,omitempty"`
}

// recheckListed makes jobs that look again at contacts that were excluded because of a registry, for every campaign that has some.
func recheckListed(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `INSERT INTO list_jobs (id, kind, campaign_id, params) SELECT gen_random_uuid(), $1, id, '{}' FROM campaigns c
		WHERE EXISTS (SELECT FROM contact_states cs WHERE cs.campaign_id = c.id AND cs.state = 'excluded' AND cs.reason = 'registry')
			AND NOT EXISTS (SELECT FROM list_jobs j WHERE j.campaign_id = c.id AND j.kind = $1 AND j.state = 'waiting' AND j.params = '{}')`, JobRecheck)
	return err
}

const (
	listedSQL = `SELECT contact_id FROM contact_states WHERE campaign_id = $1 AND contact_id > $2 AND state = 'excluded' AND reason = 'registry'
		ORDER BY contact_id LIMIT $3`
	freedSQL = `UPDATE contact_states SET state = 'waiting', due_at = $3, reason = $4, rank = 0 WHERE campaign_id = $1 AND contact_id = ANY ($2)
		AND state = 'excluded' AND reason = 'registry'`
	// releasedSQL gives contacts that waited for the agents of a segment back to everybody, as those whose turn had come.
	releasedSQL = `
WITH batch AS (SELECT campaign_id, contact_id FROM contact_states WHERE assignment_id = $1 AND state = 'waiting' AND rank = 3 AND NOT callback LIMIT $2 FOR UPDATE)
UPDATE contact_states cs SET rank = 1, assignment_id = NULL FROM batch b WHERE cs.campaign_id = b.campaign_id AND cs.contact_id = b.contact_id`
)

// stepRecheck frees those of a batch of whose numbers one is on no registry any more that the campaign must ask.
func stepRecheck(ctx context.Context, s *Store, tx pgx.Tx, j *workedJob) (did stepped, err error) {
	var p recheckParams
	var at statesCursor
	if err := j.read(&p, &at); err != nil {
		return did, err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock_shared($1, hashtext($2::text))`, lockCampaign, j.campaign.String()); err != nil {
		return did, err
	}
	if p.Assignment != nil {
		return release(ctx, tx, *p.Assignment)
	}
	rows, err := tx.Query(ctx, listedSQL, *j.campaign, at.Contact, jobBatch)
	if err != nil {
		return did, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil || len(ids) == 0 {
		return did, err
	}
	w := s.asks(tx, *j.campaign)
	if err := w.begin(ctx); err != nil {
		return did, err
	}
	numbers, err := numbersOf(ctx, tx, asked(w.c.demands(), w.c.registries), *j.campaign, w.c.now, ids)
	if err != nil {
		return did, err
	}
	var free []uuid.UUID
	for id, all := range numbers {
		for _, n := range all {
			if n.barred == "" || n.barred == compliance.RuleDNC && n.until != nil {
				free = append(free, id)
				break
			}
		}
	}
	tag, err := tx.Exec(ctx, freedSQL, *j.campaign, free, w.c.now, ReasonAgain)
	if err != nil {
		return did, fmt.Errorf("free contacts: %w", err)
	}
	did.seen, did.changed = int64(len(ids)), tag.RowsAffected()
	if did.changed > 0 {
		err = wakeDialers(ctx, tx, []uuid.UUID{*j.campaign})
	}
	if len(ids) == jobBatch {
		did.cursor = &statesCursor{ids[len(ids)-1]}
	}
	return did, err
}

func release(ctx context.Context, tx pgx.Tx, assignment uuid.UUID) (did stepped, err error) {
	tag, err := tx.Exec(ctx, releasedSQL, assignment, statesBatch)
	did.seen, did.changed = tag.RowsAffected(), tag.RowsAffected()
	if err == nil && tag.RowsAffected() == statesBatch {
		did.cursor = &statesCursor{}
	}
	return did, err
}
