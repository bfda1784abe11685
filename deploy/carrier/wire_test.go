package carrier

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/stretchr/testify/require"
)

// wire is a far end that speaks SIP by hand, to be rude.
type wire struct {
	t    *testing.T
	conn *net.UDPConn
}

func dialWire(t *testing.T, c *Carrier) *wire {
	t.Helper()
	conn, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 77, 6, 9)}, net.UDPAddrFromAddrPort(c.Addr()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return &wire{t, conn}
}

func (w *wire) send(method, branch, toTag string, seq int, body string) {
	w.t.Helper()
	_, err := fmt.Fprintf(w.conn, "%s sip:100%d@carrier SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s;rport\r\n"+
		"Max-Forwards: 70\r\nFrom: \"A \\\"B\\\"\" <sip:30@pbx>;tag=f\r\nTo: <sip:1001@carrier>%s\r\nCall-ID: wire\r\n"+
		"CSeq: %d %s\r\nContact: <sip:30@%s>\r\nContent-Length: %d\r\n\r\n%s",
		method, seq%10, w.conn.LocalAddr(), branch, toTag, seq, strings.Fields(method)[0], w.conn.LocalAddr(), len(body), body)
	require.NoError(w.t, err)
}

// next reads the next message for which keep is true.
func (w *wire) next(keep func(first string) bool) (first string, message sip.Message) {
	w.t.Helper()
	require.NoError(w.t, w.conn.SetReadDeadline(time.Now().Add(patience)))
	buffer := make([]byte, 4096)
	for {
		n, err := w.conn.Read(buffer)
		require.NoError(w.t, err)
		first, _, _ = strings.Cut(string(buffer[:n]), "\r\n")
		if keep(first) {
			message, err = sip.ParseMessage(buffer[:n])
			require.NoError(w.t, err)
			return first, message
		}
	}
}

func starts(prefix string) func(string) bool {
	return func(first string) bool { return strings.HasPrefix(first, prefix) }
}

const wireOffer = "v=0\r\nc=IN IP4 127.77.6.9\r\nm=audio 40000 RTP/AVP 0\r\n"

func toTag(m sip.Message) string {
	tag, _ := m.To().Params.Get("tag")
	return ";tag=" + tag
}

func TestUnacknowledgedAnswerIsRepeatedAndByeWaitsForTheAck(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{NoMedia: true, Route: route(Behaviour{Kind: Human, Talk: 10 * time.Millisecond, Cause: 17})})
	w := dialWire(t, c)
	w.send("INVITE", "1", "", 1, wireOffer)
	_, ok := w.next(starts("SIP/2.0 200"))
	began := time.Now()
	first, again := w.next(func(string) bool { return true })
	require.Equal(t, "SIP/2.0 200 OK", first, "no BYE before the ACK")
	require.Greater(t, time.Since(began), timerT1*8/10)
	require.Equal(t, toTag(ok), toTag(again))
	w.send("ACK", "2", toTag(ok), 1, "")
	_, bye := w.next(starts("BYE"))
	require.Equal(t, "Q.850;cause=17", bye.GetHeaders("Reason")[0].Value())
	require.Equal(t, ok.To().Value(), bye.From().Value())
	require.Equal(t, `"A \"B\"" <sip:30@pbx>;tag=f`, bye.To().Value())
	first, _ = w.next(func(string) bool { return true })
	require.True(t, strings.HasPrefix(first, "BYE"), "repeated while unanswered, got %s", first)
	require.Equal(t, ByCallee, closed(t, c, "1001").EndedBy)
}

func TestRepeatedInviteIsOneCall(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{NoMedia: true, Route: route(Behaviour{Kind: Human})})
	w := dialWire(t, c)
	for range 3 {
		w.send("INVITE", "1", "", 1, wireOffer)
	}
	_, one := w.next(starts("SIP/2.0 200"))
	_, two := w.next(starts("SIP/2.0 200"))
	_, three := w.next(starts("SIP/2.0 200"))
	require.Equal(t, toTag(one), toTag(two))
	require.Equal(t, toTag(one), toTag(three))
	w.send("ACK", "2", toTag(one), 1, "")
	w.send("BYE", "3", toTag(one), 2, "")
	w.next(starts("SIP/2.0 200"))
	w.send("BYE", "3", toTag(one), 2, "") // its answer was lost
	w.next(starts("SIP/2.0 200"))
	v := closed(t, c, "1001")
	require.Equal(t, 2, v.Repeats)
	require.Equal(t, ByCaller, v.EndedBy)
	require.Len(t, c.Invites(), 1)
}

func TestRefusalIsRepeatedUntilAcknowledged(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Route: route(Behaviour{Kind: Busy})})
	w := dialWire(t, c)
	w.send("INVITE", "1", "", 1, wireOffer)
	_, one := w.next(starts("SIP/2.0 486"))
	_, two := w.next(starts("SIP/2.0 486"))
	require.Equal(t, toTag(one), toTag(two))
	w.send("ACK", "1", toTag(one), 1, "")
}

