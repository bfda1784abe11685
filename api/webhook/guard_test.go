package webhook

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// inside are addresses that no post may reach unless the configuration says so.
var inside = []string{"127.0.0.1", "127.1.2.3", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "169.254.169.254",
	"169.254.0.1", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
	"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
	"64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "3fff::1", "5f00::1",
	"fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "ff0e::1", "4000::1", "fd00:ec2::254"}

var outside = []string{"1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1", "192.167.1.1", "100.63.1.1", "100.128.0.1", "198.17.1.1", "198.20.1.1",
	"2606:4700:4700::1111", "2a00:1450:4001::1", "2003::1", "::ffff:8.8.8.8"}

func TestOnlyPublicAddressesAreReached(t *testing.T) {
	g := Guard{Own: func() ([]netip.Addr, error) { return []netip.Addr{netip.MustParseAddr("93.184.216.34")}, nil }}
	for _, a := range inside {
		require.Error(t, g.check(netip.MustParseAddr(a), false), a)
	}
	for _, a := range outside {
		addr := netip.MustParseAddr(a)
		if a == "93.184.216.34" {
			require.Error(t, g.check(addr, false), "our own")
			continue
		}
		require.NoError(t, g.check(addr, false), a)
		require.Error(t, g.check(addr, true), "%s without TLS", a)
	}
	g.Allow = prefixes("127.0.0.0/8")
	require.NoError(t, g.check(netip.MustParseAddr("127.0.0.1"), true))
	require.NoError(t, g.check(netip.MustParseAddr("::ffff:127.0.0.1"), true))
	require.Error(t, g.check(netip.MustParseAddr("10.0.0.1"), false))
	require.Error(t, g.check(netip.MustParseAddr("fe80::1%eth0"), false))
}

// TestFormsOfAddresses: none of these forms leads inside, neither when it is stored nor when it is dialled with a resolver that
// takes every name for this machine.
func TestFormsOfAddresses(t *testing.T) {
	hit := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit = true }))
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	hosts := []string{"localhost", "LOCALHOST", "localhost.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.1.", "①②⑦.⓪.⓪.①",
		"127。0。0。1", "127%2e0%2e0%2e1", "127.0.0.1%00", "127.0.0.1%23@example.com", "[::]", "[::1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[::1%25lo]", "[fe80::1%25eth0]", "metadata.google.internal",
		"169.254.169.254", "instance-data", "user@127.0.0.1", "user:pw@example.com", "example.com@127.0.0.1", "127.0.0.1#@example.com", "127.0.0.1?@example.com", "-", ".", "..", "a b", "exa\tmple.com", "*", ""}
	for _, a := range inside {
		if strings.Contains(a, ":") {
			a = "[" + a + "]"
		}
		hosts = append(hosts, a)
	}
	g := Guard{Resolve: func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("1.1.1.1"), netip.MustParseAddr("127.0.0.1")}, nil // one of them leads inside
	}}
	client := g.client()
	tried := 0
	for _, host := range hosts {
		for _, form := range []string{"https://%s%s/x", "https://%s%s", "HTTPS://%s%s/"} {
			tried++
			raw := fmt.Sprintf(form, host, port)
			checked, err := g.CheckURL(raw)
			if err != nil {
				continue
			}
			resp, err := client.Post(checked, "application/json", nil)
			require.ErrorIs(t, err, ErrForbidden, raw)
			require.Nil(t, resp)
		}
	}
	for _, raw := range []string{"", "https:", "https://", "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "javascript:alert(1)", "//example.com/", "example.com", "https:example.com",
		"https://example.com/#x", "https://example.com/#", "data:text/plain,x", "unix:///var/run/docker.sock", "jar:https://example.com!/", "https:///path", "https://\\127.0.0.1", "dict://127.0.0.1:11211/",
		"ldap://127.0.0.1/", "https://exa mple.com", "https://example.com:99999999/", "https://example.com:x/", "https://" + strings.Repeat("a", 2100)} {
		tried++
		if checked, err := g.CheckURL(raw); err == nil {
			_, err = client.Post(checked, "application/json", nil)
			require.Error(t, err, raw)
		}
	}
	require.GreaterOrEqual(t, tried, 150)
	require.False(t, hit, "something led inside")
}
