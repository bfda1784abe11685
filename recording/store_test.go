package recording_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/recording"
)

// fault stands before a store and spoils requests.
type fault struct {
	next   http.Handler
	refuse atomic.Bool // 503 to all
	swap   atomic.Bool // bodies that are read come with a changed byte
}

func (f *fault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.refuse.Load() {
		http.Error(w, "away", http.StatusServiceUnavailable)
		return
	}
	if f.swap.Load() && r.Method == http.MethodGet {
		rec := httptest.NewRecorder()
		f.next.ServeHTTP(rec, r)
		body := rec.Body.Bytes()
		if len(body) > 100 {
			body[len(body)/2] ^= 1
		}
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body)
		return
	}
	f.next.ServeHTTP(w, r)
}

func newS3(t *testing.T) (*recording.S3, *fault) {
	t.Helper()
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("recordings"))
	f := &fault{next: gofakes3.New(backend).Server()}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	s, err := recording.NewS3(recording.S3Config{URL: server.URL, Bucket: "recordings", Prefix: "site-a", Region: "us-east-1", AccessKey: "key", SecretKey: "secret", PathStyle: true})
	require.NoError(t, err)
	return s, f
}

// TestStores holds every store to what BlobStore promises.
func TestStores(t *testing.T) {
	s3, _ := newS3(t)
	for name, s := range map[string]recording.BlobStore{"local": recording.Local{Dir: t.TempDir()}, "s3": s3} {
		t.Run(name, func(t *testing.T) { storeKeepsItsPromises(t, s) })
	}
}

func storeKeepsItsPromises(t *testing.T, s recording.BlobStore) {
	ctx := t.Context()
	content := make([]byte, 200_000)
	_, err := rand.Read(content)
	require.NoError(t, err)
	const name = "2026/11/22/a.wav"
	_, err = s.Open(ctx, name)
	require.ErrorIs(t, err, recording.ErrNoBlob)
	require.NoError(t, s.Delete(ctx, name), "what is not there is deleted already")
	require.NoError(t, s.Put(ctx, name, bytes.NewReader([]byte("first")), 5))
	require.NoError(t, s.Put(ctx, name, bytes.NewReader(content), int64(len(content))), "in place of the first")
	require.Error(t, s.Put(ctx, "2026/short", strings.NewReader("abc"), 10), "less came than was announced")
	_, err = s.Open(ctx, "2026/short")
	require.ErrorIs(t, err, recording.ErrNoBlob, "and nothing of it is there")

	b, err := s.Open(ctx, name)
	require.NoError(t, err)
	require.EqualValues(t, len(content), b.Size())
	part := make([]byte, 1000)
	_, err = b.ReadAt(part, 150_000)
	require.NoError(t, err)
	require.Equal(t, content[150_000:151_000], part, "any range")
	all, err := io.ReadAll(io.NewSectionReader(b, 0, b.Size()))
	require.NoError(t, err)
	require.True(t, bytes.Equal(content, all))
	require.NoError(t, b.Close())
	require.NoError(t, s.Delete(ctx, name))
	_, err = s.Open(ctx, name)
	require.ErrorIs(t, err, recording.ErrNoBlob)
}

func TestALocalStoreStaysInItsFolder(t *testing.T) {
	s := recording.Local{Dir: t.TempDir()}
	for _, name := range []string{"../x", "/etc/passwd", "a/../../x", ""} {
		require.Error(t, s.Put(t.Context(), name, strings.NewReader("x"), 1), name)
		_, err := s.Open(t.Context(), name)
		require.Error(t, err, name)
	}
}

func TestNoKeyFileSaysItsSecret(t *testing.T) {
	line, err := recording.NewKey("k1")
	require.NoError(t, err)
	for text, want := range map[string]string{
		"":                            "no key in it",
		"k1":                          "line 1",
		"k1 AGE-SECRET-KEY-1BROKEN":   "line 1",
		line + "\n" + line:            "twice",
		"bad/id " + line[3:]:          "line 1",
		"# only a comment\n\n":        "no key in it",
		line + "\nk2 " + line[3:40]:   "line 2",
		line + "\n k3\tAGE-SECRET-KE": "line 2",
	} {
		_, err := recording.ReadKeys(strings.NewReader(text))
		require.ErrorContains(t, err, want, text)
		require.NotContains(t, err.Error(), line[10:30])
	}
}

