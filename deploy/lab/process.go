package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// spec says how to start one server.
type spec struct {
	name    string // for people: PostgreSQL, Redis, Asterisk
	path    string
	args    []string
	env     []string // besides PATH and the locale
	user    *identity
	dirs    []string       // folders that user must reach
	logPath string         // standard output and error, appended
	onDeath syscall.Signal // sent by the kernel when our own process dies
}

// process is a running server, in its own process group so that a Ctrl-C at the terminal reaches only us.
type process struct {
	name    string
	pid     int
	handle  *os.Process
	logPath string
	done    chan struct{}
	waitErr error // valid after done
}

// startProcess starts s. The parent-death signal is bound to the thread that forked, hence a goroutine that keeps its
// thread until the child has ended.
func startProcess(s spec) (*process, error) {
	cmd, err := s.command()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(s.logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot write its log: %w", s.name, err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	p := &process{name: s.name, logPath: s.logPath, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		log.Close() // the child has its own copy
		if err != nil {
			started <- fmt.Errorf("%s: cannot start %s: %w", s.name, s.path, err)
			return
		}
		p.pid, p.handle = cmd.Process.Pid, cmd.Process
		started <- nil
		p.waitErr = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

func (s spec) command() (*exec.Cmd, error) {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: s.onDeath}
	cmd := exec.Command(s.path, s.args...)
	if s.user != nil {
		blocked := s.user.unreachable(s.dirs)
		if len(blocked) > 0 {
			wrapped, err := privateMounts(s, blocked)
			if err != nil {
				return nil, err
			}
			cmd = wrapped
		} else {
			attr.Credential = s.user.credential()
		}
	}
	cmd.SysProcAttr = attr
	cmd.Dir = "/"
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TZ=UTC"}, s.env...)
	return cmd, nil
}

// running tells whether the process has not yet ended.
func (p *process) running() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

func (p *process) signal(sig syscall.Signal) error {
	if !p.running() {
		return fmt.Errorf("%s is not running", p.name)
	}
	return p.handle.Signal(sig)
}

// stop sends sig, waits up to grace, then kills. It returns an error only when it had to kill.
func (p *process) stop(sig syscall.Signal, grace time.Duration) error {
	if !p.running() {
		return nil
	}
	// A stopped process (SIGSTOP) would never see the signal.
	if err := errors.Join(p.signal(syscall.SIGCONT), p.signal(sig)); err != nil && p.running() {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-timer.C:
		p.kill()
		return fmt.Errorf("%s did not end within %s and was killed", p.name, grace)
	}
}

// kill ends the process at once and waits until it is gone.
func (p *process) kill() {
	if !p.running() {
		return
	}
	if err := p.signal(syscall.SIGKILL); err != nil && p.running() {
		return
	}
	<-p.done
}

// await calls ready every interval until it returns nil. It ends early when the process ends; then, and at the deadline,
// the error has the last lines of its log.
func (p *process) await(ctx context.Context, limit, interval time.Duration, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	var last error // of a try that was not merely cut off by the deadline
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended while starting (%v): %s", p.name, p.waitErr, lastLines(p.logPath))
		case <-ctx.Done():
			return fmt.Errorf("%s was not ready within %s: %w; see %s", p.name, limit, last, p.logPath)
		case <-tick.C:
		}
	}
}

// lastLines gives the tail of a log on one line, for an error message.
func lastLines(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return "no log"
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && st.Size() > 600 {
		if _, err := f.Seek(-600, io.SeekEnd); err != nil {
			return "see " + path
		}
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return "see " + path
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) > 4 {
		lines = lines[len(lines)-4:]
	}
	return strings.Join(lines, " | ") + " (" + path + ")"
}

// server is what the three kinds have in common: at most one process at a time, guarded against concurrent calls.
type server struct {
	mu   sync.Mutex
	proc *process // guarded by mu
}

func (s *server) current() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proc
}

// Pid is the process id of the server, or 0 when it does not run.
func (s *server) Pid() int {
	if p := s.current(); p.running() {
		return p.pid
	}
	return 0
}

// Signal sends sig to the server's process, for example SIGSTOP and SIGCONT to make it hang and go on.
func (s *server) Signal(sig syscall.Signal) error {
	p := s.current()
	if p == nil {
		return errors.New("the server was never started")
	}
	return p.signal(sig)
}

// Done is closed when the process that runs now has ended; already closed when none runs.
func (s *server) Done() <-chan struct{} {
	if p := s.current(); p != nil {
		return p.done
	}
	closed := make(chan struct{})
	close(closed)
	return closed
}
