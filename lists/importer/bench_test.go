package importer_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/importer"
)

var (
	firstNames  = strings.Fields("James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph José Zoë Wei Li Karen")
	familyNames = strings.Fields("Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas Taylor")
	streets     = strings.Fields("Main Oak Maple Cedar Elm Washington Lake Hill Park Pine")
	areaCodes   = strings.Fields(`205 251 256 334 907 480 602 623 928 501 209 213 310 323 408 415 510 530 559 562 619 626 650 661 707 714 760 805 818 831 858 909
		916 925 949 951 303 719 720 970 203 860 302 202 239 305 321 352 386 407 561 727 754 772 786 813 850 863 904 941 954 229 404 478 678 706 770 912 808 208
		217 309 312 618 630 708 773 815 847 219 260 317 574 765 812 212 315 516 518 585 607 631 646 716 718 845 914 917`)
	stateCodes = strings.Fields("AL AK AZ AR CA CO CT DE FL GA HI ID IL IN NY TX OH PA")
	notes      = []string{"called back in spring, prefers mornings", "asked for the brochure of the new tariff, contract ends next year", "moved house in June; billing address differs",
		"long standing customer, two lines, please mention the loyalty bonus"}
)

// writeList writes a customer file of n rows and 12 columns; one row in a hundred is a duplicate, one in two hundred is broken.
func writeList(tb testing.TB, path string, n int) (numbers []string) {
	tb.Helper()
	f, err := os.Create(path)
	require.NoError(tb, err)
	w := bufio.NewWriterSize(f, 1<<20)
	rnd := rand.New(rand.NewPCG(3, 4))
	pick := func(of []string) string { return of[rnd.IntN(len(of))] }
	shapes := []string{"(%s) %03d-%04d", "%s-%03d-%04d", "+1%s%03d%04d", "%s%03d%04d"}
	_, _ = w.WriteString("name,mobile,email,company,address,city,state,zip,birthday,balance,tariff,note\n")
	for i := range n {
		exchange := 200 + rnd.IntN(800)
		if exchange%100 == 11 {
			exchange++
		}
		phone := fmt.Sprintf(shapes[rnd.IntN(4)], pick(areaCodes), exchange, rnd.IntN(10000))
		if i%100 == 99 && len(numbers) > 0 {
			phone = numbers[rnd.IntN(len(numbers))]
		} else if i%200 == 50 {
			phone = "12-34"
		}
		if i%997 == 0 {
			numbers = append(numbers, phone)
		}
		first, family := pick(firstNames), pick(familyNames)
		_, _ = fmt.Fprintf(w, "%s %s,%s,%s.%s%d@example.com,%s & Sons Ltd,%d %s Street,%sville,%s,%05d,%d/%d/%d,%d.%02d,Basic %d,\"%s\"\n", first, family, phone,
			strings.ToLower(first), strings.ToLower(family), i, pick(familyNames), 1+rnd.IntN(9999), pick(streets), pick(familyNames), pick(stateCodes),
			10000+rnd.IntN(89999), 1+rnd.IntN(12), 1+rnd.IntN(28), 1940+rnd.IntN(65), rnd.IntN(9999), rnd.IntN(100), 1+rnd.IntN(3), pick(notes))
	}
	require.NoError(tb, w.Flush())
	require.NoError(tb, f.Close())
	return numbers
}

