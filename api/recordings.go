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
	CampaignID uuid.UUID `query:"campaign_id" format:"uuid"`
	AgentID    uuid.UUID `query:"agent_id" format:"uuid"`
	Before     time.Time `query:"before" doc:"only recordings made before this moment: the next page"`
	Limit      int       `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

func (s *Server) recordings(ctx context.Context, in *recordingsInput) (*body[page[recording.Recording]], error) {
	found, err := s.opts.Recordings.Search(ctx, recording.Filter{Campaign: in.CampaignID, Agent: in.AgentID, Before: in.Before, Limit: in.Limit})
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
	ctx, cancel := context.WithTimeout(r.Context(), 2*defaultTimeout)
	defer cancel()
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
	sound, err := s.opts.Recordings.Open(ctx, attempt)
	if err != nil {
		writeProblem(w, r, s.problem(ctx, err))
		return
	}
	defer func() { _ = sound.Close() }()
	h := w.Header()
	h.Set("Content-Type", "audio/wav")
	h.Set("Content-Disposition", `inline; filename="`+attempt.String()+`.wav"`)
	h.Set("Cache-Control", "private, no-store")
	h.Set("ETag", `"`+meta.SHA256+`"`)
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
	o.Description = "A WAV file, customer left and agent right; ranges are served. One audit row covers five minutes of the same user playing the same recording."
	o.Parameters = []*huma.Param{{Name: "attempt_id", In: "path", Required: true, Schema: &huma.Schema{Type: "string", Format: "uuid"}}}
	wav := map[string]*huma.MediaType{"audio/wav": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: wav}, "206": {Description: "Partial Content", Content: wav}}
}
