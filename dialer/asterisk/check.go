package asterisk

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"
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
	{"res_pjsip_sdp_rtp.so", "there is no voice"}, {"res_ari_endpoints.so", "trunks and phones cannot be looked up"},
	{"pbx_config.so", "there is no dialplan"}, {"func_timeout.so", "the dead man's handle does not work"},
	{"func_logic.so", "the message cannot be chosen"}, {"func_channel.so", "calls from outside are not taken"}, {"func_callerid.so", "calls from outside have no number"},
	{"func_strings.so", "calls from outside have no number"}, {"format_sln.so", "nothing can be recorded"},
	{"app_playback.so", "the safe-harbor message cannot be played"}, {"app_userevent.so", "the message is not told"},
	{"app_mixmonitor.so", "nothing can be recorded"}, {"app_amd.so", "answering machines are not found"},
}

// riskyModule locks up ARI, see modules.conf in deploy/asterisk.
const riskyModule = "res_stasis_device_state.so"

// Needs is what a set-up wants of the switch besides what every dialer needs.
type Needs struct {
	Trunks   []string // SIP endpoints that campaigns call by
	Messages []string // sounds of campaigns' safe-harbor messages, without extension; the dialplan's own is always asked
	Phones   []string // SIP endpoints of accounts
	Browser  bool     // accounts have their phone in the page
}

// Check looks at the switch as `dialtide check` shows it. It places no call: the dialplan is looked up from a channel that is made
// and removed without being dialled, and whether softphones can be put into memory is tried with an auth object that nothing refers
// to and that is taken away at once.
func (a *Adapter) Check(ctx context.Context, need Needs) []Finding {
	info, found := a.checkReach(ctx)
	if info == nil {
		return found
	}
	found = append(found, checkVersion(info))
	found = append(found, a.checkClock(ctx))
	found = append(found, a.checkModules(ctx)...)
	found = append(found, a.CheckDialplan(ctx)...)
	found = append(found, a.checkManager(ctx))
	found = append(found, a.checkSounds(ctx, need.Messages)...)
	for _, t := range need.Trunks {
		found = append(found, a.checkTrunk(ctx, t)...)
	}
	if len(need.Phones) > 0 {
		found = append(found, a.checkPhones(ctx, need.Phones))
	}
	return append(found, a.checkBrowser(ctx, need.Browser))
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
