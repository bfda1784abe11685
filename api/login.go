package api

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"
)

// Bounds of guessing. Good sign-ins cost nothing, so that a whole floor behind one address can sign in at nine o'clock.
const (
	failsPerLogin   = 10
	loginRefill     = 30 * time.Second // one more try
	failsPerAddress = 50
	addressRefill   = 5 * time.Second
	limiterKeys     = 50_000
	passwordSlots   = 2
)

const wrongCredentials = "wrong_credentials"

// loginGuard checks passwords and bounds guessing.
type loginGuard struct {
	*passwords
	byLogin, byAddress *limiter
}

func newLoginGuard(o Options) (*loginGuard, error) {
	p, err := newPasswords(o.Passwords, passwordSlots)
	if err != nil {
		return nil, err
	}
	return &loginGuard{p, newLimiter(failsPerLogin, loginRefill, limiterKeys), newLimiter(failsPerAddress, addressRefill, limiterKeys)}, nil
}

// addressKey lumps the addresses that one subscriber has at will: an IPv6 /64.
func addressKey(a netip.Addr) string {
	if a.Is6() && !a.Is4In6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.Unmap().String()
}

// take takes one try for the login and for the address, or none.
func (g *loginGuard) take(login, addr string, now time.Time) (wait time.Duration, ok bool) {
	if wait, ok = g.byAddress.take(addr, now); !ok {
		return wait, false
	}
	if wait, ok = g.byLogin.take(login, now); !ok {
		g.byAddress.giveBack(addr, now)
		return wait, false
	}
	return 0, true
}

func (g *loginGuard) giveBack(login, addr string, now time.Time) {
	g.byLogin.giveBack(login, now)
	g.byAddress.giveBack(addr, now)
}

type loginInput struct {
	Body struct {
		Login    string `json:"login" maxLength:"80"`
		Password string `json:"password" maxLength:"200" writeOnly:"true"`
	}
}

type userOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      User
}

// tooManyTries says when to come back.
func tooManyTries(wait time.Duration) *Problem {
	p := newProblem(http.StatusTooManyRequests, "too_many_tries", "too many failed sign-ins: wait, then try again")
	p.retryAfter = max(wait, time.Second)
	return p
}

func (s *Server) login(ctx context.Context, in *loginInput) (*userOutput, error) {
	login := strings.ToLower(strings.TrimSpace(in.Body.Login))
	user, err := s.checkLogin(ctx, login, in.Body.Password)
	if err != nil {
		return nil, err
	}
	// A fresh session, whatever cookie came along: a token that somebody else knew before is worth nothing after.
	ctx, err = s.sessions.Load(ctx, "")
	if err != nil {
		return nil, err
	}
	s.sessions.Put(ctx, sessionUser, user.ID.String())
	token, expiry, err := s.sessions.Commit(ctx)
	if err != nil {
		return nil, err
	}
	return &userOutput{Body: user, SetCookie: []http.Cookie{s.cookie(token, expiry)}}, nil
}

// checkLogin returns the user, or a problem that does not tell an unknown login from a wrong password.
func (s *Server) checkLogin(ctx context.Context, login, password string) (User, error) {
	if !loginForm.MatchString(login) {
		login = "(malformed)" // nobody has it; it neither reaches SQL nor grows the limiter
	}
	release, err := s.guard.acquire(ctx)
	if err != nil {
		return User{}, err
	}
	defer release()
	// Tries are taken with a slot in hand: sign-ins that wait for a slot do not use up each other's tries.
	req := requestOf(ctx)
	addr := addressKey(req.addr)
	if wait, ok := s.guard.take(login, addr, s.opts.Now()); !ok {
		s.metrics.logins.WithLabelValues("refused").Inc()
		return User{}, tooManyTries(wait)
	}
	id, hash, err := credentials(ctx, s.opts.Pool, login)
	if err != nil {
		s.guard.giveBack(login, addr, s.opts.Now())
		return User{}, err
	}
	ok, err := s.guard.matches(password, hash)
	if err != nil {
		s.guard.giveBack(login, addr, s.opts.Now())
		return User{}, err
	}
	if !ok {
		s.metrics.logins.WithLabelValues("failed").Inc()
		if err := s.auditAs(ctx, uuid.Nil, "login.failed", "login", login, map[string]any{"addr": req.addr.String()}); err != nil {
			return User{}, err
		}
		return User{}, newProblem(http.StatusUnauthorized, wrongCredentials, "login or password is wrong")
	}
	s.guard.giveBack(login, addr, s.opts.Now())
	s.metrics.logins.WithLabelValues("ok").Inc()
	user, err := getUser(ctx, s.opts.Pool, id)
	if err != nil {
		return User{}, err
	}
	req.user = &user // for the log line
	return user, nil
}

