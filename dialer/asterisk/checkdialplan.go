package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// neededExtensions are looked up in the dialplan, with what is lost without each. An extension of digits stands for the patterns of
// dialtide-in.
var neededExtensions = []struct{ context, extension, lost string }{
	{contextOut, "s", "no call can be placed"},
	{contextOut, "T", "a callee hears silence when the dialer dies (dead man's handle)"},
	{contextMessage, "s", "a callee whom no agent can take hears nothing"},
	{contextAgent, "s", "agents' phones cannot be called"},
	{contextSupervisor, "s", "supervisors cannot listen"},
	{contextAMD, "s", "answering machines are not found beside the agent"},
	{contextOutside, "s", "nobody can be consulted or called in"},
	{contextEcho, "s", "softphones in the page have no test call"},
	{"dialtide-in", "12025550100", "people who call back are turned away"},
	{"dialtide-in", "+12025550100", "people who call back with a + before their number are turned away"},
	{"dialtide-inbound", "s", "people who call back reach nobody"},
	{contextAnswer, "s", "people who call back reach no agent"},
	{contextAnswer, "T", "somebody who called back hears silence when the dialer dies"},
	{contextNobody, "s", "people who call back hear nothing when nobody is there"},
	{"dialtide-watch", "811", "supervisors cannot listen by dialling from their phones"},
	{"dialtide-watching", "s", "supervisors cannot listen by dialling from their phones"},
}

// spared are contexts without which calls are as safe as ever.
var spared = []string{contextEcho, "dialtide-watch", "dialtide-watching"}

const (
	contextClosed = "dialtide-closed" // where phones' own calls end
	// soundDefault is what the dialplan plays when the dialer named no message, or is dead.
	soundDefault = "dialtide/safe-harbor"
	// maxDeadman is what the law leaves between an answer and a voice or a message, in seconds (I5).
	maxDeadman = 2.0
)

// CheckDialplan looks whether calls can be sent to every extension that they need. It makes a channel that is never dialled, in
// an application of its own that lives for the check alone. That shows too whether the user may write and whether the event socket can be opened.
func (a *Adapter) CheckDialplan(ctx context.Context) []Finding {
	cfg := a.cfg
	cfg.App, cfg.Registerer, cfg.probe = "dialtide-check-"+uuid.NewString()[:8], nil, true
	probe, err := New(cfg)
	if err != nil {
		return []Finding{{Subject: "configuration", Severity: Failure, Text: err.Error()}}
	}
	defer probe.client.CloseIdleConnections()
	conn, err := probe.dial(ctx)
	if err != nil {
		return []Finding{{Subject: "events", Severity: Failure, Text: "the event socket cannot be opened: " + err.Error(),
			Advice: "load res_http_websocket.so and res_ari_events.so; a proxy before ARI must pass WebSockets on"}}
	}
	defer func() { _ = conn.Close() }() // Asterisk forgets the application with it
	if err := probe.register(ctx); err != nil {
		if status(err) == http.StatusForbidden {
			return []Finding{{Subject: "rights", Severity: Failure, Text: err.Error(), Advice: "set read_only = no for the user in ari.conf"}}
		}
		return []Finding{{Subject: "events", Severity: Failure, Text: err.Error(), Advice: "look at Asterisk's log"}}
	}
	id := uuid.New()
	err = a.do(ctx, call{op: "check", method: http.MethodPost, path: "/channels/create", query: url.Values{
		"endpoint": {"Local/s@" + contextOut}, "app": {probe.cfg.App}, "channelId": {id.String()}, "otherChannelId": {uuid.NewString()},
	}}, nil)
	if err != nil {
		return []Finding{{Subject: "rights", Severity: Failure, Text: "no channel can be made: " + err.Error(), Advice: "set read_only = no for the user in ari.conf"}}
	}
	found := []Finding{{Subject: "events", Severity: Good, Text: "the event socket opens and the user may write"}}
	found = append(found, a.checkContexts(ctx, id), a.checkHandle(ctx))
	if err := a.do(ctx, call{op: "check", method: http.MethodDelete, path: a.channelPath(id)}, nil); err != nil && status(err) != http.StatusNotFound {
		found = append(found, Finding{Subject: "dialplan", Severity: Warning, Text: "the channel of this check could not be removed: " + err.Error(), Advice: "hang up " + id.String()})
	}
	return found
}

