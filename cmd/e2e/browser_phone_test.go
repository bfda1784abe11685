package e2e

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/deploy/lab"
)

// micTone is what the browser's microphone hears: no phone of the stage and no customer has it.
var micTone = carrier.AgentTone(20)

// microphone writes a second of the tone as Chromium wants a fake microphone's sound; it plays it again and again.
func microphone(t testing.TB, hz float64) string {
	t.Helper()
	const rate = 48000
	samples := make([]byte, 0, 2*rate)
	for i := range rate {
		samples = binary.LittleEndian.AppendUint16(samples, uint16(int16(9000*math.Sin(2*math.Pi*hz*float64(i)/rate))))
	}
	h := []byte("RIFF")
	h = binary.LittleEndian.AppendUint32(h, uint32(36+len(samples)))
	h = append(h, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"...)
	h = binary.LittleEndian.AppendUint32(h, rate)
	h = binary.LittleEndian.AppendUint32(h, 2*rate)
	h = append(h, "\x02\x00\x10\x00data"...)
	h = binary.LittleEndian.AppendUint32(h, uint32(len(samples)))
	file := filepath.Join(t.TempDir(), "microphone.wav")
	require.NoError(t, os.WriteFile(file, append(h, samples...), 0o644))
	return file
}

// withMicrophone makes a browser that gives its pages this sound for a microphone, and finds phones on loopback.
func withMicrophone(file string) []chromedp.ExecAllocatorOption {
	return []chromedp.ExecAllocatorOption{
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-audio-capture", file), chromedp.Flag("allow-loopback-in-peer-connection", true),
		chromedp.Flag("mute-audio", false),
	}
}

// ears runs before the page's scripts: it keeps peer connections, tones that the page makes, and the softphone's secret.
const ears = `(() => {
  window.peers = []; window.beeps = []; window.secrets = [];
  window.RTCPeerConnection = new Proxy(RTCPeerConnection, { construct(t, a) { const p = new t(...a); window.peers.push(p); return p; } });
  window.OscillatorNode = new Proxy(OscillatorNode, { construct(t, a) { window.beeps.push(a[1]?.frequency); return new t(...a); } });
  const real = window.fetch;
  window.fetch = async (...a) => {
    const r = await real(...a);
    if (String(a[0]).endsWith('/api/phone/credentials') && r.ok) window.secrets.push(await r.clone().json());
    return r;
  };
  const heard = new Map();
  window.pitch = () => {
    const p = window.peers.filter((x) => x.connectionState === 'connected').at(-1);
    const track = p?.getReceivers()[0]?.track;
    if (!track) return 0;
    if (!heard.has(track)) {
      const c = new AudioContext(), a = c.createAnalyser();
      a.fftSize = 8192; a.smoothingTimeConstant = 0;
      c.createMediaStreamSource(new MediaStream([track])).connect(a);
      heard.set(track, [c, a]);
    }
    const [c, a] = heard.get(track), bins = new Float32Array(a.frequencyBinCount);
    a.getFloatFrequencyData(bins);
    let best = 0;
    for (let i = 1; i < bins.length; i++) if (bins[i] > bins[best]) best = i;
    return bins[best] > -60 ? best * c.sampleRate / a.fftSize : 0;
  };
})()`

// phoneTab is a page with ears. The sound is sent as it is: a suppressor of noise would take a steady tone for one.
func phoneTab(p *tab) *tab { return phoneTabOf(p, "ulaw") }

func phoneTabOf(p *tab, codec string) *tab {
	p.t.Helper()
	source := ears + `; try { if (!localStorage.getItem('dialtide.phone')) localStorage.setItem('dialtide.phone', '{"clean":false,"codec":"` + codec + `"}'); } catch {}`
	p.do("give it ears", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source})
		return err
	}))
	p.expect(`/api/me: 401$`)
	p.expect(`^browser: Failed to load resource: the server responded with a status of 401 .*/api/me\)$`)
	return p
}

// hears waits until the page receives the tone.
func (p *tab) hears(hz float64) {
	p.t.Helper()
	p.until(fmt.Sprintf("to hear %.0f Hz", hz), fmt.Sprintf("Math.abs(window.pitch() - %f) < 15", hz))
}

func softphone(state string) string { return id("phone", fmt.Sprintf("[data-softphone=%q]", state)) }

