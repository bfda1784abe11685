package lists_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dialtide/dialtide/lists"
)

// TestAttemptsEndOnce: however often and by however many an attempt is ended, the first outcome stays (I6).
func TestAttemptsEndOnce(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 20))
	claims := c.claim(20).Claims
	var ended atomic.Int64
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			var batch []lists.Ending
			for i := range claims {
				x := claims[(i*7+w*3)%len(claims)] // every worker in another order
				batch = append(batch, c.ending(x, lists.Outcomes[w%3], nil), c.ending(x, lists.Busy, nil))
			}
			n, err := l.Finish(t.Context(), batch)
			if err != nil {
				t.Error(err)
			}
			ended.Add(int64(n))
		})
	}
	wg.Wait()
	require.EqualValues(t, 20, ended.Load())
	s := c.sums()
	require.EqualValues(t, 20, s.Attempts)
	require.Zero(t, s.InFlight)
	before := s.AttemptsByOutcome
	n, err := l.Finish(t.Context(), []lists.Ending{c.ending(claims[0], lists.InvalidNumber, nil)})
	require.NoError(t, err)
	require.Zero(t, n)
	require.Equal(t, before, c.sums().AttemptsByOutcome)
	n, err = l.Finish(t.Context(), []lists.Ending{{Attempt: uuid.New(), Epoch: 1, Outcome: lists.Busy, EndedAt: noon}})
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestHistoryIsFinal(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 1))
	x := c.one()
	c.finish(x, lists.Busy)
	for _, sql := range []string{`UPDATE attempts SET outcome = 'connected'`, `DELETE FROM attempts`, `UPDATE attempts_default SET outcome = 'connected'`, `TRUNCATE attempts`} {
		_, err := l.pool.Exec(t.Context(), sql)
		require.ErrorContains(t, err, "final", sql)
	}
	got, err := l.Attempts(t.Context(), lists.AttemptFilter{Contact: x.Contact.ID})
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, lists.Busy, got[0].Outcome)
	require.Equal(t, "Person 0", got[0].ContactName)
}

func TestFinishKeepsWhatWasMarked(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 1))
	ann := l.user()
	x := c.one()
	id := x.Permit.Attempt()
	answered, bridged := noon.Add(time.Second), noon.Add(2*time.Second)
	require.NoError(t, l.Mark(t.Context(), []lists.Mark{{Attempt: id, AnsweredAt: &answered}, {Attempt: id, BridgedAt: &bridged, Agent: &ann}, {Attempt: uuid.New(), Agent: &ann}}))
	later := noon.Add(time.Hour)
	require.NoError(t, l.Mark(t.Context(), []lists.Mark{{Attempt: id, AnsweredAt: &later}}))
	open, err := l.Open(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, answered, open[0].AnsweredAt.UTC())
	require.Equal(t, ann, *open[0].Agent)

	e := c.ending(x, lists.Connected, nil)
	e.Cause, e.SIPCode, e.HungUpBy, e.AMD = 16, 200, "callee", "human"
	_, err = l.Finish(t.Context(), []lists.Ending{e})
	require.NoError(t, err)
	got, err := l.Attempts(t.Context(), lists.AttemptFilter{Campaign: c.ID, Agent: ann, Phone: number(0), Before: noon.Add(time.Hour), Limit: 5})
	require.NoError(t, err)
	require.Len(t, got, 1)
	a := got[0]
	require.Equal(t, []any{16, 200, "callee", "human", "Ann", id}, []any{a.Cause, a.SIPCode, a.HungUpBy, a.AMD, a.AgentName, a.ID})
	require.Equal(t, []time.Time{answered, bridged}, []time.Time{a.AnsweredAt.UTC(), a.BridgedAt.UTC()})
}

