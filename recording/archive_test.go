package recording_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/recording"
)

func TestMain(m *testing.M) { lab.Main(m) }

type bench struct {
	*recording.Archive
	pool         *pgxpool.Pool
	spool, store string
	now          time.Time
}

func newArchive(t *testing.T) *bench { return newArchiveWith(t, func(*recording.Config) {}) }

func newArchiveWith(t *testing.T, change func(*recording.Config)) *bench {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), lab.Database(t, schema.Migrate))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	b := &bench{pool: pool, spool: filepath.Join(t.TempDir(), "spool"), store: filepath.Join(t.TempDir(), "store"), now: time.Now()}
	require.NoError(t, os.Mkdir(b.spool, 0o755))
	return b.with(t, change)
}

// with is another archive on the same folders and database, as after a restart with another configuration.
func (b *bench) with(t *testing.T, change func(*recording.Config)) *bench {
	t.Helper()
	c := &bench{pool: b.pool, spool: b.spool, store: b.store, now: b.now}
	cfg := recording.Config{Pool: b.pool, Spool: b.spool, Store: b.store, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return c.now },
		Disk: recording.Disk{Free: func(string) (uint64, uint64, error) { return 1, 1, nil }}}
	change(&cfg)
	var err error
	c.Archive, err = recording.New(cfg)
	require.NoError(t, err)
	return c
}

// capture lays a finished capture of n stereo frames into the spool: left counts up, right counts down.
func (b *bench) capture(t *testing.T, attempt uuid.UUID, n int) []byte {
	t.Helper()
	raw := make([]byte, 0, 4*n)
	for i := range n {
		raw = binary.LittleEndian.AppendUint16(raw, uint16(i))
		raw = binary.LittleEndian.AppendUint16(raw, uint16(-i))
	}
	path := recording.SpoolPath(b.spool, attempt)
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	require.NoError(t, os.Chtimes(path, b.now, b.now.Add(-time.Minute)))
	return raw
}

func (b *bench) endAttempt(t *testing.T, attempt uuid.UUID) {
	t.Helper()
	_, err := b.pool.Exec(t.Context(), `INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id,
		kind, node, epoch, permit_at, permit_until, rules, ended_at, outcome)
		VALUES ($1, '+12065550100', $2, $2, $2, $2, '+12065550199', 'power', 'n1', 1, now(), now(), '', now(), 'connected')`,
		attempt, uuid.New())
	require.NoError(t, err)
}

func (b *bench) audio(t *testing.T, attempt uuid.UUID) []byte {
	t.Helper()
	f, err := b.Open(t.Context(), attempt)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	all, err := io.ReadAll(f)
	require.NoError(t, err)
	return all
}

// TestACapturedCallBecomesARecordingBoundByIDAndChecksum: the row names the attempt and the sum of the file that is kept (I8).
func TestACapturedCallBecomesARecordingBoundByIDAndChecksum(t *testing.T) {
	b := newArchive(t)
	id := uuid.New()
	raw := b.capture(t, id, 16000)
	b.endAttempt(t, id)

	n, err := b.RunOnce(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)

	wav := b.audio(t, id)
	require.Equal(t, raw, wav[44:], "the audio behind the header is the capture, sample by sample")
	require.Equal(t, uint32(len(raw)), binary.LittleEndian.Uint32(wav[40:]))
	got, err := b.Get(t.Context(), id)
	require.NoError(t, err)
	sum := sha256.Sum256(wav)
	require.Equal(t, hex.EncodeToString(sum[:]), got.SHA256)
	require.EqualValues(t, 2000, got.DurationMS)
	require.Equal(t, 2, got.Channels)
	require.NoFileExists(t, recording.SpoolPath(b.spool, id))

	list, err := b.Search(t.Context(), recording.Filter{})
	require.NoError(t, err)
	require.Len(t, list, 1)
}

