package agent

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dialtide/dialtide/lists"
)

var (
	epoch = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	callA = uuid.MustParse("00000000-0000-0000-0000-00000000000a")
	callB = uuid.MustParse("00000000-0000-0000-0000-00000000000b")
)

// happening is an input after a pause, and what must be true then.
type happening struct {
	after  time.Duration
	in     Input
	state  State
	reason string
	check  func(t *testing.T, m *Machine, e Effects)
}

const second = time.Second

// life is what happens to one session.
type life struct {
	name string
	has  []happening
}

// ordered are lives with a supervisor in them.
func ordered(reserve, bridged, ended happening) []life {
	pause := Input{Kind: InPause, Reason: "meeting", Forced: true}
	logout := Input{Kind: InLogout, Forced: true}
	now := func(in Input) Input {
		in.Now = true
		return in
	}
	by := func(who string) func(*testing.T, *Machine, Effects) {
		return func(t *testing.T, m *Machine, e Effects) {
			require.Equal(t, who, m.EndedBy)
			require.Equal(t, uuid.Nil, e.Drop)
		}
	}
	given := func(t *testing.T, m *Machine, e Effects) {
		require.Equal(t, callA, e.AutoDispose)
		require.Equal(t, BySupervisor, m.EndedBy)
	}
	return []life{
		{"ordered to pause in a talk", []happening{reserve, bridged,
			{second, now(pause), Talking, "", drops(uuid.Nil)},
			{second, Input{Kind: InReady}, Talking, "", nil},
			{second, Input{Kind: InStay}, Talking, "", nil}, ended,
			{second, Input{Kind: InDisposed, Attempt: callA}, NotReady, "meeting", by(BySupervisor)},
			{second, Input{Kind: InReady}, Ready, "", by(ByAgent)}}},
		{"the order is taken back", []happening{reserve, bridged,
			{second, pause, Talking, "", nil},
			{second, Input{Kind: InReady, Forced: true}, Talking, "", nil}, ended,
			{second, Input{Kind: InDisposed, Attempt: callA}, Ready, "", by(ByDisposition)}}},
		{"ordered to pause when covered", []happening{
			{second, pause, Ready, "", nil},
			{second, Input{Kind: InCovered}, NotReady, "meeting", by(BySupervisor)}}},
		{"logged out after the call", []happening{reserve, bridged,
			{second, logout, Talking, "", nil},
			{second, Input{Kind: InPause, Reason: "lunch"}, Talking, "", nil}, ended,
			{second, Input{Kind: InDisposed, Attempt: callA}, Offline, "", by(BySupervisor)}}},
		{"logged out of a wrap-up", []happening{reserve, bridged, ended, {second, now(logout), Offline, "", given}}},
		{"a disposition under way is not cut", []happening{reserve, bridged, ended,
			{second, Input{Kind: InDisposing, Attempt: callA}, WrapUp, "", nil},
			{second, Input{Kind: InFree}, WrapUp, "", refused},
			{second, now(logout), WrapUp, "", nil},
			{second, Input{Kind: InDisposed, Attempt: callA}, Offline, "", by(BySupervisor)}}},
		{"freed from a wrap-up", []happening{reserve, bridged, ended, {second, Input{Kind: InFree}, NotReady, ReasonFreed, given}}},
		{"a talk is not freed", []happening{reserve, bridged, {second, Input{Kind: InFree}, Talking, "", refused}}},
		{"freed from a preview", []happening{
			{second, Input{Kind: InPreview, Attempt: callA}, Preview, "", nil},
			{second, Input{Kind: InFree}, NotReady, ReasonFreed, func(t *testing.T, _ *Machine, e Effects) { require.Equal(t, callA, e.Lapsed) }}}},
		{"a phone that does not come up", []happening{
			{0, Input{Kind: InLegEnded}, NotReady, ReasonPhoneLost, nil},
			{0, Input{Kind: InReady, Forced: true}, NotReady, ReasonPhoneLost, refused},
			{0, Input{Kind: InFree}, NotReady, ReasonPhoneLost, rings(true)},
			{second, Input{Kind: InLegUp}, NotReady, ReasonPhoneLost, nil},
			{second, Input{Kind: InFree}, NotReady, ReasonPhoneLost, refused},
			{second, Input{Kind: InReady, Forced: true}, Ready, "", by(BySupervisor)}}},
		{"not ready without a page", []happening{
			{0, Input{Kind: InSockets}, Ready, "", nil},
			{5 * second, Input{Kind: InTick}, NotReady, ReasonConnectionLost, nil},
			{second, Input{Kind: InReady, Forced: true}, NotReady, ReasonConnectionLost, refused}}},
	}
}

