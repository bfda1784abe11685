package recording

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

const (
	rawSuffix = ".raw"
	// A spooled file that was written to this recently may still be open in the switch: its writer flushes some
	// milliseconds after the channel is gone.
	settleTime = time.Second
	idleSweep  = 5 * time.Second
)

// Config says where the switch captures and where recordings are kept.
type Config struct {
	Pool  *pgxpool.Pool
	Spool string // folder that the switch writes into; must be readable and its files removable by us
	Store string // folder that keeps the finished recordings
	Log   *slog.Logger
	Now   func() time.Time // wall clock, compared with file times
	Reg   prometheus.Registerer
}

// Archive moves captured calls from the spool into the store. Its methods may be called by several goroutines; RunOnce
// by one at a time.
type Archive struct {
	cfg     Config
	wake    chan struct{}
	stored  prometheus.Counter
	failed  prometheus.Counter
	backlog prometheus.Gauge
}

// New makes the store when it is missing. The spool must be there: it belongs to the switch, and one that we made could not
// be written by it, so that nothing would be recorded and nobody would notice.
func New(cfg Config) (*Archive, error) {
	for _, dir := range []string{cfg.Spool, cfg.Store} {
		if !filepath.IsAbs(dir) {
			return nil, fmt.Errorf("recording folder %q: need an absolute path, the switch must see the same one", dir)
		}
	}
	if info, err := os.Stat(cfg.Spool); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("the spool folder %s is not there: make it so that Asterisk and this user may write to it (deploy/asterisk/README.md)", cfg.Spool)
	}
	if err := os.MkdirAll(cfg.Store, 0o750); err != nil {
		return nil, fmt.Errorf("recording folder: %w", err)
	}
	a := &Archive{cfg: cfg, wake: make(chan struct{}, 1),
		stored: prometheus.NewCounter(prometheus.CounterOpts{Name: "dialtide_recordings_stored_total",
			Help: "Recordings moved into the store and verified."}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{Name: "dialtide_recordings_failed_total",
			Help: "Tries to store a recording that failed; the spooled file is kept and tried again."}),
		backlog: prometheus.NewGauge(prometheus.GaugeOpts{Name: "dialtide_recordings_spooled",
			Help: "Captured files in the spool, those of running calls among them."}),
	}
	if cfg.Reg != nil {
		cfg.Reg.MustRegister(a.stored, a.failed, a.backlog)
	}
	return a, nil
}

// SpoolPath is where the switch must capture the attempt.
func SpoolPath(spool string, attempt uuid.UUID) string {
	return filepath.Join(spool, attempt.String()+rawSuffix)
}

// Wake tells that a call has ended, so that its recording need not wait for the next sweep. It never blocks.
func (a *Archive) Wake() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// Run sweeps the spool until ctx ends.
func (a *Archive) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.wake:
			// The file is not settled yet at this moment: come back when it is.
			timer.Reset(settleTime + 100*time.Millisecond)
			continue
		case <-timer.C:
		}
		if _, err := a.RunOnce(ctx); err != nil && ctx.Err() == nil {
			a.cfg.Log.Warn("recordings: sweep failed, will be tried again", "err", err)
		}
		timer.Reset(idleSweep)
	}
}

// RunOnce stores every captured file whose attempt has ended, and returns how many it stored. One file that fails does
// not stop the others; the first error is returned.
func (a *Archive) RunOnce(ctx context.Context) (int, error) {
	files, err := a.settled()
	if err != nil {
		return 0, err
	}
	first := a.removeDeleted(ctx)
	if len(files) == 0 {
		return 0, first
	}
	ended, err := a.endedAttempts(ctx, files)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, att := range ended {
		// A former sweep could not remove the capture, or did not come to it; or its recording was deleted before it was one.
		if att.stored || att.deleted {
			if err := os.Remove(SpoolPath(a.cfg.Spool, att.id)); err != nil && !errors.Is(err, fs.ErrNotExist) && first == nil {
				first = fmt.Errorf("stored captures stay in the spool, this user may not remove them: %w", err)
			}
			continue
		}
		switch err := a.store(ctx, att); {
		case err != nil:
			a.failed.Inc()
			a.cfg.Log.Warn("recording not stored yet", "attempt", att.id, "err", err)
			if first == nil {
				first = err
			}
		default:
			n++
		}
	}
	return n, first
}

