package lists

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/compliance"
)

// DNCRemoval takes an entry off the do-not-call list.
type DNCRemoval struct {
	ID     uuid.UUID
	By     uuid.UUID // uuid.Nil: the system
	Reason string    // why the number or the person may be called again; for the audit log
}

// RemoveDNC takes an entry off the list, with a row in the audit log before it commits; with that of a person go the entries that
// his numbers have because of it. Contacts that were excluded or put off because of it are looked at again at once: their
// attempts and their history stay, and whatever else keeps them from being called goes on doing so. Errors: ErrNotFound,
// *InputError (reason).
func (s *Store) RemoveDNC(ctx context.Context, r DNCRemoval) error {
	if r.Reason = CleanText(r.Reason, 200); r.Reason == "" {
		return &InputError{"reason", "say why the number may be called again"}
	}
	was, err := s.DNCEntry(ctx, r.ID)
	if err != nil {
		return err
	}
	phones := []string{was.Phone}
	if was.Phone == "" {
		if phones, err = s.NumbersOf(ctx, was.Person); err != nil {
			return fmt.Errorf("remove do-not-call entry %s: %w", r.ID, err)
		}
	}
	err = s.tx(ctx, func(tx pgx.Tx) error { return s.removeDNC(ctx, tx, r, was, phones) })
	if err != nil {
		return fmt.Errorf("remove do-not-call entry %s: %w", r.ID, err)
	}
	return nil
}

func (s *Store) removeDNC(ctx context.Context, tx pgx.Tx, r DNCRemoval, was DNC, phones []string) error {
	if len(phones) <= lockedAtOnce { // more are no person: their contacts are found by the next claim
		if err := lockNumbers(ctx, tx, phones); err != nil {
			return err
		}
	}
	if err := audit(ctx, tx, r.By, "dnc.remove", "dnc:"+r.ID.String(), jsonText(map[string]any{"reason": r.Reason, "was": was})); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `
		WITH gone AS (DELETE FROM dnc_people WHERE id = $1 RETURNING id, person, campaign_id),
			his AS (DELETE FROM dnc USING gone WHERE dnc.person = gone.person AND dnc.campaign_id IS NOT DISTINCT FROM gone.campaign_id AND dnc.id <> $1 RETURNING dnc.phone),
			own AS (DELETE FROM dnc WHERE id = $1 RETURNING phone)
		SELECT '' FROM gone UNION ALL SELECT phone FROM his UNION ALL SELECT phone FROM own`, r.ID)
	if err != nil {
		return err
	}
	freed, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	if len(freed) == 0 {
		return ErrNotFound
	}
	var a again
	if err := tx.QueryRow(ctx, `SELECT coalesce($1::timestamptz, now())`, s.at()).Scan(&a.now); err != nil {
		return err
	}
	a.phones = slices.Compact(slices.Sorted(slices.Values(append(freed, phones...))))
	a.phones = slices.DeleteFunc(a.phones, func(phone string) bool { return phone == "" })
	a.campaign, a.reasons = was.CampaignID, []string{compliance.RuleDNC, ReasonNextNumber}
	if _, err := tx.Exec(ctx, `UPDATE contacts c SET dnc = false WHERE c.phone = ANY ($1) AND c.dnc AND NOT EXISTS (SELECT FROM dnc d WHERE d.phone = c.phone)
		AND c.phone NOT LIKE '+0%'`, a.phones); err != nil {
		return err
	}
	return lookAgain(ctx, tx, a)
}