// up brings a fresh session to Ready.
var up = []happening{
	{0, Input{Kind: InTick}, NotReady, ReasonLogin, rings(true)},
	{second, Input{Kind: InLegUp}, NotReady, ReasonLogin, nil},
	{second, Input{Kind: InReady}, Ready, "", nil},
}

func rings(want bool) func(*testing.T, *Machine, Effects) {
	return func(t *testing.T, _ *Machine, e Effects) { require.Equal(t, want, e.Ring, "rings") }
}

func drops(call uuid.UUID) func(*testing.T, *Machine, Effects) {
	return func(t *testing.T, _ *Machine, e Effects) { require.Equal(t, call, e.Drop, "drops") }
}

func refused(t *testing.T, _ *Machine, e Effects) { require.True(t, e.Refused, "refused") }

func idleSince(at time.Duration) func(*testing.T, *Machine, Effects) {
	return func(t *testing.T, m *Machine, _ Effects) { require.Equal(t, epoch.Add(at), m.IdleSince, "idle since") }
}

func TestSession(t *testing.T) {
	reserve := happening{second, Input{Kind: InReserve, Attempt: callA}, Reserved, "", nil}
	bridged := happening{second, Input{Kind: InBridged, Attempt: callA}, Talking, "", nil}
	ended := happening{60 * second, Input{Kind: InEnded, Attempt: callA, Needs: true}, WrapUp, "", nil}
	tests := []life{
		{"a whole call", []happening{reserve, bridged, ended,
			{5 * second, Input{Kind: InDisposed, Attempt: callA}, Ready, "", idleSince(69 * second)}}},
		{"a reservation that comes to nothing keeps its place", []happening{reserve,
			{second, Input{Kind: InEnded, Attempt: callA}, Ready, "", idleSince(2 * second)}}},
		{"a reservation runs out", []happening{reserve,
			{4900 * time.Millisecond, Input{Kind: InTick}, Reserved, "", drops(uuid.Nil)},
			{100 * time.Millisecond, Input{Kind: InTick}, Ready, "", drops(callA)},
			{second, Input{Kind: InBridged, Attempt: callA}, Ready, "", drops(callA)}}},
		{"a late bridge of another call is dropped", []happening{reserve, bridged,
			{second, Input{Kind: InBridged, Attempt: callB}, Talking, "", drops(callB)},
			{second, Input{Kind: InBridged, Attempt: callA}, Talking, "", drops(uuid.Nil)}}},
		{"only the ready are reserved", []happening{reserve,
			{second, Input{Kind: InReserve, Attempt: callB}, Reserved, "", refused}}},
		{"the end of another call has no effect", []happening{reserve, bridged,
			{second, Input{Kind: InEnded, Attempt: callB, Needs: true}, Talking, "", refused}}},
		{"the end comes twice", []happening{reserve, bridged, ended,
			{second, Input{Kind: InEnded, Attempt: callA, Needs: true}, WrapUp, "", refused}}},
		{"a machine frees the agent at once", []happening{reserve, bridged,
			{2 * second, Input{Kind: InEnded, Attempt: callA}, Ready, "", idleSince(6 * second)}}},
		{"wrap-up runs out", []happening{reserve, bridged, ended,
			{30 * second, Input{Kind: InTick}, NotReady, ReasonWrapUpTimeout, func(t *testing.T, _ *Machine, e Effects) {
				require.Equal(t, callA, e.AutoDispose)
			}}}},
		{"a disposition under way holds the deadline", []happening{reserve, bridged, ended,
			{29 * second, Input{Kind: InDisposing, Attempt: callA}, WrapUp, "", nil},
			{2 * second, Input{Kind: InTick}, WrapUp, "", nil},
			{second, Input{Kind: InDisposed, Attempt: callA}, Ready, "", nil}}},
		{"a disposition that fails lets it run out", []happening{reserve, bridged, ended,
			{29 * second, Input{Kind: InDisposing, Attempt: callA}, WrapUp, "", nil},
			{2 * second, Input{Kind: InDisposed}, WrapUp, "", nil},
			{0, Input{Kind: InTick}, NotReady, ReasonWrapUpTimeout, nil}}},
		{"pause while talking", []happening{reserve, bridged,
			{second, Input{Kind: InPause, Reason: "lunch"}, Talking, "", nil}, ended,
			{second, Input{Kind: InDisposed, Attempt: callA}, NotReady, "lunch", nil}}},
		{"pause taken back", []happening{reserve, bridged,
			{second, Input{Kind: InPause, Reason: "lunch"}, Talking, "", nil},
			{second, Input{Kind: InReady}, Talking, "", nil}, ended,
			{second, Input{Kind: InDisposed, Attempt: callA}, Ready, "", nil}}},
		{"pause waits for cover and may still be reserved", []happening{
			{second, Input{Kind: InPause, Reason: "lunch"}, Ready, "", nil}, reserve,
			{second, Input{Kind: InCovered}, Reserved, "", nil},
			{second, Input{Kind: InEnded, Attempt: callA}, NotReady, "lunch", nil}}},
		{"pause is covered", []happening{
			{second, Input{Kind: InPause, Reason: "lunch"}, Ready, "", nil},
			{second, Input{Kind: InCovered}, NotReady, "lunch", nil}}},
		{"pause is never covered", []happening{
			{0, Input{Kind: InPause, Reason: "lunch"}, Ready, "", nil},
			{3 * time.Minute, Input{Kind: InTick}, NotReady, "lunch", nil}}},
		{"logout waits for cover", []happening{
			{second, Input{Kind: InLogout}, Ready, "", nil},
			{second, Input{Kind: InCovered}, Offline, "", func(t *testing.T, _ *Machine, e Effects) { require.True(t, e.Close) }},
			{second, Input{Kind: InBridged, Attempt: callA}, Offline, "", drops(callA)}}},
		{"covered without a wish", []happening{{second, Input{Kind: InCovered}, Ready, "", nil}}},
		{"phone lost while ready", []happening{
			{second, Input{Kind: InLegEnded}, NotReady, ReasonPhoneLost, nil},
			{second, Input{Kind: InTick}, NotReady, ReasonPhoneLost, rings(true)},
			{second, Input{Kind: InReady}, NotReady, ReasonPhoneWait, nil},
			{second, Input{Kind: InLegUp}, Ready, "", nil}}},
		{"phone rings again after 1, 2, 4 seconds", []happening{
			{0, Input{Kind: InLegEnded}, NotReady, ReasonPhoneLost, nil},
			{second, Input{Kind: InTick}, NotReady, ReasonPhoneLost, rings(true)},
			{0, Input{Kind: InLegEnded}, NotReady, ReasonPhoneLost, nil},
			{second, Input{Kind: InTick}, NotReady, ReasonPhoneLost, rings(false)},
			{second, Input{Kind: InTick}, NotReady, ReasonPhoneLost, rings(true)},
			{30 * second, Input{Kind: InTick}, NotReady, ReasonPhoneLost, func(t *testing.T, _ *Machine, e Effects) { require.True(t, e.GiveUpRing) }},
			{3 * second, Input{Kind: InTick}, NotReady, ReasonPhoneLost, rings(false)},
			{second, Input{Kind: InTick}, NotReady, ReasonPhoneLost, rings(true)}}},
		{"phone lost while talking", []happening{reserve, bridged,
			{second, Input{Kind: InLegEnded}, Talking, "", drops(callA)},
			{second, Input{Kind: InEnded, Attempt: callA, Needs: true}, WrapUp, "", nil},
			{second, Input{Kind: InDisposed, Attempt: callA}, NotReady, ReasonPhoneLost, nil}}},
		{"phone back before the wrap-up ends", []happening{reserve, bridged,
			{second, Input{Kind: InLegEnded}, Talking, "", drops(callA)},
			{second, Input{Kind: InEnded, Attempt: callA, Needs: true}, WrapUp, "", nil},
			{second, Input{Kind: InLegUp}, WrapUp, "", nil},
			{second, Input{Kind: InDisposed, Attempt: callA}, Ready, "", nil}}},
		{"page lost while ready", []happening{
			{0, Input{Kind: InSockets}, Ready, "", nil},
			{4 * second, Input{Kind: InTick}, Ready, "", nil},
			{second, Input{Kind: InTick}, NotReady, ReasonConnectionLost, nil},
			{594 * second, Input{Kind: InTick}, NotReady, ReasonConnectionLost, nil},
			{second, Input{Kind: InTick}, Offline, "", nil}}},
		{"page back in time", []happening{
			{0, Input{Kind: InSockets}, Ready, "", nil},
			{4 * second, Input{Kind: InSockets, N: 1}, Ready, "", nil},
			{600 * second, Input{Kind: InTick}, Ready, "", nil}}},
		{"page lost while talking", []happening{reserve, bridged,
			{second, Input{Kind: InSockets}, Talking, "", nil},
			{700 * second, Input{Kind: InTick}, Talking, "", nil},
			{second, Input{Kind: InEnded, Attempt: callA}, NotReady, ReasonConnectionLost, nil}}},
		{"a talk without an end", []happening{reserve, bridged,
			{4 * time.Hour, Input{Kind: InTick}, Talking, "", drops(callA)},
			{30 * second, Input{Kind: InTick}, WrapUp, "", nil}}},
		{"preview", []happening{
			{second, Input{Kind: InPreview, Attempt: callA}, Preview, "", nil},
			{second, Input{Kind: InReserve, Attempt: callB}, Preview, "", refused},
			{second, Input{Kind: InReserve, Attempt: callA}, Reserved, "", nil}, bridged}},
		{"preview runs out", []happening{
			{second, Input{Kind: InPreview, Attempt: callA}, Preview, "", nil},
			{2 * time.Minute, Input{Kind: InTick}, NotReady, ReasonPreviewTimeout, nil}}},
	}
	for _, c := range append(tests, ordered(reserve, bridged, ended)...) {
		t.Run(c.name, func(t *testing.T) {
			now := epoch
			m := NewMachine(now, DefaultLimits, Wrap{Time: 30 * second}, 1)
			for i, h := range append(append([]happening(nil), up...), c.has...) {
				now = now.Add(h.after)
				e := m.Step(now, h.in)
				require.Equal(t, h.state, m.State, "state after step %d", i)
				require.Equal(t, h.reason, m.Reason, "reason after step %d", i)
				if h.check != nil {
					h.check(t, &m, e)
				}
			}
		})
	}
}

