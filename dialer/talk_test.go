package dialer_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/simswitch"
	"github.com/dialtide/dialtide/lists"
)

const (
	helpful = "5550177" // answers after a second
	mute    = "5550178" // never answers
)

// talkFate lets contacts answer and stay.
func talkFate(number string) simswitch.Fate {
	switch number {
	case helpful:
		return simswitch.Fate{Ring: 100 * time.Millisecond, Answer: time.Second}
	case mute:
		return simswitch.Fate{Ring: 100 * time.Millisecond}
	}
	return simswitch.Fate{Ring: 100 * time.Millisecond, Answer: 500 * time.Millisecond}
}

// talkRig is a world in which one call talks and the other agents are ready.
func talkRig(t *testing.T, agents int) (r *rig, attempt uuid.UUID, owner *memAgent) {
	return talkRigOf(t, agents, nil)
}

func talkRigOf(t *testing.T, agents int, paint func(session, attempt uuid.UUID) <-chan struct{}) (r *rig, attempt uuid.UUID, owner *memAgent) {
	r = newRig(t, agents, 1, simswitch.Config{Fate: talkFate}, func(c *lists.Campaign) {
		c.Settings.TransferTargets = []lists.TransferTarget{{Name: "help", Number: helpful}, {Name: "mute", Number: mute}}
	})
	r.paint = paint
	r.start()
	time.Sleep(5 * time.Second)
	for _, a := range r.floor.agents {
		if r.floor.stateOf(a) == agent.Talking {
			owner = a
		}
	}
	require.NotNil(t, owner, "somebody talks")
	return r, r.floor.attemptOf(owner), owner
}

func (r *rig) say(a *memAgent, attempt uuid.UUID, name string, change func(*agent.TalkRequest)) string {
	q := agent.TalkRequest{Name: name, Agent: a.id, Session: a.session, Attempt: attempt}
	if change != nil {
		change(&q)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := r.engine.Talk(ctx, q)
	var told *agent.CommandError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &told):
		return told.Code
	}
	return err.Error()
}

func toAgent(a *memAgent) func(*agent.TalkRequest) {
	return func(q *agent.TalkRequest) { q.To = agent.TalkTo{Kind: "agent", AgentID: &a.id} }
}

func toNumber(n string) func(*agent.TalkRequest) {
	return func(q *agent.TalkRequest) { q.To = agent.TalkTo{Kind: "outside", Number: n} }
}

func (r *rig) toQueue(q *agent.TalkRequest) {
	q.To = agent.TalkTo{Kind: "queue", CampaignID: &r.campaign}
}

func on(q *agent.TalkRequest) { q.On = true }

func (r *rig) idleAgent(not ...*memAgent) *memAgent {
	for _, a := range r.floor.agents {
		free := r.floor.stateOf(a) == agent.Ready
		for _, n := range not {
			free = free && a != n
		}
		if free {
			return a
		}
	}
	return nil
}

// company says who the customer hears; "music" for that.
func (r *rig) company(attempt uuid.UUID) []uuid.UUID {
	others, music := r.sw.Hears(attempt)
	if music {
		return []uuid.UUID{uuid.Max}
	}
	return others
}

var music = []uuid.UUID{uuid.Max}

func inBubble(t *testing.T, agents int, test func(t *testing.T, r *rig, attempt uuid.UUID, a *memAgent)) {
	synctest.Test(t, func(t *testing.T) {
		r, attempt, a := talkRig(t, agents)
		test(t, r, attempt, a)
		synctest.Wait()
		r.close(time.Hour)
		r.check()
		require.Empty(t, r.sw.Channels(dialer.RoleOutside), "outside legs end with the call (I11)")
	})
}

