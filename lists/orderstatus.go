package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// OrderStatus says how far the places of a campaign's order are made.
type OrderStatus struct {
	By      OrderBy    `json:"by" doc:"of the order that the settings ask for; empty: as contacts stand in their lists"`
	State   string     `json:"state" enum:"none,building,ready" doc:"none: this order needs no places; building: until it is ready the campaign dials in its old order, or as contacts stand in their lists"`
	Placed  int64      `json:"placed" doc:"contacts that have their place"`
	Total   int64      `json:"total" doc:"contacts of the campaign's lists"`
	ReadyAt *time.Time `json:"ready_at"`
}

// OrderStatus returns it, or ErrNotFound.
func (s *Store) OrderStatus(ctx context.Context, campaign uuid.UUID) (OrderStatus, error) {
	c, err := s.Campaign(ctx, campaign)
	if err != nil {
		return OrderStatus{}, err
	}
	o := OrderStatus{By: c.Settings.Order.by(), State: "none"}
	if !c.Settings.Order.placed() {
		return o, nil
	}
	o.State = "building"
	err = s.pool.QueryRow(ctx, `SELECT coalesce((SELECT sum(z.contacts) FROM campaign_lists cl JOIN list_zones z USING (list_id)
		WHERE cl.campaign_id = $1), 0)::bigint`, campaign).Scan(&o.Total)
	if err != nil {
		return OrderStatus{}, fmt.Errorf("order of campaign %s: %w", campaign, err)
	}
	err = s.pool.QueryRow(ctx, `SELECT state, placed, ready_at FROM campaign_orders WHERE campaign_id = $1 AND state <> 'old'
		AND spec = $2`, campaign, c.Settings.Order.spec(s.instant(), c.Settings.Hours)).Scan(&o.State, &o.Placed, &o.ReadyAt)
	if err != nil && !noRows(err) {
		return OrderStatus{}, fmt.Errorf("order of campaign %s: %w", campaign, err)
	}
	return o, nil
}

// instant is the law's clock where the database need not be asked.
func (s *Store) instant() time.Time {
	if at := s.at(); at != nil {
		return *at
	}
	return s.local()
}
