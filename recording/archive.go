package recording

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
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
	Spool string    // folder that the switch writes into; must be readable and its files removable by us
	Store string    // folder that keeps the finished recordings, or, with Blobs, only works on them
	Blobs BlobStore // where finished recordings are kept; nil: in Store
	Keys  *Keys     // encrypt them; nil: they are kept as they are
	Marks *Marks    // written out before a recording is stored; nil: there is none
	Opus  OpusTool  // transcodes in the background; nil: WAV files stay
	Disk  Disk      // when recordings are taken as impossible
	// Audit leaves a row of the audit log before something is deleted by the archive itself; nil: nothing is.
	Audit func(ctx context.Context, actor uuid.UUID, action, object string, detail any) error
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
	dropped prometheus.Counter
	opus    *prometheus.CounterVec
	health  health
	proved  proved
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
	if cfg.Blobs == nil {
		cfg.Blobs = Local{Dir: cfg.Store}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	a := &Archive{cfg: cfg, wake: make(chan struct{}, 1),
		stored: prometheus.NewCounter(prometheus.CounterOpts{Name: "dialtide_recordings_stored_total",
			Help: "Recordings moved into the store and verified."}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{Name: "dialtide_recordings_failed_total",
			Help: "Tries to store a recording that failed; the spooled file is kept and tried again."}),
		backlog: prometheus.NewGauge(prometheus.GaugeOpts{Name: "dialtide_recordings_spooled",
			Help: "Captured files in the spool, those of running calls among them."}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{Name: "dialtide_recordings_unwanted_total",
			Help: "Captures on demand that nobody asked for; nothing of them was kept."}),
		opus: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dialtide_recordings_transcoded_total",
			Help: "Recordings transcoded to opus, by result: done or failed."}, []string{"result"}),
	}
	a.health.init(cfg.Disk)
	if cfg.Reg != nil {
		cfg.Reg.MustRegister(a.stored, a.failed, a.backlog, a.dropped, a.opus)
		a.health.register(cfg.Reg)
	}
	return a, nil
}

// SpoolPath is where the switch must capture the attempt.
func SpoolPath(spool string, attempt uuid.UUID) string {
	return filepath.Join(spool, attempt.String()+rawSuffix)
}

