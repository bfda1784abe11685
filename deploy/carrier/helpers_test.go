package carrier

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const patience = 30 * time.Second // for things that take milliseconds; only a failing test waits that long

func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func startCarrier(t *testing.T, o Options) *Carrier {
	t.Helper()
	if o.Address == "" {
		o.Address = "127.77.5.20:0"
	}
	c, err := New(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// startPhone gives a phone that calls the carrier directly.
func startPhone(t *testing.T, c *Carrier, tone float64) *Phone {
	t.Helper()
	p, err := NewPhone(PhoneOptions{Server: c.Addr().String(), Address: "127.77.6.1:0", User: "4001", Unlisted: true, Tone: tone})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

func route(b Behaviour) func(string) (Behaviour, bool) {
	return func(string) (Behaviour, bool) { return b, true }
}

func place(t *testing.T, p *Phone, number string) *Call {
	t.Helper()
	call, err := p.Call(number)
	require.NoError(t, err)
	return call
}

func wait(t *testing.T, what string, ch <-chan struct{}) {
	t.Helper()
	select {
	case <-ch:
	case <-deadline(t).Done():
		require.Fail(t, "timed out", what)
	}
}

// closed waits for the carrier's record of the call's end.
func closed(t *testing.T, c *Carrier, number string) Invite {
	t.Helper()
	v, err := c.WaitInvite(deadline(t), func(v Invite) bool { return v.Number == number && !v.Ended.IsZero() })
	require.NoError(t, err)
	return v
}
