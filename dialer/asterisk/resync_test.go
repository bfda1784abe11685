package asterisk

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/switchtest"
)

func find(s *dialer.Snapshot, id uuid.UUID) (dialer.ChannelState, bool) {
	i := slices.IndexFunc(s.Channels, func(c dialer.ChannelState) bool { return c.ID == id })
	if i < 0 {
		return dialer.ChannelState{}, false
	}
	return s.Channels[i], true
}

// TestEventsBetweenSubscriptionAndLists: what happens while the lists are read is told once, and nothing is lost.
func TestEventsBetweenSubscriptionAndLists(t *testing.T) {
	f := newFake(t)
	rec := switchtest.NewRecorder()
	rang, up, over, both := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	cfg := f.config(t)
	cfg.beforeLists = func() {
		f.set(func() {
			f.channels = []map[string]any{
				channelJSON(rang, roleCustomer, "Ringing", "dialtide-closed", "AppDial2", "(Outgoing Line)"),
				channelJSON(up, roleCustomer, "Up", "dialtide-out", "Stasis", fakeApp+",answered,"+up.String()),
				channelJSON(both, roleCustomer, "Up", "dialtide-out", "Stasis", fakeApp+",answered,"+both.String()),
			}
		})
		// Each of these is in the lists already, or its channel is gone from them.
		f.send(t, ringingEvent(rang), ringingEvent(up), answeredEvent(up), ringingEvent(over), destroyedEvent(over),
			answeredEvent(both), destroyedEvent(both))
	}
	a, _ := connect(t, cfg, rec.Handle)
	fence := uuid.New()
	f.send(t, ringingEvent(fence))
	rec.Await(t, 5*time.Second, dialer.Ringing, fence)
	snapshot := resyncs(rec)[0]
	for id, kinds := range map[uuid.UUID][]dialer.EventKind{
		rang: {dialer.Ringing},
		up:   {dialer.Ringing, dialer.Answered},
		over: {dialer.Ringing, dialer.Ended},
		both: {dialer.Answered, dialer.Ended},
	} {
		state, ok := find(snapshot, id)
		assert.True(t, ok, "it lived at the moment of the subscription")
		assert.False(t, state.InApp, "the hand-over is told by an event")
		assert.Equal(t, kinds, rec.Kinds(id))
	}
	assert.Equal(t, 17, rec.Of(over)[1].End.Cause)
	assert.True(t, a.Up())
}

// TestFactsOfTheGap: what a list shows of the time without a socket is told as events once.
func TestFactsOfTheGap(t *testing.T) {
	f := newFake(t)
	rec := switchtest.NewRecorder()
	rang, answered, waiting, talking, message, lost, amd := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	session, agentID, foreign := uuid.New(), uuid.New(), uuid.New()
	connect(t, f.config(t), rec.Handle)
	f.send(t, ringingEvent(rang), ringingEvent(answered), answeredEvent(answered), ringingEvent(lost))
	rec.Await(t, 5*time.Second, dialer.Ringing, lost)
	stasis := func(id uuid.UUID, role, args string) map[string]any {
		return channelJSON(id, role, "Up", "dialtide-out", "Stasis", fakeApp+","+args)
	}
	other := channelJSON(foreign, roleCustomer, "Up", "dialtide-out", "Stasis", "other,answered")
	other["accountcode"] = "other.customer"
	f.set(func() {
		f.channels = []map[string]any{
			channelJSON(rang, roleCustomer, "Ringing", "dialtide-closed", "AppDial2", ""),
			stasis(answered, roleCustomer, "answered,"+answered.String()),
			stasis(waiting, roleCustomer, "answered,"+waiting.String()),
			stasis(talking, roleCustomer, "answered,"+talking.String()),
			stasis(amd, roleCustomerAMD, "answered,"+amd.String()+",MACHINE,LONGGREETING-1500-1500"),
			channelJSON(message, roleCustomer, "Up", "dialtide-message", "Playback", "dialtide/safe-harbor"),
			stasis(agentID, roleAgent, "agent,"+session.String()),
			other,
		}
		f.bridges = []map[string]any{
			{"id": session.String(), "name": fakeApp + ".session", "channels": []string{talking.String(), agentID.String()}},
			{"id": foreign.String(), "name": "other.session", "channels": []string{foreign.String()}},
			{"id": uuid.NewString(), "name": fakeApp + ".session", "channels": []string{}},
		}
	})
	f.cut()
	snapshot := awaitResync(t, rec, 2)
	fence := uuid.New()
	require.Eventually(t, func() bool { return f.posted("addChannel") || len(f.connected) > 1 }, 30*time.Second, time.Millisecond)
	f.send(t, ringingEvent(fence), destroyedEvent(lost), destroyedEvent(rang))
	rec.Await(t, 5*time.Second, dialer.Ended, rang)
	for id, kinds := range map[uuid.UUID][]dialer.EventKind{
		rang:     {dialer.Ringing, dialer.Ended},
		answered: {dialer.Ringing, dialer.Answered},
		waiting:  {dialer.Answered},
		talking:  nil,
		amd:      {dialer.PickedUp, dialer.Answered},
		message:  {dialer.MessageDone},
		lost:     {dialer.Ringing}, // its absence told its end
		agentID:  nil,
		foreign:  nil,
	} {
		assert.Equal(t, kinds, rec.Kinds(id))
	}
	assert.Equal(t, dialer.Machine, rec.Of(amd)[1].AMD)
	state, _ := find(snapshot, answered)
	assert.True(t, state.InApp, "told before")
	state, _ = find(snapshot, talking)
	assert.Equal(t, session, state.Bridge)
	state, _ = find(snapshot, agentID)
	assert.Equal(t, dialer.RoleAgent, state.Role)
	assert.Equal(t, session, state.Bridge)
	assert.Contains(t, snapshot.Bridges, session)
	assert.Len(t, snapshot.Bridges, 2)
	_, ok := find(snapshot, foreign)
	assert.False(t, ok)
	assert.Equal(t, "02:00:00:00:00:01/2026-11-21T22:16:23.594Z", snapshot.BootID)
}

