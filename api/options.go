package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api/report"
	"github.com/dialtide/dialtide/api/stream"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/recording"
)

// Engine is what the API asks of the dialer.
type Engine interface {
	// Withdraw cancels unanswered calls of these attempts and returns when they have ended.
	Withdraw(ctx context.Context, attempts []uuid.UUID) error
	// Wake makes the campaign's loop look at its settings now, and reads trunks and campaigns anew; uuid.Nil: that alone.
	Wake(campaign uuid.UUID)
	// Pacing says how a campaign is paced by this process, and why so.
	Pacing(campaign uuid.UUID) dialer.PacingStatus
	// Watch calls a supervisor's phone and brings it beside an agent's; the audit row is committed before.
	Watch(ctx context.Context, r dialer.WatchRequest) (dialer.WatchView, error)
	// ChangeWatch asks for another mode or agent; dialer.ErrNoWatch, dialer.ErrNotYours.
	ChangeWatch(ctx context.Context, c dialer.WatchChange) (dialer.WatchView, error)
	// EndWatch ends it; an unknown or ended one is no error. by is the supervisor who asks, nil for one who may end
	// anybody's. dialer.ErrNotYours: another supervisor's.
	EndWatch(ctx context.Context, id uuid.UUID, by *uuid.UUID, request string) error
	// Watches lists the watches of this process.
	Watches() []dialer.WatchView
}

// Desk carries out an agent's commands, which come over the WebSocket, and supervisors' orders.
type Desk interface {
	Do(ctx context.Context, agentID uuid.UUID, c agent.Command) agent.Reply
	// Steer carries out a supervisor's order; done: it took effect at once. Errors to be told are *agent.CommandError.
	Steer(ctx context.Context, agentID uuid.UUID, o agent.Order) (done bool, err error)
}

// Floor knows where this process's agents sit; agent.Floor is one.
type Floor interface {
	// Seated returns an agent's session and the leg of the phone; the nil leg says that the phone is not up, not ok that
	// the agent has no session here.
	Seated(agentID uuid.UUID) (session, leg uuid.UUID, ok bool)
	// RingNow says that the agent's phone can be rung and is in no call: whatever leg he had is gone. false: no session here.
	RingNow(agentID uuid.UUID) bool
	// Colleagues lists who else is logged in here, and the campaigns they sit in, with the agent's own campaign.
	Colleagues(agentID uuid.UUID) (campaign uuid.UUID, all []agent.Colleague, queues []agent.Queue, ok bool)
}

// Recordings is the archive that is searched and played from.
type Recordings interface {
	Search(ctx context.Context, f recording.Filter) ([]recording.Recording, error)
	Get(ctx context.Context, attempt uuid.UUID) (recording.Recording, error)
	Open(ctx context.Context, attempt uuid.UUID) (io.ReadSeekCloser, error)
	// Delete takes recordings away for good and returns how many there were; captures that come later are not kept.
	Delete(ctx context.Context, d recording.Deletion) (deleted int, err error)
}

// Probe tells the state of something that this process depends on.
type Probe struct {
	Name string // "redis", "switch"
	// Needed: while the probe fails, /readyz answers 503. Otherwise it answers 200 and names the reason.
	Needed bool
	// Check returns nil when all is well; its error is shown to anyone who may read /readyz, so it names no secrets.
	Check func(ctx context.Context) error
}

// Options wires a Server. Pool, Store, Hub, Engine, Desk, Floor and Recordings are needed.
type Options struct {
	Pool       *pgxpool.Pool
	Store      *lists.Store
	Hub        *stream.Hub
	Engine     Engine
	Desk       Desk
	Floor      Floor
	Recordings Recordings
	Tape       Tape
	// Talk does what a supervisor wants of a call's recording; errors to be told are *agent.CommandError.
	Talk       func(ctx context.Context, r agent.TalkRequest) error
	Phones     Phones   // softphones in the browser; nil: there are none
	ICEServers []string // "stun:host:port", for softphones that are not in one network with the switch

	Web  http.Handler // the desktop: every path that is not ours; nil: none
	Docs fs.FS        // swagger-ui's files; nil: a plain page of our own

	Uploads   string // folder for list files while they are loaded; made when missing
	MaxUpload int64  // bytes of one list file; default 512 MiB
	Importers int    // files loaded at once; default 1

	Mail report.Mail // the server that takes scheduled reports; an empty Addr: there is none

	SecureCookies   bool           // send the session cookie over HTTPS only
	SessionLifetime time.Duration  // a sign-in ends after this; default 12 h
	TrustedProxies  []netip.Prefix // whose X-Forwarded-For is believed; default (nil) loopback
	TrustedOrigins  []string       // further origins ("https://host") that may call, for proxies that change Host; for the stream the Hub's Origins say so
	MetricsFrom     []netip.Prefix // who may read /metrics; default loopback

	WebhookAllow []netip.Prefix // networks that webhooks may reach although they are not public, also by http

	Passwords  argon2id.Params // default PasswordParams
	Probes     []Probe         // asked by /readyz besides the database
	Registry   *prometheus.Registry
	Log        *slog.Logger
	Now        func() time.Time
	Version    string
	WatchEvery time.Duration // how often open sockets are checked against their sessions; default 2 s
}

func (o *Options) complete() error {
	var errs []error
	need := func(ok bool, name string) {
		if !ok {
			errs = append(errs, fmt.Errorf("api: option %s is missing", name))
		}
	}
	need(o.Pool != nil, "Pool")
	need(o.Store != nil, "Store")
	need(o.Hub != nil, "Hub")
	need(o.Engine != nil, "Engine")
	need(o.Desk != nil, "Desk")
	need(o.Floor != nil, "Floor")
	need(o.Recordings != nil, "Recordings")
	need(o.Tape != nil, "Tape")
	need(o.Talk != nil, "Talk")
	if !filepath.IsAbs(o.Uploads) {
		errs = append(errs, fmt.Errorf("api: uploads folder %q: need an absolute path", o.Uploads))
	} else if err := os.MkdirAll(o.Uploads, 0o700); err != nil {
		errs = append(errs, fmt.Errorf("api: uploads folder: %w", err))
	}
	o.defaults()
	return errors.Join(errs...)
}

func (o *Options) defaults() {
	if o.MaxUpload == 0 {
		o.MaxUpload = 512 << 20
	}
	if o.Importers == 0 {
		o.Importers = 1
	}
	if o.SessionLifetime == 0 {
		o.SessionLifetime = 12 * time.Hour
	}
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	if o.MetricsFrom == nil {
		o.MetricsFrom = loopback
	}
	if o.TrustedProxies == nil {
		// A proxy on this machine is the usual case: without its word every caller would look local.
		o.TrustedProxies = loopback
	}
	if o.Passwords == (argon2id.Params{}) {
		o.Passwords = PasswordParams
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.WatchEvery == 0 {
		o.WatchEvery = 2 * time.Second
	}
}
