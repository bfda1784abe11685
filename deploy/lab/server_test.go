package lab

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// folder is one that servers may live in; t.TempDir cannot be entered by the users that servers run as.
func folder(t *testing.T, mode os.FileMode) string {
	t.Helper()
	Addresses(t)
	dir, err := os.MkdirTemp(common.dir, "test-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, mode))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// query runs the statements and returns the text that the last one selects.
func query(t *testing.T, url, statements string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	statement := statements
	if i := strings.LastIndex(statements, ";"); i >= 0 {
		_, err := conn.Exec(t.Context(), statements[:i], pgx.QueryExecModeSimpleProtocol)
		require.NoError(t, err)
		statement = statements[i+1:]
	}
	var out string
	require.NoError(t, conn.QueryRow(t.Context(), statement).Scan(&out))
	return out
}

func TestPostgresKeepsItsData(t *testing.T) {
	ctx := testContext(t)
	opts := PostgresOptions{Dir: filepath.Join(folder(t, 0o755), "pg"), Addr: Addresses(t).IP(200) + ":5432", Fsync: true}
	pg, err := Postgres(ctx, opts)
	require.NoError(t, err)
	require.NoError(t, pg.CreateDatabase(ctx, "dialtide"))
	require.NoError(t, pg.CreateDatabase(ctx, "dialtide"), "a second time does no harm")
	require.Equal(t, "on", query(t, pg.URL("dialtide"), "show fsync"))
	require.Equal(t, "42", query(t, pg.URL("dialtide"), "create table t (a int); insert into t values (42); select a::text from t"))
	require.NoError(t, pg.Stop())
	require.Zero(t, pg.Pid())

	at := time.Now()
	pg, err = Postgres(ctx, opts)
	require.NoError(t, err)
	require.Less(t, time.Since(at), 2*time.Second)
	t.Logf("second start: %v", time.Since(at).Round(time.Millisecond))
	require.Equal(t, "42", query(t, pg.URL("dialtide"), "select a::text from t"))

	require.NoError(t, pg.Kill())
	require.NoError(t, pg.Start(ctx), "after a crash")
	require.Equal(t, "42", query(t, pg.URL("dialtide"), "select a::text from t"))
	require.Error(t, pg.Start(ctx), "it runs already")

	_, err = pgx.Connect(ctx, strings.Replace(pg.URL("dialtide"), pg.password, "wrong", 1))
	require.Error(t, err, "the password is needed")
	require.NoError(t, pg.Stop())
}

func TestDatabaseIsOnesOwn(t *testing.T) {
	runs := 0
	migrate := func(ctx context.Context, url string) error {
		runs++
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, "create table t (a int)")
		return err
	}
	first := Database(t, migrate)
	at := time.Now()
	second := Database(t, migrate)
	t.Logf("another database: %v", time.Since(at).Round(time.Millisecond))
	require.Equal(t, "1", query(t, first, "insert into t values (1); select count(*)::text from t"))
	require.Equal(t, "0", query(t, second, "select count(*)::text from t"))
	require.Equal(t, 1, runs)
	require.Equal(t, "0", query(t, Database(t, nil), "select count(*)::text from pg_tables where tablename = 't'"))
}

func TestRedisStopsAndStarts(t *testing.T) {
	ctx := testContext(t)
	addr := Addresses(t).IP(201) + ":6379"
	r, err := Redis(ctx, RedisOptions{Dir: filepath.Join(folder(t, 0o755), "redis"), Addr: addr})
	require.NoError(t, err)
	client := redis.NewClient(&redis.Options{Addr: r.Addr()})
	defer client.Close()
	require.NoError(t, client.Set(ctx, "k", "v", 0).Err())
	r.Kill()
	require.NoError(t, r.Start(ctx))
	require.ErrorIs(t, client.Get(ctx, "k").Err(), redis.Nil)
	_, err = Redis(ctx, RedisOptions{Dir: filepath.Join(folder(t, 0o755), "other"), Addr: addr})
	require.ErrorContains(t, err, "Redis cannot listen on "+addr+"/tcp: the port is taken by redis-server (process "+strconv.Itoa(r.Pid())+")")
	require.NotContains(t, err.Error(), "\n")
	require.NoError(t, r.Stop())
	require.NoError(t, client.Close())
	require.NotEmpty(t, RedisAddr(t))
}

func TestPortInUseIsOneClearLine(t *testing.T) {
	ctx := testContext(t)
	n := Addresses(t)
	l, err := net.Listen("tcp4", n.IP(202)+":5432")
	require.NoError(t, err)
	defer l.Close()
	_, err = Postgres(ctx, PostgresOptions{Dir: filepath.Join(folder(t, 0o755), "pg"), Addr: n.IP(202) + ":5432"})
	require.ErrorContains(t, err, "PostgreSQL cannot listen on "+n.IP(202)+":5432/tcp: the port is taken by lab.test (process "+strconv.Itoa(os.Getpid())+"); end that program")

	u, err := net.ListenPacket("udp4", n.IP(202)+":5060")
	require.NoError(t, err)
	defer u.Close()
	_, err = Asterisk(ctx, AsteriskOptions{Dir: filepath.Join(folder(t, 0o755), "a"), Host: n.IP(202), CarrierAddr: n.IP(203) + ":5060"})
	require.ErrorContains(t, err, "Asterisk's SIP cannot listen on "+n.IP(202)+":5060/udp: the port is taken by lab.test")
}

func TestBadOptions(t *testing.T) {
	ctx := testContext(t)
	_, err := Postgres(ctx, PostgresOptions{Dir: "relative"})
	require.ErrorContains(t, err, "absolute")
	_, err = Redis(ctx, RedisOptions{Dir: "relative"})
	require.ErrorContains(t, err, "absolute")
	_, err = Asterisk(ctx, AsteriskOptions{Dir: "/nowhere", Host: "localhost"})
	require.ErrorContains(t, err, "IPv4")
	_, err = Asterisk(ctx, AsteriskOptions{Dir: "/nowhere", Host: "127.0.0.1", Root: "/nowhere"})
	require.ErrorContains(t, err, "run deploy/install.sh")
	_, err = Asterisk(ctx, AsteriskOptions{
		Dir: "/nowhere", Host: "127.0.0.1", CarrierAddr: "127.0.0.2:5060",
		Agents: []AgentEndpoint{{Name: "agent-1]\n[x", Secret: "secretsecret"}},
	})
	require.ErrorContains(t, err, "endpoint name")
}

func TestAsteriskComesBackAfterAKill(t *testing.T) {
	ctx := testContext(t)
	a := AsteriskFor(t, AsteriskOptions{Agents: []AgentEndpoint{{Name: "agent-1001", Secret: "secret-of-1001"}}})
	out, err := a.CLI(ctx, "pjsip show endpoint agent-1001")
	require.NoError(t, err)
	require.Contains(t, out, "agent-1001")
	pid := a.Pid()
	a.Kill()
	require.NoFileExists(t, fmt.Sprintf("/proc/%d/stat", pid))
	at := time.Now()
	require.NoError(t, a.Start(ctx))
	require.Less(t, time.Since(at), 2*time.Second)
	t.Logf("start: %v", time.Since(at).Round(time.Millisecond))
	require.NoError(t, a.Signal(syscall.SIGSTOP))
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	require.Error(t, a.ready(short), "a stopped Asterisk does not answer")
	require.NoError(t, a.Signal(syscall.SIGCONT))
	require.NoError(t, a.ready(ctx))
}

func TestAsteriskLogIsClean(t *testing.T) {
	a := AsteriskFor(t, AsteriskOptions{CDR: true, Agents: []AgentEndpoint{{Name: "agent-1001", Secret: "secret-of-1001"}}})
	b, err := os.ReadFile(a.LogPath())
	require.NoError(t, err)
	for line := range strings.Lines(string(b)) {
		require.NotContains(t, line, "ERROR[", "configuration of deploy/asterisk")
	}
	out, err := a.CLI(testContext(t), "dialplan show dialtide-out")
	require.NoError(t, err)
	require.Contains(t, out, "TIMEOUT(absolute)")
}

// TestServersInAClosedFolder: a folder that the servers' users cannot reach, as below /root.
func TestServersInAClosedFolder(t *testing.T) {
	ctx := testContext(t)
	dir := filepath.Join(folder(t, 0o700), "it's here")
	pg, err := Postgres(ctx, PostgresOptions{Dir: filepath.Join(dir, "pg"), Addr: Addresses(t).IP(204) + ":5432"})
	require.NoError(t, err)
	require.Equal(t, "1", query(t, pg.URL("postgres"), "select '1'"))
	require.NoError(t, pg.Stop())
	r, err := Redis(ctx, RedisOptions{Dir: filepath.Join(dir, "redis"), Addr: Addresses(t).IP(204) + ":6379"})
	require.NoError(t, err)
	require.NoError(t, r.Stop())
	a := AsteriskFor(t, AsteriskOptions{Dir: filepath.Join(dir, strings.Repeat("a-long-name", 10)), SpoolDir: filepath.Join(dir, "recordings")})
	_, err = a.CLI(ctx, "core show uptime")
	require.NoError(t, err)
}

// TestNothingOutlivesItsParent kills a process that has started servers and waits until they are gone.
func TestNothingOutlivesItsParent(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=TestHelperProcess$", "-test.v")
	cmd.Env = append(os.Environ(), "DIALTIDE_LAB_HELPER="+folder(t, 0o700))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var pids []string
	scanner := bufio.NewScanner(out)
	for len(pids) == 0 && scanner.Scan() {
		if rest, ok := strings.CutPrefix(scanner.Text(), "pids:"); ok {
			pids = strings.Fields(rest)
		}
	}
	require.Len(t, pids, 3)
	for _, pid := range pids {
		require.DirExists(t, "/proc/"+pid)
	}
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	for _, pid := range pids {
		eventually(t, 10*time.Second, "process "+pid+" lives on", func() bool { return gone(pid) })
	}
}

// gone tells whether a process has ended; one that its new parent has not yet buried has.
func gone(pid string) bool {
	b, err := os.ReadFile("/proc/" + pid + "/status")
	return err != nil || strings.Contains(string(b), "State:\tZ")
}

// TestHelperProcess is the process that TestNothingOutlivesItsParent kills; otherwise it does nothing.
func TestHelperProcess(t *testing.T) {
	dir := os.Getenv("DIALTIDE_LAB_HELPER")
	if dir == "" {
		return
	}
	a := AsteriskFor(t, AsteriskOptions{Dir: filepath.Join(dir, "a")})
	fmt.Println()
	fmt.Println("pids:", SharedPostgres(t).Pid(), SharedRedis(t).Pid(), a.Pid())
	<-t.Context().Done()
	select {}
}
