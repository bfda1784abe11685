package recording

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// history is what the marks of an attempt say.
type history struct {
	marks     []Mark
	begun     time.Time // zero: not known
	policy    string
	percent   *float64
	announced *bool
}

// history reads the marks of attempts.
func (a *Archive) histories(ctx context.Context, attempts []uuid.UUID) (map[uuid.UUID]*history, error) {
	rows, err := a.cfg.Pool.Query(ctx, `SELECT attempt_id, at, kind, by_user, detail FROM recording_marks WHERE attempt_id = ANY ($1) AND kind <> 'played' ORDER BY attempt_id, at, id`, attempts)
	if err != nil {
		return nil, fmt.Errorf("read marks of recordings: %w", err)
	}
	defer rows.Close()
	out := map[uuid.UUID]*history{}
	for rows.Next() {
		var m Mark
		var detail []byte
		if err := rows.Scan(&m.Attempt, &m.At, &m.Kind, &m.By, &detail); err != nil {
			return nil, fmt.Errorf("read marks of recordings: %w", err)
		}
		if err := json.Unmarshal(detail, &m.Detail); err != nil {
			return nil, fmt.Errorf("read marks of recordings: %w", err)
		}
		h := out[m.Attempt]
		if h == nil {
			h = &history{}
			out[m.Attempt] = h
		}
		h.add(m)
	}
	return out, rows.Err()
}

func (h *history) add(m Mark) {
	h.marks = append(h.marks, m)
	yes, no := true, false
	switch m.Kind {
	case Begun:
		h.begun, h.policy = m.At, m.Detail.Policy
		if m.Detail.Policy == "percent" {
			p := m.Detail.Percent
			h.percent = &p
		}
		if m.Detail.Announce != "" && h.announced == nil {
			h.announced = &no
		}
	case Announced:
		h.announced = &yes
	case Unannounced:
		h.announced = &no
	}
}

// unwanted says that nothing of the capture may be kept: it was on demand, and nobody asked.
func (h *history) unwanted() bool {
	if h == nil || h.policy != "demand" {
		return false
	}
	for _, m := range h.marks {
		if m.Kind == Started {
			return false
		}
	}
	return true
}

// silent are the stretches of which nothing may be in the file: the switch has left them out already; this holds when it could not.
func (h *history) silent() (out []span, paused time.Duration) {
	if h == nil || h.begun.IsZero() {
		return nil, 0
	}
	var since time.Duration = -1
	if h.policy == "demand" {
		since = 0
	}
	cut := func(to time.Duration) {
		if since >= 0 && to > since {
			out = append(out, span{since, to})
			if to != forever {
				paused += to - since
			}
		}
		since = -1
	}
	for _, m := range h.marks {
		at := max(0, m.At.Sub(h.begun))
		switch m.Kind {
		case Paused, Stopped, Unannounced:
			if since < 0 {
				since = at
			}
		case Resumed, Started:
			cut(at)
		}
	}
	cut(forever)
	return out, paused
}

// PlayMark is something on the waveform of a recording.
type PlayMark struct {
	MS    int64  `json:"ms" doc:"milliseconds from the beginning of the recording"`
	Kind  string `json:"kind" doc:"announced, unannounced, paused, resumed, started or stopped (the recording), step (of the script), answer or disposition"`
	Text  string `json:"text" doc:"title of the step, question and answer, or the code of the disposition"`
	EndMS *int64 `json:"end_ms,omitempty" doc:"of paused: until when"`
}

// PlayMarks are the marks on a recording's waveform, in order of time.
func (a *Archive) PlayMarks(ctx context.Context, attempt uuid.UUID) ([]PlayMark, error) {
	rows, err := a.cfg.Pool.Query(ctx, `
		WITH r AS (SELECT attempt_id, coalesce(began_at, created_at - duration_ms * interval '1 millisecond') AS began FROM recordings WHERE attempt_id = $1)
		SELECT (extract(epoch FROM m.at - r.began) * 1000)::bigint, m.kind, m.text FROM r, LATERAL (
			SELECT at, kind, coalesce(detail->>'why', '') AS text FROM recording_marks WHERE attempt_id = r.attempt_id AND kind NOT IN ('begun', 'played')
			UNION ALL SELECT at, 'step', step FROM script_visits WHERE attempt_id = r.attempt_id
			UNION ALL SELECT at, 'answer', question || ': ' || CASE jsonb_typeof(answer) WHEN 'string' THEN answer #>> '{}' ELSE answer::text END
				FROM script_answers WHERE attempt_id = r.attempt_id
			UNION ALL SELECT at, 'disposition', code FROM dispositions WHERE attempt_id = r.attempt_id) m
		ORDER BY m.at LIMIT 500`, attempt)
	if err != nil {
		return nil, fmt.Errorf("read marks of a recording: %w", err)
	}
	marks, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (m PlayMark, err error) {
		err = r.Scan(&m.MS, &m.Kind, &m.Text)
		m.MS = max(0, m.MS)
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("read marks of a recording: %w", err)
	}
	return marks, nil
}
