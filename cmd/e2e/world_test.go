package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/cmd/app"
	"github.com/dialtide/dialtide/cmd/demo"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

func TestMain(m *testing.M) { lab.Main(m) }

// patience bounds every wait for something that must come; it is long because machines are slow, not because we are.
const patience = 60 * time.Second

const adminPassword = "only-for-this-test"

// world is one Dialtide with everything around it.
type world struct {
	*demo.Stage
	t     testing.TB
	base  string
	admin *client.Client
	db    *pgxpool.Pool

	stop func() // ends the product
}

// people decides how numbers behave; what it does not know, LastTwoDigits decides.
type people map[string]carrier.Behaviour

// number is a fictional number whose last two digits are xx.
func number(xx int) string { return fmt.Sprintf("+12065550%d%02d", 1, xx) }

// newWorld raises servers and carrier; the product is not started yet.
func newWorld(t testing.TB, who people) *world {
	t.Helper()
	return raise(t, demo.StageOptions{Phones: 6, Supervisors: []int{5, 6}, Fsync: true, Carrier: carrier.Options{
		Seed: 1, Tones: true, Route: func(number string) (carrier.Behaviour, bool) {
			if b, ok := who[number]; ok {
				return b, true
			}
			return carrier.LastTwoDigits(number)
		}}})
}

// raise is newWorld with a stage of one's own choice; Dir, Places and Log are set here.
func raise(t testing.TB, o demo.StageOptions) *world {
	t.Helper()
	n := lab.Addresses(t)
	places := demo.Places{Postgres: n.IP(100) + ":5432", Redis: n.IP(100) + ":6379", Listen: n.IP(100) + ":8080",
		Carrier: n.Carrier(0) + ":5060", Switch: n.Asterisk(0), SIPPort: 5060, ARIPort: 8088, Phones: n.Agents(0)}
	o.Dir, o.Places, o.Log = lab.Dir(t), places, slog.New(slog.DiscardHandler)
	if _, measured := t.(*testing.B); !measured {
		lab.ReadyPostgres(t, filepath.Join(o.Dir, "postgres"))
	}
	s, err := demo.Raise(t.Context(), o)
	w := &world{Stage: s, t: t, base: "http://" + places.Listen}
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, err)
	require.NoError(t, schema.Migrate(t.Context(), s.Config.Database))
	w.db, err = pgxpool.New(t.Context(), s.Config.Database)
	require.NoError(t, err)
	t.Cleanup(w.db.Close)
	_, err = api.CreateUser(t.Context(), w.db, api.NewUser{Login: "admin", Name: "Admin", Password: adminPassword, Role: api.Admin, Endpoint: demo.PhoneName(6)})
	require.NoError(t, err)
	return w
}

// serve runs the product inside the test.
func (w *world) serve() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	ready := make(chan string, 1)
	go func() { ended <- app.Run(ctx, w.Config, w.log(), "test", func(a string) { ready <- a }) }()
	select {
	case <-ready:
	case err := <-ended:
		cancel()
		require.NoError(w.t, err)
	}
	var once sync.Once
	w.stop = func() {
		once.Do(func() {
			cancel()
			require.NoError(w.t, <-ended)
		})
	}
	w.t.Cleanup(w.stop)
	w.signIn()
}

// log goes to the test's output when DIALTIDE_TEST_LOG is set.
func (w *world) log() *slog.Logger {
	if os.Getenv("DIALTIDE_TEST_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

var program = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("DIALTIDE_TEST_PROGRAM"); path != "" { // deploy/test.sh has built it for all of us
		return path, nil
	}
	dir, err := os.MkdirTemp("", "dialtide-e2e-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "dialtide")
	out, err := exec.Command("go", "build", "-o", path, "github.com/dialtide/dialtide/cmd/dialtide").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return path, nil
})

// spawn runs the product as a process of its own, which can be killed; it returns that process.
func (w *world) spawn() *exec.Cmd {
	w.t.Helper()
	path, err := program()
	require.NoError(w.t, err)
	c := w.Config
	cmd := exec.Command(path, "serve", "--listen", c.Listen, "--redis", c.Redis, "--node", c.Node, "--ari-url", c.ARIURL, "--ami-addr", c.AMIAddr,
		"--spool", c.Spool, "--recordings", c.Recordings, "--uploads", c.Uploads, "--drain-time", "5s")
	cmd.Env = append(os.Environ(), "DIALTIDE_DATABASE="+c.Database, "DIALTIDE_ARI_PASSWORD="+c.ARIPassword, "DIALTIDE_AMI_PASSWORD="+c.AMIPassword)
	if os.Getenv("DIALTIDE_TEST_LOG") != "" {
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	}
	require.NoError(w.t, cmd.Start())
	w.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may be gone already
		_ = cmd.Wait()
	})
	w.eventually("the process serves", func(ctx context.Context) bool {
		c, err := client.New(w.base)
		if err != nil {
			return false
		}
		defer c.Close()
		r, err := c.Ready(ctx)
		return err == nil && r.Status == "ready"
	})
	w.signIn()
	return cmd
}

