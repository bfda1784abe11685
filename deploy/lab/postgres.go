package lab

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// PostgresOptions says where a private PostgreSQL lives.
type PostgresOptions struct {
	// Dir is absolute; the cluster is made in Dir/data at the first start and used again later.
	Dir string
	// Addr as IPv4:port, loopback.
	Addr string
	// Fsync as in production; off, a crash of the machine (not of PostgreSQL) may lose the data.
	Fsync bool
	// User is the superuser's name; empty: dialtide.
	User string
	// MaxConnections; 0 = 200.
	MaxConnections int
	// Settings override lines of postgresql.conf.
	Settings map[string]string
}

// PG is a private PostgreSQL.
type PG struct {
	server
	opts     PostgresOptions
	bin      string
	user     *identity
	password string
}

// Postgres makes the cluster where there is none, starts it and waits until it takes connections.
func Postgres(ctx context.Context, opts PostgresOptions) (*PG, error) {
	pg, err := newPG(opts)
	if err != nil {
		return nil, err
	}
	if err := pg.Start(ctx); err != nil {
		return nil, err
	}
	return pg, nil
}

func newPG(opts PostgresOptions) (*PG, error) {
	if err := ensureAbsolute("PostgreSQL", opts.Dir); err != nil {
		return nil, err
	}
	if opts.User == "" {
		opts.User = "dialtide"
	}
	if opts.MaxConnections == 0 {
		opts.MaxConnections = 200
	}
	bin, err := postgresBin()
	if err != nil {
		return nil, err
	}
	id, err := serviceUser("postgres")
	if err != nil {
		return nil, err
	}
	return &PG{opts: opts, bin: bin, user: id}, nil
}

func postgresBin() (string, error) {
	if server := newest("/usr/lib/postgresql/*/bin/postgres"); server != "" {
		return filepath.Dir(server), nil
	}
	if server, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(server), nil
	}
	return "", errors.New("PostgreSQL is not installed: run deploy/install.sh")
}

func (pg *PG) data() string         { return filepath.Join(pg.opts.Dir, "data") }
func (pg *PG) passwordFile() string { return filepath.Join(pg.opts.Dir, "password") }
func (pg *PG) log() string          { return filepath.Join(pg.opts.Dir, "postgresql.log") }

// Start starts it again after Stop or Kill.
func (pg *PG) Start(ctx context.Context) error {
	pg.mu.Lock()
	defer pg.mu.Unlock()
	if pg.proc.running() {
		return errors.New("PostgreSQL is already running")
	}
	// A predecessor whose parent died may still be writing its checkpoint: give it time.
	grace := time.Duration(0)
	if exists(filepath.Join(pg.data(), "postmaster.pid")) {
		grace = 5 * time.Second
	}
	if err := claimPort(ctx, "PostgreSQL", "tcp", pg.opts.Addr, grace); err != nil {
		return err
	}
	if err := pg.initialise(ctx); err != nil {
		return err
	}
	args, err := pg.arguments()
	if err != nil {
		return err
	}
	p, err := startProcess(spec{
		name: "PostgreSQL", path: filepath.Join(pg.bin, "postgres"), args: args, user: pg.user, dirs: []string{pg.opts.Dir},
		logPath: pg.log(), onDeath: syscall.SIGINT, // fast shutdown: also ends its own children
	})
	if err != nil {
		return err
	}
	if err := p.await(ctx, 60*time.Second, 10*time.Millisecond, pg.ping); err != nil {
		return errors.Join(err, p.stop(syscall.SIGQUIT, 5*time.Second))
	}
	pg.proc = p
	return nil
}

