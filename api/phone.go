package api

import (
	"context"
	"crypto/md5" //nolint:gosec // RFC 7616's digest as SIP uses it; browsers' SIP stacks know no other
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
)

// PhoneKind says what an account's phone is.
type PhoneKind string

const (
	// PhoneSIP registers by itself: a desk phone, a program, anything that speaks SIP.
	PhoneSIP PhoneKind = "sip"
	// PhoneWebRTC is the softphone in the page of an agent, or of a supervisor.
	PhoneWebRTC PhoneKind = "webrtc"
)

// Phones is what the API asks of the switch for softphones in the browser; dialer/asterisk implements it.
type Phones interface {
	// InstallPhone lets endpoint register with a secret of which the switch knows digest only: the hex MD5 of
	// endpoint:PhoneRealm:secret. Again with another digest: that one counts.
	InstallPhone(ctx context.Context, endpoint, digest string) error
	// RemovePhone takes endpoint and secret away; one that is not there is no error. A call that it is in goes on.
	RemovePhone(ctx context.Context, endpoint string) error
	// PhoneSocket opens a SIP WebSocket to the switch.
	PhoneSocket(ctx context.Context) (*websocket.Conn, error)
	// EchoCall calls endpoint as channel id and sends back what it hears, for half a minute at most.
	EchoCall(ctx context.Context, id uuid.UUID, endpoint string) error
}

// PhoneRealm is the realm of softphones' digests.
const PhoneRealm = "dialtide"

const (
	browserPrefix   = "web-"
	phoneSocketPath = "/api/phone/ws"
	phoneSecretLife = time.Hour
)

// browserEndpoint is the SIP endpoint of an account's softphone.
func browserEndpoint(account uuid.UUID) string {
	return browserPrefix + hex.EncodeToString(account[:])
}

func phoneRoutes() []route {
	return []route{
		{method: "GET", path: "/api/phone", id: "get-phone", tag: "Phone", summary: "What phone I have", access: only(Agent, Supervisor), serve: op((*Server).getPhone)},
		{method: "POST", path: "/api/phone/credentials", id: "create-phone-credentials", tag: "Phone", summary: "A new secret for the softphone in my page; the one before is void", access: only(Agent, Supervisor), status: 201, errors: []int{409}, serve: op((*Server).postPhoneCredentials)},
		{method: "POST", path: "/api/phone/ring", id: "ring-phone", tag: "Phone", summary: "My softphone is registered and in no call: ring it now", access: only(Agent), errors: []int{409}, serve: op((*Server).postPhoneRing)},
		{method: "POST", path: "/api/phone/test", id: "test-phone", tag: "Phone", summary: "Call my softphone and send back what it hears", access: only(Agent, Supervisor), status: 201, errors: []int{409}, serve: op((*Server).postPhoneTest)},
		{method: "GET", path: phoneSocketPath, id: "phone-socket", tag: "Phone", summary: "SIP over WebSocket of the softphone in my page", access: only(Agent, Supervisor), timeout: -1, errors: []int{400, 409, 426}, serve: raw((*Server).phoneSocket, documentPhoneSocket)},
	}
}

// phoneView is a user's phone as his page sees it; no secret is in it.
type phoneView struct {
	Kind      PhoneKind   `json:"kind" enum:"sip,webrtc"`
	AOR       string      `json:"aor" doc:"SIP endpoint and address of record; empty: the account has no phone"`
	Realm     string      `json:"realm"`
	WSPath    string      `json:"ws_path" doc:"webrtc: where the SIP WebSocket is, on this server"`
	ICE       []iceServer `json:"ice" nullable:"false" doc:"webrtc: STUN and TURN servers"`
	Elsewhere bool        `json:"elsewhere" doc:"webrtc: the phone is in use now by another sign-in of this account"`
}

type iceServer struct {
	URLs []string `json:"urls"`
}

func (s *Server) getPhone(ctx context.Context, _ *struct{}) (*body[phoneView], error) {
	u := userOf(ctx)
	v := phoneView{Kind: u.PhoneKind, AOR: u.Endpoint, ICE: []iceServer{}}
	if u.PhoneKind == PhoneWebRTC {
		v.Realm, v.WSPath = PhoneRealm, phoneSocketPath
		for _, url := range s.opts.ICEServers {
			v.ICE = append(v.ICE, iceServer{URLs: []string{url}})
		}
		v.Elsewhere = s.lines.heldBy(u.ID, requestOf(ctx).token)
	}
	return &body[phoneView]{v}, nil
}

// phoneCredentials are shown once, in the body of an answer that nobody keeps.
type phoneCredentials struct {
	Username  string    `json:"username"`
	Password  string    `json:"password"`
	ExpiresAt time.Time `json:"expires_at" doc:"ask for new ones before"`
}

// browserUser is the caller, when his phone is the one in the page and the switch takes such phones.
func (s *Server) browserUser(ctx context.Context) (User, error) {
	u := userOf(ctx)
	switch {
	case u.PhoneKind != PhoneWebRTC:
		return u, newProblem(http.StatusConflict, "no_browser_phone", "your account has another phone: an admin may give it the one in the page")
	case s.opts.Phones == nil:
		return u, newProblem(http.StatusConflict, "no_browser_phone", "this server has no phones in the page")
	}
	return u, nil
}

