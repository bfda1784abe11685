package asterisk

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
)

//go:embed etc/*.conf
var templates embed.FS

// SoundList is the list of messages (see sounds/sounds.txt for its form).
//
//go:embed sounds/sounds.txt
var SoundList string

// SoundScript is the shell program that turns a sound list into files: arguments are the list and the folder.
//
//go:embed sounds/make-sounds.sh
var SoundScript string

// Contexts of the dialplan into which channels are originated, extension s, priority 1.
const (
	ContextOut        = "dialtide-out"
	ContextMessage    = "dialtide-message"
	ContextAgent      = "dialtide-agent"
	ContextSupervisor = "dialtide-supervisor"
	ContextAMD        = "dialtide-amd"
	ContextOutside    = "dialtide-outside"
	ContextEcho       = "dialtide-echo"
	ContextIn         = "dialtide-in" // calls from outside
	ContextInbound    = "dialtide-inbound"
	ContextAnswer     = "dialtide-answer"
	ContextWatch      = "dialtide-watch" // calls of supervisors' phones
	ContextClosed     = "dialtide-closed"
)

// Causes (Q.850) of ChannelDestroyed by which dialtide-message tells how it ended.
const (
	// CauseMessagePlayed: the callee heard the message to its end.
	CauseMessagePlayed = 31
	// CauseMessageMissing: the sound does not exist; the callee heard nothing.
	CauseMessageMissing = 127
)

// Dirs are the folders of one Asterisk, all absolute.
type Dirs struct {
	Etc, Modules, VarLib, DB, Keys, Data, Spool, Run, Log, Cache, Sbin string
}

// Agent is one agent's phone: its endpoint, authentication and address-of-record share the name.
type Agent struct {
	// Name such as agent-1001, also the digest user.
	Name string
	// Secret is the digest password.
	Secret string
	// WebRTC makes it a browser's phone (SIP over WebSocket, encrypted voice).
	WebRTC bool
	// Supervisor lets it call the numbers by which agents are watched; the database decides whose phone it is.
	Supervisor bool
}

// Params fills the templates. WithDefaults supplies what is zero.
type Params struct {
	Dirs                 Dirs
	SystemName           string // prefix of unique ids, different on each node
	EntityID             string // MAC form, different on each node
	HTTPAddr             string // address of ARI; loopback or private
	HTTPPort             int
	ARIUser, ARIPassword string
	SIPAddr              string
	SIPPort              int
	MediaAddr            string
	RTPStart, RTPEnd     int
	StrictRTP            bool
	ICEHost              string   // own address to be offered as MediaAddr to browsers; empty: none
	TimerT1, TimerB      int      // milliseconds
	RTPTimeout           int      // seconds without voice after which a customer's call is dead
	CarrierContact       string   // host:port of the carrier
	CarrierMatch         []string // source addresses of the carrier
	CarrierQualify       int      // seconds between OPTIONS; 0 = never
	AgentQualify         int
	Agents               []Agent
	AMIUser, AMIPassword string // of the manager interface, by which recordings are paused; no password: it is off
	AMIAddr              string // where it listens; loopback, unless the dialer is on another machine
	AMIPort              int
	AMIFrom              string // network that may reach it, as address/mask
	CDR                  bool   // keep the switch's own record of calls
	Deadman, DeadmanAMD  string // seconds, see extensions.conf
}

// WithDefaults returns p with every zero value that has a sensible default replaced.
func (p Params) WithDefaults() Params {
	text := func(v *string, d string) {
		if *v == "" {
			*v = d
		}
	}
	number := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	text(&p.SystemName, "dialtide")
	text(&p.EntityID, "02:00:00:00:00:01")
	text(&p.SIPAddr, "127.0.0.1")
	text(&p.HTTPAddr, p.SIPAddr)
	text(&p.MediaAddr, p.SIPAddr)
	text(&p.ARIUser, "dialtide")
	text(&p.Deadman, "1.5")
	text(&p.AMIUser, "dialtide-tape")
	text(&p.AMIAddr, "127.0.0.1")
	text(&p.AMIFrom, "127.0.0.0/255.0.0.0")
	number(&p.AMIPort, 5038)
	text(&p.DeadmanAMD, "0.8")
	number(&p.HTTPPort, 8088)
	number(&p.SIPPort, 5060)
	number(&p.RTPStart, 10000)
	number(&p.RTPEnd, 20000)
	number(&p.TimerT1, 500)
	number(&p.TimerB, 64*p.TimerT1)
	number(&p.RTPTimeout, 60)
	if len(p.CarrierMatch) == 0 && p.CarrierContact != "" {
		host, _, _ := strings.Cut(p.CarrierContact, ":")
		p.CarrierMatch = []string{host}
	}
	return p
}

var (
	namePattern   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)
	secretPattern = regexp.MustCompile(`^[A-Za-z0-9_.~+/=-]{8,128}$`)
	pathPattern   = regexp.MustCompile(`^/[^\x00-\x1f;\[\]${}",]*$`)
	entityPattern = regexp.MustCompile(`^([0-9a-f]{2}:){5}[0-9a-f]{2}$`)
	hostPattern   = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]{1,5})?$`)
	netPattern    = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,3}(\.[0-9]{1,3}){3}$`)
	secsPattern   = regexp.MustCompile(`^[0-9]{1,2}(\.[0-9]{1,3})?$`)
)

