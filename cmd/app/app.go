package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/report"
	"github.com/dialtide/dialtide/api/stream"
	"github.com/dialtide/dialtide/api/web"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/asterisk"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/recording"
)

// parts is everything that lives as long as the process.
type parts struct {
	cfg      Config
	log      *slog.Logger
	registry *prometheus.Registry
	pools    *pools
	node     *nodeLock
	redis    *redis.Client
	hub      *stream.Hub
	relay    *stream.Relay
	floor    *agent.Floor
	desk     *agent.Desk
	adapter  *asterisk.Adapter
	dialplan *dialplan
	engine   *dialer.Engine
	archive  *recording.Archive
	marks    *recording.Marks
	server   *api.Server
}

// Run serves until ctx ends and everything is drained. ready, when not nil, is called with the listening address as soon
// as the pages can be opened.
func Run(ctx context.Context, cfg Config, log *slog.Logger, version string, ready func(addr string)) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	if err := schema.Check(ctx, cfg.Database); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w; choose another with --listen", cfg.Listen, err)
	}
	node, err := holdNode(ctx, cfg.Database, cfg.Node, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	p, err := assemble(ctx, cfg, log, version)
	if err != nil {
		node.release()
		return errors.Join(err, listener.Close())
	}
	p.node = node
	defer p.close()
	return p.run(ctx, listener, ready)
}

func assemble(ctx context.Context, cfg Config, log *slog.Logger, version string) (*parts, error) {
	p := &parts{cfg: cfg, log: log, registry: prometheus.NewRegistry(), dialplan: newDialplan()}
	p.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	opts, err := redis.ParseURL(cfg.Redis)
	if err != nil {
		return nil, fmt.Errorf("redis %q: %w", cfg.Redis, err)
	}
	redis.SetLogger(redisLog{log})
	p.redis = redis.NewClient(opts)
	if p.pools, err = openPools(ctx, cfg.Database); err != nil {
		return nil, err
	}
	steps := []func() error{p.makeStream, p.makeSwitch, p.makeFloor, p.makeArchive, p.makeEngine,
		func() error { return p.makeServer(version) }}
	for _, step := range steps {
		if err := step(); err != nil {
			p.close()
			return nil, err
		}
	}
	return p, nil
}

// redisLog takes what the Redis client would write to standard error. It is no news: /readyz and the relay tell it too.
type redisLog struct{ log *slog.Logger }

// Printf implements the client's logger.
func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.log.DebugContext(ctx, "redis: "+fmt.Sprintf(format, v...))
}

func (p *parts) makeStream() error {
	p.hub = stream.New(stream.Config{Node: p.cfg.Node, Origins: hosts(p.cfg.TrustedOrigins), Log: p.log, Registerer: p.registry})
	p.relay = stream.NewRelay(p.hub, p.redis, stream.RelayConfig{Log: p.log})
	return nil
}

func (p *parts) makeSwitch() (err error) {
	p.adapter, err = asterisk.New(asterisk.Config{URL: p.cfg.ARIURL, User: p.cfg.ARIUser, Password: p.cfg.ARIPassword,
		AMIAddr: p.cfg.manager(), AMIUser: p.cfg.AMIUser, AMIPassword: p.cfg.AMIPassword,
		App: p.cfg.AppName(), Spool: p.cfg.Spool, Log: p.log, Registerer: p.registry})
	return err
}

func (p *parts) makeFloor() error {
	p.floor = agent.NewFloor(agent.Config{Node: p.cfg.Node, Clock: time.Now, Log: p.log, Rows: agent.NewRows(p.pools.desk), Phones: p.adapter})
	p.desk = agent.NewDesk(p.floor, lists.New(p.pools.desk))
	p.floor.Publish = func(id uuid.UUID, s agent.Screen) { p.hub.Put("agent:"+id.String(), "screen", s) }
	p.floor.PublishBoard = p.publishBoard
	p.hub.OnPresence = p.desk.Connected
	p.desk.Shown = func(id uuid.UUID) bool { return p.hub.Has("agent:"+id.String(), "screen") }
	return nil
}

func (p *parts) makeArchive() (err error) {
	p.marks = recording.NewMarks(p.pools.api, p.log)
	p.marks.Sounds = recording.NewSounds(p.cfg.Sounds)
	cfg, err := p.cfg.recordings()
	if err != nil {
		return err
	}
	cfg.Pool, cfg.Log, cfg.Now, cfg.Reg, cfg.Marks, cfg.Audit = p.pools.api, p.log, time.Now, p.registry, p.marks, lists.New(p.pools.api).Audit
	p.archive, err = recording.New(cfg)
	return err
}

