package dialer_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/simswitch"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/recording"
)

// memRecorder is the switch's side of captures; it outlives the dialer.
type memRecorder struct {
	mu      sync.Mutex
	state   map[uuid.UUID]dialer.RecorderState
	marks   []recording.Mark
	views   []agent.RecordingView
	fails   bool // of acts on captures
	noSound bool
}

var errAway = errors.New("away")

func (m *memRecorder) Silence(_ context.Context, attempt uuid.UUID, until time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails {
		return errAway
	}
	s := m.state[attempt]
	s.Silenced, s.Until = true, until
	m.state[attempt] = s
	return nil
}

func (m *memRecorder) fail(yes bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fails = yes
}

func (m *memRecorder) Unsilence(_ context.Context, attempt uuid.UUID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails {
		return errAway
	}
	m.state[attempt] = dialer.RecorderState{Announced: m.state[attempt].Announced}
	return nil
}

func (m *memRecorder) Announce(_ context.Context, attempt, _ uuid.UUID, _ string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.noSound {
		return errAway
	}
	s := m.state[attempt]
	s.Announced = true
	m.state[attempt] = s
	return nil
}

func (m *memRecorder) Told(_ context.Context, attempt uuid.UUID) (dialer.RecorderState, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state[attempt], nil
}

func (m *memRecorder) silenced(attempt uuid.UUID) bool {
	synctest.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state[attempt].Silenced
}

func (m *memRecorder) kinds() (out []recording.MarkKind) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.marks {
		out = append(out, k.Kind)
	}
	return out
}

func (m *memRecorder) seen() agent.RecordingView {
	synctest.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.views[len(m.views)-1]
}

// taped is a call in talk that is recorded as change says.
func taped(t *testing.T, m *memRecorder, change func(*lists.Settings)) (r *rig, attempt uuid.UUID, a *memAgent) {
	m.state = map[uuid.UUID]dialer.RecorderState{}
	r = newRig(t, 1, 1, simswitch.Config{Fate: talkFate}, func(c *lists.Campaign) { change(&c.Settings) })
	r.taping = m
	r.start()
	time.Sleep(5 * time.Second)
	a = r.floor.agents[0]
	require.Equal(t, agent.Talking, r.floor.stateOf(a))
	return r, r.floor.attemptOf(a), a
}

// TestAPauseEndsByItsTimeAndOutlivesTheDialer: a dialer that dies leaves it silent; the next one goes on when the time is over, and no
// sooner; while the switch refuses, it stays silent and is asked again.
func TestAPauseEndsByItsTimeAndOutlivesTheDialer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memRecorder{}
		r, attempt, a := taped(t, m, func(s *lists.Settings) { s.Record, s.RecordPause = true, 60 })
		require.Equal(t, agent.RecordingView{On: true, MayPause: true}, m.seen())
		require.Empty(t, r.say(a, attempt, agent.TalkRecordPause, on))
		require.True(t, m.silenced(attempt))
		require.True(t, m.seen().Paused)
		time.Sleep(61 * time.Second)
		require.False(t, m.silenced(attempt), "its time is over")
		require.False(t, m.seen().Paused)

		m.fail(true)
		require.Equal(t, agent.CodeRecordGoesOn, r.say(a, attempt, agent.TalkRecordPause, on))
		require.False(t, m.seen().Paused, "nobody is told that it is silent while it is not")
		m.fail(false)
		require.Empty(t, r.say(a, attempt, agent.TalkRecordPause, on))
		m.fail(true)
		time.Sleep(65 * time.Second)
		require.True(t, m.silenced(attempt), "what cannot be switched on stays silent")
		require.True(t, m.seen().Paused)
		m.fail(false)
		time.Sleep(2 * time.Second)
		require.False(t, m.silenced(attempt), "it was asked again")

		require.Empty(t, r.say(a, attempt, agent.TalkRecordPause, on))
		r.stopWork()
		r.stopAdmit()
		require.NoError(t, <-r.ran)
		time.Sleep(30 * time.Second)
		require.True(t, m.silenced(attempt))
		r.start()
		time.Sleep(20 * time.Second)
		require.True(t, m.silenced(attempt))
		require.True(t, m.seen().Paused, "the next dialer knows of it")
		time.Sleep(15 * time.Second)
		require.False(t, m.silenced(attempt))
		require.Equal(t, recording.Resumed, m.kinds()[len(m.kinds())-1])
		r.close(time.Hour)
	})
}

func TestOnDemandNothingIsHeardBeforeItIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memRecorder{}
		r, attempt, a := taped(t, m, func(s *lists.Settings) { s.RecordPolicy, s.RecordAnnounce = lists.RecordDemand, "dialtide/recorded" })
		require.True(t, m.silenced(attempt))
		require.Equal(t, agent.RecordingView{Demand: true, MayPause: true}, m.seen())
		require.Equal(t, agent.CodeNotRecorded, r.say(a, attempt, agent.TalkRecordPause, on))
		require.Empty(t, r.say(a, attempt, agent.TalkRecord, on))
		require.False(t, m.silenced(attempt))
		require.True(t, m.seen().On)
		require.Empty(t, r.say(a, attempt, agent.TalkRecord, nil))
		require.True(t, m.silenced(attempt))
		require.Equal(t, []recording.MarkKind{recording.Begun, recording.Started, recording.Announced, recording.Stopped}, m.kinds())
		r.close(time.Hour)
	})
}

func TestWhatCannotBeAnnouncedIsNotRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memRecorder{noSound: true}
		r, attempt, a := taped(t, m, func(s *lists.Settings) { s.Record, s.RecordAnnounce = true, "dialtide/none" })
		require.True(t, m.silenced(attempt))
		require.Equal(t, []recording.MarkKind{recording.Begun, recording.Unannounced}, m.kinds())
		require.Equal(t, agent.CodeNotRecorded, r.say(a, attempt, agent.TalkRecordPause, nil))
		r.close(time.Hour)
	})
}

// TestNoRecordingNoCall: while recordings cannot be kept nothing is dialled where that is the rule; then it goes on.
func TestNoRecordingNoCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memRecorder{state: map[uuid.UUID]dialer.RecorderState{}}
		r := newRig(t, 1, 1, simswitch.Config{Fate: talkFate}, func(c *lists.Campaign) { c.Settings.Record, c.Settings.RecordRequired = true, true })
		r.taping = m
		r.tapeFails.Store(true)
		r.start()
		time.Sleep(10 * time.Second)
		require.Zero(t, r.sw.Live())
		r.tapeFails.Store(false)
		time.Sleep(5 * time.Second)
		require.Equal(t, agent.Talking, r.floor.stateOf(r.floor.agents[0]))
		r.tapeFails.Store(true)
		time.Sleep(10 * time.Second)
		require.Equal(t, agent.Talking, r.floor.stateOf(r.floor.agents[0]), "talks go on")
		r.close(time.Hour)
	})
}

// TestNothingIsDialledIntoAnIncompleteDialplan: and what talks goes on.
func TestNothingIsDialledIntoAnIncompleteDialplan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1, 1, simswitch.Config{Fate: talkFate}, nil)
		r.switchLacks.Store(true)
		r.start()
		time.Sleep(10 * time.Second)
		require.Zero(t, r.sw.Live())
		r.switchLacks.Store(false)
		time.Sleep(5 * time.Second)
		require.Equal(t, agent.Talking, r.floor.stateOf(r.floor.agents[0]))
		r.switchLacks.Store(true)
		time.Sleep(10 * time.Second)
		require.Equal(t, agent.Talking, r.floor.stateOf(r.floor.agents[0]))
		r.close(time.Hour)
	})
}