func TestDeadlinesOfMusic(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, r *rig, attempt uuid.UUID, a *memAgent) {
		require.Empty(t, r.say(a, attempt, agent.TalkHold, on))
		require.Equal(t, music, r.company(attempt))
		require.Empty(t, r.say(a, attempt, agent.TalkHold, on), "again")
		time.Sleep(10*time.Minute + time.Second)
		require.Equal(t, []uuid.UUID{a.leg}, r.company(attempt), "back after ten minutes")
		require.Empty(t, r.say(a, attempt, agent.TalkPark, nil))
		require.Len(t, r.notes.list(), 1)
		time.Sleep(5*time.Minute + time.Second)
		require.Equal(t, []uuid.UUID{a.leg}, r.company(attempt), "back after five minutes")
		require.Empty(t, r.notes.list())
		// Nobody is ready: music, then the message.
		for _, x := range r.floor.agents {
			if x != a {
				r.floor.change(func() { x.leaving = true })
			}
		}
		r.floor.Settle(r.campaign)
		require.Empty(t, r.say(a, attempt, agent.TalkBlind, r.toQueue))
		require.Equal(t, agent.WrapUp, r.floor.stateOf(a))
		r.floor.change(func() { a.leaving = true })
		require.Equal(t, music, r.company(attempt))
		time.Sleep(2*time.Minute + time.Second)
		require.False(t, r.sw.Book()[0].Message.IsZero(), "the message at last")
		time.Sleep(10 * time.Second)
		require.Equal(t, []uuid.UUID{attempt}, r.notes.left())
		require.Equal(t, map[lists.Outcome]int{lists.Connected: 1}, r.outcomes())
	})
}

func TestTransferToTheQueueWaitsForAnAgent(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, r *rig, attempt uuid.UUID, a *memAgent) {
		b := r.idleAgent(a)
		r.floor.change(func() { b.state = agent.NotReady })
		require.Equal(t, agent.CodeTargetBusy, r.say(a, attempt, agent.TalkConsult, toAgent(b)))
		require.Equal(t, agent.CodeTargetBusy, r.say(a, attempt, agent.TalkConsult, r.toQueue))
		require.Equal(t, []uuid.UUID{a.leg}, r.company(attempt), "nothing has changed")
		r.floor.change(func() { a.leaving = true })
		require.Empty(t, r.say(a, attempt, agent.TalkBlind, r.toQueue))
		time.Sleep(30 * time.Second)
		require.Equal(t, music, r.company(attempt))
		r.floor.change(func() { b.state = agent.Ready })
		time.Sleep(time.Second)
		require.Equal(t, []uuid.UUID{b.leg}, r.company(attempt))
		require.Equal(t, attempt, r.floor.attemptOf(b))
		require.Len(t, r.notes.given(), 1)
		require.NoError(t, r.engine.Hangup(context.Background(), attempt))
	})
}

