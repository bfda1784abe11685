package evidence

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5/pgxpool"
)

// BrokenError says what of a pack is not as its manifest says.
type BrokenError struct {
	File string
	Why  string
}

func (e *BrokenError) Error() string {
	if e.File == "" {
		return e.Why
	}
	return e.File + ": " + e.Why
}

// maxManifest bounds the manifest that is read into memory.
const maxManifest = 1 << 20

// Verify reads a pack and compares every file with the manifest. *BrokenError: something was changed, added, removed or renamed.
func Verify(r io.ReaderAt, size int64) (m Manifest, err error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return m, &BrokenError{"", "is no evidence pack, or was cut short: " + err.Error()}
	}
	files := map[string]*zip.File{}
	for _, f := range z.File {
		if files[f.Name] != nil {
			return m, &BrokenError{f.Name, "is there twice"}
		}
		files[f.Name] = f
	}
	if files[manifestName] == nil {
		return m, &BrokenError{manifestName, "is missing"}
	}
	text, err := content(files[manifestName], maxManifest)
	if err != nil {
		return m, &BrokenError{manifestName, err.Error()}
	}
	if err := json.Unmarshal(text, &m); err != nil || m.Format != format {
		return m, &BrokenError{manifestName, "is not of a pack that this program knows"}
	}
	sum := sha256.Sum256(text)
	m.sum = hex.EncodeToString(sum[:])
	delete(files, manifestName)
	for _, want := range m.Files {
		f := files[want.Name]
		if f == nil {
			return m, &BrokenError{want.Name, "is missing"}
		}
		delete(files, want.Name)
		if err := want.check(f); err != nil {
			return m, &BrokenError{want.Name, err.Error()}
		}
	}
	for name := range files {
		return m, &BrokenError{name, "is not in the manifest: it was added"}
	}
	return m, nil
}

func content(f *zip.File, most int64) ([]byte, error) {
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(in, most+1))
	if err := errors.Join(err, in.Close()); err != nil {
		return nil, err
	}
	if int64(len(text)) > most {
		return nil, errors.New("is too large")
	}
	return text, nil
}

// check reads no more than the manifest promises: a file that unpacks to more was changed.
func (want File) check(f *zip.File) error {
	in, err := f.Open()
	if err != nil {
		return err
	}
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(in, want.Bytes+1))
	if n > want.Bytes {
		_ = in.Close() // not read to its end: what it says of that is of no interest
		return fmt.Errorf("is longer than the %d bytes of the manifest", want.Bytes)
	}
	if err := errors.Join(err, in.Close()); err != nil {
		return fmt.Errorf("is damaged: %w", err)
	}
	if n != want.Bytes || hex.EncodeToString(h.Sum(nil)) != want.SHA256 {
		return errors.New("was changed: its SHA-256 is not that of the manifest")
	}
	return nil
}

// Made is the audit log's action for a pack that is complete.
const Made = "evidence.made"

// Known says whether the audit log of an installation has a pack with this manifest.
func Known(ctx context.Context, pool *pgxpool.Pool, m *Manifest) (known bool, err error) {
	err = pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM audit WHERE action = $1 AND detail->>'manifest' = $2)`, Made, m.sum).Scan(&known)
	return known, err
}