// TestUndoneWork: what a dead dialer left half done is taken up again.
func TestUndoneWork(t *testing.T) {
	f := newFake(t)
	rec := switchtest.NewRecorder()
	leg, session, boss := uuid.New(), uuid.New(), uuid.New()
	attempt := uuid.New()
	snoop := derived(attempt, forScreen)
	s := channelJSON(snoop, "", "Up", "dialtide-amd", "Stasis", fakeApp+",amd,"+attempt.String()+",HUMAN,x")
	s["accountcode"], s["name"] = "", "Snoop/"+attempt.String()+"-00000001"
	f.channels = []map[string]any{
		channelJSON(leg, roleAgent, "Up", "dialtide-agent", "Stasis", fakeApp+",agent,"+session.String()),
		channelJSON(boss, roleSupervisor, "Up", "dialtide-supervisor", "Stasis", fakeApp+",supervisor,"+boss.String()),
		channelJSON(attempt, roleCustomer, "Up", "dialtide-out", "Stasis", fakeApp+",answered,"+attempt.String()), s,
	}
	f.bridges = []map[string]any{{"id": uuid.NewString(), "name": fakeApp + ".session", "channels": []string{attempt.String()}}}
	connect(t, f.config(t), rec.Handle)
	for _, want := range []string{
		"/bridges/" + session.String() + "?name=dt.session&type=mixing%2Cdtmf_events", "/bridges/" + session.String() + "/addChannel?channel=" + leg.String(),
		"/bridges/" + boss.String() + "?name=dt.watch&type=mixing%2Cdtmf_events", "/bridges/" + boss.String() + "/addChannel?channel=" + boss.String(),
	} {
		require.Eventually(t, func() bool { return f.posted(want) }, 30*time.Second, time.Millisecond, want)
	}
	e := rec.Await(t, 5*time.Second, dialer.Screened, attempt)
	assert.Equal(t, dialer.Human, e.AMD)
}

// TestEachFactOnce: whatever the order of events and lists, a channel ends once and nothing follows its end.
func TestEachFactOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tab table
		tab.reset()
		ids := []uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
		seen := map[uuid.UUID][]dialer.EventKind{}
		dead := map[uuid.UUID]bool{}
		take := func(f fact) {
			s := tab.apply(&f)
			for i := range s.n {
				e := s.events[i]
				if dead[e.Channel] {
					t.Fatalf("event %d after the end of the channel", e.Kind)
				}
				if slices.Contains(seen[e.Channel], e.Kind) {
					t.Fatalf("event %d told twice: %v", e.Kind, seen[e.Channel])
				}
				seen[e.Channel] = append(seen[e.Channel], e.Kind)
				dead[e.Channel] = e.Kind == dialer.Ended
			}
		}
		some := func() fact {
			id := rapid.SampledFrom(ids).Draw(t, "id")
			f := fact{Channel: id, Subject: id, Kind: customer}
			switch rapid.IntRange(0, 3).Draw(t, "event") {
			case 0:
				f.Type, f.Status = dialProgress, rings
			case 1:
				f.Type, f.Verb = stasisStart, answered
			case 2:
				f.Type, f.Message = userEvent, true
			default:
				f.Type = channelDestroyed
			}
			return f
		}
		alive := func(f fact) bool { return !dead[f.Channel] } // Asterisk tells nothing of a channel after its end
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			if rapid.IntRange(0, 4).Draw(t, "resync") > 0 {
				if f := some(); alive(f) {
					take(f)
				}
				continue
			}
			resyncAtRandom(t, &tab, ids, dead, some, take)
		}
	})
}

// resyncAtRandom makes lists in which some of the living are missing, and a window of events.
func resyncAtRandom(t *rapid.T, tab *table, ids []uuid.UUID, dead map[uuid.UUID]bool, some func() fact, take func(fact)) {
	var found holdings
	ended := map[uuid.UUID]bool{}
	var window []fact
	for range rapid.IntRange(0, 4).Draw(t, "window") {
		if f := some(); !dead[f.Channel] && !ended[f.Channel] {
			window = append(window, f)
			ended[f.Channel] = f.Type == channelDestroyed
		}
	}
	for i, id := range ids {
		if dead[id] || ended[id] || rapid.Bool().Draw(t, fmt.Sprint("listed", i)) {
			continue
		}
		found.channels = append(found.channels, listed{
			kind: customer, ringing: rapid.Bool().Draw(t, "ringing"), message: rapid.Bool().Draw(t, "message"),
			ChannelState: dialer.ChannelState{ID: id, Up: true, InApp: rapid.Bool().Draw(t, "inApp"), Role: dialer.RoleCustomer},
		})
	}
	snapshot, next := tab.rebuild(&found, window)
	for _, id := range ids {
		if _, ok := find(&snapshot, id); !ok {
			dead[id] = true
		}
	}
	for _, f := range append(next.facts, window...) {
		take(f)
	}
}
