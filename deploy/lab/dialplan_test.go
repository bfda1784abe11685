package lab

import (
	"encoding/binary"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { Main(m) }

// dialplan is an Asterisk with a carrier's phone and a client.
func dialplan(t *testing.T) (*AsteriskServer, *phone, *ariClient) {
	t.Helper()
	t.Parallel() // each has its own Asterisk and mostly waits
	a := AsteriskFor(t, AsteriskOptions{})
	host, _, _ := splitHost(a.Carrier())
	return a, newPhone(t, host), newARI(t, a, "dialer-test")
}

// messageWithin checks the invariant: the callee heard something at most limit after he answered.
func messageWithin(t *testing.T, l *leg, limit time.Duration) {
	t.Helper()
	eventually(t, 5*time.Second, "no sound at all", func() bool { _, ok := l.firstSound(); return ok })
	at, _ := l.firstSound()
	t.Logf("message %v after the answer", at.Sub(l.answered).Round(time.Millisecond))
	require.Less(t, at.Sub(l.answered), limit)
	pass(t, at.Add(2*time.Second))
	require.Greater(t, rms(l.since(at)), 200.0, "speech, not a click")
	require.False(t, closed(l.ended), "the message was cut")
}

// messageToTheEnd is messageWithin for the whole message.
func messageToTheEnd(t *testing.T, l *leg, limit time.Duration) {
	t.Helper()
	messageWithin(t, l, limit)
	select {
	case <-l.ended:
	case <-time.After(40 * time.Second):
		require.FailNow(t, "the call did not end")
	}
	require.Contains(t, l.reason, "cause=31")
	require.Greater(t, time.Since(l.answered), 8*time.Second, "the message was cut")
}

func TestCalleeHearsMessageWithoutDialer(t *testing.T) {
	_, ph, c := dialplan(t)
	c.originate("0440", "dialtide-out", nil)
	messageWithin(t, ph.take("0440"), time.Second)
}

func TestCalleeHearsMessageWhenDialerHangs(t *testing.T) {
	_, ph, c := dialplan(t)
	c.connect()
	id := c.originate("0440", "dialtide-out", nil)
	l := ph.take("0440")
	e := c.wait("StasisStart", id)
	require.Equal(t, []string{"answered", id}, e.Args)
	// The socket stays open, the dialer does nothing.
	messageToTheEnd(t, l, 2*time.Second)
	require.Equal(t, 31, c.wait("ChannelDestroyed", id).Cause)
}

func TestCalleeHearsMessageWhenDialerDiesAfterAnswer(t *testing.T) {
	_, ph, c := dialplan(t)
	c.connect()
	id := c.originate("0440", "dialtide-out", nil)
	l := ph.take("0440")
	c.wait("StasisStart", id)
	c.disconnect()
	messageWithin(t, l, 2*time.Second)
}

func TestCalleeHearsMessageWhenBridgedButNeverReleased(t *testing.T) {
	_, ph, c := dialplan(t)
	c.connect()
	agent, al := agentLeg(c, ph)
	id := c.originate("0440", "dialtide-out", nil)
	l := ph.take("0440")
	c.wait("StasisStart", id)
	c.bridge("mixing,dtmf_events", agent, id)
	l.hears(t, 1010)
	c.wait("StasisEnd", id)
	from := time.Now()
	messageAfter(t, l, from)
	require.False(t, closed(al.ended), "the agent's leg must live on")
}

// messageAfter waits for speech that is not the agent's tone.
func messageAfter(t *testing.T, l *leg, from time.Time) {
	t.Helper()
	eventually(t, 2*time.Second, "no message after the bridge", func() bool {
		s := l.since(from.Add(100 * time.Millisecond))
		return len(s) > 4000 && rms(s) > 200 && toneShare(s, 1010) < 0.1
	})
}

func TestDeadManReleased(t *testing.T) {
	_, ph, c := dialplan(t)
	c.connect()
	agent, al := agentLeg(c, ph)
	bridge := c.bridge("mixing,dtmf_events", agent)
	id := c.originate("0440", "dialtide-out", nil)
	l := ph.take("0440")
	c.wait("StasisStart", id)
	require.NotEmpty(t, c.variable(id, "TIMEOUT(absolute)"))
	c.must(http.MethodPost, "/bridges/"+bridge+"/addChannel", "channel", id)
	c.disarm(id, "7200")
	left := c.variable(id, "TIMEOUT(absolute)")
	require.Regexp(t, `^7(200|199)`, left)
	pass(t, l.answered.Add(4*time.Second))
	c.disconnect() // talk goes on without a dialer
	l.hears(t, 1010)
	al.hears(t, 440)
	require.False(t, closed(l.ended))
	c.must(http.MethodDelete, "/channels/"+id)
}

func TestLongestTalkEnds(t *testing.T) {
	_, ph, c := dialplan(t)
	c.connect()
	agent, al := agentLeg(c, ph)
	bridge := c.bridge("mixing,dtmf_events", agent)
	id := c.originate("0440", "dialtide-out", nil)
	l := ph.take("0440")
	c.wait("StasisStart", id)
	c.must(http.MethodPost, "/bridges/"+bridge+"/addChannel", "channel", id)
	c.disarm(id, "11")
	select {
	case <-l.ended:
	case <-time.After(15 * time.Second):
		require.FailNow(t, "the talk went on")
	}
	require.Contains(t, l.reason, "cause=16", "no message at the end of a talk")
	require.False(t, closed(al.ended))
}

func TestMessageOnCommand(t *testing.T) {
	_, ph, c := dialplan(t)
	c.connect()
	id := c.originate("0440", "dialtide-out", map[string]string{"DT_MESSAGE": "dialtide/safe-harbor-zh"})
	l := ph.take("0440")
	c.wait("StasisStart", id)
	c.must(http.MethodPost, "/channels/"+id+"/continue", "context", "dialtide-message", "extension", "s", "priority", "1")
	messageToTheEnd(t, l, time.Second)

	id = c.originate("0440", "dialtide-out", map[string]string{"DT_MESSAGE": "dialtide/there-is-none"})
	ph.take("0440")
	c.wait("StasisStart", id)
	c.must(http.MethodPost, "/channels/"+id+"/continue", "context", "dialtide-message", "extension", "s", "priority", "1")
	require.Equal(t, 127, c.wait("ChannelDestroyed", id).Cause)
}

func TestRecording(t *testing.T) {
	a, ph, c := dialplan(t)
	c.connect()
	agent, _ := agentLeg(c, ph)
	bridge := c.bridge("mixing,dtmf_events", agent)
	file := filepath.Join(a.SpoolDir(), "2026", uuid.NewString()+".raw")
	id := c.originate("0440", "dialtide-out", map[string]string{"DT_RECORD": file})
	l := ph.take("0440")
	c.wait("StasisStart", id)
	pass(t, l.answered.Add(500*time.Millisecond))
	c.must(http.MethodPost, "/bridges/"+bridge+"/addChannel", "channel", id)
	bridged := time.Now()
	c.disarm(id, "0")
	l.hears(t, 1010)
	pass(t, bridged.Add(3*time.Second))
	c.must(http.MethodDelete, "/channels/"+id)
	talk := time.Since(bridged)
	<-l.ended
	c.wait("ChannelDestroyed", id)
	customer, agentSide := readStereo(t, file)
	require.Greater(t, steadyShare(customer, 440), 0.8, "customer is on the left")
	require.Greater(t, steadyShare(agentSide, 1010), 0.8, "agent is on the right")
	seconds := float64(len(customer)) / 8000
	require.InDelta(t, talk.Seconds(), seconds, 1, "only the bridged time is recorded")
}

func TestAgentLegWithoutDialerIsHungUp(t *testing.T) {
	_, ph, c := dialplan(t)
	c.originate("1010", "dialtide-agent", nil)
	l := ph.take("1010")
	<-l.ended
	require.Less(t, time.Since(l.answered), 6*time.Second)
}

func TestSupervisorLeg(t *testing.T) {
	_, ph, c := dialplan(t)
	c.connect()
	id := c.originate("1030", "dialtide-supervisor", map[string]string{"DT_SESSION": "boss"})
	ph.take("1030")
	require.Equal(t, []string{"supervisor", "boss"}, c.wait("StasisStart", id).Args)
}

func TestAMDBeforeTheDialer(t *testing.T) {
	_, ph, c := dialplan(t)
	c.connect()
	id := c.originate("6440", "dialtide-out", map[string]string{"DT_AMD": "before"})
	l := ph.take("6440")
	e := c.wait("StasisStart", id)
	require.Equal(t, []string{"answered", id, "HUMAN"}, e.Args[:3])
	t.Logf("a person was known %v after the answer", e.at.Sub(l.answered).Round(time.Millisecond))
	// Hello ended at 0.9 s; the rule gives two seconds from there.
	messageWithin(t, l, 2900*time.Millisecond)

	id = c.originate("0440", "dialtide-out", map[string]string{"DT_AMD": "before"})
	ph.take("0440")
	require.Equal(t, "MACHINE", c.wait("StasisStart", id).Args[2])
	c.must(http.MethodDelete, "/channels/"+id)
}

func TestAMDBesideTheAgent(t *testing.T) {
	_, ph, c := dialplan(t)
	c.connect()
	agent, _ := agentLeg(c, ph)
	bridge := c.bridge("mixing,dtmf_events", agent)
	id := c.originate("0440", "dialtide-out", nil)
	l := ph.take("0440")
	c.wait("StasisStart", id)
	c.must(http.MethodPost, "/bridges/"+bridge+"/addChannel", "channel", id)
	c.disarm(id, "0")
	snoop := uuid.NewString()
	c.must(http.MethodPost, "/channels/"+id+"/snoop/"+snoop, "spy", "in", "app", c.app)
	c.wait("StasisStart", snoop)
	// A snoop has none of the callee's variables.
	status, _ := c.do(http.MethodGet, "/channels/"+snoop+"/variable", url.Values{"variable": {"DT_APP"}})
	require.Equal(t, http.StatusNotFound, status)
	for name, value := range map[string]string{"DT_APP": c.app, "DT_ATTEMPT": id} {
		c.must(http.MethodPost, "/channels/"+snoop+"/variable", "variable", name, "value", value)
	}
	c.forget()
	c.must(http.MethodPost, "/channels/"+snoop+"/continue", "context", "dialtide-amd", "extension", "s", "priority", "1")
	e := c.wait("StasisStart", snoop)
	require.Equal(t, []string{"amd", id, "MACHINE"}, e.Args[:3])
	t.Logf("verdict %v, %v after the answer", e.Args, e.at.Sub(l.answered).Round(time.Millisecond))
	l.hears(t, 1010)
	c.must(http.MethodDelete, "/channels/"+id)
}

func TestNothingIsReachableFromOutside(t *testing.T) {
	t.Parallel()
	const secret = "secret-of-1001"
	a := AsteriskFor(t, AsteriskOptions{Agents: []AgentEndpoint{{Name: "agent-1001", Secret: secret}}})
	c := newARI(t, a, "dialer-test")
	c.connect()
	trunk, _, err := splitHost(a.Carrier())
	require.NoError(t, err)
	phone := Addresses(t).Agents(0)
	for _, number := range []string{"s", "dialtide-out", "dialtide-answer", "T", "12", "1234567890123456", "+12", "12a4", "1234*", "123;x=1", "%24%7BSHELL%28id%29%7D", "12,34", "+1+2345"} {
		require.Equal(t, 404, sendFrom(t, trunk, invitation(t, trunk, a.SIPAddr(), number), "", ""), "the trunk calls %s", number)
	}
	for _, number := range []string{"s", "900123456", "0440", "dialtide-out", "dialtide-answer", "T", "+12065550199"} {
		require.Equal(t, 404, sendFrom(t, phone, invitation(t, phone, a.SIPAddr(), number), "agent-1001", secret), "an agent's phone calls %s", number)
	}
	require.Equal(t, 401, sendFrom(t, phone, invitation(t, phone, a.SIPAddr(), "s"), "agent-1001", "not-the-secret"))
	require.Equal(t, 401, sendFrom(t, phone, invitation(t, phone, a.SIPAddr(), "s"), "", ""), "a stranger")
	require.Empty(t, c.created(), "no channel may be made")
}

func TestSwitchKeepsItsOwnRecord(t *testing.T) {
	t.Parallel()
	a := AsteriskFor(t, AsteriskOptions{CDR: true})
	host, _, err := splitHost(a.Carrier())
	require.NoError(t, err)
	ph, c := newPhone(t, host), newARI(t, a, "dialer-test")
	c.connect()
	answered := c.originate("0440", "dialtide-out", nil)
	ph.take("0440")
	c.wait("StasisStart", answered)
	c.must(http.MethodDelete, "/channels/"+answered)
	busy := c.originate("9486", "dialtide-out", nil)
	refused := c.originate("9503", "dialtide-out", nil)
	for _, id := range []string{answered, busy, refused} {
		c.wait("ChannelDestroyed", id)
	}
	rows := func() string {
		b, err := os.ReadFile(a.CallRecords())
		if err != nil {
			return ""
		}
		return string(b)
	}
	eventually(t, 5*time.Second, "three rows", func() bool { return strings.Count(rows(), "\n") >= 3 })
	a.Kill() // nothing is held back
	for id, disposition := range map[string]string{answered: "ANSWERED", busy: "BUSY", refused: "CONGESTION"} {
		require.Regexp(t, `"`+id+`",.*,`+disposition, rows())
	}
}

// agentLeg brings up an agent's leg, played by the same phone.
func agentLeg(c *ariClient, ph *phone) (string, *leg) {
	c.t.Helper()
	id := c.originate("1010", "dialtide-agent", nil)
	l := ph.take("1010")
	require.Equal(c.t, []string{"agent", id}, c.wait("StasisStart", id).Args)
	return id, l
}

// pass waits for a moment of the call.
func pass(t *testing.T, until time.Time) {
	t.Helper()
	select {
	case <-time.After(time.Until(until)):
	case <-t.Context().Done():
	}
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// readStereo waits until the recorder has closed the file and gives both channels.
func readStereo(t *testing.T, file string) (left, right []float64) {
	t.Helper()
	size := int64(-1)
	eventually(t, 5*time.Second, "the recording does not end", func() bool {
		st, err := os.Stat(file)
		if err != nil {
			return false
		}
		last := size
		size = st.Size()
		return size > 0 && size == last
	})
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Zero(t, len(b)%4, "whole frames of two samples")
	for i := 0; i < len(b); i += 4 {
		left = append(left, float64(int16(binary.LittleEndian.Uint16(b[i:]))))
		right = append(right, float64(int16(binary.LittleEndian.Uint16(b[i+2:]))))
	}
	return left, right
}
