package lists_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

var halfStrict = pacing.Config{Mode: pacing.Power, Ratio: 6, Target: 0.5, Caution: pacing.Strict}

func (o *owned) lease(owner string, held, wish, agents int) lists.BudgetLease {
	o.l.t.Helper()
	b, err := o.l.LeaseBudget(o.l.t.Context(), lists.BudgetRequest{Campaign: o.ID, Owner: owner, Held: held, Wish: wish, Agents: agents, TTL: 8 * time.Second, Law: halfStrict})
	require.NoError(o.l.t, err)
	require.Equal(o.l.t, o.l.clock().Add(8*time.Second), b.Until)
	return b
}

// claimAs claims contacts for a node.
func (o *owned) claimAs(node string, n int) []lists.Claim {
	o.l.t.Helper()
	r := o.ask(n)
	r.Node = node
	got, err := o.l.Claim(o.l.t.Context(), r)
	require.NoError(o.l.t, err)
	return got.Claims
}

// TestBudgetLeases: two owners share what the ledger has left; a dead owner's share comes back when its lease is over, but for
// its calls that may still be abandoned.
func TestBudgetLeases(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 120))
	for _, x := range c.claim(100).Claims {
		c.finish(x, lists.Connected)
	}
	require.Equal(t, 50, c.lease("a", 0, 100, 3).Tokens, "half of 100 live answers")
	require.Equal(t, 0, c.lease("b", 0, 100, 3).Tokens, "all is a's yet")
	require.Equal(t, 30, c.lease("a", 30, 100, 3).Tokens, "what is in use stays")
	require.Equal(t, 20, c.lease("b", 0, 100, 3).Tokens)
	require.Equal(t, 25, c.lease("a", 10, 100, 3).Tokens, "half and half")
	require.Equal(t, 25, c.lease("b", 0, 100, 3).Tokens)
	require.Equal(t, 10, c.lease("a", 4, 10, 3).Tokens, "nobody gets more than he wants")
	require.Equal(t, 40, c.lease("b", 0, 100, 3).Tokens)
	require.Equal(t, 4, c.lease("a", 4, 100, 9).Tokens-6, "b has the others until it asks again")

	open := c.claimAs("b", 4)
	require.Len(t, open, 4)
	l.pass(7 * time.Second)
	require.Equal(t, 10, c.lease("a", 0, 100, 3).Tokens, "b has not been heard of, but its lease is not over")
	l.pass(2 * time.Second)
	require.Equal(t, 46, c.lease("a", 0, 100, 3).Tokens, "b is dead: its four calls may still be abandoned")
	c.finish(open[0], lists.Abandoned)
	c.finish(open[1], lists.NoAnswer)
	require.Equal(t, 47, c.lease("a", 0, 100, 3).Tokens, "101 live answers, one abandoned, two open calls")
	c.finish(open[2], lists.NoAnswer)
	c.finish(open[3], lists.NoAnswer)
	require.Equal(t, 49, c.lease("a", 0, 100, 3).Tokens)
	require.NoError(t, l.ReturnBudget(t.Context(), c.ID, "a"))
	require.Equal(t, 49, c.lease("b", 0, 100, 1).Tokens, "what was given back is had at once")
	require.Equal(t, 60, c.lease("b", 60, 100, 1).Tokens, "what agents who vanished have left behind is in use all the same")
	require.Equal(t, 0, c.lease("a", 0, 100, 1).Tokens)

	ask := lists.BudgetRequest{Campaign: uuid.New(), Owner: "a", TTL: time.Second, Law: halfStrict}
	_, err := l.LeaseBudget(t.Context(), ask)
	require.ErrorIs(t, err, lists.ErrNotFound)
	var input *lists.InputError
	for field, change := range map[string]func(*lists.BudgetRequest){
		"owner": func(r *lists.BudgetRequest) { r.Owner = "" }, "ttl": func(r *lists.BudgetRequest) { r.TTL = time.Hour },
		"held": func(r *lists.BudgetRequest) { r.Held = -1 },
	} {
		bad := ask
		change(&bad)
		_, err := l.LeaseBudget(t.Context(), bad)
		require.ErrorAs(t, err, &input)
		require.Equal(t, field, input.Field)
	}
}

// sharer is one of two dialers of a campaign: an engine within its lease, and the endings that are not written yet.
type sharer struct {
	name      string
	e         *pacing.Engine
	ready     []pacing.ID
	calls     []lists.Claim
	endings   []lists.Ending
	abandoned int // of these
	dead      bool
}

func (s *sharer) tell(l *ledger, kind pacing.Kind, agent, call pacing.ID) {
	s.e.Observe(pacing.Event{At: l.clock(), Kind: kind, Agent: agent, Call: call})
}

