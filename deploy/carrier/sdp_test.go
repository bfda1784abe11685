package carrier

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func lines(l ...string) []byte { return []byte(strings.Join(l, "\r\n") + "\r\n") }

func TestSessionDescriptions(t *testing.T) {
	local := netip.MustParseAddrPort("127.0.0.9:4000")
	for _, tc := range []struct {
		name string
		body []byte
		want session
		fail bool
	}{
		{"our own", describe(local, 1, ownEvents, sendOnly), session{local, 101, sendOnly}, false},
		{"without events", describe(local, 1, 0, sendRecv), session{local, 0, sendRecv}, false},
		{"media address wins, other formats", lines("v=0", "c=IN IP4 10.0.0.1", "m=audio 4000 RTP/AVP 8 0 96",
			"c=IN IP4 127.0.0.9", "a=rtpmap:96 telephone-event/8000", "a=inactive"), session{local, 96, inactive}, false},
		{"first audio counts", lines("v=0", "c=IN IP4 127.0.0.9", "m=video 5000 RTP/AVP 31", "m=audio 4000 RTP/AVP 0",
			"m=audio 4002 RTP/AVP 0", "a=inactive"), session{local, 0, sendRecv}, false},
		{"old hold", lines("c=IN IP4 0.0.0.0", "m=audio 4000 RTP/AVP 0"),
			session{netip.MustParseAddrPort("0.0.0.0:4000"), 0, inactive}, false},
		{"no ulaw", lines("c=IN IP4 127.0.0.9", "m=audio 4000 RTP/AVP 8"), session{}, true},
		{"encrypted", lines("c=IN IP4 127.0.0.9", "m=audio 4000 RTP/SAVP 0"), session{}, true},
		{"no address", lines("m=audio 4000 RTP/AVP 0"), session{}, true},
		{"nothing", nil, session{}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := parseSession(tc.body)
			if tc.fail {
				require.ErrorIs(t, err, errNoAudio)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
}

func FuzzParseSession(f *testing.F) {
	f.Add(describe(netip.MustParseAddrPort("127.0.0.9:4000"), 1, ownEvents, sendRecv))
	f.Add([]byte("m="))
	f.Add([]byte("c=IN IP4 \nm=audio 1 RTP/AVP 0\na=rtpmap:\na="))
	f.Fuzz(func(t *testing.T, body []byte) {
		if s, err := parseSession(body); err == nil && !s.media.IsValid() {
			t.Fatalf("accepted without an address: %q", body)
		}
	})
}
