package api

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/netip"
	"strings"

	"github.com/google/uuid"
)

// request is what is known of one HTTP request. The outermost layer makes it, inner layers fill it in, the log and the
// metrics read it at the end. One goroutine at a time touches it.
type request struct {
	id    string     // also the X-Request-Id of the answer
	addr  netip.Addr // the client, behind trusted proxies too
	route string     // operation id, "" when no route matched
	user  *User      // nil for anonymous callers
	token string     // hashed session token, "" without a session
}

type requestKey struct{}

// requestOf returns the request of ctx; outside of one an empty request, so that callers need no check.
func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return &request{}
}

// userOf returns the signed-in user. The door has let nobody through without one, except on public routes.
func userOf(ctx context.Context) User {
	if u := requestOf(ctx).user; u != nil {
		return *u
	}
	return User{}
}

// actorOf returns the signed-in user's id for audit rows; nil when nobody is signed in.
func actorOf(ctx context.Context) *uuid.UUID {
	if u := requestOf(ctx).user; u != nil {
		id := u.ID
		return &id
	}
	return nil
}

func newRequestID() string { return strings.ToLower(rand.Text())[:16] }

// clientAddr is the address that the request came from. X-Forwarded-For is believed only from trusted proxies: the
// rightmost address that is not one of them.
func clientAddr(r *http.Request, trusted []netip.Prefix) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := ap.Addr().Unmap()
	if !within(addr, trusted) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return addr
		}
		addr = hop.Unmap()
		if !within(addr, trusted) {
			return addr
		}
	}
	return addr
}

func within(a netip.Addr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
