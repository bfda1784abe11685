package lab

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// phone answers every call at once and sends the tone whose frequency is the number that was dialled: 0440 is 440 Hz. The
// numbers 6xxx send xxx Hz for 0.6 s after 0.3 s of silence and then nothing, as a person who says hello. The numbers 9xxx are
// refused with the status xxx.
type phone struct {
	t  *testing.T
	ip string

	mu    sync.Mutex
	legs  map[string]*leg // by Call-ID
	added chan *leg
}

// packet is 20 ms of sound that the phone received.
type packet struct {
	at      time.Time
	samples []float64
}

type leg struct {
	number   string
	answered time.Time
	ended    chan struct{}
	reason   string // Reason header of the BYE; valid after ended

	mu       sync.Mutex
	received []packet // guarded by mu
}

func newPhone(t *testing.T, ip string) *phone {
	t.Helper()
	p := &phone{t: t, ip: ip, legs: map[string]*leg{}, added: make(chan *leg, 100)}
	ua, err := sipgo.NewUA(sipgo.WithUserAgentHostname(ip))
	require.NoError(t, err)
	srv, err := sipgo.NewServer(ua)
	require.NoError(t, err)
	srv.OnInvite(p.invite)
	srv.OnAck(func(*sip.Request, sip.ServerTransaction) {})
	srv.OnBye(p.bye)
	srv.OnCancel(func(req *sip.Request, tx sip.ServerTransaction) {
		_ = tx.Respond(sip.NewResponseFromRequest(req, 200, "OK", nil))
	})
	conn, err := net.ListenPacket("udp4", ip+":5060")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.ServeUDP(conn) }()
	t.Cleanup(func() {
		_ = conn.Close()
		_ = ua.Close()
		<-done
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, l := range p.legs {
			l.end("")
		}
	})
	return p
}

func (l *leg) end(reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.ended:
	default:
		l.reason = reason
		close(l.ended)
	}
}

func (p *phone) invite(req *sip.Request, tx sip.ServerTransaction) {
	p.mu.Lock()
	again := p.legs[req.CallID().Value()]
	p.mu.Unlock()
	if again != nil {
		// The trunk must never see a re-INVITE: it would interrupt the sound at each bridging.
		p.t.Errorf("re-INVITE for %s", again.number)
		_ = tx.Respond(sip.NewResponseFromRequest(req, 488, "Not Acceptable Here", nil))
		return
	}
	if status, err := strconv.Atoi(req.Recipient.User); err == nil && status/1000 == 9 {
		_ = tx.Respond(sip.NewResponseFromRequest(req, status%1000, "Refused", nil))
		return
	}
	remote, err := mediaAddr(string(req.Body()))
	if err != nil {
		_ = tx.Respond(sip.NewResponseFromRequest(req, 488, "Not Acceptable Here", nil))
		return
	}
	rtp, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.ParseIP(p.ip)}, remote)
	if err != nil {
		_ = tx.Respond(sip.NewResponseFromRequest(req, 500, "No Port", nil))
		return
	}
	port := rtp.LocalAddr().(*net.UDPAddr).Port
	sdp := fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n", p.ip, p.ip, port)
	resp := sip.NewResponseFromRequest(req, 200, "OK", []byte(sdp))
	resp.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	resp.AppendHeader(sip.NewHeader("Contact", fmt.Sprintf("<sip:%s:5060>", p.ip)))
	l := &leg{number: req.Recipient.User, answered: time.Now(), ended: make(chan struct{})}
	p.mu.Lock()
	p.legs[req.CallID().Value()] = l
	p.mu.Unlock()
	if err := tx.Respond(resp); err != nil {
		return
	}
	go l.receive(rtp)
	go l.send(rtp)
	p.added <- l
}

func (p *phone) bye(req *sip.Request, tx sip.ServerTransaction) {
	_ = tx.Respond(sip.NewResponseFromRequest(req, 200, "OK", nil))
	p.mu.Lock()
	l := p.legs[req.CallID().Value()]
	p.mu.Unlock()
	if l == nil {
		return
	}
	reason := ""
	if h := req.GetHeader("Reason"); h != nil {
		reason = h.Value()
	}
	l.end(reason)
}

// take returns the next call to number.
func (p *phone) take(number string) *leg {
	p.t.Helper()
	limit := time.After(10 * time.Second)
	for {
		select {
		case l := <-p.added:
			if l.number == number {
				return l
			}
			p.added <- l
		case <-limit:
			require.FailNow(p.t, "no call to "+number)
		}
	}
}

func mediaAddr(sdp string) (*net.UDPAddr, error) {
	addr := &net.UDPAddr{}
	for _, line := range strings.Split(sdp, "\n") {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "c=IN IP4 "); ok {
			addr.IP = net.ParseIP(rest)
		}
		if rest, ok := strings.CutPrefix(line, "m=audio "); ok {
			port, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				return nil, err
			}
			addr.Port = port
		}
	}
	if addr.IP == nil || addr.Port == 0 {
		return nil, fmt.Errorf("no media in %q", sdp)
	}
	return addr, nil
}

func (l *leg) tone(at time.Duration) float64 {
	n, _ := strconv.Atoi(l.number)
	if n/1000 == 6 {
		if at < 300*time.Millisecond || at > 900*time.Millisecond {
			return 0
		}
		n %= 1000
	}
	return float64(n)
}

