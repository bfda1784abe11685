package lists

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// AuditEntry is one act that must be answered for.
type AuditEntry struct {
	ID     int64           `json:"id"`
	At     time.Time       `json:"at"`
	Actor  *uuid.UUID      `json:"actor" doc:"user; null: the system"`
	Action string          `json:"action"`
	Object string          `json:"object"`
	Detail json.RawMessage `json:"detail"`
}

// Audit appends an entry to the audit log and commits it; what it tells of must happen only after that. actor may be
// uuid.Nil for the system. detail is anything that JSON can hold, nil for nothing.
func (s *Store) Audit(ctx context.Context, actor uuid.UUID, action, object string, detail any) error {
	raw := []byte("{}")
	if detail != nil {
		var err error
		if raw, err = json.Marshal(detail); err != nil {
			return fmt.Errorf("audit %s: %w", action, err)
		}
	}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		return audit(ctx, tx, actor, CleanText(action, 100), CleanText(object, 500), string(raw))
	})
	if err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	return nil
}

// audit links a row to the one before. The lock on the head keeps the chain from branching.
func audit(ctx context.Context, tx pgx.Tx, actor uuid.UUID, action, object, detail string) error {
	var prev []byte
	l := link{action: action, object: object}
	if actor != uuid.Nil {
		l.actor = &actor
	}
	// The text of detail is hashed as the database writes it, for jsonb does not keep the text that it was given.
	err := tx.QueryRow(ctx, `SELECT hash, clock_timestamp(), $1::jsonb::text FROM audit_head FOR UPDATE`, detail).Scan(&prev, &l.at, &l.detail)
	if err != nil {
		return err
	}
	hash := l.hash(prev)
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO audit (at, actor, action, object, detail, prev_hash, hash) VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7)`,
		l.at, l.actor, l.action, l.object, l.detail, prev, hash)
	b.Queue(`UPDATE audit_head SET hash = $1, entries = entries + 1`, hash)
	return tx.SendBatch(ctx, b).Close()
}

type link struct {
	at                     time.Time
	actor                  *uuid.UUID
	action, object, detail string
}

func (l link) hash(prev []byte) []byte {
	h := sha256.New()
	put := func(b []byte) { // length first, so that no two rows read the same
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	put(prev)
	put(fmt.Append(nil, l.at.UnixMicro()))
	if l.actor == nil {
		put(nil)
	} else {
		put(l.actor[:])
	}
	put([]byte(l.action))
	put([]byte(l.object))
	put([]byte(l.detail))
	return h.Sum(nil)
}

// AuditError says where the chain of the audit log is broken.
type AuditError struct {
	ID  int64 // the first row that does not fit; 0: rows are missing at the end
	Why string
}

func (e *AuditError) Error() string { return fmt.Sprintf("audit log, row %d: %s", e.ID, e.Why) }

// VerifyAudit reads the whole audit log in one snapshot and returns how many entries are sound. *AuditError: a row was
// changed, removed, added or moved.
func (s *Store) VerifyAudit(ctx context.Context) (entries int64, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		entries = 0
		prev := []byte{}
		rows, err := tx.Query(ctx, `SELECT id, at, actor, action, object, detail::text, prev_hash, hash FROM audit ORDER BY id`)
		if err != nil {
			return err
		}
		var id int64
		var l link
		var before, hash []byte
		_, err = pgx.ForEachRow(rows, []any{&id, &l.at, &l.actor, &l.action, &l.object, &l.detail, &before, &hash}, func() error {
			if subtle.ConstantTimeCompare(before, prev) != 1 {
				return &AuditError{id, "a row before it is missing, or it was moved"}
			}
			if subtle.ConstantTimeCompare(l.hash(before), hash) != 1 {
				return &AuditError{id, "it was changed"}
			}
			prev, entries = append([]byte(nil), hash...), entries+1
			return nil
		})
		if err != nil {
			return err
		}
		var want int64
		var head []byte
		if err := tx.QueryRow(ctx, `SELECT entries, hash FROM audit_head`).Scan(&want, &head); err != nil {
			return err
		}
		if want != entries || subtle.ConstantTimeCompare(head, prev) != 1 {
			return &AuditError{0, fmt.Sprintf("%d entries, but %d were written", entries, want)}
		}
		return nil
	})
	if err != nil {
		return entries, fmt.Errorf("verify audit log: %w", err)
	}
	return entries, nil
}

// AuditLog returns entries, newest first, with ids below before when that is not 0.
func (s *Store) AuditLog(ctx context.Context, before int64, limit int) ([]AuditEntry, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, at, actor, action, object, detail FROM audit WHERE $1 = 0 OR id < $1
		ORDER BY id DESC LIMIT $2`, before, page(limit))
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[AuditEntry])
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	return out, nil
}

// jsonText is v as JSON, for details of our own making, which can always be written so.
func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "{}"
	}
	return string(b)
}