func (w *world) signIn() {
	w.t.Helper()
	w.admin = w.as("admin", adminPassword)
}

func (w *world) as(login, password string) *client.Client {
	w.t.Helper()
	c, err := client.New(w.base)
	require.NoError(w.t, err)
	w.t.Cleanup(c.Close)
	_, err = c.Login(w.ctx(), login, password)
	require.NoError(w.t, err)
	return c
}

// ctx bounds one step.
func (w *world) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	w.t.Cleanup(cancel)
	return ctx
}

// eventually asks again and again; for what tells of itself only when asked.
func (w *world) eventually(what string, ok func(ctx context.Context) bool) {
	w.t.Helper()
	ctx := w.ctx()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for !ok(ctx) {
		select {
		case <-ctx.Done():
			require.Fail(w.t, "waited in vain", what)
		case <-tick.C:
		}
	}
}

// campaign loads the numbers by file upload and makes a paused campaign of them.
func (w *world) campaign(numbers []string, change func(*lists.Settings)) lists.Campaign {
	w.t.Helper()
	ctx := w.ctx()
	trunk, err := w.admin.CreateTrunk(ctx, lists.Trunk{Name: "trunk " + uuid.NewString(), Endpoint: "carrier", MaxChannels: 50, CPS: 50})
	require.NoError(w.t, err)
	list, err := w.admin.CreateList(ctx, "list "+uuid.NewString(), "US")
	require.NoError(w.t, err)
	var file strings.Builder
	file.WriteString("phone,name,tariff\n")
	for i, n := range numbers {
		fmt.Fprintf(&file, "%s,Contact %d,Green\n", n, i)
	}
	up, err := w.admin.Import(ctx, list.ID, "numbers.csv", strings.NewReader(file.String()))
	require.NoError(w.t, err)
	done, err := w.admin.WaitImport(ctx, up.ID, nil)
	require.NoError(w.t, err)
	require.EqualValues(w.t, len(numbers), done.Accepted, "%+v", done)
	script, err := w.admin.CreateScript(ctx, uuid.Nil, "script", demo.Script())
	require.NoError(w.t, err)
	s := lists.DefaultSettings()
	s.Packs, s.NoPacks = []string{}, true
	s.CallerID, s.Hours, s.RingTimeout = "+12065550199", compliance.Always(), 15
	s.ScriptID, s.ScriptVersion = script.ID, script.Version
	s.WrapUp = 300
	if change != nil {
		change(&s)
	}
	c, err := w.admin.CreateCampaign(ctx, api.CampaignDraft{Name: "campaign " + uuid.NewString(), TrunkID: trunk.ID, ListIDs: []uuid.UUID{list.ID}, Settings: s})
	require.NoError(w.t, err)
	return c
}

func (w *world) status(c lists.Campaign, s lists.CampaignStatus) {
	w.t.Helper()
	_, err := w.admin.SetStatus(w.ctx(), c.ID, s)
	require.NoError(w.t, err)
}

// seat is an agent with his phone and his screen.
type seat struct {
	*client.Desk
	w     *world
	Phone *carrier.Phone
	Tone  float64
	User  api.User
}

// agent makes an account, registers phone n and opens the desk; he is not logged in to a campaign.
func (w *world) agent(n int) *seat {
	w.t.Helper()
	login := fmt.Sprintf("agent%d", n)
	u, err := w.admin.CreateUser(w.ctx(), api.NewUser{Login: login, Name: "Agent " + login, Password: adminPassword, Role: api.Agent, Endpoint: demo.PhoneName(n)})
	require.NoError(w.t, err)
	s := &seat{w: w, Phone: w.phone(n), Tone: carrier.AgentTone(n), User: u}
	s.sit()
	return s
}