func TestRestore(t *testing.T) {
	for _, c := range []struct {
		name    string
		r       Restored
		state   State
		attempt uuid.UUID
	}{
		{"ready", Restored{State: Ready, PhoneUp: true}, Ready, uuid.Nil},
		{"ready without a phone", Restored{State: Ready}, NotReady, uuid.Nil},
		{"not ready", Restored{State: NotReady, Reason: "lunch", PhoneUp: true}, NotReady, uuid.Nil},
		{"talk goes on", Restored{State: Talking, Attempt: callA, Live: true, PhoneUp: true}, Talking, callA},
		{"talk has ended", Restored{State: Talking, Attempt: callA, PhoneUp: true}, WrapUp, callA},
		{"talk has ended and is disposed", Restored{State: Talking, Attempt: callA, PhoneUp: true, Disposed: true}, Ready, uuid.Nil},
		{"talk has ended, phone too", Restored{State: Talking, Attempt: callA}, WrapUp, callA},
		{"reservation came to nothing", Restored{State: Reserved, Attempt: callA, PhoneUp: true}, Ready, uuid.Nil},
		{"a preview is forgotten", Restored{State: Preview, Attempt: callA, PhoneUp: true}, Ready, uuid.Nil},
		{"wrap-up goes on", Restored{State: WrapUp, Attempt: callA, PhoneUp: true}, WrapUp, callA},
		{"wrap-up was disposed", Restored{State: WrapUp, Attempt: callA, PhoneUp: true, Disposed: true}, Ready, uuid.Nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.r.Since, c.r.Wrap = epoch.Add(-time.Minute), Wrap{Time: 30 * second}
			m := Restore(epoch, DefaultLimits, c.r)
			require.Equal(t, c.state, m.State)
			require.Equal(t, c.attempt, m.Attempt)
			if c.state == Ready {
				require.False(t, m.Reservable(), "nobody is at the page yet")
				m.Step(epoch.Add(second), Input{Kind: InSockets, N: 1})
				require.True(t, m.Reservable())
				require.Equal(t, c.r.Since, m.IdleSince)
			}
		})
	}
	m := Restore(epoch, DefaultLimits, Restored{State: Ready, PhoneUp: true, Since: epoch})
	m.Step(epoch.Add(DefaultLimits.Adopted), Input{Kind: InTick})
	require.Equal(t, NotReady, m.State, "the page never came back")
}

