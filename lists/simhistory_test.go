package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing/sim"
)

// TestSimHistoryGivesBackWhatWasSimulated writes a simulated afternoon into the tables as the dialer would and fits the same
// scenario to what is read as to what was simulated.
func TestSimHistoryGivesBackWhatWasSimulated(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(func(s *lists.Settings) { s.AMD = lists.AMDBefore }, l.list(0, 1))
	s, err := sim.Load("mix-10")
	require.NoError(t, err)
	s.Length = 3 * time.Hour
	s.Agents = []sim.Group{{Count: 8, Churn: &sim.Churn{Stay: 20 * time.Minute, Away: 5 * time.Minute}}}
	s.Defaults()
	r := sim.Record(s, sim.Power(2).New(s, 1))
	sim.Run(s, 1, r)
	was := r.History(s)
	put(t, l, c, was)

	is, err := l.SimHistory(t.Context(), c.ID, s.Begins().Add(-time.Hour), nil)
	require.NoError(t, err)
	require.Len(t, is.Calls, len(was.Calls))
	require.Len(t, is.Shifts, len(was.Shifts))
	require.Equal(t, sim.Trunk{Lines: 100, CPS: 50}, is.Trunk)
	require.True(t, is.AMD)
	was.Location, was.Trunk, was.Target, was.ConnectWithin = is.Location, is.Trunk, is.Target, is.ConnectWithin
	want, err := sim.Fit(was)
	require.NoError(t, err)
	got, err := sim.Fit(is)
	require.NoError(t, err)
	require.Equal(t, want.Scenario.Hours, got.Scenario.Hours)
	require.InDelta(t, want.Scenario.Talk.Mean, got.Scenario.Talk.Mean, float64(time.Millisecond))
	require.InDelta(t, want.Scenario.WrapUp.Mean, got.Scenario.WrapUp.Mean, float64(time.Millisecond))
	require.InDelta(t, want.Scenario.AMD.Delay.Mean, got.Scenario.AMD.Delay.Mean, float64(time.Millisecond))
	require.InDeltaSlice(t, want.Agents[:], got.Agents[:], 0.01)
	require.NotNil(t, got.Scenario.Agents[0].Churn)

	late, err := l.SimHistory(t.Context(), c.ID, s.Begins().Add(2*time.Hour), time.FixedZone("", 3600))
	require.NoError(t, err)
	require.Less(t, len(late.Calls), len(was.Calls)/2)
	_, err = l.SimHistory(t.Context(), uuid.New(), s.Begins(), nil)
	require.ErrorIs(t, err, lists.ErrNotFound)
}

// TestSimHistoryOfALargeCampaign: of more calls than are read one by one, the first of each hour are.
func TestSimHistoryOfALargeCampaign(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 1))
	const hours = 50
	var rows [][]any
	for i := range lists.SimCalls + 1 {
		at := noon.Add(-time.Duration(i) * (hours * time.Hour / (lists.SimCalls + 1)))
		rows = append(rows, []any{uuid.New(), "+12125550100", c.ID, c.ListIDs[0], uuid.New(), l.trunk, "", "power", "node", 1, at, at, "", at, lists.NoAnswer})
	}
	_, err := l.pool.CopyFrom(t.Context(), pgx.Identifier{"attempts"}, []string{"id", "phone", "campaign_id", "list_id", "contact_id", "trunk_id",
		"caller_id", "kind", "node", "epoch", "permit_at", "permit_until", "rules", "ended_at", "outcome"}, pgx.CopyFromRows(rows))
	require.NoError(t, err)
	h, err := l.SimHistory(t.Context(), c.ID, noon.AddDate(0, 0, -90), nil)
	require.NoError(t, err)
	require.InDelta(t, hours*lists.SimHourly, len(h.Calls), 2*lists.SimHourly)
	in := map[time.Time]int{}
	for _, k := range h.Calls {
		in[k.Placed.Truncate(time.Hour)]++
	}
	require.GreaterOrEqual(t, len(in), hours)
	for hour, n := range in {
		require.LessOrEqual(t, n, lists.SimHourly, hour)
	}
}

