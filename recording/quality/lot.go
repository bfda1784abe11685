package quality

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// Lot is a call's place in the draw, evenly spread from 0 to below 1: the first 52 bits of the SHA-256 (FIPS 180-4) of the
// installation's key and the attempt's id. It is the same under every rule and at every time.
func Lot(key []byte, attempt uuid.UUID) float64 {
	h := sha256.Sum256(append(append(make([]byte, 0, len(key)+len(attempt)), key...), attempt[:]...))
	return float64(binary.BigEndian.Uint64(h[:8])>>12) / (1 << 52)
}

// lotSQL is [Lot] where k.key is the key and r.attempt_id the attempt.
const lotSQL = `(('x' || left(encode(sha256(k.key || uuid_send(r.attempt_id)), 'hex'), 13))::bit(52)::bigint / 4503599627370496::float8)`

// WeekOf is the Monday, 00:00 UTC, of the week that at is in.
func WeekOf(at time.Time) time.Time {
	at = at.UTC()
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}