func drawInput(t *rapid.T) Input {
	in := Input{
		Kind:    InputKind(rapid.IntRange(int(InReady), int(InFree)).Draw(t, "kind")),
		Attempt: rapid.SampledFrom([]uuid.UUID{callA, callB, uuid.Nil}).Draw(t, "attempt"),
		Reason:  rapid.SampledFrom([]string{"lunch", "break"}).Draw(t, "reason"),
		After:   time.Duration(rapid.SampledFrom([]int{0, 0, 10, 90}).Draw(t, "after")) * second,
		Wrap:    drawWrap(t),
		Needs:   rapid.Bool().Draw(t, "needs"),
		Forced:  rapid.IntRange(0, 3).Draw(t, "forced") == 0,
		Now:     rapid.Bool().Draw(t, "now"),
		N:       rapid.IntRange(0, 2).Draw(t, "n"),
	}
	in.Forced = in.Forced && (in.Kind == InReady || in.Kind == InPause || in.Kind == InLogout)
	return in
}

func drawWrap(t *rapid.T) Wrap {
	mode := rapid.SampledFrom([]lists.WrapUpMode{"", lists.WrapUpRequired, lists.WrapUpOptional, lists.WrapUpTimed, lists.WrapUpTimedAuto}).Draw(t, "wrap-up")
	w := Wrap{Mode: mode, Time: time.Duration(rapid.IntRange(0, 60).Draw(t, "wrap-up time")) * second, More: rapid.IntRange(0, 3).Draw(t, "more"), Extra: 20 * second}
	if mode == lists.WrapUpTimedAuto {
		w.Auto = "sale"
	}
	return w
}

