package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/recording"
)

// Tape is what is known of recordings beyond their sound; *recording.Archive implements it.
type Tape interface {
	Peaks(ctx context.Context, attempt uuid.UUID) ([]byte, error)
	PlayMarks(ctx context.Context, attempt uuid.UUID) ([]recording.PlayMark, error)
	Holds(ctx context.Context, attempt *uuid.UUID) ([]recording.Hold, error)
	AddHold(ctx context.Context, h recording.Hold) (recording.Hold, error)
	ReleaseHold(ctx context.Context, id uuid.UUID, by *uuid.UUID, why string) error
	Health() recording.Health
	Links(ctx context.Context) (*recording.Links, error)
}

func tapeRoutes() []route {
	return []route{
		{method: "GET", path: "/api/recordings/{attempt_id}/wave", id: "get-recording-wave", tag: "Recordings", summary: "Waveform, marks and holds of a recording", access: only(Supervisor), errors: []int{404}, serve: op((*Server).wave)},
		{method: "POST", path: "/api/recordings/{attempt_id}/links", id: "create-recording-link", tag: "Recordings", summary: "A signed link to the audio of one recording, for somebody without an account; making and using it are audited", access: only(Supervisor), status: 201, errors: []int{404}, serve: op((*Server).postLink)},
		{method: "GET", path: "/api/shared/recordings/{token}", id: "play-shared-recording", tag: "Recordings", summary: "The audio behind a signed link; leaves an audit row first", access: anyone(), timeout: -1, errors: []int{403, 416}, serve: raw((*Server).sharedAudio, documentShared)},
		{method: "GET", path: "/api/recordings/holds", id: "list-recording-holds", tag: "Recordings", summary: "Legal holds that stand, newest first", access: only(Supervisor), serve: op((*Server).holds)},
		{method: "POST", path: "/api/recordings/holds", id: "create-recording-hold", tag: "Recordings", summary: "Keep one recording, or all of a contact, from being deleted", access: only(Supervisor), status: 201, errors: []int{404, 409}, serve: op((*Server).postHold)},
		{method: "DELETE", path: "/api/recordings/holds/{id}", id: "delete-recording-hold", tag: "Recordings", summary: "Release a legal hold", access: only(), errors: []int{404}, serve: op((*Server).deleteHold)},
		{method: "GET", path: "/api/recordings/health", id: "get-recording-health", tag: "Recordings", summary: "Whether recordings are made and kept: free space, backlog, missing ones", access: only(Supervisor, ListManager), serve: op((*Server).tapeHealth)},
		{method: "POST", path: "/api/calls/{attempt_id}/recording", id: "steer-recording", tag: "Supervision", summary: "Start, stop, pause or resume the recording of a call in talk; leaves an audit row first", access: only(Supervisor), errors: []int{404, 409}, serve: op((*Server).postCallRecording)},
	}
}

// recordingWave is what a player draws.
type recordingWave struct {
	Peaks []byte               `json:"peaks" doc:"base64 of bytes, one for the customer and one for the agent, again and again: the loudest sample of equal stretches of the recording, 255 is full scale; empty: not known"`
	Marks []recording.PlayMark `json:"marks" nullable:"false"`
	Holds []recording.Hold     `json:"holds" nullable:"false"`
}

func (s *Server) wave(ctx context.Context, in *attemptInput) (*body[recordingWave], error) {
	var w recordingWave
	var err error
	if w.Peaks, err = s.opts.Tape.Peaks(ctx, in.AttemptID); err != nil {
		return nil, err
	}
	if w.Marks, err = s.opts.Tape.PlayMarks(ctx, in.AttemptID); err != nil {
		return nil, err
	}
	if w.Holds, err = s.opts.Tape.Holds(ctx, &in.AttemptID); err != nil {
		return nil, err
	}
	return &body[recordingWave]{w}, nil
}

type linkInput struct {
	AttemptID uuid.UUID `path:"attempt_id" format:"uuid"`
	Body      struct {
		Hours int `json:"hours" minimum:"1" maximum:"720" default:"24" doc:"how long the link works"`
	}
}

// recordingLink is a signed link.
type recordingLink struct {
	Path  string    `json:"path" doc:"below the server's own address"`
	Until time.Time `json:"until"`
}

func (s *Server) postLink(ctx context.Context, in *linkInput) (*body[recordingLink], error) {
	r, err := s.opts.Recordings.Get(ctx, in.AttemptID)
	if err != nil {
		return nil, err
	}
	links, err := s.opts.Tape.Links(ctx)
	if err != nil {
		return nil, err
	}
	until := s.opts.Now().Add(time.Duration(in.Body.Hours) * time.Hour).Truncate(time.Second)
	if err := s.audit(ctx, "recording.link", "attempt", in.AttemptID.String(), map[string]any{"until": until.UTC(), "sha256": r.SHA256}); err != nil {
		return nil, err
	}
	token := links.Make(recording.Link{Attempt: in.AttemptID, By: userOf(ctx).ID, Until: until})
	return &body[recordingLink]{recordingLink{"/api/shared/recordings/" + token, until}}, nil
}