// postPhoneCredentials makes a secret that lives an hour and no longer than the sign-in. It takes the place of the
// account's earlier one: whoever registered with that is out when his registration is due.
func (s *Server) postPhoneCredentials(ctx context.Context, _ *struct{}) (*body[phoneCredentials], error) {
	u, err := s.browserUser(ctx)
	if err != nil {
		return nil, err
	}
	secret := rand.Text()
	token := requestOf(ctx).token
	until, err := s.savePhoneSecret(ctx, u.ID, token, phoneDigest(u.Endpoint, secret))
	if err != nil {
		return nil, err
	}
	if err := s.renewLine(ctx, u, token); err != nil {
		return nil, err
	}
	return &body[phoneCredentials]{phoneCredentials{Username: u.Endpoint, Password: secret, ExpiresAt: until}}, nil
}

// phoneDigest is what the switch keeps of a secret.
func phoneDigest(endpoint, secret string) string {
	sum := md5.Sum([]byte(endpoint + ":" + PhoneRealm + ":" + secret)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

func (s *Server) savePhoneSecret(ctx context.Context, user uuid.UUID, token, digest string) (until time.Time, err error) {
	err = s.opts.Pool.QueryRow(ctx, `INSERT INTO phone_secrets (user_id, token, digest, expires_at)
		SELECT $1, token, $3, least(expiry, now() + $4::interval) FROM sessions WHERE token = $2
		ON CONFLICT (user_id) DO UPDATE SET token = EXCLUDED.token, digest = EXCLUDED.digest, made_at = now(), expires_at = EXCLUDED.expires_at
		RETURNING expires_at`, user, token, digest, phoneSecretLife).Scan(&until)
	if errors.Is(err, pgx.ErrNoRows) {
		return until, newProblem(http.StatusUnauthorized, "not_signed_in", "sign in first")
	}
	if err != nil {
		return until, fmt.Errorf("save a phone's secret: %w", err)
	}
	return until.UTC(), nil
}

// phoneSecret is the digest that this sign-in may register with; ok is false when it has none, or has none any more.
func (s *Server) phoneSecret(ctx context.Context, user uuid.UUID, token string) (digest string, until time.Time, ok bool, err error) {
	err = s.opts.Pool.QueryRow(ctx, `SELECT digest, expires_at FROM phone_secrets WHERE user_id = $1 AND token = $2 AND now() < expires_at`,
		user, token).Scan(&digest, &until)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", until, false, nil
	}
	if err != nil {
		return "", until, false, fmt.Errorf("read a phone's secret: %w", err)
	}
	return digest, until, true, nil
}

// forgetPhone voids the secret of an account and ends its softphone, wherever it is.
func (s *Server) forgetPhone(ctx context.Context, user uuid.UUID) error {
	if _, err := s.opts.Pool.Exec(ctx, `DELETE FROM phone_secrets WHERE user_id = $1`, user); err != nil {
		return fmt.Errorf("forget a phone's secret: %w", err)
	}
	s.lines.cut(user, closeExpired)
	return nil
}

func (s *Server) postPhoneRing(ctx context.Context, _ *struct{}) (*struct{}, error) {
	u, err := s.browserUser(ctx)
	if err != nil {
		return nil, err
	}
	if s.lines.of(u.ID) == nil {
		return nil, newProblem(http.StatusConflict, "phone_gone", "the page's phone is not connected any more: connect it anew")
	}
	if !s.opts.Floor.RingNow(u.ID) {
		return nil, newProblem(http.StatusConflict, "not_logged_in", "log in to a campaign first: then your phone is called")
	}
	return nil, nil
}

// phoneTest names the call by which the page knows it.
type phoneTest struct {
	ID uuid.UUID `json:"id" doc:"the call's X-Dialtide-Leg header is 'test' and this id"`
}

func (s *Server) postPhoneTest(ctx context.Context, _ *struct{}) (*body[phoneTest], error) {
	u, err := s.browserUser(ctx)
	if err != nil {
		return nil, err
	}
	id := uuid.New()
	if err := s.opts.Phones.EchoCall(ctx, id, u.Endpoint); err != nil {
		s.opts.Log.Warn("a test call could not be placed", "user", u.Login, "err", err)
		return nil, newProblem(http.StatusConflict, "phone_unreachable", "your phone is not registered: wait until it is connected, then try again")
	}
	return &body[phoneTest]{phoneTest{id}}, nil
}

// choosePhone settles kind and endpoint of a changed account. Errors: *UserError.
func (c *userChange) choosePhone(before User, kind *PhoneKind) error {
	now, role := before.PhoneKind, before.Role
	if kind != nil {
		now = *kind
	}
	if c.Role != nil {
		role = *c.Role
	}
	c.PhoneKind = &now
	own := browserEndpoint(before.ID)
	switch {
	case now == PhoneWebRTC && role == ListManager:
		return &UserError{"phone_kind", "must be sip: only agents and supervisors have the phone in the page"}
	case now == PhoneWebRTC && c.Endpoint != nil && *c.Endpoint != "" && *c.Endpoint != own:
		return &UserError{"endpoint", "must be left out: the phone in the page gets its own"}
	case now == PhoneWebRTC:
		c.Endpoint = &own
	case c.Endpoint != nil && strings.HasPrefix(*c.Endpoint, browserPrefix):
		return &UserError{"endpoint", "must not begin with " + browserPrefix + ", which is kept for phones in the browser"}
	case before.PhoneKind == PhoneWebRTC && c.Endpoint == nil:
		none := ""
		c.Endpoint = &none
	}
	return nil
}