func TestCancelGetsItsOwnAnswerAndComesTooLateAfterTheAnswer(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Route: route(Behaviour{Kind: NoAnswer})})
	w := dialWire(t, c)
	w.send("INVITE", "1", "", 1, wireOffer)
	w.next(starts("SIP/2.0 180"))
	w.send("CANCEL", "1", "", 1, "")
	_, m := w.next(starts("SIP/2.0 200"))
	require.Equal(t, sip.CANCEL, m.CSeq().MethodName)
	_, m = w.next(starts("SIP/2.0 487"))
	require.Equal(t, sip.INVITE, m.CSeq().MethodName)
	w.send("ACK", "1", toTag(m), 1, "")
	require.Equal(t, 487, closed(t, c, "1001").Status)
	w.send("CANCEL", "1", "", 1, "")
	w.next(starts("SIP/2.0 200"))
	require.Len(t, c.Invites(), 1)
}

func TestReInviteChangesTheMedia(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Route: route(Behaviour{Kind: Human})})
	w := dialWire(t, c)
	w.send("INVITE", "1", "", 1, wireOffer)
	_, ok := w.next(starts("SIP/2.0 200"))
	w.send("INVITE", "2", toTag(ok), 2, wireOffer)
	w.next(starts("SIP/2.0 491")) // the first is not acknowledged yet
	w.send("ACK", "3", toTag(ok), 1, "")
	w.send("INVITE", "4", toTag(ok), 3, wireOffer+"a=sendonly\r\n")
	_, held := w.next(func(first string) bool { return starts("SIP/2.0 200")(first) })
	require.Equal(t, uint32(3), held.CSeq().SeqNo)
	require.Contains(t, string(held.Body()), "a=recvonly")
	w.send("ACK", "5", toTag(ok), 3, "")
	w.send("BYE", "6", toTag(ok), 4, "")
	w.next(starts("SIP/2.0 200"))
	closed(t, c, "1001")
}

func TestOddRequests(t *testing.T) {
	t.Parallel()
	c := startCarrier(t, Options{Route: route(Behaviour{Kind: Human})})
	w := dialWire(t, c)
	for _, tc := range []struct {
		method, tag, body, want string
	}{
		{"OPTIONS", "", "", "SIP/2.0 200"},
		{"BYE", ";tag=gone", "", "SIP/2.0 481"},
		{"CANCEL", "", "", "SIP/2.0 481"},
		{"INVITE", ";tag=gone", wireOffer, "SIP/2.0 481"},
		{"INVITE", "", "v=0\r\n", "SIP/2.0 488"},
		{"PUBLISH", "", "", "SIP/2.0 405"},
	} {
		w.send(tc.method, "x"+tc.method+tc.tag, tc.tag, 1, tc.body)
		first, _ := w.next(func(string) bool { return true })
		require.True(t, strings.HasPrefix(first, tc.want), "%s: got %s, want %s", tc.method, first, tc.want)
	}
	for _, junk := range []string{"\r\n\r\n", "INVITE sip:x SIP/2.0\r\n\r\n", "\x00\x01\x02 no SIP at all, by far", "SIP/2.0 200 OK\r\nVia: x\r\n\r\n"} {
		_, err := w.conn.Write([]byte(junk))
		require.NoError(t, err)
	}
	w.send("OPTIONS", "last", "", 2, "")
	w.next(starts("SIP/2.0 200"))
	require.Empty(t, c.Invites())
	require.Equal(t, int64(2), c.Stats().Options)
	require.Equal(t, int64(3), c.Stats().Malformed)
}

// FuzzDatagram feeds one carrier with whatever may come by UDP; it must neither panic nor forget its bounds.
func FuzzDatagram(f *testing.F) {
	c, err := New(Options{Address: "127.77.5.22:0", NoMedia: true, Keep: 16, MaxLife: time.Second, Route: LastTwoDigits})
	require.NoError(f, err)
	f.Cleanup(func() { _ = c.Close() })
	from := c.Addr()
	head := " sip:1001@c SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKx;rport\r\nFrom: <sip:1@p>;tag=f\r\nTo: <sip:1001@c>\r\n" +
		"Call-ID: x\r\nContact: <sip:1@127.0.0.1>\r\nCSeq: 1 "
	for _, method := range []string{"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO", "REFER"} {
		f.Add([]byte(method + head + method + "\r\nContent-Length: 68\r\n\r\n" + wireOffer))
		f.Add([]byte(method + head + method + "\r\nRequire: 100rel\r\n\r\n"))
	}
	f.Add([]byte("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=x\r\nFrom: <sip:1@p>\r\nTo: <sip:2@c>\r\nCall-ID: x\r\nCSeq: 1 BYE\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c.e.handle(raw, from)
		if n := len(c.Invites()); n > 16 {
			t.Fatalf("%d calls kept", n)
		}
	})
}
