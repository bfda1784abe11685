package asterisk

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/deploy/lab"
)

// TestSoftphonesInMemory puts phones beside those of pjsip.conf, on a real Asterisk: they register by their digest, outlast a
// reload, change their secret, and are gone when they are taken away.
func TestSoftphonesInMemory(t *testing.T) {
	server := lab.AsteriskFor(t, lab.AsteriskOptions{Agents: []lab.AgentEndpoint{{Name: "agent-1001", Secret: "secret-of-1001"}}})
	a, err := New(Config{URL: server.ARI(), User: server.User(), Password: server.Password(), App: "dialtide"})
	require.NoError(t, err)
	const name = "web-0123456789abcdef0123456789abcdef"
	digest := func(secret string) string {
		sum := md5.Sum([]byte(name + ":" + browserRealm + ":" + secret))
		return hex.EncodeToString(sum[:])
	}
	registers := func(user, secret string) bool {
		p, err := carrier.NewPhone(carrier.PhoneOptions{Server: server.SIPAddr(), Address: lab.Addresses(t).Agents(9) + ":0", User: user, Password: secret, NoMedia: true})
		require.NoError(t, err)
		defer func() { require.NoError(t, p.Close()) }()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		return p.WaitRegistered(ctx) == nil
	}
	require.False(t, registers(name, "first"), "before it is there")
	require.NoError(t, a.InstallPhone(t.Context(), name, digest("first")))
	require.True(t, registers(name, "first"))
	require.False(t, registers(name, "wrong"))
	_, err = server.CLI(t.Context(), "module reload res_pjsip.so")
	require.NoError(t, err)
	require.True(t, registers(name, "first"), "after a reload")
	require.NoError(t, a.InstallPhone(t.Context(), name, digest("second")))
	require.True(t, registers(name, "second"))
	require.False(t, registers(name, "first"), "the secret before")
	require.True(t, registers("agent-1001", "secret-of-1001"), "phones of the file are there as ever")
	require.False(t, registers(browserPattern, ""), "nobody is the pattern")

	out, err := server.CLI(t.Context(), "pjsip show endpoint "+name)
	require.NoError(t, err)
	for _, want := range []string{"webrtc                             : yes", "(opus|ulaw)", "context                            : dialtide-closed"} {
		require.Contains(t, out, want)
	}
	require.ErrorIs(t, a.EchoCall(t.Context(), uuid.New(), name), ErrPhone, "not registered now")
	conn, err := a.PhoneSocket(t.Context())
	require.NoError(t, err)
	require.NoError(t, conn.Close())

	require.NoError(t, a.RemovePhone(t.Context(), name))
	require.NoError(t, a.RemovePhone(t.Context(), name), "twice is no error")
	require.False(t, registers(name, "second"))
	out, err = server.CLI(t.Context(), "pjsip show auths")
	require.NoError(t, err)
	require.False(t, strings.Contains(out, name))
	require.Error(t, a.InstallPhone(t.Context(), "web-1\n[x]", digest("x")))
	require.Error(t, a.InstallPhone(t.Context(), name, "not a digest"))
}
