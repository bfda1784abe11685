package asterisk

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func valid() Params {
	d := Dirs{}
	v := reflect.ValueOf(&d).Elem()
	for i := range v.NumField() {
		v.Field(i).SetString("/srv/asterisk/" + strings.ToLower(v.Type().Field(i).Name))
	}
	return Params{
		Dirs: d, ARIPassword: "a-long-password", SIPAddr: "127.0.0.10", CarrierContact: "127.0.0.20:5060", CDR: true, ICEHost: "127.0.0.1",
		Agents: []Agent{{Name: "agent-1001", Secret: "secret-of-1001"}, {Name: "agent-1002", Secret: "secret-of-1002", WebRTC: true}},
	}.WithDefaults()
}

func TestRenderFillsEveryPlaceholder(t *testing.T) {
	files, err := Render(valid())
	require.NoError(t, err)
	require.Equal(t, 23, len(files), "files")
	for name, body := range files {
		require.NotContains(t, string(body), "{{", name)
		require.NotContains(t, string(body), "<no value>", name)
		require.True(t, strings.HasPrefix(string(body), "; "+name+": "), "%s begins with what it is", name)
	}
	for _, context := range []string{ContextOut, ContextMessage, ContextAgent, ContextSupervisor, ContextAMD, ContextEcho, ContextIn, ContextInbound, ContextAnswer, ContextClosed} {
		require.Contains(t, string(files["extensions.conf"]), "\n["+context+"]\n")
	}
	require.True(t, strings.HasSuffix(strings.TrimSpace(string(files["extensions.conf"])), "["+ContextClosed+"]"), "the outside's context is empty")
	require.Contains(t, string(files["pjsip.conf"]), "match = 127.0.0.20\n", "the carrier's host is the default match")
}

// TestValuesCannotBreakOut puts text that would start a new line, section, comment or expression into every text value.
func TestValuesCannotBreakOut(t *testing.T) {
	for _, evil := range []string{"x\n[evil]", "x;y", "${SHELL(id)}", "x]", "a,b", "\x00", "", " ", "x\r\ny"} {
		for _, set := range []func(*Params, string){
			func(p *Params, s string) { p.SystemName = s },
			func(p *Params, s string) { p.EntityID = s },
			func(p *Params, s string) { p.HTTPAddr = s },
			func(p *Params, s string) { p.SIPAddr = s },
			func(p *Params, s string) { p.MediaAddr = s },
			func(p *Params, s string) { p.ARIUser = s },
			func(p *Params, s string) { p.ARIPassword = s },
			func(p *Params, s string) { p.CarrierContact = s },
			func(p *Params, s string) { p.CarrierMatch = []string{s} },
			func(p *Params, s string) { p.Deadman = s },
			func(p *Params, s string) { p.DeadmanAMD = s },
			func(p *Params, s string) { p.Dirs.Data = "/x" + s + "\n" },
			func(p *Params, s string) { p.Agents = []Agent{{Name: s, Secret: "secret-of-1001"}} },
			func(p *Params, s string) { p.Agents = []Agent{{Name: "agent-1001", Secret: s}} },
		} {
			p := valid()
			set(&p, evil)
			_, err := Render(p)
			require.Error(t, err, "%q", evil)
			require.NotContains(t, err.Error(), "a-long-password")
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	for _, name := range []string{"carrier", "udp", "agent-1001"} {
		p := valid()
		p.Agents = append(p.Agents, Agent{Name: name, Secret: "secret-of-1001"})
		require.ErrorContains(t, p.Validate(), name)
	}
}

func TestSoundListIsWhole(t *testing.T) {
	names := map[string]bool{}
	for line := range strings.Lines(SoundList) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(strings.TrimSpace(line), "|")
		require.Len(t, parts, 3, line)
		names[parts[0]] = true
	}
	require.True(t, names["safe-harbor"] && names["safe-harbor-zh"])
}
