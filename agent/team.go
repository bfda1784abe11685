package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// teamEvery is how often a campaign's day is summed: one query for each campaign with agents here, whoever looks.
const teamEvery = time.Minute

// runTeams keeps the team's numbers, and the campaign's choices for its desks, until ctx ends.
func (f *Floor) runTeams(ctx context.Context) {
	if f.cfg.Rows == nil {
		return
	}
	for sleep(ctx, f.cfg.Team) {
		for _, campaign := range f.inUse() {
			if err := f.countTeam(ctx, campaign); err != nil && ctx.Err() == nil {
				f.cfg.Log.Warn("a team's day could not be summed", "campaign", campaign, "error", err)
			}
		}
	}
}

func (f *Floor) inUse() []uuid.UUID {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]uuid.UUID, 0, len(f.campaigns))
	for id := range f.campaigns {
		out = append(out, id)
	}
	return out
}

func (f *Floor) countTeam(ctx context.Context, campaign uuid.UUID) error {
	ctx, cancel := context.WithTimeout(ctx, 2*phoneTimeout)
	defer cancel()
	team, desk, err := f.cfg.Rows.team(ctx, campaign, midnight(f.cfg.Clock()))
	if err != nil {
		return err
	}
	var deeds []deed
	f.mu.Lock()
	now := f.cfg.Clock()
	team.At = now
	for _, s := range f.byAgent {
		if s.campaign.ID == campaign {
			s.team, s.desk = team, desk
			deeds = append(deeds, f.show(s, now))
		}
	}
	f.mu.Unlock()
	for _, d := range deeds {
		f.perform(d)
	}
	return nil
}

// team sums the day of all agents who were logged in to a campaign since day, and reads what it chose for their desks.
func (r *Rows) team(ctx context.Context, campaign uuid.UUID, day time.Time) (*Team, lists.DeskSettings, error) {
	var t Team
	var calls, successes int
	var talk, idle float64
	var raw []byte
	err := r.pool.QueryRow(ctx, `
		WITH spans AS (
			SELECT l.agent_id, l.state, extract(epoch FROM
				lead(l.at, 1, coalesce(s.ended_at, now())) OVER (PARTITION BY l.session_id ORDER BY l.at, l.id) - l.at) AS seconds
			FROM agent_sessions s JOIN agent_state_log l ON l.session_id = s.id
			WHERE s.campaign_id = $1 AND l.at >= $2 AND (s.ended_at IS NULL OR s.ended_at >= $2))
		SELECT count(DISTINCT agent_id), count(*) FILTER (WHERE state = 'Talking'),
			coalesce(sum(seconds) FILTER (WHERE state = 'Talking'), 0)::float8,
			coalesce(sum(seconds) FILTER (WHERE state = 'Ready'), 0)::float8,
			(SELECT count(*) FROM dispositions d WHERE d.campaign_id = $1 AND d.at >= $2 AND d.success
				AND d.agent_id IN (SELECT agent_id FROM spans)),
			(SELECT settings FROM campaigns WHERE id = $1)
		FROM spans`, campaign, day).Scan(&t.Agents, &calls, &talk, &idle, &successes, &raw)
	var desk lists.Settings
	if err == nil && raw != nil {
		err = json.Unmarshal(raw, &desk)
	}
	if err != nil {
		return nil, lists.DeskSettings{}, fmt.Errorf("sum the team's day: %w", err)
	}
	if n := float64(t.Agents); n > 0 {
		t.Calls, t.TalkSeconds, t.IdleSeconds, t.Successes = float64(calls)/n, talk/n, idle/n, float64(successes)/n
	}
	if calls > 0 {
		t.Conversion = float64(successes) / float64(calls)
	}
	return &t, desk.DeskSettings, nil
}
