package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ContactCounts says where contacts stand. Loaded = Dialable + InFlight + Finished + all of Excluded.
type ContactCounts struct {
	Loaded     int64            `json:"loaded"`
	Dialable   int64            `json:"dialable" doc:"never tried, or due now or later"`
	Untouched  int64            `json:"untouched" doc:"the part of dialable that was never looked at"`
	InFlight   int64            `json:"in_flight"`
	Finished   int64            `json:"finished"`
	FinishedBy map[string]int64 `json:"finished_by" doc:"by reason: an outcome, a disposition or max_attempts"`
	Excluded   map[string]int64 `json:"excluded" doc:"by reason"`
	WaitingFor map[string]int64 `json:"waiting_for" doc:"waiting contacts by reason: an outcome, a rule, callback"`
}

// untouched is where contacts stand of which none was touched.
func untouched(loaded int64) ContactCounts {
	return ContactCounts{Loaded: loaded, Dialable: loaded, Untouched: loaded,
		FinishedBy: map[string]int64{}, Excluded: map[string]int64{}, WaitingFor: map[string]int64{}}
}

// add takes n contacts in that have a state.
func (c *ContactCounts) add(state, reason string, n int64) {
	c.Untouched -= n
	switch state {
	case stateWaiting:
		c.WaitingFor[reason] += n
		return
	case stateInFlight:
		c.InFlight += n
	case stateFinished:
		c.FinishedBy[reason] += n
		c.Finished += n
	case stateExcluded:
		c.Excluded[reason] += n
	}
	c.Dialable -= n
}

// Summary is where a campaign stands. Loaded = Dialable + InFlight + Finished + all of Excluded, and Attempts is the sum of
// AttemptsByOutcome (invariant I14). Contacts count while their list is one of the campaign's.
type Summary struct {
	ContactCounts
	Attempts          int64             `json:"attempts"`
	AttemptsByOutcome map[Outcome]int64 `json:"attempts_by_outcome"`
	Live              int64             `json:"live" doc:"calls answered by a person"`
	Abandoned         int64             `json:"abandoned"`
}

// Summary counts a campaign's contacts and attempts in one snapshot. Its cost grows with the contacts that were touched.
func (s *Store) Summary(ctx context.Context, campaign uuid.UUID) (Summary, error) {
	sum := Summary{AttemptsByOutcome: map[Outcome]int64{}}
	var there bool
	var loaded int64
	b := &pgx.Batch{}
	b.Queue(`SELECT EXISTS (SELECT FROM campaigns WHERE id = $1), coalesce((SELECT sum(z.contacts) FROM campaign_lists cl JOIN list_zones z
		USING (list_id) WHERE cl.campaign_id = $1), 0)::bigint`, campaign).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&there, &loaded)
		sum.ContactCounts = untouched(loaded)
		return err
	})
	b.Queue(`SELECT state, reason, count(*) FROM contact_states WHERE campaign_id = $1 AND list_id IN (SELECT list_id FROM campaign_lists
		WHERE campaign_id = $1) GROUP BY state, reason`, campaign).Query(sum.readStates)
	b.Queue(`SELECT outcome, sum(attempts)::bigint FROM outcome_counts WHERE campaign_id = $1 GROUP BY outcome`, campaign).Query(sum.readOutcomes)
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return tx.SendBatch(ctx, b).Close()
	})
	sum.Abandoned = sum.AttemptsByOutcome[Abandoned]
	if err == nil && !there {
		err = ErrNotFound
	}
	if err != nil {
		return Summary{}, fmt.Errorf("summary of campaign %s: %w", campaign, err)
	}
	return sum, nil
}

func (sum *Summary) readStates(rows pgx.Rows) error {
	var state, reason string
	var n int64
	_, err := pgx.ForEachRow(rows, []any{&state, &reason, &n}, func() error {
		sum.add(state, reason, n)
		return nil
	})
	return err
}

func (sum *Summary) readOutcomes(rows pgx.Rows) error {
	var outcome Outcome
	var n int64
	_, err := pgx.ForEachRow(rows, []any{&outcome, &n}, func() error {
		sum.AttemptsByOutcome[outcome] = n
		sum.Attempts += n
		if Outcome(outcome).Live() {
			sum.Live += n
		}
		return nil
	})
	return err
}
