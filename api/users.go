package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"
)

// body is an answer that has only a JSON body.
type body[T any] struct{ Body T }

// page is a JSON list with room beside it, so that paging can be added to any of them without breaking clients.
type page[T any] struct {
	Items []T `json:"items" nullable:"false"`
}

func items[T any](list []T) *body[page[T]] {
	if list == nil {
		list = []T{}
	}
	return &body[page[T]]{page[T]{list}}
}

// ByID is the path parameter of most routes. It is exported because huma looks into embedded structs only when they are.
type ByID struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

func (s *Server) users(ctx context.Context, _ *struct{}) (*body[page[User]], error) {
	users, err := allUsers(ctx, s.opts.Pool)
	if err != nil {
		return nil, err
	}
	return items(users), nil
}

type newUserInput struct{ Body NewUser }

func (s *Server) postUser(ctx context.Context, in *newUserInput) (*body[User], error) {
	n := in.Body
	if err := n.check(); err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "user.create", "user", n.Login, map[string]any{"role": n.Role, "name": n.Name}); err != nil {
		return nil, err
	}
	release, err := s.guard.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	u, err := createUser(ctx, s.opts.Pool, n, s.guard.params)
	if err != nil {
		return nil, err
	}
	return &body[User]{u}, nil
}

type userInput struct {
	ByID
	Body struct {
		Name      *string    `json:"name,omitempty" minLength:"1" maxLength:"80"`
		Role      *Role      `json:"role,omitempty" enum:"agent,supervisor,list_manager,admin"`
		PhoneKind *PhoneKind `json:"phone_kind,omitempty" enum:"sip,webrtc" doc:"webrtc: the softphone in the agent's page, for agents only; it needs no endpoint"`
		Endpoint  *string    `json:"endpoint,omitempty" pattern:"^[A-Za-z0-9_-]{0,40}$"`
		Language  *string    `json:"language,omitempty" enum:"en,zh-CN"`
		Disabled  *bool      `json:"disabled,omitempty" doc:"true: no sign-in, and every session ends now"`
		Password  *string    `json:"password,omitempty" minLength:"8" maxLength:"200" writeOnly:"true" doc:"a new password; every session of the user ends"`
	}
}

// putUser changes an account. Whatever takes rights away ends the user's sessions.
func (s *Server) putUser(ctx context.Context, in *userInput) (*body[User], error) {
	b := in.Body
	before, err := getUser(ctx, s.opts.Pool, in.ID)
	if err != nil {
		return nil, err
	}
	demoted := b.Role != nil && *b.Role != before.Role
	disabled := b.Disabled != nil && *b.Disabled
	if in.ID == userOf(ctx).ID && (demoted || disabled) {
		return nil, newProblem(http.StatusConflict, "own_account", "you cannot take your own rights away: let another admin do it")
	}
	change := userChange{Name: b.Name, Endpoint: b.Endpoint, Language: b.Language, Role: b.Role, Disabled: b.Disabled}
	if err := change.choosePhone(before, b.PhoneKind); err != nil {
		return nil, err
	}
	if b.Password != nil {
		if why := checkPassword(before.Login, *b.Password); why != "" {
			return nil, invalid("body.password", why)
		}
		hash, err := s.hash(ctx, *b.Password)
		if err != nil {
			return nil, err
		}
		change.PasswordHash = &hash
	}
	detail := map[string]any{"login": before.Login, "name": b.Name, "role": b.Role, "phone_kind": b.PhoneKind, "endpoint": b.Endpoint, "disabled": b.Disabled, "password": b.Password != nil}
	if err := s.audit(ctx, "user.change", "user", in.ID.String(), detail); err != nil {
		return nil, err
	}
	u, err := updateUser(ctx, s.opts.Pool, in.ID, change)
	if err != nil {
		return nil, err
	}
	if before.PhoneKind == PhoneWebRTC && u.PhoneKind != PhoneWebRTC {
		if err := s.forgetPhone(ctx, in.ID); err != nil {
			return nil, err
		}
	}
	if demoted || disabled || b.Password != nil {
		if err := s.EndSessions(ctx, in.ID); err != nil {
			return nil, err
		}
	}
	return &body[User]{u}, nil
}

// deleteSessions ends every session of a user at once: a lost laptop, a shared password.
func (s *Server) deleteSessions(ctx context.Context, in *ByID) (*struct{}, error) {
	if _, err := getUser(ctx, s.opts.Pool, in.ID); err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "user.end_sessions", "user", in.ID.String(), nil); err != nil {
		return nil, err
	}
	return nil, s.EndSessions(ctx, in.ID)
}
