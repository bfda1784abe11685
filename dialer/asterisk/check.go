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
	"time"

	"github.com/CyCoreSystems/ari/v5"
	"github.com/google/uuid"
)

// Severity of a Finding.
type Severity string

const (
	Good    Severity = "ok"
	Warning Severity = "warning" // works, but not as it should
	Failure Severity = "error"   // calls cannot be made, or not lawfully
)

// Finding is one result of Check, in words for an operator.
type Finding struct {
	Subject  string // what was looked at
	Severity Severity
	Text     string // what was found
	Advice   string // what to do; empty when Good
}

// minVersion is the oldest Asterisk that everything here was proved with.
const minVersion = 22

// maxClockDifference between the dialer and Asterisk that is no trouble.
const maxClockDifference = 2 * time.Second

// neededModules, with what is lost without them.
var neededModules = [][2]string{
	{"res_stasis.so", "calls cannot be controlled"}, {"app_stasis.so", "the dialplan cannot hand calls over"},
	{"res_ari_channels.so", "calls cannot be placed"}, {"res_ari_bridges.so", "callees cannot be bridged"},
	{"res_ari_applications.so", "the application cannot be verified"}, {"res_ari_events.so", "there are no events"},
	{"res_ari_asterisk.so", "versions and modules cannot be read"}, {"res_stasis_snoop.so", "no AMD beside the agent and no listening"},
	{"chan_pjsip.so", "there are no SIP calls"}, {"res_pjsip_session.so", "there are no SIP calls"}, {"res_rtp_asterisk.so", "there is no voice"},
	{"res_pjsip_registrar.so", "agents' phones cannot register"}, {"res_pjsip_rfc3326.so", "causes of hang-ups are lost"},
	{"bridge_simple.so", "callees cannot be bridged"}, {"bridge_softmix.so", "supervisors cannot listen, and three cannot talk"},
	{"bridge_holding.so", "nobody can be put on hold"}, {"res_musiconhold.so", "customers on hold hear silence"}, {"res_mutestream.so", "agents cannot mute themselves"},
	{"pbx_config.so", "there is no dialplan"}, {"func_timeout.so", "the dead man's handle does not work"},
	{"app_playback.so", "the safe-harbor message cannot be played"}, {"app_userevent.so", "the message is not told"},
	{"app_mixmonitor.so", "nothing can be recorded"}, {"app_amd.so", "answering machines are not found"},
}

// riskyModule locks up ARI, see modules.conf in deploy/asterisk.
const riskyModule = "res_stasis_device_state.so"

// Check looks at the switch as `dialtide check` shows it. It places no call: the contexts of the dialplan are looked up
// from a channel that is made and removed without being dialled. trunks are SIP endpoints that campaigns use.
func (a *Adapter) Check(ctx context.Context, trunks ...string) []Finding {
	info, found := a.checkReach(ctx)
	if info == nil {
		return found
	}
	found = append(found, checkVersion(info))
	found = append(found, a.checkClock(ctx))
	found = append(found, a.checkModules(ctx)...)
	found = append(found, a.checkDialplan(ctx)...)
	for _, t := range trunks {
		found = append(found, a.checkTrunk(ctx, t))
	}
	return found
}

func (a *Adapter) checkReach(ctx context.Context) (*ari.AsteriskInfo, []Finding) {
	var info ari.AsteriskInfo
	err := a.do(ctx, call{op: "check", method: http.MethodGet, path: "/asterisk/info"}, &info)
	f := Finding{Subject: "ARI", Severity: Failure}
	switch {
	case err == nil:
		f.Severity, f.Text = Good, "ARI answers at "+a.base
		return &info, []Finding{f}
	case status(err) == http.StatusUnauthorized:
		f.Text, f.Advice = "ARI refuses the user or password", "compare user and password with ari.conf, then `module reload res_ari.so`"
	case status(err) == http.StatusNotFound:
		f.Text = "the server at " + a.base + " has no ARI"
		f.Advice = "set enabled = yes in ari.conf, load res_ari.so and res_ari_asterisk.so, and check the prefix in http.conf"
	case status(err) != 0:
		f.Text, f.Advice = "ARI cannot be used: "+err.Error(), "look at Asterisk's log"
	default:
		f.Text = "ARI cannot be reached: " + err.Error()
		f.Advice = "check the address, that Asterisk runs, and enabled, bindaddr and bindport in http.conf"
	}
	return nil, []Finding{f}
}

func checkVersion(info *ari.AsteriskInfo) Finding {
	f := Finding{Subject: "version", Severity: Good, Text: "Asterisk " + info.SystemInfo.Version}
	major, _, _ := strings.Cut(info.SystemInfo.Version, ".")
	n, err := strconv.Atoi(major)
	switch {
	case err != nil:
		f.Severity, f.Advice = Warning, "not a release: at least version 22 is needed"
	case n < minVersion:
		f.Severity, f.Advice = Failure, fmt.Sprintf("version %d or later is needed", minVersion)
	}
	return f
}

