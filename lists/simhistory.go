package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/pacing"
	"github.com/dialtide/dialtide/pacing/sim"
)

// Bounds of a SimHistory.
const (
	SimCalls     = 60_000              // attempts that are read one by one; of a campaign with more
	SimHourly    = 120                 // the first ones of each hour
	simRecent    = 28 * 24 * time.Hour // of the last weeks
	simRecently  = 7 * 24 * time.Hour  // and agents' comings and goings of these days
	SimShifts    = 100_000             // newest changes between working and pausing
	simCallsOf   = ` FROM attempts a WHERE a.campaign_id = $1 AND a.kind <> 'manual' AND a.permit_at >= `
	simCallsRead = `SELECT a.outcome, a.permit_at, a.answered_at, a.bridged_at, a.ended_at, coalesce(a.agent_id, '00000000-0000-0000-0000-000000000000'),
		CASE WHEN a.outcome = 'connected' THEN (SELECT d.at FROM dispositions d WHERE d.attempt_id = a.id) END`
)

// fates says what the simulator makes of an outcome. Attempts that were withdrawn or of unknown fate teach it nothing.
var fates = map[Outcome]sim.Fate{
	Connected: sim.WasConnected, Abandoned: sim.WasAbandoned, EarlyHangup: sim.HadLeft, MachineFound: sim.WasMachine,
	NoAnswer: sim.WasNoAnswer, Busy: sim.WasBusy, Rejected: sim.WasBusy, InvalidNumber: sim.HadFailed, TrunkFailed: sim.HadFailed,
}

// SimHistory reads what is on record of a campaign since then, call by call, for a scenario to be fitted to it. It goes along
// the index of campaign and time and reads 60,000 attempts at most: of a campaign with more, the first of each hour. Hours of
// the day are those of in; nil: of the campaign's zone, which is UTC when it has none.
func (s *Store) SimHistory(ctx context.Context, campaign uuid.UUID, since time.Time, in *time.Location) (sim.History, error) {
	c, err := s.Campaign(ctx, campaign)
	if err != nil {
		return sim.History{}, err
	}
	h := sim.History{Location: in, Target: c.Settings.AbandonTarget, AMD: c.Settings.AMD == AMDBefore,
		ConnectWithin: max(c.Settings.AnswerWait.Duration(), time.Millisecond)}
	if h.Location == nil {
		h.Location = compliance.Location(c.Settings.Zone) // nil is UTC
	}
	n, now := 0, time.Time{}
	err = s.pool.QueryRow(ctx, `SELECT count(*), coalesce($4::timestamptz, now()) FROM (SELECT 1`+simCallsOf+`$2 LIMIT $3 + 1) x`,
		campaign, since, SimCalls, s.at()).Scan(&n, &now)
	if err != nil {
		return sim.History{}, fmt.Errorf("history of campaign %s: %w", campaign, err)
	}
	b := &pgx.Batch{}
	b.Queue(`SELECT max_channels, ceil(cps)::int FROM trunks WHERE id = $1`, c.TrunkID).QueryRow(func(row pgx.Row) error {
		return row.Scan(&h.Trunk.Lines, &h.Trunk.CPS)
	})
	read := func(rows pgx.Rows) error { return readCalls(rows, &h) }
	shifts := since
	if n <= SimCalls {
		b.Queue(simCallsRead+simCallsOf+`$2 ORDER BY a.permit_at DESC LIMIT $3`, campaign, since, SimCalls).Query(read)
	} else {
		since, shifts = later(since, now.Add(-simRecent)), later(since, now.Add(-simRecently))
		b.Queue(`SELECT c.* FROM generate_series(date_trunc('hour', $2::timestamptz), $3, '1 hour') AS hour, LATERAL (`+simCallsRead+simCallsOf+`hour
			AND a.permit_at < hour + interval '1 hour' ORDER BY a.permit_at LIMIT $4) c`, campaign, since, now, SimHourly).Query(read)
	}
	// An agent works when he is neither on a pause nor gone; each change between the two begins or ends a shift.
	b.Queue(`SELECT agent_id, at, works, until FROM (
			SELECT s.agent_id, l.at, l.state = 'Ready' AS works, lag(l.state = 'Ready') OVER (PARTITION BY s.id ORDER BY l.at, l.id) AS was,
				coalesce(s.ended_at, $4) AS until
			FROM agent_sessions s JOIN agent_state_log l ON l.agent_id = s.agent_id AND l.session_id = s.id
				AND l.at >= greatest(s.started_at, $2) AND l.at <= coalesce(s.ended_at, 'infinity') AND l.state IN ('Ready', 'NotReady', 'Offline', 'Preview')
			WHERE s.campaign_id = $1 AND coalesce(s.ended_at, 'infinity') > $2) x
		WHERE works IS DISTINCT FROM was ORDER BY at DESC LIMIT $3`,
		campaign, shifts, SimShifts, now).Query(func(rows pgx.Rows) error { return readShifts(rows, &h) })
	if err := s.pool.SendBatch(ctx, b).Close(); err != nil {
		return sim.History{}, fmt.Errorf("history of campaign %s: %w", campaign, err)
	}
	return h, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func readCalls(rows pgx.Rows, h *sim.History) error {
	var outcome Outcome
	var placed, ended time.Time
	var answered, bridged, disposed *time.Time
	var agent uuid.UUID
	when := func(t *time.Time) time.Time {
		if t == nil {
			return time.Time{}
		}
		return *t
	}
	_, err := pgx.ForEachRow(rows, []any{&outcome, &placed, &answered, &bridged, &ended, &agent, &disposed}, func() error {
		if fate, ok := fates[outcome]; ok {
			h.Calls = append(h.Calls, sim.PastCall{Placed: placed, Answered: when(answered), Connected: when(bridged), Ended: ended,
				Disposed: when(disposed), Fate: fate, Agent: pacing.ID(agent)})
		}
		answered, bridged, disposed = nil, nil, nil
		return nil
	})
	return err
}

// readShifts pairs the changes, newest first: a shift lasts until the agent's next change, or his session's end.
func readShifts(rows pgx.Rows, h *sim.History) error {
	var agent uuid.UUID
	var at, until time.Time
	var works bool
	next := map[uuid.UUID]time.Time{}
	_, err := pgx.ForEachRow(rows, []any{&agent, &at, &works, &until}, func() error {
		if end, ok := next[agent]; ok && end.Before(until) {
			until = end
		}
		if works && until.After(at) {
			h.Shifts = append(h.Shifts, sim.Shift{Agent: pacing.ID(agent), From: at, Until: until})
		}
		next[agent] = at
		return nil
	})
	return err
}

// SimConfig is how a simulation of one day paces as the campaign does. A day is its only legal window: what happened before in
// longer ones cannot be known.
func (s Settings) SimConfig() pacing.Config {
	return pacing.Config{Mode: pacing.Mode(s.Mode), Ratio: s.Ratio, Target: s.AbandonTarget, Caution: s.Caution, Aim: s.Aim, AimValue: s.AimValue,
		MaxOccupancy: s.MaxOccupancy, MaxLines: s.MaxLines}
}
