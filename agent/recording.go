package agent

import (
	"time"

	"github.com/google/uuid"
)

// Commands on the recording of a call.
const (
	TalkRecordPause = "record_pause" // what is said is kept out of the recording, or let in again
	TalkRecord      = "record"       // starts or ends a recording on demand
)

// Codes of refused commands on a recording.
const (
	CodeNotRecorded   = "not_recorded"       // the call is not recorded
	CodeRecordGoesOn  = "recording_goes_on"  // it could not be paused: what is said is still kept
	CodeRecordSilence = "recording_silenced" // it could not be switched on: what is said is not kept
)

// RecordingView is how the recording of the agent's call stands; it is part of Screen. The zero value: not recorded.
type RecordingView struct {
	On       bool       `json:"on"`        // the call is recorded
	Paused   bool       `json:"paused"`    // what is said now is kept out
	Until    *time.Time `json:"until"`     // when a pause ends by itself; null: it does not
	Demand   bool       `json:"demand"`    // agent and supervisors may start and end it
	MayPause bool       `json:"may_pause"` // pausing is set up on the switch
}

// ShowRecording puts how the recording stands on the session's screen. Of a call that is not the session's it does nothing.
func (f *Floor) ShowRecording(session, attempt uuid.UUID, v RecordingView) {
	f.mu.Lock()
	s := f.byID[session]
	if s == nil || s.m.Attempt != attempt || s.m.State == WrapUp {
		f.mu.Unlock()
		return
	}
	s.recording, s.recorded = &v, attempt
	d := f.show(s, f.cfg.Clock())
	f.mu.Unlock()
	f.perform(d)
}

// recordingView is what the screen shows: of the call in talk only.
func (s *session) recordingView() *RecordingView {
	if s.recording == nil || s.recorded != s.m.Attempt || s.m.State != Talking {
		return nil
	}
	return s.recording
}
