package lists_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/lists"
)

var (
	nextContacts = flag.Int("contacts", 200_000, "BenchmarkNextContact: contacts of the big campaign")
	nextDNC      = flag.Int("dnc", 100_000, "BenchmarkNextContact: do-not-call numbers")
	nextSpan     = flag.Duration("span", 10*time.Second, "BenchmarkNextContact: length of each measurement")
	nextOrder    = flag.String("order", "", "BenchmarkNextContact: the order of the big campaign: random, priority, ...")
	nextHold     = flag.Duration("hold", 20*time.Second, "BenchmarkNextContact: how long a transaction is held open")
)

const (
	smallContacts  = 10_000
	smallCampaigns = 12
	nextBatch      = 50
)

// nextServer is a PostgreSQL with fsync and the memory that a server of ten million contacts is given: a sixth of 24 GB.
func nextServer(b *testing.B) nextPG {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "pg")
	pg, err := lab.Postgres(b.Context(), lab.PostgresOptions{Dir: dir, Addr: lab.Addresses(b).Carrier(0) + ":5432", Fsync: true,
		Settings: map[string]string{"idle_in_transaction_session_timeout": "0", "shared_buffers": "4GB", "max_wal_size": "8GB",
			"maintenance_work_mem": "1GB", "wal_buffers": "64MB", "effective_io_concurrency": "100"}})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, pg.Kill()) })
	return nextPG{pg, dir}
}

// nextPG is the server with its folder.
type nextPG struct {
	*lab.PG
	dir string
}

// ticks is how fine the kernel counts a process's time: 10 ms.
const ticks = 10 * time.Millisecond

// cpu is the time that the processors gave to this process and to the server with its children.
func (p nextPG) cpu(b *testing.B) time.Duration {
	b.Helper()
	pid, err := os.ReadFile(filepath.Join(p.dir, "data", "postmaster.pid"))
	require.NoError(b, err)
	postmaster, _, _ := strings.Cut(string(pid), "\n")
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(b, err)
	var sum time.Duration
	for _, name := range all {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		id, rest, _ := strings.Cut(string(stat), " ")
		f := strings.Fields(rest[strings.LastIndex(rest, ")")+1:])
		if len(f) < 13 || f[1] != postmaster && id != postmaster && id != strconv.Itoa(os.Getpid()) {
			continue
		}
		for _, n := range f[11:13] { // user and system time
			t, err := strconv.ParseInt(n, 10, 64)
			require.NoError(b, err)
			sum += time.Duration(t) * ticks
		}
	}
	return sum
}

// busy is the time that the processors gave to anybody.
func busy(b *testing.B) (sum time.Duration) {
	b.Helper()
	stat, err := os.ReadFile("/proc/stat")
	require.NoError(b, err)
	line, _, _ := strings.Cut(string(stat), "\n")
	for i, n := range strings.Fields(line)[1:] { // user nice system idle iowait irq softirq steal
		if i == 3 || i == 4 || i > 7 {
			continue
		}
		t, err := strconv.ParseInt(n, 10, 64)
		require.NoError(b, err)
		sum += time.Duration(t) * ticks
	}
	return sum
}

// placeAll makes the places of an order that needs them.
func (c *owned) placeAll(b *testing.B) {
	b.Helper()
	if *nextOrder == "" {
		return
	}
	began := time.Now()
	for more := true; more; {
		var err error
		more, err = c.l.PlaceContacts(b.Context())
		require.NoError(b, err)
	}
	status, err := c.l.OrderStatus(b.Context(), c.ID)
	require.NoError(b, err)
	require.Equal(b, "ready", status.State)
	b.Logf("order %s: %d places made, %.0f/s", *nextOrder, status.Placed, float64(status.Placed)/time.Since(began).Seconds())
	c.l.exec(`VACUUM ANALYZE order_places`)
}

