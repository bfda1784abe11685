package recording_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/recording"
)

// loud lays a capture of n frames into the spool of which every sample is 1000.
func (b *bench) loud(t *testing.T, attempt uuid.UUID, n int) {
	t.Helper()
	raw := make([]byte, 4*n)
	for i := 0; i < len(raw); i += 2 {
		raw[i], raw[i+1] = 0xe8, 0x03
	}
	path := recording.SpoolPath(b.spool, attempt)
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	require.NoError(t, os.Chtimes(path, b.now, b.now.Add(-time.Minute)))
}

// TestOfAPauseNothingIsKept: also when the switch had not left it out. Time goes on in the file, and the pause is on record.
func TestOfAPauseNothingIsKept(t *testing.T) {
	b := newArchive(t)
	marks := recording.NewMarks(b.pool, slog.New(slog.DiscardHandler))
	b = b.with(t, func(c *recording.Config) { c.Marks = marks })
	id, began := uuid.New(), b.now.Add(-time.Minute).Truncate(time.Microsecond)
	for _, m := range []recording.Mark{
		{Kind: recording.Begun, At: began, Detail: recording.Detail{Policy: "percent", Percent: 25, Announce: "dialtide/recorded"}},
		{Kind: recording.Announced, At: began.Add(time.Second)},
		{Kind: recording.Paused, At: began.Add(2 * time.Second), Detail: recording.Detail{Why: "agent"}},
		{Kind: recording.Resumed, At: began.Add(5 * time.Second), Detail: recording.Detail{Why: "time"}},
		{Kind: recording.Paused, At: began.Add(9 * time.Second)},
	} {
		m.Attempt = id
		marks.Add(m)
		marks.Add(m) // twice is once
	}
	b.loud(t, id, 10*8000)
	b.endAttempt(t, id)
	n, err := b.RunOnce(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	wav := b.audio(t, id)[44:]
	require.Len(t, wav, 4*10*8000)
	second := 4 * 8000
	for i, v := range wav {
		at := time.Duration(i/4) * time.Second / 8000
		silent := at >= 2*time.Second && at < 5*time.Second || at >= 9*time.Second
		if silent != (v == 0) {
			t.Fatalf("at %v (byte %d of %d) is %d", at, i, second, v)
		}
	}
	r, err := b.Get(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "percent", r.Policy)
	require.InDelta(t, 25, *r.Percent, 0)
	require.True(t, *r.Announced)
	require.EqualValues(t, 3000, r.PausedMS)
	require.WithinDuration(t, began, *r.BeganAt, time.Microsecond)
	play, err := b.PlayMarks(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, play, 4)
	require.Equal(t, recording.PlayMark{MS: 2000, Kind: "paused", Text: "agent"}, play[1])
	peaks, err := b.Peaks(t.Context(), id)
	require.NoError(t, err)
	require.LessOrEqual(t, len(peaks), 2*2000)
	require.EqualValues(t, 7, peaks[0])
	require.Zero(t, peaks[len(peaks)*3/10])
}

func TestOnDemandNothingIsKeptBeforeItIsAskedFor(t *testing.T) {
	b := newArchive(t)
	marks := recording.NewMarks(b.pool, slog.New(slog.DiscardHandler))
	b = b.with(t, func(c *recording.Config) { c.Marks = marks })
	never, asked, began := uuid.New(), uuid.New(), b.now.Add(-time.Minute)
	for _, id := range []uuid.UUID{never, asked} {
		marks.Add(recording.Mark{Attempt: id, Kind: recording.Begun, At: began, Detail: recording.Detail{Policy: "demand"}})
		b.loud(t, id, 4*8000)
		b.endAttempt(t, id)
	}
	marks.Add(recording.Mark{Attempt: asked, Kind: recording.Started, At: began.Add(time.Second)})
	marks.Add(recording.Mark{Attempt: asked, Kind: recording.Stopped, At: began.Add(3 * time.Second)})
	n, err := b.RunOnce(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	_, err = b.Get(t.Context(), never)
	require.ErrorIs(t, err, recording.ErrNotFound)
	require.NoFileExists(t, recording.SpoolPath(b.spool, never))
	wav := b.audio(t, asked)[44:]
	for i, v := range wav {
		if heard := i >= 4*8000 && i < 3*4*8000; heard != (v != 0) {
			t.Fatalf("byte %d is %d", i, v)
		}
	}
}

func (b *bench) stored(t *testing.T, contact uuid.UUID) uuid.UUID {
	t.Helper()
	id := uuid.New()
	b.capture(t, id, 8000)
	b.endAttempt(t, id)
	_, err := b.RunOnce(t.Context())
	require.NoError(t, err)
	_, err = b.pool.Exec(t.Context(), `UPDATE recordings SET contact_id = $2 WHERE attempt_id = $1`, id, contact)
	require.NoError(t, err)
	return id
}

// TestWhatIsHeldIsNotDeleted: neither by hand nor because its time is over; what is deleted then has its audit row before.
func TestWhatIsHeldIsNotDeleted(t *testing.T) {
	b := newArchive(t)
	contact := uuid.New()
	one, other, free := b.stored(t, contact), b.stored(t, uuid.New()), b.stored(t, uuid.New())
	byContact, err := b.AddHold(t.Context(), recording.Hold{ContactID: &contact, Reason: "complaint 12"})
	require.NoError(t, err)
	_, err = b.AddHold(t.Context(), recording.Hold{ContactID: &contact, Reason: "again"})
	require.ErrorIs(t, err, recording.ErrHoldExists)
	_, err = b.AddHold(t.Context(), recording.Hold{AttemptID: &other, Reason: "court"})
	require.NoError(t, err)
	n, err := b.Delete(t.Context(), recording.Deletion{Attempts: []uuid.UUID{one, other}, Reason: "asked"})
	var held *recording.HeldError
	require.ErrorAs(t, err, &held)
	require.Equal(t, 2, held.Recordings)
	require.Zero(t, n)
	b.audio(t, one)

	// Thirty days later.
	_, err = b.pool.Exec(t.Context(), `WITH t AS (INSERT INTO trunks (id, name, endpoint, max_channels, cps) VALUES (gen_random_uuid(), 't', 't', 1, 1) RETURNING id),
		c AS (INSERT INTO campaigns (id, name, trunk_id, settings) SELECT gen_random_uuid(), 'c', id, '{"retention_days": 30}' FROM t RETURNING id)
		UPDATE recordings SET campaign_id = (SELECT id FROM c)`)
	require.NoError(t, err)
	var audited []any
	b = b.with(t, func(c *recording.Config) {
		c.Audit = func(_ context.Context, _ uuid.UUID, action, _ string, detail any) error {
			require.Equal(t, "recording.delete", action)
			_, err := b.Get(t.Context(), free)
			require.NoError(t, err, "the audit row comes first")
			audited = append(audited, detail)
			return nil
		}
	})
	n, err = b.Retain(t.Context())
	require.NoError(t, err)
	require.Zero(t, n, "it is not yet time")
	b.now = b.now.Add(31 * 24 * time.Hour)
	n, err = b.Retain(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Len(t, audited, 1)
	_, err = b.Get(t.Context(), free)
	require.ErrorIs(t, err, recording.ErrNotFound)
	r, err := b.Get(t.Context(), one)
	require.NoError(t, err)
	require.True(t, r.Held)
	require.NoError(t, b.ReleaseHold(t.Context(), byContact.ID, nil, "settled"))
	require.ErrorIs(t, b.ReleaseHold(t.Context(), byContact.ID, nil, "again"), recording.ErrNoHold)
	n, err = b.Delete(t.Context(), recording.Deletion{Attempts: []uuid.UUID{one}, Reason: "asked"})
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

// TestAFullDiskIsNeverSilent: low, then full, then a backlog; each is told, and recordings are taken as impossible.
func TestAFullDiskIsNeverSilent(t *testing.T) {
	b := newArchive(t)
	free := uint64(500)
	reg := prometheus.NewRegistry()
	b = b.with(t, func(c *recording.Config) {
		c.Reg, c.Disk = reg, recording.Disk{Spool: 100_000, Free: func(dir string) (uint64, uint64, error) {
			if dir == c.Spool {
				return free, 1000, nil
			}
			return 900, 1000, nil
		}}
	})
	state := func() (recording.State, string) {
		_, err := b.RunOnce(t.Context())
		require.NoError(t, err)
		h := b.Health()
		return h.State, h.Why
	}
	for _, step := range []struct {
		free  uint64
		state recording.State
		why   string
	}{{500, recording.Fine, ""}, {99, recording.Low, "spool_low"}, {29, recording.Failing, "spool_full"}, {500, recording.Fine, ""}} {
		free = step.free
		s, why := state()
		require.Equal(t, step.state, s)
		require.Equal(t, step.why, why)
		require.Equal(t, step.state == recording.Failing, b.Fails() != "")
	}
	b.capture(t, uuid.New(), 30_000) // of a call under way
	_, why := state()
	require.Equal(t, "backlog", why)
	families, err := reg.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == "dialtide_recordings_state" {
			require.InDelta(t, 2, f.GetMetric()[0].GetGauge().GetValue(), 0)
		}
	}
	require.NoError(t, os.RemoveAll(b.spool))
	_, err = b.RunOnce(t.Context())
	require.Error(t, err)
	require.Equal(t, "spool_gone", b.Fails())
}

func TestATalkWithoutItsCaptureIsTold(t *testing.T) {
	b := newArchive(t)
	id := uuid.New()
	_, err := b.pool.Exec(t.Context(), `INSERT INTO recording_marks (attempt_id, at, kind, detail) VALUES ($1, now() - interval '5 minutes', 'begun', '{"policy":"always"}')`, id)
	require.NoError(t, err)
	b.endAttempt(t, id)
	_, err = b.RunOnce(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, b.Health().Missing)
	require.Equal(t, recording.Low, b.Health().State)
}

// awayStore takes nothing while it is away.
type awayStore struct {
	recording.BlobStore
	away bool
}

func (s *awayStore) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	if s.away {
		return errors.New("connection refused")
	}
	return s.BlobStore.Put(ctx, name, r, size)
}

// TestAStoreThatIsAwayIsTold after half a minute of vain tries, and forgotten with the first that succeeds.
func TestAStoreThatIsAwayIsTold(t *testing.T) {
	b := newArchive(t)
	store := &awayStore{BlobStore: recording.Local{Dir: b.store}, away: true}
	b = b.with(t, func(c *recording.Config) { c.Blobs = store })
	id := uuid.New()
	b.loud(t, id, 8000)
	b.endAttempt(t, id)
	for range 6 {
		_, err := b.RunOnce(t.Context())
		require.Error(t, err)
		require.Equal(t, recording.Fine, b.Health().State)
	}
	_, err := b.RunOnce(t.Context())
	require.Error(t, err)
	require.Equal(t, "store_away", b.Health().Why)
	require.Equal(t, 7, b.Health().StoreFailed)
	store.away = false
	n, err := b.RunOnce(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	_, err = b.RunOnce(t.Context())
	require.NoError(t, err)
	require.Equal(t, recording.Fine, b.Health().State)
}

// lamePens stand for encoder and decoder: they pass sound on, or break it.
type lamePen struct{ loses bool }

func (p lamePen) Encode(_ context.Context, raw io.Reader, ogg io.Writer) error {
	if p.loses {
		raw = io.LimitReader(raw, 4000)
	}
	_, err := io.Copy(ogg, raw)
	return err
}

func (lamePen) Decode(_ context.Context, ogg io.Reader, raw io.Writer) error {
	_, err := io.Copy(raw, ogg)
	return err
}

func TestAnOpusFileStandsForItsRecordingOnlyWhenItIsAsLong(t *testing.T) {
	b := newArchive(t)
	id := b.stored(t, uuid.New())
	before, err := b.Get(t.Context(), id)
	require.NoError(t, err)
	bad := b.with(t, func(c *recording.Config) { c.Opus = lamePen{loses: true} })
	n, err := bad.Transcode(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	b.audio(t, id)

	good := b.with(t, func(c *recording.Config) { c.Opus = lamePen{} })
	n, err = good.Transcode(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	r, err := good.Get(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "opus", r.Format)
	require.Equal(t, before.SHA256, r.SHA256, "the checksum of what was recorded stays")
	require.NotEqual(t, r.SHA256, r.FileSHA)
	require.Len(t, good.audio(t, id), 4*8000)
	deleted, err := good.Delete(t.Context(), recording.Deletion{Attempts: []uuid.UUID{id}, Reason: "asked"})
	require.NoError(t, err)
	require.Equal(t, 1, deleted)
	_, err = good.Open(t.Context(), id)
	require.ErrorIs(t, err, recording.ErrNotFound)
	require.True(t, errors.Is(err, recording.ErrNotFound))
}