func sound(t *rapid.T, m *Machine) {
	busy := m.State == Reserved || m.State == Preview || m.State == Talking || m.State == WrapUp
	if busy != (m.Attempt != uuid.Nil) {
		t.Fatalf("%s with attempt %s", m.State, m.Attempt)
	}
	if busy && m.stateDue().IsZero() {
		t.Fatalf("%s has no deadline (I9)", m.State)
	}
	if m.State == Ready && m.Phone != PhoneUp {
		t.Fatalf("ready without a phone (I9)")
	}
	if m.State == NotReady && m.Phone != PhoneUp && m.Next().IsZero() {
		t.Fatalf("nobody rings the phone again")
	}
	if (m.State == NotReady || m.State == Offline) && m.Leaving != Stays {
		t.Fatalf("%s and still leaving", m.State)
	}
}

// Whatever happens in whatever order, the machine keeps its evidence and deadlines, a refused input changes nothing, and
// every call that reached wrap-up leaves it disposed or given up, once.
func TestSessionProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := epoch
		m := NewMachine(now, DefaultLimits, Wrap{Time: 30 * second}, rapid.IntRange(0, 1).Draw(t, "sockets"))
		if rapid.Bool().Draw(t, "ready") {
			m.Step(now, Input{Kind: InTick})
			m.Step(now, Input{Kind: InLegUp})
			m.Step(now, Input{Kind: InReady})
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40_000).Draw(t, "ms")) * time.Millisecond)
			in := drawInput(t)
			before := m
			e := m.Step(now, in)
			if e.Refused && m != before {
				t.Fatalf("refused %+v changed %+v to %+v", in, before, m)
			}
			if before.State == WrapUp && m.State != WrapUp && m.Attempt != before.Attempt {
				disposed := in.Kind == InDisposed && in.Attempt == before.Attempt
				if disposed == (e.AutoDispose == before.Attempt) {
					t.Fatalf("left wrap-up with disposed=%v and auto=%s", disposed, e.AutoDispose)
				}
			}
			if before.State == Preview && m.Attempt != before.Attempt {
				answered := in.Kind == InEnded && in.Attempt == before.Attempt
				if answered == (e.Lapsed == before.Attempt) {
					t.Fatalf("left a preview by %+v with lapsed=%s", in, e.Lapsed)
				}
			} else if e.Lapsed != uuid.Nil {
				t.Fatalf("%s lapsed, which was no preview", e.Lapsed)
			}
			if m.State != before.State && m.EndedBy == "" {
				t.Fatalf("nothing says what ended %s", before.State)
			}
			if before.State == Offline && m.State != Offline {
				t.Fatal("a session rose again")
			}
			lawful(t, now, &before, &m, in, e)
			sound(t, &m)
		}
		quiet(t, &m, now)
	})
}

