package app

import (
	"errors"
	"fmt"
	"os"

	"github.com/dialtide/dialtide/recording"
)

// recordings is where and how recordings are kept.
func (c Config) recordings() (recording.Config, error) {
	out := recording.Config{Spool: c.Spool, Store: c.Recordings,
		Disk: recording.Disk{Low: c.RecordingsLow / 100, Full: c.RecordingsFull / 100, Spool: c.SpoolLimit << 30}}
	if c.RecordingsOpus != "off" {
		out.Opus = recording.FindOpus()
	}
	if c.RecordingsKeys != "" {
		keys, err := readKeys(c.RecordingsKeys)
		if err != nil {
			return out, err
		}
		out.Keys = keys
	}
	if c.RecordingsS3URL != "" {
		s3, err := recording.NewS3(recording.S3Config{URL: c.RecordingsS3URL, Bucket: c.RecordingsS3Bucket, Prefix: c.RecordingsS3Prefix, Region: c.RecordingsS3Region,
			AccessKey: c.RecordingsS3AccessKey, SecretKey: c.RecordingsS3SecretKey, PathStyle: c.RecordingsS3Path})
		if err != nil {
			return out, err
		}
		out.Blobs = s3
	}
	return out, nil
}

// readKeys reads the key file, which nobody else may read.
func readKeys(path string) (keys *recording.Keys, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("keys of recordings: %w; `dialtide recording-key` makes one", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("keys of recordings: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("keys of recordings: others may read %s: chmod 600 %s", path, path)
	}
	return recording.ReadKeys(f)
}