// initialise makes the cluster in a temporary folder and renames it, so that a broken start leaves nothing half made.
func (pg *PG) initialise(ctx context.Context) error {
	if err := pg.user.own(pg.opts.Dir, 0o700); err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	if exists(filepath.Join(pg.data(), "PG_VERSION")) {
		return pg.checkCluster()
	}
	pg.password = rand.Text()
	if err := os.WriteFile(pg.passwordFile(), []byte(pg.password+"\n"), 0o600); err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	if err := pg.user.chown(pg.passwordFile()); err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	fresh := pg.data() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	args := []string{
		"-D", fresh, "-U", pg.opts.User, "--pwfile", pg.passwordFile(), "-A", "scram-sha-256", "-E", "UTF8", "--locale", "C.UTF-8",
	}
	if !pg.opts.Fsync {
		args = append(args, "--no-sync", "--wal-segsize", "4")
	}
	p, err := startProcess(spec{
		name: "PostgreSQL's initdb", path: filepath.Join(pg.bin, "initdb"), args: args, user: pg.user, dirs: []string{pg.opts.Dir},
		logPath: pg.log(), onDeath: syscall.SIGKILL,
	})
	if err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		p.kill()
		return ctx.Err()
	}
	if p.waitErr != nil {
		return fmt.Errorf("PostgreSQL's initdb failed (%w): %s", p.waitErr, lastLines(pg.log()))
	}
	return os.Rename(fresh, pg.data())
}

// checkCluster reads the password of an existing cluster and refuses data of another major version.
func (pg *PG) checkCluster() error {
	b, err := os.ReadFile(filepath.Join(pg.data(), "PG_VERSION"))
	if err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	version := strings.TrimSpace(string(b))
	if !strings.Contains(pg.bin, "/"+version+"/") {
		older := filepath.Join("/usr/lib/postgresql", version, "bin")
		switch {
		case exists(filepath.Join(older, "postgres")):
			pg.bin = older
		case strings.HasPrefix(pg.bin, "/usr/lib/postgresql/"):
			return fmt.Errorf("PostgreSQL: %s was made by version %s, which is not installed: install postgresql-%s or remove that folder", pg.data(), version, version)
		}
	}
	b, err = os.ReadFile(pg.passwordFile())
	if err != nil {
		return fmt.Errorf("PostgreSQL: the password of %s is lost: %w; remove that folder", pg.data(), err)
	}
	pg.password = strings.TrimSpace(string(b))
	return nil
}

// arguments are the settings of a small instance, tuned for a machine that it shares.
func (pg *PG) arguments() ([]string, error) {
	host, port, err := net.SplitHostPort(pg.opts.Addr)
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL: address %q: %w", pg.opts.Addr, err)
	}
	settings := map[string]string{
		"listen_addresses": host, "port": port, "unix_socket_directories": "",
		"max_connections": fmt.Sprint(pg.opts.MaxConnections),
		"shared_buffers":  "128MB", "dynamic_shared_memory_type": "posix", "max_wal_size": "512MB",
		"checkpoint_timeout": "15min", "random_page_cost": "1.1", "autovacuum_naptime": "10s", "jit": "off",
		"log_min_messages": "warning", "log_line_prefix": "%m [%p] %q%a@%d ", "log_timezone": "UTC", "timezone": "UTC",
		"idle_in_transaction_session_timeout": "60s", "wal_level": "minimal", "max_wal_senders": "0",
	}
	if !pg.opts.Fsync {
		settings["fsync"], settings["full_page_writes"], settings["synchronous_commit"] = "off", "off", "off"
		settings["shared_buffers"], settings["max_wal_size"] = "32MB", "256MB"
	}
	for k, v := range pg.opts.Settings {
		settings[k] = v
	}
	args := []string{"-D", pg.data()}
	for k, v := range settings {
		args = append(args, "-c", k+"="+v)
	}
	return args, nil
}

func (pg *PG) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, pg.URL("postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// URL is the address of a database for its superuser, as pgx takes it. The password is in it.
func (pg *PG) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(pg.opts.User, pg.password), Host: pg.opts.Addr, Path: "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Addr is host:port.
func (pg *PG) Addr() string { return pg.opts.Addr }

// CreateDatabase makes an empty database where there is none of that name.
func (pg *PG) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, pg.URL("postgres"))
	if err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	defer conn.Close(ctx)
	var there bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there); err != nil || there {
		return err
	}
	_, err = conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
	return err
}

// Stop ends it in order: open transactions are rolled back, a checkpoint is written.
func (pg *PG) Stop() error { return pg.current().stop(syscall.SIGINT, 30*time.Second) }

// Kill ends it at once without a checkpoint, as a crash does; the next start recovers from the log.
func (pg *PG) Kill() error { return pg.current().stop(syscall.SIGQUIT, 5*time.Second) }