// BenchmarkMillion loads a file of a million rows and compares with a plain COPY of the same file into a table without any
// index, one after the other, five times; `make bench-import` shows its table and the median. DIALTIDE_BENCH_ROWS takes another
// size. Time is taken from both sides in the same way: by the clock, and as what processors gave to PostgreSQL and to this program.
func BenchmarkMillion(b *testing.B) {
	rows := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("DIALTIDE_BENCH_ROWS")); err == nil {
		rows = n
	}
	url := durable(b)
	path := filepath.Join(b.TempDir(), "list.csv")
	writeList(b, path, rows)
	info, err := os.Stat(path)
	require.NoError(b, err)
	b.Logf("%d rows of 12 columns, %.1f MB; %d processors", rows, float64(info.Size())/1e6, runtime.NumCPU())
	var ratios, worked []float64
	var last spent
	for round := range 5 {
		cleared(b, url, `DROP TABLE IF EXISTS plain`, `CREATE TABLE plain (a text, b text, c text, d text, e text, f text, g text, h text, i text, j text, k text, l text)
			WITH (autovacuum_enabled = off)`)
		plain := measured(b, url, func() { plainCopy(b, url, path) })
		var report importer.Report
		var peak uint64
		load := prepared(b, url, path)
		ours := measured(b, url, func() { report, peak = load() })
		require.EqualValues(b, rows, report.RowsRead)
		require.Equal(b, report.Accepted, stored(b, url))
		ratios, worked = append(ratios, ours.clock.Seconds()/plain.clock.Seconds()), append(worked, ours.all().Seconds()/plain.all().Seconds())
		last = ours
		b.Logf("round %d: plain COPY %.2f s (processors %.2f), import %.2f s (%.2f in PostgreSQL and %.2f here), ratio %.2f; %d accepted, %d rejected, %d on the do-not-call list; peak memory %.0f MiB",
			round+1, plain.clock.Seconds(), plain.all().Seconds(), ours.clock.Seconds(), ours.database.Seconds(), ours.own.Seconds(), ratios[round],
			report.Accepted, report.Rejected, report.OnDNC, float64(peak)/(1<<20))
	}
	slices.Sort(ratios)
	slices.Sort(worked)
	b.ReportMetric(ratios[len(ratios)/2], "median-ratio")
	b.Logf("median ratio %.2f by the clock (%.2f to %.2f; at most 2.5), %.2f by processor time", ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1], worked[len(worked)/2])
	share := last.all().Seconds() / last.clock.Seconds() / float64(runtime.NumCPU())
	b.Logf("what bounds it: processors, %.0f %% of whose time the last import had (other programs and waits for the disk had the rest); %.0f %% of that was PostgreSQL's: the index by number, the other indexes, fields as jsonb, the rows and their log",
		100*share, 100*last.database.Seconds()/last.all().Seconds())
}

// BenchmarkRead reads a file without a database: what the reading goroutine does of a load.
func BenchmarkRead(b *testing.B) {
	const rows = 300_000
	path := filepath.Join(b.TempDir(), "list.csv")
	writeList(b, path, rows)
	for b.Loop() {
		f, err := os.Open(path)
		require.NoError(b, err)
		n, err := importer.ReadAll(f, "US")
		require.NoError(b, err)
		require.Equal(b, rows, n)
		require.NoError(b, f.Close())
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N*rows), "us/row")
}

// spent is the time that something took.
type spent struct{ clock, database, own time.Duration }

func (s spent) all() time.Duration { return s.database + s.own }

func measured(b *testing.B, url string, do func()) (s spent) {
	b.Helper()
	database, own, began := databaseTime(b, url), ownTime(), time.Now()
	do()
	s.clock, s.own = time.Since(began), ownTime()-own
	s.database = databaseTime(b, url) - database
	return s
}

// databaseTime is the processor time of all processes of the database so far.
func databaseTime(b *testing.B, url string) (all time.Duration) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), url)
	require.NoError(b, err)
	defer func() { require.NoError(b, conn.Close(b.Context())) }()
	var pid string
	require.NoError(b, conn.QueryRow(b.Context(), `SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)`).Scan(&pid))
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(b, err)
	for _, name := range stats {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		f := strings.Fields(rest)
		own, children := ticks(f[11])+ticks(f[12]), ticks(f[13])+ticks(f[14])
		switch {
		case strings.HasPrefix(string(text), pid+" "):
			all += own + children
		case f[1] == pid:
			all += own
		}
	}
	return all
}

