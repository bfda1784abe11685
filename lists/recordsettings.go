package lists

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"time"

	"github.com/google/uuid"
)

// RecordPolicy says which talks of a campaign are recorded.
type RecordPolicy string

const (
	RecordAlways  RecordPolicy = "always"
	RecordDemand  RecordPolicy = "demand"  // from when the agent or a supervisor starts it
	RecordPercent RecordPolicy = "percent" // a share of the calls, drawn from the attempt's id
	RecordNever   RecordPolicy = "never"
)

// RecordingSettings are the choices of a campaign for its recordings. None of them is needed: without a policy the old switch
// "record" means always or never.
type RecordingSettings struct {
	RecordPolicy   RecordPolicy `json:"record_policy,omitempty" enum:"always,demand,percent,never" doc:"which talks are recorded; without it record says always or never. demand: from when the agent or a supervisor starts it; percent: record_percent of the calls, drawn from the attempt's id"`
	RecordPercent  float64      `json:"record_percent,omitempty" minimum:"0" maximum:"100" doc:"of the policy percent: share of the calls, 0 to 100"`
	RecordAnnounce string       `json:"record_announce,omitempty" maxLength:"80" doc:"sound that callee and agent hear when a recorded talk begins, as a name known to the switch; what cannot be announced is not recorded; empty: none"`
	RecordPause    Seconds      `json:"record_pause,omitempty" minimum:"0" maximum:"600" doc:"seconds after which a paused recording goes on by itself; 0: 90"`
	RecordRequired bool         `json:"record_required,omitempty" doc:"no recording, no call: while recordings cannot be kept nothing new is dialled; talks go on"`
	RetentionDays  int          `json:"retention_days,omitempty" minimum:"0" maximum:"36500" doc:"days after which recordings are deleted, unless they are held; 0: they are kept"`
}

const defaultRecordPause = 90 * time.Second

// Recording is the policy that holds: the chosen one, or what the old switch says.
func (s Settings) Recording() RecordPolicy {
	switch {
	case s.RecordPolicy != "":
		return s.RecordPolicy
	case s.Record:
		return RecordAlways
	}
	return RecordNever
}

// Captures says whether the talk of an attempt is captured: all that the policy allows to be recorded, from the first moment or
// later. The share is drawn from the attempt's id alone, so that anyone can work out afterwards why a call was recorded or not:
// the first eight bytes of the SHA-256 of the id's sixteen, over 2^64, lie below record_percent / 100.
func (s Settings) Captures(attempt uuid.UUID) bool {
	switch s.Recording() {
	case RecordAlways, RecordDemand:
		return true
	case RecordPercent:
		sum := sha256.Sum256(attempt[:])
		return float64(binary.BigEndian.Uint64(sum[:]))/(1<<64) < s.RecordPercent/100
	}
	return false
}

// PauseTime is after how long a paused recording goes on by itself.
func (s RecordingSettings) PauseTime() time.Duration {
	return orElse(s.RecordPause, defaultRecordPause)
}

// recordErrors returns what is wrong with the choices for recordings.
func (s Settings) recordErrors() (errs []FieldError) {
	bad := func(wrong bool, field, reason string) {
		if wrong {
			errs = append(errs, FieldError{field, reason})
		}
	}
	switch s.RecordPolicy {
	case "", RecordAlways, RecordDemand, RecordPercent, RecordNever:
	default:
		bad(true, "record_policy", "must be always, demand, percent or never")
	}
	bad(math.IsNaN(s.RecordPercent) || s.RecordPercent < 0 || s.RecordPercent > 100, "record_percent", "must be between 0 and 100")
	bad(s.RecordPolicy == RecordPercent && s.RecordPercent == 0, "record_percent", "must be above 0 with the policy percent; never records nothing")
	bad(s.RecordAnnounce != "" && (len(s.RecordAnnounce) > maxMessage || !message.MatchString(s.RecordAnnounce)), "record_announce", "must be the name of a sound, such as dialtide/recorded")
	bad(s.RecordPause < 0 || s.RecordPause > 600 || s.RecordPause > 0 && s.RecordPause < 10, "record_pause", "must be 0 or between 10 and 600 seconds")
	bad(s.RetentionDays < 0 || s.RetentionDays > 36500, "retention_days", "must be between 0 and 36500 days")
	return errs
}
