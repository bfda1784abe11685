package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/lists"
)

// TestKillingTheDialerHurtsNobody: kill -9 with one contact talking, one ringing, one who answers while the dialer is
// dead. The talk goes on, the one who answers hears the message within two seconds, and the next process takes up what
// lives, closes what does not, and calls nobody twice.
func TestKillingTheDialerHurtsNobody(t *testing.T) {
	talks, rings, answers := number(1), number(2), number(3)
	w := newWorld(t, people{
		talks:   {Kind: carrier.Human},
		rings:   {Kind: carrier.NoAnswer},
		answers: {Kind: carrier.Human, Ring: 15 * time.Second}, // time enough to get to the kill on a busy machine
	})
	process := w.spawn()
	c := w.campaign([]string{talks, rings, answers}, func(s *lists.Settings) { s.RingTimeout = 60 }) // longer than all of this takes
	seats := []*seat{w.agent(1), w.agent(2), w.agent(3)}
	for _, a := range seats {
		a.work(c)
	}
	w.status(c, lists.Running)
	call, err := w.Carrier.WaitAnswered(w.ctx(), talks)
	require.NoError(t, err)
	customer := tone(w, talks)
	var busy *seat
	w.eventually("an agent talks to him", func(context.Context) bool {
		for _, a := range seats {
			if sc, ok, err := a.Screen(); err == nil && ok && talking(sc) && sc.Pop.Contact.Phone == talks {
				busy = a
			}
		}
		return busy != nil
	})
	require.NoError(t, call.WaitHear(w.ctx(), busy.Tone))
	for _, n := range []string{rings, answers} {
		_, err := w.Carrier.WaitInvite(w.ctx(), func(in carrier.Invite) bool { return in.Number == n && !in.Ringing.IsZero() })
		require.NoError(t, err)
	}

	require.NoError(t, process.Process.Kill())
	_ = process.Wait() // it was killed: the error says so
	in, err := w.Carrier.WaitInvite(w.ctx(), func(in carrier.Invite) bool { return in.Number == answers && !in.Voice.IsZero() })
	require.NoError(t, err)
	inTime(t, in, "who answers a dead dialer hears the message (I5)")
	// What he hears now was said after the death of the dialer.
	require.True(t, call.Hears(busy.Tone, 300*time.Millisecond), "the talk goes on")
	require.True(t, busy.Phone.Hears(customer, 300*time.Millisecond))

	w.spawn()
	busy.sit()
	sc := busy.see("the same talk on the new screen", talking)
	require.Equal(t, talks, sc.Pop.Contact.Phone)
	require.True(t, call.Hears(busy.Tone, 300*time.Millisecond), "the talk still goes on")
	_, err = w.admin.AddDNC(w.ctx(), client.NewDNC{Phone: rings, Reason: "the next process withdraws what the dead one began"})
	require.NoError(t, err)
	in, err = w.Carrier.WaitInvite(w.ctx(), func(in carrier.Invite) bool { return in.Number == rings && !in.Ended.IsZero() })
	require.NoError(t, err)
	require.Equal(t, 487, in.Status, "he rang on until then")
	busy.do("hangup", map[string]any{"attempt_id": sc.Pop.AttemptID})
	busy.dispose("sale")
	w.status(c, lists.Paused)
	w.settled()

	got := w.outcomes()
	require.Equal(t, []lists.Outcome{lists.Connected}, got[talks])
	require.Equal(t, []lists.Outcome{lists.Cancelled}, got[rings])
	require.Len(t, got[answers], 1, "%v", got)
	require.Len(t, w.Carrier.Invites(), 3, "nobody was called twice")
	w.checkSwitchRecord()
	w.checkRecording(sc.Pop.AttemptID, customer, busy.Tone)
}

