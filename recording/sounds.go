package recording

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Sounds tells the SHA-256 of the files of the switch's sounds, so that evidence shows which message somebody heard, also when another
// one has the name by then. A sound may have several files, one for each codec; the switch plays the one that fits the call.
type Sounds struct {
	dir  string
	mu   sync.Mutex
	seen map[string]summed // by path
}

// summed is a file as it was when it was read.
type summed struct {
	size int64
	at   time.Time
	sum  string
}

// maxSound bounds what is read of a file: nobody listens to hours.
const maxSound = 64 << 20

// soundEndings are those of the files that Asterisk plays.
var soundEndings = []string{".ulaw", ".alaw", ".wav", ".g722", ".gsm", ".sln", ".sln16", ".opus", ".g729"}

// NewSounds reads below dir, the switch's folder of sounds in its language; empty: nowhere.
func NewSounds(dir string) *Sounds { return &Sounds{dir: dir, seen: map[string]summed{}} }

// Files returns the SHA-256 of the files of a sound, in hexadecimal, by their names below the folder. Empty: they cannot be read here,
// as when the switch is another machine.
func (s *Sounds) Files(sound string) map[string]string {
	if s == nil || s.dir == "" || !filepath.IsLocal(sound) {
		return nil
	}
	out := map[string]string{}
	for _, ending := range soundEndings {
		if sum, err := s.sum(filepath.Join(s.dir, sound+ending)); err == nil {
			out[sound+ending] = sum
		}
	}
	return out
}

var errTooLong = errors.New("the file is too long for a sound")

func (s *Sounds) sum(path string) (string, error) {
	is, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !is.Mode().IsRegular() || is.Size() > maxSound {
		return "", errTooLong
	}
	s.mu.Lock()
	defer s.mu.Unlock() // two who ask at once need not read twice
	if was := s.seen[path]; was.sum != "" && was.size == is.Size() && was.at.Equal(is.ModTime()) {
		return was.sum, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, io.LimitReader(f, maxSound))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	s.seen[path] = summed{is.Size(), is.ModTime(), sum}
	return sum, nil
}