type endedAttempt struct {
	id, campaign uuid.UUID
	agent        *uuid.UUID
	endedAt      time.Time
	stored       bool // its recording is in the store already
	deleted      bool // its recording must not be kept
}

// settled lists the attempts whose capture nobody writes to any more.
func (a *Archive) settled() ([]uuid.UUID, error) {
	entries, err := os.ReadDir(a.cfg.Spool)
	if err != nil {
		return nil, fmt.Errorf("read spool: %w", err)
	}
	var ids []uuid.UUID
	count := 0
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), rawSuffix)
		if !ok {
			continue
		}
		id, err := uuid.Parse(name)
		if err != nil {
			continue
		}
		count++
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read spool: %w", err)
		}
		if info.Mode().IsRegular() && a.cfg.Now().Sub(info.ModTime()) >= settleTime {
			ids = append(ids, id)
		}
	}
	a.backlog.Set(float64(count))
	return ids, nil
}

func (a *Archive) endedAttempts(ctx context.Context, ids []uuid.UUID) ([]endedAttempt, error) {
	rows, err := a.cfg.Pool.Query(ctx,
		`SELECT id, campaign_id, agent_id, ended_at,
		EXISTS (SELECT FROM recordings WHERE attempt_id = id), EXISTS (SELECT FROM recording_deletions WHERE attempt_id = id) FROM attempts WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("look up attempts of recordings: %w", err)
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (endedAttempt, error) {
		var e endedAttempt
		err := r.Scan(&e.id, &e.campaign, &e.agent, &e.endedAt, &e.stored, &e.deleted)
		return e, err
	})
}

// store writes the recording, reads it back, commits its row and only then removes the capture.
func (a *Archive) store(ctx context.Context, att endedAttempt) error {
	spooled := SpoolPath(a.cfg.Spool, att.id)
	raw, err := os.Open(spooled)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open capture: %w", err)
	}
	defer func() { _ = raw.Close() }()
	info, err := raw.Stat()
	if err != nil {
		return fmt.Errorf("stat capture: %w", err)
	}
	if info.Size() < frameBytes { // answered but never bridged: there was nothing to record
		return os.Remove(spooled)
	}
	if info.Size() > math.MaxUint32-wavHeaderBytes {
		return fmt.Errorf("capture of %d bytes is over the 4 GiB of a WAV file", info.Size())
	}
	rel := filepath.Join(att.endedAt.UTC().Format("2006/01/02"), att.id.String()+".wav")
	sum, size, err := a.write(filepath.Join(a.cfg.Store, rel), raw, info.Size())
	if err != nil {
		return err
	}
	switch stored, err := a.insert(ctx, att, rel, sum, size, duration(info.Size()).Milliseconds()); {
	case err != nil:
		return err
	case !stored:
		return a.removeFiles(att.id, rel)
	}
	a.stored.Inc()
	return os.Remove(spooled)
}

// write makes the stored file under a temporary name, flushes it to disk, reads it back and compares before it gets its
// final name. It returns the checksum and the size of the stored file.
func (a *Archive) write(path string, raw io.Reader, rawSize int64) (sum []byte, size int64, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, 0, fmt.Errorf("recording folder: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return nil, 0, fmt.Errorf("recording file: %w", err)
	}
	defer func() {
		_ = tmp.Close()
		_ = os.Remove(tmp.Name()) // after the rename there is nothing under this name
	}()
	want := sha256.New()
	if err := writeWAV(io.MultiWriter(tmp, want), raw, rawSize); err != nil {
		return nil, 0, fmt.Errorf("write recording: %w", err)
	}
	if err := tmp.Sync(); err != nil {
		return nil, 0, fmt.Errorf("flush recording: %w", err)
	}
	got, size, err := checksum(tmp)
	if err != nil {
		return nil, 0, err
	}
	if !bytes.Equal(got, want.Sum(nil)) {
		return nil, 0, errors.New("recording read back differs from what was written: disk or file system is damaged")
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return nil, 0, fmt.Errorf("name recording: %w", err)
	}
	return got, size, syncDir(filepath.Dir(path))
}

func checksum(f io.ReadSeeker) ([]byte, int64, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, 0, fmt.Errorf("read recording back: %w", err)
	}
	var h hash.Hash = sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return nil, 0, fmt.Errorf("read recording back: %w", err)
	}
	return h.Sum(nil), n, nil
}

// syncDir makes a rename durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("flush recording folder: %w", err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("flush recording folder: %w", err)
	}
	return nil
}
