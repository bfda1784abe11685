package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNoBlob says that the store has nothing under a name.
var ErrNoBlob = errors.New("the store has no such file")

// BlobStore keeps files by name: relative paths with forward slashes. [Local] and [S3] are two; one suite of tests holds for both.
type BlobStore interface {
	// Put keeps size bytes of src under name, in place of what was there. When it returns nil they outlast a loss of power.
	Put(ctx context.Context, name string, src io.Reader, size int64) error
	// Open gives access to any range of a file; ErrNoBlob when there is none. ctx holds until the blob is closed.
	Open(ctx context.Context, name string) (Blob, error)
	// Delete removes a file. One that is not there is no error.
	Delete(ctx context.Context, name string) error
}

// Blob is a file in a store.
type Blob interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Local is a store in a folder.
type Local struct{ Dir string }

var errName = errors.New("the name of a stored file leads out of the store")

func (l Local) path(name string) (string, error) {
	if !filepath.IsLocal(name) {
		return "", errName
	}
	return filepath.Join(l.Dir, filepath.FromSlash(name)), nil
}

// Put writes under a temporary name, flushes to disk, and names the file when it is whole.
func (l Local) Put(_ context.Context, name string, src io.Reader, size int64) error {
	path, err := l.path(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("recording folder: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return fmt.Errorf("recording file: %w", err)
	}
	defer func() {
		_ = tmp.Close()
		_ = os.Remove(tmp.Name()) // after the rename there is nothing under this name
	}()
	if n, err := io.Copy(tmp, src); err != nil {
		return fmt.Errorf("write recording: %w", err)
	} else if n != size {
		return fmt.Errorf("write recording: %d bytes came, %d were announced", n, size)
	}
	if err := tmp.Sync(); err != nil {
		return fmt.Errorf("flush recording: %w", err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("name recording: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

type localBlob struct {
	*os.File
	size int64
}

func (b localBlob) Size() int64 { return b.size }

// Open opens the file.
func (l Local) Open(_ context.Context, name string) (Blob, error) {
	path, err := l.path(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoBlob
	}
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no file")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open recording: %w", err), f.Close())
	}
	return localBlob{f, info.Size()}, nil
}

// Delete removes the file, durably.
func (l Local) Delete(_ context.Context, name string) error {
	path, err := l.path(name)
	if err != nil {
		return err
	}
	switch err := os.Remove(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("remove recording: %w", err)
	}
	return syncDir(filepath.Dir(path))
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
