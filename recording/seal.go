package recording

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"filippo.io/age"
)

// Keys encrypt recordings at rest, in the age format (age-encryption.org/v1): each file has a key of its own, which is wrapped for
// the current key pair; the content is ChaCha20-Poly1305 in chunks of 64 KiB, so that any range can be read and nothing changed
// unseen. A recording keeps the id of its key: after a rotation old ones are read with the old key, which stays in the file.
// The program age reads the files too.
type Keys struct {
	current string
	ids     map[string]*age.X25519Identity
}

var keyID = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

// ErrNoKey says that a recording was encrypted with a key that is not configured.
var ErrNoKey = errors.New("the key of the recording is not in the key file")

// ReadKeys reads a key file: one key a line, "ID AGE-SECRET-KEY-1..."; the first is the one that new recordings are encrypted with.
// Empty lines and lines that begin with # are passed over.
func ReadKeys(r io.Reader) (*Keys, error) {
	k := &Keys{ids: map[string]*age.X25519Identity{}}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		id, secret, ok := strings.Cut(text, " ")
		if !ok || !keyID.MatchString(id) {
			return nil, fmt.Errorf("key file, line %d: want an id of %s, a space and a key", n, keyID)
		}
		identity, err := age.ParseX25519Identity(strings.TrimSpace(secret))
		if err != nil { // which would quote the secret
			return nil, fmt.Errorf("key file, line %d: the key is no AGE-SECRET-KEY-1...", n)
		}
		if k.ids[id] != nil {
			return nil, fmt.Errorf("key file, line %d: the id %s is there twice", n, id)
		}
		k.ids[id] = identity
		if k.current == "" {
			k.current = id
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if k.current == "" {
		return nil, errors.New("key file: there is no key in it; `dialtide recording-key` makes one")
	}
	return k, nil
}

// NewKey makes a line of a key file.
func NewKey(id string) (string, error) {
	if !keyID.MatchString(id) {
		return "", fmt.Errorf("key id %q is not of %s", id, keyID)
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	return id + " " + identity.String(), nil
}

// seal encrypts what is written to it into w, until it is closed. Without keys it passes all on.
func (k *Keys) seal(w io.Writer) (io.WriteCloser, string, error) {
	if k == nil {
		return passOn{w}, "", nil
	}
	sealed, err := age.Encrypt(w, k.ids[k.current].Recipient())
	if err != nil {
		return nil, "", fmt.Errorf("encrypt recording: %w", err)
	}
	return sealed, k.current, nil
}

// unseal gives access to what is encrypted in b.
func (k *Keys) unseal(id string, b Blob) (io.ReaderAt, int64, error) {
	if id == "" {
		return b, b.Size(), nil
	}
	if k == nil || k.ids[id] == nil {
		return nil, 0, fmt.Errorf("%w: %s", ErrNoKey, id)
	}
	r, size, err := age.DecryptReaderAt(b, b.Size(), k.ids[id])
	if err != nil {
		return nil, 0, fmt.Errorf("%w: it cannot be decrypted: %w", ErrDamaged, err)
	}
	return r, size, nil
}

type passOn struct{ io.Writer }

func (passOn) Close() error { return nil }
