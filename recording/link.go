package recording

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Link lets whoever has it hear one recording until a moment.
type Link struct {
	Attempt uuid.UUID
	By      uuid.UUID // user who made it
	Until   time.Time
}

// Links makes and reads signed links: attempt, user and time with an HMAC-SHA-256 (RFC 2104) over all of them.
type Links struct{ key []byte }

const (
	linkBody   = 16 + 16 + 8
	linkDomain = "dialtide recording link 1\x00" // no other signature of ours has these words before it
)

// Links reads the key of this installation; the first call makes it.
func (a *Archive) Links(ctx context.Context) (*Links, error) {
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, fmt.Errorf("key of recording links: %w", err)
	}
	l := &Links{}
	err := a.cfg.Pool.QueryRow(ctx, `SELECT key FROM recording_link_keys`).Scan(&l.key)
	if err == nil {
		return l, nil
	}
	if _, err := a.cfg.Pool.Exec(ctx, `INSERT INTO recording_link_keys (id, key) VALUES (1, $1) ON CONFLICT DO NOTHING`, fresh); err != nil {
		return nil, fmt.Errorf("key of recording links: %w", err)
	}
	if err := a.cfg.Pool.QueryRow(ctx, `SELECT key FROM recording_link_keys`).Scan(&l.key); err != nil {
		return nil, fmt.Errorf("key of recording links: %w", err)
	}
	return l, nil
}

func (l *Links) sign(body []byte) []byte {
	m := hmac.New(sha256.New, l.key)
	m.Write([]byte(linkDomain))
	m.Write(body)
	return m.Sum(nil)
}

// Make gives the token of a link.
func (l *Links) Make(k Link) string {
	b := make([]byte, 0, linkBody+sha256.Size)
	b = append(b, k.Attempt[:]...)
	b = append(b, k.By[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(k.Until.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b, l.sign(b)...))
}

// Read gives back what a token says. false: it is forged, changed, or its time is over at now.
func (l *Links) Read(token string, now time.Time) (Link, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != linkBody+sha256.Size || !hmac.Equal(b[linkBody:], l.sign(b[:linkBody])) {
		return Link{}, false
	}
	k := Link{Attempt: uuid.UUID(b[:16]), By: uuid.UUID(b[16:32]), Until: time.Unix(int64(binary.BigEndian.Uint64(b[32:])), 0)}
	return k, now.Before(k.Until)
}