// TestARestartOfAsteriskEndsItsCallsAndBringsThePhonesBack.
func TestARestartOfAsteriskEndsItsCallsAndBringsThePhonesBack(t *testing.T) {
	lost, next := number(1), number(2)
	w := newWorld(t, people{lost: {Kind: carrier.Human}, next: {Kind: carrier.Human, Talk: 2 * time.Second}})
	w.serve()
	c := w.campaign([]string{lost, next}, nil)
	a := w.agent(1)
	a.work(c)
	w.status(c, lists.Running)
	sc := a.see("talking", talking)
	require.Equal(t, lost, sc.Pop.Contact.Phone)

	w.Asterisk.Kill()
	require.NoError(t, w.Asterisk.Start(context.Background()))
	a.see("the call is over", func(sc agent.Screen) bool { return sc.State != agent.Talking })
	w.settled()
	require.Equal(t, []lists.Outcome{lists.SwitchLost}, w.outcomes()[lost])

	a.see("the phone is back", func(sc agent.Screen) bool { return sc.Phone == agent.PhoneUp })
	if sc, _, _ := a.Screen(); sc.NeedsDisposition {
		a.dispose("no_talk")
	}
	sc = a.see("able to go on", func(sc agent.Screen) bool {
		return sc.State == agent.NotReady || sc.State == agent.Ready || sc.State == agent.Talking
	})
	if sc.State == agent.NotReady {
		a.do("ready", nil)
	}
	sc = a.see("the next contact", func(sc agent.Screen) bool { return talking(sc) && sc.Pop.Contact.Phone == next })
	a.dispose("sale")
	require.Len(t, w.Carrier.Invites(), 2)
	w.checkSwitchRecord()
}

// TestRedisMayVanish: calls, screens and dispositions go on without it.
func TestRedisMayVanish(t *testing.T) {
	num := number(2)
	w := newWorld(t, nil)
	w.serve()
	c := w.campaign([]string{num}, nil)
	a := w.agent(1)
	w.Redis.Kill()
	a.work(c)
	w.status(c, lists.Running)
	a.see("talking", talking)
	a.dispose("sale")
	a.see("ready", ready)
	r, err := w.admin.Ready(w.ctx())
	require.NoError(t, err)
	require.Equal(t, "degraded", r.Status)
}

// TestPostgresMayRestart: a talk goes on, and its disposition is not lost.
func TestPostgresMayRestart(t *testing.T) {
	num := number(1)
	w := newWorld(t, people{num: {Kind: carrier.Human}})
	w.serve()
	c := w.campaign([]string{num}, nil)
	a := w.agent(1)
	a.work(c)
	w.status(c, lists.Running)
	sc := a.see("talking", talking)
	call, err := w.Carrier.WaitAnswered(w.ctx(), num)
	require.NoError(t, err)
	require.NoError(t, call.WaitHear(w.ctx(), a.Tone))
	require.NoError(t, w.Postgres.Kill())
	call.Hangup()
	a.see("wrap-up without a database", wrapUp)
	refused, err := a.Command(w.ctx(), "dispose", map[string]any{"attempt_id": sc.Pop.AttemptID, "code": "sale", "note": "typed once"})
	require.NoError(t, err)
	require.False(t, refused.OK, "not acknowledged while it cannot be kept")
	require.NoError(t, w.Postgres.Start(context.Background()))
	w.db.Reset()
	w.eventually("the disposition is taken", func(ctx context.Context) bool {
		r, err := a.Command(ctx, "dispose", map[string]any{"attempt_id": sc.Pop.AttemptID, "code": "sale", "note": "typed once"})
		return err == nil && r.OK
	})
	w.settled()
	require.Equal(t, []lists.Outcome{lists.Connected}, w.outcomes()[num])
	var code, note string
	require.NoError(t, w.db.QueryRow(w.ctx(), `SELECT code, note FROM dispositions WHERE attempt_id = $1`, sc.Pop.AttemptID).Scan(&code, &note))
	require.Equal(t, "sale typed once", code+" "+note)
}
