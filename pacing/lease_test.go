package pacing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestLeaseBoundsTheBalance: an engine that shares its ledger with others has no more than its lease, spends it with each
// abandoned call, and has nothing when the lease is over; what it was told of the ledger still binds.
func TestLeaseBoundsTheBalance(t *testing.T) {
	now := time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)
	e := New(Config{Mode: Power, Ratio: 50, Target: 0.1, Caution: Strict})
	room := Room{Lines: 1000, CPS: 1000, Up: true}
	e.Observe(Event{At: now, Kind: AgentReady, Agent: Num(1)})
	require.Equal(t, 1, e.Decide(now, room).Dial, "nothing is earned yet")
	start, end := Day.Window(now, now, nil)
	e.Ledger().Restore([]Count{{Span: Day, Start: start, First: start, End: end, Live: 200}})
	require.Equal(t, 21, e.Decide(now, room).Dial)
	e.Ledger().Lease(5, now.Add(8*time.Second), e.Ledger().Lost())
	require.Equal(t, 6, e.Decide(now, room).Dial)
	e.Configure(e.Config())
	require.Equal(t, 6, e.Decide(now, room).Dial, "new settings leave the lease as it is")
	for i := range 6 {
		e.Observe(Event{At: now, Kind: Placed, Call: Num(uint64(100 + i))})
	}
	require.Equal(t, Budget, e.Decide(now, room).Limit)
	require.Equal(t, 5, e.Standing(now).Reserved)
	now = now.Add(time.Second)
	e.Observe(Event{At: now, Kind: Connected, Agent: Num(1), Call: Num(100)})
	e.Observe(Event{At: now, Kind: Abandoned, Call: Num(101)})
	e.Observe(Event{At: now, Kind: Abandoned, Call: Num(102)})
	d := e.Decide(now, room)
	require.Zero(t, d.Dial)
	require.Zero(t, d.Budget, "three calls in flight, two abandoned")
	for i := range 3 {
		e.Observe(Event{At: now, Kind: NoAnswer, Call: Num(uint64(103 + i))})
	}
	e.Observe(Event{At: now, Kind: AgentReady, Agent: Num(1)})
	require.Equal(t, 4, e.Decide(now, room).Dial, "one for the agent, three that are left")
	require.Equal(t, 1, e.Decide(now.Add(7*time.Second), room).Dial, "the lease is over")
	e.Ledger().Lease(100, now.Add(time.Hour), e.Ledger().Lost())
	require.Equal(t, 19, e.Decide(now.Add(8*time.Second), room).Dial, "0.1 of 203, less the two abandoned, and one for the agent")
}
