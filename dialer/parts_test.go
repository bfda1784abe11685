package dialer

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
)

// The store and the floor are what the dialer asks for.
var (
	_ Ledger    = (*lists.Store)(nil)
	_ Leases    = (*lists.Store)(nil)
	_ Catalogue = (*lists.Store)(nil)
	_ Floor     = (*agent.Floor)(nil)
)

// TestTrunkRate: in no second more calls leave than the rate allows, with a tenth of a second's worth on top.
func TestTrunkRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_000_000, 0)
		cps := rapid.Float64Range(0.5, 300).Draw(t, "cps")
		lines := rapid.IntRange(1, 200).Draw(t, "lines")
		tr := newTrunk(lists.Trunk{MaxChannels: lines, CPS: cps}, now)
		var sent []time.Time
		used := 0
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "ms")) * time.Millisecond)
			got := tr.take(now, uuid.Nil, rapid.IntRange(0, 50).Draw(t, "want"))
			back := rapid.IntRange(0, got).Draw(t, "unused")
			tr.giveBack(uuid.Nil, back)
			used += got - back
			require.LessOrEqual(t, used, lines)
			for range got - back {
				sent = append(sent, now)
			}
			for range rapid.IntRange(0, used).Draw(t, "done") {
				tr.done(now, uuid.Nil, lists.Busy, true)
				used--
			}
			free, _, _ := tr.free(now, uuid.Nil)
			require.Equal(t, lines-used, free)
			n := 0
			for _, s := range sent {
				if now.Sub(s) < time.Second {
					n++
				}
			}
			require.LessOrEqual(t, float64(n), cps+max(1, cps/10)+1)
		}
	})
}

func TestBreaker(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	tr := newTrunk(lists.Trunk{MaxChannels: 100, CPS: 1000}, now)
	fail := func(n int) {
		for range n {
			tr.take(now, uuid.Nil, 1)
			tr.done(now, uuid.Nil, lists.TrunkFailed, true)
		}
	}
	fail(19)
	require.Equal(t, "closed", tr.board(now, "n1").Breaker)
	fail(1)
	require.Equal(t, "open", tr.board(now, "n1").Breaker)
	require.Zero(t, tr.take(now, uuid.Nil, 5))
	now = now.Add(breakerPause)
	require.Equal(t, "half_open", tr.board(now, "n1").Breaker)
	require.Equal(t, 1, tr.take(now, uuid.Nil, 5), "one call tries")
	require.Zero(t, tr.take(now, uuid.Nil, 5))
	tr.done(now, uuid.Nil, lists.TrunkFailed, true)
	require.Equal(t, "open", tr.board(now.Add(breakerPause), "n1").Breaker, "the pause doubles")
	now = now.Add(2 * breakerPause)
	require.Equal(t, 1, tr.take(now, uuid.Nil, 5))
	tr.done(now, uuid.Nil, lists.NotPlaced, false)
	require.Equal(t, 1, tr.take(now, uuid.Nil, 5), "a permit that was not used says nothing")
	tr.alive()
	require.Equal(t, "closed", tr.board(now, "n1").Breaker)
	tr.done(now, uuid.Nil, lists.Busy, true)
	// Two bad numbers with nothing between them are not a bad trunk; failures alone for five seconds are.
	fail(1)
	now = now.Add(breakerTime)
	fail(1)
	require.Equal(t, "closed", tr.board(now, "n1").Breaker)
	now = now.Add(time.Hour)
	fail(2)
	require.Equal(t, "closed", tr.board(now, "n1").Breaker)
	fail(1)
	require.Equal(t, "open", tr.board(now, "n1").Breaker)
}

