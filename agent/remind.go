package agent

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// remindEvery is how often callbacks that come soon are looked for: one query for the own ones of all agents of this process, one for
// those that are for anyone in their campaigns.
const remindEvery = 20 * time.Second

// maxReminders bounds what one agent is reminded of at a time.
const maxReminders = 20

// maxShared bounds how many callbacks for anyone are shown to the agents of a campaign.
const maxShared = 5

// runReminders shows agents callbacks before they are due, until ctx ends.
func (f *Floor) runReminders(ctx context.Context) {
	if f.cfg.Rows == nil {
		return
	}
	for sleep(ctx, f.cfg.Remind) {
		if err := f.remind(ctx); err != nil && ctx.Err() == nil {
			f.cfg.Log.Warn("callbacks that come soon could not be read", "error", err)
		}
	}
}

func (f *Floor) remind(ctx context.Context) error {
	f.mu.Lock()
	agents := make([]uuid.UUID, 0, len(f.byAgent))
	var campaigns []uuid.UUID
	for id, s := range f.byAgent {
		agents = append(agents, id)
		if !slices.Contains(campaigns, s.campaign.ID) {
			campaigns = append(campaigns, s.campaign.ID)
		}
	}
	f.mu.Unlock()
	if len(agents) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, phoneTimeout)
	defer cancel()
	due, err := f.cfg.Rows.callbacksDue(ctx, agents)
	if err != nil {
		return err
	}
	shared, err := f.cfg.Rows.sharedDue(ctx, campaigns)
	if err != nil {
		return err
	}
	var deeds []deed
	f.mu.Lock()
	now := f.cfg.Clock()
	for id, s := range f.byAgent {
		if all := slices.Concat(due[id], shared[s.campaign.ID]); !slices.Equal(s.callbacks, all) {
			s.callbacks = all
			deeds = append(deeds, f.show(s, now))
		}
	}
	f.mu.Unlock()
	for _, d := range deeds {
		f.perform(d)
	}
	return nil
}

// callbacksDue reads the callbacks that were promised to these agents and come soon, as their campaigns mean it, or wait
// already, soonest first.
func (r *Rows) callbacksDue(ctx context.Context, agents []uuid.UUID) (map[uuid.UUID][]CallbackDue, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT k.agent_id, k.id, k.campaign_id, c.name, k.contact_id, p.name, k.due_at, coalesce(p.zones[1], ''), k.note
		FROM callbacks k JOIN campaigns c ON c.id = k.campaign_id JOIN contacts p ON p.id = k.contact_id
		WHERE k.agent_id = ANY ($1) AND k.state = 'open'
			AND k.due_at <= now() + make_interval(secs => coalesce(nullif((c.settings->>'callback_remind')::int, 0), $2))
		ORDER BY k.due_at, k.id`, agents, int(defaultRemind/time.Second))
	if err != nil {
		return nil, fmt.Errorf("read callbacks: %w", err)
	}
	out := map[uuid.UUID][]CallbackDue{}
	var agent uuid.UUID
	var x CallbackDue
	_, err = pgx.ForEachRow(rows, []any{&agent, &x.ID, &x.CampaignID, &x.CampaignName, &x.ContactID, &x.ContactName, &x.DueAt, &x.Zone, &x.Note}, func() error {
		if len(out[agent]) < maxReminders {
			x.DueAt = x.DueAt.UTC()
			out[agent] = append(out[agent], x)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read callbacks: %w", err)
	}
	return out, nil
}

// sharedDue reads the callbacks of these campaigns that are for anyone and come soon or wait already, soonest first.
func (r *Rows) sharedDue(ctx context.Context, campaigns []uuid.UUID) (map[uuid.UUID][]CallbackDue, error) {
	rows, err := r.pool.Query(ctx, `
		SELECT k.id, c.id, c.name, k.contact_id, p.name, k.due_at, coalesce(p.zones[1], ''), k.note
		FROM campaigns c
		CROSS JOIN LATERAL (SELECT * FROM callbacks k WHERE k.campaign_id = c.id AND k.state = 'open' AND k.agent_id IS NULL
			AND k.due_at <= now() + make_interval(secs => coalesce(nullif((c.settings->>'callback_remind')::int, 0), $2))
			ORDER BY k.due_at, k.id LIMIT $3) k
		JOIN contacts p ON p.id = k.contact_id
		WHERE c.id = ANY ($1) ORDER BY k.due_at, k.id`, campaigns, int(defaultRemind/time.Second), maxShared)
	if err != nil {
		return nil, fmt.Errorf("read callbacks for anyone: %w", err)
	}
	out := map[uuid.UUID][]CallbackDue{}
	x := CallbackDue{Shared: true}
	_, err = pgx.ForEachRow(rows, []any{&x.ID, &x.CampaignID, &x.CampaignName, &x.ContactID, &x.ContactName, &x.DueAt, &x.Zone, &x.Note}, func() error {
		x.DueAt = x.DueAt.UTC()
		out[x.CampaignID] = append(out[x.CampaignID], x)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read callbacks for anyone: %w", err)
	}
	return out, nil
}

// defaultRemind is how long before it is due a callback is shown unless the campaign says otherwise.
const defaultRemind = 15 * time.Minute
