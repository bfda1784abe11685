package carrier

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Route: LastTwoDigits})
	p := startPhone(t, c, 0)
	for _, tc := range []struct {
		number string
		kind   Kind
		status int
		rang   bool
	}{
		{"15550160", Busy, 486, false},
		{"15550175", Unavailable, 480, true},
		{"15550180", Unallocated, 404, false},
		{"15550185", Congestion, 503, false},
		{"15550197", Unallocated, 484, false},
		{"15550198", Rejected, 603, false},
	} {
		t.Run(tc.number, func(t *testing.T) {
			call := place(t, p, tc.number)
			wait(t, "the refusal", call.Done())
			by, status := call.EndedBy()
			require.Equal(t, ByCallee, by)
			require.Equal(t, tc.status, status)
			v := closed(t, c, tc.number)
			require.Equal(t, tc.kind, v.Kind)
			require.Equal(t, tc.status, v.Status)
			require.Equal(t, ByCallee, v.EndedBy)
			require.Equal(t, tc.rang, !v.Ringing.IsZero())
			require.True(t, v.Answered.IsZero())
			require.Equal(t, "4001", v.CallerID)
			require.Equal(t, call.ID(), v.CallID)
		})
	}
	require.Empty(t, c.Calls())
}

func TestHumanTalksInHisToneAndHangsUp(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Tones: true, Route: route(Behaviour{Kind: Human, Ring: 30 * time.Millisecond, Talk: 3 * time.Second})})
	p := startPhone(t, c, AgentTone(0))
	call := place(t, p, "1001")
	wait(t, "the answer", call.Answered())
	require.NoError(t, call.WaitHear(deadline(t), CustomerTone(0)))
	require.True(t, call.Hears(CustomerTone(0), 100*time.Millisecond))
	require.False(t, call.Hears(CustomerTone(1), 100*time.Millisecond))
	callee, err := c.WaitAnswered(deadline(t), "1001")
	require.NoError(t, err)
	require.NoError(t, callee.WaitHear(deadline(t), AgentTone(0)))
	wait(t, "the callee's BYE", call.Done())
	by, _ := call.EndedBy()
	require.Equal(t, ByCallee, by)

	v := closed(t, c, "1001")
	require.Equal(t, ByCallee, v.EndedBy)
	require.Equal(t, 200, v.Status)
	require.Equal(t, CustomerTone(0), v.Tone)
	require.Equal(t, []float64{AgentTone(0)}, v.Heard)
	require.False(t, v.Voice.Before(v.Answered))
	require.GreaterOrEqual(t, v.Ended.Sub(v.Answered), 3*time.Second)
	require.Zero(t, v.Reception.Lost)
	latencies := c.Latencies()
	require.Equal(t, 1, latencies.Count)
	require.Less(t, latencies.P99, 3*time.Second)
}

func TestCallerHangsUp(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Route: route(Behaviour{Kind: Machine})})
	p := startPhone(t, c, 0)
	call := place(t, p, "1002")
	wait(t, "the answer", call.Answered())
	call.Hangup()
	wait(t, "the end", call.Done())
	require.Equal(t, ByCaller, closed(t, c, "1002").EndedBy)
	require.NoError(t, p.WaitIdle(deadline(t)))
}

func TestEarlyHangup(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Route: LastTwoDigits})
	p := startPhone(t, c, 0)
	wait(t, "the callee's BYE", place(t, p, "1093").Done())
	v := closed(t, c, "1093")
	require.Equal(t, EarlyHangup, v.Kind)
	require.GreaterOrEqual(t, v.Ended.Sub(v.Answered), 150*time.Millisecond)
	require.Less(t, v.Ended.Sub(v.Answered), 2*time.Second)
}

func TestCancelWhileRinging(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Route: LastTwoDigits})
	p := startPhone(t, c, 0)
	call := place(t, p, "1070")
	_, err := c.WaitInvite(deadline(t), func(v Invite) bool { return !v.Ringing.IsZero() })
	require.NoError(t, err)
	call.Hangup()
	v := closed(t, c, "1070")
	require.Equal(t, ByCaller, v.EndedBy)
	require.Equal(t, 487, v.Status)
	wait(t, "the 487", call.Done())
	_, status := call.EndedBy()
	require.Equal(t, 487, status)
}

func TestSilentTrunkAnswersNothingAndRemembersTheInvite(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Route: LastTwoDigits})
	p := startPhone(t, c, 0)
	place(t, p, "1099")
	v, err := c.WaitInvite(deadline(t), func(v Invite) bool { return v.Repeats > 0 }) // after 500 ms without an answer
	require.NoError(t, err)
	require.Equal(t, Silent, v.Kind)
	require.Len(t, c.Invites(), 1)
	require.Zero(t, c.Stats().Sent)
}

func TestEarlyMediaIsHeardBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Route: LastTwoDigits})
	p := startPhone(t, c, 0)
	call := place(t, p, "1095")
	heard := call.audio().heard.await(440, true)
	wait(t, "ringback", heard.found)
	select {
	case <-call.Answered():
		require.Fail(t, "answered before the ringback was heard")
	default:
	}
	wait(t, "the answer", call.Answered())
}