func (w *world) phone(n int) *carrier.Phone {
	w.t.Helper()
	p, err := w.Phone(n, false)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { _ = p.Close() })
	require.NoError(w.t, p.WaitRegistered(w.ctx()))
	return p
}

// sit signs in and opens the stream, as opening the page does.
func (s *seat) sit() {
	s.w.t.Helper()
	d, err := s.w.as(s.User.Login, adminPassword).Desk(context.Background())
	require.NoError(s.w.t, err)
	s.w.t.Cleanup(d.Close)
	s.Desk = d
}

func (s *seat) do(name string, data any) {
	s.w.t.Helper()
	require.NoError(s.w.t, s.Must(s.w.ctx(), name, data), name)
}

// work logs in to the campaign and gets ready.
func (s *seat) work(c lists.Campaign) {
	s.w.t.Helper()
	s.do("login", map[string]any{"campaign_id": c.ID})
	s.see("phone up", func(sc agent.Screen) bool { return sc.Phone == agent.PhoneUp })
	s.do("ready", nil)
}

// see waits for a screen.
func (s *seat) see(what string, fits func(agent.Screen) bool) agent.Screen {
	s.w.t.Helper()
	sc, err := s.Await(s.w.ctx(), fits)
	if err != nil {
		last, _, _ := s.Screen()
		require.NoError(s.w.t, err, "waited for: %s; last screen: %+v", what, last)
	}
	return sc
}

func talking(sc agent.Screen) bool { return sc.State == agent.Talking }
func ready(sc agent.Screen) bool   { return sc.State == agent.Ready }
func wrapUp(sc agent.Screen) bool  { return sc.State == agent.WrapUp && sc.NeedsDisposition }

func (s *seat) dispose(code string) {
	s.w.t.Helper()
	sc := s.see("wrap-up", wrapUp)
	s.do("dispose", map[string]any{"attempt_id": sc.Pop.AttemptID, "code": code, "note": ""})
}

// outcomes maps each number to the outcomes of its ended attempts, oldest first.
func (w *world) outcomes() map[string][]lists.Outcome {
	w.t.Helper()
	rows, err := w.db.Query(w.ctx(), `SELECT phone, outcome FROM attempts ORDER BY permit_at`)
	require.NoError(w.t, err)
	defer rows.Close()
	m := map[string][]lists.Outcome{}
	for rows.Next() {
		var phone string
		var o lists.Outcome
		require.NoError(w.t, rows.Scan(&phone, &o))
		m[phone] = append(m[phone], o)
	}
	require.NoError(w.t, rows.Err())
	return m
}

// settled waits until no attempt is open.
func (w *world) settled() {
	w.t.Helper()
	w.eventually("no attempt is open", func(ctx context.Context) bool {
		var n int
		err := w.db.QueryRow(ctx, `SELECT count(*) FROM open_attempts`).Scan(&n)
		return err == nil && n == 0 // the database may have been restarted under this connection
	})
}

// checkSwitchRecord compares what the carrier saw with what we allowed: every INVITE has an earlier committed permit
// (I12), and a number never has two calls at once (I1).
func (w *world) checkSwitchRecord() {
	w.t.Helper()
	type permit struct{ from, until time.Time }
	permits := map[string][]permit{}
	rows, err := w.db.Query(w.ctx(), `SELECT phone, permit_at, permit_until FROM permits`)
	require.NoError(w.t, err)
	defer rows.Close()
	for rows.Next() {
		var phone string
		var p permit
		require.NoError(w.t, rows.Scan(&phone, &p.from, &p.until))
		permits[phone] = append(permits[phone], p)
	}
	require.NoError(w.t, rows.Err())
	busyUntil := map[string]time.Time{}
	used := map[string]int{}
	for _, in := range w.Carrier.Invites() {
		used[in.Number]++
		ok := false
		for _, p := range permits[in.Number] {
			ok = ok || (p.from.Before(in.Arrived) && in.Arrived.Before(p.until.Add(time.Second)))
		}
		require.True(w.t, ok, "INVITE to %s at %s without a permit", in.Number, in.Arrived)
		require.False(w.t, in.Arrived.Before(busyUntil[in.Number]), "%s was called twice at once", in.Number)
		busyUntil[in.Number] = in.Ended
	}
	for n, k := range used {
		require.LessOrEqual(w.t, k, len(permits[n]), "%s was called more often than permitted", n)
	}
}
