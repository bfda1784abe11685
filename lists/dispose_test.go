package lists_test

import (
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// talked ends a call of the agent and returns its disposal.
func (o *owned) talked(agent uuid.UUID, code string) (lists.Claim, lists.Disposal) {
	o.l.t.Helper()
	x := o.one()
	n, err := o.l.Finish(o.l.t.Context(), []lists.Ending{o.ending(x, lists.Connected, &agent)})
	require.NoError(o.l.t, err)
	require.Equal(o.l.t, 1, n)
	return x, lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: agent, Code: code, Note: "spoke\r\nwith her\x00"}
}

func (l *ledger) count(sql string, args ...any) (n int) {
	l.t.Helper()
	require.NoError(l.t, l.pool.QueryRow(l.t.Context(), sql, args...).Scan(&n))
	return n
}

// TestDispositionTakesEffectOnce (I7): a repeated command gets the first reply, another one is refused, at the same time too.
func TestDispositionTakesEffectOnce(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 3))
	ann := l.user()
	x, d := c.talked(ann, "callback")
	due := l.clock().Add(3 * time.Hour)
	d.CallbackAt = &due
	var wg sync.WaitGroup
	replies := make([]lists.Disposed, 16)
	for i := range replies {
		wg.Go(func() {
			same := d
			if i%2 == 1 {
				same.Command = uuid.New()
			}
			var err error
			replies[i], err = l.Dispose(t.Context(), same)
			if err != nil && !errors.Is(err, lists.ErrAlreadyDisposed) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, l.count(`SELECT count(*) FROM dispositions`))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM commands`))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM callbacks`))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM outbox WHERE topic = 'disposition.made'`))
	var first lists.Disposed
	for _, r := range replies {
		if r.Code != "" {
			if first.Code == "" {
				first = r
			}
			require.Equal(t, first, r)
		}
	}
	require.Equal(t, lists.Disposed{Attempt: x.Permit.Attempt(), Code: "callback", Effect: lists.EffectCallback, DueAt: first.DueAt}, first)
	require.True(t, first.DueAt.Equal(due))
	state, reason, at := c.place(x.Contact.ID)
	require.Equal(t, []string{"waiting", "callback"}, []string{state, reason})
	require.True(t, at.Equal(due))

	h, err := l.Dossiers(t.Context(), []uuid.UUID{x.Contact.ID, x.Contact.ID, uuid.New()})
	require.NoError(t, err)
	require.Len(t, h, 1)
	require.Equal(t, lists.History{Attempt: x.Permit.Attempt(), At: h[x.Contact.ID][0].At, Outcome: lists.Connected, Agent: "Ann", Disposition: "callback",
		Note: "spoke\nwith her"}, h[x.Contact.ID][0])
	c.sums()
}

// TestALateDisposition takes the place of what the call got when the agent's time was over: once, his own, and not for long.
func TestALateDisposition(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 3))
	ann, bob := l.user(), l.user()
	overdue := func(note string) (lists.Claim, lists.Disposal) {
		x, d := c.talked(ann, lists.Undisposed)
		d.Note = note
		_, err := l.Dispose(t.Context(), d)
		require.NoError(t, err)
		d.Late, d.Command, d.Note = d.Command, uuid.New(), ""
		return x, d
	}
	x, d := overdue("typed so far")
	other := d
	other.Agent, other.Code = bob, "sale"
	_, err := l.Dispose(t.Context(), other)
	var input *lists.InputError
	require.ErrorAs(t, err, &input, "another agent's word")
	unnamed := d
	unnamed.Late, unnamed.Code = uuid.Nil, "sale"
	_, err = l.Dispose(t.Context(), unnamed)
	require.ErrorIs(t, err, lists.ErrAlreadyDisposed, "it replaces nothing that it does not name")

	l.pass(lists.LateFor - time.Second)
	due := l.clock().Add(3 * time.Hour)
	d.Code, d.CallbackAt = "callback", &due
	first, err := l.Dispose(t.Context(), d)
	require.NoError(t, err)
	again, err := l.Dispose(t.Context(), d)
	require.NoError(t, err)
	require.Equal(t, first, again)
	state, reason, at := c.place(x.Contact.ID)
	require.Equal(t, []string{"waiting", "callback"}, []string{state, reason})
	require.True(t, at.Equal(due))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM dispositions WHERE code = 'callback' AND note = 'typed so far'`))
	require.Equal(t, 2, l.count(`SELECT count(*) FROM outbox WHERE topic = 'disposition.made'`), "who listens hears of both")
	d.Command, d.Code, d.CallbackAt = uuid.New(), "sale", nil
	_, err = l.Dispose(t.Context(), d)
	require.ErrorIs(t, err, lists.ErrAlreadyDisposed, "his own is not replaced")

	x, d = overdue("")
	l.pass(lists.LateFor)
	d.Code = "sale"
	_, err = l.Dispose(t.Context(), d)
	require.ErrorIs(t, err, lists.ErrAlreadyDisposed)
	state, reason, _ = c.place(x.Contact.ID)
	require.Equal(t, []string{"finished", lists.Undisposed}, []string{state, reason})
	c.sums()
}

