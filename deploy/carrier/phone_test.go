package carrier

import (
	"context"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// between gives two phones, the first of which calls the second.
func between(t *testing.T) (caller, callee *Phone) {
	t.Helper()
	callee, err := NewPhone(PhoneOptions{Server: "127.77.6.3:1", Address: "127.77.6.2:0", User: "2", Unlisted: true, Tone: AgentTone(2)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, callee.Close()) })
	caller, err = NewPhone(PhoneOptions{Server: callee.Addr().String(), Address: "127.77.6.3:0", User: "1", Unlisted: true, Tone: AgentTone(1)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, caller.Close()) })
	return caller, callee
}

func TestPhoneAnswersHearsAndHangsUp(t *testing.T) {
	t.Parallel()
	caller, callee := between(t)
	call := place(t, caller, "2")
	require.NoError(t, callee.WaitHear(deadline(t), AgentTone(1)))
	require.NoError(t, caller.WaitHear(deadline(t), AgentTone(2)))
	require.True(t, callee.Hears(AgentTone(1), 100*time.Millisecond))
	callee.SetTone(AgentTone(7))
	require.NoError(t, caller.WaitHear(deadline(t), AgentTone(7)))
	require.NoError(t, caller.WaitSilent(deadline(t), AgentTone(2)))
	require.Equal(t, "1", callee.Current().CallerID())
	callee.Hangup()
	wait(t, "the BYE", call.Done())
	require.NoError(t, callee.WaitIdle(deadline(t)))
	require.NoError(t, caller.WaitIdle(deadline(t)))
	by, _ := caller.Ended()[0].EndedBy()
	require.Equal(t, ByCallee, by)
}

func TestNewCallTakesThePlaceOfTheOld(t *testing.T) {
	t.Parallel()
	caller, callee := between(t)
	first := place(t, caller, "2")
	_, err := callee.WaitCall(deadline(t))
	require.NoError(t, err)
	wait(t, "the answer", first.Answered())
	second := place(t, caller, "2")
	wait(t, "the end of the old call", first.Done())
	wait(t, "the answer", second.Answered())
	require.NoError(t, callee.WaitHear(deadline(t), AgentTone(1)))
	require.Len(t, callee.Calls(), 1)
}

func TestPhoneRefusesOnDemand(t *testing.T) {
	t.Parallel()
	caller, callee := between(t)
	callee.SetAnswer(486)
	call := place(t, caller, "2")
	wait(t, "the refusal", call.Done())
	_, status := call.EndedBy()
	require.Equal(t, 486, status)
	callee.SetAnswer(0)
	wait(t, "the answer", place(t, caller, "2").Answered())
}

func TestWaitsEndWithTheirContextAndWithTheCall(t *testing.T) {
	t.Parallel()
	caller, callee := between(t)
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, callee.WaitHear(short, 1000), context.DeadlineExceeded)
	require.ErrorIs(t, callee.SendDTMF("1"), ErrEnded)
	for _, bad := range []string{"", "1 2", "1\r\nX: y", "1@elsewhere"} {
		_, err := callee.Call(bad)
		require.ErrorContains(t, err, "is no number")
	}
	call := place(t, caller, "2")
	wait(t, "the answer", call.Answered())
	waiting := make(chan error, 1)
	go func() { waiting <- call.WaitHear(t.Context(), 1000) }()
	callee.Hangup()
	require.ErrorIs(t, <-waiting, ErrEnded)
	require.ErrorIs(t, call.WaitDigits(t.Context(), "1"), ErrEnded)
}

// registrar challenges every REGISTER without credentials and grants a second.
type registrar struct {
	e     *endpoint
	seen  chan *sip.Request
	nonce string
}

func startRegistrar(t *testing.T, address string) *registrar {
	t.Helper()
	r := &registrar{seen: make(chan *sip.Request, 64), nonce: "n0"}
	e, err := listen(address, "Registrar", nil)
	require.NoError(t, err)
	r.e = e
	e.reader.Go(r.serve)
	t.Cleanup(r.stop)
	return r
}

func (r *registrar) stop() { _ = r.e.conn.Close(); r.e.reader.Wait() }

