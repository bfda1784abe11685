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

	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/dialer/asterisk"
	"github.com/dialtide/dialtide/lists"
)

// Finding is one line of `dialtide check`: what was looked at, and in plain words how it is and what to do.
type Finding struct {
	Part    string
	OK      bool
	Warning bool // works, but not as it should
	Text    string
}

func good(part, text string) Finding { return Finding{Part: part, OK: true, Text: text} }
func bad(part, text string) Finding  { return Finding{Part: part, Text: text} }

// maxClockDifference between this machine and the database: permits and windows are the database's, ring times are ours.
const maxClockDifference = 2 * time.Second

// Check looks at everything that the process will lean on, changes nothing and places no call.
func Check(ctx context.Context, cfg Config) []Finding {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if err := cfg.Validate(); err != nil {
		return []Finding{bad("settings", err.Error())}
	}
	found := []Finding{good("settings", "complete")}
	trunks, db := checkDatabase(ctx, cfg)
	found = append(found, db...)
	found = append(found, checkRedis(ctx, cfg))
	found = append(found, checkSwitch(ctx, cfg, trunks)...)
	return append(found, checkFolder("spool", cfg.Spool), checkFolder("recordings", cfg.Recordings), checkFolder("uploads", cfg.Uploads))
}

func checkDatabase(ctx context.Context, cfg Config) (trunks []lists.Trunk, found []Finding) {
	conn, err := pgx.Connect(ctx, cfg.Database)
	if err != nil {
		return nil, []Finding{bad("database", "cannot connect: "+err.Error())}
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	found = append(found, good("database", "answers"))
	switch err := schema.Check(ctx, cfg.Database); {
	case err != nil:
		return nil, append(found, bad("migrations", err.Error()))
	default:
		found = append(found, good("migrations", "level with this program"))
	}
	found = append(found, checkClock(ctx, conn), checkAdmin(ctx, conn))
	pools, err := openPools(ctx, cfg.Database)
	if err != nil {
		return nil, append(found, bad("trunks", err.Error()))
	}
	defer pools.close()
	if trunks, err = lists.New(pools.api).Trunks(ctx); err != nil {
		return nil, append(found, bad("trunks", err.Error()))
	}
	if len(trunks) == 0 {
		found = append(found, bad("trunks", "there is none: campaigns need one; an administrator makes it with POST /api/trunks"))
	}
	return trunks, found
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
		return bad("redis", "does not answer: "+err.Error()+"; calls go on without it, but several processes do not see each other's floors")
	}
	return good("redis", "answers")
}

func checkSwitch(ctx context.Context, cfg Config, trunks []lists.Trunk) []Finding {
	a, err := asterisk.New(asterisk.Config{URL: cfg.ARIURL, User: cfg.ARIUser, Password: cfg.ARIPassword, App: cfg.AppName(), Spool: cfg.Spool})
	if err != nil {
		return []Finding{bad("switch", err.Error())}
	}
	names := make([]string, len(trunks))
	for i, t := range trunks {
		names[i] = t.Endpoint
	}
	var found []Finding
	for _, f := range a.Check(ctx, names...) {
		text := f.Subject + ": " + f.Text
		if f.Advice != "" {
			text += "; " + f.Advice
		}
		found = append(found, Finding{Part: "switch", OK: f.Severity != asterisk.Failure, Warning: f.Severity == asterisk.Warning, Text: text})
	}
	return found
}

// checkFolder makes and removes a file, which is what the process will do there.
func checkFolder(part, dir string) Finding {
	info, err := os.Stat(dir)
	if errors.Is(err, os.ErrNotExist) {
		return bad(part, fmt.Sprintf("%s does not exist: make it, writable for this user", dir))
	}
	if err != nil {
		return bad(part, err.Error())
	}
	if !info.IsDir() {
		return bad(part, dir+" is no folder")
	}
	f, err := os.CreateTemp(dir, ".check-*")
	if err != nil {
		return bad(part, fmt.Sprintf("this user may not write to %s", dir))
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return bad(part, err.Error())
	}
	return good(part, filepath.Clean(dir)+" can be written")
}
