package recording

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sys/unix"
)

// Disk says when recordings are taken as impossible. Zero fields have defaults.
type Disk struct {
	Low   float64 // share of free space below which there is a warning; 0.10
	Full  float64 // below which recordings fail; 0.03
	Spool int64   // bytes that may wait in the spool, such as while a store is away; 20 GiB
	// Free says how much of a folder's file system is free for us, and how large it is; nil: it is asked.
	Free func(dir string) (free, total uint64, err error)
}

// State of recordings.
type State string

const (
	Fine    State = "ok"
	Low     State = "low"     // it will not be long
	Failing State = "failing" // recordings cannot be kept, or are not made
)

// Health is how recordings stand, for pages and alerts.
type Health struct {
	State       State     `json:"state" enum:"ok,low,failing"`
	Why         string    `json:"why" doc:"spool_full, store_full, spool_low, store_low, backlog, store_away, spool_gone or missing; empty when ok"`
	SpoolFree   uint64    `json:"spool_free" doc:"bytes"`
	SpoolTotal  uint64    `json:"spool_total"`
	StoreFree   uint64    `json:"store_free"`
	StoreTotal  uint64    `json:"store_total"`
	SpoolBytes  int64     `json:"spool_bytes" doc:"captures that wait, those of running calls among them"`
	SpoolFiles  int       `json:"spool_files"`
	Missing     int       `json:"missing" doc:"talks of the last hour that were to be recorded and of which nothing is there"`
	StoreFailed int       `json:"store_failed" doc:"sweeps in a row in which nothing could be stored"`
	At          time.Time `json:"at"`
}

const (
	missingFrom  = time.Minute // after its beginning a talk's capture must be there
	missingUntil = time.Hour
	missingPause = 30 * time.Second // between two counts
	sweepsFailed = 6                // in a row: the store is taken for away; half a minute
)

type health struct {
	disk Disk
	free *prometheus.GaugeVec
	bad  prometheus.Gauge
	lost prometheus.Gauge
	wait prometheus.Gauge

	mu      sync.Mutex // guards all below
	now     Health
	counted time.Time
}

func (h *health) init(d Disk) {
	if d.Low <= 0 {
		d.Low = 0.10
	}
	if d.Full <= 0 {
		d.Full = 0.03
	}
	if d.Spool <= 0 {
		d.Spool = 20 << 30
	}
	if d.Free == nil {
		d.Free = statfs
	}
	h.disk, h.now = d, Health{State: Fine}
	h.free = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dialtide_recordings_free_bytes", Help: "Free space for recordings, by folder: spool or store."}, []string{"folder"})
	h.bad = prometheus.NewGauge(prometheus.GaugeOpts{Name: "dialtide_recordings_state", Help: "0: recordings are kept; 1: space is low; 2: they cannot be kept, or are not made."})
	h.lost = prometheus.NewGauge(prometheus.GaugeOpts{Name: "dialtide_recordings_missing", Help: "Talks of the last hour that were to be recorded and of which nothing is there."})
	h.wait = prometheus.NewGauge(prometheus.GaugeOpts{Name: "dialtide_recordings_spooled_bytes", Help: "Bytes of captured files in the spool."})
}

func (h *health) register(reg prometheus.Registerer) { reg.MustRegister(h.free, h.bad, h.lost, h.wait) }

func statfs(dir string) (free, total uint64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	return s.Bavail * uint64(s.Bsize), s.Blocks * uint64(s.Bsize), nil
}

// Health says how recordings stand, as last looked at.
func (a *Archive) Health() Health {
	a.health.mu.Lock()
	defer a.health.mu.Unlock()
	return a.health.now
}

// Fails says why recordings cannot be kept now; "" when they can. It does not block.
func (a *Archive) Fails() string {
	if h := a.Health(); h.State == Failing {
		return h.Why
	}
	return ""
}

