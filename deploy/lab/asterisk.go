package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	config "github.com/dialtide/dialtide/deploy/asterisk"
)

// AgentEndpoint is one agent's phone that may register.
type AgentEndpoint = config.Agent

// AsteriskOptions says where a private Asterisk lives and whom it knows.
type AsteriskOptions struct {
	// Dir holds its configuration, state and logs; absolute. Rewritten at each start.
	Dir string
	// Root is a private root folder with Asterisk 22 in it, "/" for the machine's own, empty: FindAsteriskRoot.
	Root string
	// Host is the IPv4 address for SIP, voice and ARI.
	Host string
	// SIPPort 5060, HTTPPort 8088, RTPStart 10000 and RTPEnd 20000 when zero.
	SIPPort, HTTPPort, RTPStart, RTPEnd int
	// ARIPassword of the user dialtide; empty: made up, see Password.
	ARIPassword string
	// CarrierAddr as host:port is where calls go; CarrierMatch are the source addresses of its requests (empty: its host).
	CarrierAddr  string
	CarrierMatch []string
	// Agents are the phones that may register.
	Agents []AgentEndpoint
	// SpoolDir takes the recordings, the same path inside and outside; empty: Dir/spool. Made when missing.
	SpoolDir string
	// SystemName prefixes unique ids; empty: dialtide.
	SystemName string
	// CDR keeps the switch's own record of calls in Dir/log/cdr-custom/dialtide.csv.
	CDR bool
	// Adjust may change anything else in the configuration; nil: nothing.
	Adjust func(*config.Params)
}

// AsteriskServer is a private Asterisk.
type AsteriskServer struct {
	server
	opts   AsteriskOptions
	params config.Params
	prog   asteriskProgram
	user   *identity
	client *http.Client
	runTmp string // temporary folder of the control socket, or empty
}

