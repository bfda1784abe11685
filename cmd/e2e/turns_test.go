package e2e

import (
	"context"
	"fmt"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/cmd/demo"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/dialer/asterisk/bare"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// load is what both sides are asked to do.
type load struct {
	rate   float64 // calls per second
	lines  int     // channels of the trunk, for the product
	agents int
	warm   time.Duration // before the measuring
	span   time.Duration // of the measuring
	anew   bool          // Asterisk is started anew for each run: one that was asked for too much keeps the traces, or has died
}

// sample is one run of one side, by the carrier's own record.
type sample struct {
	side    string
	asked   float64         // calls per second
	rate    float64         // INVITEs per second in the span
	calls   int             // in the span
	unheard int             // answered calls of the span in which nobody spoke
	unended int             // calls that did not end
	wire    []time.Duration // of the answered calls of the span: from the 200 OK to the agent's voice
	cores   map[string]float64
	others  float64 // cores used by processes that are not ours
}

// bench is a world in which the product and the bare client take turns. Only one of them is connected to Asterisk at a
// time, because whoever is connected costs it events.
type bench struct {
	*world
	load   load
	c      lists.Campaign
	pages  []*client.Client // of the agents, by phone
	phones []*carrier.Phone
	used   int // numbers that the bare client has called
}

// contacts are those of the product's list; the bare client calls numbers beyond them.
const contacts = 300_000

func benchNumber(i int) string { return fmt.Sprintf("+1555%07d", i) }

func newBench(b *testing.B, o demo.StageOptions, l load) *bench {
	b.Helper()
	o.Phones, o.Fsync = l.agents, true
	o.Carrier.Seed, o.Carrier.Keep = 1, 1<<18
	w := &bench{world: raise(b, o), load: l}
	w.fill()
	w.hire()
	return w
}

// fill makes trunk, list and campaign, without the way through a file.
func (w *bench) fill() {
	store, ctx := lists.New(w.db), context.Background()
	trunk, err := store.CreateTrunk(ctx, lists.Trunk{Name: "carrier", Endpoint: "carrier", MaxChannels: w.load.lines, CPS: 1})
	require.NoError(w.t, err)
	list, err := store.CreateList(ctx, lists.List{Name: "bench", Region: "US"})
	require.NoError(w.t, err)
	const batch = 5000
	for from := 0; from < contacts; from += batch {
		rows := make([]lists.NewContact, batch)
		for i := range rows {
			rows[i] = lists.NewContact{Number: lists.Number{E164: benchNumber(from + i), Zones: []string{"America/New_York"}},
				Name: fmt.Sprint("Person ", from+i), Fields: map[string]string{"tariff": "Green"}}
		}
		_, err := store.AddContacts(ctx, list.ID, rows)
		require.NoError(w.t, err)
	}
	script, err := store.CreateScript(ctx, uuid.Nil, "script", demo.Script())
	require.NoError(w.t, err)
	s := lists.DefaultSettings()
	s.Packs, s.NoPacks = []string{}, true
	s.CallerID, s.Hours, s.WrapUp, s.Recycle = "+12065550199", compliance.Always(), 60, map[lists.Outcome]lists.Recycle{}
	s.ScriptID, s.ScriptVersion, s.Record = script.ID, script.Version, false // the bare client does not record
	w.c, err = store.CreateCampaign(ctx, lists.Campaign{Name: "bench", TrunkID: trunk.ID, ListIDs: []uuid.UUID{list.ID}, Settings: s})
	require.NoError(w.t, err)
}

// hire registers the phones and makes the accounts; all share the admin's password.
func (w *bench) hire() {
	for n := 1; n <= w.load.agents; n++ {
		w.phones = append(w.phones, w.phone(n))
		_, err := w.db.Exec(w.ctx(), `INSERT INTO users (id, login, name, password_hash, role, endpoint)
			SELECT $1, $2, $2, password_hash, 'agent', $3 FROM users WHERE login = 'admin'`, uuid.New(), "robot"+strconv.Itoa(n), demo.PhoneName(n))
		require.NoError(w.t, err)
	}
}

// dialtide runs the product once: a process of its own, agents in their seats, the trunk at the rate asked for.
func (w *bench) dialtide() sample {
	_, err := w.db.Exec(w.ctx(), `UPDATE trunks SET cps = $1`, w.load.rate)
	require.NoError(w.t, err)
	process := w.spawn()
	desks := w.sit()
	work, leave := context.WithCancel(context.Background())
	var robots errgroup.Group
	for _, d := range desks {
		robots.Go(func() error { dispose(work, d); return nil })
	}
	s := w.measure(func(over <-chan struct{}) {
		w.status(w.c, lists.Running)
		<-over
		w.status(w.c, lists.Paused)
		w.settled()
	})
	s.side = inProduct
	leave()
	require.NoError(w.t, robots.Wait())
	for _, d := range desks {
		require.NoError(w.t, d.Must(w.ctx(), "logout", nil))
		d.Close()
	}
	w.hangUp()
	require.NoError(w.t, process.Process.Signal(syscall.SIGTERM))
	require.NoError(w.t, process.Wait())
	w.strange()
	return s
}

// strange logs the attempts that ended otherwise than the far end made them end, over all runs.
func (w *bench) strange() {
	rows, err := w.db.Query(w.ctx(), `SELECT outcome, cause, sip_code, hung_up_by, count(*) FROM attempts
		WHERE outcome NOT IN ($1, $2) GROUP BY 1, 2, 3, 4`, lists.Connected, lists.NoAnswer)
	require.NoError(w.t, err)
	defer rows.Close()
	for rows.Next() {
		var outcome, by string
		var cause, sip, n int
		require.NoError(w.t, rows.Scan(&outcome, &cause, &sip, &by, &n))
		w.t.Logf("of all so far %d %s: cause %d, SIP %d, by %s", n, outcome, cause, sip, by)
	}
	require.NoError(w.t, rows.Err())
}

// sit signs all agents in, unless they have their cookie, and makes them ready.
func (w *bench) sit() []*client.Desk {
	for n := len(w.pages) + 1; n <= w.load.agents; n++ {
		w.pages = append(w.pages, w.as("robot"+strconv.Itoa(n), adminPassword))
	}
	desks := make([]*client.Desk, w.load.agents)
	var g errgroup.Group
	g.SetLimit(8)
	for i, page := range w.pages {
		g.Go(func() (err error) {
			if desks[i], err = page.Desk(context.Background()); err != nil {
				return err
			}
			if err = desks[i].Must(w.ctx(), "login", map[string]any{"campaign_id": w.c.ID}); err != nil {
				return err
			}
			if _, err = desks[i].Await(w.ctx(), func(sc agent.Screen) bool { return sc.Phone == agent.PhoneUp }); err != nil {
				return err
			}
			return desks[i].Must(w.ctx(), "ready", nil)
		})
	}
	require.NoError(w.t, g.Wait())
	return desks
}

// dispose is a robot: it gives each of its calls a disposition as soon as the call is over.
func dispose(ctx context.Context, d *client.Desk) {
	for {
		sc, err := d.Await(ctx, wrapUp)
		if err != nil {
			return
		}
		_, err = d.Command(ctx, "dispose", map[string]any{"attempt_id": sc.Pop.AttemptID, "code": "not_interested", "note": ""})
		if err != nil {
			return
		}
		if _, err = d.Await(ctx, func(now agent.Screen) bool { return !wrapUp(now) || now.Pop.AttemptID != sc.Pop.AttemptID }); err != nil {
			return
		}
	}
}

// hangUp frees the phones for the other side.
func (w *bench) hangUp() {
	for _, p := range w.phones {
		p.Hangup()
		require.NoError(w.t, p.WaitIdle(w.ctx()))
	}
}

// bare runs the bare client once.
func (w *bench) bare() sample {
	c, err := bare.Dial(w.ctx(), bare.Config{URL: w.Config.ARIURL, User: w.Config.ARIUser, Password: w.Config.ARIPassword, App: "bare"})
	require.NoError(w.t, err)
	var r bare.Result
	s := w.measure(func(<-chan struct{}) {
		first := contacts + w.used
		l := bare.Load{Rate: w.load.rate, Calls: 1 << 20, For: w.load.warm + w.load.span + 2*tail, Trunk: "carrier", CallerID: "+12065550199",
			Number: func(i int) string { return benchNumber(first + i) }}
		for i := range w.load.agents {
			l.Phones = append(l.Phones, demo.PhoneName(i+1))
		}
		r, err = c.Run(context.Background(), l)
	})
	s.side = "bare"
	if err != nil { // Asterisk gave it up; so it did not sustain what it was asked for
		w.t.Logf("%v", err)
		s.unended++
	}
	s.unended += r.Refused + max(0, r.Asked-r.Refused-r.Ended)
	w.used += r.Asked
	require.NoError(w.t, c.Close())
	w.hangUp()
	return s
}

// tail is how much longer calls are placed than is measured, so that the end of the span is like its middle.
const tail = 250 * time.Millisecond

// measure has calls placed and takes the carrier's record of them. over is closed when the span is over.
func (w *bench) measure(place func(over <-chan struct{})) sample {
	w.t.Helper()
	before := w.Carrier.Stats().Invites
	over, placed := make(chan struct{}), make(chan struct{})
	go func() { defer close(placed); place(over) }()
	first, err := w.Carrier.WaitInvite(w.ctx(), func(in carrier.Invite) bool { return in.Seq > before })
	require.NoError(w.t, err)
	<-time.After(w.load.warm)
	from := readUsage(w.t)
	<-time.After(w.load.span)
	until := readUsage(w.t)
	<-time.After(tail)
	close(over)
	<-placed
	s := sample{asked: w.load.rate}
	s.cores, s.others = until.since(from)
	for _, in := range w.Carrier.Invites() {
		if in.Seq >= first.Seq && in.Ended.IsZero() {
			s.unended++
		}
		if in.Seq < first.Seq || in.Arrived.Before(from.at) || !in.Arrived.Before(until.at) {
			continue
		}
		s.calls++
		switch {
		case in.Answered.IsZero():
		case in.Voice.IsZero():
			s.unheard++
		default:
			s.wire = append(s.wire, in.Voice.Sub(in.Answered))
		}
	}
	s.rate = float64(s.calls) / until.at.Sub(from.at).Seconds()
	return s
}