func (l *leg) send(conn *net.UDPConn) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	buf, ssrc := make([]byte, 172), rand.Uint32()
	for seq := 0; ; seq++ {
		select {
		case <-l.ended:
			_ = conn.Close()
			return
		case <-tick.C:
		}
		buf[0], buf[1] = 0x80, 0
		binary.BigEndian.PutUint16(buf[2:], uint16(seq))
		binary.BigEndian.PutUint32(buf[4:], uint32(seq*160))
		binary.BigEndian.PutUint32(buf[8:], ssrc)
		f := l.tone(time.Duration(seq) * 20 * time.Millisecond)
		for i := range 160 {
			x := math.Sin(2 * math.Pi * f * float64(seq*160+i) / 8000)
			buf[12+i] = encodeULaw(int(8000 * x))
		}
		_, _ = conn.Write(buf)
	}
}

func (l *leg) receive(conn *net.UDPConn) {
	buf := make([]byte, 2000)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		if n < 13 || buf[1]&0x7f != 0 {
			continue
		}
		s := make([]float64, n-12)
		for i, b := range buf[12:n] {
			s[i] = float64(decodeULaw(b))
		}
		l.mu.Lock()
		l.received = append(l.received, packet{time.Now(), s})
		l.mu.Unlock()
	}
}

// since returns the sound received after at.
func (l *leg) since(at time.Time) []float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []float64
	for _, p := range l.received {
		if p.at.After(at) {
			out = append(out, p.samples...)
		}
	}
	return out
}

// firstSound is when the first packet louder than silence came.
func (l *leg) firstSound() (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.received {
		if rms(p.samples) > 200 {
			return p.at, true
		}
	}
	return time.Time{}, false
}

// hears waits until the last second of what the leg receives has the tone f in it.
func (l *leg) hears(t *testing.T, f float64) {
	t.Helper()
	if !assert.Eventually(t, func() bool { return l.strength(f) > 0.25 }, 30*time.Second, 50*time.Millisecond) {
		require.FailNow(t, "tone not heard", "%s does not hear %v Hz: %d packets, last level %.0f", l.number, f, l.packets(), rms(l.since(time.Now().Add(-time.Second))))
	}
}

func (l *leg) packets() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.received)
}

// strength is the part of the sound of the last half second that the tone f has, 0 to 1.
func (l *leg) strength(f float64) float64 {
	s := l.since(time.Now().Add(-500 * time.Millisecond))
	if len(s) < 1600 {
		return 0
	}
	return toneShare(s, f)
}

func rms(s []float64) float64 {
	sum := 0.0
	for _, x := range s {
		sum += x * x
	}
	return math.Sqrt(sum / float64(max(len(s), 1)))
}

// toneShare is the part of the energy of s at f (Goertzel).
func toneShare(s []float64, f float64) float64 {
	var re, im, total float64
	for i, x := range s {
		re += x * math.Cos(2*math.Pi*f*float64(i)/8000)
		im += x * math.Sin(2*math.Pi*f*float64(i)/8000)
		total += x * x
	}
	if total < float64(len(s))*100 {
		return 0
	}
	return 2 * (re*re + im*im) / float64(len(s)) / total
}

// steadyShare is the middle value of toneShare over quarters of a second: a packet that came late shifts the phase of the tone
// and would spoil a longer measurement.
func steadyShare(s []float64, f float64) float64 {
	var shares []float64
	for part := range slices.Chunk(s, 2000) {
		shares = append(shares, toneShare(part, f))
	}
	slices.Sort(shares)
	return shares[len(shares)/2]
}

func encodeULaw(x int) byte {
	sign := byte(0)
	if x < 0 {
		x, sign = -x, 0x80
	}
	x = min(x, 32635) + 132
	exp := 7
	for mask := 0x4000; x&mask == 0 && exp > 0; mask >>= 1 {
		exp--
	}
	return ^(sign | byte(exp<<4) | byte(x>>(exp+3)&0xf))
}

func decodeULaw(b byte) int {
	b = ^b
	x := (int(b&0xf)<<3+132)<<(b>>4&7) - 132
	if b&0x80 != 0 {
		return -x
	}
	return x
}

// eventually waits for a condition of the test.
func eventually(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	require.Eventually(t, ok, limit, 20*time.Millisecond, what)
}

// testContext ends with the test.
func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// invitation is an INVITE from a phone at address from.
func invitation(t *testing.T, from, to, number string) *sip.Request {
	t.Helper()
	host, port, err := splitHost(to)
	require.NoError(t, err)
	req := sip.NewRequest(sip.INVITE, sip.Uri{User: number, Host: host, Port: port})
	req.AppendHeader(sip.NewHeader("Contact", fmt.Sprintf("<sip:%s:5060>", from)))
	req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	req.SetBody([]byte(fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", from, from)))
	return req
}

// sendFrom sends a request from address from and returns the status of the final answer; user and secret answer a challenge.
func sendFrom(t *testing.T, from string, req *sip.Request, user, secret string) int {
	t.Helper()
	name := user
	if name == "" {
		name = "anybody"
	}
	ua, err := sipgo.NewUA(sipgo.WithUserAgent(name), sipgo.WithUserAgentHostname(from),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(slog.New(slog.DiscardHandler))))
	require.NoError(t, err)
	defer ua.Close()
	client, err := sipgo.NewClient(ua, sipgo.WithClientHostname(from), sipgo.WithClientConnectionAddr(from+":5070"))
	require.NoError(t, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	resp, err := client.Do(ctx, req)
	require.NoError(t, err)
	if user != "" && resp.StatusCode == 401 {
		resp, err = client.DoDigestAuth(ctx, req, resp, sipgo.DigestAuth{Username: user, Password: secret})
		require.NoError(t, err)
	}
	return resp.StatusCode
}

func splitHost(addr string) (string, int, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.Atoi(port)
	return host, n, err
}