func ticks(s string) time.Duration {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return time.Duration(n) * 10 * time.Millisecond
}

// durable is a PostgreSQL that syncs, with the memory of a small server.
func durable(b *testing.B) string {
	b.Helper()
	pg, err := lab.Postgres(b.Context(), lab.PostgresOptions{Dir: filepath.Join(b.TempDir(), "pg"), Addr: lab.Addresses(b).Carrier(0) + ":5432", Fsync: true,
		Settings: map[string]string{"idle_in_transaction_session_timeout": "0", "shared_buffers": "1GB", "max_wal_size": "4GB", "wal_level": "replica"}})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, pg.Kill()) })
	require.NoError(b, pg.CreateDatabase(b.Context(), "bench"))
	require.NoError(b, schema.Migrate(b.Context(), pg.URL("bench")))
	return pg.URL("bench")
}

func plainCopy(b *testing.B, url, path string) {
	b.Helper()
	ctx := b.Context()
	conn, err := pgx.Connect(ctx, url)
	require.NoError(b, err)
	defer func() { require.NoError(b, conn.Close(ctx)) }()
	f, err := os.Open(path)
	require.NoError(b, err)
	defer func() { require.NoError(b, f.Close()) }()
	_, err = conn.PgConn().CopyFrom(ctx, f, `COPY plain FROM STDIN CSV HEADER`)
	require.NoError(b, err)
}

// cleared runs statements and lets the database write out what is dirty.
func cleared(b *testing.B, url string, statements ...string) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), url)
	require.NoError(b, err)
	defer func() { require.NoError(b, conn.Close(b.Context())) }()
	for _, sql := range append(statements, `CHECKPOINT`) {
		_, err = conn.Exec(b.Context(), sql)
		require.NoError(b, err)
	}
}

// prepared makes an empty list, and returns what loads the file into it.
func prepared(b *testing.B, url, path string) func() (report importer.Report, peak uint64) {
	b.Helper()
	ctx := b.Context()
	cleared(b, url, `TRUNCATE contacts, contact_phones, import_rejects, imports, list_zones, dnc CASCADE`,
		`INSERT INTO dnc (id, phone, reason) SELECT gen_random_uuid(), '+1' || (2050000000 + g * 7919::bigint), 'asked' FROM generate_series(1, 100000) g`,
		`VACUUM ANALYZE dnc`) // upkeep of what was there before is no part of a load
	return func() (report importer.Report, peak uint64) {
		pool, err := pgxpool.New(ctx, url)
		require.NoError(b, err)
		defer pool.Close()
		store := lists.New(pool)
		list, err := store.CreateList(ctx, lists.List{Name: "bench", Region: "US"})
		require.NoError(b, err)
		f, err := os.Open(path)
		require.NoError(b, err)
		defer func() { require.NoError(b, f.Close()) }()
		info, err := f.Stat()
		require.NoError(b, err)
		done := make(chan struct{})
		watched := make(chan uint64)
		go func() { watched <- watch(done) }()
		report, err = importer.Load(ctx, store, "list.csv", importer.ImportRequest{ListID: list.ID, Reader: f, Size: info.Size()})
		close(done)
		peak = <-watched
		require.NoError(b, err)
		return report, peak
	}
}

// stored counts the contacts.
func stored(b *testing.B, url string) (n int64) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), url)
	require.NoError(b, err)
	defer func() { require.NoError(b, conn.Close(b.Context())) }()
	require.NoError(b, conn.QueryRow(b.Context(), `SELECT count(*) FROM contacts`).Scan(&n))
	return n
}

// watch returns the most memory that the process had from the system until done.
func watch(done <-chan struct{}) (peak uint64) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, m.Sys-m.HeapReleased)
		select {
		case <-done:
			return peak
		case <-tick.C:
		}
	}
}

func ownTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
