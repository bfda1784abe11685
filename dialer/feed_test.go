package dialer

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/pacing"
)

// TestFeedKeepsOrder: events of many goroutines are all there, each one's in its order, and none twice.
func TestFeedKeepsOrder(t *testing.T) {
	var f feed
	const writers, each = 8, 500
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				f.post(pacing.Event{Call: pacing.Num(uint64(w)), Chance: float64(i)})
			}
		})
	}
	next := map[pacing.ID]float64{}
	take := func() {
		events, _ := f.take()
		for _, v := range events {
			require.Equal(t, next[v.Call], v.Chance)
			next[v.Call]++
		}
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for over := false; !over; {
		select {
		case <-done:
			over = true
		default:
		}
		take()
	}
	take()
	for w := range writers {
		require.EqualValues(t, each, next[pacing.Num(uint64(w))])
	}
}

// TestRestoreCountsEachCallOnce: calls that the ledger has are its, those that it has not are added, whatever the engine has
// not seen yet; a machine that was taken for a person counts no more.
func TestRestoreCountsEachCallOnce(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	p := newPace(pacing.Config{Mode: pacing.Predictive, Target: 0.03})
	var ids []uuid.UUID
	for range 6 {
		id := uuid.New()
		ids = append(ids, id)
		p.feed.post(pacing.Event{At: now, Kind: pacing.Placed, Call: pacing.ID(id)})
		p.feed.count(id, pacing.Event{At: now, Kind: pacing.Connected, Call: pacing.ID(id), Agent: pacing.ID(uuid.New())})
	}
	late := uuid.New()
	p.feed.post(pacing.Event{At: now, Kind: pacing.Placed, Call: pacing.ID(late)})
	p.feed.count(late, pacing.Event{At: now, Kind: pacing.Abandoned, Call: pacing.ID(late)})
	p.feed.count(late, pacing.Event{At: now, Kind: pacing.Abandoned, Call: pacing.ID(late)})
	p.feed.written(ids[0])                                                        // the ledger has it for certain
	window := pacing.Count{Span: pacing.Day, Start: now.Truncate(24 * time.Hour)} // and ids[1], whose commit nobody heard of
	window.Live, window.Abandoned = 100, 2
	p.restore([]pacing.Count{window}, map[uuid.UUID]bool{ids[1]: true})
	counts := func() [2]int64 {
		c := p.tightest()
		return [2]int64{c.Live, c.Abandoned}
	}
	require.Equal(t, [2]int64{105, 3}, counts())
	p.see()
	require.Equal(t, [2]int64{105, 3}, counts(), "the events were seen before")
	p.feed.mistake(ids[2])
	p.feed.mistake(ids[2])
	p.see()
	require.Equal(t, [2]int64{104, 3}, counts())
	window.Live = 101
	p.feed.written(ids[1])
	p.restore([]pacing.Count{window}, nil)
	require.Equal(t, [2]int64{105, 3}, counts(), "three that talk, one abandoned")
	next := pacing.Count{Span: pacing.Day, Start: now.Truncate(24*time.Hour).AddDate(0, 0, 1)}
	p.restore([]pacing.Count{next}, nil)
	require.Equal(t, [2]int64{0, 0}, counts(), "calls of the day before do not count")
}

// TestAgentsAsTheEngineSeesThem: states, the wish to leave, and that it is taken back.
func TestAgentsAsTheEngineSeesThem(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	p := newPace(pacing.Config{Mode: pacing.Progressive})
	tell := p.agents()
	id, call := uuid.New(), uuid.New()
	standing := func() (s pacing.Standing) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.see()
		s = p.engine.Standing(now)
		s.Balance, s.Ahead = 0, 0
		return s
	}
	step := func(state agent.State, leaving bool, attempt uuid.UUID) pacing.Standing {
		now = now.Add(time.Second)
		tell(agent.News{Agent: id, At: now, State: state, Leaving: leaving, Attempt: attempt})
		return standing()
	}
	require.Equal(t, pacing.Standing{}, step(agent.NotReady, false, uuid.Nil))
	require.Equal(t, pacing.Standing{Ready: 1}, step(agent.Ready, false, uuid.Nil))
	require.Equal(t, pacing.Standing{Leaving: 1}, step(agent.Ready, true, uuid.Nil))
	require.Equal(t, pacing.Standing{Ready: 1}, step(agent.Ready, false, uuid.Nil))
	tell(agent.News{Agent: id, At: now, State: agent.Ready, PauseAt: now.Add(5 * time.Second)})
	require.Equal(t, pacing.Standing{Ready: 1}, standing(), "a pause is announced")
	now = now.Add(6 * time.Second)
	p.decide(now, pacing.Room{}, "")
	require.Equal(t, pacing.Standing{Leaving: 1}, standing(), "its time has come")
	require.Equal(t, pacing.Standing{Ready: 1}, step(agent.Ready, false, uuid.Nil), "it is taken back")
	require.Equal(t, pacing.Standing{}, step(agent.Reserved, false, call))
	require.Equal(t, pacing.Standing{Talking: 1}, step(agent.Talking, false, call))
	require.Equal(t, pacing.Standing{Talking: 1}, step(agent.Talking, true, call))
	require.Equal(t, pacing.Standing{Talking: 1}, step(agent.Talking, false, call))
	require.Equal(t, pacing.Standing{WrapUp: 1}, step(agent.WrapUp, false, call))
	require.Equal(t, pacing.Standing{Ready: 1}, step(agent.Ready, false, uuid.Nil))
	require.Equal(t, pacing.Standing{}, step(agent.Offline, false, uuid.Nil))
}

// BenchmarkFeed is what one event costs a call on its way to its agent while decisions for 500 agents and 2,000 calls are
// made all the time.
func BenchmarkFeed(b *testing.B) {
	p := newPace(pacing.Config{Mode: pacing.Predictive, Target: 0.03})
	now := time.Now()
	for i := range 500 {
		p.feed.post(pacing.Event{At: now, Kind: pacing.AgentReady, Agent: pacing.Num(uint64(i))})
	}
	for i := range 2000 {
		p.feed.post(pacing.Event{At: now, Kind: pacing.Placed, Call: pacing.Num(uint64(i)), Chance: 0.2})
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				p.decide(time.Now(), pacing.Room{Lines: 1000, CPS: 1000, Up: true}, "")
			}
		}
	}()
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		p.feed.post(pacing.Event{At: now, Kind: pacing.Ringing, Call: pacing.Num(uint64(i % 2000))})
	}
	b.StopTimer()
	close(stop)
	<-stopped
}