func (p *parts) makeEngine() (err error) {
	store := lists.New(p.pools.dial)
	p.engine, err = dialer.New(dialer.Config{Ledger: store, Leases: store, Catalogue: store, Switch: p.adapter, Floor: p.floor,
		OwnFloor: p.floor, OwnLedger: store, Callers: p.adapter, Teller: p.adapter, CallerLedger: store, Legs: p.adapter, TalkFloor: p.floor, TalkLedger: store, Node: p.cfg.Node, Log: p.log, Registerer: p.registry, PublishBoard: p.publishBoard,
		WatchSwitch: p.adapter, WatchFloor: p.floor, WatchLedger: store, PublishWatch: p.publishWatch,
		Recorder: recorder(p.adapter, p.cfg), Mark: p.marks.Add, ShowRecording: p.floor.ShowRecording, RecordingFails: p.archive.Fails, SwitchLacks: p.dialplan.why,
		OnEnded:  func(dialer.EndedCall) { p.archive.Wake() },
		Restore:  func(ctx context.Context, now dialer.Snapshot) error { return p.floor.Adopt(ctx, bridged(now)) },
		KnowsLeg: p.floor.OwnsLeg, PopShown: p.floor.PopShown})
	if err != nil {
		return err
	}
	p.floor.Covered = p.engine.Covered
	p.floor.OnChange = p.engine.AgentsChanged
	p.floor.Drop = p.engine.Drop
	p.floor.Lapsed = p.engine.Lapsed
	p.desk.Dial = p.engine.Dial
	p.floor.DropFrom = p.engine.DropFrom
	p.desk.Talk, p.desk.Parts = p.engine.Talk, lists.New(p.pools.desk)
	p.desk.Hangup = p.engine.Hangup
	p.desk.Withdraw = func(ctx context.Context, open []uuid.UUID) {
		if err := p.engine.Withdraw(ctx, open); err != nil {
			p.log.Warn("calls to a number that must not be called are not withdrawn yet", "err", err)
		}
	}
	return nil
}

func (p *parts) makeServer(version string) (err error) {
	var docs fs.FS = web.Docs()
	p.server, err = api.New(api.Options{Pool: p.pools.api, Store: lists.New(p.pools.api), Hub: p.hub, Engine: p.engine, Desk: p.desk, Floor: p.floor,
		Recordings: p.archive, Tape: p.archive, Talk: p.engine.Talk, Phones: p.adapter, ICEServers: p.cfg.ICEServers, Web: web.Handler(), Docs: docs, Uploads: p.cfg.Uploads, SecureCookies: p.cfg.SecureCookie,
		TrustedProxies: p.cfg.TrustedProxies, TrustedOrigins: p.cfg.TrustedOrigins, MetricsFrom: p.cfg.MetricsFrom, WebhookAllow: p.cfg.WebhookAllow,
		Mail:     report.Mail{Addr: p.cfg.SMTPAddr, From: p.cfg.SMTPFrom, User: p.cfg.SMTPUser, Password: p.cfg.SMTPPassword, Plain: p.cfg.SMTPPlain},
		Registry: p.registry, Log: p.log, Now: time.Now, Version: version,
		Probes: []api.Probe{
			{Name: "redis", Check: func(ctx context.Context) error { return p.redis.Ping(ctx).Err() }},
			{Name: "switch", Check: p.probeSwitch},
		}})
	return err
}

// hosts are those of the origins, as the WebSocket's origin check wants them.
func hosts(origins []string) []string {
	out := make([]string, 0, len(origins))
	for _, o := range origins {
		if u, err := url.Parse(o); err == nil && u.Host != "" {
			out = append(out, u.Host)
		}
	}
	return out
}

// publishBoard shows a row on the supervisors' board; a nil value removes it.
func (p *parts) publishBoard(key string, value any) {
	if value == nil {
		p.hub.Delete("board", key)
		return
	}
	p.hub.Put("board", key, value)
}

// publishWatch shows a supervisor, wherever he is, and the board what his phone is beside.
func (p *parts) publishWatch(watch, supervisor uuid.UUID, v *dialer.WatchView) {
	topic, key := api.WatchTopic(supervisor), "watch/"+watch.String()
	if v == nil {
		p.hub.Delete(topic, "watch")
		p.hub.Delete("board", key)
		return
	}
	p.hub.Put(topic, "watch", v) // he has one at most
	p.hub.Put("board", key, v)
}

