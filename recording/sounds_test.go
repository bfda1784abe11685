package recording_test

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/recording"
)

// TestWhatWasPlayedIsKnownByItsContents: also when another sound has its name later, and without the switch's files by name only.
func TestWhatWasPlayedIsKnownByItsContents(t *testing.T) {
	b := newArchive(t)
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "dialtide"), 0o755))
	put := func(text string, at time.Time) string {
		path := filepath.Join(dir, "dialtide", "safe-harbor.ulaw")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.NoError(t, os.Chtimes(path, at, at))
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	sounds := recording.NewSounds(dir)
	for i, text := range []string{"one", "two"} {
		sum := put(text, b.now.Add(time.Duration(i)*time.Hour))
		for range 2 { // the second time from memory
			require.Equal(t, map[string]string{"dialtide/safe-harbor.ulaw": sum}, sounds.Files("dialtide/safe-harbor"))
		}
	}
	require.Empty(t, sounds.Files("../"+filepath.Base(dir)+"/dialtide/safe-harbor"), "not above the folder")
	require.Empty(t, sounds.Files("dialtide/none"))
	require.Empty(t, recording.NewSounds("").Files("dialtide/safe-harbor"))
	require.Empty(t, (*recording.Sounds)(nil).Files("dialtide/safe-harbor"))

	marks := recording.NewMarks(b.pool, slog.New(slog.DiscardHandler))
	marks.Sounds = sounds
	played, unknown := uuid.New(), uuid.New()
	marks.Add(recording.Mark{Attempt: played, At: b.now, Kind: recording.Played, Detail: recording.Detail{Announce: "dialtide/safe-harbor"}})
	marks.Add(recording.Mark{Attempt: unknown, At: b.now, Kind: recording.Played, Detail: recording.Detail{Announce: "dialtide/none"}})
	require.NoError(t, marks.Flush(t.Context()))
	var sound, sum string
	require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT detail->>'announce', detail->'files'->>'dialtide/safe-harbor.ulaw' FROM recording_marks WHERE attempt_id = $1`, played).Scan(&sound, &sum))
	require.Equal(t, "dialtide/safe-harbor", sound)
	two := sha256.Sum256([]byte("two"))
	require.Equal(t, hex.EncodeToString(two[:]), sum)
	var files *string
	require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT detail->>'files' FROM recording_marks WHERE attempt_id = $1`, unknown).Scan(&files))
	require.Nil(t, files)
}