// sharedAudio plays what a signed link names. Whatever is wrong with it, the answer is the same.
func (s *Server) sharedAudio(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	refused := newProblem(http.StatusForbidden, "forbidden", "this link is not valid, or not any more")
	links, err := s.opts.Tape.Links(ctx)
	if err != nil {
		writeProblem(w, r, s.problem(ctx, err))
		return
	}
	now := s.opts.Now()
	l, ok := links.Read(r.PathValue("token"), now)
	if !ok {
		writeProblem(w, r, refused)
		return
	}
	if ok, err := s.mayStillShare(ctx, l.By); err != nil || !ok {
		if err != nil {
			writeProblem(w, r, s.problem(ctx, err))
			return
		}
		writeProblem(w, r, refused)
		return
	}
	meta, err := s.opts.Recordings.Get(ctx, l.Attempt)
	if errors.Is(err, recording.ErrNotFound) {
		writeProblem(w, r, refused)
		return
	}
	if err != nil {
		writeProblem(w, r, s.problem(ctx, err))
		return
	}
	p := play{uuid.NewSHA1(l.By, []byte(r.PathValue("token"))), l.Attempt}
	if !s.plays.covered(p, now) {
		if err := s.auditAs(ctx, l.By, "recording.link.play", "attempt", l.Attempt.String(), map[string]any{"sha256": meta.SHA256, "until": l.Until.UTC(), "from": clientAddr(r, s.opts.TrustedProxies).String()}); err != nil {
			writeProblem(w, r, s.problem(ctx, err))
			return
		}
		s.plays.note(p, now)
	}
	s.serveSound(ctx, w, r, meta)
}

// mayStillShare says whether the account that made a link still stands.
func (s *Server) mayStillShare(ctx context.Context, by uuid.UUID) (ok bool, err error) {
	err = s.opts.Pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM users WHERE id = $1 AND NOT disabled AND role IN ('supervisor', 'admin'))`, by).Scan(&ok)
	return ok, err
}

func documentShared(s *Server, o *huma.Operation) {
	documentAudio(s, o)
	o.Description = "The audio of the one recording that the link was made for. A link that is forged, over, or of an account that may not listen any more gets 403. One audit row covers five minutes."
	o.Parameters = []*huma.Param{{Name: "token", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}}
}

func (s *Server) holds(ctx context.Context, _ *struct{}) (*body[page[recording.Hold]], error) {
	all, err := s.opts.Tape.Holds(ctx, nil)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

type holdInput struct {
	Body struct {
		AttemptID *uuid.UUID `json:"attempt_id,omitempty" format:"uuid" doc:"one recording"`
		ContactID *uuid.UUID `json:"contact_id,omitempty" format:"uuid" doc:"or all of a contact, those to come among them"`
		Reason    string     `json:"reason" minLength:"1" maxLength:"500"`
	}
}

func (s *Server) postHold(ctx context.Context, in *holdInput) (*body[recording.Hold], error) {
	h := recording.Hold{AttemptID: in.Body.AttemptID, ContactID: in.Body.ContactID, Reason: lists.CleanText(in.Body.Reason, 500), By: actorOf(ctx)}
	if (h.AttemptID == nil) == (h.ContactID == nil) {
		return nil, invalid("body.attempt_id", "name either a recording by attempt_id or a contact by contact_id")
	}
	if h.Reason == "" {
		return nil, invalid("body.reason", "say why it is held")
	}
	object, id := "contact", ""
	if h.AttemptID != nil {
		if _, err := s.opts.Recordings.Get(ctx, *h.AttemptID); err != nil {
			return nil, err
		}
		object, id = "attempt", h.AttemptID.String()
	} else {
		id = h.ContactID.String()
	}
	if err := s.audit(ctx, "recording.hold", object, id, map[string]any{"reason": h.Reason}); err != nil {
		return nil, err
	}
	made, err := s.opts.Tape.AddHold(ctx, h)
	if err != nil {
		return nil, err
	}
	return &body[recording.Hold]{made}, nil
}

type releaseInput struct {
	ID     uuid.UUID `path:"id" format:"uuid"`
	Reason string    `query:"reason" required:"true" minLength:"1" maxLength:"200" doc:"why, for the audit log"`
}

func (s *Server) deleteHold(ctx context.Context, in *releaseInput) (*struct{}, error) {
	reason := lists.CleanText(in.Reason, 200)
	if reason == "" {
		return nil, invalid("query.reason", "say why the hold is released")
	}
	if err := s.audit(ctx, "recording.release", "hold", in.ID.String(), map[string]any{"reason": reason}); err != nil {
		return nil, err
	}
	return nil, s.opts.Tape.ReleaseHold(ctx, in.ID, actorOf(ctx), reason)
}

func (s *Server) tapeHealth(context.Context, *struct{}) (*body[recording.Health], error) {
	return &body[recording.Health]{s.opts.Tape.Health()}, nil
}

type callRecordingInput struct {
	AttemptID uuid.UUID `path:"attempt_id" format:"uuid"`
	Body      struct {
		Act string `json:"act" enum:"start,stop,pause,resume" doc:"start and stop where recordings are on demand"`
	}
}

// postCallRecording lets a supervisor speak for a call's recording.
func (s *Server) postCallRecording(ctx context.Context, in *callRecordingInput) (*struct{}, error) {
	if err := s.audit(ctx, "recording."+in.Body.Act, "attempt", in.AttemptID.String(), nil); err != nil {
		return nil, err
	}
	r := agent.TalkRequest{Name: agent.TalkRecord, Agent: userOf(ctx).ID, Attempt: in.AttemptID, Supervisor: true}
	r.On = in.Body.Act == "start" || in.Body.Act == "pause"
	if in.Body.Act == "pause" || in.Body.Act == "resume" {
		r.Name = agent.TalkRecordPause
	}
	err := s.opts.Talk(ctx, r)
	var refused *agent.CommandError
	if errors.As(err, &refused) {
		return nil, newProblem(http.StatusConflict, refused.Code, refused.Message)
	}
	return nil, err
}
