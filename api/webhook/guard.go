package webhook

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// ErrForbidden says that an address may not be reached.
var ErrForbidden = errors.New("the address is not public; only networks that the configuration names (webhook-allow) may be reached besides")

const (
	postTime = 10 * time.Second
	dialTime = 5 * time.Second
)

// Guard keeps posts away from what is not public.
type Guard struct {
	Allow   []netip.Prefix                                               // networks that may be reached although they are private, also by http
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error) // nil: the system's resolver
	Own     func() ([]netip.Addr, error)                                 // this machine's addresses; nil: those of its interfaces
}

// special are networks that are not the public internet although netip does not call them private: RFC 6890 and its registries.
var special = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16")

var global6 = netip.MustParsePrefix("2000::/3")

func prefixes(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, s := range all {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

func within(a netip.Addr, nets []netip.Prefix) bool {
	for _, n := range nets {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// public reports whether a is an address of the public internet.
func public(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() || within(a, special) {
		return false
	}
	return a.Is4() || global6.Contains(a)
}

// check says whether a may be dialled; plain: without TLS.
func (g Guard) check(a netip.Addr, plain bool) error {
	if a.Zone() != "" {
		return ErrForbidden
	}
	a = a.Unmap()
	if within(a, g.Allow) {
		return nil
	}
	if plain || !public(a) {
		return ErrForbidden
	}
	own := g.Own
	if own == nil {
		own = interfaces
	}
	ours, err := own()
	if err != nil {
		return fmt.Errorf("this machine's addresses: %w", err)
	}
	for _, o := range ours {
		if o.Unmap() == a {
			return ErrForbidden
		}
	}
	return nil
}

func interfaces() ([]netip.Addr, error) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	var out []netip.Addr
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			out = append(out, p.Addr())
		}
	}
	return out, nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)

// CheckURL returns an endpoint's address in its normal form. What a name resolves to is seen at each post only. Errors say what
// is wrong with it.
func (g Guard) CheckURL(raw string) (string, error) {
	if len(raw) > 2000 {
		return "", errors.New("must have at most 2000 characters")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Opaque != "" || u.Host == "" || strings.ContainsAny(raw, " \t\r\n\\"):
		return "", errors.New("must be an address like https://host.example/path")
	case u.Scheme != "https" && !(u.Scheme == "http" && len(g.Allow) > 0):
		return "", errors.New("must begin with https://")
	case u.User != nil:
		return "", errors.New("must not hold a user name or password: posts are signed")
	case u.Fragment != "" || strings.HasSuffix(raw, "#"):
		return "", errors.New("must not have a fragment")
	}
	host := u.Hostname()
	if a, err := netip.ParseAddr(host); err == nil {
		if err := g.check(a, u.Scheme == "http"); err != nil {
			return "", err
		}
	} else if !hostName.MatchString(host) {
		return "", errors.New("has no valid host name")
	}
	return u.String(), nil
}

type plainKey struct{}

// dial connects to the first address of a name, all of which must be allowed: a name that leads inside as well is no good one.
func (g Guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs, err := g.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	plain, _ := ctx.Value(plainKey{}).(bool)
	for _, a := range addrs {
		if err := g.check(a, plain); err != nil {
			return nil, err
		}
	}
	d := net.Dialer{Timeout: dialTime}
	var errs []error
	for _, a := range addrs[:min(len(addrs), 3)] {
		conn, err := d.DialContext(ctx, network, net.JoinHostPort(a.Unmap().String(), port))
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

func (g Guard) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	look := g.Resolve
	if look == nil {
		look = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	addrs, err := look(ctx, host)
	if err == nil && len(addrs) == 0 {
		err = errors.New("the name has no address")
	}
	return addrs, err
}

// client posts through the guard.
func (g Guard) client() *http.Client {
	return &http.Client{
		Timeout:       postTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: g.dial, Proxy: nil, TLSHandshakeTimeout: dialTime, MaxIdleConnsPerHost: 1, MaxIdleConns: 16,
			IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10, DisableCompression: true, ForceAttemptHTTP2: true},
	}
}
