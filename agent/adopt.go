package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// standing is an open session of this node as the database has it.
type standing struct {
	session   uuid.UUID
	person    Person
	endpoint  string
	leg       *uuid.UUID
	state     State
	reason    string
	since     time.Time
	started   time.Time
	campaign  PopCampaign
	wrap      Wrap
	desk      lists.DeskSettings
	attempt   *uuid.UUID
	bridged   *time.Time
	ended     *time.Time
	outcome   string
	hungUpBy  string
	kind      string
	direction string
	disposed  bool
	more      int
	until     *time.Time
	shared    sharing
}

// Adopt takes up the sessions that an earlier process of this node left open. channels are those that are up on the
// switch now, with the bridge of each (nil UUID: none). Where rows, attempts and channels disagree, the channels count:
// rows are written behind. A phone leg that lives is kept, else the phone is rung; a call in the agent's bridge goes on; a
// call that ended meanwhile is to be wrapped up. Sessions that the floor has already are left alone, so a failed Adopt may
// be repeated. Until it has succeeded, an agent with such a session cannot log in anew: his call may still be up.
func (f *Floor) Adopt(ctx context.Context, channels map[uuid.UUID]uuid.UUID) error {
	if f.cfg.Rows == nil {
		return nil
	}
	found, err := f.cfg.Rows.standing(ctx, f.cfg.Node, channels)
	if err != nil {
		return err
	}
	if err := f.cfg.Rows.share(ctx, found); err != nil {
		return err
	}
	for _, row := range found {
		if err := f.adopt(ctx, row, channels); err != nil {
			return err
		}
	}
	f.adopted.Store(true)
	return nil
}

func (f *Floor) adopt(ctx context.Context, row standing, channels map[uuid.UUID]uuid.UUID) error {
	now := f.cfg.Clock()
	s := &session{id: row.session, person: row.person, campaign: row.campaign, endpoint: row.endpoint, started: row.started,
		day: midnight(now), readyAt: -1, timerAt: -1}
	r := row.restored(channels)
	var err error
	if s.today, s.pauses, err = f.cfg.Rows.today(ctx, row.person.ID, s.day); err != nil {
		return err
	}
	s.desk = row.desk
	row.shared.settle(&r, row, channels)
	probe := Restore(now, f.cfg.Limits, r) // which call, if any, the session goes on with
	if probe.Attempt != uuid.Nil {
		pop, err := f.cfg.Rows.pop(ctx, probe.Attempt)
		if err != nil {
			return err
		}
		s.pop = pop
		s.call = row.callView(probe.State)
		if row.shared.handed && probe.State == WrapUp {
			s.handed, s.call.HandedOn = probe.Attempt, true
		}
		if s.drafts, err = f.cfg.Rows.draftsOf(ctx, row.person.ID, probe.Attempt); err != nil {
			return err
		}
	}
	if row.attempt != nil && probe.Attempt == uuid.Nil {
		s.last = *row.attempt
	}
	if r.PhoneUp {
		s.leg = *row.leg
	}
	f.mu.Lock()
	if f.byID[s.id] != nil || f.byAgent[s.person.ID] != nil {
		f.mu.Unlock()
		return nil
	}
	r.Sockets = f.sockets[s.person.ID]
	s.m = Restore(now, f.cfg.Limits, r)
	s.m.ComesBack = comesBack(s.endpoint)
	f.enrol(s)
	f.step(s, now, Input{Kind: InTick})
	f.journal.state(s, now, s.m.State != row.state, s.m.State == Offline)
	d := f.show(s, now)
	d.changed = true
	agent, attempt, talks := s.person.ID, s.m.Attempt, s.pop != nil
	f.mu.Unlock()
	f.perform(d)
	if f.bridged != nil && talks {
		f.bridged(agent, attempt)
	}
	return nil
}

