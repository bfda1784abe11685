package api

import (
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dialtide/dialtide/api/alert"
)

func TestLimiterNeverGivesMoreThanBurstAndRefill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const burst, refill = 5, 10 * time.Second
		l := newLimiter(burst, refill, 100)
		start := time.Unix(1_700_000_000, 0)
		now, taken := start, 0
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond)
			if wait, ok := l.take("a", now); ok {
				taken++
			} else {
				require.Positive(t, wait)
				require.LessOrEqual(t, wait, refill+time.Microsecond)
				_, again := l.take("a", now.Add(wait))
				require.True(t, again, "a try after the told wait is taken")
				taken++
				now = now.Add(wait)
			}
		}
		require.LessOrEqual(t, taken, burst+int(now.Sub(start)/refill)+1)
	})
}

func TestLimiterForgetsFullBucketsAndRefusesBeyondItsBound(t *testing.T) {
	l := newLimiter(2, time.Second, 10)
	now := time.Unix(0, 0)
	for i := range 10 {
		_, ok := l.take(fmt.Sprint(i), now)
		require.True(t, ok)
	}
	_, ok := l.take("one more", now)
	require.False(t, ok)
	_, ok = l.take("one more", now.Add(2*time.Second))
	require.True(t, ok)
	require.LessOrEqual(t, len(l.buckets), 10)
	l.giveBack("one more", now.Add(2*time.Second))
	require.NotContains(t, l.buckets, "one more")
	l.giveBack("never taken", now)
}

func TestClientAddrBelievesTrustedProxiesOnly(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct{ remote, forwarded, want string }{
		{"192.0.2.1:5", "", "192.0.2.1"},
		{"192.0.2.1:5", "198.51.100.7", "192.0.2.1"},
		{"10.0.0.1:5", "198.51.100.7", "198.51.100.7"},
		{"10.0.0.1:5", "1.1.1.1, 198.51.100.7, 10.2.2.2", "198.51.100.7"},
		{"10.0.0.1:5", "198.51.100.7, nonsense", "10.0.0.1"},
		{"10.0.0.1:5", "", "10.0.0.1"},
		{"[::ffff:192.0.2.1]:5", "", "192.0.2.1"},
		{"nonsense", "198.51.100.7", "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{}}
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		require.Equal(t, c.want, clientAddr(r, trusted).String(), "%+v", c)
	}
}

func TestAddressKeyLumpsASubscribersIPv6(t *testing.T) {
	require.Equal(t, addressKey(netip.MustParseAddr("2001:db8::1")), addressKey(netip.MustParseAddr("2001:db8::ffff:2")))
	require.NotEqual(t, addressKey(netip.MustParseAddr("2001:db8:0:1::1")), addressKey(netip.MustParseAddr("2001:db8::1")))
	require.Equal(t, "192.0.2.1", addressKey(netip.MustParseAddr("::ffff:192.0.2.1")))
}

func TestFormulaCellsAreHarmless(t *testing.T) {
	for _, c := range []string{"=1+1", "+49", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"http://x\")"} {
		require.Equal(t, "'"+c, harmless(c))
	}
	for _, c := range []string{"", "Ann", "0049", "'=1", " =1", "王"} {
		require.Equal(t, c, harmless(c))
	}
}

func TestSessionCodecKeepsUserAndDeadline(t *testing.T) {
	id, deadline := uuid.New(), time.Now().UTC().Truncate(time.Microsecond)
	data, err := sessionCodec{}.Encode(deadline, map[string]any{sessionUser: id.String()})
	require.NoError(t, err)
	at, values, err := sessionCodec{}.Decode(data)
	require.NoError(t, err)
	require.Equal(t, deadline, at)
	require.Equal(t, map[string]any{sessionUser: id.String()}, values)
	_, err = sessionCodec{}.Encode(deadline, map[string]any{})
	require.Error(t, err)
	for n := range 60 {
		if n != len(data) {
			_, _, err = sessionCodec{}.Decode(make([]byte, n))
			require.Error(t, err)
		}
	}
}

func TestTopicsByRole(t *testing.T) {
	me, other := uuid.New(), uuid.New()
	for _, c := range []struct {
		role  Role
		sees  []string
		never []string
	}{
		{Agent, []string{agentTopic(me)}, []string{"board", "imports", agentTopic(other), "agent:", "", "agent:" + me.String() + "x"}},
		{Supervisor, []string{"board", "alerts", "help", agentTopic(other)}, []string{"imports", "registries", "readings", "agent:x", "agent:{" + other.String() + "}"}},
		{ListManager, []string{"board", "imports", "registries"}, []string{"alerts", "help", agentTopic(me), agentTopic(other)}},
		{Admin, []string{"board", "alerts", "help", "imports", "registries", agentTopic(other)}, []string{"boards", "readings", "secret"}},
		{Role("nobody"), nil, []string{"board", "imports", agentTopic(me)}},
	} {
		see := canSee(User{ID: me, Role: c.role})
		for _, topic := range c.sees {
			require.True(t, see(topic), "%s %s", c.role, topic)
		}
		for _, topic := range c.never {
			require.False(t, see(topic), "%s %s", c.role, topic)
		}
	}
}

// TestTheProtocolNamesEveryTopic: whoever writes a client of his own from the documentation finds all that there is to read.
func TestTheProtocolNamesEveryTopic(t *testing.T) {
	text, err := os.ReadFile("stream/doc.go")
	require.NoError(t, err)
	var o huma.Operation
	documentStream(nil, &o)
	for _, topic := range []string{"agent:<user id>", "board", alert.Topic, helpTopic, importsTopic, registriesTopic} {
		require.Contains(t, string(text), "\n//\t"+topic+" ", topic)
		require.Contains(t, o.Description, "`"+topic+"`", topic)
	}
	for _, row := range []string{"agent/<user id>", "call/<attempt id>", "campaign/<id>", "pacing/<campaign id>", "trunk/<id>/<node>", "plan/<campaign id>",
		"list/<campaign id>/<list id>", "mark/<campaign id>"} {
		require.Contains(t, string(text), row, "a row of the board")
	}
}

func TestFileNamesAreOnlyText(t *testing.T) {
	for in, want := range map[string]string{
		"": "list.csv", "a.csv": "a.csv", "../../etc/passwd": "passwd", `C:\x\list.csv`: "list.csv", "a\r\nb.csv": "a b.csv", "..": "..",
	} {
		require.Equal(t, want, fileName(in), in)
	}
}

func TestRoutesWithoutRolesAreRefused(t *testing.T) {
	s := &Server{routes: map[string]route{}}
	require.ErrorContains(t, s.register([]route{{method: "GET", path: "/api/x", id: "x"}}), "nobody may call GET /api/x")
	s = &Server{routes: map[string]route{}}
	twice := route{method: "GET", path: "/api/x", id: "x", access: anyone()}
	require.ErrorContains(t, s.register([]route{twice, twice}), "not unique")
	for _, r := range table() {
		require.True(t, r.access.named(), "%s %s names no roles", r.method, r.path)
	}
}