func TestACaptureStaysUntilItsAttemptHasEnded(t *testing.T) {
	b := newArchive(t)
	id := uuid.New()
	b.capture(t, id, 100)
	n, err := b.RunOnce(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	require.FileExists(t, recording.SpoolPath(b.spool, id))
}

func TestACaptureThatIsStillWrittenStays(t *testing.T) {
	b := newArchive(t)
	id := uuid.New()
	b.capture(t, id, 100)
	b.endAttempt(t, id)
	require.NoError(t, os.Chtimes(recording.SpoolPath(b.spool, id), b.now, b.now))
	n, err := b.RunOnce(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	b.now = b.now.Add(2 * time.Second)
	n, err = b.RunOnce(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

// TestACrashBetweenRowAndRemovalIsRepaired: the capture goes only after its copy was verified, once (I8).
func TestACrashBetweenRowAndRemovalIsRepaired(t *testing.T) {
	b := newArchive(t)
	id := uuid.New()
	b.capture(t, id, 500)
	b.endAttempt(t, id)
	_, err := b.RunOnce(t.Context())
	require.NoError(t, err)
	first := b.audio(t, id)

	b.capture(t, id, 500) // as if the removal had not happened
	_, err = b.RunOnce(t.Context())
	require.NoError(t, err)
	require.NoFileExists(t, recording.SpoolPath(b.spool, id))
	require.True(t, bytes.Equal(first, b.audio(t, id)))
}

func TestACaptureThatCannotBeRemovedIsStoredOnce(t *testing.T) {
	b := newArchive(t)
	id := uuid.New()
	b.capture(t, id, 500)
	b.endAttempt(t, id)
	n, err := b.RunOnce(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	// The capture comes back as a folder that has something in it: nobody can remove that as a file.
	require.NoError(t, os.MkdirAll(filepath.Join(recording.SpoolPath(b.spool, id), "kept"), 0o755))
	b.capture(t, uuid.New(), 100)
	n, err = b.RunOnce(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestAMissingSpoolIsAnErrorThatSaysWhatToDo(t *testing.T) {
	_, err := recording.New(recording.Config{Spool: filepath.Join(t.TempDir(), "none"), Store: t.TempDir()})
	require.ErrorContains(t, err, "make it so that Asterisk")
}

// TestNothingIsRemovedWhileTheDatabaseIsAway: a capture outlives whatever keeps its row from being written (I8).
func TestNothingIsRemovedWhileTheDatabaseIsAway(t *testing.T) {
	b := newArchive(t)
	id := uuid.New()
	b.capture(t, id, 100)
	b.endAttempt(t, id)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.RunOnce(gone)
	require.Error(t, err)
	require.FileExists(t, recording.SpoolPath(b.spool, id))
}

func TestADamagedRecordingIsNotPlayed(t *testing.T) {
	b := newArchive(t)
	id := uuid.New()
	b.capture(t, id, 100)
	b.endAttempt(t, id)
	_, err := b.RunOnce(t.Context())
	require.NoError(t, err)
	var path string
	require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT path FROM recordings WHERE attempt_id = $1`, id).Scan(&path))

	full := filepath.Join(b.store, path)
	content, err := os.ReadFile(full)
	require.NoError(t, err)
	content[60] ^= 1
	require.NoError(t, os.WriteFile(full, content, 0o600))
	_, err = b.Open(t.Context(), id)
	require.ErrorIs(t, err, recording.ErrDamaged)

	require.NoError(t, os.Remove(full))
	_, err = b.Open(t.Context(), id)
	require.ErrorIs(t, err, recording.ErrDamaged)
	_, err = b.Open(t.Context(), uuid.New())
	require.ErrorIs(t, err, recording.ErrNotFound)
}

func TestForeignFilesInTheSpoolAreLeftAlone(t *testing.T) {
	b := newArchive(t)
	for _, name := range []string{"notes.txt", "x.raw", "../x.raw.part"} {
		require.NoError(t, os.WriteFile(filepath.Join(b.spool, filepath.Base(name)), []byte("abc"), 0o600))
	}
	_, err := b.RunOnce(t.Context())
	require.NoError(t, err)
	entries, err := os.ReadDir(b.spool)
	require.NoError(t, err)
	require.Len(t, entries, 3)
}

// TestADeletedRecordingIsGone: row and file go, the attempt stays with a note; a capture that comes later is not stored, and what a
// crash left is removed by the next sweep.
func TestADeletedRecordingIsGone(t *testing.T) {
	b := newArchive(t)
	first, later, left := uuid.New(), uuid.New(), uuid.New()
	for _, id := range []uuid.UUID{first, left} {
		b.capture(t, id, 8000)
		b.endAttempt(t, id)
	}
	n, err := b.RunOnce(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, n)
	path := func(id uuid.UUID) (p string) {
		require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT path FROM recordings WHERE attempt_id = $1`, id).Scan(&p))
		return filepath.Join(b.store, p)
	}
	gone, stays := path(first), path(left)

	_, err = b.pool.Exec(t.Context(), `INSERT INTO open_attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until, rules)
		VALUES ($1, '+12125550199', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '', 'power', 'n', 1, now(), now(), '')`, later)
	require.NoError(t, err)
	deleted, err := b.Delete(t.Context(), recording.Deletion{Attempts: []uuid.UUID{first, later}, Reason: "asked"})
	require.NoError(t, err)
	require.Equal(t, 1, deleted)
	require.NoFileExists(t, gone)
	require.FileExists(t, stays)
	_, err = b.Get(t.Context(), first)
	require.ErrorIs(t, err, recording.ErrNotFound)
	_, err = b.Open(t.Context(), first)
	require.ErrorIs(t, err, recording.ErrNotFound)
	var attempts, notes int
	require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM attempts WHERE id = $1), (SELECT count(*) FROM recording_deletions WHERE attempt_id = $1 AND gone_at IS NOT NULL)`,
		first).Scan(&attempts, &notes))
	require.Equal(t, []int{1, 1}, []int{attempts, notes})

	// The call under way ends, and its capture lies in the spool.
	_, err = b.pool.Exec(t.Context(), `DELETE FROM open_attempts WHERE id = $1`, later)
	require.NoError(t, err)
	b.capture(t, later, 8000)
	b.endAttempt(t, later)
	n, err = b.RunOnce(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	require.NoFileExists(t, recording.SpoolPath(b.spool, later))
	_, err = b.Get(t.Context(), later)
	require.ErrorIs(t, err, recording.ErrNotFound)

	// A crash after the row and before the file.
	_, err = b.pool.Exec(t.Context(), `WITH r AS (DELETE FROM recordings WHERE attempt_id = $1 RETURNING path)
		INSERT INTO recording_deletions (attempt_id, path, reason) SELECT $1, path, 'asked' FROM r`, left)
	require.NoError(t, err)
	_, err = b.RunOnce(t.Context())
	require.NoError(t, err)
	require.NoFileExists(t, stays)
	deleted, err = b.Delete(t.Context(), recording.Deletion{Attempts: []uuid.UUID{first, left}, Reason: "asked again"})
	require.NoError(t, err)
	require.Zero(t, deleted)
}
