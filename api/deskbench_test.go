package api_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/lists"
)

var (
	deskAgents = flag.Int("agents", 2000, "agents of BenchmarkDesk")
	deskSpan   = flag.Duration("pops-for", 20*time.Second, "how long BenchmarkDesk pops at each rate")
)

const (
	popTarget = 50 * time.Millisecond // p99 of the pop's way, as the README promises it
	popTalk   = 2 * time.Second       // how long a call of the benchmark keeps its agent
)

// BenchmarkDesk: what agents' pages cost one process, and how long a pop takes from Floor.Reserve until the page's program has
// read its screen. HTTP server, hub, floor, desk and PostgreSQL are the product's; the pages are WebSockets of a second process
// on the same machine, so that their memory is not counted.
func BenchmarkDesk(b *testing.B) {
	o := newOffice(b, *deskAgents)
	before := memoryNow()
	o.come()
	after := memoryNow()
	n := float64(*deskAgents)
	fmt.Printf("%d agents' sockets on one process, %d processors, load %s\n", *deskAgents, runtime.NumCPU(), loadNow())
	fmt.Printf("memory per agent: %.1f KiB resident, %.1f KiB heap, %.1f KiB stacks, %.1f goroutines\n", float64(after.resident-before.resident)/1024/n,
		float64(after.heap-before.heap)/1024/n, float64(after.stacks-before.stacks)/1024/n, float64(after.goroutines-before.goroutines)/n)
	fmt.Printf("%-10s %8s %9s %9s %9s %9s  %-20s %s\n", "pops/s", "pops", "p50 ms", "p99 ms", "max ms", "late ms", "p99 under 50 ms", "processors busy / stolen / load")
	for range b.N {
		for _, rate := range []int{100, 300} {
			shown := o.watchBoard(o.agents[:min(200, len(o.agents))])
			r := o.pops(rate, *deskSpan)
			board := shown()
			verdict := "yes"
			if r.at(99) >= popTarget {
				verdict = "MISSED"
			}
			fmt.Printf("%-10d %8d %9.1f %9.1f %9.1f %9.1f  %-20s %s\n", rate, len(r.ways), ms(r.at(50)), ms(r.at(99)), ms(r.at(100)), ms(r.late), verdict, r.machine)
			fmt.Printf("%-10d %s\n", rate, board)
			b.ReportMetric(ms(r.at(99)), fmt.Sprint("p99-ms-at-", rate))
		}
	}
}

// TestPopsReachTheSockets keeps the benchmark's house in order: every pop of a short run arrives, and the board shows it.
func TestPopsReachTheSockets(t *testing.T) {
	o := newOffice(t, 40)
	o.come()
	shown := o.watchBoard(o.agents)
	require.NotEmpty(t, o.pops(20, time.Second).ways)
	require.NotEmpty(t, shown().ways)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// office is an API over a real floor and desk, and a process with the agents' pages.
type office struct {
	*house
	floor    *agent.Floor
	campaign lists.Campaign
	agents   []uuid.UUID
	cookies  []string

	mu   sync.Mutex
	seen map[uuid.UUID]time.Time // when a page had read the pop, by attempt
	said chan string             // other lines of the pages' process
}

// bell stands in for the switch: every phone is answered at once.
type bell struct{ floor *agent.Floor }

func (b *bell) Ring(_ context.Context, leg, _ uuid.UUID, _ string) error {
	b.floor.LegUp(leg)
	return nil
}

func (*bell) HangupLeg(context.Context, uuid.UUID) error { return nil }

func newOffice(t testing.TB, agents int) *office {
	t.Helper()
	o := &office{seen: map[uuid.UUID]time.Time{}, said: make(chan string, 16)}
	o.house = open(t, func(opts *api.Options) {
		phones := &bell{}
		o.floor = agent.NewFloor(agent.Config{Node: "bench", Rows: agent.NewRows(opts.Pool), Phones: phones})
		phones.floor = o.floor
		desk := agent.NewDesk(o.floor, opts.Store)
		hub := opts.Hub
		o.floor.Publish = func(id uuid.UUID, s agent.Screen) { hub.Put(client.AgentTopic(id), "screen", s) }
		o.floor.PublishBoard = func(key string, v any) {
			if v == nil {
				hub.Delete("board", key)
				return
			}
			hub.Put("board", key, v)
		}
		hub.OnPresence = desk.Connected
		opts.Desk, opts.Floor = desk, o.floor
		opts.Log, opts.WatchEvery = nil, 0 // as in production, and no log to fill the memory
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() { _ = o.floor.Run(ctx) })
		wg.Go(func() { _ = desk.Run(ctx) })
		t.Cleanup(func() {
			cancel()
			wg.Wait()
		})
	})
	require.NoError(t, o.floor.Adopt(t.Context(), nil))
	c, _ := o.in(api.Admin)
	o.campaign = o.house.campaign(c)
	o.hire(agents)
	return o
}

