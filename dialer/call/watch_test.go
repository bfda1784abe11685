package call

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dialtide/dialtide/lists"
)

// watchRig drives a watch with arbitrary facts and wishes, and knows what the switch would have connected.
type watchRig struct {
	t      *rapid.T
	w      Watch
	noted  bool      // a note without a connection after it
	spied  uuid.UUID // the leg of the snoop
	inside uuid.UUID // the agent's bridge in which the supervisor's phone is
	taken  uuid.UUID
	hung   bool
}

func (r *watchRig) step(now time.Time, in WatchInput) {
	before := r.w
	next, effects, refused := r.w.Step(now, in)
	if refused != "" {
		require.Equal(r.t, before, next, "a wish that is refused changes nothing")
		require.Empty(r.t, effects)
	}
	r.w = next
	for _, f := range effects {
		switch f.Kind {
		case WatchNote:
			r.noted = f.Action != lists.WatchCall
		case WatchPart:
			r.spied, r.inside = uuid.Nil, uuid.Nil
		case WatchSpy, WatchEnter, WatchTake:
			follows := f.Kind == WatchEnter && r.inside != uuid.Nil
			require.True(r.t, r.noted || follows, "no connection without a note before it")
			require.Equal(r.t, uuid.Nil, r.spied, "one connection at a time")
			r.noted = false
			r.connect(f)
		case WatchLeave:
			r.taken = uuid.Nil
		case WatchHangup:
			r.hung = true
		}
	}
	if in.Kind == WatchBack {
		r.taken = uuid.Nil
	}
	r.check()
}

func (r *watchRig) connect(f WatchEffect) {
	switch f.Kind {
	case WatchSpy:
		require.NotEqual(r.t, uuid.Nil, f.Post.Leg)
		require.Equal(r.t, r.w.Mode == Whisper, f.On)
		r.spied = f.Post.Leg
	case WatchEnter:
		require.NotEqual(r.t, uuid.Nil, f.Post.Attempt, "barging in needs a talk")
		r.inside = f.Post.Bridge
	case WatchTake:
		require.NotEqual(r.t, uuid.Nil, f.Post.Attempt)
		r.taken = f.Post.Attempt
	}
}

func (r *watchRig) check() {
	switch r.w.State {
	case WatchOver:
		require.Equal(r.t, []uuid.UUID{{}, {}, {}}, []uuid.UUID{r.spied, r.inside, r.taken}, "nothing is left behind")
	case WatchRings, WatchWaits:
		require.Equal(r.t, []uuid.UUID{{}, {}}, []uuid.UUID{r.spied, r.inside})
	case WatchBeside:
		require.Equal(r.t, r.w.Mode == Barge, r.inside != uuid.Nil, "he is in the call only when he barged in")
		require.Equal(r.t, r.w.Mode != Barge, r.spied != uuid.Nil)
	}
	require.Equal(r.t, r.w.State == WatchTalks, r.w.Taken() != uuid.Nil)
	if r.w.State == WatchBeside && r.w.Mode == Barge {
		require.NotEqual(r.t, uuid.Nil, r.w.Post.Attempt, "the next customer does not find him in the call")
	}
}

// TestWatchMachine: whatever happens in whatever order, no connection is without a note, and nothing outlives the end.
func TestWatchMachine(t *testing.T) {
	ids := make([]uuid.UUID, 6)
	for i := range ids {
		ids[i] = uuid.New()
	}
	rapid.Check(t, func(t *rapid.T) {
		some := func(name string) uuid.UUID { return rapid.SampledFrom(append([]uuid.UUID{{}}, ids...)).Draw(t, name) }
		post := func() Post {
			p := Post{Session: some("session"), Leg: some("leg"), Attempt: some("attempt")}
			if p.Bridge = p.Session; p.Bridge == uuid.Nil {
				p.Bridge, p.Leg, p.Attempt = ids[0], uuid.Nil, uuid.Nil
			}
			return p
		}
		modes := []WatchMode{Listen, Whisper, Barge, TakeOver}
		first := post()
		w, refused := NewWatch(rapid.SampledFrom(modes).Draw(t, "mode"), ids[0], first)
		if refused != "" {
			require.Equal(t, uuid.Nil, first.Attempt)
			return
		}
		r := &watchRig{t: t, w: w, noted: true}
		now := time.Unix(0, 0)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			r.step(now, WatchInput{Kind: WatchInputKind(rapid.IntRange(1, int(watchInputs)-1).Draw(t, "kind")),
				Mode: rapid.SampledFrom(append(modes, "")).Draw(t, "ask"), Agent: some("agent"), Post: post()})
		}
		r.step(now, WatchInput{Kind: WatchEnd})
		require.Equal(t, WatchOver, r.w.State)
	})
}
