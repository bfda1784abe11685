package dialer_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/simswitch"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

// prospects answers three times in ten after 3 to 9 s and talks for 20 to 60 s.
func prospects(seed uint64) func(string) simswitch.Fate {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(seed, 7))
	return func(string) simswitch.Fate {
		mu.Lock()
		defer mu.Unlock()
		ms := func(from, to int) time.Duration { return time.Duration(from+rng.IntN(to-from)) * time.Millisecond }
		ring := ms(200, 800)
		if rng.IntN(10) < 3 {
			return simswitch.Fate{Ring: ring, Answer: ring + ms(3000, 9000), Talk: ms(20000, 60000)}
		}
		return simswitch.Fate{Ring: ring, Refuse: ring + ms(3000, 20000), End: dialer.End{Cause: 19, SIPCode: 480}}
	}
}

// busy measures the share of agents who talk or wrap up, looking each 100 ms.
func (r *rig) busy(d time.Duration) float64 {
	busy, there := 0, 0
	for range int(d / (100 * time.Millisecond)) {
		time.Sleep(100 * time.Millisecond)
		k := r.floor.Counts(r.campaign)
		busy += k.Talking + k.WrapUp
		there += k.Talking + k.WrapUp + k.Ready + k.Reserved
	}
	return float64(busy) / float64(there)
}

// TestPredictive: agents are busier than with one call each, and whatever comes, the switch's record shows no more abandoned
// calls than the cap and the opening allowance allow.
func TestPredictive(t *testing.T) {
	utilisation := map[string]float64{}
	for _, mode := range []string{"progressive", "predictive", "preview"} {
		t.Run(mode, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, 20, 20000, simswitch.Config{Fate: prospects(3), Message: 8 * time.Second}, func(c *lists.Campaign) {
					c.Settings.Mode = mode
				})
				r.start()
				time.Sleep(10 * time.Minute)
				utilisation[mode] = r.busy(50 * time.Minute)
				live, abandoned := 0, 0
				for _, rec := range r.sw.Book() {
					switch {
					case !rec.Message.IsZero():
						abandoned++
						live++
					case !rec.Bridged.IsZero():
						live++
					}
				}
				t.Logf("%s: utilisation %.3f, %d live, %d abandoned", mode, utilisation[mode], live, abandoned)
				if mode == "predictive" {
					require.LessOrEqual(t, float64(abandoned), 0.03*float64(live)+pacing.Allowance(20, 0))
					require.Positive(t, r.gate.overdialled())
				} else {
					require.Zero(t, abandoned)
					require.Zero(t, r.gate.overdialled(), "more in flight than ready agents")
				}
				r.check()
				r.close(time.Minute)
			})
		})
	}
	require.Greater(t, utilisation["predictive"], utilisation["progressive"]+0.05)
	require.InDelta(t, utilisation["progressive"], utilisation["preview"], 0.03)
}

// TestStrictCap: with strict caution the cap holds at every moment, by the switch's record, whatever the mode.
func TestStrictCap(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				calls := 0
				polite := people(seed)
				hostile := func(n string) simswitch.Fate {
					mu.Lock()
					calls++
					k := calls
					mu.Unlock()
					if k%400 > 200 {
						return simswitch.Fate{Ring: 100 * time.Millisecond, Answer: time.Second, Talk: 20 * time.Second}
					}
					return polite(n)
				}
				r := newRig(t, 12, 3000, simswitch.Config{Fate: hostile, Message: 8 * time.Second}, func(c *lists.Campaign) {
					c.Settings.Mode, c.Settings.Caution = "predictive", pacing.Strict
				})
				r.start()
				for range 15 * 60 * 5 {
					time.Sleep(200 * time.Millisecond)
					h := r.sw.Heard()
					require.LessOrEqual(t, float64(h.Message), 0.03*float64(h.Somebody)+1e-9)
				}
				require.Positive(t, r.gate.overdialled(), "it never over-dialled")
				r.check()
				r.close(time.Minute)
			})
		})
	}
}

// counts are those of the ledger's rows, and of the engine.
func (r *rig) counts() (rows, engine [2]int64) {
	for _, e := range r.ledger.endings() {
		if e.Outcome == lists.Abandoned {
			rows[0]++
			rows[1]++
		} else if e.BridgedAt != nil && e.Outcome != lists.MachineFound {
			rows[0]++
		}
	}
	p := r.engine.Pacing(r.campaign)
	return rows, [2]int64{p.Windows[0].Live, p.Windows[0].Abandoned}
}