func TestMixChangesWhileRunning(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Mix: Mix{Weights: map[Kind]float64{Busy: 1}}})
	p := startPhone(t, c, 0)
	wait(t, "the refusal", place(t, p, "1").Done())
	require.Equal(t, Busy, closed(t, c, "1").Kind)
	require.NoError(t, c.SetMix(Mix{Weights: map[Kind]float64{Rejected: 1}}))
	wait(t, "the refusal", place(t, p, "2").Done())
	require.Equal(t, Rejected, closed(t, c, "2").Kind)
	require.ErrorContains(t, c.SetMix(Mix{Weights: map[Kind]float64{"parrot": 1}}), `unknown kind "parrot"`)
	require.ErrorContains(t, c.SetMix(Mix{}), "no kind has a weight")
}

func TestHoldSilencesTheFarEnd(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Tones: true, Route: route(Behaviour{Kind: Human})})
	p := startPhone(t, c, AgentTone(3))
	call := place(t, p, "1003")
	callee, err := c.WaitAnswered(deadline(t), "1003")
	require.NoError(t, err)
	require.NoError(t, callee.WaitHear(deadline(t), AgentTone(3)))
	require.NoError(t, call.WaitHear(deadline(t), CustomerTone(0)))
	require.NoError(t, p.Hold(deadline(t)))
	require.NoError(t, callee.WaitSilent(deadline(t), AgentTone(3)))
	require.NoError(t, call.WaitSilent(deadline(t), CustomerTone(0)))
	require.NoError(t, p.Unhold(deadline(t)))
	require.NoError(t, callee.WaitHear(deadline(t), AgentTone(3)))
	require.NoError(t, call.WaitHear(deadline(t), CustomerTone(0)))
}

func TestDTMF(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Route: route(Behaviour{Kind: Human})})
	p := startPhone(t, c, 0)
	call := place(t, p, "1004")
	wait(t, "the answer", call.Answered())
	require.NoError(t, p.SendDTMF("42#"))
	callee, err := c.WaitAnswered(deadline(t), "1004")
	require.NoError(t, err)
	require.NoError(t, callee.WaitDigits(deadline(t), "42#"))
	call.Hangup()
	require.Equal(t, "42#", closed(t, c, "1004").Digits)
}

func TestLongestLifeEndsACall(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Route: route(Behaviour{Kind: Human}), MaxLife: 100 * time.Millisecond})
	p := startPhone(t, c, 0)
	wait(t, "the end", place(t, p, "1005").Done())
	require.Equal(t, ByTimeout, closed(t, c, "1005").EndedBy)
}

func TestCloseEndsEverything(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Route: LastTwoDigits})
	phones := []*Phone{startPhone(t, c, 0), startPhone(t, c, 0), startPhone(t, c, 0)}
	talk := place(t, phones[0], "1050")
	ring := place(t, phones[1], "1071")
	mute := place(t, phones[2], "1099")
	wait(t, "the answer", talk.Answered())
	for _, n := range []string{"1071", "1099"} {
		_, err := c.WaitInvite(deadline(t), func(v Invite) bool { return v.Number == n })
		require.NoError(t, err)
	}
	require.NoError(t, c.Close())
	wait(t, "the BYE", talk.Done())
	wait(t, "the refusal", ring.Done())
	for _, v := range c.Invites() {
		require.Equal(t, ByClose, v.EndedBy, v.Number)
	}
	mute.Hangup()
	require.Empty(t, c.Calls())
}

func TestLedgerIsBoundedAndToldInOrder(t *testing.T) {
	t.Parallel()
	var events []Event
	done := make(chan struct{}, 8)
	c := startCarrier(t, Options{Keep: 3, Route: route(Behaviour{Kind: Busy}), OnEvent: func(e Event) {
		events = append(events, e) // a busy call is handled to its end by one goroutine
		if e.Kind == Ended {
			done <- struct{}{}
		}
	}})
	p := startPhone(t, c, 0)
	for _, n := range []string{"1", "2", "3", "4", "5"} {
		wait(t, "the refusal", place(t, p, n).Done())
		<-done
	}
	var numbers []string
	for _, v := range c.Invites() {
		numbers = append(numbers, v.Number)
		require.Equal(t, 486, v.Status)
	}
	require.Equal(t, []string{"3", "4", "5"}, numbers)
	require.Len(t, events, 10)
	require.Equal(t, Invited, events[0].Kind)
	require.Equal(t, Ended, events[1].Kind)
	require.Equal(t, int64(5), c.Stats().Invites)
	require.Equal(t, int64(5), c.Stats().Statuses[486])
}

func TestSeedRepeatsTheChoices(t *testing.T) {
	t.Parallel()
	draw := func(seed uint64) (out []Behaviour) {
		c := startCarrier(t, Options{Seed: seed})
		for range 50 {
			b, _ := c.behaviour("1")
			out = append(out, b)
		}
		return out
	}
	require.Equal(t, draw(7), draw(7))
	require.NotEqual(t, draw(7), draw(8))
}
