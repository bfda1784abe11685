package recording

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Recording is one stored recording as pages show it.
type Recording struct {
	AttemptID   uuid.UUID  `json:"attempt_id"`
	CampaignID  uuid.UUID  `json:"campaign_id"`
	Campaign    string     `json:"campaign"`
	AgentID     *uuid.UUID `json:"agent_id,omitempty"`
	Agent       string     `json:"agent"`
	ContactID   uuid.UUID  `json:"contact_id"`
	Contact     string     `json:"contact"`
	Phone       string     `json:"phone"`
	Disposition string     `json:"disposition"`
	SHA256      string     `json:"sha256" doc:"checksum of the audio as it was recorded, a WAV file, hexadecimal"`
	Bytes       int64      `json:"bytes" doc:"of that file"`
	DurationMS  int64      `json:"duration_ms"`
	Channels    int        `json:"channels" doc:"2: customer left, agent right"`
	CreatedAt   time.Time  `json:"created_at"`

	Policy    string     `json:"policy" enum:"always,demand,percent,never," doc:"under which it was recorded; empty: not known"`
	Percent   *float64   `json:"percent,omitempty" doc:"of the policy percent"`
	Announced *bool      `json:"announced,omitempty" doc:"whether callee and agent were told; absent: no announcement was asked for"`
	BeganAt   *time.Time `json:"began_at,omitempty"`
	PausedMS  int64      `json:"paused_ms" doc:"of which nothing was kept"`
	Encrypted bool       `json:"encrypted" doc:"at rest"`
	Format    string     `json:"format" enum:"wav,opus" doc:"what is played and downloaded"`
	FileSHA   string     `json:"file_sha256" doc:"checksum of that, hexadecimal"`
	Held      bool       `json:"held" doc:"under a legal hold: it is not deleted"`

	Score        *float64   `json:"score" doc:"of its evaluation, per cent; null: it has none, or it is of an agent whose scores the caller does not see"`
	EvaluationID *uuid.UUID `json:"evaluation_id"`
}

// Filter narrows a search; zero fields do not narrow.
type Filter struct {
	Campaign    uuid.UUID
	Agent       uuid.UUID
	Contact     uuid.UUID
	Phone       string // a number, or its beginning
	Disposition string
	AtLeast     time.Duration
	AtMost      time.Duration
	From, Until time.Time
	Question    string // of the script
	Answer      string // to Question, as text; "": any
	Held        bool
	Scored      bool        // only those with an evaluation
	LeastScore  *float64    // per cent
	MostScore   *float64    // per cent
	ScoresOf    []uuid.UUID // the scores of these agents are known to who asks; nil: of all

	Before   time.Time // only recordings made before this moment: the next page
	BeforeID uuid.UUID // and of that moment only those with a smaller id
	Limit    int       // at most 500; 0 means 50
}

var (
	// ErrNotFound says that the attempt has no recording.
	ErrNotFound = errors.New("there is no recording of this attempt")
	// ErrDamaged says that the stored file is missing or is not the one that was recorded.
	ErrDamaged = errors.New("the recording is missing or damaged in the store: its checksum does not match")
)

const selectRecording = `
	SELECT r.attempt_id, r.campaign_id, coalesce(c.name, ''), r.agent_id, coalesce(u.name, ''),
	       coalesce(r.contact_id, '00000000-0000-0000-0000-000000000000'), coalesce(k.name, ''), r.phone,
	       r.disposition, encode(r.sha256, 'hex'), r.bytes, r.duration_ms, r.channels, r.created_at,
	       r.policy, r.percent, r.announced, r.began_at, r.paused_ms,
	       CASE WHEN r.wav_gone_at IS NULL THEN r.key_id ELSE r.opus_key_id END <> '', CASE WHEN r.wav_gone_at IS NULL THEN 'wav' ELSE 'opus' END,
	       encode(CASE WHEN r.wav_gone_at IS NULL THEN r.sha256 ELSE r.opus_sha256 END, 'hex'), ` + heldSQL + `, e.score_now, e.id
	FROM recordings r
	LEFT JOIN evaluations e ON e.attempt_id = r.attempt_id AND e.calibration_id IS NULL
	LEFT JOIN campaigns c ON c.id = r.campaign_id
	LEFT JOIN users u ON u.id = r.agent_id
	LEFT JOIN contacts k ON k.id = r.contact_id`

// where is the conditions of a search with their values. Each filter that is not set is left out, so that the index of the one that
// narrows most is used.
type where struct {
	terms []string
	args  []any
}

// add puts a condition in; each $ stands for the next value.
func (w *where) add(set bool, term string, values ...any) {
	if !set {
		return
	}
	for _, v := range values {
		w.args = append(w.args, v)
		term = strings.Replace(term, "$", fmt.Sprintf("\x00%d", len(w.args)), 1)
	}
	w.terms = append(w.terms, strings.ReplaceAll(term, "\x00", "$"))
}