func TestSlotsShed(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	s := newSlots()
	require.Equal(t, maxSlots, s.take(1000))
	require.Zero(t, s.take(1))
	for range maxSlots {
		s.done(now, time.Second)
	}
	require.Equal(t, maxSlots/2, s.take(1000), "halved once, not for each reply")
	s.giveBack(maxSlots / 2)
	for range 20 {
		now = now.Add(2 * time.Second)
		s.take(1)
		s.done(now, time.Second)
	}
	require.Equal(t, minSlots, s.take(1000))
	s.giveBack(minSlots)
	for range 1000 {
		s.take(1)
		s.done(now, time.Millisecond)
	}
	require.Equal(t, maxSlots, s.take(1000))
}

// stubLedger answers Finish and Mark by a function.
type stubLedger struct {
	Ledger
	mu     sync.Mutex
	finish func([]lists.Ending) error
	mark   func([]lists.Mark) error
	ended  []uuid.UUID
	marked []lists.Mark
	order  []string
}

func (s *stubLedger) Finish(_ context.Context, endings []lists.Ending) (int, error) {
	time.Sleep(time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.finish != nil {
		if err := s.finish(endings); err != nil {
			return 0, err
		}
	}
	for _, e := range endings {
		s.ended = append(s.ended, e.Attempt)
	}
	s.order = append(s.order, "finish")
	return len(endings), nil
}

func (s *stubLedger) Mark(_ context.Context, marks []lists.Mark) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mark != nil {
		if err := s.mark(marks); err != nil {
			return err
		}
	}
	s.marked = append(s.marked, marks...)
	s.order = append(s.order, "mark")
	return nil
}

// pgError is an error of the database's own.
type pgError string

func (e pgError) Error() string    { return "SQLSTATE " + string(e) }
func (e pgError) SQLState() string { return string(e) }

func runWriter(t *testing.T, ledger *stubLedger, limit int, test func(*writer, *campaign)) {
	synctest.Test(t, func(t *testing.T) {
		m, err := newMetrics(nil, nil)
		require.NoError(t, err)
		w := newWriter(ledger, slog.New(slog.DiscardHandler), m, limit)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { w.run(ctx, time.Second); close(done) }()
		test(w, &campaign{pace: &pace{}})
		cancel()
		<-done
	})
}

func ending() lists.Ending {
	return lists.Ending{Attempt: uuid.New(), Outcome: lists.Busy, EndedAt: time.Now()}
}

// pass lets time go by in the bubble, and all that is due happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestWriterGathers(t *testing.T) {
	l := &stubLedger{}
	runWriter(t, l, 1000, func(w *writer, c *campaign) {
		var want []uuid.UUID
		for range 1234 {
			e := ending()
			want = append(want, e.Attempt)
			w.end(c, e)
		}
		pass(time.Second)
		require.Len(t, l.ended, len(want))
		require.True(t, slices.Equal(want, l.ended), "in order, none twice")
		require.LessOrEqual(t, len(l.order), 6, "in few transactions")
		require.Zero(t, w.waiting())
	})
}

// TestWriterKeeps: the database away, a commit whose reply is lost, an ending that is refused for good.
func TestWriterKeeps(t *testing.T) {
	poison := ending()
	away := true
	l := &stubLedger{finish: func(all []lists.Ending) error {
		if away {
			return errors.New("connection refused")
		}
		for _, e := range all {
			if e.Attempt == poison.Attempt {
				return pgError("23514")
			}
		}
		return nil
	}}
	runWriter(t, l, 5, func(w *writer, c *campaign) {
		w.end(c, ending())
		w.end(c, poison)
		for range 3 {
			w.end(c, ending())
		}
		pass(time.Minute)
		require.Equal(t, 5, w.waiting())
		require.True(t, w.full(), "at the bound nothing more may be claimed")
		w.end(c, ending())
		require.Equal(t, 6, w.waiting(), "but nothing is dropped")
		l.mu.Lock()
		away = false
		l.mu.Unlock()
		pass(5 * time.Second)
		require.Len(t, l.ended, 5, "one bad ending does not hold up the others")
		require.Equal(t, 1, w.waiting())
		set := map[uuid.UUID]bool{}
		w.waitingFor(set)
		require.True(t, set[poison.Attempt])
		l.mu.Lock()
		l.finish = nil
		l.mu.Unlock()
		pass(time.Minute)
		require.Len(t, l.ended, 6)
		require.False(t, w.full())
	})
}

