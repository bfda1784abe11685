package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sys/unix"

	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/dialer/asterisk"
)

// Finding is one line of `dialtide check`: what was looked at, and in plain words how it is and what to do.
type Finding struct {
	Part    string
	OK      bool
	Warning bool // works, but not as it should
	Text    string
}

func good(part, text string) Finding { return Finding{Part: part, OK: true, Text: text} }
func warn(part, text string) Finding { return Finding{Part: part, OK: true, Warning: true, Text: text} }
func bad(part, text string) Finding  { return Finding{Part: part, Text: text} }

// maxClockDifference between this machine and the database: permits and windows are the database's, ring times are ours.
const maxClockDifference = 2 * time.Second

// Check looks at everything that the process will lean on, changes nothing that stays and places no call. What `serve` makes by
// itself need not be there yet.
func Check(ctx context.Context, cfg Config) []Finding {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if err := cfg.Validate(); err != nil {
		return []Finding{bad("settings", err.Error())}
	}
	found := []Finding{good("settings", "complete")}
	need, db := checkDatabase(ctx, cfg)
	found = append(found, db...)
	found = append(found, checkRedis(ctx, cfg))
	found = append(found, checkSwitch(ctx, cfg, need)...)
	return append(found, checkSpool(cfg.Spool), checkFolder("recordings", cfg.Recordings), checkFolder("uploads", cfg.Uploads))
}

// checkDatabase also returns what the data in it wants of the switch.
func checkDatabase(ctx context.Context, cfg Config) (need asterisk.Needs, found []Finding) {
	conn, err := pgx.Connect(ctx, cfg.Database)
	if err != nil {
		return need, []Finding{bad("database", "cannot connect: "+err.Error()+"; check --database (DIALTIDE_DATABASE), and that PostgreSQL runs and lets this user in")}
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	found = append(found, good("database", "answers"))
	switch err := schema.Check(ctx, cfg.Database); {
	case err != nil:
		return need, append(found, bad("migrations", err.Error()))
	default:
		found = append(found, good("migrations", "level with this program"))
	}
	found = append(found, checkClock(ctx, conn), checkAdmin(ctx, conn))
	if need, err = needs(ctx, conn); err != nil {
		return need, append(found, bad("database", "accounts, trunks and campaigns cannot be read: "+err.Error()))
	}
	if len(need.Trunks) == 0 {
		found = append(found, warn("trunks", "there is none yet, and campaigns need one: an administrator makes it on the page Users, tab Trunks, or with POST /api/trunks"))
	}
	return need, found
}

// needs reads what accounts, trunks and campaigns refer to on the switch.
func needs(ctx context.Context, conn *pgx.Conn) (n asterisk.Needs, err error) {
	return n, conn.QueryRow(ctx, `SELECT
		ARRAY(SELECT DISTINCT endpoint FROM trunks ORDER BY endpoint),
		ARRAY(SELECT DISTINCT settings->>'message' FROM campaigns WHERE settings->>'message' <> '' AND status <> 'stopped' ORDER BY 1),
		ARRAY(SELECT endpoint FROM users WHERE phone_kind = 'sip' AND endpoint <> '' AND NOT disabled ORDER BY endpoint),
		EXISTS (SELECT FROM users WHERE phone_kind = 'webrtc' AND NOT disabled)`).Scan(&n.Trunks, &n.Messages, &n.Phones, &n.Browser)
}

func checkClock(ctx context.Context, conn *pgx.Conn) Finding {
	before := time.Now()
	var theirs time.Time
	if err := conn.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&theirs); err != nil {
		return bad("clocks", "the database does not tell its time: "+err.Error())
	}
	trip := time.Since(before)
	if off := theirs.Sub(before.Add(trip / 2)).Abs(); off > maxClockDifference+trip/2 {
		return bad("clocks", fmt.Sprintf("the database's clock differs from this machine's by %s: let both follow NTP", off.Round(time.Millisecond)))
	}
	return good("clocks", "this machine and the database agree")
}

