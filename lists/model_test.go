package lists_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// TestWhateverHappens draws a course of events for two campaigns over overlapping lists and checks after each event that
// the sums hold, that in flight means open, and that what was given away was lawful. In the end, when time passes, nobody is
// left over.
func TestWhateverHappens(t *testing.T) {
	l := newLedger(t)
	agent := l.user()
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(l, r, agent)
		r.Repeat(map[string]func(*rapid.T){
			"claim": w.claim, "finish": w.finish, "dispose": w.dispose, "suppress": w.suppress, "grow": w.grow, "lists": w.changeLists,
			"time": w.pass, "owner": w.owner, "": w.check,
		})
		w.drain(r)
	})
}

type world struct {
	l         *ledger
	agent     uuid.UUID
	base      int // first number of this world
	lists     []uuid.UUID
	campaigns []*owned
	open      map[uuid.UUID]lists.Claim
	of        map[uuid.UUID]*owned
	talked    []uuid.UUID
	dnc       map[string]bool
	history   map[string][]time.Time // counting attempts by number, ends of permits
	cap       compliance.Cap
}

func newWorld(l *ledger, r *rapid.T, agent uuid.UUID) *world {
	l.n++
	w := &world{l: l, agent: agent, base: l.n * 1000, open: map[uuid.UUID]lists.Claim{}, of: map[uuid.UUID]*owned{}, dnc: map[string]bool{},
		history: map[string][]time.Time{}, cap: compliance.Cap{Max: rapid.IntRange(1, 3).Draw(r, "cap"), Window: 7200}}
	for range 3 {
		from := w.base + rapid.IntRange(0, 5).Draw(r, "from")
		w.lists = append(w.lists, l.list(from, from+5))
	}
	for i := range 2 {
		w.campaigns = append(w.campaigns, l.campaign(func(s *lists.Settings) {
			s.Hours, s.Cap, s.MaxAttempts = compliance.Everyday(9*60, 20*60), w.cap, rapid.IntRange(1, 4).Draw(r, "max")
		}, w.lists[i:i+2]...))
	}
	return w
}

func (w *world) claim(r *rapid.T) {
	c := w.campaigns[rapid.IntRange(0, 1).Draw(r, "campaign")]
	got, err := w.l.Claim(context.Background(), c.ask(rapid.IntRange(1, 8).Draw(r, "n")))
	if err != nil {
		r.Fatal(err)
	}
	for _, x := range got.Claims {
		phone := x.Contact.Phone
		for _, o := range w.open {
			if o.Contact.Phone == phone {
				r.Fatalf("%s is open twice", phone)
			}
		}
		in := 0
		for _, at := range w.history[phone] {
			if at.After(w.l.clock().Add(-w.cap.Window.Duration())) {
				in++
			}
		}
		if w.dnc[phone] || in >= w.cap.Max {
			r.Fatalf("%s must not be called: dnc %v, %d attempts in the window", phone, w.dnc[phone], in)
		}
		w.open[x.Permit.Attempt()], w.of[x.Permit.Attempt()] = x, c
	}
}

// some returns up to n open attempts in a stable order.
func (w *world) some(r *rapid.T, n int) (out []uuid.UUID) {
	for _, c := range w.campaigns {
		rows, err := w.l.Open(context.Background(), "")
		if err != nil {
			r.Fatal(err)
		}
		for _, o := range rows {
			if o.Campaign == c.ID && len(out) < n {
				out = append(out, o.Attempt)
			}
		}
	}
	return out
}

func (w *world) finish(r *rapid.T) {
	var endings []lists.Ending
	for _, id := range w.some(r, rapid.IntRange(1, 6).Draw(r, "n")) {
		x, o := w.open[id], rapid.SampledFrom(placed).Draw(r, "outcome")
		e := w.of[id].ending(x, o, nil)
		if o == lists.Connected {
			e.Agent = &w.agent
			w.talked = append(w.talked, id)
		}
		if o.CountsAsAttempt() {
			at, err := permitEnd(w.l, id)
			if err != nil {
				r.Fatal(err)
			}
			w.history[x.Contact.Phone] = append(w.history[x.Contact.Phone], at)
		}
		endings = append(endings, e)
		delete(w.open, id)
	}
	if n, err := w.l.Finish(context.Background(), endings); err != nil || n != len(endings) {
		r.Fatalf("finished %d of %d: %v", n, len(endings), err)
	}
}

func permitEnd(l *ledger, id uuid.UUID) (at time.Time, err error) {
	err = l.pool.QueryRow(context.Background(), `SELECT permit_until FROM open_attempts WHERE id = $1`, id).Scan(&at)
	return at, err
}

