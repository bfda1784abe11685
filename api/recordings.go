package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/recording"
)

type recordingsInput struct {
	CampaignID  uuid.UUID `query:"campaign_id" format:"uuid"`
	AgentID     uuid.UUID `query:"agent_id" format:"uuid"`
	ContactID   uuid.UUID `query:"contact_id" format:"uuid"`
	Phone       string    `query:"phone" maxLength:"20" pattern:"^[+]?[0-9]*$" doc:"E.164, or its beginning; the plus may be missing"`
	Disposition string    `query:"disposition" maxLength:"40"`
	LeastMS     int64     `query:"least_ms" minimum:"0" doc:"lasts at least so many milliseconds"`
	MostMS      int64     `query:"most_ms" minimum:"0" doc:"lasts at most so many; 0: any"`
	From        time.Time `query:"from" doc:"made at this moment or later"`
	Until       time.Time `query:"until" doc:"made before this moment"`
	Question    string    `query:"question" maxLength:"80" doc:"a question of the script that was answered"`
	Answer      string    `query:"answer" maxLength:"500" doc:"with this answer; empty: any"`
	Held        bool      `query:"held" doc:"only those under a legal hold"`
	Scored      bool      `query:"scored" doc:"only those with an evaluation"`
	LeastScore  float64   `query:"least_score" minimum:"0" maximum:"100" doc:"only those with an evaluation of at least so many per cent"`
	MostScore   float64   `query:"most_score" minimum:"0" maximum:"100" default:"100" doc:"only those with an evaluation of at most so many; 100: any"`
	Before      time.Time `query:"before" doc:"created_at of the last recording of the page before: the next page"`
	BeforeID    uuid.UUID `query:"before_id" format:"uuid" doc:"and its attempt_id"`
	Limit       int       `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

func (s *Server) recordings(ctx context.Context, in *recordingsInput) (*body[page[recording.Recording]], error) {
	if in.Answer != "" && in.Question == "" {
		return nil, invalid("query.question", "name the question that the answer belongs to")
	}
	if in.LeastScore > in.MostScore {
		return nil, invalid("query.least_score", "must not be above most_score")
	}
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	if in.Phone != "" && in.Phone[0] != '+' {
		in.Phone = "+" + in.Phone
	}
	f := recording.Filter{Campaign: in.CampaignID, Agent: in.AgentID, Contact: in.ContactID, Phone: in.Phone,
		Disposition: in.Disposition, AtLeast: time.Duration(in.LeastMS) * time.Millisecond, AtMost: time.Duration(in.MostMS) * time.Millisecond,
		From: in.From, Until: in.Until, Question: in.Question, Answer: in.Answer, Held: in.Held, Before: in.Before, BeforeID: in.BeforeID, Limit: in.Limit,
		Scored: in.Scored, ScoresOf: scope.Agents()}
	if in.LeastScore > 0 {
		f.LeastScore = &in.LeastScore
	}
	if in.MostScore < 100 {
		f.MostScore = &in.MostScore
	}
	found, err := s.opts.Recordings.Search(ctx, f)
	if err != nil {
		return nil, err
	}
	return items(found), nil
}

type attemptInput struct {
	AttemptID uuid.UUID `path:"attempt_id" format:"uuid"`
}

func (s *Server) recording(ctx context.Context, in *attemptInput) (*body[recording.Recording], error) {
	r, err := s.opts.Recordings.Get(ctx, in.AttemptID)
	if err != nil {
		return nil, err
	}
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return nil, err
	}
	if r.AgentID == nil || !scope.Has(*r.AgentID) {
		r.Score, r.EvaluationID = nil, nil
	}
	return &body[recording.Recording]{r}, nil
}

// playWindow is how long one audit row covers the same user playing the same recording: a player asks for many ranges.
const playWindow = 5 * time.Minute

// plays remembers whose playing has its audit row already.
type plays struct {
	mu   sync.Mutex
	seen map[play]time.Time
}

type play struct{ user, attempt uuid.UUID }

// covered reports whether an audit row of the last few minutes covers p.
func (l *plays) covered(p play, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, ok := l.seen[p]
	return ok && now.Sub(at) < playWindow
}

func (l *plays) note(p play, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k, at := range l.seen {
		if now.Sub(at) >= playWindow {
			delete(l.seen, k)
		}
	}
	if l.seen == nil {
		l.seen = map[play]time.Time{}
	}
	l.seen[p] = now
}

// audio plays a recording: the audit row is written before the first byte leaves (I15). Ranges are served.
func (s *Server) audio(w http.ResponseWriter, r *http.Request) {
	attempt, err := uuid.Parse(r.PathValue("attempt_id"))
	if err != nil {
		writeProblem(w, r, invalid("path.attempt_id", "must be a UUID"))
		return
	}
	s.play(w, r, attempt)
}

// play sends the audio of an attempt to who may hear it, after its audit row.
func (s *Server) play(w http.ResponseWriter, r *http.Request, attempt uuid.UUID) {
	ctx := r.Context() // lasts as long as the listener listens: a store may be asked for each range
	meta, err := s.opts.Recordings.Get(ctx, attempt)
	if err != nil {
		writeProblem(w, r, s.problem(ctx, err))
		return
	}
	p, now := play{userOf(ctx).ID, attempt}, s.opts.Now()
	if !s.plays.covered(p, now) {
		if err := s.audit(ctx, "recording.play", "attempt", attempt.String(), map[string]any{"sha256": meta.SHA256}); err != nil {
			writeProblem(w, r, s.problem(ctx, err))
			return
		}
		s.plays.note(p, now)
	}
	s.serveSound(ctx, w, r, meta)
}

// serveSound sends the audio of a recording whose audit row is written.
func (s *Server) serveSound(ctx context.Context, w http.ResponseWriter, r *http.Request, meta recording.Recording) {
	sound, err := s.opts.Recordings.Open(ctx, meta.AttemptID)
	if err != nil {
		writeProblem(w, r, s.problem(ctx, err))
		return
	}
	defer func() { _ = sound.Close() }()
	kind, ending := "audio/wav", ".wav"
	if meta.Format == "opus" {
		kind, ending = "audio/ogg", ".opus"
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `inline; filename="`+meta.AttemptID.String()+ending+`"`)
	h.Set("Cache-Control", "private, no-store")
	h.Set("ETag", `"`+meta.FileSHA+`"`)
	http.ServeContent(steady{w, http.NewResponseController(w)}, r, "", meta.CreatedAt, sound)
}

// steady gives a slow but living listener time: the write deadline moves with every write.
type steady struct {
	http.ResponseWriter
	c *http.ResponseController
}

func (s steady) Write(b []byte) (int, error) {
	_ = s.c.SetWriteDeadline(time.Now().Add(uploadPatience)) // a recorder in a test has no deadlines
	return s.ResponseWriter.Write(b)
}

func documentAudio(_ *Server, o *huma.Operation) {
	o.Description = "A WAV file, or an Ogg Opus file once it was transcoded (format); customer left and agent right; ranges are served. One audit row covers five minutes of the same user playing the same recording."
	o.Parameters = []*huma.Param{{Name: "attempt_id", In: "path", Required: true, Schema: &huma.Schema{Type: "string", Format: "uuid"}}}
	file := &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	wav := map[string]*huma.MediaType{"audio/wav": file, "audio/ogg": file}
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: wav}, "206": {Description: "Partial Content", Content: wav}}
}
