package app

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/lmittmann/tint"
	"go.yaml.in/yaml/v3"

	"github.com/dialtide/dialtide/lists"
)

// Config is how one process is set up. Each value comes from a flag, from the environment (DIALTIDE_ and the flag's name
// in capitals, for example DIALTIDE_ARI_PASSWORD) or from the configuration file, in this order.
type Config struct {
	Listen   string `help:"Address of the desktop, the API and the metrics." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Database string `help:"PostgreSQL URL." placeholder:"postgres://USER:PASSWORD@HOST/DB"`
	Redis    string `help:"Redis URL." default:"redis://127.0.0.1:6379/0" placeholder:"URL"`
	Node     string `help:"Name of this process among its peers; stays the same over restarts." default:"n1"`

	ARIURL      string `name:"ari-url" help:"Asterisk's HTTP server." default:"http://127.0.0.1:8088" placeholder:"URL"`
	ARIUser     string `name:"ari-user" help:"ARI user." default:"dialtide"`
	ARIPassword string `name:"ari-password" help:"ARI password (better in the environment or the file than as a flag)."`

	Spool      string `help:"Folder that Asterisk records into; the same path on both sides." default:"/var/spool/asterisk/dialtide" placeholder:"DIR"`
	Recordings string `help:"Folder that keeps the recordings." default:"/var/lib/dialtide/recordings" placeholder:"DIR"`
	Uploads    string `help:"Folder for list files while they are loaded." default:"/var/lib/dialtide/uploads" placeholder:"DIR"`

	TrustedProxies []netip.Prefix `help:"Networks of proxies in front, whose X-Forwarded-For is believed." placeholder:"NET"`
	TrustedOrigins []string       `help:"Further origins whose pages may call, when a proxy changes the host name." placeholder:"https://HOST"`
	MetricsFrom    []netip.Prefix `help:"Networks that may read /metrics." default:"127.0.0.0/8,::1/128" placeholder:"NET"`

	ICEServers []string `name:"ice-servers" help:"STUN servers for softphones in the browser that are not in one network with Asterisk." placeholder:"stun:HOST:PORT"`

	SecureCookie bool          `help:"Send the session cookie over HTTPS only: set it when a proxy speaks TLS in front."`
	KeepAttempts time.Duration `help:"How long the history of attempts is kept, in hours (17520h is two years; the law of many countries says up to five); whole months older than that are dropped. 0: for ever." default:"0" placeholder:"DURATION"`
	DrainTime    time.Duration `help:"How long talks may go on after a stop was asked for." default:"10m"`
	LogLevel     slog.Level    `help:"debug, info, warn or error." default:"info"`
}

// AppName is the ARI application of this process: one for each process on each Asterisk.
func (c Config) AppName() string { return "dialtide-" + c.Node }

var nodeName = regexp.MustCompile(`^[a-z0-9-]{1,20}$`)

// Validate returns every mistake that can be seen without connecting anywhere, each with what to do.
func (c Config) Validate() error {
	var errs []error
	if c.Database == "" {
		errs = append(errs, errors.New("no database: set --database or DIALTIDE_DATABASE to a PostgreSQL URL"))
	}
	if !nodeName.MatchString(c.Node) {
		errs = append(errs, fmt.Errorf("node %q: use 1 to 20 of a-z, 0-9 and -", c.Node))
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		errs = append(errs, fmt.Errorf("listen %q: want HOST:PORT", c.Listen))
	}
	if u, err := url.Parse(c.ARIURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		errs = append(errs, fmt.Errorf("ari-url %q: want http://HOST:PORT", c.ARIURL))
	}
	if c.KeepAttempts != 0 && c.KeepAttempts < lists.LeastHistory {
		errs = append(errs, fmt.Errorf("keep-attempts %v: keep them for at least %v, because caps look back a year, or for ever (0)", c.KeepAttempts, lists.LeastHistory))
	}
	for name, dir := range map[string]string{"spool": c.Spool, "recordings": c.Recordings, "uploads": c.Uploads} {
		if !filepath.IsAbs(dir) {
			errs = append(errs, fmt.Errorf("%s %q: want an absolute path", name, dir))
		}
	}
	return errors.Join(errs...)
}

// Logger writes human-readable lines to a terminal and logfmt elsewhere.
func (c Config) Logger(w *os.File) *slog.Logger {
	if info, err := w.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		return slog.New(tint.NewHandler(w, &tint.Options{Level: c.LogLevel, TimeFormat: time.TimeOnly}))
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: c.LogLevel}))
}

// YAML reads a configuration file for kong. Keys are the flags' names; nesting joins with a hyphen, so that
// `ari: {url: …}` is the flag ari-url. An unknown key is an error: a typing mistake must not pass in silence.
func YAML(r io.Reader) (kong.Resolver, error) {
	tree := map[string]any{}
	if err := yaml.NewDecoder(r).Decode(&tree); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	flat := map[string]string{}
	flatten("", tree, flat)
	return &fileResolver{values: flat}, nil
}

func flatten(prefix string, tree map[string]any, into map[string]string) {
	for k, v := range tree {
		key := strings.ReplaceAll(prefix+k, "_", "-")
		if sub, ok := v.(map[string]any); ok {
			flatten(key+"-", sub, into)
			continue
		}
		into[key] = fmt.Sprint(v)
	}
}

type fileResolver struct{ values map[string]string }

// Validate is part of kong.Resolver; unknown keys are told by Resolve already, before flags that miss a value are.
func (f *fileResolver) Validate(*kong.Application) error { return nil }

// Resolve gives a flag its value from the file, unless the environment has one.
func (f *fileResolver) Resolve(k *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if err := f.known(k.Model.Node); err != nil {
		return nil, err
	}
	for _, name := range flag.Envs {
		if _, ok := os.LookupEnv(name); ok {
			return nil, nil
		}
	}
	if v, ok := f.values[flag.Name]; ok {
		return v, nil
	}
	return nil, nil
}

// known refuses keys that are no command's flag.
func (f *fileResolver) known(root *kong.Node) error {
	flags := map[string]bool{}
	var walk func(*kong.Node)
	walk = func(n *kong.Node) {
		for _, flag := range n.Flags {
			flags[flag.Name] = true
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(root)
	for k := range f.values {
		if !flags[k] {
			return fmt.Errorf("configuration file: unknown key %q", k)
		}
	}
	return nil
}
