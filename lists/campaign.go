package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const campaignSQL = `
SELECT c.id, c.name, c.status, c.trunk_id,
	coalesce((SELECT array_agg(list_id ORDER BY position, list_id) FROM campaign_lists WHERE campaign_id = c.id), '{}'), c.settings, c.revision
FROM campaigns c `

func scanCampaign(row pgx.CollectableRow) (c Campaign, err error) {
	var settings []byte
	if err := row.Scan(&c.ID, &c.Name, &c.Status, &c.TrunkID, &c.ListIDs, &settings, &c.Revision); err != nil {
		return c, err
	}
	if err := json.Unmarshal(settings, &c.Settings); err != nil {
		return c, fmt.Errorf("settings of campaign %s: %w", c.ID, err)
	}
	return c, nil
}

// Campaign returns one campaign, or ErrNotFound.
func (s *Store) Campaign(ctx context.Context, id uuid.UUID) (Campaign, error) {
	c, err := campaign(ctx, s.pool, id)
	if err != nil {
		return Campaign{}, fmt.Errorf("campaign %s: %w", id, err)
	}
	return c, nil
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func campaign(ctx context.Context, q querier, id uuid.UUID) (Campaign, error) {
	rows, err := q.Query(ctx, campaignSQL+`WHERE c.id = $1`, id)
	if err != nil {
		return Campaign{}, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanCampaign)
	if noRows(err) {
		err = ErrNotFound
	}
	return c, err
}

// Campaigns returns all campaigns by name.
func (s *Store) Campaigns(ctx context.Context) ([]Campaign, error) {
	rows, err := s.pool.Query(ctx, campaignSQL+`ORDER BY c.name`)
	if err != nil {
		return nil, fmt.Errorf("campaigns: %w", err)
	}
	out, err := pgx.CollectRows(rows, scanCampaign)
	if err != nil {
		return nil, fmt.Errorf("campaigns: %w", err)
	}
	return out, nil
}

// CreateCampaign stores a new, paused campaign and returns it with its id and revision. Errors: SettingsError, *InputError
// (name, trunk_id, list_ids, settings.script_id), ErrExists.
func (s *Store) CreateCampaign(ctx context.Context, c Campaign) (Campaign, error) {
	if c.ID == uuid.Nil {
		c.ID = newID()
	}
	c.Status, c.Revision, c.Settings.ScriptTest, c.Settings.Experiment = Paused, 1, nil, nil
	if _, err := checkCampaign(&c); err != nil {
		return Campaign{}, err
	}
	err := s.tx(ctx, func(tx pgx.Tx) (err error) {
		if c.Settings.Packs == nil {
			if c.Settings.Packs, err = choosePacks(ctx, tx, c.ListIDs); err != nil {
				return err
			}
		}
		settings, err := checkCampaign(&c) // with what the packs chosen demand
		if err != nil {
			return err
		}
		if err := checkScript(ctx, tx, c.Settings); err != nil {
			return err
		}
		if err := checkCallers(ctx, tx, c.TrunkID, c.Settings); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO campaigns (id, name, trunk_id, settings) VALUES ($1, $2, $3, $4::jsonb)`, c.ID, c.Name, c.TrunkID, settings)
		if err != nil {
			return err
		}
		return setLists(ctx, tx, c)
	})
	if err != nil {
		return Campaign{}, fmt.Errorf("create campaign: %w", campaignError(err))
	}
	return c, nil
}

// UpdateCampaign changes name, trunk, lists and settings when c.Revision is still the newest, else ErrStale. The status
// stays as it is. A list that comes back is taken up where it was left.
func (s *Store) UpdateCampaign(ctx context.Context, c Campaign) (Campaign, error) {
	return s.UpdateCampaignBy(ctx, By{}, c)
}

// UpdateCampaignBy is UpdateCampaign for somebody: each field that changes is written down with who, when, from and to.
func (s *Store) UpdateCampaignBy(ctx context.Context, by By, c Campaign) (Campaign, error) {
	changed, err := s.changeCampaign(ctx, by, c.ID, func(Campaign) (Campaign, error) { return c, nil })
	if err != nil {
		return Campaign{}, fmt.Errorf("update campaign %s: %w", c.ID, campaignError(err))
	}
	return changed, nil
}

func checkCampaign(c *Campaign) (settings string, err error) {
	if c.Name = CleanText(c.Name, 1000); c.Name == "" || utf8.RuneCountInString(c.Name) > 120 {
		return "", &InputError{"name", "must be 1 to 120 characters"}
	}
	if c.TrunkID == uuid.Nil {
		return "", &InputError{"trunk_id", "a campaign needs a trunk"}
	}
	c.Settings.NoPacks = c.Settings.NoPacks && len(c.Settings.Packs) == 0 // the stricter of the two counts
	if errs := c.Settings.Validate(); len(errs) > 0 {
		return "", SettingsError(errs)
	}
	if c.ListIDs = slices.Clone(c.ListIDs); len(c.ListIDs) > 100 {
		return "", &InputError{"list_ids", "at most 100 lists"}
	}
	for i, id := range c.ListIDs {
		if slices.Contains(c.ListIDs[:i], id) {
			return "", &InputError{"list_ids", "a list is there twice"}
		}
	}
	b, err := json.Marshal(c.Settings)
	return string(b), err
}

func checkScript(ctx context.Context, tx pgx.Tx, s Settings) error {
	if s.ScriptID == uuid.Nil {
		return nil
	}
	var there bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM scripts WHERE id = $1 AND version = $2)`, s.ScriptID, s.ScriptVersion).Scan(&there); err != nil {
		return err
	}
	if !there {
		return &InputError{"settings.script_id", "there is no such script in this version"}
	}
	return nil
}

// setLists makes the campaign's lists those of c, in that order. A list that the campaign had earlier starts before its
// first contact without a state; when there is none, at its end, where later imports put theirs.
func setLists(ctx context.Context, tx pgx.Tx, c Campaign) error {
	b := &pgx.Batch{}
	b.Queue(`DELETE FROM campaign_lists WHERE campaign_id = $1 AND list_id <> ALL ($2)`, c.ID, c.ListIDs)
	b.Queue(`INSERT INTO campaign_lists AS cl (campaign_id, list_id, position, cursor_seq)
		SELECT $1, i.id, i.position, CASE
			WHEN NOT EXISTS (SELECT FROM contact_states WHERE campaign_id = $1 AND list_id = i.id) THEN 0
			ELSE coalesce((SELECT c.seq - 1 FROM contacts c WHERE c.list_id = i.id AND NOT EXISTS (SELECT FROM contact_states cs
				WHERE cs.campaign_id = $1 AND cs.contact_id = c.id) ORDER BY c.seq LIMIT 1),
				(SELECT max(seq) FROM contacts WHERE list_id = i.id), 0) END
		FROM unnest($2::uuid[]) WITH ORDINALITY AS i(id, position)
		ON CONFLICT (campaign_id, list_id) DO UPDATE SET position = excluded.position`, c.ID, c.ListIDs)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	return noArchived(ctx, tx, c.ID)
}

func campaignError(err error) error {
	switch violated(err) {
	case "campaigns_name_key":
		return ErrExists
	case "campaigns_trunk_id_fkey":
		return &InputError{"trunk_id", "there is no such trunk"}
	case "campaign_lists_list_id_fkey":
		return &InputError{"list_ids", "there is no such list"}
	}
	return err
}

// SetStatus starts, pauses, drains or stops a campaign. Running needs settings that validate. After it has returned, no
// claim of a campaign that is not running commits.
func (s *Store) SetStatus(ctx context.Context, id uuid.UUID, status CampaignStatus) error {
	return s.SetStatusBy(ctx, By{}, id, status)
}

// SetStatusBy is SetStatus for somebody: the change is written down with who, when, from and to.
func (s *Store) SetStatusBy(ctx context.Context, by By, id uuid.UUID, status CampaignStatus) error {
	switch status {
	case Paused, Running, Draining, Stopped:
	default:
		return &InputError{"status", "must be paused, running, draining or stopped"}
	}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if err := lockCampaignExclusive(ctx, tx, id); err != nil {
			return err
		}
		c, err := campaign(ctx, tx, id)
		if err != nil {
			return err
		}
		if errs := c.Settings.Validate(); status == Running && len(errs) > 0 {
			return SettingsError(errs)
		}
		if status == Running {
			if err := noArchived(ctx, tx, id); err != nil {
				return err
			}
		}
		if _, err = tx.Exec(ctx, `UPDATE campaigns SET status = $2 WHERE id = $1`, id, status); err != nil {
			return err
		}
		is := c
		is.Status = status
		return noteChanges(ctx, tx, by, c, is)
	})
	if err != nil {
		return fmt.Errorf("set status of campaign %s: %w", id, err)
	}
	return nil
}
