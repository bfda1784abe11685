package api

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

// PasswordParams are the argon2id parameters of new passwords: 19 MiB and two passes, the minimum that OWASP's password
// storage cheat sheet names, about 30 ms of one core.
var PasswordParams = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

const (
	passwordMin = 8   // characters; NIST SP 800-63B
	passwordMax = 200 // bytes, so that hashing a password costs no more than it must
)

// passwords hashes and checks passwords, few at a time: each check takes 19 MiB and a core.
type passwords struct {
	params argon2id.Params
	slots  chan struct{}
	decoy  string // hash of nobody's password, checked for unknown logins so that they cost the same time
}

func newPasswords(params argon2id.Params, slots int) (*passwords, error) {
	decoy, err := argon2id.CreateHash("nobody has this password", &params)
	if err != nil {
		return nil, fmt.Errorf("hash a password: %w", err)
	}
	return &passwords{params: params, slots: make(chan struct{}, slots), decoy: decoy}, nil
}

// acquire waits for a slot; the caller calls release.
func (p *passwords) acquire(ctx context.Context) (release func(), err error) {
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a password check: %w", ctx.Err())
	}
}

// matches compares in constant time. hash "" stands for an unknown login: it costs the same and never matches.
func (p *passwords) matches(password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		hash = p.decoy
	}
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("check a password: %w", err)
	}
	return ok && known, nil
}

// checkPassword returns why a new password is not taken, or "".
func checkPassword(login, password string) string {
	switch {
	case !utf8.ValidString(password):
		return "is not UTF-8 text"
	case utf8.RuneCountInString(password) < passwordMin:
		return fmt.Sprintf("has fewer than %d characters", passwordMin)
	case len(password) > passwordMax:
		return fmt.Sprintf("is longer than %d bytes", passwordMax)
	case strings.EqualFold(password, login):
		return "is the same as the login"
	}
	return ""
}
