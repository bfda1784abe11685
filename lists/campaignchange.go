package lists

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// By says who asked for a change. The zero value is the system.
type By struct {
	Actor   uuid.UUID
	Request string // id of the request, for the audit row; may be empty
}

// CampaignChange is one field of a campaign that was changed.
type CampaignChange struct {
	ID         int64           `json:"id"`
	CampaignID uuid.UUID       `json:"campaign_id"`
	At         time.Time       `json:"at"`
	Actor      *uuid.UUID      `json:"actor" doc:"user; null: the system"`
	ActorName  string          `json:"actor_name"`
	Field      string          `json:"field" doc:"name, trunk_id, list_ids, status, or settings. and a setting's name"`
	From       json.RawMessage `json:"from" doc:"null: it was not set"`
	To         json.RawMessage `json:"to" doc:"null: it is not set any more"`
}

// longestValue bounds what is kept of one value, in bytes of JSON; of a longer one only the length is kept.
const longestValue = 4096

// differences lists the fields in which two states of a campaign differ, in a stable order. Settings are told one by one.
func differences(was, is Campaign) ([]CampaignChange, error) {
	a, err := campaignFields(was)
	if err != nil {
		return nil, err
	}
	b, err := campaignFields(is)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(a)+len(b))
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if _, both := a[name]; !both {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var out []CampaignChange
	for _, name := range names {
		if from, to := shortValue(a[name]), shortValue(b[name]); !bytes.Equal(valueOf(a[name]), valueOf(b[name])) {
			out = append(out, CampaignChange{CampaignID: is.ID, Field: name, From: from, To: to})
		}
	}
	return out, nil
}

// campaignFields are the values of a campaign that can be changed, as JSON by name.
func campaignFields(c Campaign) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	for name, v := range map[string]any{"name": c.Name, "trunk_id": c.TrunkID, "list_ids": c.ListIDs, "status": c.Status} {
		b, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		out[name] = b
	}
	b, err := json.Marshal(c.Settings)
	if err != nil {
		return nil, err
	}
	settings := map[string]json.RawMessage{}
	if err := json.Unmarshal(b, &settings); err != nil {
		return nil, err
	}
	for name, v := range settings {
		out["settings."+name] = v
	}
	return out, nil
}

// valueOf is v, or nil when nothing is in it: a list of nothing and no list mean the same.
func valueOf(v json.RawMessage) json.RawMessage {
	switch string(v) {
	case "null", "[]", "{}":
		return nil
	}
	return v
}

func shortValue(v json.RawMessage) json.RawMessage {
	switch {
	case v == nil:
		return json.RawMessage("null")
	case len(v) > longestValue:
		return json.RawMessage(fmt.Sprintf(`{"bytes":%d}`, len(v)))
	}
	return v
}

// noteChanges writes down in what two states of a campaign differ, for the pages and, in one row, in the audit log: both in the
// transaction of the change, so that there is neither a change without them nor they without it. Call it last: the audit log's
// head stays locked until the end.
func noteChanges(ctx context.Context, tx pgx.Tx, by By, was, is Campaign) error {
	changes, err := differences(was, is)
	if err != nil || len(changes) == 0 {
		return err
	}
	var actor *uuid.UUID
	if by.Actor != uuid.Nil {
		actor = &by.Actor
	}
	type told struct {
		Field string          `json:"field"`
		From  json.RawMessage `json:"from"`
		To    json.RawMessage `json:"to"`
	}
	all := make([]told, len(changes))
	names, from, to := make([]string, len(changes)), make([]string, len(changes)), make([]string, len(changes))
	for i, c := range changes {
		all[i] = told{c.Field, c.From, c.To}
		names[i], from[i], to[i] = c.Field, string(c.From), string(c.To)
	}
	_, err = tx.Exec(ctx, `INSERT INTO campaign_changes (campaign_id, actor, at, field, was, becomes)
		SELECT $1, $2, m.at, i.field, i.was::jsonb, i.becomes::jsonb
		FROM (SELECT clock_timestamp() AS at) m, unnest($3::text[], $4::text[], $5::text[]) AS i(field, was, becomes)`, is.ID, actor, names, from, to)
	if err != nil {
		return err
	}
	detail := map[string]any{"changes": all, "revision": is.Revision}
	if by.Request != "" {
		detail["request"] = by.Request
	}
	return audit(ctx, tx, by.Actor, "campaign.changed", "campaign:"+is.ID.String(), jsonText(detail))
}

const campaignChangeSQL = `SELECT h.id, h.campaign_id, h.at, h.actor, coalesce(u.name, ''), h.field, h.was, h.becomes FROM campaign_changes h LEFT JOIN users u ON u.id = h.actor `

// CampaignChanges returns what was changed in a campaign, newest first, with ids below before when that is not 0. ErrNotFound: no
// such campaign.
func (s *Store) CampaignChanges(ctx context.Context, campaign uuid.UUID, before int64, limit int) ([]CampaignChange, error) {
	rows, err := s.pool.Query(ctx, campaignChangeSQL+`WHERE h.campaign_id = $1 AND ($2 = 0 OR h.id < $2) ORDER BY h.id DESC LIMIT $3`, campaign, before, page(limit))
	if err != nil {
		return nil, fmt.Errorf("changes of campaign %s: %w", campaign, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[CampaignChange])
	if err == nil && len(out) == 0 {
		_, err = s.Campaign(ctx, campaign)
	}
	if err != nil {
		return nil, fmt.Errorf("changes of campaign %s: %w", campaign, err)
	}
	return out, nil
}

// RecentChanges returns what was changed in campaigns (in all when none is named) during the last time, oldest first, at most the
// newest 500.
func (s *Store) RecentChanges(ctx context.Context, last time.Duration, campaigns ...uuid.UUID) ([]CampaignChange, error) {
	rows, err := s.pool.Query(ctx, `SELECT * FROM (`+campaignChangeSQL+`WHERE h.at > clock_timestamp() - $1::interval AND (cardinality($2::uuid[]) = 0 OR h.campaign_id = ANY ($2))
		ORDER BY h.id DESC LIMIT 500) x ORDER BY id`, last, scope(campaigns))
	if err != nil {
		return nil, fmt.Errorf("recent changes of campaigns: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[CampaignChange])
	if err != nil {
		return nil, fmt.Errorf("recent changes of campaigns: %w", err)
	}
	return out, nil
}