// put writes a history into the tables of the ledger and of the floor.
func put(t *testing.T, l *ledger, c *owned, h sim.History) {
	agents := map[uuid.UUID]uuid.UUID{} // of the simulation: of the table
	agent := func(id [16]byte) uuid.UUID {
		if id == [16]byte{} {
			return uuid.Nil
		}
		if _, ok := agents[id]; !ok {
			agents[id] = l.user()
		}
		return agents[id]
	}
	some := func(at time.Time) any {
		if at.IsZero() {
			return nil
		}
		return at
	}
	outcome := map[sim.Fate]lists.Outcome{sim.WasConnected: lists.Connected, sim.WasAbandoned: lists.Abandoned, sim.HadLeft: lists.EarlyHangup,
		sim.WasMachine: lists.MachineFound, sim.WasNoAnswer: lists.NoAnswer, sim.HadFailed: lists.InvalidNumber}
	var attempts, dispositions, sessions, states [][]any
	for _, k := range h.Calls {
		id := uuid.New()
		var who any
		if a := agent(k.Agent); a != uuid.Nil {
			who = a
		}
		attempts = append(attempts, []any{id, "+12125550100", c.ID, c.ListIDs[0], uuid.New(), l.trunk, "+12125550100", "power", "node", 1, k.Placed,
			k.Placed, "", some(k.Answered), some(k.Connected), k.Ended, who, outcome[k.Fate]})
		if !k.Disposed.IsZero() {
			dispositions = append(dispositions, []any{id, c.ID, uuid.New(), who, "sale", "finish", k.Disposed})
		}
	}
	// One session each, over all of an agent's shifts.
	type span struct {
		id          uuid.UUID
		from, until time.Time
	}
	spans := map[uuid.UUID]*span{}
	for _, s := range h.Shifts {
		a := agent(s.Agent)
		if spans[a] == nil {
			spans[a] = &span{uuid.New(), s.From, s.Until}
		}
		spans[a].from, spans[a].until = earlier(spans[a].from, s.From), earlier(s.Until, spans[a].until, true)
		states = append(states, []any{spans[a].id, a, s.From, "Ready"}, []any{spans[a].id, a, s.From.Add(time.Millisecond), "Talking"},
			[]any{spans[a].id, a, s.Until, "NotReady"})
	}
	for a, s := range spans {
		sessions = append(sessions, []any{s.id, a, c.ID, "", "node", "Offline", s.from, s.until.Add(time.Minute)})
	}
	for table, x := range map[string]struct {
		columns []string
		rows    [][]any
	}{
		"attempts": {[]string{"id", "phone", "campaign_id", "list_id", "contact_id", "trunk_id", "caller_id", "kind", "node", "epoch", "permit_at",
			"permit_until", "rules", "answered_at", "bridged_at", "ended_at", "agent_id", "outcome"}, attempts},
		"dispositions":    {[]string{"attempt_id", "campaign_id", "contact_id", "agent_id", "code", "effect", "at"}, dispositions},
		"agent_sessions":  {[]string{"id", "agent_id", "campaign_id", "endpoint", "node", "state", "started_at", "ended_at"}, sessions},
		"agent_state_log": {[]string{"session_id", "agent_id", "at", "state"}, states},
	} {
		_, err := l.pool.CopyFrom(t.Context(), pgx.Identifier{table}, x.columns, pgx.CopyFromRows(x.rows))
		require.NoError(t, err, table)
	}
}

// earlier is the earlier of two moments, or with later the later one.
func earlier(a, b time.Time, later ...bool) time.Time {
	if a.After(b) != (len(later) > 0) {
		return b
	}
	return a
}