// Validate reports all values that may not be put into a configuration file, in one error.
func (p Params) Validate() error {
	var errs []error
	match := func(what, value string, pattern *regexp.Regexp) {
		if !pattern.MatchString(value) {
			errs = append(errs, fmt.Errorf("%s %q is not allowed (want %s)", what, value, pattern))
		}
	}
	addr := func(what, value string) {
		if _, err := netip.ParseAddr(value); err != nil {
			errs = append(errs, fmt.Errorf("%s %q is not an IP address", what, value))
		}
	}
	d := p.Dirs
	for _, dir := range []string{d.Etc, d.Modules, d.VarLib, d.DB, d.Keys, d.Data, d.Spool, d.Run, d.Log, d.Cache, d.Sbin} {
		match("directory", dir, pathPattern)
	}
	match("system name", p.SystemName, namePattern)
	match("entity id", p.EntityID, entityPattern)
	match("ARI user", p.ARIUser, namePattern)
	if !secretPattern.MatchString(p.ARIPassword) {
		errs = append(errs, errors.New("ARI password must be 8 to 128 of A-Z a-z 0-9 _.~+/=-"))
	}
	match("user of the manager interface", p.AMIUser, namePattern)
	if p.AMIPassword != "" && !secretPattern.MatchString(p.AMIPassword) {
		errs = append(errs, errors.New("password of the manager interface must be 8 to 128 of A-Z a-z 0-9 _.~+/=-"))
	}
	addr("address of the manager interface", p.AMIAddr)
	match("network of the manager interface", p.AMIFrom, netPattern)
	addr("HTTP address", p.HTTPAddr)
	addr("SIP address", p.SIPAddr)
	addr("media address", p.MediaAddr)
	if p.ICEHost != "" {
		addr("ICE host", p.ICEHost)
	}
	match("carrier", p.CarrierContact, hostPattern)
	for _, m := range p.CarrierMatch {
		if _, err := netip.ParsePrefix(m); err != nil {
			addr("carrier's source address", m)
		}
	}
	match("dead-man's time", p.Deadman, secsPattern)
	match("dead-man's time after AMD", p.DeadmanAMD, secsPattern)
	for _, port := range []int{p.HTTPPort, p.SIPPort, p.AMIPort, p.RTPStart, p.RTPEnd} {
		if port < 1 || port > 65535 {
			errs = append(errs, fmt.Errorf("port %d is out of range", port))
		}
	}
	return errors.Join(append(errs, validateAgents(p.Agents))...)
}

func validateAgents(agents []Agent) error {
	var errs []error
	seen := map[string]bool{"carrier": true, "dialtide-browser": true, "global": true, "system": true, "udp": true, "ws": true}
	for _, a := range agents {
		switch {
		case !namePattern.MatchString(a.Name) || seen[a.Name]:
			errs = append(errs, fmt.Errorf("agent's endpoint name %q is not allowed or taken", a.Name))
		case !secretPattern.MatchString(a.Secret):
			errs = append(errs, fmt.Errorf("secret of %s must be 8 to 128 of A-Z a-z 0-9 _.~+/=-", a.Name))
		}
		seen[a.Name] = true
	}
	return errors.Join(errs...)
}

// Render returns every configuration file by its name.
func Render(p Params) (map[string][]byte, error) {
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("asterisk configuration: %w", err)
	}
	entries, err := fs.ReadDir(templates, "etc")
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte, len(entries))
	for _, e := range entries {
		t, err := template.New(e.Name()).Option("missingkey=error").Funcs(template.FuncMap{"inboundPatterns": inboundPatterns, "watchPatterns": watchPatterns}).ParseFS(templates, "etc/"+e.Name())
		if err != nil {
			return nil, fmt.Errorf("asterisk configuration: %w", err)
		}
		var b bytes.Buffer
		if err := t.Execute(&b, p); err != nil {
			return nil, fmt.Errorf("asterisk configuration: %w", err)
		}
		files[e.Name()] = b.Bytes()
	}
	return files, nil
}

// inboundPatterns are the extensions of calls from outside: 3 to 15 digits, with or without a plus. X is one digit, and there
// is no pattern that would match anything else.
func inboundPatterns() (out []string) {
	for n := 3; n <= 15; n++ {
		digits := strings.Repeat("X", n)
		out = append(out, "_"+digits, "_+"+digits)
	}
	return out
}

// watchPatterns are the extensions of supervisors' phones: 81 to 84, and an agent's code of 1 to 6 digits.
func watchPatterns() (out []string) {
	for n := 1; n <= 6; n++ {
		out = append(out, "_8[1-4]"+strings.Repeat("X", n))
	}
	return out
}

// Write renders into dir, which must exist. The files hold passwords: mode 0640.
func Write(dir string, p Params) error {
	files, err := Render(p)
	if err != nil {
		return err
	}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o640); err != nil {
			return fmt.Errorf("asterisk configuration: %w", err)
		}
	}
	return nil
}