// TestLedgerSurvivesKill: a process that is killed again and again in the middle of calls. What the engine counts is, when no
// call is on its way any more, what the ledger's rows say, and so it is right after a start.
func TestLedgerSurvivesKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 15, 900, simswitch.Config{Fate: prospects(9), Message: 8 * time.Second}, func(c *lists.Campaign) {
			c.Settings.Mode, c.Settings.AMD = "predictive", lists.AMDBeside
			c.Settings.Windows = []pacing.Span{pacing.Days30, pacing.Day}
		})
		for life := range 4 {
			r.start()
			time.Sleep(time.Duration(70+30*life) * time.Second)
			if life == 1 {
				r.ledger.noMark.Store(true) // killed without a word of how far calls were
				time.Sleep(20 * time.Second)
			}
			r.die()
			r.ledger.noMark.Store(false)
			time.Sleep(5 * time.Second)
		}
		r.start()
		time.Sleep(20 * time.Minute)
		require.Zero(t, r.ledger.opens())
		require.Empty(t, r.ledger.fresh)
		rows, engine := r.counts()
		require.Positive(t, rows[1], "nothing was abandoned: the test says nothing")
		require.Equal(t, rows, engine)
		r.die()
		r.start()
		time.Sleep(time.Second)
		rows, engine = r.counts()
		require.Equal(t, rows, engine, "right after a start")
		r.check()
		r.close(time.Minute)
	})
}

// TestCountsFollowRows: what the engine counts is never further from the rows than the calls that are on their way, and the
// minute's look at the ledger changes nothing that was right.
func TestCountsFollowRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seed := prospects(4)
		r := newRig(t, 15, 5000, simswitch.Config{Message: 8 * time.Second, Fate: func(n string) simswitch.Fate {
			f := seed(n)
			f.Machine = n[len(n)-1] == '3'
			return f
		}}, func(c *lists.Campaign) {
			c.Settings.Mode, c.Settings.AMD = "predictive", lists.AMDBeside
		})
		r.start()
		for range 600 {
			time.Sleep(time.Second)
			if len(r.engine.Pacing(r.campaign).Windows) == 0 {
				continue
			}
			rows, engine := r.counts()
			on := int64(r.floor.Counts(r.campaign).Talking)
			require.GreaterOrEqual(t, engine[0]-engine[1], rows[0]-rows[1])
			require.LessOrEqual(t, engine[0]-engine[1], rows[0]-rows[1]+on+2)
			require.GreaterOrEqual(t, engine[1], rows[1])
		}
		require.Positive(t, r.outcomes()[lists.MachineFound])
		r.close(time.Minute)
	})
}

// TestPacingIsTold: the page's data have samples, forecasts that were compared with what came, and reasons; the board has a
// row, and the metrics their numbers.
func TestPacingIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 20, 5000, simswitch.Config{Fate: prospects(5), Message: 8 * time.Second}, func(c *lists.Campaign) {
			c.Settings.Mode = "predictive"
		})
		r.start()
		time.Sleep(20 * time.Minute)
		p := r.engine.Pacing(r.campaign)
		require.True(t, p.Here)
		require.Equal(t, "predictive", p.Mode)
		require.Len(t, p.Samples, 450)
		require.Positive(t, p.Forecasts)
		require.Less(t, p.ErrorComing, 4.0)
		require.Less(t, p.ErrorFree, 4.0)
		require.Equal(t, p.Samples[449].Then, p.Now.Then)
		reasons, compared, dialled := map[string]int{}, 0, 0
		free, came := 0.0, 0
		for i, s := range p.Samples {
			if i > 0 {
				require.InDelta(t, 2, s.At.Sub(p.Samples[i-1].At).Seconds(), 0.6)
			}
			reasons[s.Limit]++
			dialled += s.Dialled
			if s.Then != nil {
				compared++
				free, came = free+s.Then.Coming, came+s.Then.CameAnswer
				require.WithinDuration(t, s.At.Add(-time.Duration(s.Ahead*float64(time.Second))), s.Then.At, 8*time.Second)
			}
			require.GreaterOrEqual(t, s.Wanted, s.InFlight)
		}
		t.Logf("reasons %v, errors %.2f agents, %.2f answers; %.0f answers forecast, %d came", reasons, p.ErrorFree, p.ErrorComing, free, came)
		require.Positive(t, reasons["risk"]+reasons["budget"])
		require.Greater(t, compared, 400)
		require.InDelta(t, 1, free/float64(came), 0.25, "the forecast is right on average")
		require.Positive(t, dialled)
		row, ok := r.boards.Load("pacing/" + r.campaign.String())
		require.True(t, ok)
		require.Equal(t, r.campaign, row.(dialer.PacingRow).CampaignID)
		require.False(t, r.engine.Pacing(r.trunk).Here)

		families, err := r.registry.Gather()
		require.NoError(t, err)
		found := map[string]int{}
		for _, f := range families {
			found[f.GetName()] = len(f.Metric)
		}
		require.Equal(t, 1, found["dialtide_pacing_risk"])
		require.Equal(t, 1, found["dialtide_pacing_dialled_total"])
		require.Equal(t, 1, found["dialtide_pacing_forecast_answers_error"])
		require.Positive(t, found["dialtide_pacing_decisions_total"])
		r.close(time.Minute)
	})
}

