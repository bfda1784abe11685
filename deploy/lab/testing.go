package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// shared is what one test binary has of everything.
type shared struct {
	mu        sync.Mutex
	net       *Net
	dir       string
	pg        *PG
	redis     *RedisServer
	templates map[uintptr]string // migrated template database by migrate function
	databases int
	asterisks int
}

var common = &shared{templates: map[uintptr]string{}}

// Main runs the tests of a package and ends the servers that they used: func TestMain(m *testing.M) { lab.Main(m) }.
func Main(m *testing.M) {
	code := m.Run()
	if err := Shutdown(); err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// Shutdown ends the shared servers and removes their data. Main calls it; a package with its own TestMain calls it last.
func Shutdown() error {
	common.mu.Lock()
	defer common.mu.Unlock()
	var errs []error
	if common.pg != nil {
		errs = append(errs, common.pg.Kill()) // the data goes anyway: no checkpoint
	}
	if common.redis != nil {
		common.redis.Kill()
	}
	if common.net != nil {
		errs = append(errs, common.net.Release())
	}
	if common.dir != "" {
		errs = append(errs, os.RemoveAll(common.dir))
	}
	common.pg, common.redis, common.net, common.dir = nil, nil, nil, ""
	clear(common.templates)
	return errors.Join(errs...)
}

// Addresses is the loopback network of this test binary.
func Addresses(t testing.TB) *Net {
	t.Helper()
	common.mu.Lock()
	defer common.mu.Unlock()
	if err := common.prepare(); err != nil {
		t.Fatal(err)
	}
	return common.net
}

// prepare reserves network and folder. The caller holds mu.
func (s *shared) prepare() error {
	if s.net != nil {
		return nil
	}
	base, err := testBase()
	if err != nil {
		return err
	}
	removeStale(base)
	dir := filepath.Join(base, "run-"+strconv.Itoa(os.Getpid()))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	n, err := ReserveNet()
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	s.net, s.dir = n, dir
	return nil
}

// testBase is a folder of this user's for all test binaries, below DIALTIDE_TEST_DIR where that is set: in memory a database of a
// schema like ours is made and dropped in a fifth of the time. Other users may enter it: servers run as other users.
func testBase() (string, error) {
	base := filepath.Join(cmp.Or(os.Getenv("DIALTIDE_TEST_DIR"), os.TempDir()), "dialtide-lab-"+strconv.Itoa(os.Geteuid()))
	if err := os.MkdirAll(base, 0o755); err != nil {
		return "", err
	}
	st, err := os.Lstat(base)
	if err != nil {
		return "", err
	}
	if sys, ok := st.Sys().(*syscall.Stat_t); !ok || !st.IsDir() || int(sys.Uid) != os.Geteuid() {
		return "", fmt.Errorf("%s belongs to somebody else: remove it", base)
	}
	return base, nil
}

// removeStale deletes what binaries left behind that were killed.
func removeStale(base string) {
	entries, err := os.ReadDir(base)
	if err != nil {
		return
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(strings.TrimPrefix(e.Name(), "run-"))
		if err == nil && !exists("/proc/"+strconv.Itoa(pid)) {
			_ = os.RemoveAll(filepath.Join(base, e.Name())) // the next binary tries again
		}
	}
}

// SharedPostgres is the PostgreSQL of this test binary, with fsync off.
func SharedPostgres(t testing.TB) *PG {
	t.Helper()
	common.mu.Lock()
	defer common.mu.Unlock()
	pg, err := common.postgres(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return pg
}

// postgres starts it at the first call, from a copy of a cluster that was made once per user. The caller holds mu.
func (s *shared) postgres(ctx context.Context) (*PG, error) {
	if s.pg != nil {
		return s.pg, nil
	}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	pg, err := newPG(PostgresOptions{Dir: filepath.Join(s.dir, "pg"), Addr: s.net.PG()})
	if err != nil {
		return nil, err
	}
	if err := copyCluster(ctx, pg); err != nil {
		return nil, err
	}
	if err := pg.Start(ctx); err != nil {
		return nil, err
	}
	s.pg = pg
	return pg, nil
}

// copyCluster fills the folder of pg from a ready-made cluster; the first binary of a user and version makes that.
func copyCluster(ctx context.Context, pg *PG) error {
	base, err := testBase()
	if err != nil {
		return err
	}
	version := filepath.Base(filepath.Dir(pg.bin))
	ready := filepath.Join(base, "cluster-"+version)
	lock, err := os.OpenFile(ready+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	if !exists(ready) {
		maker := &PG{opts: pg.opts, bin: pg.bin, user: pg.user}
		maker.opts.Dir = ready + ".new"
		if err := os.RemoveAll(maker.opts.Dir); err != nil {
			return err
		}
		if err := maker.initialise(ctx); err != nil {
			return err
		}
		if err := os.Rename(maker.opts.Dir, ready); err != nil {
			return err
		}
	}
	if out, err := exec.CommandContext(ctx, "cp", "-a", ready, pg.opts.Dir).CombinedOutput(); err != nil {
		return fmt.Errorf("PostgreSQL: copying the ready-made cluster: %w: %s", err, out)
	}
	return nil
}

// ReadyPostgres fills dir with a cluster that needs only to be started there by [Postgres]: a copy of a ready-made one takes a
// twentieth of the time that initdb takes. User and password are those of the copy.
func ReadyPostgres(t testing.TB, dir string) {
	t.Helper()
	pg, err := newPG(PostgresOptions{Dir: dir})
	if err == nil {
		err = copyCluster(context.WithoutCancel(t.Context()), pg)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Database makes a database of its own for the test and returns its URL; it is dropped at the end of the test. migrate is run
// once per test binary on a template, of which each test gets a copy; nil gives an empty database.
func Database(t testing.TB, migrate func(ctx context.Context, url string) error) string {
	t.Helper()
	common.mu.Lock()
	defer common.mu.Unlock()
	pg, err := common.postgres(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	template, err := common.template(t.Context(), migrate)
	if err != nil {
		t.Fatal(err)
	}
	common.databases++
	name := fmt.Sprintf("test_%d", common.databases)
	if err := pg.exec(t.Context(), "create database "+name+" template "+template+pg.copyFiles()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := pg.exec(ctx, "drop database if exists "+name+" with (force)"); err != nil && pg.current().running() {
			t.Errorf("dropping the test's database: %v", err)
		}
	})
	return pg.URL(name)
}

// copyFiles asks for a new database to be copied file by file, as all versions before 15 do: a third of the work of writing each page
// of a schema like ours to the log.
func (pg *PG) copyFiles() string {
	if version, err := strconv.Atoi(filepath.Base(filepath.Dir(pg.bin))); err != nil || version < 15 {
		return ""
	}
	return " strategy file_copy"
}

// template returns the name of the migrated template. The caller holds mu.
func (s *shared) template(ctx context.Context, migrate func(ctx context.Context, url string) error) (string, error) {
	if migrate == nil {
		return "template0", nil
	}
	key := reflect.ValueOf(migrate).Pointer()
	if name, ok := s.templates[key]; ok {
		return name, nil
	}
	name := fmt.Sprintf("migrated_%d", len(s.templates))
	if err := s.pg.exec(ctx, "create database "+name+" template template0"); err != nil {
		return "", err
	}
	if err := migrate(ctx, s.pg.URL(name)); err != nil {
		return "", errors.Join(fmt.Errorf("migrating the template database: %w", err),
			s.pg.exec(ctx, "drop database "+name+" with (force)"))
	}
	s.templates[key] = name
	return name, nil
}

// exec runs one statement in the database postgres.
func (pg *PG) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, pg.URL("postgres"))
	if err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// SharedRedis is the Redis of this test binary.
func SharedRedis(t testing.TB) *RedisServer {
	t.Helper()
	common.mu.Lock()
	defer common.mu.Unlock()
	if common.redis != nil {
		return common.redis
	}
	if err := common.prepare(); err != nil {
		t.Fatal(err)
	}
	r, err := Redis(context.WithoutCancel(t.Context()), RedisOptions{Dir: filepath.Join(common.dir, "redis"), Addr: common.net.Redis()})
	if err != nil {
		t.Fatal(err)
	}
	common.redis = r
	return r
}

// RedisAddr is host:port of the Redis of this test binary. Tests share it: use keys of your own.
func RedisAddr(t testing.TB) string {
	t.Helper()
	return SharedRedis(t).Addr()
}

// AsteriskFor starts an Asterisk for one test, on an address of its own, and ends it with the test. Dir, Host and
// CarrierAddr are filled in where empty: the carrier is then expected at port 5060 of Addresses(t).Carrier(i), with the
// same i as the Asterisk's; see AsteriskServer.Carrier. When the test failed, the log's errors are shown.
func AsteriskFor(t testing.TB, opts AsteriskOptions) *AsteriskServer {
	t.Helper()
	n := Addresses(t)
	common.mu.Lock()
	i := common.asterisks
	common.asterisks++
	dir := filepath.Join(common.dir, fmt.Sprintf("asterisk-%d", i))
	common.mu.Unlock()
	if opts.Dir == "" {
		opts.Dir = dir
	}
	if opts.Host == "" {
		opts.Host = n.Asterisk(i % 20)
	}
	if opts.CarrierAddr == "" {
		opts.CarrierAddr = n.Carrier(i%20) + ":5060"
	}
	a, err := Asterisk(context.WithoutCancel(t.Context()), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("Asterisk: %s", lastLines(a.LogPath()))
		}
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
	})
	return a
}
