package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/recording"
)

// evaluationAudio plays the call of an evaluation to who may see that: an agent hears what he was scored for.
func (s *Server) evaluationAudio(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		writeProblem(w, r, invalid("path.id", "must be a UUID"))
		return
	}
	attempt, err := s.evaluated(ctx, id)
	if err != nil {
		writeProblem(w, r, s.problem(ctx, err))
		return
	}
	s.play(w, r, attempt)
}

// evaluated is the call of an evaluation that the signed-in user may see.
func (s *Server) evaluated(ctx context.Context, id uuid.UUID) (uuid.UUID, error) {
	scope, err := s.qualityScope(ctx)
	if err != nil {
		return uuid.Nil, err
	}
	return s.quality.CallOf(ctx, id, scope)
}

// evaluationWave leaves the holds out: they are none of an agent's business.
func (s *Server) evaluationWave(ctx context.Context, in *ByID) (*body[recordingWave], error) {
	attempt, err := s.evaluated(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	w := recordingWave{Holds: []recording.Hold{}}
	if w.Peaks, err = s.opts.Tape.Peaks(ctx, attempt); err != nil {
		return nil, err
	}
	if w.Marks, err = s.opts.Tape.PlayMarks(ctx, attempt); err != nil {
		return nil, err
	}
	return &body[recordingWave]{w}, nil
}

func documentEvaluationAudio(s *Server, o *huma.Operation) {
	documentAudio(s, o)
	o.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string", Format: "uuid"}}}
}
