package recording

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// OpusTool turns sound into opus and back.
type OpusTool interface {
	// Encode reads raw stereo samples as of a capture and writes an Ogg Opus file.
	Encode(ctx context.Context, raw io.Reader, ogg io.Writer) error
	// Decode reads an Ogg Opus file and writes raw stereo samples at 8 kHz.
	Decode(ctx context.Context, ogg io.Reader, raw io.Writer) error
}

// OpusTools are the programs opusenc and opusdec of Debian's package opus-tools. Sound goes through pipes: nothing of it is on the
// disk unencrypted.
type OpusTools struct{ Enc, Dec string }

// FindOpus finds them on this machine; nil: they are not there.
func FindOpus() OpusTool {
	enc, err := exec.LookPath("opusenc")
	if err != nil {
		return nil
	}
	dec, err := exec.LookPath("opusdec")
	if err != nil {
		return nil
	}
	return OpusTools{enc, dec}
}

// opusRate is kbit/s of both sides together: speech at 8 kHz gains nothing from more (RFC 6716, 2.1.1).
const opusRate = "32"

// Encode runs opusenc.
func (o OpusTools) Encode(ctx context.Context, raw io.Reader, ogg io.Writer) error {
	return pipe(ctx, raw, ogg, o.Enc, "--quiet", "--raw", "--raw-bits", "16", "--raw-rate", "8000", "--raw-chan", "2", "--bitrate", opusRate, "-", "-")
}

// Decode runs opusdec.
func (o OpusTools) Decode(ctx context.Context, ogg io.Reader, raw io.Writer) error {
	return pipe(ctx, ogg, raw, o.Dec, "--quiet", "--rate", "8000", "-", "-")
}

func pipe(ctx context.Context, in io.Reader, out io.Writer, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin, cmd.Stdout = in, out
	said := &bytes.Buffer{}
	cmd.Stderr = said
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, strings.TrimSpace(said.String()))
	}
	return nil
}

const (
	opusAtOnce   = 20
	opusTries    = 3
	opusPatience = 5 * time.Minute       // of one recording
	opusSlack    = 20 * time.Millisecond // that the decoded length may differ
	opusWindow   = 90 * 24 * time.Hour   // older ones stay as they are
	opusPause    = 15 * time.Second      // between two looks
)