func TestSameCommandWithOtherContentIsRefused(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 3))
	ann := l.user()
	_, d := c.talked(ann, "sale")
	_, err := l.Dispose(t.Context(), d)
	require.NoError(t, err)
	d.Code = "refused"
	_, err = l.Dispose(t.Context(), d)
	require.ErrorIs(t, err, lists.ErrCommandReused)
	require.Zero(t, l.count(`SELECT count(*) FROM dnc`))
}

func TestDispositionEffects(t *testing.T) {
	l := newLedger(t)
	ann, n := l.user(), 0
	for name, tt := range map[string]struct {
		code, state, reason string
		wait                time.Duration
	}{
		"finish":     {"sale", "finished", "sale", 0},
		"retry":      {"no_talk", "waiting", "retry", 2 * time.Hour},
		"dnc":        {"refused", "excluded", "dnc", 0},
		"undisposed": {lists.Undisposed, "finished", "undisposed", 0},
		"callback":   {"callback", "waiting", "callback", 5 * time.Hour},
	} {
		for _, open := range []bool{false, true} { // the agent may be faster than the end of the attempt
			t.Run(name, func(t *testing.T) {
				n++
				c := l.campaign(nil, l.list(n, n+1))
				x := c.one()
				e := c.ending(x, lists.Connected, &ann)
				due := l.clock().Add(5 * time.Hour)
				d := lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: ann, Code: tt.code}
				if tt.code == "callback" {
					d.CallbackAt, d.CallbackMine = &due, true
				}
				steps := []func() error{
					func() error { _, err := l.Finish(t.Context(), []lists.Ending{e}); return err },
					func() error { _, err := l.Dispose(t.Context(), d); return err },
				}
				if open {
					steps[0], steps[1] = steps[1], steps[0]
				}
				for _, step := range steps {
					require.NoError(t, step())
					c.sums()
				}
				state, reason, at := c.place(x.Contact.ID)
				require.Equal(t, []string{tt.state, tt.reason}, []string{state, reason})
				if tt.wait > 0 {
					require.Equal(t, l.clock().Add(tt.wait), at.UTC())
				}
				require.Equal(t, tt.code == "refused", l.count(`SELECT count(*) FROM dnc WHERE phone = $1`, number(n)) == 1)
				l.pass(tt.wait)
				if tt.wait > 0 {
					again := c.one()
					require.Equal(t, tt.code == "callback", again.CallbackAgent != nil && again.Kind == lists.KindCallback)
				}
			})
		}
	}
}

// TestDispositionRacesTheEnd: in whatever order the two commit, the disposition decides.
func TestDispositionRacesTheEnd(t *testing.T) {
	l := newLedger(t)
	const n = 60
	c := l.campaign(nil, l.list(0, n))
	for range n {
		x := c.one()
		agent := uuid.New()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := l.Finish(t.Context(), []lists.Ending{c.ending(x, lists.Connected, &agent)}); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, err := l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: agent, Code: "sale"}); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		state, reason, _ := c.place(x.Contact.ID)
		require.Equal(t, []string{"finished", "sale"}, []string{state, reason})
	}
	require.EqualValues(t, n, c.sums().FinishedBy["sale"])
}