// look finds out how recordings stand.
func (a *Archive) look(ctx context.Context) {
	d := a.health.disk
	now := Health{State: Fine, At: a.cfg.Now()}
	worse := func(s State, why string) {
		if now.State == Fine || now.State == Low && s == Failing {
			now.State, now.Why = s, why
		}
	}
	space := func(name, dir string) (free, total uint64) {
		free, total, err := d.Free(dir)
		switch {
		case err != nil:
			worse(Failing, name+"_gone")
		case total > 0 && float64(free) < d.Full*float64(total):
			worse(Failing, name+"_full")
		case total > 0 && float64(free) < d.Low*float64(total):
			worse(Low, name+"_low")
		}
		a.health.free.WithLabelValues(name).Set(float64(free))
		return free, total
	}
	now.SpoolFree, now.SpoolTotal = space("spool", a.cfg.Spool)
	now.StoreFree, now.StoreTotal = space("store", a.cfg.Store)
	files, bytes, err := spooled(a.cfg.Spool)
	if err != nil {
		worse(Failing, "spool_gone")
	}
	now.SpoolFiles, now.SpoolBytes = files, bytes
	if bytes > d.Spool {
		worse(Failing, "backlog")
	}
	before := a.Health()
	now.Missing, now.StoreFailed = before.Missing, before.StoreFailed
	if now.StoreFailed >= sweepsFailed {
		worse(Low, "store_away")
	}
	a.health.mu.Lock()
	due := a.cfg.Now().Sub(a.health.counted) >= missingPause
	if due {
		a.health.counted = a.cfg.Now()
	}
	a.health.mu.Unlock()
	if due {
		if n, err := a.missing(ctx); err == nil {
			now.Missing = n
		}
	}
	if now.Missing > 0 {
		worse(Low, "missing")
	}
	a.tell(now)
}

// swept notes whether a sweep could store what it tried to. One of which it had nothing to store tells nothing.
func (h *health) swept(stored, failed int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case stored > 0:
		h.now.StoreFailed = 0
	case failed > 0:
		h.now.StoreFailed++
	}
}

func (a *Archive) tell(now Health) {
	a.health.mu.Lock()
	was := a.health.now
	a.health.now = now
	a.health.mu.Unlock()
	a.health.bad.Set(map[State]float64{Fine: 0, Low: 1, Failing: 2}[now.State])
	a.health.lost.Set(float64(now.Missing))
	a.health.wait.Set(float64(now.SpoolBytes))
	if was.State == now.State && was.Why == now.Why {
		return
	}
	switch now.State {
	case Fine:
		a.cfg.Log.Info("recordings are kept again")
	case Low:
		a.cfg.Log.Warn("recordings need attention", "why", now.Why, "spool_free", now.SpoolFree, "store_free", now.StoreFree, "missing", now.Missing)
	case Failing:
		a.cfg.Log.Error("recordings cannot be kept", "why", now.Why, "spool_free", now.SpoolFree, "store_free", now.StoreFree, "waiting", now.SpoolBytes)
	}
}

func spooled(dir string) (files int, bytes int64, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, 0, err
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != rawSuffix {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, 0, err
		}
		files, bytes = files+1, bytes+info.Size()
	}
	return files, bytes, nil
}

// missing counts talks of the last hour that were to be recorded and of which there is neither a recording nor a capture. Those on
// demand that nobody asked for are none.
func (a *Archive) missing(ctx context.Context) (int, error) {
	now := a.cfg.Now()
	rows, err := a.cfg.Pool.Query(ctx, `SELECT m.attempt_id FROM recording_marks m JOIN attempts t ON t.id = m.attempt_id AND t.ended_at - m.at > interval '1 second'
		WHERE m.kind = 'begun' AND m.at BETWEEN $1 AND $2
		AND NOT EXISTS (SELECT FROM recordings r WHERE r.attempt_id = m.attempt_id)
		AND NOT EXISTS (SELECT FROM recording_deletions d WHERE d.attempt_id = m.attempt_id)
		AND (m.detail->>'policy' <> 'demand' OR EXISTS (SELECT FROM recording_marks s WHERE s.attempt_id = m.attempt_id AND s.kind = 'started'))
		LIMIT 10000`, now.Add(-missingUntil), now.Add(-missingFrom))
	if err != nil {
		return 0, fmt.Errorf("look for missing recordings: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return 0, fmt.Errorf("look for missing recordings: %w", err)
	}
	n := 0
	for _, id := range ids {
		if _, err := os.Stat(SpoolPath(a.cfg.Spool, id)); errors.Is(err, fs.ErrNotExist) {
			n++
		}
	}
	return n, nil
}
