package call

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// rig drives a machine with arbitrary facts and checks the guarantees after each.
type rig struct {
	t       *rapid.T
	c       Call
	now     time.Time
	asked   bool // Reserve is out, no seat came since
	held    int  // seats given and not released
	done    int
	ended   bool // the channel is gone
	tended  bool // an answered callee got a seat, a message or a hang-up
	answer  time.Time
	bridges int
}

func (r *rig) step(in Input) {
	if in.Kind == SeatGiven {
		if !r.asked {
			return
		}
		r.asked = false
		r.held++
	}
	if in.Kind == Answered && r.answer.IsZero() && r.c.State < Waiting {
		r.answer = r.now
	}
	before := r.c.State
	var effects []Effect
	r.c, effects = r.c.Step(r.now, in, nil)
	if before == Ended {
		require.Equal(r.t, Ended, r.c.State)
	}
	for _, e := range effects {
		r.effect(in, e)
	}
	if in.Kind == ChannelEnded {
		r.ended = true
		require.Equal(r.t, Ended, r.c.State)
	}
	require.Equal(r.t, r.c.State == Ended, r.done == 1)
	require.Equal(r.t, r.c.State == Ended, r.c.Deadline().IsZero())
	if r.c.State == Ended {
		require.Zero(r.t, r.held, "an ended call holds an agent")
	}
	if !r.answer.IsZero() && r.c.State == Waiting {
		require.True(r.t, r.c.Deadline().Sub(r.answer) <= MaxWait, "waits past the limit")
	}
}

func (r *rig) effect(in Input, e Effect) {
	if r.done > 0 {
		require.Equal(r.t, Release, e.Kind, "only a seat is given back after the end")
	}
	switch e.Kind {
	case Reserve:
		r.asked = true
	case Bridge:
		require.Equal(r.t, SeatGiven, in.Kind)
		require.False(r.t, r.ended)
		r.bridges++
	case Release:
		r.held--
		require.GreaterOrEqual(r.t, r.held, 0, "released twice")
	case Done:
		r.done++
		require.Equal(r.t, 1, r.done)
		require.True(r.t, e.Result.Outcome.Valid(), "outcome %q", e.Result.Outcome)
	}
}

func TestAnyInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Unix(1_000_000, 0)
		rules := Rules{
			RingTimeout: time.Duration(rapid.IntRange(15, 60).Draw(t, "ring")) * time.Second,
			AnswerWait:  time.Duration(rapid.IntRange(0, 5000).Draw(t, "wait")) * time.Millisecond,
			AMDBefore:   rapid.Bool().Draw(t, "before"),
			AMDBeside:   rapid.Bool().Draw(t, "beside"),
		}
		r := &rig{t: t, now: start, c: New(start, rules)}
		if rapid.IntRange(0, 9).Draw(t, "adopted") == 0 {
			r.c, r.held = Adopt(start, start, start, start, rules, true), 1
		}
		for range rapid.IntRange(0, 25).Draw(t, "steps") {
			r.now = r.now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			for !r.c.Deadline().IsZero() && !r.now.Before(r.c.Deadline()) {
				at := r.now
				r.now = r.c.Deadline() // the driver's timer fires when it is due
				r.step(Input{Kind: Tick})
				r.now = at
			}
			r.step(drawInput(t))
		}
		for i := 0; r.c.State != Ended; i++ {
			require.Less(t, i, 60, "never ends: %s", r.c.State)
			r.now = r.c.Deadline()
			r.step(Input{Kind: Tick})
		}
		require.Less(t, r.now.Sub(start), 3*time.Hour)
	})
}

func drawInput(t *rapid.T) Input {
	return Input{
		Kind:      InputKind(rapid.IntRange(0, int(Tick)+1).Draw(t, "kind")),
		AMD:       rapid.SampledFrom([]AMD{"", Human, Machine, NotSure}).Draw(t, "amd"),
		By:        rapid.SampledFrom([]Party{Agent, Dialer}).Draw(t, "by"),
		NotSent:   rapid.Bool().Draw(t, "not sent"),
		Gone:      rapid.Bool().Draw(t, "gone"),
		Restarted: rapid.Bool().Draw(t, "restarted"),
		End: End{
			Cause:   rapid.IntRange(0, 127).Draw(t, "cause"),
			SIPCode: rapid.SampledFrom([]int{0, 200, 404, 408, 480, 486, 487, 503, 603, 699}).Draw(t, "sip"),
			ByUs:    rapid.Bool().Draw(t, "by us"),
			Up:      rapid.Bool().Draw(t, "up"),
		},
	}
}

// TestAnsweredIsTended: from the answer on, with nothing but the timer, a callee has a message or a hang-up in time.
func TestAnsweredIsTended(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Unix(1_000_000, 0)
		rules := Rules{RingTimeout: 20 * time.Second, AnswerWait: time.Duration(rapid.IntRange(0, 9000).Draw(t, "wait")) * time.Millisecond}
		c, effects := New(start, rules).Step(start, Input{Kind: Answered}, nil)
		require.Equal(t, Reserve, effects[0].Kind)
		now := start
		seats := 0
		for c.State != Messaging {
			require.LessOrEqual(t, now.Sub(start), MaxWait)
			if seats < 3 && rapid.Bool().Draw(t, "seat") {
				seats++
				now = now.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "ms")) * time.Millisecond)
				if now.After(c.Deadline()) {
					now = c.Deadline()
				}
				c, _ = c.Step(now, Input{Kind: SeatGiven}, nil)
				c, _ = c.Step(now, Input{Kind: BridgeFailed}, nil)
				continue
			}
			now = c.Deadline()
			c, _ = c.Step(now, Input{Kind: Tick}, nil)
		}
		require.LessOrEqual(t, now.Sub(start), MaxWait)
	})
}
