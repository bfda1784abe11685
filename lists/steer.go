package lists

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Steering is what a supervisor may change in a campaign while it runs. Nil leaves a field as it is.
type Steering struct {
	Revision      int           `json:"revision" minimum:"1" doc:"the one that was read; a newer one in the database refuses the change"`
	Mode          *string       `json:"mode,omitempty" enum:"preview,progressive,power,predictive"`
	Ratio         *float64      `json:"ratio,omitempty" minimum:"1" maximum:"10" doc:"power mode: calls per ready agent"`
	AbandonTarget *float64      `json:"abandon_target,omitempty" minimum:"0" maximum:"0.1" doc:"cap on abandoned / answered by a person"`
	CallerID      *string       `json:"caller_id,omitempty" maxLength:"20" doc:"E.164; shown to the callee"`
	CallerIDs     *[]string     `json:"caller_ids,omitempty" maxItems:"50" doc:"further numbers of which each contact is shown one"`
	CallerChoice  *CallerChoice `json:"caller_choice,omitempty" enum:"contact,area" doc:"which of the numbers a contact is shown"`
	MaxLines      *int          `json:"max_lines,omitempty" minimum:"0" maximum:"10000" doc:"ceiling of calls in flight and in talk; 0: the trunk's"`
	Weight        *float64      `json:"weight,omitempty" minimum:"0" maximum:"100" doc:"share of the trunk when campaigns compete for it; 0: 1"`
	ListIDs       *[]uuid.UUID  `json:"list_ids,omitempty" maxItems:"100" doc:"all of the campaign's lists, in their order"`
	Lists         *ListsBy      `json:"lists,omitempty" enum:",together,mix" doc:"how the lists take turns: empty: one after another; together; mix: by weights"`
	Mix           *[]ListWeight `json:"mix,omitempty" maxItems:"100" doc:"of mix: weights of the lists; a list without one has 1"`
}

// apply puts what is set into a campaign.
func (s Steering) apply(c *Campaign) {
	set := &c.Settings
	c.Revision = s.Revision
	putIf(&set.Mode, s.Mode)
	putIf(&set.Ratio, s.Ratio)
	putIf(&set.AbandonTarget, s.AbandonTarget)
	putIf(&set.CallerID, s.CallerID)
	putIf(&set.CallerIDs, s.CallerIDs)
	putIf(&set.CallerChoice, s.CallerChoice)
	putIf(&set.MaxLines, s.MaxLines)
	putIf(&set.Weight, s.Weight)
	putIf(&c.ListIDs, s.ListIDs)
	putIf(&set.Order.Lists, s.Lists)
	putIf(&set.Order.Mix, s.Mix)
	if set.Order.Lists != ListsMixed { // weights go with a mix only
		set.Order.Mix = nil
		return
	}
	var kept []ListWeight
	for _, w := range set.Order.Mix { // and with lists that the campaign has
		for _, id := range c.ListIDs {
			if w.ListID == id {
				kept = append(kept, w)
			}
		}
	}
	set.Order.Mix = kept
}

func putIf[T any](into *T, v *T) {
	if v != nil {
		*into = *v
	}
}

// Steer changes a campaign while it runs, when the revision is still the newest, else ErrStale. Errors as of UpdateCampaign.
func (s *Store) Steer(ctx context.Context, by By, id uuid.UUID, to Steering) (Campaign, error) {
	c, err := s.changeCampaign(ctx, by, id, func(was Campaign) (Campaign, error) {
		to.apply(&was)
		return was, nil
	})
	if err != nil {
		return Campaign{}, fmt.Errorf("steer campaign %s: %w", id, campaignError(err))
	}
	return c, nil
}

// changeCampaign makes a campaign what change says of its present state, when the revision that change returns is still the
// newest, else ErrStale. What was changed is written down for the one who asked.
func (s *Store) changeCampaign(ctx context.Context, by By, id uuid.UUID, change func(was Campaign) (Campaign, error)) (c Campaign, err error) {
	err = s.tx(ctx, func(tx pgx.Tx) error {
		if err := lockCampaignExclusive(ctx, tx, id); err != nil {
			return err
		}
		was, err := campaign(ctx, tx, id)
		if err != nil {
			return err
		}
		if c, err = change(was); err != nil {
			return err
		}
		c.ID, c.Status = id, was.Status
		c.Settings.Experiment = was.Settings.Experiment
		c.Settings.ScriptTest = was.Settings.ScriptTest // begins and ends by its own operations
		if c.Settings.Packs == nil {                    // who does not know of packs does not take them away
			c.Settings.Packs, c.Settings.NoPacks = was.Settings.Packs, was.Settings.NoPacks
		}
		if len(was.Settings.Packs) == 0 && len(c.Settings.Packs) == 0 {
			c.Settings.NoPacks = true // a campaign from before it had to be said
		}
		settings, err := checkCampaign(&c)
		if err != nil {
			return err
		}
		if err := checkScript(ctx, tx, c.Settings); err != nil {
			return err
		}
		if err := checkCallers(ctx, tx, c.TrunkID, c.Settings); err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `UPDATE campaigns SET name = $3, trunk_id = $4, settings = $5::jsonb, revision = revision + 1
			WHERE id = $1 AND revision = $2 RETURNING revision`, id, c.Revision, c.Name, c.TrunkID, settings).Scan(&c.Revision)
		if noRows(err) {
			return ErrStale
		}
		if err != nil {
			return err
		}
		if err := setLists(ctx, tx, c); err != nil {
			return err
		}
		return noteChanges(ctx, tx, by, was, c)
	})
	return c, err
}
