package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dialtide/dialtide/cmd/app"
	"github.com/dialtide/dialtide/deploy/asterisk"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/deploy/lab"
)

// Places are the loopback addresses of one stage. Each party of a call has an address of its own, because the switch
// knows its trunk by the source address.
type Places struct {
	Postgres, Redis, Listen, Carrier string // host:port
	Switch                           string // IPv4 of SIP, voice and ARI
	SIPPort, ARIPort                 int
	Phones                           string // IPv4 of agents' phones
}

// DemoPlaces are the fixed addresses of `dialtide demo`, away from the usual ports of a machine's own services.
func DemoPlaces() Places {
	return Places{Postgres: "127.0.0.1:15432", Redis: "127.0.0.1:16379", Listen: "127.0.0.1:8080",
		Carrier: "127.0.0.20:15060", Switch: "127.0.0.10", SIPPort: 15060, ARIPort: 18088, Phones: "127.0.0.30"}
}

// StageOptions say how a stage is set up.
type StageOptions struct {
	Dir         string // absolute; everything lives below it and is used again by the next stage
	Places      Places
	Phones      int   // agent-1001 … may register
	Supervisors []int // of those phones the ones that may call to watch agents
	Fsync       bool  // PostgreSQL as in production
	Carrier     carrier.Options
	Log         *slog.Logger
}

// Stage is everything around the product: real servers and simulated people, and the configuration that fits them.
type Stage struct {
	Postgres *lab.PG
	Redis    *lab.RedisServer
	Asterisk *lab.AsteriskServer
	Media    *carrier.Media
	Carrier  *carrier.Carrier // nil when the options ask for none
	Config   app.Config

	opts StageOptions
}

// phoneSecret is the SIP password of the stage's phones: loopback only, and only simulated phones use it.
const phoneSecret = "stage-only-phone"

// PhoneName is the SIP endpoint of the n-th phone, from 1.
func PhoneName(n int) string { return "agent-" + strconv.Itoa(1000+n) }

// Raise starts the servers side by side and the carrier. The caller closes the stage, also after an error.
func Raise(ctx context.Context, opts StageOptions) (*Stage, error) {
	p := opts.Places
	s := &Stage{opts: opts, Config: app.Config{
		Listen: p.Listen, Node: "n1",
		ARIURL: "http://" + net.JoinHostPort(p.Switch, strconv.Itoa(p.ARIPort)), ARIUser: "dialtide",
		Spool: filepath.Join(opts.Dir, "spool"), Recordings: filepath.Join(opts.Dir, "recordings"),
		Uploads: filepath.Join(opts.Dir, "uploads"), DrainTime: 5 * time.Second, LogLevel: slog.LevelWarn,
	}}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.raisePostgres(ctx) })
	g.Go(func() error { return s.raiseRedis(ctx) })
	g.Go(func() error { return s.raiseAsterisk(ctx) })
	if err := g.Wait(); err != nil {
		return s, err
	}
	s.Media = carrier.NewMedia(opts.Carrier.Seed, opts.Log)
	co := opts.Carrier
	co.Address, co.Media, co.Log = p.Carrier, s.Media, opts.Log
	var err error
	if s.Carrier, err = carrier.New(co); err != nil {
		return s, fmt.Errorf("simulated carrier: %w", err)
	}
	return s, nil
}

func (s *Stage) raisePostgres(ctx context.Context) error {
	pg, err := lab.Postgres(ctx, lab.PostgresOptions{Dir: filepath.Join(s.opts.Dir, "postgres"), Addr: s.opts.Places.Postgres, Fsync: s.opts.Fsync})
	if err != nil {
		return err
	}
	s.Postgres = pg
	if err := pg.CreateDatabase(ctx, "dialtide"); err != nil {
		return err
	}
	s.Config.Database = pg.URL("dialtide")
	return nil
}

func (s *Stage) raiseRedis(ctx context.Context) error {
	r, err := lab.Redis(ctx, lab.RedisOptions{Dir: filepath.Join(s.opts.Dir, "redis"), Addr: s.opts.Places.Redis})
	if err != nil {
		return err
	}
	s.Redis, s.Config.Redis = r, r.URL()
	return nil
}

func (s *Stage) raiseAsterisk(ctx context.Context) error {
	p := s.opts.Places
	o := lab.AsteriskOptions{Dir: filepath.Join(s.opts.Dir, "asterisk"), Host: p.Switch, SIPPort: p.SIPPort, HTTPPort: p.ARIPort,
		CarrierAddr: p.Carrier, SpoolDir: s.Config.Spool, Adjust: func(c *asterisk.Params) { c.ICEHost = ownAddress() }}
	for n := range s.opts.Phones {
		o.Agents = append(o.Agents, lab.AgentEndpoint{Name: PhoneName(n + 1), Secret: phoneSecret, Supervisor: slices.Contains(s.opts.Supervisors, n+1)})
	}
	a, err := lab.Asterisk(ctx, o)
	if err != nil {
		return err
	}
	s.Asterisk, s.Config.ARIPassword, s.Config.Sounds = a, a.Password(), a.Sounds()
	s.Config.AMIAddr, s.Config.AMIUser, s.Config.AMIPassword = a.AMI()
	return nil
}

// ownAddress is an IPv4 address of this machine that is no loopback: a switch on loopback offers its own in place of that to
// browsers, which are on the same machine. Empty: there is none, and browsers find no way.
func ownAddress() string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() {
			return n.IP.String()
		}
	}
	return ""
}

// Phone registers the n-th phone with the switch; it answers by itself and talks in its own tone, or in words. Where the
// carrier has no audio, phones have none either.
func (s *Stage) Phone(n int, words bool) (*carrier.Phone, error) {
	tone := carrier.AgentTone(n)
	if words {
		tone = 0
	}
	return carrier.NewPhone(carrier.PhoneOptions{Server: s.Asterisk.SIPAddr(), Address: net.JoinHostPort(s.opts.Places.Phones, "0"),
		User: PhoneName(n), Password: phoneSecret, Tone: tone, Media: s.Media, NoMedia: s.opts.Carrier.NoMedia, Log: s.opts.Log})
}

// Close ends everything that Raise started, people first.
func (s *Stage) Close() error {
	var errs []error
	if s.Carrier != nil {
		errs = append(errs, s.Carrier.Close())
	}
	if s.Media != nil {
		errs = append(errs, s.Media.Close())
	}
	if s.Asterisk != nil {
		errs = append(errs, s.Asterisk.Stop())
	}
	if s.Redis != nil {
		errs = append(errs, s.Redis.Stop())
	}
	if s.Postgres != nil {
		errs = append(errs, s.Postgres.Stop())
	}
	return errors.Join(errs...)
}
