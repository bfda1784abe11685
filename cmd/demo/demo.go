package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/cmd/app"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/lists"
)

// mixAddr is where the carrier's mix can be read and changed.
const mixAddr = "127.0.0.1:18090"

// Options say how the demo is shown.
type Options struct {
	Dir     string // absolute; keeps everything between two runs
	Version string
	Listen  string // host:port of the desktop; empty: that of DemoPlaces
}

// Run shows the demo until ctx ends; out gets what a person reads.
func Run(ctx context.Context, o Options, out io.Writer) error {
	dir := o.Dir
	places := DemoPlaces()
	if o.Listen != "" {
		places.Listen = o.Listen
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("demo folder: %w", err)
	}
	unlock, err := lock(dir)
	if err != nil {
		return err
	}
	defer unlock()
	if err := claim(ctx, places.Listen); err != nil {
		return err
	}
	logFile, err := os.Create(filepath.Join(dir, "dialtide.log"))
	if err != nil {
		return fmt.Errorf("demo log: %w", err)
	}
	defer func() { _ = logFile.Close() }()
	log := slog.New(slog.NewTextHandler(logFile, nil))
	scr := newScreen(out)
	say := scr.say
	say("starting PostgreSQL, Redis, Asterisk and the simulated carrier")
	mix := carrier.DefaultMix()
	stage, err := Raise(ctx, StageOptions{Dir: dir, Places: places, Phones: robots + 2, Supervisors: []int{supervisor.phone}, Fsync: true,
		Carrier: carrier.Options{Seed: 1, Mix: mix, Keep: 20_000}, Log: log})
	defer func() {
		say("stopping the servers")
		if err := stage.Close(); err != nil {
			log.Warn("stop", "err", err)
		}
		scr.clear()
	}()
	if err != nil {
		return err
	}
	say("bringing the database up to date")
	if err := schema.Migrate(ctx, stage.Config.Database); err != nil {
		return err
	}
	if err := bootstrap(ctx, stage.Config.Database); err != nil {
		return fmt.Errorf("first account: %w", err)
	}
	return play(ctx, stage, o.Version, log, scr)
}

// claim finds out before anything is started that an address of ours is taken. The servers ask for theirs when they start.
func claim(ctx context.Context, desktop string) error {
	if err := lab.ClaimPort(ctx, "the desktop", desktop); err != nil {
		return fmt.Errorf("%w; or give the desktop another address: make run LISTEN=127.0.0.1:8081", err)
	}
	return lab.ClaimPort(ctx, "the simulated carrier's control page", mixAddr)
}

// lock keeps a second demo out of the folder: it would rewrite the configuration of running servers.
func lock(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("demo folder: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another demo runs in %s: end it, or choose another folder with --var", dir), f.Close())
	}
	return func() { _ = f.Close() }, nil
}

// play runs the product, the people and the line of counters; the first that fails ends all.
func play(ctx context.Context, stage *Stage, version string, log *slog.Logger, scr *screen) error {
	g, ctx := errgroup.WithContext(ctx)
	addr := make(chan string, 1)
	g.Go(func() error {
		if err := app.Run(ctx, stage.Config, log, version, func(a string) { addr <- a }); err != nil {
			return err
		}
		return context.Cause(ctx)
	})
	g.Go(func() error { return serveMix(ctx, stage.Carrier) })
	g.Go(func() error {
		var base string
		select {
		case a := <-addr:
			base = "http://" + a
		case <-ctx.Done():
			return nil
		}
		return populate(ctx, stage, base, log, scr)
	})
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// populate seeds, connects the phones, lets the robots in, starts the campaign and shows counters.
func populate(ctx context.Context, stage *Stage, base string, log *slog.Logger, scr *screen) error {
	api, err := client.New(base)
	if err != nil {
		return err
	}
	defer api.Close()
	if _, err := api.Login(ctx, admin.login, admin.password()); err != nil {
		return fmt.Errorf("sign in as %s: %w", admin.login, err)
	}
	campaign, err := seed(ctx, api, scr.say)
	if err != nil {
		return ctxErr(ctx, err)
	}
	scr.say("registering the phones")
	for n := range robots + 2 {
		// A robot's phone sends its own tone, so that a test or a recording shows who is heard.
		phone, err := stage.Phone(n+1, n+1 > robots)
		if err != nil {
			return fmt.Errorf("phone %d: %w", n+1, err)
		}
		defer func() { _ = phone.Close() }()
		if err := phone.WaitRegistered(ctx); err != nil {
			return ctxErr(ctx, err)
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	for n := range robots {
		p := robotPerson(n + 1)
		r, err := newRobot(ctx, base, p.login, p.password(), campaign.ID, uint64(n), log)
		if err != nil {
			return ctxErr(ctx, err)
		}
		g.Go(func() error { return r.run(ctx) })
	}
	if campaign.Status != lists.Running {
		if _, err := api.SetStatus(ctx, campaign.ID, lists.Running); err != nil {
			return ctxErr(ctx, err)
		}
	}
	scr.clear()
	fmt.Fprint(scr.out, where(base))
	g.Go(func() error { return counters(ctx, api, stage, campaign.ID, scr) })
	return g.Wait()
}

func where(base string) string {
	return fmt.Sprintf(`
  Dialtide is dialling %d fictional contacts through a real Asterisk. Ctrl-C ends it.
  They are simulated: this campaign calls at any hour and names no rule pack (no_packs). Yours gets those of its lists' countries.

    agent         %[2]s/agent      %[3]s / %[4]s
    supervisor    %[2]s/board      %[5]s / %[6]s
    list manager  %[2]s/lists      %[7]s / %[8]s
    admin         %[2]s/users      %[9]s / %[10]s
    API           %[2]s/api/docs
    metrics       %[2]s/metrics
    carrier       http://%[11]s/mix   (PUT changes how people answer)

`, goodRows, base, lena.login, lena.password(), supervisor.login, supervisor.password(), manager.login, manager.password(),
		admin.login, admin.password(), mixAddr)
}

func serveMix(ctx context.Context, c *carrier.Carrier) error {
	srv := &http.Server{Addr: mixAddr, Handler: c.Handler(), ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("carrier's control page: %w", err)
	}
	return nil
}