func (p *parts) probeSwitch(context.Context) error {
	if !p.adapter.Up() {
		return errors.New("Asterisk is not connected: no calls are placed; `dialtide check` says why")
	}
	if why := p.dialplan.why(); why != "" {
		return errors.New("no calls are placed: " + why)
	}
	return nil
}

// recorder is nil when the manager interface is not set up, so that nothing is promised that cannot be kept.
func recorder(a *asterisk.Adapter, cfg Config) dialer.Recorder {
	if cfg.manager() == "" {
		return nil
	}
	return a
}

// bridged tells of each channel that is up in which bridge it is.
func bridged(now dialer.Snapshot) map[uuid.UUID]uuid.UUID {
	m := make(map[uuid.UUID]uuid.UUID, len(now.Channels))
	for _, c := range now.Channels {
		if c.Up {
			m[c.ID] = c.Bridge
		}
	}
	return m
}

// run starts the parts and ends them in order: dials first, then talks, then pages, then what they lean on.
func (p *parts) run(ctx context.Context, listener net.Listener, ready func(addr string)) error {
	leaning, stopLeaning := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLeaning()
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	context.AfterFunc(ctx, func() {
		p.log.Info("stopping: no new calls; waiting for talks to end", "at_most", p.cfg.DrainTime)
		time.AfterFunc(p.cfg.DrainTime, stopWork)
	})
	g, failed := errgroup.WithContext(leaning)
	g.Go(func() error { return p.node.run(failed) })
	g.Go(func() error { return p.housekeep(failed) })
	g.Go(func() error { return p.learn(failed) })
	g.Go(func() error { return p.countScripts(failed) })
	g.Go(func() error { return p.watchDisks(failed) })
	g.Go(func() error { return p.order(failed) })
	g.Go(func() error { return p.wake(failed) })
	g.Go(func() error { return quiet(p.adapter.Run(failed, p.dialplan.before(p.engine.HandleEvent))) })
	g.Go(func() error { return p.watchDialplan(failed) })
	g.Go(func() error { return quiet(p.floor.Run(failed)) })
	g.Go(func() error { return quiet(p.desk.Run(failed)) })
	g.Go(func() error { return quiet(p.relay.Run(failed)) })
	g.Go(func() error { return quiet(p.archive.Run(failed)) })
	g.Go(func() error { return quiet(p.marks.Run(failed)) })
	g.Go(func() error { return quiet(p.archive.Upkeep(failed)) })
	g.Go(func() error { return quiet(p.server.Run(failed)) })

	web := p.server.HTTPServer()
	g.Go(func() error {
		if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("web server: %w", err)
		}
		return nil
	})
	if ready != nil {
		ready(listener.Addr().String())
	}
	admit, stopAdmit := context.WithCancel(ctx)
	// A part that failed takes the process down at once: talks go on in the switch, and the next process adopts them.
	context.AfterFunc(failed, func() { stopAdmit(); stopWork() })
	err := p.engine.Run(admit, work)
	return errors.Join(err, p.shutdown(web, stopLeaning, g))
}

// housekeep does once at the start and then daily what keeps the database in shape.
func (p *parts) housekeep(ctx context.Context) error {
	store := lists.New(p.pools.api)
	tick := time.NewTicker(24 * time.Hour)
	defer tick.Stop()
	for {
		if err := store.EnsurePartitions(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("next month's partition of the attempts could not be made; the default one takes its rows", "err", err)
		}
		p.dropOld(ctx, store)
		if _, err := store.Trim(ctx); err != nil && ctx.Err() == nil {
			p.log.Warn("old commands and outbox rows could not be deleted; tried again tomorrow", "err", err)
		}
		if err := store.TidyRegistries(ctx); err != nil && ctx.Err() == nil {
			p.log.Warn("replaced registry numbers could not be dropped; tried again tomorrow", "err", err)
		}
		if _, err := store.ForgetConsents(ctx, lists.KeepConsents); err != nil && ctx.Err() == nil {
			p.log.Warn("consents whose retention is over could not be deleted; tried again tomorrow", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (p *parts) shutdown(web *http.Server, stopLeaning func(), g *errgroup.Group) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := errors.Join(web.Shutdown(ctx), p.hub.Close(ctx))
	stopLeaning()
	return errors.Join(err, g.Wait())
}

func (p *parts) close() {
	if p.pools != nil {
		p.pools.close()
	}
	if err := p.redis.Close(); err != nil {
		p.log.Debug("close redis", "err", err)
	}
}

// quiet drops the error that only says that we asked for the end.
func quiet(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