// lawful checks what a supervisor's orders must never do: cut a call, make ready whom nobody hears, or be undone by the agent.
func lawful(t *rapid.T, now time.Time, before, after *Machine, in Input, e Effects) {
	if ordered := in.Forced || in.Kind == InFree; ordered {
		if e.Drop != uuid.Nil {
			t.Fatalf("%+v cut the call %s", in, e.Drop)
		}
		if (before.State == Talking || before.State == Reserved) && after.State != before.State {
			t.Fatalf("%+v took an agent out of %s", in, before.State)
		}
		if after.State == Ready && before.State != Ready && (after.Phone != PhoneUp || after.Sockets == 0) {
			t.Fatalf("%+v made ready who has no phone or page", in)
		}
		if before.held(now) && after.State != before.State {
			t.Fatalf("%+v cut short what was being carried out", in)
		}
	}
	if before.forced && !in.Forced && after.Leaving == Stays && (after.State == Ready || after.State == before.State) && after.State != Offline {
		t.Fatalf("%+v undid an order", in)
	}
	if after.forced && after.Leaving == Stays {
		t.Fatal("ordered to leave, and stays")
	}
}

// quiet lets only time pass: nobody may be stuck in a call.
func quiet(t *rapid.T, m *Machine, now time.Time) {
	for end := now.Add(6 * time.Hour); now.Before(end); {
		next := m.Next()
		if next.IsZero() {
			break
		}
		if next.After(now) {
			now = next
		}
		m.Step(now, Input{Kind: InTick})
		sound(t, m)
		if d := m.Next(); !d.IsZero() && !d.After(now) {
			t.Fatalf("a tick left %s due at once", m.State)
		}
	}
	switch m.State {
	case Reserved, Preview, Talking, WrapUp:
		t.Fatalf("stuck in %s", m.State)
	}
	if m.Sockets == 0 && m.State == Ready {
		t.Fatal("ready with nobody at the page")
	}
}
