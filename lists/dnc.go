package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// DNC is a number that must not be called: by nobody, or by one campaign.
type DNC struct {
	ID         uuid.UUID  `json:"id"`
	Phone      string     `json:"phone" doc:"E.164"`
	CampaignID *uuid.UUID `json:"campaign_id" doc:"null: no campaign may call it"`
	Reason     string     `json:"reason"`
	By         *uuid.UUID `json:"by" doc:"who added it; null: the system"`
	Until      *time.Time `json:"until" doc:"null: for ever"`
	CreatedAt  time.Time  `json:"created_at"`
}

// AddDNC puts a number on the do-not-call list, commits, and returns the attempts to it that are open: they are marked as
// cancelled, and those not answered yet must be withdrawn before anybody is told that the number was added (I3). Adding a
// number again keeps the later end. Phone must be E.164.
func (s *Store) AddDNC(ctx context.Context, d DNC) (open []uuid.UUID, err error) {
	if !e164.MatchString(d.Phone) {
		return nil, &InputError{"phone", "must be a number in E.164 form, like +12025550100"}
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		if err := lockNumber(ctx, tx, d.Phone); err != nil {
			return err
		}
		open, err = s.suppress(ctx, tx, d)
		return err
	})
	if violated(err) == "dnc_added_by_fkey" {
		err = &InputError{"by", "there is no such user"}
	}
	if err != nil {
		return nil, fmt.Errorf("add do-not-call number: %w", err)
	}
	return open, nil
}

// lockNumber waits until no claim and no suppression of the number is under way. It must be a statement of its own,
// before those that look at the number.
func lockNumber(ctx context.Context, tx pgx.Tx, phone string) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, phone)
	return err
}

// suppress adds the entry and cancels open attempts; the caller holds the number's lock.
func (s *Store) suppress(ctx context.Context, tx pgx.Tx, d DNC) (open []uuid.UUID, err error) {
	d.ID, d.Reason = newID(), CleanText(d.Reason, 200)
	body, err := json.Marshal(map[string]any{"phone": d.Phone, "campaign_id": d.CampaignID, "reason": d.Reason, "until": d.Until})
	if err != nil {
		return nil, err
	}
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO dnc AS was (id, phone, campaign_id, reason, added_by, until) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (phone, coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'::uuid)) DO UPDATE SET
			until = CASE WHEN was.until IS NULL OR excluded.until IS NULL THEN NULL ELSE greatest(was.until, excluded.until) END`,
		d.ID, d.Phone, d.CampaignID, d.Reason, d.By, d.Until)
	b.Queue(`UPDATE open_attempts SET cancelled = true WHERE phone = $1 AND ($2::uuid IS NULL OR campaign_id = $2)
		AND ($3::timestamptz IS NULL OR $3 > coalesce($4::timestamptz, now())) RETURNING id`, d.Phone, d.CampaignID, d.Until, s.at()).Query(
		func(rows pgx.Rows) (err error) {
			open, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
			return err
		})
	b.Queue(outboxSQL, TopicDNCAdded, []string{d.Phone}, []string{string(body)})
	return open, tx.SendBatch(ctx, b).Close()
}

// DNCList returns the entries of a number, or the newest entries when phone is "".
func (s *Store) DNCList(ctx context.Context, phone string, limit int) ([]DNC, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, phone, campaign_id, reason, added_by, until, created_at FROM dnc
		WHERE $1 IN ('', phone) ORDER BY id DESC LIMIT $2`, phone, page(limit))
	if err != nil {
		return nil, fmt.Errorf("do-not-call list: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DNC])
	if err != nil {
		return nil, fmt.Errorf("do-not-call list: %w", err)
	}
	return out, nil
}

// RemoveDNC takes an entry off the list. Contacts that were excluded because of it stay excluded.
func (s *Store) RemoveDNC(ctx context.Context, id uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `DELETE FROM dnc WHERE id = $1`, id)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("remove do-not-call entry %s: %w", id, err)
	}
	return nil
}

// page bounds the length of a page: 100 when not given, at most 1,000.
func page(limit int) int {
	if limit <= 0 {
		return 100
	}
	return min(limit, 1000)
}