// TestThePhoneInThePage is an agent who has nothing but a browser and a headset.
func TestThePhoneInThePage(t *testing.T) {
	browser := openBrowser(t, withMicrophone(microphone(t, micTone))...)
	stays := carrier.Behaviour{Kind: carrier.Human, Ring: 300 * time.Millisecond}
	w := newWorld(t, people{number(1): stays, number(2): stays})
	w.serve()
	d := &desktop{world: w, whole: w, browser: browser}
	_, err := w.admin.CreateUser(w.ctx(), api.NewUser{Login: "lena", Name: "Lena", Password: adminPassword, Role: api.Agent, PhoneKind: api.PhoneWebRTC})
	require.NoError(t, err)
	d.account("nils", api.Agent, 3)
	d.account("sofia", api.Supervisor, 5)

	p := phoneTab(openTab(t, browser, w.base, true))
	p.signIn("lena", "/agent")
	p.see(softphone("waiting"))
	d.testCall(p)
	c := d.named(number(1), "Bei Zhang")
	p.begin(c)
	p.see(state("Talking"))
	call, err := w.Carrier.WaitAnswered(w.ctx(), number(1))
	require.NoError(t, err)
	customer := tone(w, number(1))
	require.NoError(t, call.WaitHear(w.ctx(), micTone), "the customer hears the browser's microphone")
	p.hears(customer)
	require.Contains(t, ask[[]float64](p, "window.beeps"), 880.0, "the agent hears a beep when the customer is there")
	d.codecs("ulaw")
	d.qualityIsShown(p)
	p.picturesOfThePhone()

	d.reloadInATalk(p, call, customer)
	p.press("H", chromedp.ModifierShift)
	p.see(state("WrapUp"))
	p.press("1")
	p.press(kb.Enter, chromedp.ModifierCtrl)
	p.see(state("Ready"))
	d.reloadWhileReady(p)
	d.cutOff(p)
	d.twoTabs(p)
	d.theBrowserSaysNo()
	d.whoGetsIn(p)
}

// testCall: the agent hears himself through the switch, by the codec that he has chosen.
func (d *desktop) testCall(p *tab) {
	d.t.Helper()
	p.click(id("phone"))
	p.see(id("phone-panel"))
	p.until("the microphone's meter to move", js(`(s) => Number(document.querySelector(s)?.dataset.level) > 20`, id("level-mic")))
	p.click(id("phone-test"))
	p.see(id("phone-test-says", `[data-test="running"]`))
	p.hears(micTone)
	p.see(id("phone-quality", `[data-codec="pcmu"]`))
	p.see(id("phone-test-says", `[data-test="done"]`, `[data-heard="true"]`))
	p.press(kb.Escape)
	p.gone(id("phone-panel"))
}

// codecs are those of the channels that are up.
func (d *desktop) codecs(want ...string) {
	d.t.Helper()
	out, err := d.Asterisk.CLI(d.ctx(), "pjsip show channelstats")
	require.NoError(d.t, err)
	for _, codec := range want {
		require.Regexp(d.t, regexp.MustCompile(`\s`+codec+`\s`), out)
	}
}

func (d *desktop) qualityIsShown(p *tab) {
	d.t.Helper()
	p.click(id("phone"))
	p.until("the quality of the call", js(`(s) => { const q = document.querySelector(s)?.dataset; return q && q.word !== 'unknown' && q.loss !== '' && q.jitter !== '' && Number(q.rtt) >= 0 && q.rtt !== '' }`, id("phone-quality")))
	p.until("the customer's meter to move", js(`(s) => Number(document.querySelector(s)?.dataset.level) > 20`, id("level-speaker")))
	p.press(kb.Escape)
	p.gone(id("phone-panel"))
}

// picturesOfThePhone keeps the panel in both languages and at both sizes among the test's artifacts, for people to look at.
func (p *tab) picturesOfThePhone() {
	p.t.Helper()
	for _, language := range []string{"zh-CN", "en"} {
		p.speak(language)
		for _, size := range [][2]int64{{500, 400}, {1366, 768}} {
			p.size(size[0], size[1])
			p.click(id("phone"))
			p.see(id("phone-quality"))
			p.shoot(fmt.Sprintf("phone-%s-%d", language, size[0]))
			require.True(p.t, ask[bool](p, `document.documentElement.scrollWidth <= innerWidth + 1`), "the page scrolls sideways")
			p.press(kb.Escape)
			p.gone(id("phone-panel"))
		}
	}
}

// reloadInATalk: the page goes and comes back, the customer stays.
func (d *desktop) reloadInATalk(p *tab, call *carrier.Call, customer float64) {
	d.t.Helper()
	began := time.Now()
	p.do("reload", chromedp.Reload())
	p.see(softphone("up"))
	p.see(state("Talking"))
	p.hears(customer)
	require.NoError(d.t, call.WaitHear(d.ctx(), micTone), "the customer hears the agent again")
	d.t.Logf("a reload in a talk: both hear each other again after %s", time.Since(began).Round(10*time.Millisecond))
	require.Less(d.t, time.Since(began), 15*time.Second)
}

// reloadWhileReady: he is ready again without a word.
func (d *desktop) reloadWhileReady(p *tab) {
	d.t.Helper()
	p.do("reload", chromedp.Reload())
	p.see(softphone("up"))
	p.see(state("Ready"))
}