// TestASealedRecordingSurvivesTheRotationOfItsKey: with an S3 store that is away at first; nothing that was said is in what it gets.
func TestASealedRecordingSurvivesTheRotationOfItsKey(t *testing.T) {
	old, err := recording.NewKey("2025")
	require.NoError(t, err)
	keys, err := recording.ReadKeys(strings.NewReader(old))
	require.NoError(t, err)
	s3, fault := newS3(t)
	b := newArchiveWith(t, func(c *recording.Config) { c.Blobs, c.Keys = s3, keys })
	id := uuid.New()
	raw := b.capture(t, id, 60_000)
	b.endAttempt(t, id)
	fault.refuse.Store(true)
	n, err := b.RunOnce(t.Context())
	require.Error(t, err)
	require.Zero(t, n)
	require.FileExists(t, recording.SpoolPath(b.spool, id), "what is not stored stays")
	fault.refuse.Store(false)
	fault.swap.Store(true)
	_, err = b.RunOnce(t.Context())
	require.Error(t, err, "read back, it is another")
	require.FileExists(t, recording.SpoolPath(b.spool, id))
	fault.swap.Store(false)
	n, err = b.RunOnce(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoFileExists(t, recording.SpoolPath(b.spool, id))
	entries, err := os.ReadDir(b.store)
	require.NoError(t, err)
	require.Empty(t, entries, "no working file is left")

	var name string
	require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT path FROM recordings WHERE attempt_id = $1 AND key_id = '2025'`, id).Scan(&name))
	blob, err := s3.Open(t.Context(), name)
	require.NoError(t, err)
	sealed, err := io.ReadAll(io.NewSectionReader(blob, 0, blob.Size()))
	require.NoError(t, err)
	require.NoError(t, blob.Close())
	require.True(t, bytes.HasPrefix(sealed, []byte("age-encryption.org/v1")))
	require.False(t, bytes.Contains(sealed, raw[1000:1100]))

	fresh, err := recording.NewKey("2026")
	require.NoError(t, err)
	rotated, err := recording.ReadKeys(strings.NewReader("# newest first\n" + fresh + "\n" + old))
	require.NoError(t, err)
	require.Equal(t, raw, b.with(t, func(c *recording.Config) { c.Blobs, c.Keys = s3, rotated }).audio(t, id)[44:])
	only, err := recording.ReadKeys(strings.NewReader(fresh))
	require.NoError(t, err)
	_, err = b.with(t, func(c *recording.Config) { c.Blobs, c.Keys = s3, only }).Open(t.Context(), id)
	require.ErrorIs(t, err, recording.ErrNoKey)

	// A range is decrypted by itself; what was changed in the store is found.
	sound, err := b.with(t, func(c *recording.Config) { c.Blobs, c.Keys = s3, rotated }).Open(t.Context(), id)
	require.NoError(t, err)
	_, err = sound.Seek(44+100_000, io.SeekStart)
	require.NoError(t, err)
	part := make([]byte, 64)
	_, err = io.ReadFull(sound, part)
	require.NoError(t, err)
	require.Equal(t, raw[100_000:100_064], part)
	require.NoError(t, sound.Close())
	sealed[len(sealed)-100] ^= 1
	require.NoError(t, s3.Put(t.Context(), name, bytes.NewReader(sealed), int64(len(sealed))))
	_, err = b.with(t, func(c *recording.Config) { c.Blobs, c.Keys = s3, rotated }).Open(t.Context(), id)
	require.ErrorIs(t, err, recording.ErrDamaged)
	fault.refuse.Store(true)
	_, err = b.with(t, func(c *recording.Config) { c.Blobs, c.Keys = s3, rotated }).Open(t.Context(), id)
	require.Error(t, err)
	require.False(t, errors.Is(err, recording.ErrDamaged), "a store that is away has lost nothing")
}