// Asterisk writes the configuration of deploy/asterisk, makes the messages, starts Asterisk and waits until it is fully
// booted and ARI answers.
func Asterisk(ctx context.Context, opts AsteriskOptions) (*AsteriskServer, error) {
	a, err := newAsterisk(opts)
	if err != nil {
		return nil, err
	}
	if err := a.Start(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

func newAsterisk(opts AsteriskOptions) (*AsteriskServer, error) {
	if err := ensureAbsolute("Asterisk", opts.Dir); err != nil {
		return nil, err
	}
	host, err := netip.ParseAddr(opts.Host)
	if err != nil || !host.Is4() {
		return nil, fmt.Errorf("Asterisk: host %q is not an IPv4 address", opts.Host)
	}
	if opts.Root == "" {
		if opts.Root, err = FindAsteriskRoot(); err != nil {
			return nil, err
		}
	}
	prog, err := findAsteriskProgram(opts.Root)
	if err != nil {
		return nil, err
	}
	id, err := serviceUser("asterisk")
	if err != nil {
		return nil, err
	}
	if opts.SpoolDir == "" {
		opts.SpoolDir = filepath.Join(opts.Dir, "spool")
	}
	if opts.ARIPassword == "" {
		opts.ARIPassword = randomSecret()
	}
	a := &AsteriskServer{opts: opts, prog: prog, user: id, client: &http.Client{Timeout: 2 * time.Second}}
	a.params = a.buildParams(host)
	return a, a.params.Validate()
}

func (a *AsteriskServer) buildParams(host netip.Addr) config.Params {
	o, dir, b := a.opts, a.opts.Dir, host.As4()
	p := config.Params{
		Dirs: config.Dirs{
			Etc: filepath.Join(dir, "etc"), Modules: a.prog.modules, VarLib: filepath.Join(dir, "lib"), DB: filepath.Join(dir, "lib"),
			Keys: filepath.Join(dir, "lib"), Data: filepath.Join(dir, "data"), Spool: o.SpoolDir, Run: filepath.Join(dir, "run"),
			Log: filepath.Join(dir, "log"), Cache: filepath.Join(dir, "cache"), Sbin: filepath.Dir(a.prog.path),
		},
		SystemName: o.SystemName,
		EntityID:   fmt.Sprintf("02:00:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3]),
		HTTPPort:   o.HTTPPort, ARIPassword: o.ARIPassword, SIPAddr: o.Host, SIPPort: o.SIPPort, RTPStart: o.RTPStart, RTPEnd: o.RTPEnd,
		AMIAddr: o.Host, AMIPassword: randomSecret(),
		CarrierContact: o.CarrierAddr, CarrierMatch: o.CarrierMatch, Agents: o.Agents, CDR: o.CDR,
	}
	if o.Adjust != nil {
		o.Adjust(&p)
	}
	return p.WithDefaults()
}

// Start starts it again after Stop or Kill, with the configuration written anew.
func (a *AsteriskServer) Start(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.proc.running() {
		return errors.New("Asterisk is already running")
	}
	if err := a.claimPorts(ctx); err != nil {
		return err
	}
	if err := a.prepare(ctx); err != nil {
		return err
	}
	s := a.prog.spec("-f", "-C", filepath.Join(a.params.Dirs.Etc, "asterisk.conf"))
	s.name, s.user, s.onDeath = "Asterisk", a.user, syscall.SIGKILL
	s.dirs = append(s.dirs, a.opts.Dir, a.opts.SpoolDir)
	if a.runTmp != "" {
		s.dirs = append(s.dirs, a.runTmp)
	}
	s.logPath = filepath.Join(a.params.Dirs.Log, "console.log")
	s.env = append(s.env, "HOME="+a.params.Dirs.VarLib)
	p, err := startProcess(s)
	if err != nil {
		return err
	}
	if err := p.await(ctx, 30*time.Second, 20*time.Millisecond, a.ready); err != nil {
		p.kill()
		return err
	}
	a.proc = p
	return nil
}

func (a *AsteriskServer) claimPorts(ctx context.Context) error {
	p := a.params
	sip, http := net.JoinHostPort(p.SIPAddr, fmt.Sprint(p.SIPPort)), net.JoinHostPort(p.HTTPAddr, fmt.Sprint(p.HTTPPort))
	if err := claimPort(ctx, "Asterisk's SIP", "udp", sip, time.Second); err != nil {
		return err
	}
	return claimPort(ctx, "Asterisk's ARI", "tcp", http, time.Second)
}

// ready: ARI answers, and the modules are all loaded.
func (a *AsteriskServer) ready(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.ARI()+"/asterisk/ping", nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth(a.User(), a.Password())
	resp, err := a.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ARI answered %s", resp.Status)
	}
	_, err = a.CLI(ctx, "core waitfullybooted")
	return err
}

// CLI runs one command of Asterisk's console and returns what it prints.
func (a *AsteriskServer) CLI(ctx context.Context, command string) (string, error) {
	s := a.prog.spec("-C", filepath.Join(a.params.Dirs.Etc, "asterisk.conf"), "-rx", command)
	cmd := exec.CommandContext(ctx, s.path, s.args...)
	cmd.Env = append(os.Environ(), "HOME="+a.params.Dirs.VarLib)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("Asterisk: %q: %w: %s", command, err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}

// ARI is the base address of the REST interface, such as http://127.0.0.1:8088/ari.
func (a *AsteriskServer) ARI() string {
	return "http://" + net.JoinHostPort(a.params.HTTPAddr, fmt.Sprint(a.params.HTTPPort)) + "/ari"
}

// AMI is host:port of the manager interface, and who may log in there.
func (a *AsteriskServer) AMI() (addr, user, password string) {
	return net.JoinHostPort(a.params.AMIAddr, fmt.Sprint(a.params.AMIPort)), a.params.AMIUser, a.params.AMIPassword
}

// User of ARI.
func (a *AsteriskServer) User() string { return a.params.ARIUser }

// Password of ARI.
func (a *AsteriskServer) Password() string { return a.params.ARIPassword }

// SIPAddr is host:port for SIP over UDP.
func (a *AsteriskServer) SIPAddr() string {
	return net.JoinHostPort(a.params.SIPAddr, fmt.Sprint(a.params.SIPPort))
}

// Carrier is host:port to which the trunk sends its calls.
func (a *AsteriskServer) Carrier() string { return a.params.CarrierContact }

// SpoolDir is where recordings go; the same path for Asterisk and for us.
func (a *AsteriskServer) SpoolDir() string { return a.opts.SpoolDir }

// LogPath is Asterisk's message log.
func (a *AsteriskServer) LogPath() string { return filepath.Join(a.params.Dirs.Log, "messages") }

// CallRecords is the file of the switch's own record of calls; it is there after the first call when the options ask for CDR.
func (a *AsteriskServer) CallRecords() string {
	return filepath.Join(a.params.Dirs.Log, "cdr-custom", "dialtide.csv")
}

// Stop ends it in order: calls are hung up. Under load this can take over ten seconds.
func (a *AsteriskServer) Stop() error {
	return errors.Join(a.current().stop(syscall.SIGTERM, 20*time.Second), a.removeRunDir())
}

// Kill ends it at once, as a crash does.
func (a *AsteriskServer) Kill() { a.current().kill() }
