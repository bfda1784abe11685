package lists_test

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/chance"
)

// settle lets the permits given until now grow old enough to be learned.
func (l *ledger) settle() { l.pass(time.Minute) }

func (o *owned) learn() int {
	o.l.t.Helper()
	n, more, err := o.l.LearnChances(o.l.t.Context(), o.ID)
	require.NoError(o.l.t, err)
	require.False(o.l.t, more)
	return n
}

// retrying is a campaign that tries again and again, soon.
func retrying(s *lists.Settings) {
	s.MaxAttempts = 50
	s.Recycle = map[lists.Outcome]lists.Recycle{}
	for _, o := range lists.Outcomes {
		if o != lists.Connected && o.CountsAsAttempt() {
			s.Recycle[o] = lists.Recycle{After: 600, Limit: 100}
		}
	}
}

// TestClaimsCarryChances: a new campaign's contacts have the base rate; what their attempts came to moves them, and a contact
// that was never reached has less than one that was.
func TestClaimsCarryChances(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(retrying, l.list(0, 40))
	for range 6 {
		r := c.claim(40)
		require.Len(t, r.Claims, 40)
		for _, x := range r.Claims {
			require.GreaterOrEqual(t, x.Chance, chance.Lowest)
			require.LessOrEqual(t, x.Chance, chance.Highest)
			outcome := lists.NoAnswer
			if x.Contact.Seq%4 == 0 {
				outcome = lists.EarlyHangup
			}
			c.finish(x, outcome)
		}
		l.pass(time.Hour)
		require.Equal(t, 40, c.learn())
	}
	require.Zero(t, c.learn())
	for _, x := range c.claim(40).Claims {
		if x.Contact.Seq%4 == 0 {
			require.Greater(t, x.Chance, 0.4, "always answered")
		} else {
			require.Less(t, x.Chance, 0.12, "never answered")
		}
	}
	r, err := l.ChanceReport(t.Context(), c.ID)
	require.NoError(t, err)
	require.EqualValues(t, 240, r.Learned)
	require.InDelta(t, 0.25, r.All.Rate, 1e-9)
	require.Greater(t, r.All.Skill(), 0.3)
	require.EqualValues(t, 240, r.Dialled.Count, "the chances are kept with the attempts")
	require.InDelta(t, 0.25, r.Dialled.Rate, 1e-9)
	require.Greater(t, r.Dialled.Skill(), 0.3)
	all, err := l.ChanceReport(t.Context(), uuid.Nil)
	require.NoError(t, err)
	require.EqualValues(t, 240, all.Learned)
	none, err := l.ChanceReport(t.Context(), uuid.New())
	require.NoError(t, err)
	require.Zero(t, none)
	_, _, err = l.LearnChances(t.Context(), uuid.New())
	require.ErrorIs(t, err, lists.ErrNotFound)

	// Another campaign, in another process, believes what this one knows: of the contacts and of answers as such.
	l.Store = lists.New(l.pool, lists.WithClock(l.clock), lists.WithLocalClock(l.clock))
	for _, x := range c.openOnes() {
		n, err := l.Finish(t.Context(), []lists.Ending{{Attempt: x, Epoch: c.epoch, Outcome: lists.NotPlaced, EndedAt: l.clock()}})
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
	other := l.campaign(nil, l.list(3, 5))
	claims := other.claim(2).Claims
	require.Len(t, claims, 2)
	require.Greater(t, math.Abs(claims[0].Chance-claims[1].Chance), 0.2, "number 3 always answered, number 4 never did")
}

func (o *owned) openOnes() (ids []uuid.UUID) {
	o.l.t.Helper()
	open, err := o.l.Open(o.l.t.Context(), "")
	require.NoError(o.l.t, err)
	for _, x := range open {
		ids = append(ids, x.Attempt)
	}
	return ids
}

// TestFailuresDoNotTeach: what says nothing of the callee leaves chances as they are.
func TestFailuresDoNotTeach(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(retrying, l.list(0, 30))
	for _, outcome := range []lists.Outcome{lists.TrunkFailed, lists.NotPlaced, lists.SwitchLost, lists.Cancelled, lists.Unknown} {
		for _, x := range c.claim(30).Claims {
			require.InDelta(t, chance.DefaultBase, x.Chance, 0.02, "before %s", outcome)
			c.finish(x, outcome)
		}
		l.pass(2 * time.Hour)
		require.Zero(t, c.learn())
	}
	for i, outcome := range []lists.Outcome{lists.Connected, lists.Abandoned, lists.EarlyHangup, lists.MachineFound, lists.Busy, lists.NoAnswer,
		lists.InvalidNumber, lists.Rejected} {
		c.finish(c.one(), outcome)
		l.settle()
		require.Equal(t, 1, c.learn())
		r, err := l.ChanceReport(t.Context(), c.ID)
		require.NoError(t, err)
		require.InDelta(t, float64(min(i+1, 3))/float64(i+1), r.All.Rate, 1e-9, "%s", outcome)
	}
}

// TestClaimStopsAtAnswers: the sum of the chances stays within the bound, save for the first contact; what is left comes next.
func TestClaimStopsAtAnswers(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 30))
	ask := func(answers float64) lists.ClaimResult {
		req := c.ask(20)
		req.Answers = answers
		r, err := l.Claim(t.Context(), req)
		require.NoError(t, err)
		return r
	}
	first := ask(1e-9)
	require.Len(t, first.Claims, 1)
	require.True(t, first.Full)
	require.Empty(t, first.Dry)
	second := ask(1)
	require.Len(t, second.Claims, 5, "of a fifth each")
	require.True(t, second.Full)
	seq := first.Claims[0].Contact.Seq
	for i, x := range second.Claims {
		require.Equal(t, seq+int64(i)+1, x.Contact.Seq, "in the order of the list, none left out")
		require.InDelta(t, chance.DefaultBase, x.Chance, 0.001)
	}
	third := ask(math.Inf(1))
	require.Len(t, third.Claims, 20)
	require.False(t, third.Full)
	rest := ask(10)
	require.Len(t, rest.Claims, 4)
	require.False(t, rest.Full)
	require.Equal(t, lists.DryEmpty, rest.Dry)
	c.sums()
	for _, bad := range []float64{-1, math.NaN(), math.Inf(-1)} {
		req := c.ask(1)
		req.Answers = bad
		_, err := l.Claim(t.Context(), req)
		var input *lists.InputError
		require.ErrorAs(t, err, &input)
		require.Equal(t, "answers", input.Field)
	}
}

