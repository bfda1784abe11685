package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// door stands before every route: who is it, may he, how long and how much. Nothing of a handler runs before it.
func (s *Server) door(rt route, handle http.HandlerFunc) http.HandlerFunc {
	limit, timeout := rt.body, rt.timeout
	switch {
	case limit == 0:
		limit = defaultBody
	case limit < 0:
		limit = s.opts.MaxUpload + formOverhead
	}
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return func(w http.ResponseWriter, r *http.Request) {
		req := requestOf(r.Context())
		req.route = rt.id
		if timeout > 0 {
			ctx, cancel := context.WithTimeout(r.Context(), timeout)
			defer cancel()
			r = r.WithContext(ctx)
			deadlines(w, timeout, timeout+5*time.Second)
		}
		if !rt.access.public {
			if p := s.enter(r, rt.access); p != nil {
				writeProblem(w, r, p)
				return
			}
		}
		if r.ContentLength > limit {
			w.Header().Set("Connection", "close")
			writeProblem(w, r, tooLarge(limit))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		handle(w, r)
	}
}

// deadlines bound the connection from now on, by the real clock. A recorder in a test has none, which is no error.
func deadlines(w http.ResponseWriter, read, write time.Duration) {
	c, now := http.NewResponseController(w), time.Now()
	_ = c.SetReadDeadline(now.Add(read))
	_ = c.SetWriteDeadline(now.Add(write))
}

// enter finds the user of the session and checks his role. It reads the database each time: what was taken away is gone
// with the next request.
func (s *Server) enter(r *http.Request, a access) *Problem {
	req := requestOf(r.Context())
	user, token, err := s.whoIs(r)
	if err != nil {
		return s.problem(r.Context(), err)
	}
	if user == nil {
		return newProblem(http.StatusUnauthorized, "not_signed_in", "sign in first")
	}
	req.user, req.token = user, token
	if !a.allows(user.Role) {
		return newProblem(http.StatusForbidden, "forbidden", "your role ("+string(user.Role)+") may not do this")
	}
	return nil
}

// whoIs returns the user of the request's session and the session's hashed token; nil when there is no valid session.
func (s *Server) whoIs(r *http.Request) (*User, string, error) {
	cookie, err := r.Cookie(CookieName)
	if err != nil || len(cookie.Value) == 0 || len(cookie.Value) > 128 {
		return nil, "", nil
	}
	ctx, err := s.sessions.Load(r.Context(), cookie.Value)
	if err != nil {
		return nil, "", err
	}
	id, err := uuid.Parse(s.sessions.GetString(ctx, sessionUser))
	if err != nil {
		return nil, "", nil // no session of this token
	}
	user, err := getUser(r.Context(), s.opts.Pool, id)
	if errors.Is(err, errNoUser) || (err == nil && user.Disabled) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	return &user, hashedToken(cookie.Value), nil
}