func (row standing) restored(channels map[uuid.UUID]uuid.UUID) Restored {
	r := Restored{State: row.state, Reason: row.reason, Since: row.since, Disposed: row.disposed,
		Wrap: row.wrap, MoreUsed: row.more}
	if row.until != nil {
		r.WrapUntil = *row.until
	}
	if row.leg != nil {
		r.PhoneUp = channels[*row.leg] == row.session
	}
	if row.attempt != nil {
		r.Attempt = *row.attempt
		r.Live = channels[*row.attempt] == row.session
	}
	switch {
	case r.Live:
		r.State = Talking // it is in his bridge, whatever the row says
	case r.State == Reserved && row.bridged != nil:
		r.State = Talking // was bridged and has ended: the row was behind
	}
	return r
}

func (row standing) callView(state State) *CallView {
	v := &CallView{AttemptID: *row.attempt, Status: "talking", BridgedAt: row.bridged, Direction: row.direction, Kind: row.kind}
	if state == WrapUp {
		v.Status, v.EndedAt, v.Outcome, v.HungUpBy = "ended", row.ended, row.outcome, row.hungUpBy
	}
	return v
}

// standing reads the open sessions of a node, each with its call: the open attempt whose channel is in the session's bridge,
// for whoever talks may do so since a moment of which no row knows yet; else the one that bears the agent's name, else the
// attempt that the session's row names.
func (r *Rows) standing(ctx context.Context, node string, channels map[uuid.UUID]uuid.UUID) ([]standing, error) {
	ids, bridges := make([]uuid.UUID, 0, len(channels)), make([]uuid.UUID, 0, len(channels))
	for id, bridge := range channels {
		ids, bridges = append(ids, id), append(bridges, bridge)
	}
	rows, err := r.pool.Query(ctx, `
		SELECT s.id, s.agent_id, u.name, u.login, s.endpoint, s.leg, s.state, s.reason, s.since, s.started_at,
		       c.id, c.name, c.settings, coalesce(o.id, s.attempt_id),
		       coalesce(o.bridged_at, a.bridged_at), a.ended_at, coalesce(a.outcome, ''), coalesce(a.hung_up_by, ''),
		       d.attempt_id IS NOT NULL, coalesce(o.kind, a.kind, ''), coalesce(o.direction, a.direction, 'outbound'),
		       CASE WHEN s.state = 'WrapUp' THEN s.wrap_more ELSE 0 END, s.wrap_until
		FROM agent_sessions s
		JOIN users u ON u.id = s.agent_id
		JOIN campaigns c ON c.id = s.campaign_id
		CROSS JOIN LATERAL (SELECT ARRAY(SELECT b.channel FROM unnest($2::uuid[], $3::uuid[]) AS b(channel, bridge)
		                                 WHERE b.bridge = s.id) AS channels) there
		LEFT JOIN LATERAL (SELECT id, bridged_at, kind, direction FROM open_attempts
		                   WHERE agent_id = s.agent_id OR id = s.attempt_id OR id = ANY (there.channels)
		                   ORDER BY id = ANY (there.channels) DESC, agent_id = s.agent_id DESC NULLS LAST LIMIT 1) o ON true
		LEFT JOIN LATERAL (SELECT bridged_at, ended_at, outcome, hung_up_by, kind, direction FROM attempts
		                   WHERE id = coalesce(o.id, s.attempt_id) LIMIT 1) a ON true
		LEFT JOIN dispositions d ON d.attempt_id = coalesce(o.id, s.attempt_id)
		WHERE s.node = $1 AND s.ended_at IS NULL`, node, ids, bridges)
	if err != nil {
		return nil, fmt.Errorf("read open sessions: %w", err)
	}
	defer rows.Close()
	var out []standing
	for rows.Next() {
		var x standing
		var settings lists.Settings
		if err := rows.Scan(&x.session, &x.person.ID, &x.person.Name, &x.person.Login, &x.endpoint, &x.leg, &x.state,
			&x.reason, &x.since, &x.started, &x.campaign.ID, &x.campaign.Name, &settings, &x.attempt, &x.bridged, &x.ended,
			&x.outcome, &x.hungUpBy, &x.disposed, &x.kind, &x.direction, &x.more, &x.until); err != nil {
			return nil, fmt.Errorf("read open sessions: %w", err)
		}
		x.wrap, x.desk = WrapOf(settings), settings.DeskSettings
		out = append(out, x)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read open sessions: %w", err)
	}
	return out, nil
}