// TestEachAttemptIsLearnedOnce: claims, endings and several learners at a time, with calls that stay open for long; in the
// end as many were learned as there were.
func TestEachAttemptIsLearnedOnce(t *testing.T) {
	l := newLedger(t)
	campaigns := []*owned{l.campaign(retrying, l.list(0, 60)), l.campaign(retrying, l.list(60, 120))}
	rng := rand.New(rand.NewPCG(1, 2))
	open := map[*owned][]lists.Claim{}
	ended, answered := map[*owned]int{}, map[*owned]int{}
	learned := map[*owned]int{}
	for round := range 25 {
		var mu sync.Mutex
		var wg sync.WaitGroup
		for _, c := range campaigns {
			for range 2 { // learners beside the one who claims and ends
				wg.Go(func() {
					n, _, err := l.LearnChances(context.Background(), c.ID)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					learned[c] += n
				})
			}
		}
		for _, c := range campaigns {
			open[c] = append(open[c], c.claim(20).Claims...)
			var left []lists.Claim
			for _, x := range open[c] {
				if round < 24 && rng.IntN(4) == 0 {
					left = append(left, x)
					continue
				}
				outcome := lists.NoAnswer
				if rng.IntN(3) == 0 {
					outcome = lists.EarlyHangup
					answered[c]++
				}
				c.finish(x, outcome)
				ended[c]++
			}
			open[c] = left
		}
		wg.Wait()
		l.pass(time.Duration(rng.IntN(900)) * time.Second)
	}
	l.settle()
	for _, c := range campaigns {
		learned[c] += c.learn()
		require.Equal(t, ended[c], learned[c])
		r, err := l.ChanceReport(t.Context(), c.ID)
		require.NoError(t, err)
		require.EqualValues(t, ended[c], r.Learned)
		require.InDelta(t, float64(answered[c]), r.All.Rate*r.All.Count, 1e-6)
		var tries, live int
		rows, err := l.pool.Query(t.Context(), `SELECT past FROM number_pasts WHERE phone IN (SELECT phone::bigint FROM attempts WHERE campaign_id = $1)`, c.ID)
		require.NoError(t, err)
		for rows.Next() {
			var b []byte
			require.NoError(t, rows.Scan(&b))
			p, err := chance.ParsePast(b)
			require.NoError(t, err)
			n, m := p.Tries()
			tries, live = tries+n, live+m
		}
		require.NoError(t, rows.Err())
		require.Equal(t, ended[c], tries)
		require.Equal(t, answered[c], live)
	}
}

