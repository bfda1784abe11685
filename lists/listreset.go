package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Reset is which contacts of a list a campaign looks at anew.
type Reset struct {
	Reasons  []string `json:"reasons,omitempty" maxItems:"50" doc:"only contacts finished or excluded for these reasons (outcomes, dispositions, rules); empty: all that are finished or excluded"`
	Revision int      `json:"revision" doc:"of the campaign; another one answers 409"`
}

type resetParams struct {
	Reasons []string `json:"reasons"`
}

// ResetList makes a job after which a campaign begins anew with the contacts of a list that it had finished or excluded.
// Contacts that wait, have a callback or are being called stay as they are. History is not touched: caps per number go on
// counting, and the rules are asked as ever. To use a list in another campaign nothing needs to be reset. Errors: ErrNotFound,
// ErrStale, *InputError.
func (s *Store) ResetList(ctx context.Context, campaignID, list uuid.UUID, by *uuid.UUID, r Reset) (ListJob, error) {
	if len(r.Reasons) > 50 {
		return ListJob{}, &InputError{"reasons", "at most 50"}
	}
	p := resetParams{Reasons: []string{}}
	for _, reason := range r.Reasons {
		p.Reasons = append(p.Reasons, CleanText(reason, 100))
	}
	j := ListJob{ID: newID(), Kind: JobReset, ListID: &list, CampaignID: &campaignID, CreatedBy: by}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if err := lockCampaignExclusive(ctx, tx, campaignID); err != nil {
			return err
		}
		c, err := campaign(ctx, tx, campaignID)
		if err != nil {
			return err
		}
		if c.Revision != r.Revision {
			return ErrStale
		}
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM campaign_lists WHERE campaign_id = $1 AND list_id = $2`, campaignID, list).Scan(&j.Total); err != nil {
			return err
		}
		if j.Total == 0 {
			return &InputError{"list_id", "the campaign does not have this list"}
		}
		if _, j.Total, err = extent(ctx, tx, list); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE campaigns SET revision = revision + 1 WHERE id = $1`, campaignID); err != nil {
			return err
		}
		return addJob(ctx, tx, j, p)
	})
	if err != nil {
		return ListJob{}, fmt.Errorf("reset list %s in campaign %s: %w", list, campaignID, err)
	}
	return s.ListJob(ctx, j.ID)
}

// statesCursor goes through a campaign's places in the order of their key.
type statesCursor struct {
	Contact uuid.UUID `json:"contact"`
}

// statesBatch is how many places one step looks at.
const statesBatch = 2000

// anewSQL makes places wait that were finished or excluded; $3 is the list or NULL, $5 the reasons or none. A contact that
// waits with rank 1 comes as one that was never tried, whatever the order of the campaign has passed already.
const anewSQL = `
WITH batch AS MATERIALIZED (
	SELECT contact_id, state, reason, list_id FROM contact_states WHERE campaign_id = $1 AND contact_id > $2 ORDER BY contact_id LIMIT $4
), anew AS (
	UPDATE contact_states cs SET state = 'waiting', reason = $6, due_at = 'epoch', rank = 1, attempts = 0, tries = '{}', callback = false, phone_pos = 0
	FROM batch b WHERE cs.campaign_id = $1 AND cs.contact_id = b.contact_id AND cs.contact_id = ANY (ARRAY(SELECT contact_id FROM batch))
		AND cs.state IN ('finished', 'excluded') AND ($3::uuid IS NULL OR cs.list_id = $3) AND (cardinality($5::text[]) = 0 OR cs.reason = ANY ($5))
	RETURNING 1)
SELECT (SELECT count(*) FROM batch), (SELECT count(*) FROM batch WHERE $3::uuid IS NULL OR list_id = $3), (SELECT count(*) FROM anew),
	coalesce((SELECT max(contact_id::text)::uuid FROM batch), $2)`

// reasonAnew is why a contact waits that was reset.
const reasonAnew = "reset"

func stepAnew(ctx context.Context, tx pgx.Tx, j *workedJob, list *uuid.UUID, reasons []string, why string) (did stepped, err error) {
	var at statesCursor
	if err := j.read(&struct{}{}, &at); err != nil {
		return did, err
	}
	// Claims and endings of the campaign wait for the rows at most as long as for one another; a change of the campaign waits.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock_shared($1, hashtext($2::text))`, lockCampaign, j.campaign.String()); err != nil {
		return did, err
	}
	var looked int64
	err = tx.QueryRow(ctx, anewSQL, *j.campaign, at.Contact, list, statesBatch, reasons, why).Scan(&looked, &did.seen, &did.changed, &at.Contact)
	if err == nil && looked == statesBatch {
		did.cursor = &at
	}
	return did, err
}

func stepReset(ctx context.Context, _ *Store, tx pgx.Tx, j *workedJob) (stepped, error) {
	var p resetParams
	if err := j.read(&p, nil); err != nil {
		return stepped{}, err
	}
	return stepAnew(ctx, tx, j, j.list, p.Reasons, reasonAnew)
}

func stepRewalk(ctx context.Context, _ *Store, tx pgx.Tx, j *workedJob) (stepped, error) {
	return stepAnew(ctx, tx, j, nil, []string{ReasonSegment}, ReasonSegment)
}