func (r *registrar) serve() {
	buffer := make([]byte, 4096)
	for {
		n, from, err := r.e.conn.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		m, err := sip.ParseMessage(buffer[:n])
		req, ok := m.(*sip.Request)
		if err != nil || !ok {
			continue
		}
		req.SetSource(from.String())
		res := sip.NewResponseFromRequest(req, 200, "OK", nil)
		if r.good(req) {
			contact := req.Contact().Value()
			if req.GetHeader("Expires").Value() != "0" {
				res.AppendHeader(sip.NewHeader("Contact", contact+";expires=1"))
			}
			r.seen <- req
		} else {
			res = sip.NewResponseFromRequest(req, 401, "Unauthorized", nil)
			res.AppendHeader(sip.NewHeader("WWW-Authenticate", `Digest realm="pbx",nonce="`+r.nonce+`",algorithm=MD5,qop="auth"`))
		}
		r.e.write(from, []byte(res.String()))
	}
}

func (r *registrar) good(req *sip.Request) bool {
	h := req.GetHeader("Authorization")
	if h == nil {
		return false
	}
	c, err := digest.ParseCredentials(h.Value())
	if err != nil || c.Nonce != r.nonce {
		return false
	}
	want, err := digest.Digest(&digest.Challenge{Realm: "pbx", Nonce: r.nonce, Algorithm: "MD5", QOP: []string{"auth"}}, digest.Options{
		Method: "REGISTER", URI: c.URI, Username: "agent", Password: "secret", Cnonce: c.Cnonce, Count: c.Nc,
	})
	return err == nil && want.Response == c.Response
}

func registering(t *testing.T, server, password string) *Phone {
	t.Helper()
	p, err := NewPhone(PhoneOptions{Server: server, Address: "127.77.6.4:0", User: "agent", Password: password})
	require.NoError(t, err)
	return p
}

func TestPhoneRegistersRefreshesAndTakesItBack(t *testing.T) {
	t.Parallel()
	r := startRegistrar(t, "127.77.6.5:0")
	p := registering(t, r.e.local.String(), "secret")
	require.NoError(t, p.WaitRegistered(deadline(t)))
	first, second := <-r.seen, <-r.seen // at half of the second that was granted
	require.Equal(t, first.CallID().Value(), second.CallID().Value())
	require.Greater(t, second.CSeq().SeqNo, first.CSeq().SeqNo)
	require.Equal(t, "30", first.GetHeader("Expires").Value())
	require.NoError(t, p.Register(deadline(t)))
	require.NoError(t, p.Close())
	last := ""
	for len(r.seen) > 0 {
		last = (<-r.seen).GetHeader("Expires").Value()
	}
	require.Equal(t, "0", last)
}

func TestPhoneComesBackAfterTheRegistrarWasAway(t *testing.T) {
	t.Parallel()
	r := startRegistrar(t, "127.77.6.5:0")
	address := r.e.local.String()
	p := registering(t, address, "secret")
	defer func() { require.NoError(t, p.Close()) }()
	require.NoError(t, p.WaitRegistered(deadline(t)))
	r.stop()
	require.NoError(t, p.until(deadline(t), "gone", func() bool { return !p.registered }))
	again := startRegistrar(t, address)
	require.NoError(t, p.WaitRegistered(deadline(t)))
	require.NotEmpty(t, again.seen)
}

func TestWrongPasswordIsTold(t *testing.T) {
	t.Parallel()
	r := startRegistrar(t, "127.77.6.5:0")
	p := registering(t, r.e.local.String(), "wrong")
	defer func() { require.NoError(t, p.Close()) }()
	require.NoError(t, p.until(deadline(t), "refused", func() bool { return p.lastError != nil }))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorContains(t, p.WaitRegistered(gone), "401 Unauthorized")
}

func TestNothingStaysBehind(t *testing.T) {
	before := goleak.IgnoreCurrent()
	c, err := New(Options{Address: "127.77.5.20:0", Tones: true, Route: LastTwoDigits})
	require.NoError(t, err)
	p, err := NewPhone(PhoneOptions{Server: c.Addr().String(), Address: "127.77.6.1:0", User: "1", Unlisted: true})
	require.NoError(t, err)
	call := place(t, p, "1009")
	require.NoError(t, call.WaitHear(deadline(t), CustomerTone(0)))
	require.NoError(t, c.Close())
	require.NoError(t, p.Close())
	goleak.VerifyNone(t, before)
}
