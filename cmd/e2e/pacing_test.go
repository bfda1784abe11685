package e2e

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/cmd/demo"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

// manyNumbers are those of a long list of fictional people.
func manyNumbers(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("+1206555%04d", i))
	}
	return out
}

// prospect is how the i-th of them behaves: three in ten answer after 3 to 6 s and talk for 6 to 10 s, the others are not
// available after as long a ringing.
func prospect(number string) (carrier.Behaviour, bool) {
	h := uint64(14695981039346656037) // FNV-1a
	for _, b := range []byte(number) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	h ^= h >> 29
	part := func(from, to time.Duration, n uint64) time.Duration {
		return from + (to-from)*time.Duration(n%1000)/1000
	}
	b := carrier.Behaviour{Kind: carrier.Unavailable, Ring: part(3*time.Second, 6*time.Second, h>>10)}
	if h%10 < 3 {
		b.Kind, b.Talk = carrier.Human, part(6*time.Second, 10*time.Second, h>>20)
	}
	return b, true
}

// robot disposes of each call after a second of wrap-up, and so is ready again.
func robot(ctx context.Context, s *client.Desk) {
	for {
		sc, err := s.Await(ctx, wrapUp)
		if err != nil {
			return
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return
		}
		_, _ = s.Command(ctx, "dispose", map[string]any{"attempt_id": sc.Pop.AttemptID, "code": "not_interested", "note": ""})
		if _, err := s.Await(ctx, func(n agent.Screen) bool { return !wrapUp(n) || n.Pop.AttemptID != sc.Pop.AttemptID }); err != nil {
			return
		}
	}
}

// utilisation is the share of their available time that agents talked or wrapped up, by the log of their states.
func (w *world) utilisation(from, to time.Time) (share float64) {
	w.t.Helper()
	require.NoError(w.t, w.db.QueryRow(w.ctx(), `
		WITH span AS (SELECT state, greatest(at, $1) AS a, least(coalesce(lead(at) OVER (PARTITION BY session_id ORDER BY at, id), $2), $2) AS b FROM agent_state_log)
		SELECT sum(extract(epoch FROM b - a)) FILTER (WHERE state IN ('Talking', 'WrapUp')) / sum(extract(epoch FROM b - a))
		FROM span WHERE b > a AND state IN ('Talking', 'WrapUp', 'Ready', 'Reserved')`, from, to).Scan(&share))
	return share
}

// TestPredictiveKeepsAgentsBusier: ten agents on the real switch, first with one call for each ready one, then with forecasts,
// in one run. The cap is to hold at every moment, counted with what was answered earlier that day; the carrier's record says
// who heard an agent, and who nobody.
func TestPredictiveKeepsAgentsBusier(t *testing.T) {
	const agents, spare = 10, 6 // phone 6 is the admin's
	const earlier = 500         // people who answered before
	w := raise(t, demo.StageOptions{Phones: agents + 1, Carrier: carrier.Options{Seed: 1, Tones: true, Route: prospect}})
	w.serve()
	c := w.campaign(manyNumbers(3000), func(s *lists.Settings) {
		s.Mode, s.Record, s.Caution, s.Windows = "progressive", false, pacing.Strict, []pacing.Span{pacing.Days30}
	})
	_, err := w.db.Exec(w.ctx(), `INSERT INTO abandonment (campaign_id, quarter, live) VALUES ($1, date_bin('15 min', now(), 'epoch'), $2)`, c.ID, earlier)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	for n := range agents + 1 {
		if n+1 == spare {
			continue
		}
		a := w.agent(n + 1)
		a.work(c)
		go robot(ctx, a.Desk)
	}
	began := time.Now()
	w.status(c, lists.Running)
	phase := func(warm, span time.Duration) (from, to time.Time) {
		<-time.After(warm)
		from = time.Now()
		<-time.After(span)
		return from, time.Now()
	}
	from1, to1 := phase(6*time.Second, 18*time.Second)
	c.Settings.Mode = "predictive"
	c, err = w.admin.UpdateCampaign(w.ctx(), c)
	require.NoError(t, err)
	from2, to2 := phase(8*time.Second, 30*time.Second)
	status, err := w.admin.Pacing(w.ctx(), c.ID)
	require.NoError(t, err)
	w.status(c, lists.Paused)
	w.settled()

	one, ahead := w.utilisation(from1, to1), w.utilisation(from2, to2)
	live, abandoned := w.answered(c.Settings.AbandonTarget, earlier)
	t.Logf("utilisation: progressive %.3f, predictive %.3f; %d people answered, %d of them abandoned (%.1f %%); %d calls; %.0f s",
		one, ahead, live, abandoned, 100*float64(abandoned)/float64(live), len(w.Carrier.Invites()), time.Since(began).Seconds())
	t.Logf("pacing: %+v, errors %.2f agents, %.2f answers", *status.Now, status.ErrorFree, status.ErrorComing)
	require.Greater(t, ahead, one+0.1)
	limit := c.Settings.AbandonTarget
	require.Greater(t, atLeast(abandoned, live, limit), 1e-6, "more than chance explains where the cap is the share")
	w.checkSwitchRecord()
	w.checkCounts(c.ID, live, abandoned, earlier)
}

