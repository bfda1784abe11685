package board

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// Plan is how a campaign is set up, as far as those who watch and steer it need to know.
type Plan struct {
	ID            uuid.UUID            `json:"id"`
	Name          string               `json:"name"`
	Status        lists.CampaignStatus `json:"status"`
	Mode          string               `json:"mode"`
	Ratio         float64              `json:"ratio"`
	AbandonTarget float64              `json:"abandon_target"`
	CallerID      string               `json:"caller_id"`
	MaxLines      int                  `json:"max_lines"`
	Weight        float64              `json:"weight"`
	TrunkID       uuid.UUID            `json:"trunk_id"`
	Lists         lists.ListsBy        `json:"lists"`
	Revision      int                  `json:"revision"`
	AlertNear     float64              `json:"alert_near"` // share of the cap from which abandonment is worth an alert
	AlertIdle     int                  `json:"alert_idle"` // seconds after which a ready agent is idle
}

// List is where a list stands in a campaign.
type List struct {
	CampaignID uuid.UUID  `json:"campaign_id"`
	ListID     uuid.UUID  `json:"list_id"`
	Name       string     `json:"name"`
	Position   int        `json:"position"`
	Weight     int        `json:"weight"` // share in a mix; 0: the campaign's lists are not mixed
	Loaded     int64      `json:"loaded"`
	Dialable   int64      `json:"dialable"`
	Now        int64      `json:"now"` // of these, never tried or due
	InFlight   int64      `json:"in_flight"`
	Finished   int64      `json:"finished"`
	Excluded   int64      `json:"excluded"`
	Dry        string     `json:"dry"` // why nothing of it can be called now; "": something can
	Why        string     `json:"why"` // of waiting: what most contacts wait for
	NextAt     *time.Time `json:"next_at"`
}

// Reasons why nothing of a list can be called.
const (
	DryEmpty    = "empty"    // nobody is in it
	DryFinished = "finished" // everybody is finished or excluded
	DryWaiting  = "waiting"  // everybody waits for a later time
	DryHours    = "hours"    // it is too early or too late where they live
	DryRules    = "rules"    // rules keep the rest back
)

// Mark is a change of one field of a campaign.
type Mark struct {
	ID    int64           `json:"id"`
	At    time.Time       `json:"at"`
	Actor string          `json:"actor"` // name; "": the system
	Field string          `json:"field"`
	From  json.RawMessage `json:"from"`
	To    json.RawMessage `json:"to"`
}

// NewPlan makes the row of a campaign.
func NewPlan(c lists.Campaign) Plan {
	s := c.Settings
	return Plan{ID: c.ID, Name: c.Name, Status: c.Status, Mode: s.Mode, Ratio: s.Ratio, AbandonTarget: s.AbandonTarget, CallerID: s.CallerID, MaxLines: s.MaxLines,
		Weight: s.Weight, TrunkID: c.TrunkID, Lists: s.Order.Lists, Revision: c.Revision, AlertNear: s.Near(), AlertIdle: int(s.Idle())}
}

// NewList makes the row of a list. limit is what keeps the campaign's pace from being higher, as its dialer says; "" when
// nobody dials.
func NewList(c lists.Campaign, b lists.BoardList, limit string) List {
	r := List{CampaignID: b.CampaignID, ListID: b.ListID, Name: b.Name, Position: b.Position, Loaded: b.Loaded, Dialable: b.Dialable,
		Now: b.Untouched + b.Due, InFlight: b.InFlight, Finished: b.Finished, NextAt: b.NextAt}
	for _, n := range b.Excluded {
		r.Excluded += n
	}
	if c.Settings.Order.Lists == lists.ListsMixed {
		r.Weight = 1
		for _, w := range c.Settings.Order.Mix {
			if w.ListID == b.ListID {
				r.Weight = w.Weight
			}
		}
	}
	r.Dry, r.Why = dry(b, r.Now, limit)
	return r
}

func dry(b lists.BoardList, now int64, limit string) (dry, why string) {
	switch {
	case b.Loaded == 0:
		return DryEmpty, ""
	case b.InFlight > 0:
		return "", ""
	case b.Dialable == 0:
		return DryFinished, ""
	case now == 0:
		most := int64(0)
		for reason, n := range b.WaitingFor {
			if n > most || n == most && reason < why {
				most, why = n, reason
			}
		}
		return DryWaiting, why
	case limit == "list_hours":
		return DryHours, ""
	case limit == "list_empty" || limit == "list_all_waiting":
		return DryRules, ""
	}
	return "", ""
}
