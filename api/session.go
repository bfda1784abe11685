package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// CookieName is the name of the session cookie.
const CookieName = "dialtide_session"

const sessionUser = "user" // the only value in a session

// sessionStore keeps sessions in PostgreSQL, in the table that scs/pgxstore uses. Unlike that one it honours contexts, so
// that a slow database cannot hold requests beyond their deadline, and starts no goroutine of its own.
type sessionStore struct{ pool *pgxpool.Pool }

var _ scs.CtxStore = sessionStore{}

func (s sessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.pool.QueryRow(ctx, `SELECT data FROM sessions WHERE token = $1 AND now() < expiry`, token).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find session: %w", err)
	}
	return data, true, nil
}

func (s sessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO sessions (token, data, expiry) VALUES ($1, $2, $3)
		ON CONFLICT (token) DO UPDATE SET data = EXCLUDED.data, expiry = EXCLUDED.expiry`, token, data, expiry)
	if err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	return nil
}

func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	if _, err := s.pool.Exec(ctx, `DELETE FROM sessions WHERE token = $1`, token); err != nil {
		return fmt.Errorf("delete session: %w", err)
	}
	return nil
}

// scs asks for these as well; with a CtxStore it never calls them.

func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s sessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

func (s sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// endAll deletes every session of a user, which the data names in its first 16 bytes.
func (s sessionStore) endAll(ctx context.Context, user uuid.UUID) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM sessions WHERE substring(data from 1 for 16) = $1`, user[:])
	if err != nil {
		return fmt.Errorf("end sessions of user %s: %w", user, err)
	}
	return nil
}

// alive returns those of the hashed tokens whose session exists and whose user is not disabled.
func (s sessionStore) alive(ctx context.Context, tokens []string) (map[string]bool, error) {
	rows, err := s.pool.Query(ctx, `SELECT s.token FROM sessions s
		JOIN users u ON u.id = encode(substring(s.data from 1 for 16), 'hex')::uuid
		WHERE s.token = ANY ($1) AND now() < s.expiry AND NOT u.disabled`, tokens)
	if err != nil {
		return nil, fmt.Errorf("look at sessions: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look at sessions: %w", err)
	}
	alive := make(map[string]bool, len(found))
	for _, t := range found {
		alive[t] = true
	}
	return alive, nil
}

// sweep deletes expired sessions.
func (s sessionStore) sweep(ctx context.Context) error {
	if _, err := s.pool.Exec(ctx, `DELETE FROM sessions WHERE expiry < now()`); err != nil {
		return fmt.Errorf("delete expired sessions: %w", err)
	}
	return nil
}

// sessionCodec writes a session as the user's id (16 bytes) and the deadline (8 bytes, Unix microseconds): small, readable
// by SQL, and nothing in it can be decoded into a surprise.
type sessionCodec struct{}

func (sessionCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	id, err := uuid.Parse(fmt.Sprint(values[sessionUser]))
	if err != nil {
		return nil, fmt.Errorf("session without a user: %w", err)
	}
	return binary.BigEndian.AppendUint64(id[:], uint64(deadline.UnixMicro())), nil
}

func (sessionCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	if len(b) != 24 {
		return time.Time{}, nil, fmt.Errorf("session data of %d bytes", len(b))
	}
	id, err := uuid.FromBytes(b[:16])
	if err != nil {
		return time.Time{}, nil, fmt.Errorf("session data: %w", err)
	}
	deadline := time.UnixMicro(int64(binary.BigEndian.Uint64(b[16:]))).UTC()
	return deadline, map[string]any{sessionUser: id.String()}, nil
}

// hashedToken is how the store knows a token (scs with HashTokenInStore).
func hashedToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func newSessions(pool *pgxpool.Pool, lifetime time.Duration, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Store = sessionStore{pool}
	m.Codec = sessionCodec{}
	m.Lifetime = lifetime
	m.HashTokenInStore = true
	m.Cookie.Name = CookieName
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = secure
	m.Cookie.Path = "/"
	return m
}