// atLeast is the probability of k or more among n of chance p each.
func atLeast(k, n int, p float64) (sum float64) {
	term := math.Pow(1-p, float64(n)) // of exactly i
	for i := range n + 1 {
		if i >= k {
			sum += term
		}
		term *= float64(n-i) / float64(i+1) * p / (1 - p)
	}
	return sum
}

// answered counts, by the carrier's record, who picked up, and which of them never heard an agent. At no moment may these be
// more than the cap allows, with those who were answered earlier.
func (w *world) answered(limit float64, earlier int) (live, abandoned int) {
	w.t.Helper()
	calls := slices.DeleteFunc(w.Carrier.Invites(), func(in carrier.Invite) bool { return in.Answered.IsZero() })
	slices.SortFunc(calls, func(a, b carrier.Invite) int { return a.Answered.Compare(b.Answered) })
	for _, in := range calls {
		live++
		if !slices.ContainsFunc(in.Heard, func(hz float64) bool { return hz >= carrier.AgentTone(0) }) {
			abandoned++
			require.LessOrEqual(w.t, float64(abandoned), limit*float64(earlier+live), "beyond the cap at %s", in.Answered)
		}
	}
	return live, abandoned
}

// checkCounts compares the ledger's counts with the attempts' rows.
func (w *world) checkCounts(campaign uuid.UUID, live, abandoned, earlier int) {
	w.t.Helper()
	var rows, gone int
	require.NoError(w.t, w.db.QueryRow(w.ctx(), `SELECT count(*), count(*) FILTER (WHERE outcome = 'abandoned') FROM attempts
		WHERE campaign_id = $1 AND outcome IN ('connected', 'abandoned')`, campaign).Scan(&rows, &gone))
	require.Equal(w.t, [2]int{live, abandoned}, [2]int{rows, gone}, "what we wrote down is what the carrier saw")
	counts, _, err := lists.New(w.db).PacingCounts(w.ctx(), campaign, []pacing.Span{pacing.Days30}, nil, nil)
	require.NoError(w.t, err)
	require.Equal(w.t, [2]int64{int64(rows + earlier), int64(gone)}, [2]int64{counts[0].Live, counts[0].Abandoned})
}

// TestKillingTheDialerKeepsTheLedger: kill -9 in the middle of predictive dialling. The next process counts what the rows
// say, and when all calls are over its counts are the rows'.
func TestKillingTheDialerKeepsTheLedger(t *testing.T) {
	const agents = 5
	w := raise(t, demo.StageOptions{Phones: agents + 1, Fsync: true, Carrier: carrier.Options{Seed: 1, NoMedia: true, Route: prospect}})
	process := w.spawn()
	c := w.campaign(manyNumbers(60), func(s *lists.Settings) { s.Mode, s.Record = "predictive", false })
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var seats []*seat
	for n := range agents {
		a := w.agent(n + 1)
		seats = append(seats, a)
		a.work(c)
		go robot(ctx, a.Desk)
	}
	w.status(c, lists.Running)
	live := func() (n int) {
		require.NoError(t, w.db.QueryRow(w.ctx(), `SELECT count(*) FROM attempts WHERE outcome IN ('connected', 'abandoned')`).Scan(&n))
		return n
	}
	w.eventually("some calls are over", func(context.Context) bool { return live() >= 4 })
	require.NoError(t, process.Process.Kill())
	_ = process.Wait() // it was killed: the error says so
	before := live()
	w.spawn()
	for _, a := range seats {
		a.sit()
		go robot(ctx, a.Desk)
	}
	w.eventually("the campaign is dialled again, with the counts of the former process", func(ctx context.Context) bool {
		p, err := w.admin.Pacing(ctx, c.ID)
		return err == nil && p.Here && len(p.Windows) == 1 && p.Windows[0].Live >= int64(before)
	})
	w.eventually("nobody is left to call", func(ctx context.Context) bool {
		for _, a := range seats { // who was wrapping up when his page went may have to ask again
			if sc, ok, err := a.Screen(); err == nil && ok && sc.State == agent.NotReady && sc.Phone == agent.PhoneUp {
				_, _ = a.Command(ctx, "ready", nil)
			}
		}
		sum, err := w.admin.Summary(ctx, c.ID)
		return err == nil && sum.Untouched == 0
	})
	w.settled()
	var rows, gone int64
	require.NoError(t, w.db.QueryRow(w.ctx(), `SELECT count(*), count(*) FILTER (WHERE outcome = 'abandoned') FROM attempts
		WHERE outcome = 'abandoned' OR bridged_at IS NOT NULL`).Scan(&rows, &gone))
	w.eventually("what the engine counts is what the rows say", func(ctx context.Context) bool {
		p, err := w.admin.Pacing(ctx, c.ID)
		return err == nil && len(p.Windows) == 1 && p.Windows[0].Live == rows && p.Windows[0].Abandoned == gone
	})
	t.Logf("%d live before the kill, %d in all, %d abandoned", before, rows, gone)
	w.checkSwitchRecord()
}
