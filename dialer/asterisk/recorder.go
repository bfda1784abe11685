package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer"
)

var _ dialer.Recorder = (*Adapter)(nil)

// What a customer's channel carries of its recording, for a later life of the dialer.
const (
	silencedVariable = "DT_SILENCED" // seconds since 1970 until when; 0: until somebody asks; empty: it is not silenced
	toldVariable     = "DT_TOLD"     // 1: the recording was announced
)

// Silence has the capture filled with silence. The note on the channel comes first: a dialer that dies in between finds it and
// does the rest.
func (a *Adapter) Silence(ctx context.Context, attempt uuid.UUID, until time.Time) error {
	note := "0"
	if !until.IsZero() {
		note = strconv.FormatInt(until.Unix(), 10)
	}
	if err := a.note(ctx, attempt, silencedVariable, note); err != nil {
		return err
	}
	return a.muteCapture(ctx, attempt, "1")
}

// Unsilence lets what is said into the capture again. The note on the channel goes last: as long as it stands, the capture counts
// as silenced.
func (a *Adapter) Unsilence(ctx context.Context, attempt uuid.UUID) error {
	if err := a.muteCapture(ctx, attempt, "0"); err != nil {
		return err
	}
	return a.note(ctx, attempt, silencedVariable, "")
}

func (a *Adapter) note(ctx context.Context, attempt uuid.UUID, name, value string) error {
	err := a.set(ctx, "silence", attempt, name, value)
	if gone(err) {
		return fmt.Errorf("%w: %w", dialer.ErrNoChannel, err)
	}
	return err
}

func (a *Adapter) muteCapture(ctx context.Context, attempt uuid.UUID, state string) error {
	name, err := url.PathUnescape(a.table.nameOf(attempt))
	if err != nil {
		return fmt.Errorf("asterisk: silence: %w", err)
	}
	return a.manage(ctx, "silence", amiField{"Action", "MixMonitorMute"}, amiField{"Channel", name},
		amiField{"Direction", "both"}, amiField{"State", state})
}

// Told reads the notes on a channel.
func (a *Adapter) Told(ctx context.Context, attempt uuid.UUID) (dialer.RecorderState, error) {
	var s dialer.RecorderState
	silenced, err := a.noted(ctx, attempt, silencedVariable)
	if err != nil {
		return s, err
	}
	if silenced != "" {
		s.Silenced = true
		if n, err := strconv.ParseInt(silenced, 10, 64); err == nil && n > 0 {
			s.Until = time.Unix(n, 0)
		}
	}
	told, err := a.noted(ctx, attempt, toldVariable)
	s.Announced = told == "1"
	return s, err
}

// noted reads a variable of a channel; "" when it was never set.
func (a *Adapter) noted(ctx context.Context, attempt uuid.UUID, name string) (string, error) {
	var v struct {
		Value string `json:"value"`
	}
	err := a.do(ctx, call{op: "silence", method: http.MethodGet, path: a.channelPath(attempt) + "/variable", query: url.Values{"variable": {name}}}, &v)
	if status(err) == http.StatusNotFound {
		return "", nil // so it is for a channel that is gone, whose end is on its way
	}
	return v.Value, err
}

// Times of an announcement: Asterisk takes the order whether the sound exists or not, and a sound that does not is over at once.
const (
	announceLook = 100 * time.Millisecond
	announceLong = 300 * time.Millisecond // what is over before was not heard
	announceMost = 2 * time.Second
)

var errNoSound = errors.New("the sound was over at once: it does not exist on the switch, or cannot be read")

// Announce plays a sound into a session's bridge and watches that it really plays.
func (a *Adapter) Announce(ctx context.Context, attempt, session uuid.UUID, sound string) error {
	if !soundPattern.MatchString(sound) {
		return fmt.Errorf("asterisk: announcement %q is not of %s", sound, soundPattern)
	}
	playback := uuid.New()
	err := a.do(ctx, call{op: "announce", method: http.MethodPost, path: "/bridges/" + session.String() + "/play/" + playback.String(),
		query: url.Values{"media": {"sound:" + sound}}}, nil)
	if err != nil {
		return err
	}
	began := time.Now()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(announceLook):
		}
		var p struct {
			State string `json:"state"`
		}
		err := a.do(ctx, call{op: "announce", method: http.MethodGet, path: "/playbacks/" + playback.String()}, &p)
		took := time.Since(began)
		switch {
		case status(err) == http.StatusNotFound && took < announceLong, p.State == "failed":
			return errNoSound
		case err != nil && status(err) != http.StatusNotFound:
			return err
		case status(err) == http.StatusNotFound, p.State == "playing" && took >= announceLong:
			return a.note(ctx, attempt, toldVariable, "1")
		case took > announceMost:
			return errors.New("the announcement does not begin")
		}
	}
}

// checkManager logs in to the manager interface and asks for nothing.
func (a *Adapter) checkManager(ctx context.Context) Finding {
	f := Finding{Subject: "pausing recordings", Severity: Warning}
	if a.cfg.AMIAddr == "" {
		f.Text = "the manager interface is not set up: recordings can be neither paused nor made on demand"
		f.Advice = "set DIALTIDE_AMI_PASSWORD to the password of the user in manager.conf (deploy/asterisk/README.md)"
		return f
	}
	if err := a.manage(ctx, "check", amiField{"Action", "Ping"}); err != nil {
		f.Text = "the manager interface at " + a.cfg.AMIAddr + " does not answer: " + err.Error()
		f.Advice = "compare manager.conf with deploy/asterisk/etc/manager.conf, and its user and password with ami-user and ami-password"
		return f
	}
	f.Severity, f.Text = Good, "the manager interface answers at "+a.cfg.AMIAddr
	return f
}