// hire makes accounts with a session each. They are written as the API writes them: signing 2,000 people in measures argon2.
func (o *office) hire(n int) {
	o.t.Helper()
	var users, sessions [][]any
	ends := time.Now().Add(12 * time.Hour)
	for i := range n {
		id, token := uuid.New(), rand43()
		o.agents, o.cookies = append(o.agents, id), append(o.cookies, token)
		users = append(users, []any{id, fmt.Sprint("agent", i), fmt.Sprint("Agent ", i), "", "agent", fmt.Sprint("phone", i)})
		sum := sha256.Sum256([]byte(token))
		sessions = append(sessions, []any{base64.RawURLEncoding.EncodeToString(sum[:]),
			binary.BigEndian.AppendUint64(slices.Clone(id[:]), uint64(ends.UnixMicro())), ends})
	}
	ctx := o.t.Context()
	_, err := o.pool.CopyFrom(ctx, pgx.Identifier{"users"}, []string{"id", "login", "name", "password_hash", "role", "endpoint"}, pgx.CopyFromRows(users))
	require.NoError(o.t, err)
	_, err = o.pool.CopyFrom(ctx, pgx.Identifier{"sessions"}, []string{"token", "data", "expiry"}, pgx.CopyFromRows(sessions))
	require.NoError(o.t, err)
}

func rand43() string {
	a, b := uuid.New(), uuid.New()
	return base64.RawURLEncoding.EncodeToString(append(a[:], b[:]...))
}

// come starts the pages' process and returns when every agent is logged in and ready.
func (o *office) come() {
	o.t.Helper()
	asked, err := json.Marshal(deskPages{URL: o.url, Campaign: o.campaign.ID, Agents: o.agents, Cookies: o.cookies})
	require.NoError(o.t, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), pagesEnv+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(o.t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(o.t, err)
	require.NoError(o.t, cmd.Start())
	heard := make(chan struct{})
	o.t.Cleanup(func() {
		_ = in.Close() // the pages' process ends with its input
		<-heard
		_ = cmd.Wait()
	})
	go o.hear(bufio.NewScanner(out), heard)
	_, err = in.Write(append(asked, '\n'))
	require.NoError(o.t, err)
	select {
	case line := <-o.said:
		require.Equal(o.t, "ready", line)
	case <-time.After(5 * time.Minute):
		o.t.Fatal("the agents are not ready after five minutes")
	}
	eventually(o.t, func() bool { return o.floor.Counts(o.campaign.ID).Ready == len(o.agents) }, "the phones to be up")
}

func (o *office) hear(lines *bufio.Scanner, heard chan struct{}) {
	defer close(heard)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) != 3 || f[0] != "pop" {
			o.said <- lines.Text()
			continue
		}
		id, idErr := uuid.Parse(f[1])
		at, atErr := strconv.ParseInt(f[2], 10, 64)
		if idErr != nil || atErr != nil {
			o.said <- lines.Text()
			continue
		}
		o.mu.Lock()
		o.seen[id] = time.Unix(0, at)
		o.mu.Unlock()
	}
	close(o.said)
}

// popRun is what one rate gave.
type popRun struct {
	ways    []time.Duration // sorted
	late    time.Duration   // at most, of a pop behind its time: the machine was busy
	machine string
}

func (r popRun) at(percent int) time.Duration {
	return r.ways[min(len(r.ways)*percent/100, len(r.ways)-1)]
}