func nextLedger(b *testing.B, pg nextPG, name string) *ledger {
	b.Helper()
	require.NoError(b, pg.CreateDatabase(b.Context(), name))
	require.NoError(b, schema.Migrate(b.Context(), pg.URL(name)))
	config, err := pgxpool.ParseConfig(pg.URL(name))
	require.NoError(b, err)
	config.MaxConns, config.AfterConnect = 8, lists.Types
	l := &ledger{t: b, now: time.Now()}
	l.pool, err = pgxpool.NewWithConfig(context.Background(), config)
	require.NoError(b, err)
	b.Cleanup(l.pool.Close)
	l.Store = lists.New(l.pool)
	trunk, err := l.CreateTrunk(b.Context(), lists.Trunk{Name: "carrier", Endpoint: "carrier", MaxChannels: 100, CPS: 50})
	require.NoError(b, err)
	l.trunk = trunk.ID
	return l
}

func (l *ledger) exec(sql string, args ...any) {
	l.t.Helper()
	_, err := l.pool.Exec(l.t.Context(), sql, args...)
	require.NoError(l.t, err, sql)
}

// scattered is the number of the i-th contact in SQL: neighbours in a list are far from each other in every index of numbers,
// as they are in real lists.
const scattered = `'+1' || (2000000000 + (%s)::bigint * 3141592653 %% 8000000000)`

// load makes lists of n contacts each, without the indexes meanwhile, and with a do-not-call number for each twentieth.
func (l *ledger) load(n, count, dnc int) (ids []uuid.UUID) {
	l.t.Helper()
	rows, err := l.pool.Query(l.t.Context(), `SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'contacts' AND indexname <> 'contacts_pkey'`)
	require.NoError(l.t, err)
	type index struct{ Name, Made string }
	indexes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[index])
	require.NoError(l.t, err)
	l.exec(`ALTER TABLE contacts DISABLE TRIGGER USER`)
	for _, x := range indexes {
		l.exec(`ALTER TABLE contacts DROP CONSTRAINT IF EXISTS ` + x.Name)
		l.exec(`DROP INDEX IF EXISTS ` + x.Name)
	}
	for i := range count {
		list, err := l.CreateList(l.t.Context(), lists.List{Name: fmt.Sprintf("list %d", i), Region: "US"})
		require.NoError(l.t, err)
		ids = append(ids, list.ID)
		l.exec(`INSERT INTO contacts (id, list_id, phone, name, zones, fields, kind)
			SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(g), 12, '0'))::uuid, $1, `+fmt.Sprintf(scattered, "g")+`, 'Person ' || g, '{America/New_York}',
				'{"tariff":"Basic","since":"2011"}', 'mobile' FROM generate_series($2::bigint, $3::bigint) g`, list.ID, i*n, i*n+n-1)
		l.exec(`INSERT INTO list_zones (list_id, zones, contacts) VALUES ($1, '{America/New_York}', $2)`, list.ID, n)
	}
	for _, x := range indexes {
		l.exec(x.Made)
	}
	l.exec(`ALTER TABLE contacts ENABLE TRIGGER USER`)
	l.exec(`INSERT INTO dnc (id, phone, reason) SELECT gen_random_uuid(), `+fmt.Sprintf(scattered, "g * 20")+`, 'x' FROM generate_series(0, $1::bigint - 1) g`, dnc)
	return ids
}