func checkAdmin(ctx context.Context, conn *pgx.Conn) Finding {
	var n int
	err := conn.QueryRow(ctx, `SELECT count(*) FROM users WHERE role = 'admin' AND NOT disabled`).Scan(&n)
	switch {
	case err != nil:
		return bad("accounts", err.Error())
	case n == 0:
		return bad("accounts", "nobody can administer: `dialtide user add LOGIN --role admin --name NAME` makes the first account")
	}
	return good("accounts", fmt.Sprintf("%d can administer", n))
}

func checkRedis(ctx context.Context, cfg Config) Finding {
	opts, err := redis.ParseURL(cfg.Redis)
	if err != nil {
		return bad("redis", err.Error())
	}
	redis.SetLogger(redisLog{slog.New(slog.DiscardHandler)})
	opts.MaxRetries = -1 // one try tells enough
	c := redis.NewClient(opts)
	defer func() { _ = c.Close() }()
	if err := c.Ping(ctx).Err(); err != nil {
		return warn("redis", "does not answer: "+err.Error()+"; calls, agents and one process's pages go on without it, but with several processes the pages of one do not show the agents and calls of the others, and /readyz says degraded; start Redis or correct --redis")
	}
	return good("redis", "answers")
}

func checkSwitch(ctx context.Context, cfg Config, need asterisk.Needs) []Finding {
	a, err := asterisk.New(asterisk.Config{URL: cfg.ARIURL, User: cfg.ARIUser, Password: cfg.ARIPassword, AMIAddr: cfg.manager(), AMIUser: cfg.AMIUser, AMIPassword: cfg.AMIPassword, App: cfg.AppName(), Spool: cfg.Spool})
	if err != nil {
		return []Finding{bad("switch", err.Error())}
	}
	var found []Finding
	for _, f := range a.Check(ctx, need) {
		text := f.Subject + ": " + f.Text
		if f.Advice != "" {
			text += "; " + f.Advice
		}
		found = append(found, Finding{Part: "switch", OK: f.Severity != asterisk.Failure, Warning: f.Severity == asterisk.Warning, Text: text})
	}
	return found
}

// checkSpool looks at the folder that the switch records into: `serve` does not make it, for it must be writable for both.
func checkSpool(dir string) Finding {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return bad("spool", fmt.Sprintf("%s does not exist: make it so that Asterisk writes to it and this user may take files out of it, at the same path on both sides: install -d -m 2770 -o asterisk -g dialtide %s", dir, dir))
	}
	return checkFolder("spool", dir)
}

// checkFolder makes and removes a file, which is what the process will do there. A folder that is not there yet is made by
// `serve`: then the nearest one above it must let this user do so.
func checkFolder(part, dir string) Finding {
	info, err := os.Stat(dir)
	if errors.Is(err, os.ErrNotExist) {
		return checkParent(part, dir)
	}
	if err != nil {
		return bad(part, err.Error())
	}
	if !info.IsDir() {
		return bad(part, dir+" is no folder: remove it, or choose another with --"+part)
	}
	f, err := os.CreateTemp(dir, ".check-*")
	if err != nil {
		return bad(part, fmt.Sprintf("this user may not write to %s: change its owner, or run the check as the user that runs `serve`", dir))
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return bad(part, err.Error())
	}
	return good(part, filepath.Clean(dir)+" can be written")
}

func checkParent(part, dir string) Finding {
	above := filepath.Dir(dir)
	for {
		info, err := os.Stat(above)
		switch {
		case err == nil && !info.IsDir():
			return bad(part, fmt.Sprintf("%s cannot be made: %s is no folder", dir, above))
		case err == nil && unix.Access(above, unix.W_OK|unix.X_OK) != nil:
			return bad(part, fmt.Sprintf("%s does not exist and this user cannot make it in %s: make it and give it to the user that runs `serve`: install -d -o dialtide %s", dir, above, dir))
		case err == nil:
			return good(part, dir+" is not there yet; `serve` makes it")
		case !errors.Is(err, os.ErrNotExist) || above == filepath.Dir(above):
			return bad(part, err.Error())
		}
		above = filepath.Dir(above)
	}
}
