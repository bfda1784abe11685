package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Correction says that an attempt ended otherwise than was found: a machine that was a person, or the reverse. The attempt
// itself is never changed (I6).
type Correction struct {
	Attempt uuid.UUID
	Outcome Outcome
	Reason  string
	By      *uuid.UUID
}

// lockCorrection is held while an attempt is corrected.
const lockCorrection = 11

// CorrectOutcome appends a correction; the last one of an attempt counts. It moves the abandonment ledger (I4), so that a
// person who was taken for a machine and hung up on counts as abandoned, and the number rests as rules demand after an
// abandoned call. Errors: ErrNotFound, *InputError (outcome, reason).
func (s *Store) CorrectOutcome(ctx context.Context, c Correction) error {
	if c.Reason = CleanText(c.Reason, 200); c.Reason == "" {
		return &InputError{"reason", "say how it was found out"}
	}
	if !c.Outcome.Valid() {
		return &InputError{"outcome", fmt.Sprintf("%.40q is no outcome", string(c.Outcome))}
	}
	if err := s.tx(ctx, func(tx pgx.Tx) error { return correct(ctx, tx, c) }); err != nil {
		return fmt.Errorf("correct attempt %s: %w", c.Attempt, err)
	}
	return nil
}

func correct(ctx context.Context, tx pgx.Tx, c Correction) error {
	var e endedAttempt
	var was Outcome
	var bridged *time.Time
	// Corrections of one attempt come one after another: each moves the ledger from where the one before left it.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, hashtext($2::text))`, lockCorrection, c.Attempt.String()); err != nil {
		return err
	}
	err := tx.QueryRow(ctx, `SELECT campaign_id, phone, bridged_at, ended_at, date_bin('15 min', coalesce(answered_at, ended_at), 'epoch'),
		coalesce((SELECT k.outcome FROM attempt_corrections k WHERE k.attempt_id = a.id ORDER BY k.id DESC LIMIT 1), a.outcome)
		FROM attempts a WHERE id = $1`, c.Attempt).Scan(&e.campaign, &e.phone, &bridged, &e.endedAt, &e.quarter, &was)
	if noRows(err) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	e.bridged = bridged != nil
	count := func(o Outcome) (live, abandoned int) {
		if e.outcome = o; e.counts() {
			live = 1
		}
		if o == Abandoned {
			abandoned = 1
		}
		return live, abandoned
	}
	liveWas, abandonedWas := count(was)
	live, abandoned := count(c.Outcome)
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO attempt_corrections (attempt_id, outcome, reason, by_user) VALUES ($1, $2, $3, $4)`, c.Attempt, c.Outcome, c.Reason, c.By)
	if c.Outcome == Abandoned {
		b.Queue(marksSQL, []string{e.phone}, []time.Time{e.endedAt}, []bool{true})
	}
	if live != liveWas || abandoned != abandonedWas {
		b.Queue(`INSERT INTO abandonment AS n (campaign_id, quarter, live, abandoned) VALUES ($1, $2, $3, $4)
			ON CONFLICT (campaign_id, quarter) DO UPDATE SET live = n.live + excluded.live, abandoned = n.abandoned + excluded.abandoned`,
			e.campaign, e.quarter, live-liveWas, abandoned-abandonedWas)
	}
	return tx.SendBatch(ctx, b).Close()
}