func (s *sharer) reserved() int {
	if s.dead {
		return len(s.calls) // its agents are gone
	}
	return max(0, len(s.calls)-len(s.ready))
}

// TestSharersKeepTheCap lets two engines dial one campaign by leases on a real ledger, with endings that are written late and a carrier
// who answers many calls at once; one of them dies. Together they never exceed the cap, and the other goes on with all of it.
func TestSharersKeepTheCap(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 6000))
	rnd := rand.New(rand.NewPCG(7, 7))
	both := []*sharer{{name: "a", e: pacing.New(halfStrict)}, {name: "b", e: pacing.New(halfStrict)}}
	for i, s := range both {
		for n := range 4 {
			id := pacing.Num(uint64(100*i + n))
			s.ready = append(s.ready, id)
			s.tell(l, pacing.AgentReady, id, pacing.ID{})
		}
	}
	live, abandoned, vanished, over := 0, 0, 0, map[string]int{}
	check := func(when string) {
		used := abandoned
		for _, s := range both {
			used += s.reserved()
		}
		require.LessOrEqual(t, float64(used), 0.5*float64(live)+float64(vanished), "%s: %d live, %d abandoned", when, live, abandoned)
	}
	write := func(s *sharer) {
		_, err := l.Finish(t.Context(), s.endings)
		require.NoError(t, err)
		s.endings, s.abandoned = nil, 0
	}
	answer := func(s *sharer, i int) {
		x, call := s.calls[i], pacing.ID(s.calls[i].Permit.Attempt())
		s.calls = append(s.calls[:i], s.calls[i+1:]...)
		live++
		outcome := lists.Connected
		if len(s.ready) > 0 {
			a := s.ready[0]
			s.ready = s.ready[1:]
			s.tell(l, pacing.Connected, a, call)
			s.tell(l, pacing.TalkEnded, a, pacing.ID{})
			if rnd.IntN(3) > 0 {
				s.ready = append(s.ready, a)
				s.tell(l, pacing.AgentReady, a, pacing.ID{})
			}
		} else {
			outcome = lists.Abandoned
			abandoned, s.abandoned = abandoned+1, s.abandoned+1
			s.tell(l, pacing.Abandoned, pacing.ID{}, call)
		}
		s.endings = append(s.endings, c.ending(x, outcome, nil))
	}
	for turn := range 300 {
		l.pass(time.Second)
		if turn == 150 {
			both[1].dead, vanished = true, len(both[1].ready)
		}
		if b := both[1]; turn == 175 { // somebody finds its calls and what became of them: the worst
			for len(b.calls) > 0 {
				b.ready = nil
				answer(b, 0)
			}
			write(b)
		}
		burst := rnd.IntN(12) == 0
		for i, s := range both {
			if s.dead {
				continue
			}
			for n := len(s.ready); n < 4; n++ { // agents are done with their wrap-up
				id := pacing.Num(uint64(1000 + 1000*i + 10*turn + n))
				s.ready = append(s.ready, id)
				s.tell(l, pacing.AgentReady, id, pacing.ID{})
			}
			if turn%3 == i {
				held, lost := s.e.Standing(l.clock()).Reserved+s.abandoned, s.e.Ledger().Lost()
				lease := c.lease(s.name, held, 40, 4)
				s.e.Ledger().Lease(lease.Tokens-s.abandoned, lease.Until, lost)
				s.e.Ledger().Restore(lease.Counts)
			}
			if d := s.e.Decide(l.clock(), pacing.Room{Lines: 100, CPS: 100, Up: true}); d.Dial > 0 {
				for _, x := range c.claimAs(s.name, d.Dial) {
					s.calls = append(s.calls, x)
					s.tell(l, pacing.Placed, pacing.ID{}, pacing.ID(x.Permit.Attempt()))
				}
				over[s.name] = max(over[s.name], s.reserved())
			}
			check(fmt.Sprintf("turn %d, %s has dialled", turn, s.name))
			for j := len(s.calls) - 1; j >= 0; j-- {
				switch p := rnd.Float64(); {
				case p < 0.25 || burst && p < 0.8:
					answer(s, j)
				case p > 0.95:
					s.endings = append(s.endings, c.ending(s.calls[j], lists.NoAnswer, nil))
					s.tell(l, pacing.NoAnswer, pacing.ID{}, pacing.ID(s.calls[j].Permit.Attempt()))
					s.calls = append(s.calls[:j], s.calls[j+1:]...)
				}
			}
			check(fmt.Sprintf("turn %d, calls of %s have ended", turn, s.name))
			if len(s.endings) > 0 && rnd.IntN(3) == 0 {
				write(s)
			}
		}
	}
	require.Positive(t, abandoned)
	require.Positive(t, over["a"], "both have over-dialled")
	require.Positive(t, over["b"])
}
