package dialer

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

var (
	_ OwnFloor     = (*agent.Floor)(nil)
	_ OwnLedger    = (*lists.Store)(nil)
	_ CallerLedger = (*lists.Store)(nil)
)

// TestOtherWorkNeverOverdials: whatever part of the ready agents is kept for callers, given previews or dials by hand, where
// nothing may be over-dialled there is an agent for every call at every moment.
func TestOtherWorkNeverOverdials(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
		p := newPace(pacing.Config{Mode: pacing.Progressive})
		tell := p.agents()
		var ready []uuid.UUID
		calls, kept := 0, 0
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(50 * time.Millisecond)
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0: // somebody comes free
				id := uuid.New()
				ready = append(ready, id)
				tell(agent.News{Agent: id, At: now, State: agent.Ready})
			case 1: // the campaign's turn
				d, _ := p.decide(now, pacing.Room{Lines: 100, CPS: 100, Up: true}, "")
				require.LessOrEqual(t, d.Dial, max(0, len(ready)-kept-calls))
				for range d.Dial {
					calls++
					p.feed.post(pacing.Event{At: now, Kind: pacing.Placed, Call: pacing.ID(uuid.New())})
				}
			case 2: // a preview, a dial by hand, a caller
				if !p.spares(now, 0) {
					require.LessOrEqual(t, len(ready), calls)
					break
				}
				who := ready[0]
				ready = ready[1:]
				state := rapid.SampledFrom([]agent.State{agent.Preview, agent.Reserved}).Draw(t, "state")
				tell(agent.News{Agent: who, At: now, State: state, Attempt: uuid.New()})
			case 3:
				kept = rapid.IntRange(0, 3).Draw(t, "kept")
				p.keep(kept)
			}
			require.GreaterOrEqual(t, len(ready), calls, "a call without an agent")
		}
	})
}

// TestACallerCountsForNothing in the abandonment rule: his talk is other work of the agent.
func TestACallerCountsForNothing(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	p := newPace(pacing.Config{Mode: pacing.Predictive, Target: 0.03})
	p.restore([]pacing.Count{}, nil)
	tell := p.agents()
	a, b := uuid.New(), uuid.New()
	for _, id := range []uuid.UUID{a, b} {
		tell(agent.News{Agent: id, At: now, State: agent.Ready})
	}
	tell(agent.News{Agent: a, At: now, State: agent.Talking, Attempt: uuid.New(), Inbound: true})
	require.Empty(t, p.feed.open(), "no call of ours")
	tell(agent.News{Agent: b, At: now, State: agent.Talking, Attempt: uuid.New()})
	require.Len(t, p.feed.open(), 1)
}