func (w *world) dispose(r *rapid.T) {
	if len(w.talked) == 0 {
		r.Skip()
	}
	id := w.talked[0]
	w.talked = w.talked[1:]
	at := w.l.clock().Add(time.Duration(rapid.IntRange(1, 600).Draw(r, "in")) * time.Minute)
	d := lists.Disposal{Command: uuid.New(), Attempt: id, Agent: w.agent, CallbackAt: &at, CallbackMine: rapid.Bool().Draw(r, "mine"),
		Code: rapid.SampledFrom([]string{"sale", "callback", "refused", "no_talk", lists.Undisposed}).Draw(r, "code")}
	first, err := w.l.Dispose(context.Background(), d)
	var unlawful *lists.UnlawfulTime
	if errors.As(err, &unlawful) { // what is offered instead is taken, or there is no callback
		if d.CallbackAt = unlawful.Next; d.CallbackAt == nil {
			d.Code = "sale"
		}
		first, err = w.l.Dispose(context.Background(), d)
	}
	if err != nil {
		r.Fatal(err)
	}
	if d.Code == "refused" {
		var phone string
		if err := w.l.pool.QueryRow(context.Background(), `SELECT phone FROM permits WHERE id = $1`, id).Scan(&phone); err != nil {
			r.Fatal(err)
		}
		w.dnc[phone] = true
	}
	again, err := w.l.Dispose(context.Background(), d)
	if err != nil || fmt.Sprint(first.Effect, first.DueAt) != fmt.Sprint(again.Effect, again.DueAt) {
		r.Fatalf("%+v, then %+v, %v", first, again, err)
	}
}

func (w *world) suppress(r *rapid.T) {
	phone := number(w.base + rapid.IntRange(0, 12).Draw(r, "number"))
	if _, err := w.l.AddDNC(context.Background(), lists.DNC{Phone: phone, Reason: "model"}); err != nil {
		r.Fatal(err)
	}
	w.dnc[phone] = true
}

func (w *world) grow(r *rapid.T) {
	i := rapid.IntRange(0, 2).Draw(r, "list")
	var more []lists.NewContact
	for k := range 3 {
		more = append(more, newContact(w.base+8+rapid.IntRange(0, 8).Draw(r, "number")+k))
	}
	if _, err := w.l.AddContacts(context.Background(), w.lists[i], more); err != nil {
		r.Fatal(err)
	}
}

func (w *world) changeLists(r *rapid.T) {
	c := w.campaigns[rapid.IntRange(0, 1).Draw(r, "campaign")]
	c.ListIDs = [][]uuid.UUID{w.lists, w.lists[:1], w.lists[1:], {w.lists[2], w.lists[0]}}[rapid.IntRange(0, 3).Draw(r, "lists")]
	updated, err := w.l.UpdateCampaign(context.Background(), c.Campaign)
	if err != nil {
		r.Fatal(err)
	}
	c.Campaign = updated
}

func (w *world) pass(r *rapid.T) {
	w.l.pass(time.Duration(rapid.SampledFrom([]int{1, 31, 61, 900, 3600, 7200, 40000, 86400}).Draw(r, "seconds")) * time.Second)
}

func (w *world) owner(r *rapid.T) {
	c := w.campaigns[rapid.IntRange(0, 1).Draw(r, "campaign")]
	epoch, err := w.l.Acquire(context.Background(), c.ID, "node", time.Minute)
	if err != nil {
		r.Fatal(err)
	}
	c.epoch = epoch
}

func (w *world) check(r *rapid.T) {
	if err := w.l.watch(nil); err != nil {
		r.Fatal(err)
	}
	for _, c := range w.campaigns {
		s, err := w.l.Summary(context.Background(), c.ID)
		if err != nil {
			r.Fatal(err)
		}
		excluded := int64(0)
		for _, n := range s.Excluded {
			excluded += n
		}
		if s.Loaded != s.Dialable+s.InFlight+s.Finished+excluded {
			r.Fatalf("%+v", s)
		}
	}
}

// drain lets time pass until both campaigns are empty: every contact ends somewhere.
func (w *world) drain(r *rapid.T) {
	for range 400 {
		busy := len(w.open) > 0
		var ends []lists.Ending
		for id, x := range w.open {
			ends = append(ends, w.of[id].ending(x, lists.NoAnswer, nil))
		}
		clear(w.open)
		if _, err := w.l.Finish(context.Background(), ends); err != nil {
			r.Fatal(err)
		}
		for _, c := range w.campaigns {
			got, err := w.l.Claim(context.Background(), c.ask(50))
			if err != nil {
				r.Fatal(err)
			}
			for _, x := range got.Claims {
				w.open[x.Permit.Attempt()], w.of[x.Permit.Attempt()] = x, c
			}
			busy = busy || len(got.Claims) > 0 || got.Dry != lists.DryEmpty
		}
		if !busy {
			for _, c := range w.campaigns {
				s, err := w.l.Summary(context.Background(), c.ID)
				if err != nil || s.Dialable != 0 || s.InFlight != 0 {
					r.Fatalf("left over: %+v, %v", s, err)
				}
			}
			return
		}
		w.l.pass(3 * time.Hour)
	}
	r.Fatal("it never ends")
}
