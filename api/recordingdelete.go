package api

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/recording"
)

type deleteRecordingInput struct {
	AttemptID uuid.UUID `path:"attempt_id" format:"uuid"`
	Reason    string    `query:"reason" required:"true" minLength:"1" maxLength:"200" doc:"why, for the audit log"`
}

// deleteRecording takes one recording away for good. Its attempt stays.
func (s *Server) deleteRecording(ctx context.Context, in *deleteRecordingInput) (*struct{}, error) {
	reason := lists.CleanText(in.Reason, 200)
	if reason == "" {
		return nil, invalid("query.reason", "say why the recording is deleted")
	}
	r, err := s.opts.Recordings.Get(ctx, in.AttemptID)
	if err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "recording.delete", "attempt", in.AttemptID.String(), map[string]any{"reason": reason, "sha256": r.SHA256}); err != nil {
		return nil, err
	}
	_, err = s.opts.Recordings.Delete(ctx, recording.Deletion{Attempts: []uuid.UUID{in.AttemptID}, By: actorOf(ctx), Reason: reason})
	return nil, err
}

// deleteRecordings takes the recordings of a person's calls away, for an erasure.
func (s *Server) deleteRecordings(ctx context.Context, attempts []uuid.UUID) (int, error) {
	if len(attempts) == 0 {
		return 0, nil
	}
	if err := s.audit(ctx, "recording.delete", "attempts", "erasure", map[string]any{"reason": "erasure of a person", "attempts": attempts}); err != nil {
		return 0, err
	}
	n, err := s.opts.Recordings.Delete(ctx, recording.Deletion{Attempts: attempts, By: actorOf(ctx), Reason: "erasure of a person"})
	var held *recording.HeldError
	if errors.As(err, &held) { // a legal hold goes before an erasure (GDPR, article 17(3)(e)); that it did is on record
		return n, s.audit(ctx, "recording.kept", "attempts", "erasure", map[string]any{"reason": held.Error()})
	}
	return n, err
}