// checkContexts asks for each extension that calls are sent to, and that phones can dial nothing by themselves.
func (a *Adapter) checkContexts(ctx context.Context, channel uuid.UUID) Finding {
	f := Finding{Subject: "dialplan", Severity: Failure, Advice: "put the contexts of deploy/asterisk/etc/extensions.conf into yours, then `dialplan reload`"}
	var missing []string
	bad := false
	for _, e := range neededExtensions {
		there, err := a.exists(ctx, channel, e.context+","+e.extension+",1")
		if err != nil {
			return Finding{Subject: "dialplan", Severity: Warning, Text: "it cannot be told whether the contexts are there: " + err.Error(), Advice: "load func_dialplan.so"}
		}
		if !there {
			missing = append(missing, fmt.Sprintf("extension %s in [%s] (%s)", e.extension, e.context, e.lost))
			bad = bad || !slices.Contains(spared, e.context)
		}
	}
	closed, err := a.exists(ctx, channel, contextClosed)
	if err == nil && !closed {
		missing = append(missing, "the empty context ["+contextClosed+"] (phones cannot be told that they may dial nothing)")
		bad = true
	}
	if len(missing) > 0 {
		if !bad {
			f.Severity = Warning
		}
		f.Text = "missing: " + strings.Join(missing, "; ")
		return f
	}
	for _, digits := range []string{"s", "911", "12025550100", "+12025550100", "0012025550100"} {
		if open, err := a.exists(ctx, channel, contextClosed+","+digits+",1"); err == nil && open {
			f.Text = fmt.Sprintf("[%s] has an extension for %s: a phone could place calls past every rule, at your cost", contextClosed, digits)
			f.Advice = "leave this context empty, then `dialplan reload`"
			return f
		}
	}
	return Finding{Subject: "dialplan", Severity: Good, Text: fmt.Sprintf("all %d extensions of Dialtide are there, and phones can dial nothing by themselves", len(neededExtensions))}
}

// exists asks DIALPLAN_EXISTS about context, or context,extension,priority.
func (a *Adapter) exists(ctx context.Context, channel uuid.UUID, what string) (bool, error) {
	v, err := a.ask(ctx, channel, "DIALPLAN_EXISTS("+what+")")
	if err == nil && v == "" {
		err = errors.New("the function gives nothing")
	}
	return v == "1", err
}

// ask reads a function of a channel.
func (a *Adapter) ask(ctx context.Context, channel uuid.UUID, function string) (string, error) {
	var v struct {
		Value string `json:"value"`
	}
	err := a.do(ctx, call{op: "check", method: http.MethodGet, path: a.channelPath(channel) + "/variable", query: url.Values{"variable": {function}}}, &v)
	return v.Value, err
}

// global reads a global variable of the switch; one that is not there is empty.
func (a *Adapter) global(ctx context.Context, name string) (string, error) {
	var v struct {
		Value string `json:"value"`
	}
	err := a.do(ctx, call{op: "check", method: http.MethodGet, path: "/asterisk/variable", query: url.Values{"variable": {name}}}, &v)
	return v.Value, err
}

// checkHandle looks at how long a callee may wait before the dialplan helps him by itself.
func (a *Adapter) checkHandle(ctx context.Context) Finding {
	f := Finding{Subject: "dead man's handle", Severity: Failure, Advice: "take DT_DEADMAN = 1.5 and DT_DEADMAN_AMD = 0.8 over from [globals] of deploy/asterisk/etc/extensions.conf, then `dialplan reload`"}
	for _, name := range []string{"DT_DEADMAN", "DT_DEADMAN_AMD"} {
		text, err := a.global(ctx, name)
		if err != nil {
			f.Severity, f.Text, f.Advice = Warning, "the global variable "+name+" cannot be read: "+err.Error(), "load res_ari_asterisk.so"
			return f
		}
		seconds, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		switch {
		case text == "":
			f.Text = "the global variable " + name + " is missing: with no dialer a callee would hear silence without end"
			return f
		case err != nil || seconds <= 0 || seconds >= maxDeadman:
			f.Text = fmt.Sprintf("the global variable %s is %q: it must be seconds above 0 and below %.0f, after which a callee without an agent hears the message", name, text, maxDeadman)
			return f
		}
	}
	return Finding{Subject: f.Subject, Severity: Good, Text: "a callee without an agent hears the message in time, with every dialer dead too"}
}