// cutOff: the switch ends the call that stays up; it is called again, and the agent is told.
func (d *desktop) cutOff(p *tab) {
	d.t.Helper()
	_, err := d.Asterisk.CLI(d.ctx(), "channel request hangup all")
	require.NoError(d.t, err)
	p.reads(`[role="alert"]`, "cut off")
	p.see(softphone("up"))
	p.see(id("phone", `[data-phone="up"]`))
}

// twoTabs: one of them has the phone, and the other may take it.
func (d *desktop) twoTabs(p *tab) {
	d.t.Helper()
	other := phoneTab(p.beside())
	other.open("/agent")
	other.see(id("phone-notice", `[data-notice="other_tab"]`))
	require.True(d.t, ask[bool](p, js(visible, softphone("up"))), "the first tab keeps it")
	other.click(id("phone-take"))
	other.see(softphone("up"))
	p.see(id("phone-notice", `[data-notice="other_tab"]`))
	p.click(id("phone-take"))
	p.see(softphone("up"))
	other.see(id("phone-notice", `[data-notice="other_tab"]`))
	other.do("leave", chromedp.Navigate("about:blank"))
}

// whoGetsIn: secrets end with the sign-in; the socket is for agents with such a phone, from our own pages.
func (d *desktop) whoGetsIn(p *tab) {
	d.t.Helper()
	require.Equal(d.t, http.StatusUnauthorized, d.socket("", "", "sip"))
	require.Equal(d.t, http.StatusConflict, d.socket("sofia", "", "sip"), "a supervisor with another phone")
	require.Equal(d.t, http.StatusConflict, d.socket("nils", "", "sip"))
	require.Equal(d.t, http.StatusForbidden, d.socket("lena", "http://evil.example", "sip"))
	require.Equal(d.t, http.StatusBadRequest, d.socket("lena", "", "chat"))

	type secret struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
	now := ask[secret](p, `({ username: window.secrets.at(-1).username, password: window.secrets.at(-1).password })`)
	require.True(d.t, d.registers(now.Username, now.Password), "the secret of a sign-in registers")
	require.False(d.t, d.registers(now.Username, "guessed"), "another one does not")
	for _, file := range []string{d.Asterisk.LogPath()} {
		text, err := os.ReadFile(file)
		require.NoError(d.t, err)
		require.NotContains(d.t, string(text), now.Password)
	}
	p.expect(`WebSocket connection to .*/api/phone/ws|/api/phone`)
	p.click(id("account"))
	p.click(id("sign-out"))
	p.see(id("login"))
	d.eventually("the switch to forget the phone", func(ctx context.Context) bool {
		out, err := d.Asterisk.CLI(ctx, "pjsip show endpoint "+now.Username)
		return err == nil && strings.Contains(out, "Unable to find object")
	})
	require.False(d.t, d.registers(now.Username, now.Password), "after the sign-out it does not register")
}

// registers tells whether somebody who has got hold of a secret can register with it.
func (d *desktop) registers(user, password string) bool {
	d.t.Helper()
	ph, err := carrier.NewPhone(carrier.PhoneOptions{Server: d.Asterisk.SIPAddr(), Address: net.JoinHostPort(lab.Addresses(d.t).Agents(7), "0"), User: user, Password: password, NoMedia: true})
	require.NoError(d.t, err)
	defer func() { require.NoError(d.t, ph.Close()) }()
	ctx, cancel := context.WithTimeout(d.ctx(), 2*time.Second)
	defer cancel()
	return ph.WaitRegistered(ctx) == nil
}

// cookie signs in and returns the session's.
func (d *desktop) cookie(login string) string {
	d.t.Helper()
	body := fmt.Sprintf(`{"login":%q,"password":%q}`, login, adminPassword)
	req, err := http.NewRequestWithContext(d.ctx(), http.MethodPost, d.base+"/api/login", strings.NewReader(body))
	require.NoError(d.t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(d.t, err)
	require.NoError(d.t, resp.Body.Close())
	require.Equal(d.t, http.StatusOK, resp.StatusCode)
	for _, c := range resp.Cookies() {
		if c.Name == api.CookieName {
			return c.Name + "=" + c.Value
		}
	}
	require.Fail(d.t, "no session's cookie")
	return ""
}

// socket tries to open the SIP socket and returns the status that refused it.
func (d *desktop) socket(login, origin, protocol string) int {
	d.t.Helper()
	h := http.Header{}
	if origin != "" {
		h.Set("Origin", origin)
	}
	if login != "" {
		h.Set("Cookie", d.cookie(login))
	}
	dialer := websocket.Dialer{Subprotocols: []string{protocol}}
	conn, resp, err := dialer.DialContext(d.ctx(), "ws"+strings.TrimPrefix(d.base, "http")+"/api/phone/ws", h)
	if err == nil {
		_ = conn.Close()
		return http.StatusSwitchingProtocols
	}
	require.NotNil(d.t, resp, "%v", err)
	_ = resp.Body.Close()
	return resp.StatusCode
}
