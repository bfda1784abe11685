package recording

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Recording is one stored recording as pages show it.
type Recording struct {
	AttemptID   uuid.UUID  `json:"attempt_id"`
	CampaignID  uuid.UUID  `json:"campaign_id"`
	Campaign    string     `json:"campaign"`
	AgentID     *uuid.UUID `json:"agent_id,omitempty"`
	Agent       string     `json:"agent"`
	ContactID   uuid.UUID  `json:"contact_id"`
	Contact     string     `json:"contact"`
	Phone       string     `json:"phone"`
	Disposition string     `json:"disposition"`
	SHA256      string     `json:"sha256" doc:"checksum of the audio file, hexadecimal"`
	Bytes       int64      `json:"bytes"`
	DurationMS  int64      `json:"duration_ms"`
	Channels    int        `json:"channels" doc:"2: customer left, agent right"`
	CreatedAt   time.Time  `json:"created_at"`
}

// Filter narrows a search; zero fields do not narrow.
type Filter struct {
	Campaign uuid.UUID
	Agent    uuid.UUID
	Before   time.Time // only recordings made before this moment: the next page
	Limit    int       // at most 500; 0 means 50
}

var (
	// ErrNotFound says that the attempt has no recording.
	ErrNotFound = errors.New("there is no recording of this attempt")
	// ErrDamaged says that the stored file is missing or is not the one that was recorded.
	ErrDamaged = errors.New("the recording is missing or damaged in the store: its checksum does not match")
)

const selectRecording = `
	SELECT r.attempt_id, r.campaign_id, coalesce(c.name, ''), r.agent_id, coalesce(u.name, ''),
	       coalesce(a.contact_id, '00000000-0000-0000-0000-000000000000'), coalesce(k.name, ''), coalesce(a.phone, ''),
	       coalesce(d.code, ''), encode(r.sha256, 'hex'), r.bytes, r.duration_ms, r.channels, r.created_at
	FROM recordings r
	LEFT JOIN campaigns c ON c.id = r.campaign_id
	LEFT JOIN users u ON u.id = r.agent_id
	LEFT JOIN attempts a ON a.id = r.attempt_id
	LEFT JOIN contacts k ON k.id = a.contact_id
	LEFT JOIN dispositions d ON d.attempt_id = r.attempt_id`

func scanRecording(row pgx.CollectableRow) (Recording, error) {
	var r Recording
	err := row.Scan(&r.AttemptID, &r.CampaignID, &r.Campaign, &r.AgentID, &r.Agent, &r.ContactID, &r.Contact, &r.Phone,
		&r.Disposition, &r.SHA256, &r.Bytes, &r.DurationMS, &r.Channels, &r.CreatedAt)
	return r, err
}

// Search returns recordings, newest first.
func (a *Archive) Search(ctx context.Context, f Filter) ([]Recording, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	rows, err := a.cfg.Pool.Query(ctx, selectRecording+`
		WHERE ($1 = '00000000-0000-0000-0000-000000000000'::uuid OR r.campaign_id = $1)
		  AND ($2 = '00000000-0000-0000-0000-000000000000'::uuid OR r.agent_id = $2)
		  AND ($3::timestamptz IS NULL OR r.created_at < $3)
		ORDER BY r.created_at DESC LIMIT $4`, f.Campaign, f.Agent, nullTime(f.Before), min(f.Limit, 500))
	if err != nil {
		return nil, fmt.Errorf("search recordings: %w", err)
	}
	return pgx.CollectRows(rows, scanRecording)
}

// Get returns the recording of one attempt, or ErrNotFound.
func (a *Archive) Get(ctx context.Context, attempt uuid.UUID) (Recording, error) {
	rows, err := a.cfg.Pool.Query(ctx, selectRecording+` WHERE r.attempt_id = $1`, attempt)
	if err != nil {
		return Recording{}, fmt.Errorf("read recording: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRecording)
	if errors.Is(err, pgx.ErrNoRows) {
		return Recording{}, ErrNotFound
	}
	return r, err
}

// Open returns the audio of one attempt as a WAV file whose checksum was just verified, or ErrNotFound or ErrDamaged.
// The caller writes his audit row before he passes on a byte (invariant I15) and closes the reader.
func (a *Archive) Open(ctx context.Context, attempt uuid.UUID) (io.ReadSeekCloser, error) {
	var rel string
	var want []byte
	err := a.cfg.Pool.QueryRow(ctx, `SELECT path, sha256 FROM recordings WHERE attempt_id = $1`, attempt).Scan(&rel, &want)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read recording: %w", err)
	}
	f, err := os.Open(filepath.Join(a.cfg.Store, rel))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrDamaged
	}
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	got, _, err := checksum(f)
	if err == nil && !bytes.Equal(got, want) {
		err = ErrDamaged
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func nullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
