package asterisk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strings"
	"time"

	"github.com/dialtide/dialtide/dialer"
)

// The manager interface serves one purpose: to silence a MixMonitor, which ARI cannot. Its user may do nothing but what belongs
// to calls (manager.conf in deploy/asterisk), and each command has a connection of its own: they are rare, and a connection that
// lives only that long has no state to be wrong after a restart of either side.

const (
	amiTimeout = 2 * time.Second
	amiAnswer  = 16 << 10 // bytes of an answer that we read at most
)

// amiValue is what may stand behind a colon: no line ends, nothing that could begin another header.
var amiValue = regexp.MustCompile(`^[A-Za-z0-9@/_.;:+-]{1,150}$`)

// amiSecret is what deploy/asterisk lets through as a password.
var amiSecret = regexp.MustCompile(`^[A-Za-z0-9_.~+/=-]{1,128}$`)

// errAMI is an answer that is no success.
type errAMI struct{ message string }

func (e *errAMI) Error() string { return "the manager interface refused: " + e.message }

type amiField struct{ name, value string }

// manage logs in, does one action and logs off. dialer.ErrNoChannel: the channel is gone.
func (a *Adapter) manage(ctx context.Context, op string, fields ...amiField) error {
	if a.cfg.AMIAddr == "" {
		return dialer.ErrNoRecorder
	}
	for _, f := range fields {
		if !amiValue.MatchString(f.value) {
			return fmt.Errorf("asterisk: %s: %s is not of %s", op, f.name, amiValue)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, amiTimeout)
	defer cancel()
	start := time.Now()
	err := a.manageOnce(ctx, fields)
	result := "200"
	if err != nil {
		result = "error"
	}
	a.metrics.seconds.WithLabelValues(op).Observe(time.Since(start).Seconds())
	a.metrics.requests.WithLabelValues(op, result).Inc()
	var refused *errAMI
	if errors.As(err, &refused) && strings.Contains(strings.ToLower(refused.message), "channel") && strings.Contains(strings.ToLower(refused.message), "no such") {
		return fmt.Errorf("asterisk: %s: %w: %w", op, dialer.ErrNoChannel, err)
	}
	if err != nil {
		return fmt.Errorf("asterisk: %s: %w", op, err)
	}
	return nil
}

func (a *Adapter) manageOnce(ctx context.Context, fields []amiField) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", a.cfg.AMIAddr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if until, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(until); err != nil {
			return err
		}
	}
	in := textproto.NewReader(bufio.NewReader(io.LimitReader(conn, amiAnswer)))
	if greeting, err := in.ReadLine(); err != nil {
		return fmt.Errorf("greeting: %w", err)
	} else if !strings.HasPrefix(greeting, "Asterisk Call Manager") {
		return errors.New("what listens there is not Asterisk's manager interface")
	}
	login := []amiField{{"Action", "Login"}, {"Username", a.cfg.AMIUser}, {"Secret", a.cfg.AMIPassword}, {"Events", "off"}}
	if err := amiAsk(conn, in, login); err != nil {
		return fmt.Errorf("login: %w", err)
	}
	if err := amiAsk(conn, in, fields); err != nil {
		return err
	}
	_, _ = io.WriteString(conn, "Action: Logoff\r\n\r\n") // a courtesy: the connection is closed anyway
	return nil
}

// amiAsk sends an action and reads its answer; events are passed over.
func amiAsk(w io.Writer, in *textproto.Reader, fields []amiField) error {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(f.name + ": " + f.value + "\r\n")
	}
	b.WriteString("\r\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	for {
		h, err := in.ReadMIMEHeader()
		if err != nil {
			return fmt.Errorf("answer: %w", err)
		}
		switch h.Get("Response") {
		case "":
			continue
		case "Success":
			return nil
		}
		return &errAMI{h.Get("Message")}
	}
}