func (a *Adapter) checkClock(ctx context.Context) Finding {
	var pong struct {
		Timestamp ari.DateTime `json:"timestamp"`
	}
	before := a.now()
	f := Finding{Subject: "clock", Severity: Good}
	if err := a.do(ctx, call{op: "check", method: http.MethodGet, path: "/asterisk/ping"}, &pong); err != nil {
		f.Severity, f.Text, f.Advice = Warning, "Asterisk's clock cannot be read: "+err.Error(), "load res_ari_asterisk.so"
		return f
	}
	trip := a.now().Sub(before)
	difference := time.Time(pong.Timestamp).Sub(before.Add(trip / 2)).Round(time.Millisecond)
	f.Text = fmt.Sprintf("Asterisk's clock differs by %v", difference)
	if difference.Abs() > maxClockDifference {
		f.Severity, f.Advice = Warning, "run a time service on both machines; records of the switch and of the dialer cannot be compared"
	}
	return f
}

func (a *Adapter) checkModules(ctx context.Context) []Finding {
	var modules []ari.ModuleData
	if err := a.do(ctx, call{op: "check", method: http.MethodGet, path: "/asterisk/modules"}, &modules); err != nil {
		return []Finding{{Subject: "modules", Severity: Warning, Text: "the list of modules cannot be read: " + err.Error(), Advice: "load res_ari_asterisk.so"}}
	}
	var found []Finding
	for _, need := range neededModules {
		running := slices.ContainsFunc(modules, func(m ari.ModuleData) bool { return m.Name == need[0] && m.Status == "Running" })
		if !running {
			found = append(found, Finding{Subject: "modules", Severity: Failure, Text: need[0] + " is not running: " + need[1],
				Advice: "load it in modules.conf; what it depends on is in Asterisk's log"})
		}
	}
	if slices.ContainsFunc(modules, func(m ari.ModuleData) bool { return m.Name == riskyModule && m.Status == "Running" }) {
		found = append(found, Finding{Subject: "modules", Severity: Warning, Text: riskyModule + " runs: ARI can lock up when an event socket closes while a phone's state changes",
			Advice: "noload it and res_ari_device_states.so in modules.conf; Dialtide needs neither"})
	}
	if len(found) == 0 {
		found = append(found, Finding{Subject: "modules", Severity: Good, Text: fmt.Sprintf("all %d needed modules run", len(neededModules))})
	}
	return found
}

// checkDialplan makes a channel that is never dialled, in an application of its own that lives for the check alone. That
// shows too whether the user may write and whether the event socket can be opened.
func (a *Adapter) checkDialplan(ctx context.Context) []Finding {
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
	found = append(found, a.checkContexts(ctx, id)...)
	if err := a.do(ctx, call{op: "check", method: http.MethodDelete, path: a.channelPath(id)}, nil); err != nil && status(err) != http.StatusNotFound {
		found = append(found, Finding{Subject: "dialplan", Severity: Warning, Text: "the channel of this check could not be removed: " + err.Error(), Advice: "hang up " + id.String()})
	}
	return found
}

var errNoFunction = errors.New("the function gives nothing")

func (a *Adapter) checkContexts(ctx context.Context, channel uuid.UUID) []Finding {
	var missing []string
	for _, c := range []string{contextOut, contextMessage, contextAgent, contextSupervisor, contextAMD, contextOutside} {
		there, err := a.exists(ctx, channel, c)
		if err != nil {
			return []Finding{{Subject: "dialplan", Severity: Warning, Text: "it cannot be told whether the contexts are there: " + err.Error(),
				Advice: "load func_dialplan.so"}}
		}
		if !there {
			missing = append(missing, c)
		}
	}
	if len(missing) > 0 {
		return []Finding{{Subject: "dialplan", Severity: Failure, Text: "extension s is missing in " + strings.Join(missing, ", "),
			Advice: "include deploy/asterisk/etc/extensions.conf, then `dialplan reload`"}}
	}
	return []Finding{{Subject: "dialplan", Severity: Good, Text: "all contexts of Dialtide are there"}}
}

func (a *Adapter) exists(ctx context.Context, channel uuid.UUID, dialplan string) (bool, error) {
	var v struct {
		Value string `json:"value"`
	}
	err := a.do(ctx, call{op: "check", method: http.MethodGet, path: a.channelPath(channel) + "/variable",
		query: url.Values{"variable": {"DIALPLAN_EXISTS(" + dialplan + ",s,1)"}}}, &v)
	switch {
	case err != nil:
		return false, err
	case v.Value == "":
		return false, errNoFunction
	}
	return v.Value == "1", nil
}

func (a *Adapter) checkTrunk(ctx context.Context, trunk string) Finding {
	f := Finding{Subject: "trunk " + trunk, Severity: Failure}
	if !namePattern.MatchString(trunk) {
		f.Text, f.Advice = "the endpoint's name is not allowed", "use "+namePattern.String()
		return f
	}
	var e ari.EndpointData
	err := a.do(ctx, call{op: "check", method: http.MethodGet, path: "/endpoints/PJSIP/" + trunk}, &e)
	switch {
	case status(err) == http.StatusNotFound:
		f.Text, f.Advice = "there is no such PJSIP endpoint", "define it in pjsip.conf, then `module reload res_pjsip.so`"
	case err != nil:
		f.Text, f.Advice = "the endpoint cannot be read: "+err.Error(), "load res_ari_endpoints.so"
	case e.State == "online":
		f.Severity, f.Text = Good, fmt.Sprintf("endpoint is online, %d channels", len(e.ChannelIDs))
	default:
		f.Severity, f.Text = Warning, "endpoint is "+e.State
		f.Advice = "the carrier does not answer OPTIONS, or its aor has no contact: calls will fail"
	}
	return f
}
