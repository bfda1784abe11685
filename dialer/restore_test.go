package dialer_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/simswitch"
	"github.com/dialtide/dialtide/lists"
)

// longTalker answers at once and talks for five minutes.
var longTalker = simswitch.Fate{Ring: time.Second, Answer: 2 * time.Second, Talk: 5 * time.Minute}

// TestAdoptionNeedsTheLease: while the ledger does not say who owns a campaign, its calls are nobody's to hang up.
func TestAdoptionNeedsTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 5, 50, simswitch.Config{Fate: always(longTalker)}, nil)
		r.start()
		time.Sleep(10 * time.Second)
		require.Equal(t, 5, r.sw.Live())
		r.die()
		r.ledger.acquires.Store(0)
		r.ledger.noAcquire.Store(3)
		r.start()
		time.Sleep(5 * time.Second)
		require.Equal(t, 5, r.sw.Live(), "talks go on")
		require.Empty(t, r.outcomes())
		time.Sleep(10 * time.Second)
		require.EqualValues(t, 4, r.ledger.acquires.Load())
		require.Equal(t, 5, r.sw.Live())
		require.Empty(t, r.outcomes())
		require.Len(t, r.sw.Book(), 5)
		r.ledger.set(func(c *lists.Campaign) { c.Status = lists.Draining })
		time.Sleep(5 * time.Minute)
		require.Equal(t, map[lists.Outcome]int{lists.Connected: 5}, r.outcomes())
		require.Equal(t, 5, r.floor.ready(), "nobody is left in Talking")
		r.check()
		r.close(time.Minute)
	})
}

// TestAdoptsForAnotherOwner: the campaign went to another process, the calls are still on this node's switch. They go on,
// and their endings are written when somebody may.
func TestAdoptsForAnotherOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fates := []simswitch.Fate{longTalker, ringer}
		r := newRig(t, 4, 4, simswitch.Config{Fate: func(n string) simswitch.Fate { return fates[(n[len(n)-1]-'0')%2] }}, nil)
		r.start()
		time.Sleep(10 * time.Second)
		r.die()
		r.ledger.steal(r.campaign, "n2")
		r.start()
		time.Sleep(30 * time.Second)
		require.Equal(t, 2, r.sw.Live(), "talks go on; what rang is cancelled, for nobody would answer")
		time.Sleep(5 * time.Minute)
		require.Equal(t, 4, r.floor.ready())
		require.Empty(t, r.outcomes())
		r.ledger.mu.Lock()
		r.ledger.owners[r.campaign] = ""
		r.ledger.mu.Unlock()
		time.Sleep(2 * time.Minute)
		require.Equal(t, map[lists.Outcome]int{lists.Connected: 2, lists.Cancelled: 2}, r.outcomes())
		r.check()
		r.close(time.Minute)
	})
}

// TestGoneForAnotherOwner: calls of a former life that are gone when their campaign is another's may have been answered, so
// they are not taken for calls that never were.
func TestGoneForAnotherOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 2, 2, simswitch.Config{Fate: always(ringer)}, nil)
		r.start()
		time.Sleep(10 * time.Second)
		r.die()
		time.Sleep(30 * time.Second) // they rang out
		r.ledger.steal(r.campaign, "n2")
		r.start()
		time.Sleep(time.Minute)
		require.Empty(t, r.outcomes())
		r.ledger.mu.Lock()
		r.ledger.owners[r.campaign] = ""
		r.ledger.mu.Unlock()
		time.Sleep(2 * time.Minute)
		require.Equal(t, map[lists.Outcome]int{lists.Unknown: 2}, r.outcomes())
		r.close(time.Minute)
	})
}

// TestAdoptsWithoutMark: killed before the ledger knew who talks. The agent's session tells, so that he can dispose (I7).
func TestAdoptsWithoutMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1, 1, simswitch.Config{Fate: always(longTalker)}, nil)
		r.ledger.noMark.Store(true)
		r.start()
		time.Sleep(10 * time.Second)
		r.die()
		r.ledger.noMark.Store(false)
		r.start()
		time.Sleep(10 * time.Second)
		id := r.sw.Book()[0].Attempt
		r.ledger.mu.Lock()
		marked := *r.ledger.open[id]
		r.ledger.mu.Unlock()
		require.Equal(t, &r.floor.agents[0].id, marked.Agent)
		require.NotNil(t, marked.BridgedAt)
		time.Sleep(5 * time.Minute)
		require.Equal(t, &r.floor.agents[0].id, r.ledger.endings()[id].Agent)
		ended := r.endedCalls()
		require.Len(t, ended, 1)
		require.Equal(t, &r.floor.agents[0].id, ended[0].Agent, "his recording bears his name")
		r.close(time.Minute)
	})
}

// TestUnknownCallEnds: the floor has an agent in a call that the engine does not know. Its end lets him go (I9).
func TestUnknownCallEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1, 0, simswitch.Config{Fate: always(talker)}, nil)
		r.start()
		time.Sleep(time.Second)
		id := uuid.New()
		r.floor.mu.Lock()
		r.floor.agents[0].attempt = id
		r.floor.setLocked(r.floor.agents[0], agent.Talking)
		r.floor.mu.Unlock()
		r.sw.Stray(id)
		time.Sleep(10 * time.Second)
		require.Equal(t, 1, r.floor.ready())
		r.close(time.Minute)
	})
}

// TestPersonalCallbacks: claims name the agents who are there, and with none of them an empty list, which is not nil.
func TestPersonalCallbacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 2, 1, simswitch.Config{Fate: always(talker)}, nil)
		r.start()
		time.Sleep(5 * time.Second)
		r.ledger.mu.Lock()
		personal := r.ledger.personal
		r.ledger.mu.Unlock()
		require.ElementsMatch(t, []uuid.UUID{r.floor.agents[0].id, r.floor.agents[1].id}, personal)
		r.close(time.Minute)
	})
}
