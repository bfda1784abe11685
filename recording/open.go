package recording

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Open returns the audio of one attempt whose checksum was verified, a WAV or an Ogg Opus file as Recording.Format says, or
// ErrNotFound or ErrDamaged. The caller writes his audit row before he passes on a byte (invariant I15) and closes the reader; ctx
// holds until then.
func (a *Archive) Open(ctx context.Context, attempt uuid.UUID) (io.ReadSeekCloser, error) {
	var name, key string
	var want []byte
	err := a.cfg.Pool.QueryRow(ctx, `SELECT CASE WHEN wav_gone_at IS NULL THEN path ELSE opus_path END, CASE WHEN wav_gone_at IS NULL THEN key_id ELSE opus_key_id END,
		CASE WHEN wav_gone_at IS NULL THEN sha256 ELSE opus_sha256 END FROM recordings WHERE attempt_id = $1`, attempt).Scan(&name, &key, &want)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read recording: %w", err)
	}
	return a.openBlob(ctx, name, key, want)
}

// opened is a file of the store, decrypted.
type opened struct {
	*io.SectionReader
	blob Blob
}

func (o opened) Close() error { return o.blob.Close() }

// openBlob opens, decrypts and verifies a file of the store.
func (a *Archive) openBlob(ctx context.Context, name, key string, want []byte) (io.ReadSeekCloser, error) {
	b, err := a.cfg.Blobs.Open(ctx, name)
	if errors.Is(err, ErrNoBlob) {
		return nil, ErrDamaged
	}
	if err != nil {
		return nil, err
	}
	w := &witness{Blob: b}
	r, size, err := a.cfg.Keys.unseal(key, w)
	if err == nil {
		err = a.prove(name, io.NewSectionReader(r, 0, size), want, w)
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return opened{io.NewSectionReader(r, 0, size), b}, nil
}

// prove compares the checksum. A file of another machine's store is not fetched whole for each range that a player asks for: for
// some minutes its proof stands.
func (a *Archive) prove(name string, r io.Reader, want []byte, w *witness) error {
	_, local := a.cfg.Blobs.(Local)
	if !local && a.proved.stands(name, a.cfg.Now()) {
		return nil
	}
	got, err := checksum(r)
	switch {
	case err != nil && w.err == nil: // the store gave all bytes, and they could not be decrypted
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case err != nil:
		return err
	case !bytes.Equal(got, want):
		return ErrDamaged
	}
	a.proved.note(name, a.cfg.Now())
	return nil
}

// witness remembers whether the store itself failed.
type witness struct {
	Blob
	err error
}

func (w *witness) ReadAt(b []byte, at int64) (int, error) {
	n, err := w.Blob.ReadAt(b, at)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

const (
	proofTime = 10 * time.Minute
	maxProofs = 10_000
)

// proved remembers which files were verified lately.
type proved struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (p *proved) stands(name string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.at[name]
	return ok && now.Sub(at) < proofTime
}

func (p *proved) note(name string, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at == nil || len(p.at) >= maxProofs {
		p.at = map[string]time.Time{}
	}
	p.at[name] = now
}
