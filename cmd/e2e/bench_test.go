package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
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
	lines  int     // channels of the trunk
	agents int
	warm   time.Duration // before the measuring
	span   time.Duration // of the measuring
}

// sample is one run of one side, by the carrier's own record.
type sample struct {
	rate       float64 // INVITEs per second in the span
	wire       []time.Duration
	cores      map[string]float64
	others     float64 // cores used by processes that are not ours
	calls      int
	unended    int // calls that never ended
	unattended int // answered calls that got no agent
}

// bench is a world in which the product and the bare client take turns.
type bench struct {
	*world
	load   load
	trunk  lists.Trunk
	c      lists.Campaign
	pages  []*client.Client // of the agents, by phone
	phones []*carrier.Phone
	used   int // numbers that the bare client has called
}

// contacts are those of the product's list; the bare client calls numbers beyond them.
const contacts = 60_000

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
	var err error
	w.trunk, err = store.CreateTrunk(ctx, lists.Trunk{Name: "carrier", Endpoint: "carrier", MaxChannels: w.load.lines, CPS: w.load.rate})
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
	script, err := store.SaveScript(ctx, uuid.Nil, "script", demo.Script())
	require.NoError(w.t, err)
	s := lists.DefaultSettings()
	s.CallerID, s.Hours, s.WrapUp, s.Recycle = "+12065550199", compliance.Always(), 60, map[lists.Outcome]lists.Recycle{}
	s.ScriptID, s.ScriptVersion = script.ID, script.Version
	w.c, err = store.CreateCampaign(ctx, lists.Campaign{Name: "bench", TrunkID: w.trunk.ID, ListIDs: []uuid.UUID{list.ID}, Settings: s})
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

// dialtide runs the product n times in a row: one process, agents in their seats, one campaign.
func (w *bench) dialtide(n int) []sample {
	process := w.spawn()
	desks := w.sit()
	work, leave := context.WithCancel(context.Background())
	var robots errgroup.Group
	for _, d := range desks {
		robots.Go(func() error { dispose(work, d); return nil })
	}
	var out []sample
	for range n {
		out = append(out, w.measure(func(placing func() bool) int {
			w.status(w.c, lists.Running)
			for placing() {
			}
			w.status(w.c, lists.Paused)
			return 0
		}))
		w.settled()
	}
	leave()
	require.NoError(w.t, robots.Wait())
	for _, d := range desks {
		require.NoError(w.t, d.Must(w.ctx(), "logout", nil))
		d.Close()
	}
	w.hangUp()
	w.end(process)
	return out
}

// sit signs all agents in, unless they have their cookie, and makes them ready.
func (w *bench) sit() []*client.Desk {
	desks := make([]*client.Desk, w.load.agents)
	var g errgroup.Group
	g.SetLimit(4)
	for i := range desks {
		if len(w.pages) <= i {
			w.pages = append(w.pages, w.as("robot"+strconv.Itoa(i+1), adminPassword))
		}
		g.Go(func() (err error) {
			if desks[i], err = w.pages[i].Desk(context.Background()); err != nil {
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

// end stops the product in order.
func (w *bench) end(process *exec.Cmd) {
	require.NoError(w.t, process.Process.Signal(syscall.SIGTERM))
	require.NoError(w.t, process.Wait())
}

// hangUp frees the phones for the other side.
func (w *bench) hangUp() {
	for _, p := range w.phones {
		p.Hangup()
		require.NoError(w.t, p.WaitIdle(w.ctx()))
	}
}

// bare runs the bare client n times in a row.
func (w *bench) bare(n int) []sample {
	var out []sample
	for range n {
		c, err := bare.Dial(w.ctx(), bare.Config{URL: w.Config.ARIURL, User: w.Config.ARIUser, Password: w.Config.ARIPassword, App: "bare"})
		require.NoError(w.t, err)
		out = append(out, w.measure(func(placing func() bool) int {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			first := contacts + w.used
			r, err := c.Run(ctx, bare.Load{Rate: w.load.rate, Calls: 1 << 20, For: w.load.warm + w.load.span, Lines: w.load.lines,
				Trunk: "carrier", CallerID: "+12065550199", Phones: w.endpoints(), Number: func(i int) string { return benchNumber(first + i) }})
			require.NoError(w.t, err)
			require.Zero(w.t, r.Refused)
			w.used += r.Asked
			return r.Unattended
		}))
		require.NoError(w.t, c.Close())
		w.hangUp()
	}
	return out
}

func (w *bench) endpoints() []string {
	names := make([]string, w.load.agents)
	for i := range names {
		names[i] = demo.PhoneName(i + 1)
	}
	return names
}