// pops reserves agents at a steady rate; each call is bridged and ends as calls do, so that its agent is ready again.
func (o *office) pops(rate int, span time.Duration) popRun {
	o.t.Helper()
	began := map[uuid.UUID]time.Time{}
	var calls sync.WaitGroup
	var r popRun
	from := processorsNow()
	start := time.Now()
	for i := range int(span.Seconds() * float64(rate)) {
		due := start.Add(time.Duration(i) * time.Second / time.Duration(rate))
		<-time.After(time.Until(due)) // one that is late makes the next ones no later
		call := o.call(i)
		at := time.Now()
		seat, ok := o.floor.Reserve(o.campaign.ID, call)
		require.True(o.t, ok, "no agent is ready")
		began[call.Attempt] = at
		r.late = max(r.late, at.Sub(due))
		calls.Add(1)
		time.AfterFunc(20*time.Millisecond, func() { o.floor.Bridged(seat.Session, call.Attempt, time.Now()) })
		time.AfterFunc(min(popTalk, span), func() {
			o.floor.Ended(seat.Session, call.Attempt, agent.CallEnd{Outcome: lists.Connected, By: "callee", At: time.Now()})
			calls.Done()
		})
	}
	calls.Wait()
	eventually(o.t, func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return len(o.seen) >= len(began)
	}, "every pop to be read")
	r.machine = processorsNow().since(from) + " / " + loadNow()
	o.mu.Lock()
	defer o.mu.Unlock()
	for id, at := range began {
		require.Contains(o.t, o.seen, id)
		r.ways = append(r.ways, o.seen[id].Sub(at.Round(0)))
	}
	clear(o.seen)
	slices.Sort(r.ways)
	return r
}

// call is an answered call with the pop of an ordinary contact: a dozen fields, five earlier calls.
func (o *office) call(i int) agent.Call {
	id := uuid.New()
	pop := agent.Pop{AttemptID: id, Campaign: agent.PopCampaign{ID: o.campaign.ID, Name: o.campaign.Name}, Dispositions: o.campaign.Settings.Dispositions,
		Contact: agent.PopContact{ID: uuid.New(), Name: fmt.Sprint("Contact ", i), Phone: "+12125550123", Zone: "America/New_York", Fields: map[string]string{}}}
	for f := range 12 {
		pop.Contact.Fields[fmt.Sprint("field_", f)] = "a value of ordinary length"
	}
	for range 5 {
		pop.History = append(pop.History, agent.PopHistory{At: time.Now(), Outcome: "connected", Agent: "Agent 7", Disposition: "no_talk",
			Note: "Asked to be called in the afternoon, when the children are at school."})
	}
	return agent.Call{Attempt: id, Kind: "predictive", Pop: pop}
}

// usedMemory is what this process holds, in bytes.
type usedMemory struct {
	resident, heap, stacks int64
	goroutines             int
}

func memoryNow() usedMemory {
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u := usedMemory{heap: int64(m.HeapInuse), stacks: int64(m.StackInuse), goroutines: runtime.NumGoroutine()}
	if statm, err := os.ReadFile("/proc/self/statm"); err == nil {
		if f := strings.Fields(string(statm)); len(f) > 1 {
			pages, _ := strconv.ParseInt(f[1], 10, 64) // of the kernel's making
			u.resident = pages * int64(os.Getpagesize())
		}
	}
	return u
}

// processors is the time that they have spent since the machine started, in hundredths of a second.
type processors struct {
	at           time.Time
	busy, stolen float64
}

func processorsNow() processors {
	p := processors{at: time.Now()}
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return p
	}
	f := strings.Fields(strings.SplitN(string(stat), "\n", 2)[0])
	for _, i := range []int{1, 2, 3, 6, 7, 8} { // user, nice, system, interrupts, steal
		if i < len(f) {
			n, _ := strconv.ParseFloat(f[i], 64)
			p.busy += n
			if i == 8 {
				p.stolen = n
			}
		}
	}
	return p
}

func (p processors) since(from processors) string {
	span := p.at.Sub(from.at).Seconds() * 100
	return fmt.Sprintf("%.2f / %.2f", (p.busy-p.stolen-from.busy+from.stolen)/span, (p.stolen-from.stolen)/span)
}

func loadNow() string {
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(load))[0]
}