// TestAgentHasOneOpenAttempt: the second one is refused and named, the rest of the batch is marked (I10).
func TestAgentHasOneOpenAttempt(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 3))
	ann, bob := l.user(), l.user()
	claims := c.claim(3).Claims
	id := func(i int) uuid.UUID { return claims[i].Permit.Attempt() }
	require.NoError(t, l.Mark(t.Context(), []lists.Mark{{Attempt: id(0), Agent: &ann}}))
	err := l.Mark(t.Context(), []lists.Mark{{Attempt: id(1), Agent: &ann}, {Attempt: id(2), Agent: &bob}})
	require.ErrorIs(t, err, lists.ErrAgentBusy)
	require.ErrorContains(t, err, id(1).String())
	require.NotContains(t, err.Error(), id(2).String())
	open, err := l.Open(t.Context(), "")
	require.NoError(t, err)
	for _, o := range open {
		if o.Attempt == id(2) {
			require.Equal(t, bob, *o.Agent)
		}
	}
	require.NoError(t, l.Mark(t.Context(), nil))
}

// TestOldEpochsAreFenced: a dialer that lost its campaign can neither claim nor end.
func TestOldEpochsAreFenced(t *testing.T) {
	l := newLedger(t)
	c, other := l.campaign(nil, l.list(0, 4)), l.campaign(nil, l.list(10, 12))
	x, y, z := c.one(), c.one(), other.one()

	_, err := l.Acquire(t.Context(), c.ID, "second", 10*time.Second)
	require.ErrorIs(t, err, lists.ErrOwned)
	l.pass(10 * time.Second)
	epoch, err := l.Acquire(t.Context(), c.ID, "second", 10*time.Second)
	require.NoError(t, err)
	require.Equal(t, c.epoch+1, epoch)

	_, err = l.Claim(t.Context(), c.ask(1))
	require.ErrorIs(t, err, lists.ErrFenced)
	n, err := l.Finish(t.Context(), []lists.Ending{c.ending(x, lists.Busy, nil), other.ending(z, lists.Busy, nil)})
	require.ErrorIs(t, err, lists.ErrFenced)
	require.Equal(t, 1, n, "the other campaign's ended")
	lost, err := l.Renew(t.Context(), "node", map[uuid.UUID]int64{c.ID: c.epoch, other.ID: other.epoch, uuid.New(): 1}, 10*time.Second)
	require.NoError(t, err)
	require.Len(t, lost, 2)
	require.Contains(t, lost, c.ID)

	old := c.epoch
	c.epoch = epoch
	n, err = l.Finish(t.Context(), []lists.Ending{c.ending(x, lists.Unknown, nil), c.ending(y, lists.NotPlaced, nil)})
	require.NoError(t, err)
	require.Equal(t, 2, n, "the new owner ends what the old one left")
	require.NoError(t, l.Release(t.Context(), c.ID, old))
	owner, _, _, err := l.Owner(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, "second", owner)
	require.NoError(t, l.Release(t.Context(), c.ID, epoch))
	again, err := l.Acquire(t.Context(), c.ID, "third", time.Second)
	require.NoError(t, err)
	require.Equal(t, epoch+1, again)
	same, err := l.Acquire(t.Context(), c.ID, "third", time.Second)
	require.NoError(t, err)
	require.Equal(t, again+1, same)
	_, err = l.Acquire(t.Context(), uuid.New(), "third", time.Second)
	require.ErrorIs(t, err, lists.ErrNotFound)
}

