package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/lmittmann/tint"

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

	AMIAddr     string `name:"ami-addr" help:"Asterisk's manager interface, by which recordings are paused; loopback." default:"127.0.0.1:5038" placeholder:"HOST:PORT"`
	AMIUser     string `name:"ami-user" help:"User of the manager interface." default:"dialtide-tape"`
	AMIPassword string `name:"ami-password" help:"Password of the manager interface; without one recordings can be neither paused nor made on demand."`

	Spool                 string `help:"Folder that Asterisk records into; the same path on both sides." default:"/var/spool/asterisk/dialtide" placeholder:"DIR"`
	Sounds                string `help:"Folder with the sounds of Asterisk, if it can be read here: evidence packs then have the SHA-256 of each message that was played." default:"/usr/share/asterisk/sounds/en" placeholder:"DIR"`
	Recordings            string `help:"Folder that keeps the recordings." default:"/var/lib/dialtide/recordings" placeholder:"DIR"`
	RecordingsS3URL       string `name:"recordings-s3-url" help:"Keep recordings in an S3-compatible store: its address. Without it they are kept in the folder." placeholder:"https://HOST"`
	RecordingsS3Bucket    string `name:"recordings-s3-bucket" help:"Bucket of that store; it must be there."`
	RecordingsS3Prefix    string `name:"recordings-s3-prefix" help:"Before the name of each file in the bucket."`
	RecordingsS3Region    string `name:"recordings-s3-region" help:"Region of the bucket." default:"us-east-1"`
	RecordingsS3AccessKey string `name:"recordings-s3-access-key" help:"Access key of that store."`
	RecordingsS3SecretKey string `name:"recordings-s3-secret-key" help:"Secret key of that store (better in the environment or the file than as a flag)."`
	RecordingsS3Path      bool   `name:"recordings-s3-path-style" help:"The bucket stands in the path, not in the host's name, as many stores of one's own want it."`

	RecordingsKeys string  `name:"recordings-keys" help:"File with the keys by which recordings are encrypted at rest, newest first; recording-key makes one. Without it they are not encrypted." placeholder:"FILE"`
	RecordingsOpus string  `name:"recordings-opus" help:"Transcode recordings to opus in the background: auto (when opusenc and opusdec are installed) or off." enum:"auto,off" default:"auto"`
	RecordingsLow  float64 `name:"recordings-low" help:"Per cent of free space below which recordings raise an alarm." default:"10"`
	RecordingsFull float64 `name:"recordings-full" help:"Per cent of free space below which recordings are taken as impossible." default:"3"`
	SpoolLimit     int64   `name:"spool-limit" help:"GiB of captures that may wait to be stored; beyond that recordings are taken as impossible." default:"20"`

	Uploads string `help:"Folder for list files while they are loaded." default:"/var/lib/dialtide/uploads" placeholder:"DIR"`

	SMTPAddr     string `name:"smtp-addr" help:"Mail server that takes scheduled reports; the connection is encrypted by STARTTLS." placeholder:"HOST:PORT"`
	SMTPFrom     string `name:"smtp-from" help:"Address that reports come from." placeholder:"ADDRESS"`
	SMTPUser     string `name:"smtp-user" help:"User of the mail server; none: no sign-in."`
	SMTPPassword string `name:"smtp-password" help:"Password of the mail server (better in the environment or the file than as a flag)."`
	SMTPPlain    bool   `name:"smtp-plain" help:"Send even when the mail server offers no STARTTLS: for one on the same machine."`

	TrustedProxies []netip.Prefix `help:"Networks of proxies in front, whose X-Forwarded-For is believed." placeholder:"NET"`
	TrustedOrigins []string       `help:"Further origins whose pages may call, when a proxy changes the host name." placeholder:"https://HOST"`
	MetricsFrom    []netip.Prefix `help:"Networks that may read /metrics." default:"127.0.0.0/8,::1/128" placeholder:"NET"`

	WebhookAllow []netip.Prefix `help:"Networks that webhooks may reach although they are not public, also by http; without it they reach public addresses by https only." placeholder:"NET"`

	ICEServers []string `name:"ice-servers" help:"STUN servers for softphones in the browser that are not in one network with Asterisk." placeholder:"stun:HOST:PORT"`

	SecureCookie bool          `help:"Send the session cookie over HTTPS only: set it when a proxy speaks TLS in front."`
	KeepAttempts time.Duration `help:"How long the history of attempts is kept, in hours (17520h is two years; the law of many countries says up to five); whole months older than that are dropped. 0: for ever." default:"0" placeholder:"DURATION"`
	DrainTime    time.Duration `help:"How long talks may go on after a stop was asked for." default:"10m"`
	LogLevel     slog.Level    `help:"debug, info, warn or error." default:"info"`
}

// AppName is the ARI application of this process: one for each process on each Asterisk.
func (c Config) AppName() string { return "dialtide-" + c.Node }

var nodeName = regexp.MustCompile(`^[a-z0-9-]{1,20}$`)

// manager is where recordings are paused; empty: nowhere.
func (c Config) manager() string {
	if c.AMIPassword == "" {
		return ""
	}
	return c.AMIAddr
}

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
	if _, err := mail.ParseAddress(c.SMTPFrom); c.SMTPAddr != "" && err != nil {
		errs = append(errs, fmt.Errorf("smtp-from %q: want a mail address that reports come from", c.SMTPFrom))
	}
	if _, _, err := net.SplitHostPort(c.SMTPAddr); c.SMTPAddr != "" && err != nil {
		errs = append(errs, fmt.Errorf("smtp-addr %q: want HOST:PORT", c.SMTPAddr))
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