func TestDisposeRefuses(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(func(s *lists.Settings) { s.Hours = compliance.Everyday(9*60, 20*60) }, l.list(0, 2))
	ann, bob := l.user(), l.user()
	_, d := c.talked(ann, "callback")
	at := func(t time.Time) *time.Time { return &t }
	for field, change := range map[string]func(*lists.Disposal){
		"code":                 func(d *lists.Disposal) { d.Code = "sold'; --" },
		"callback_at":          func(d *lists.Disposal) {},
		"callback_at past":     func(d *lists.Disposal) { d.CallbackAt = at(noon) },
		"callback_at far":      func(d *lists.Disposal) { d.CallbackAt = at(noon.AddDate(2, 0, 0)) },
		"attempt_id of others": func(d *lists.Disposal) { d.Agent, d.Code = bob, "sale" },
	} {
		bad := d
		change(&bad)
		_, err := l.Dispose(t.Context(), bad)
		var input *lists.InputError
		require.ErrorAs(t, err, &input, field)
		require.Equal(t, input.Field, field[:len(input.Field)])
	}
	lost := d
	lost.Attempt = uuid.New()
	_, err := l.Dispose(t.Context(), lost)
	require.ErrorIs(t, err, lists.ErrNotFound)
	require.Zero(t, l.count(`SELECT count(*) FROM commands`))

	// A time outside the hours is refused with the first lawful moment after it, and nothing has happened; that moment is taken.
	d.CallbackAt = at(time.Date(2026, 3, 5, 6, 0, 0, 0, time.UTC))
	var unlawful *lists.UnlawfulTime
	_, err = l.Dispose(t.Context(), d)
	require.ErrorAs(t, err, &unlawful)
	require.Equal(t, "callback_at", unlawful.Field)
	require.Equal(t, time.Date(2026, 3, 5, 14, 0, 0, 0, time.UTC), unlawful.Next.UTC())
	require.Zero(t, l.count(`SELECT (SELECT count(*) FROM dispositions) + (SELECT count(*) FROM callbacks) + (SELECT count(*) FROM commands)`))
	d.Command, d.CallbackAt = uuid.New(), unlawful.Next
	reply, err := l.Dispose(t.Context(), d)
	require.NoError(t, err)
	require.Equal(t, unlawful.Next.UTC(), *reply.DueAt)

	// Nobody talked in an abandoned call.
	y := c.one()
	c.finish(y, lists.Abandoned)
	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: y.Permit.Attempt(), Agent: ann, Code: "sale"})
	var input *lists.InputError
	require.ErrorAs(t, err, &input)
}

// TestSuppressedWhileTalking: a number that went on the do-not-call list during the call is never called again.
func TestSuppressedWhileTalking(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 1))
	ann := l.user()
	x := c.one()
	open, err := l.AddDNC(t.Context(), lists.DNC{Phone: number(0)})
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{x.Permit.Attempt()}, open)
	_, err = l.Finish(t.Context(), []lists.Ending{c.ending(x, lists.Connected, &ann)})
	require.NoError(t, err)
	due := l.clock().Add(time.Hour)
	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: ann, Code: "callback", CallbackAt: &due})
	var unlawful *lists.UnlawfulTime
	require.ErrorAs(t, err, &unlawful)
	require.Nil(t, unlawful.Next, "no callback can be promised to whom nobody may call")
	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: ann, Code: "no_talk"})
	require.NoError(t, err)
	state, reason, _ := c.place(x.Contact.ID)
	require.Equal(t, []string{"excluded", "dnc"}, []string{state, reason})
	require.Zero(t, l.count(`SELECT count(*) FROM callbacks`))
	l.pass(2 * time.Hour)
	require.Equal(t, lists.DryEmpty, c.claim(1).Dry)
}

func TestAnswersOfAScript(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 2))
	ann, bob := l.user(), l.user()
	x := c.one()
	id, script := x.Permit.Attempt(), uuid.New()
	save := func(agent uuid.UUID, step, answer string) error {
		return l.SaveAnswer(t.Context(), agent, id, script, 1, step, json.RawMessage(answer))
	}
	require.NoError(t, save(ann, "intro", `"yes"`))
	require.NoError(t, l.Mark(t.Context(), []lists.Mark{{Attempt: id, Agent: &ann}}))
	require.NoError(t, save(ann, "intro", `"no"`))
	require.NoError(t, save(ann, "offer", `{"plan":"<b>"}`))
	require.ErrorIs(t, save(bob, "intro", `"yes"`), lists.ErrNotFound)
	var input *lists.InputError
	require.ErrorAs(t, save(ann, "intro", `{`), &input)
	require.ErrorAs(t, save(ann, "intro", `"a\u0000b"`), &input)
	require.ErrorAs(t, save(ann, "", `1`), &input)
	c.finish(x, lists.Connected)
	require.NoError(t, save(ann, "end", `1`))
	got, err := l.Answers(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, got, 3)
	require.JSONEq(t, `"no"`, string(got["intro"]))
	require.JSONEq(t, `{"plan":"<b>"}`, string(got["offer"]))
}