// TestWriterFenced: another owner's campaign does not hold up ours, and its endings wait for the next epoch.
func TestWriterFenced(t *testing.T) {
	lost := map[uuid.UUID]bool{}
	l := &stubLedger{}
	l.finish = func(all []lists.Ending) error {
		for _, e := range all {
			if lost[e.Attempt] && e.Epoch < 2 {
				return lists.ErrFenced
			}
		}
		return nil
	}
	runWriter(t, l, 100, func(w *writer, ours *campaign) {
		theirs := &campaign{pace: &pace{}}
		theirs.epoch.Store(1)
		for range 3 {
			e := ending()
			lost[e.Attempt] = true
			w.end(theirs, e)
			w.end(ours, ending())
		}
		pass(time.Second)
		require.Len(t, l.ended, 3)
		require.Equal(t, 3, w.waiting())
		theirs.epoch.Store(2)
		w.takeAside()
		pass(time.Second)
		require.Len(t, l.ended, 6)
	})
}

// TestWriterMarks: progress comes after the endings before it (I10), and an ending makes it needless.
func TestWriterMarks(t *testing.T) {
	l := &stubLedger{}
	runWriter(t, l, 100, func(w *writer, c *campaign) {
		e, id := ending(), uuid.New()
		w.mark(lists.Mark{Attempt: e.Attempt})
		w.mark(lists.Mark{Attempt: id})
		at := time.Now()
		w.mark(lists.Mark{Attempt: id, BridgedAt: &at})
		w.end(c, e)
		pass(time.Second)
		require.Equal(t, []string{"finish", "mark"}, l.order)
		require.Equal(t, []lists.Mark{{Attempt: id, BridgedAt: &at}}, l.marked)
		l.mu.Lock()
		l.mark = func([]lists.Mark) error { return errors.New("connection refused") }
		l.mu.Unlock()
		w.mark(lists.Mark{Attempt: id})
		pass(time.Second)
		l.mu.Lock()
		l.mark = nil
		l.mu.Unlock()
		pass(time.Second)
		require.Len(t, l.marked, 2)
	})
}

func TestMomentary(t *testing.T) {
	for err, want := range map[error]bool{
		errors.New("connection reset"): true, pgError("57P01"): true, pgError("40001"): true, pgError("53300"): true,
		pgError("23505"): false, pgError("22P02"): false, lists.ErrFenced: false, &lists.InputError{Field: "x"}: false,
		context.DeadlineExceeded: true,
	} {
		require.Equal(t, want, momentary(err), err)
	}
}

// TestMailboxOrder: whatever the order of posting, the end comes before a seat and after all else, and nothing is taken in
// twice.
func TestMailboxOrder(t *testing.T) {
	b := mailbox{wake: make(chan struct{}, 1)}
	b.post(factSeat, func(m *letters) { m.seat = agent.Seat{Agent: uuid.Max} })
	b.post(factEnded, func(m *letters) { m.end = call.End{Cause: 16} })
	b.post(factEnded, func(m *letters) { m.end = call.End{Cause: 1} })
	b.post(factAnswered, func(m *letters) { m.amd = call.Human })
	b.post(factRinging, nil)
	require.True(t, b.has(factEnded|factLost))
	mail := b.take()
	var kinds []call.InputKind
	for i := range facts {
		if mail.posted&(1<<i) != 0 {
			kinds = append(kinds, mail.input(i).Kind)
		}
	}
	require.Equal(t, []call.InputKind{call.Rang, call.Answered, call.ChannelEnded, call.SeatGiven}, kinds)
	require.Equal(t, 16, mail.end.Cause, "a channel ends once")
	require.Zero(t, b.take().posted)
	done := b.wait()
	b.release()
	<-done
	<-b.wait()
}