// CapturePath is where the switch must capture an attempt.
func (a *Archive) CapturePath(attempt uuid.UUID) string { return SpoolPath(a.cfg.Spool, attempt) }

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
	a.look(ctx)
	if err != nil {
		return 0, err
	}
	first := a.removeDeleted(ctx)
	if len(files) == 0 {
		return 0, first
	}
	if a.cfg.Marks != nil {
		if err := a.cfg.Marks.Flush(ctx); err != nil {
			return 0, err // what may be kept is not known
		}
	}
	ended, err := a.endedAttempts(ctx, files)
	if err != nil {
		return 0, err
	}
	histories, err := a.histories(ctx, files)
	if err != nil {
		return 0, err
	}
	n, failed := 0, 0
	defer func() { a.health.swept(n, failed) }()
	for _, att := range ended {
		att.history = histories[att.id]
		unwanted := att.history.unwanted()
		// A former sweep could not remove the capture, or did not come to it; or its recording was deleted before it was one, or
		// nobody asked for it.
		if att.stored || att.deleted || unwanted {
			if err := os.Remove(SpoolPath(a.cfg.Spool, att.id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				if first == nil {
					first = fmt.Errorf("captures that are done with stay in the spool, this user may not remove them: %w", err)
				}
			} else if unwanted {
				a.dropped.Inc()
			}
			continue
		}
		switch err := a.store(ctx, att); {
		case err != nil:
			failed++
			a.failed.Inc()
			a.cfg.Log.Warn("recording not stored yet", "attempt", att.id, "err", err)
			if first == nil {
				first = err
			}
		default:
			n++
		}
		if ctx.Err() != nil {
			break
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
	history      *history
	contact      uuid.UUID
	phone        string
	bridgedAt    *time.Time
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
		`SELECT id, campaign_id, agent_id, ended_at, contact_id, phone, bridged_at,
		EXISTS (SELECT FROM recordings WHERE attempt_id = id), EXISTS (SELECT FROM recording_deletions WHERE attempt_id = id) FROM attempts WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("look up attempts of recordings: %w", err)
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (endedAttempt, error) {
		var e endedAttempt
		err := r.Scan(&e.id, &e.campaign, &e.agent, &e.endedAt, &e.contact, &e.phone, &e.bridgedAt, &e.stored, &e.deleted)
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
	w, err := a.pack(att, raw, info.Size())
	if err != nil {
		return err
	}
	defer w.remove()
	if err := a.keep(ctx, w.name, w.keyID, w.file, w.sum); err != nil {
		return err
	}
	switch stored, err := a.insert(ctx, att, w); {
	case err != nil:
		return err
	case !stored:
		return a.removeFiles(ctx, att.id, w.name, "")
	}
	a.stored.Inc()
	return os.Remove(spooled)
}

// packed is a finished recording that is not in the store yet.
type packed struct {
	name, keyID string
	file        *os.File // as it goes into the store
	sum         []byte   // of the WAV file
	size        int64    // likewise
	duration    time.Duration
	paused      time.Duration
	peaks       []byte
}

func (w *packed) remove() {
	_ = w.file.Close()
	_ = os.Remove(w.file.Name())
}

// workFile is a file for the time of the work. It holds nothing that is not encrypted, when recordings are.
func (a *Archive) workFile() (*os.File, error) {
	f, err := os.CreateTemp(a.cfg.Store, ".work-*")
	if err != nil {
		return nil, fmt.Errorf("recording file: %w", err)
	}
	return f, nil
}

// pack turns a capture into the file that goes into the store.
func (a *Archive) pack(att endedAttempt, raw io.Reader, rawSize int64) (w *packed, err error) {
	f, err := a.workFile()
	if err != nil {
		return nil, err
	}
	w = &packed{file: f, duration: duration(rawSize), size: wavHeaderBytes + rawSize - rawSize%frameBytes,
		name: att.endedAt.UTC().Format("2006/01/02/") + att.id.String() + ".wav"}
	defer func() {
		if err != nil {
			w.remove()
		}
	}()
	sealed, key, err := a.cfg.Keys.seal(f)
	if err != nil {
		return nil, err
	}
	if w.keyID = key; key != "" {
		w.name += ".age"
	}
	silent, paused := att.history.silent()
	w.paused = paused
	loud := newPeaks(rawSize / frameBytes)
	sum := sha256.New()
	if err := writeWAV(io.MultiWriter(sealed, sum), io.TeeReader(newSilencer(raw, silent), loud), rawSize); err != nil {
		return nil, fmt.Errorf("write recording: %w", err)
	}
	if err := sealed.Close(); err != nil {
		return nil, fmt.Errorf("encrypt recording: %w", err)
	}
	w.sum, w.peaks = sum.Sum(nil), loud.bytes()
	return w, nil
}

// keep puts a file into the store, reads it back from there, decrypts it and compares.
func (a *Archive) keep(ctx context.Context, name, keyID string, file *os.File, want []byte) error {
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("read recording: %w", err)
	}
	if err := a.cfg.Blobs.Put(ctx, name, file, size); err != nil {
		return err
	}
	b, err := a.cfg.Blobs.Open(ctx, name)
	if err != nil {
		return err
	}
	defer func() { _ = b.Close() }()
	r, size, err := a.cfg.Keys.unseal(keyID, b)
	if err != nil {
		return err
	}
	got, err := checksum(io.NewSectionReader(r, 0, size))
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return errors.New("recording read back differs from what was written: disk, file system or store is damaged")
	}
	return nil
}

func checksum(r io.Reader) ([]byte, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return nil, fmt.Errorf("read recording back: %w", err)
	}
	return h.Sum(nil), nil
}
