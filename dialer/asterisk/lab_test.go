package asterisk

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/switchtest"
)

func TestMain(m *testing.M) { lab.Main(m) }

// world is a real Asterisk, a simulated carrier, agents' phones and a supervisor's.
type world struct {
	server        *lab.AsteriskServer
	carrier       *carrier.Carrier
	agents        []*carrier.Phone
	boss          *carrier.Phone
	lastNumber    atomic.Int64
	lastPhone     atomic.Int64
	adapterNumber atomic.Int64
}

const bossTone = 1030

// route is LastTwoDigits, and a person who stays behind numbers that end in *1.
func route(number string) (carrier.Behaviour, bool) {
	if strings.HasSuffix(number, "*1") {
		return carrier.Behaviour{Kind: carrier.Human, Ring: 100 * time.Millisecond}, true
	}
	return carrier.LastTwoDigits(number)
}

func newWorld(t *testing.T, agents int, tones bool) *world {
	t.Helper()
	w := &world{}
	endpoints := []lab.AgentEndpoint{{Name: "boss-1", Secret: "secret-boss-1", Supervisor: true}}
	for i := range agents {
		endpoints = append(endpoints, lab.AgentEndpoint{Name: fmt.Sprintf("agent-%d", i+1), Secret: "secret-agent"})
	}
	w.server = lab.AsteriskFor(t, lab.AsteriskOptions{Agents: endpoints})
	var err error
	w.carrier, err = carrier.New(carrier.Options{Address: w.server.Carrier(), Seed: 1, Route: route, Tones: tones})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.carrier.Close()) })
	w.boss = w.phone(t, "boss-1", "secret-boss-1", 1, bossTone)
	for i := range agents {
		w.agents = append(w.agents, w.phone(t, fmt.Sprintf("agent-%d", i+1), "secret-agent", 2+i, carrier.AgentTone(i)))
	}
	return w
}

func (w *world) phone(t *testing.T, user, password string, host int, tone float64) *carrier.Phone {
	t.Helper()
	p, err := carrier.NewPhone(carrier.PhoneOptions{
		Server: w.server.SIPAddr(), Address: lab.Addresses(t).Agents(host) + ":0", User: user, Password: password, Tone: tone,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, p.WaitRegistered(ctx))
	return p
}

// number gives one that was not called before and ends in the two digits that choose the callee.
func (w *world) number(lastTwo string) string {
	return fmt.Sprintf("+1555%05d%s", w.lastNumber.Add(1), lastTwo)
}

func (w *world) invites(number string) (n int) {
	for _, i := range w.carrier.Invites() {
		if i.Number == number {
			n++
		}
	}
	return n
}

func (w *world) config(t *testing.T) Config {
	addr, user, password := w.server.AMI()
	return Config{
		AMIAddr: addr, AMIUser: user, AMIPassword: password,
		URL: w.server.ARI(), User: w.server.User(), Password: w.server.Password(), App: "dialtide-" + fmt.Sprint(w.adapterNumber.Add(1)),
		Spool: w.server.SpoolDir(), Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

// connect runs an adapter until the test ends and returns when it is up.
func connect(t *testing.T, cfg Config, handle func(dialer.Event)) (*Adapter, context.CancelFunc) {
	t.Helper()
	a, err := New(cfg)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = a.Run(ctx, handle) // ends with ctx only
	}()
	stop := func() { cancel(); <-done }
	t.Cleanup(stop)
	awaitUp(t, a)
	return a, stop
}

func awaitUp(t *testing.T, a *Adapter) {
	t.Helper()
	require.Eventually(t, a.Up, 15*time.Second, 2*time.Millisecond)
}

var digits = map[switchtest.Callee]string{
	switchtest.Talks: "19", switchtest.HangsUp: "10", switchtest.AMachine: "50", switchtest.IsBusy: "60",
	switchtest.RingsOn: "70", switchtest.Unallocated: "80", switchtest.Stays: "*1",
}

func (w *world) rig(a *Adapter) switchtest.Rig {
	return switchtest.Rig{
		Switch: a, Phones: a, Legs: a, Trunk: "carrier", CallerID: "+15555550100", Record: true, Now: time.Now,
		Phone:  func() string { return fmt.Sprintf("agent-%d", w.lastPhone.Add(1)) },
		Number: func(k switchtest.Callee) string { return w.number(digits[k]) }, Invites: w.invites,
	}
}

func TestLegs(t *testing.T) {
	w := newWorld(t, 8, false)
	switchtest.Legs(t, func(t *testing.T, handle func(dialer.Event)) switchtest.Rig {
		a, _ := connect(t, w.config(t), handle)
		return w.rig(a)
	})
}

func TestConformance(t *testing.T) {
	w := newWorld(t, 12, false)
	switchtest.Conformance(t, func(t *testing.T, handle func(dialer.Event)) switchtest.Rig {
		a, _ := connect(t, w.config(t), handle)
		return w.rig(a)
	})
}
