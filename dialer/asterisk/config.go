package asterisk

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/dialtide/dialtide/dialer"
)

// Config says where ARI is and who we are there.
type Config struct {
	URL      string // http://host:port, with the prefix of http.conf if there is one
	User     string // of ari.conf, not read_only
	Password string
	App      string // Stasis application; must differ between the dialers of one Asterisk
	Spool    string // folder of raw recordings on the switch, absolute; empty: Dial.Record is refused

	// The manager interface, as host:port; empty: recordings cannot be paused.
	AMIAddr, AMIUser, AMIPassword string

	TalkLimit   time.Duration // longest talk before the switch ends a call by itself; default 2 h
	PhoneRing   time.Duration // how long an agent's or supervisor's phone may ring; default 30 s
	Queue       int           // events between reader and handler; default 8192
	InFlight    int           // originates waiting for their reply at one time; default 128
	Clock       func() time.Time
	Log         *slog.Logger
	Registerer  prometheus.Registerer // nil: metrics are not exported
	timing      timing                // tests shorten it
	beforeLists func()                // tests act between subscription and lists
	probe       bool                  // of Check: no events are wanted
}

// timing holds the periods of the connection's care.
type timing struct {
	ping, dead     time.Duration // a ping every so often; without a sign of life for dead the socket is closed
	verify         time.Duration // between looks whether the application is there
	backoff, limit time.Duration // first and longest wait before a new connect
	request        time.Duration // one HTTP request
	disarm         time.Duration // first wait before the dead man's handle is tried again
}

var realTiming = timing{
	ping: 2 * time.Second, dead: 5 * time.Second, verify: 3 * time.Second,
	backoff: 100 * time.Millisecond, limit: 5 * time.Second, request: 5 * time.Second, disarm: 50 * time.Millisecond,
}

// Contexts of the dialplan in deploy/asterisk.
const (
	contextOut        = "dialtide-out"
	contextMessage    = "dialtide-message"
	contextAgent      = "dialtide-agent"
	contextSupervisor = "dialtide-supervisor"
	contextAMD        = "dialtide-amd"
	contextOutside    = "dialtide-outside"
	contextAnswer     = "dialtide-answer"
	contextNobody     = "dialtide-nobody"
)

// What may reach Asterisk; anything else is refused here.
var (
	numberPattern = regexp.MustCompile(`^[0-9+*#]{3,20}$`)
	callerPattern = regexp.MustCompile(`^\+?[0-9]{3,20}$`)
	namePattern   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)
	soundPattern  = regexp.MustCompile(`^[A-Za-z0-9_/-]{1,80}$`)
	spoolPattern  = regexp.MustCompile(`^/[A-Za-z0-9_./-]{1,150}$`)
)

// Adapter is one dialer's hold of one Asterisk. Make it with New, keep it going with Run; all methods are safe for
// concurrent use.
type Adapter struct {
	cfg     Config
	base    string // URL with /ari, no slash at the end
	client  *http.Client
	metrics *metrics
	log     *slog.Logger
	now     func() time.Time
	slots   chan struct{} // originates in flight
	up      atomic.Bool
	asked   recent
	workers sync.WaitGroup
	table   table
}

var _ dialer.Switch = (*Adapter)(nil)

// New checks the configuration; it does not connect.
func New(cfg Config) (*Adapter, error) {
	base, err := baseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	switch {
	case cfg.User == "" || cfg.Password == "":
		return nil, errors.New("asterisk: ARI user and password are needed")
	case !namePattern.MatchString(cfg.App):
		return nil, fmt.Errorf("asterisk: application name %q is not allowed, want %s", cfg.App, namePattern)
	case cfg.AMIAddr != "" && (!amiValue.MatchString(cfg.AMIUser) || !amiSecret.MatchString(cfg.AMIPassword)):
		return nil, errors.New("asterisk: user and password of the manager interface must be 1 to 128 of A-Z a-z 0-9 _.~+/=-")
	case cfg.Spool != "" && (!spoolPattern.MatchString(cfg.Spool) || strings.Contains(cfg.Spool, "..")):
		return nil, fmt.Errorf("asterisk: recording folder %q is not allowed, want an absolute path of %s", cfg.Spool, spoolPattern)
	}
	cfg = cfg.withDefaults()
	a := &Adapter{
		cfg: cfg, base: base, log: cfg.Log, now: cfg.Clock,
		slots: make(chan struct{}, cfg.InFlight),
	}
	a.table.reset()
	a.table.hold = holdID(cfg.App)
	a.client = newHTTPClient(cfg.InFlight)
	if a.metrics, err = newMetrics(cfg.Registerer); err != nil {
		return nil, err
	}
	return a, nil
}

func baseURL(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", fmt.Errorf("asterisk: address of ARI: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || strings.Contains(u.Path, "//") {
		return "", fmt.Errorf("asterisk: address of ARI %q is not of the form http://host:port", text)
	}
	if u.User != nil || u.RawQuery != "" {
		return "", errors.New("asterisk: address of ARI must have neither user nor query; name the user separately")
	}
	return u.Scheme + "://" + u.Host + strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), "/ari") + "/ari", nil
}

func (c Config) withDefaults() Config {
	if c.TalkLimit <= 0 {
		c.TalkLimit = 2 * time.Hour
	}
	if c.PhoneRing <= 0 {
		c.PhoneRing = 30 * time.Second
	}
	if c.Queue <= 0 {
		c.Queue = 8192
	}
	if c.InFlight <= 0 {
		c.InFlight = 128
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.timing == (timing{}) {
		c.timing = realTiming
	}
	return c
}

// Up reports whether originates may be asked for: the socket is open, the application was seen, and the handler has
// returned from Resync.
func (a *Adapter) Up() bool { return a.up.Load() }

// derived makes the id of a channel or bridge that belongs to another one, so that it can be found again after a
// restart of the dialer.
func derived(id uuid.UUID, what string) uuid.UUID { return uuid.NewSHA1(id, []byte(what)) }

const (
	forScreen = "screen" // snoop of AMD, from the attempt
	forWatch  = "watch"  // snoop of a supervisor; its id is that of the act in the audit log
)

// recent remembers the attempts that were asked for in the last one to two minutes, longer than any permit lives.
type recent struct {
	mu       sync.Mutex
	now, old map[uuid.UUID]struct{}
	turned   time.Time
}

// add reports false when id was there.
func (r *recent) add(id uuid.UUID, at time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now == nil || at.Sub(r.turned) > time.Minute {
		r.old, r.now, r.turned = r.now, make(map[uuid.UUID]struct{}), at
	}
	_, a := r.now[id]
	_, b := r.old[id]
	if a || b {
		return false
	}
	r.now[id] = struct{}{}
	return true
}