// TestLearnsHistoryInBatches: a campaign with more history than one call takes.
func TestLearnsHistoryInBatches(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 1))
	_, err := l.pool.Exec(t.Context(), `
		INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until,
			rules, ended_at, outcome)
		SELECT gen_random_uuid(), '+1212' || (3000000 + g % 7000), $1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '', 'power', 'n', 1,
			$2::timestamptz - interval '90 days' + (g / 50) * interval '1 minute', $2, '', $2, (ARRAY['connected','no_answer','no_answer','busy'])[1 + g % 4]
		FROM generate_series(0, 24999) g`, c.ID, noon)
	require.NoError(t, err)
	first, more, err := l.LearnChances(t.Context(), c.ID)
	require.NoError(t, err)
	require.True(t, more)
	require.Equal(t, 20_000, first)
	require.Equal(t, 5000, c.learn())
	r, err := l.ChanceReport(t.Context(), c.ID)
	require.NoError(t, err)
	require.InDelta(t, 0.25, r.All.Rate, 1e-9)
}

// TestUnreadableModelsAreMadeAnew: a model of another program's version costs its knowledge, not the claim.
func TestUnreadableModelsAreMadeAnew(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(retrying, l.list(0, 10))
	c.finish(c.one(), lists.EarlyHangup)
	l.settle()
	require.Equal(t, 1, c.learn())
	_, err := l.pool.Exec(t.Context(), `UPDATE chance_models SET model = '{"version":0}'`)
	require.NoError(t, err)
	_, err = l.pool.Exec(t.Context(), `UPDATE number_pasts SET past = '\x00'`)
	require.NoError(t, err)
	_, err = l.ChanceReport(t.Context(), c.ID)
	require.Error(t, err)
	l.Store = lists.New(l.pool, lists.WithClock(l.clock), lists.WithLocalClock(l.clock))
	l.pass(time.Hour)
	x := c.one()
	require.InDelta(t, chance.DefaultBase, x.Chance, 0.02)
	c.finish(x, lists.NoAnswer)
	l.settle()
	require.Equal(t, 1, c.learn())
	_, err = l.ChanceReport(t.Context(), c.ID)
	require.NoError(t, err)
}

// TestKindsOfNumbersAreKept: where the numbering plan tells mobile from fixed lines, contacts and their chances know it.
func TestKindsOfNumbersAreKept(t *testing.T) {
	l := newLedger(t)
	l.n++
	list, err := l.CreateList(t.Context(), lists.List{Name: "china", Region: "CN"})
	require.NoError(t, err)
	for i, raw := range []string{"13800138000", "01062345678"} {
		n, reason := lists.ParseNumber(raw, "CN")
		require.Empty(t, reason)
		require.Equal(t, []chance.Kind{chance.Mobile, chance.Fixed}[i], n.Kind)
		_, err := l.AddContacts(t.Context(), list.ID, []lists.NewContact{{Number: n}})
		require.NoError(t, err)
	}
	n, reason := lists.ParseNumber("2127365000", "US")
	require.Empty(t, reason)
	require.Equal(t, chance.Unknown, n.Kind)
	var kinds []string
	require.NoError(t, l.pool.QueryRow(t.Context(), `SELECT array_agg(kind ORDER BY seq) FROM contacts WHERE list_id = $1`, list.ID).Scan(&kinds))
	require.Equal(t, []string{"mobile", "fixed"}, kinds)
}