// touch gives a campaign a past: the first n contacts of its list have been called once.
func (c *owned) touch(list uuid.UUID, n int) {
	c.l.t.Helper()
	c.l.exec(`INSERT INTO contact_states (campaign_id, contact_id, list_id, state, reason, attempts, tries, last_outcome)
		SELECT $1, id, list_id, 'finished', 'connected', 1, '{"connected":1}', 'connected' FROM contacts WHERE list_id = $2 ORDER BY seq LIMIT $3`, c.ID, list, n)
	c.l.exec(`UPDATE campaign_lists SET cursor_seq = (SELECT seq FROM contacts WHERE list_id = $2 ORDER BY seq OFFSET $3 LIMIT 1) - 1 WHERE campaign_id = $1`, c.ID, list, n)
	c.l.exec(`INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until,
			rules, ended_at, outcome)
		SELECT p.id, p.phone, $1, p.list_id, p.id, $1, '', 'power', 'n', 1, at, at, 'dnc,hours', at + interval '1 min', 'connected'
		FROM (SELECT *, row_number() OVER (ORDER BY seq) AS g FROM contacts WHERE list_id = $2 ORDER BY seq LIMIT $3) p,
			LATERAL (SELECT now() - interval '1 hour' + (g::float8 / $3) * interval '59 min' AS at) t`, c.ID, list, n)
}

// nextRun is what one measurement brought.
type nextRun struct {
	rate float64 // contacts claimed and finished per second
	cost float64 // processor time of all that, server and program, in ms per contact: what other programs do changes it little
	late []time.Duration
	rows int
}

// nextCPU is the processor time that this process and its server have had.
var nextCPU func() time.Duration

func (r *nextRun) quantile(q float64) time.Duration {
	slices.Sort(r.late)
	return r.late[min(len(r.late)-1, int(q*float64(len(r.late))))]
}

// keep claims and finishes for a span, or until the campaign is dry, with one claimer and two finishers as the dialer has
// them. With a rate above zero no faster than that.
func (c *owned) keep(span time.Duration, perSecond float64) (r nextRun) {
	b := c.l.t
	outcomes := []lists.Outcome{lists.NoAnswer, lists.Busy, lists.Connected, lists.NoAnswer, lists.InvalidNumber, lists.MachineFound}
	claimed := make(chan []lists.Claim, 4)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for claims := range claimed {
				endings := make([]lists.Ending, len(claims))
				for i, x := range claims {
					now := time.Now()
					endings[i] = lists.Ending{Attempt: x.Permit.Attempt(), Epoch: c.epoch, Outcome: outcomes[i%len(outcomes)], EndedAt: now, AnsweredAt: &now}
				}
				if n, err := c.l.Finish(context.Background(), endings); err != nil || n != len(endings) {
					b.Errorf("finish: %d, %v", n, err)
				}
			}
		})
	}
	began, spent := time.Now(), nextCPU()
	for time.Since(began) < span {
		if ahead := time.Duration(float64(r.rows)/max(perSecond, 1)*float64(time.Second)) - time.Since(began); perSecond > 0 && ahead > 0 {
			<-time.After(ahead)
		}
		before := time.Now()
		got, err := c.l.Claim(context.Background(), c.ask(nextBatch))
		require.NoError(b, err)
		r.late = append(r.late, time.Since(before))
		r.rows += len(got.Claims)
		if len(got.Claims) < nextBatch {
			break
		}
		claimed <- got.Claims
	}
	close(claimed)
	wg.Wait()
	r.rate = float64(r.rows) / time.Since(began).Seconds()
	r.cost = float64((nextCPU() - spent).Microseconds()) / 1000 / float64(max(r.rows, 1))
	return r
}

func nextSettings(s *lists.Settings) {
	capped(s)
	s.Recycle[lists.NoAnswer] = lists.Recycle{After: 5, Limit: 1} // so that due contacts are among those claimed
}