// cookie carries a session token; an empty one removes it.
func (s *Server) cookie(token string, expiry time.Time) http.Cookie {
	c := s.sessions.Cookie
	out := http.Cookie{Name: c.Name, Value: token, Path: c.Path, HttpOnly: c.HttpOnly, SameSite: c.SameSite, Secure: c.Secure}
	if token == "" {
		out.MaxAge = -1
		return out
	}
	out.Expires = expiry.UTC()
	out.MaxAge = int(time.Until(expiry).Seconds())
	return out
}

type cookieOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

// logout ends this session, on the server first, and cuts its sockets.
func (s *Server) logout(ctx context.Context, _ *struct{}) (*cookieOutput, error) {
	token := requestOf(ctx).token
	if err := s.store.DeleteCtx(ctx, token); err != nil {
		return nil, err
	}
	s.sockets.cutToken(token)
	return &cookieOutput{SetCookie: []http.Cookie{s.cookie("", time.Time{})}}, nil
}

// EndSessions ends every session of a user: REST answers 401 from now on, his sockets are cut on every
// node; should the relay between nodes be away, by the node's own watch within seconds.
func (s *Server) EndSessions(ctx context.Context, user uuid.UUID) error {
	if err := s.store.endAll(ctx, user); err != nil {
		return err
	}
	s.opts.Hub.Kick(user)
	return nil
}

func (s *Server) me(ctx context.Context, _ *struct{}) (*body[User], error) {
	return &body[User]{userOf(ctx)}, nil
}

type meInput struct {
	Body struct {
		Language string `json:"language" enum:"en,zh-CN"`
	}
}

func (s *Server) putMe(ctx context.Context, in *meInput) (*body[User], error) {
	u, err := updateUser(ctx, s.opts.Pool, userOf(ctx).ID, userChange{Language: &in.Body.Language})
	if err != nil {
		return nil, err
	}
	return &body[User]{u}, nil
}

type passwordInput struct {
	Body struct {
		Old string `json:"old" maxLength:"200" writeOnly:"true"`
		New string `json:"new" minLength:"8" maxLength:"200" writeOnly:"true"`
	}
}

// putPassword changes the caller's own password and ends all his sessions, this one too: he signs in anew.
func (s *Server) putPassword(ctx context.Context, in *passwordInput) (*cookieOutput, error) {
	u := userOf(ctx)
	if why := checkPassword(u.Login, in.Body.New); why != "" {
		return nil, invalid("body.new", why)
	}
	var wrong *Problem
	if _, err := s.checkLogin(ctx, u.Login, in.Body.Old); errors.As(err, &wrong) && wrong.Code == wrongCredentials {
		return nil, invalid("body.old", "is not your password")
	} else if err != nil {
		return nil, err
	}
	if err := s.setPassword(ctx, u.ID, in.Body.New); err != nil {
		return nil, err
	}
	return &cookieOutput{SetCookie: []http.Cookie{s.cookie("", time.Time{})}}, nil
}

func (s *Server) setPassword(ctx context.Context, id uuid.UUID, password string) error {
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	if err := s.audit(ctx, "user.password", "user", id.String(), nil); err != nil {
		return err
	}
	if _, err := updateUser(ctx, s.opts.Pool, id, userChange{PasswordHash: &hash}); err != nil {
		return err
	}
	return s.EndSessions(ctx, id)
}

func (s *Server) hash(ctx context.Context, password string) (string, error) {
	release, err := s.guard.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return argon2id.CreateHash(password, &s.guard.params)
}