// Transcode makes opus files of recordings that have none, newest first, at most a few, and returns how many. An opus file stands for its
// recording only when it was read back from the store and decodes to the same length; then the WAV file goes, and its checksum stays.
func (a *Archive) Transcode(ctx context.Context) (done int, err error) {
	if a.cfg.Opus == nil {
		return 0, nil
	}
	rows, err := a.cfg.Pool.Query(ctx, `SELECT attempt_id, path, key_id, sha256, duration_ms FROM recordings
		WHERE opus_state = '' AND opus_tries < $1 AND created_at > $2 ORDER BY created_at DESC LIMIT $3`, opusTries, a.cfg.Now().Add(-opusWindow), opusAtOnce)
	if err != nil {
		return 0, fmt.Errorf("look for recordings to transcode: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[plain])
	if err != nil {
		return 0, fmt.Errorf("look for recordings to transcode: %w", err)
	}
	for _, p := range all {
		if ctx.Err() != nil {
			return done, ctx.Err()
		}
		one, cancel := context.WithTimeout(ctx, opusPatience)
		err := a.transcode(one, p)
		cancel()
		if err == nil {
			a.opus.WithLabelValues("done").Inc()
			done++
			continue
		}
		if ctx.Err() != nil {
			return done, ctx.Err()
		}
		a.opus.WithLabelValues("failed").Inc()
		a.cfg.Log.Warn("a recording could not be transcoded; it stays as it is", "attempt", p.Attempt, "err", err)
		_, err = a.cfg.Pool.Exec(ctx, `UPDATE recordings SET opus_tries = opus_tries + 1, opus_state = CASE WHEN opus_tries + 1 >= $2 THEN 'failed' ELSE '' END
			WHERE attempt_id = $1 AND opus_state = ''`, p.Attempt, opusTries)
		if err != nil {
			return done, fmt.Errorf("note a failed transcoding: %w", err)
		}
	}
	return done, nil
}

// plain is a recording that has no opus file yet.
type plain struct {
	Attempt    uuid.UUID
	Path, Key  string
	Sum        []byte
	DurationMS int64
}

func (a *Archive) transcode(ctx context.Context, p plain) error {
	wav, err := a.openBlob(ctx, p.Path, p.Key, p.Sum)
	if err != nil {
		return err
	}
	defer func() { _ = wav.Close() }()
	if _, err := wav.Seek(wavHeaderBytes, io.SeekStart); err != nil {
		return err
	}
	f, err := a.workFile()
	if err != nil {
		return err
	}
	defer func() { _ = f.Close(); _ = os.Remove(f.Name()) }()
	sealed, key, err := a.cfg.Keys.seal(f)
	if err != nil {
		return err
	}
	sum, count := sha256.New(), &counter{}
	if err := a.cfg.Opus.Encode(ctx, wav, io.MultiWriter(sealed, sum, count)); err != nil {
		return err
	}
	if err := sealed.Close(); err != nil {
		return fmt.Errorf("encrypt recording: %w", err)
	}
	name := strings.TrimSuffix(strings.TrimSuffix(p.Path, ".age"), ".wav") + ".opus"
	if key != "" {
		name += ".age"
	}
	if err := a.keep(ctx, name, key, f, sum.Sum(nil)); err != nil {
		return err
	}
	if err := a.decodes(ctx, name, key, sum.Sum(nil), p.DurationMS); err != nil {
		return errors.Join(err, a.cfg.Blobs.Delete(ctx, name))
	}
	return a.replace(ctx, p, name, key, sum.Sum(nil), count.n)
}

// decodes makes sure that the stored opus file is as long as its recording.
func (a *Archive) decodes(ctx context.Context, name, key string, sum []byte, millis int64) error {
	ogg, err := a.openBlob(ctx, name, key, sum)
	if err != nil {
		return err
	}
	defer func() { _ = ogg.Close() }()
	n := &counter{}
	if err := a.cfg.Opus.Decode(ctx, ogg, n); err != nil {
		return err
	}
	if got, want := duration(n.n), time.Duration(millis)*time.Millisecond; (got - want).Abs() > opusSlack {
		return fmt.Errorf("the opus file lasts %v, its recording %v", got, want)
	}
	return nil
}

// replace notes the opus file, and lets the WAV file go.
func (a *Archive) replace(ctx context.Context, p plain, name, key string, sum []byte, size int64) error {
	kept := false
	err := pgx.BeginFunc(ctx, a.cfg.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockSQL, []uuid.UUID{p.Attempt}); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `UPDATE recordings SET opus_state = 'done', opus_path = $2, opus_key_id = $3, opus_sha256 = $4, opus_bytes = $5, wav_gone_at = now()
			WHERE attempt_id = $1 AND opus_state = ''`, p.Attempt, name, key, sum, size)
		kept = tag.RowsAffected() == 1
		return err
	})
	if err != nil {
		return fmt.Errorf("note an opus file: %w", err)
	}
	if !kept { // deleted meanwhile
		return a.cfg.Blobs.Delete(ctx, name)
	}
	// Should this fail, the path still stands in the row, and goes with the recording.
	if err := a.cfg.Blobs.Delete(ctx, p.Path); err != nil {
		a.cfg.Log.Warn("the WAV file of a transcoded recording is still there", "attempt", p.Attempt, "err", err)
	}
	return nil
}

type counter struct{ n int64 }

func (c *counter) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	return len(b), nil
}

// Upkeep transcodes and enforces retention until ctx ends, away from the storing of new recordings.
func (a *Archive) Upkeep(ctx context.Context) error {
	tick := time.NewTicker(opusPause)
	defer tick.Stop()
	var retained time.Time
	for {
		if now := a.cfg.Now(); now.Sub(retained) >= time.Hour {
			retained = now
			n, err := a.Retain(ctx)
			if err != nil && ctx.Err() == nil {
				a.cfg.Log.Warn("recordings whose time is over are not all deleted; tried again in an hour", "err", err)
			}
			if n > 0 {
				a.cfg.Log.Info("recordings whose time was over are deleted", "count", n)
			}
		}
		if err := a.catchUp(ctx); err != nil && ctx.Err() == nil {
			a.cfg.Log.Warn("recordings: upkeep failed, will be tried again", "err", err)
		}
		n, err := a.Transcode(ctx)
		if err != nil && ctx.Err() == nil {
			a.cfg.Log.Warn("recordings: transcoding stopped, will be tried again", "err", err)
		}
		if n == opusAtOnce && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