// TestClaimsRaceOwners: a claim that succeeds commits before the new owner's Acquire returns, so that Open shows it.
func TestClaimsRaceOwners(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 500))
	var wg sync.WaitGroup
	stop := make(chan struct{})
	var mu sync.Mutex
	claimed := map[uuid.UUID]bool{}
	epoch := c.epoch
	claim := make(chan struct{}, 1)
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			mu.Lock()
			ask := c.ask(3)
			ask.Epoch = epoch
			mu.Unlock()
			r, err := l.Claim(t.Context(), ask)
			mu.Lock()
			if err == nil {
				for _, x := range r.Claims {
					claimed[x.Permit.Attempt()] = true
				}
				select {
				case claim <- struct{}{}:
				default:
				}
			}
			mu.Unlock()
		}
	})
	for range 150 {
		<-claim // with the newest epoch, so that the next ones meet the new owner
		e, err := l.Acquire(t.Context(), c.ID, "node", time.Minute)
		require.NoError(t, err)
		open, err := l.Open(t.Context(), "")
		require.NoError(t, err)
		known := map[uuid.UUID]bool{}
		for _, o := range open {
			require.Less(t, o.Epoch, e)
			known[o.Attempt] = true
		}
		mu.Lock()
		for id := range claimed {
			require.True(t, known[id], "a permit of an old epoch appeared after the new owner had looked")
		}
		epoch = e
		select {
		case <-claim:
		default:
		}
		mu.Unlock()
	}
	close(stop)
	wg.Wait()
	require.NotEmpty(t, claimed)
}

func TestStatusStopsClaims(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 4))
	x := c.one()
	for _, s := range []lists.CampaignStatus{lists.Paused, lists.Draining, lists.Stopped} {
		require.NoError(t, l.SetStatus(t.Context(), c.ID, s))
		_, err := l.Claim(t.Context(), c.ask(1))
		require.ErrorIs(t, err, lists.ErrFenced)
	}
	c.finish(x, lists.Busy) // ends go on
	require.NoError(t, l.SetStatus(t.Context(), c.ID, lists.Running))
	c.one()
	var input *lists.InputError
	require.ErrorAs(t, l.SetStatus(t.Context(), c.ID, "gone"), &input)
	require.ErrorIs(t, l.SetStatus(t.Context(), uuid.New(), lists.Paused), lists.ErrNotFound)
}

func TestFinishRefusesNonsense(t *testing.T) {
	l := newLedger(t)
	var input *lists.InputError
	for _, e := range [][]lists.Ending{
		{{Attempt: uuid.New(), Outcome: "talked", EndedAt: noon}}, {{Attempt: uuid.New(), Outcome: lists.Busy}}, make([]lists.Ending, lists.MaxEndings+1),
	} {
		_, err := l.Finish(t.Context(), e)
		require.ErrorAs(t, err, &input)
	}
	n, err := l.Finish(t.Context(), nil)
	require.NoError(t, err)
	require.Zero(t, n)
}

// TestAPlacedCallHasNoInboundOutcome: outcomes of calls in which the contact called are for those alone. Whatever else is in a batch is
// ended all the same, and the attempt can still end rightly.
func TestAPlacedCallHasNoInboundOutcome(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(func(s *lists.Settings) { s.Inbound = true }, l.list(0, 100))
	claims := c.claim(100).Claims
	rapid.Check(t, func(r *rapid.T) {
		if len(claims) == 0 {
			return
		}
		n := rapid.IntRange(1, min(4, len(claims))).Draw(r, "batch")
		var batch []lists.Ending
		var wrong []lists.Claim
		for _, x := range claims[:n] {
			o := rapid.SampledFrom(lists.Outcomes).Draw(r, "outcome")
			if o == lists.Inbound || o == lists.InboundMissed {
				wrong = append(wrong, x)
			}
			batch = append(batch, c.ending(x, o, nil))
		}
		ended, err := l.Finish(t.Context(), batch)
		require.Equal(r, n-len(wrong), ended)
		claims = append(wrong, claims[n:]...)
		if len(wrong) == 0 {
			require.NoError(r, err)
			return
		}
		require.ErrorIs(r, err, lists.ErrWrongDirection)
		var input *lists.InputError
		require.ErrorAs(r, err, &input, "a repetition would not help")
		require.Zero(r, l.count(`SELECT count(*) FROM attempts WHERE direction = 'outbound' AND outcome IN ('inbound', 'inbound_missed')`))
	})
	for _, x := range claims {
		c.finish(x, lists.Unknown)
	}
	require.EqualValues(t, 100, c.sums().Attempts)
	require.Zero(t, c.sums().InFlight)
}