// BenchmarkNextContact measures the claim at the size that it is promised for and prints four lines; see make bench-claim.
func BenchmarkNextContact(b *testing.B) {
	pg := nextServer(b)
	nextCPU = func() time.Duration { return pg.cpu(b) }
	began := time.Now()
	big := nextLedger(b, pg, "big")
	list := big.load(*nextContacts, 1, *nextDNC)
	c := big.campaign(func(s *lists.Settings) { nextSettings(s); s.Order.By = lists.OrderBy(*nextOrder) }, list...)
	c.touch(list[0], *nextContacts/10)
	small := nextLedger(b, pg, "small")
	var smalls []*owned
	for _, id := range small.load(smallContacts, smallCampaigns, *nextDNC) {
		smalls = append(smalls, small.campaign(nextSettings, id))
	}
	for _, l := range []*ledger{big, small} {
		for _, sql := range strings.Split(`contacts,contact_states,attempts,dnc`, ",") {
			l.exec(`VACUUM ANALYZE ` + sql)
		}
		l.exec(`CHECKPOINT`)
	}
	b.Logf("%d cores, fsync on; %d contacts and %d do-not-call numbers loaded in %.0f s", runtime.NumCPU(), *nextContacts, *nextDNC, time.Since(began).Seconds())
	c.placeAll(b)
	b.ResetTimer()

	c.keep(10*time.Second, 0) // caches and plans; then retries are due all the time
	before, ours := busy(b), pg.cpu(b)
	full := c.keep(*nextSpan, 0)
	calm := c.keep(*nextSpan, 3000)
	others := (busy(b) - before) - (pg.cpu(b) - ours)
	var of10M, of10k, cost10M, cost10k []float64
	for _, s := range smalls {
		r := s.keep(time.Minute, 0)
		of10k, cost10k = append(of10k, r.rate), append(cost10k, r.cost)
		r = c.keep(time.Duration(float64(r.rows)/r.rate*float64(time.Second)), 0)
		of10M, cost10M = append(of10M, r.rate), append(cost10M, r.cost)
	}
	first, last := c.held(b)

	b.Logf("other programs took %.2f of the cores meanwhile: above 0.2 the figures are theirs, too", others.Seconds()/(2*nextSpan.Seconds()))
	b.Logf("batch of %d at full speed:            p50 %v  p99 %v  max %v", nextBatch, full.quantile(0.5), full.quantile(0.99), full.quantile(1))
	b.Logf("batch of %d at 3,000 contacts/s:      p50 %v  p99 %v  max %v   (p99 below 10 ms)", nextBatch, calm.quantile(0.5), calm.quantile(0.99), calm.quantile(1))
	b.Logf("contacts claimed and finished per s:  %.0f   (at least 3000)", full.rate)
	b.Logf("processor ms per contact:             %.3f; two processors to themselves would take %.0f contacts/s", full.cost, 2000/full.cost)
	b.Logf("rate at %d : rate at %d = %.0f : %.0f = %.2f   (at least 0.8)", *nextContacts, smallContacts, median(of10M), median(of10k), median(of10M)/median(of10k))
	b.Logf("the same by processor time:           %.3f ms : %.3f ms = %.2f", median(cost10k), median(cost10M), median(cost10k)/median(cost10M))
	b.Logf("a transaction held open for %v: %.0f/s at first, %.0f/s at the end; %.2f of the rate without", *nextHold, first.rate, last.rate, last.rate/full.rate)
	b.Logf("the same by processor time:           %.3f ms at first, %.3f at the end: %.2f of the rate without; p99 at the end %v",
		first.cost, last.cost, full.cost/last.cost, last.quantile(0.99))
	b.ReportMetric(full.rate, "contacts/s")
	b.ReportMetric(float64(calm.quantile(0.99).Microseconds())/1000, "p99-ms")
	b.ReportMetric(median(of10M)/median(of10k), "size-ratio")
	b.ReportMetric(last.rate/full.rate, "held-ratio")
}

// held claims while another transaction holds a snapshot, and returns what the first and the last part of it brought.
func (c *owned) held(b *testing.B) (first, last nextRun) {
	tx, err := c.l.pool.BeginTx(b.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	require.NoError(b, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	_, err = tx.Exec(b.Context(), `SELECT count(*) FROM campaigns`)
	require.NoError(b, err)
	part := min(*nextSpan, *nextHold/3)
	first = c.keep(part, 0)
	c.keep(*nextHold-2*part, 0)
	last = c.keep(part, 0)
	return first, last
}

func median(x []float64) float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	return x[len(x)/2]
}