func TestConsultOnTheSimulatedSwitch(t *testing.T) {
	inBubble(t, 3, func(t *testing.T, r *rig, attempt uuid.UUID, a *memAgent) {
		b := r.idleAgent(a)
		require.Empty(t, r.say(a, attempt, agent.TalkConsult, toAgent(b)))
		others, _ := r.sw.Hears(b.leg)
		require.Equal(t, []uuid.UUID{a.leg}, others)
		require.Equal(t, music, r.company(attempt))
		require.Equal(t, agent.RoleConsulted, r.notes.view(b.session).Role)
		require.Equal(t, agent.CodeNotYourCall, r.say(b, attempt, agent.TalkHold, on))
		time.Sleep(10*time.Minute + time.Second)
		require.Equal(t, []uuid.UUID{a.leg}, r.company(attempt), "a consultation ends, too")
		require.Equal(t, agent.Ready, r.floor.stateOf(b))

		require.Empty(t, r.say(a, attempt, agent.TalkConsult, toAgent(b)))
		r.engine.DropFrom(b.session, attempt) // the other's phone is lost
		time.Sleep(time.Second)
		require.Equal(t, []uuid.UUID{a.leg}, r.company(attempt))

		// The switch refuses: all is as before, and nobody is kept.
		b = r.idleAgent(a)
		r.sw.FailLegs(1)
		require.Equal(t, agent.CodeSwitchRefused, r.say(a, attempt, agent.TalkConsult, toAgent(b)))
		require.Equal(t, []uuid.UUID{a.leg}, r.company(attempt))
		require.NotEqual(t, attempt, r.floor.attemptOf(b))

		require.Equal(t, agent.CodeTargetNotAllowed, r.say(a, attempt, agent.TalkConsult, toNumber("5550199")))
		r.notes.forbidden.Store(true)
		require.Equal(t, agent.CodeTargetNotAllowed, r.say(a, attempt, agent.TalkConsult, toNumber(helpful)), "taken off the list a moment ago")
		r.notes.forbidden.Store(false)
		require.Empty(t, r.say(a, attempt, agent.TalkConsult, toNumber(mute)))
		require.Equal(t, agent.CodeConsultOpen, r.say(a, attempt, agent.TalkConsult, toNumber(helpful)))
		require.EqualValues(t, 1, r.notes.permits.Load(), "no permit in vain")
		time.Sleep(31 * time.Second)
		require.Equal(t, []uuid.UUID{a.leg}, r.company(attempt), "it did not answer")
		require.Empty(t, r.sw.Channels(dialer.RoleOutside))

		require.Empty(t, r.say(a, attempt, agent.TalkConsult, toNumber(helpful)))
		time.Sleep(2 * time.Second)
		require.Empty(t, r.say(a, attempt, agent.TalkThree, nil))
		require.Len(t, r.company(attempt), 2)
		require.Empty(t, r.say(a, attempt, agent.TalkLeave, nil))
		require.Equal(t, r.sw.Channels(dialer.RoleOutside), r.company(attempt))
		r.sw.EndLeg(r.sw.Channels(dialer.RoleOutside)[0])
		time.Sleep(time.Second)
		require.Equal(t, map[lists.Outcome]int{lists.Connected: 1}, r.outcomes(), "nobody is left: the call is over")
	})
}

// TestTalksAtRandom: commands, losses and refusals in any order; the customer is never alone without music, no leg stays behind.
func TestTalksAtRandom(t *testing.T) {
	for seed := range *seeds {
		inBubble(t, 4, func(t *testing.T, r *rig, attempt uuid.UUID, _ *memAgent) {
			rng := rand.New(rand.NewPCG(seed, 11))
			names := []string{agent.TalkHold, agent.TalkBlind, agent.TalkConsult, agent.TalkCancel, agent.TalkComplete, agent.TalkThree,
				agent.TalkLeave, agent.TalkPark, agent.TalkRetrieve, agent.TalkStepOut}
			for range 150 {
				a, b := r.floor.agents[rng.IntN(4)], r.floor.agents[rng.IntN(4)]
				switch rng.IntN(12) {
				case 0:
					r.engine.DropFrom(a.session, attempt)
				case 1:
					for _, id := range r.sw.Channels(dialer.RoleOutside) {
						r.sw.EndLeg(id)
					}
				case 2:
					r.sw.FailLegs(rng.IntN(3))
				case 3:
					time.Sleep(time.Duration(rng.IntN(400)) * time.Second)
				default:
					r.say(a, attempt, names[rng.IntN(len(names))], func(q *agent.TalkRequest) {
						q.On = rng.IntN(2) == 0
						switch rng.IntN(4) {
						case 0:
							toAgent(b)(q)
						case 1:
							r.toQueue(q)
						case 2:
							toNumber(helpful)(q)
						default:
							toNumber(mute)(q)
						}
					})
				}
				time.Sleep(time.Duration(100+rng.IntN(3000)) * time.Millisecond)
				synctest.Wait()
				if r.sw.Live() == 0 {
					break
				}
				if r.sw.Book()[0].Message.IsZero() {
					require.NotEmpty(t, r.company(attempt), "seed %d: the customer hears somebody, or music", seed)
				}
			}
			_ = r.engine.Hangup(context.Background(), attempt) // it may be over
			time.Sleep(30 * time.Second)
			synctest.Wait()
			for _, a := range r.floor.agents {
				others, _ := r.sw.Hears(a.leg)
				require.Empty(t, others, "an agent's phone is alone at home")
				require.NotEqual(t, attempt, r.floor.attemptOf(a), "nobody is kept")
			}
		})
	}
}
