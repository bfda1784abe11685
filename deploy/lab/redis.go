package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// RedisOptions says where a private Redis lives. It keeps nothing on disk: Redis holds only what can be rebuilt.
type RedisOptions struct {
	// Dir for its log, absolute.
	Dir string
	// Addr as IPv4:port, loopback.
	Addr string
	// MaxMemory in bytes; 0 = 256 MiB.
	MaxMemory int64
}

// RedisServer is a private Redis.
type RedisServer struct {
	server
	opts    RedisOptions
	program string
	user    *identity
}

// Redis starts one and waits until it answers.
func Redis(ctx context.Context, opts RedisOptions) (*RedisServer, error) {
	if opts.MaxMemory == 0 {
		opts.MaxMemory = 256 << 20
	}
	if err := ensureAbsolute("Redis", opts.Dir); err != nil {
		return nil, err
	}
	program, err := redisProgram()
	if err != nil {
		return nil, err
	}
	id, err := serviceUser("redis")
	if err != nil {
		return nil, err
	}
	r := &RedisServer{opts: opts, program: program, user: id}
	if err := r.Start(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// redisProgram finds the server. The package redis-tools has the same program under the name of a checking tool, which
// decides by the name it is called by.
func redisProgram() (string, error) {
	for _, name := range []string{"redis-server", "redis-check-rdb", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("Redis is not installed: run deploy/install.sh")
}

// Start starts it again after Stop or Kill. It is empty then.
func (r *RedisServer) Start(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.proc.running() {
		return errors.New("Redis is already running")
	}
	if err := r.user.own(r.opts.Dir, 0o700); err != nil {
		return fmt.Errorf("Redis: %w", err)
	}
	host, port, err := net.SplitHostPort(r.opts.Addr)
	if err != nil {
		return fmt.Errorf("Redis: address %q: %w", r.opts.Addr, err)
	}
	if err := claimPort(ctx, "Redis", "tcp", r.opts.Addr, time.Second); err != nil {
		return err
	}
	program, err := r.underItsName()
	if err != nil {
		return err
	}
	p, err := startProcess(spec{
		name: "Redis", path: program, user: r.user, dirs: []string{r.opts.Dir},
		logPath: filepath.Join(r.opts.Dir, "redis.log"), onDeath: syscall.SIGKILL,
		args: []string{
			"--bind", host, "--port", port, "--dir", r.opts.Dir, "--save", "", "--appendonly", "no", "--daemonize", "no",
			"--maxmemory", fmt.Sprint(r.opts.MaxMemory), "--maxmemory-policy", "noeviction", "--loglevel", "warning",
		},
	})
	if err != nil {
		return err
	}
	if err := p.await(ctx, 10*time.Second, 10*time.Millisecond, r.ping); err != nil {
		p.kill()
		return err
	}
	r.proc = p
	return nil
}

// underItsName gives the path of the server under a name by which it knows that it is one.
func (r *RedisServer) underItsName() (string, error) {
	if filepath.Base(r.program) != "redis-check-rdb" {
		return r.program, nil
	}
	link := filepath.Join(r.opts.Dir, "redis-server")
	if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("Redis: %w", err)
	}
	if err := os.Symlink(r.program, link); err != nil {
		return "", fmt.Errorf("Redis: %w", err)
	}
	return link, nil
}

func (r *RedisServer) ping(ctx context.Context) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", r.opts.Addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.HasPrefix(line, "+PONG") {
		return fmt.Errorf("Redis answered %q", strings.TrimSpace(line))
	}
	return err
}

// Addr is host:port.
func (r *RedisServer) Addr() string { return r.opts.Addr }

// URL as go-redis takes it.
func (r *RedisServer) URL() string { return "redis://" + r.opts.Addr + "/0" }

// Stop ends it in order.
func (r *RedisServer) Stop() error { return r.current().stop(syscall.SIGTERM, 5*time.Second) }

// Kill ends it at once, as a crash does.
func (r *RedisServer) Kill() { r.current().kill() }