// TestModeChangesWhileDialling: an operator changes mode and target of a running campaign; what the engine knows stays.
func TestModeChangesWhileDialling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 20, 20000, simswitch.Config{Fate: prospects(6), Message: 8 * time.Second}, nil)
		r.start()
		time.Sleep(5 * time.Minute)
		before := r.busy(20 * time.Minute)
		r.ledger.set(func(c *lists.Campaign) { c.Settings.Mode = "predictive" })
		time.Sleep(3 * time.Minute)
		after := r.busy(20 * time.Minute)
		require.Greater(t, after, before+0.1)
		r.ledger.set(func(c *lists.Campaign) { c.Settings.Mode = "progressive" })
		time.Sleep(time.Minute)
		over := r.gate.overdialled()
		back := r.busy(20 * time.Minute)
		require.InDelta(t, before, back, 0.1)
		require.Equal(t, over, r.gate.overdialled(), "nothing is over-dialled any more")
		r.ledger.set(func(c *lists.Campaign) { c.Settings.MaxLines = 5 })
		time.Sleep(3 * time.Minute)
		require.LessOrEqual(t, r.sw.Live(), 5)
		r.close(time.Minute)
	})
}

// TestClaimsAreBoundByAnswers: a claim in order takes contacts by what they promise: many where few answer, few where many do;
// else it chooses among them. Both ways agents are busier than when nobody knows who answers.
func TestClaimsAreBoundByAnswers(t *testing.T) {
	utilisation := map[string]float64{}
	for _, way := range []string{"blind", "in order", "chosen"} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			rng := rand.New(rand.NewPCG(11, 3))
			likely := map[string]bool{}
			r := newRig(t, 8, 12000, simswitch.Config{Message: 8 * time.Second, Fate: func(n string) simswitch.Fate {
				mu.Lock()
				defer mu.Unlock()
				ms := func(from, to int) time.Duration { return time.Duration(from+rng.IntN(to-from)) * time.Millisecond }
				chance := 10
				if likely[n] {
					chance = 70
				}
				if rng.IntN(100) < chance {
					return simswitch.Fate{Ring: ms(200, 800), Answer: ms(3000, 9000), Talk: ms(20000, 60000)}
				}
				return simswitch.Fate{Ring: ms(200, 800), Refuse: ms(6000, 20000), End: dialer.End{Cause: 19, SIPCode: 480}}
			}}, func(c *lists.Campaign) { c.Settings.Mode, c.Settings.InOrder = "predictive", way != "chosen" })
			for i := range r.ledger.fresh {
				c := &r.ledger.fresh[i]
				likely[c.Contact.Phone] = i/40%3 == 0 // forty who answer often, then eighty who do not
				switch {
				case way == "blind":
					c.Chance = 0.3
				case likely[c.Contact.Phone]:
					c.Chance = 0.7
				default:
					c.Chance = 0.1
				}
			}
			r.start()
			time.Sleep(10 * time.Minute)
			utilisation[way] = r.busy(40 * time.Minute)
			if way == "in order" {
				few, many, fews, manys := 0, 0, 0, 0
				for _, k := range r.ledger.claims {
					if k.Answers == 0 || k.contacts == 0 {
						continue
					}
					require.LessOrEqual(t, k.answers, max(k.Answers, 0.7)+1e-9, "the first comes whatever he promises")
					if k.answers/float64(k.contacts) > 0.5 {
						many, manys = many+k.contacts, manys+1
					} else {
						few, fews = few+k.contacts, fews+1
					}
				}
				require.Positive(t, manys)
				require.Greater(t, float64(few)/float64(fews), 1.2*float64(many)/float64(manys))
			}
			r.check()
			r.close(time.Minute)
		})
	}
	t.Logf("utilisation: %v", utilisation)
	require.Greater(t, utilisation["in order"], utilisation["blind"])
	require.Greater(t, utilisation["chosen"], utilisation["blind"])
}

// TestOverdialsOnlyWhatItCanAccountFor: without the ledger's counts, and while claims are slow, nothing is over-dialled, and
// the board says why.
func TestOverdialsOnlyWhatItCanAccountFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 20, 20000, simswitch.Config{Fate: prospects(8), Message: 8 * time.Second}, func(c *lists.Campaign) {
			c.Settings.Mode = "predictive"
		})
		limits := func() (seen map[string]bool) {
			seen = map[string]bool{}
			for range 600 {
				time.Sleep(100 * time.Millisecond)
				row, _ := r.boards.Load("campaign/" + r.campaign.String())
				seen[row.(dialer.BoardCampaign).Limit] = true
			}
			return seen
		}
		r.ledger.noCounts.Store(true)
		r.start()
		time.Sleep(time.Second)
		require.True(t, limits()["counts"])
		require.Zero(t, r.gate.overdialled())
		r.ledger.noCounts.Store(false)
		time.Sleep(20 * time.Second) // it is asked again each second
		require.Positive(t, r.gate.overdialled())
		r.ledger.slowClaims.Store(true)
		time.Sleep(time.Minute)
		over := r.gate.overdialled()
		require.True(t, limits()["slow"])
		require.Equal(t, over, r.gate.overdialled())
		r.ledger.slowClaims.Store(false)
		time.Sleep(3 * time.Minute)
		require.Greater(t, r.gate.overdialled(), over)
		r.check()
		r.close(time.Minute)
	})
}