func (f *Filter) where() where {
	var w where
	w.add(f.Campaign != uuid.Nil, "r.campaign_id = $", f.Campaign)
	w.add(f.Agent != uuid.Nil, "r.agent_id = $", f.Agent)
	w.add(f.Contact != uuid.Nil, "r.contact_id = $", f.Contact)
	w.add(f.Phone != "", "r.phone LIKE $", likeEscape.Replace(f.Phone)+"%")
	w.add(f.Disposition != "", "r.disposition = $", f.Disposition)
	w.add(f.AtLeast > 0, "r.duration_ms >= $", f.AtLeast.Milliseconds())
	w.add(f.AtMost > 0, "r.duration_ms <= $", f.AtMost.Milliseconds())
	w.add(!f.From.IsZero(), "r.created_at >= $", f.From)
	w.add(!f.Until.IsZero(), "r.created_at < $", f.Until)
	w.add(f.Question != "" && f.Answer == "", "r.attempt_id IN (SELECT attempt_id FROM script_answers WHERE question = $)", f.Question)
	w.add(f.Question != "" && f.Answer != "", "r.attempt_id IN (SELECT attempt_id FROM script_answers WHERE question = $ AND md5(answer #>> '{}') = md5($))", f.Question, f.Answer)
	w.add(f.Held, `r.attempt_id IN (SELECT attempt_id FROM recording_holds WHERE released_at IS NULL AND attempt_id IS NOT NULL
		UNION ALL SELECT x.attempt_id FROM recordings x JOIN recording_holds h ON h.contact_id = x.contact_id AND h.released_at IS NULL)`)
	f.scores(&w)
	w.add(!f.Before.IsZero() && f.BeforeID == uuid.Nil, "r.created_at < $", f.Before)
	w.add(!f.Before.IsZero() && f.BeforeID != uuid.Nil, "(r.created_at, r.attempt_id) < ($, $)", f.Before, f.BeforeID)
	return w
}

// scores narrows by evaluations. Whose scores somebody does not see, he does not find by them either.
func (f *Filter) scores(w *where) {
	if !f.Scored && f.LeastScore == nil && f.MostScore == nil {
		return
	}
	least, most := 0.0, 100.0
	if f.LeastScore != nil {
		least = *f.LeastScore
	}
	if f.MostScore != nil {
		most = *f.MostScore
	}
	w.add(true, "r.attempt_id IN (SELECT x.attempt_id FROM evaluations x WHERE x.calibration_id IS NULL AND x.score_now BETWEEN $ AND $)", least, most)
	w.add(f.ScoresOf != nil, "r.agent_id = ANY ($)", f.ScoresOf)
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func scanRecording(row pgx.CollectableRow) (Recording, error) {
	var r Recording
	err := row.Scan(&r.AttemptID, &r.CampaignID, &r.Campaign, &r.AgentID, &r.Agent, &r.ContactID, &r.Contact, &r.Phone,
		&r.Disposition, &r.SHA256, &r.Bytes, &r.DurationMS, &r.Channels, &r.CreatedAt,
		&r.Policy, &r.Percent, &r.Announced, &r.BeganAt, &r.PausedMS, &r.Encrypted, &r.Format, &r.FileSHA, &r.Held, &r.Score, &r.EvaluationID)
	return r, err
}

// Search returns recordings, newest first.
func (a *Archive) Search(ctx context.Context, f Filter) ([]Recording, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	w := f.where()
	sql := selectRecording
	if len(w.terms) > 0 {
		sql += " WHERE " + strings.Join(w.terms, " AND ")
	}
	w.args = append(w.args, min(f.Limit, 500))
	rows, err := a.cfg.Pool.Query(ctx, fmt.Sprintf("%s ORDER BY r.created_at DESC, r.attempt_id DESC LIMIT $%d", sql, len(w.args)), w.args...)
	if err != nil {
		return nil, fmt.Errorf("search recordings: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanRecording)
	if err != nil {
		return nil, fmt.Errorf("search recordings: %w", err)
	}
	f.mask(found)
	return found, nil
}

// mask takes the scores out that are not for who asks.
func (f *Filter) mask(found []Recording) {
	if f.ScoresOf == nil {
		return
	}
	for i := range found {
		if a := found[i].AgentID; a == nil || !slices.Contains(f.ScoresOf, *a) {
			found[i].Score, found[i].EvaluationID = nil, nil
		}
	}
}

// Get returns the recording of one attempt, or ErrNotFound.
func (a *Archive) Get(ctx context.Context, attempt uuid.UUID) (Recording, error) {
	rows, err := a.cfg.Pool.Query(ctx, selectRecording+` WHERE r.attempt_id = $1`, attempt)
	if err != nil {
		return Recording{}, fmt.Errorf("read recording: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRecording)
	if errors.Is(err, pgx.ErrNoRows) {
		return Recording{}, ErrNotFound
	}
	return r, err
}

// Peaks are those of the waveform of a recording: a byte for the customer and one for the agent, again and again; 255 is full scale.
// Empty for recordings of before waveforms were kept.
func (a *Archive) Peaks(ctx context.Context, attempt uuid.UUID) (peaks []byte, err error) {
	err = a.cfg.Pool.QueryRow(ctx, `SELECT coalesce(peaks, '') FROM recordings WHERE attempt_id = $1`, attempt).Scan(&peaks)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read a waveform: %w", err)
	}
	return peaks, nil
}
