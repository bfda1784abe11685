package lists

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
)

// WrapUpMode says what a call's wrap-up asks of its agent, and what becomes of it when its time is over.
type WrapUpMode string

const (
	WrapUpRequired  WrapUpMode = "required"   // a disposition is due; without one in time the call is [Undisposed] and the agent pauses
	WrapUpOptional  WrapUpMode = "optional"   // the agent may go on without one, and goes on when the time is over
	WrapUpTimed     WrapUpMode = "timed"      // a disposition is due; without one in time the call is [Undisposed] and the agent goes on
	WrapUpTimedAuto WrapUpMode = "timed_auto" // the same, but the call gets the disposition that the campaign names
)

// DeskSettings are the choices of a campaign for its agents' day. None of them is needed.
type DeskSettings struct {
	WrapUpMode   WrapUpMode `json:"wrap_up_mode,omitempty" enum:"required,optional,timed,timed_auto" doc:"required (default): without a disposition in time the call is undisposed and the agent pauses; optional: the agent may go on without one; timed: when the time is over the call is undisposed and the agent goes on; timed_auto: the same with the disposition wrap_up_auto"`
	WrapUpMore   int        `json:"wrap_up_more,omitempty" minimum:"0" maximum:"10" doc:"how often an agent may ask for more time after one call"`
	WrapUpExtra  Seconds    `json:"wrap_up_extra,omitempty" minimum:"0" maximum:"900" doc:"seconds that each such wish gives; 0: 30"`
	WrapUpAuto   string     `json:"wrap_up_auto,omitempty" maxLength:"40" doc:"of timed_auto: the disposition that a call gets whose wrap-up time is over; neither a callback nor one with required fields"`
	EditFields   []string   `json:"edit_fields,omitempty" maxItems:"100" doc:"contact fields that agents may change; those that a disposition requires may be filled in always"`
	FollowUps    bool       `json:"follow_ups,omitempty" doc:"every disposition may carry a follow-up, not only those that name a kind"`
	PauseLimits  PauseTimes `json:"pause_limits,omitempty" doc:"seconds per day that an agent may pause for a reason; beyond them the pause is shown as overrun"`
	PauseBlock   bool       `json:"pause_block,omitempty" doc:"a reason whose seconds are used up cannot be chosen any more that day"`
	CallbackWait Seconds    `json:"callback_wait,omitempty" minimum:"0" maximum:"2592000" doc:"how long a callback waits for its own agent after it has become due; then anyone gets it; 0: 30 minutes"`
	CallbackKeep bool       `json:"callback_keep,omitempty" doc:"a callback waits for its own agent however long that takes, unless his account is disabled"`
	Remind       Seconds    `json:"callback_remind,omitempty" minimum:"0" maximum:"86400" doc:"how long before a callback is due its agent is reminded; 0: 15 minutes"`
	PreviewSettings
	InboundSettings
}

// PauseTimes are seconds per day, by reason.
type PauseTimes map[string]Seconds

// PreviewSettings are the choices of a campaign whose agents look at a contact before he is dialled.
type PreviewSettings struct {
	PreviewSeconds   Seconds  `json:"preview_seconds,omitempty" minimum:"0" maximum:"900" doc:"how long an agent may look at a contact; then it is offered to another and he pauses; 0: 120"`
	PreviewSkip      bool     `json:"preview_skip,omitempty" doc:"agents may skip contacts that are offered to them"`
	PreviewReasons   []string `json:"preview_reasons,omitempty" maxItems:"30" doc:"reasons for skipping to choose from; none: any text"`
	PreviewSkipAfter Seconds  `json:"preview_skip_after,omitempty" minimum:"0" maximum:"31536000" doc:"when a contact that was skipped is offered again; 0: after an hour"`
	PreviewField     string   `json:"preview_field,omitempty" maxLength:"60" doc:"contacts with a value in this field are offered for a preview whatever the mode is"`
}

// InboundSettings are the choices of a campaign whose callees may call its number back.
type InboundSettings struct {
	Inbound      bool    `json:"inbound,omitempty" doc:"calls to one of the campaign's caller IDs from numbers of its contacts are answered"`
	InboundWait  Seconds `json:"inbound_wait,omitempty" minimum:"0" maximum:"1800" doc:"how long a caller may wait for an agent before he hears the message; 0: 120"`
	InboundQueue int     `json:"inbound_queue,omitempty" minimum:"0" maximum:"1000" doc:"how many callers may wait at once; the next one hears the message; 0: 20"`
	Blend        float64 `json:"blend,omitempty" minimum:"0" maximum:"1" doc:"share of the agents who are logged in that is kept free for inbound calls, rounded up"`
}

const (
	defaultExtra   = 30 * time.Second
	defaultPreview = 2 * time.Minute
	defaultSkip    = time.Hour
	defaultRemind  = 15 * time.Minute
	defaultQueue   = 20
	defaultInbound = 2 * time.Minute
)

func orElse(s Seconds, d time.Duration) time.Duration {
	if s <= 0 {
		return d
	}
	return s.Duration()
}

// WrapUpKind is how calls are wrapped up: required unless chosen otherwise.
func (s DeskSettings) WrapUpKind() WrapUpMode {
	if s.WrapUpMode == "" {
		return WrapUpRequired
	}
	return s.WrapUpMode
}

// Extra is what a wish for more time gives.
func (s DeskSettings) Extra() time.Duration { return orElse(s.WrapUpExtra, defaultExtra) }

// RemindBefore is how long before a callback is due its agent is reminded.
func (s DeskSettings) RemindBefore() time.Duration { return orElse(s.Remind, defaultRemind) }

// OwnWait is how long a callback waits for its own agent, unless it is kept for him.
func (s DeskSettings) OwnWait() time.Duration { return orElse(s.CallbackWait, PersonalGrace) }

// PreviewTime is how long an agent may look at a contact.
func (s PreviewSettings) PreviewTime() time.Duration { return orElse(s.PreviewSeconds, defaultPreview) }

// SkipAfter is when a contact that was skipped is offered again.
func (s PreviewSettings) SkipAfter() time.Duration { return orElse(s.PreviewSkipAfter, defaultSkip) }

// Forced says whether a contact is to be looked at before he is dialled, whatever the mode is.
func (s PreviewSettings) Forced(fields map[string]string) bool {
	return s.PreviewField != "" && strings.TrimSpace(fields[s.PreviewField]) != ""
}

// WaitTime is how long a caller may wait for an agent, QueueLength how many may wait at once.
func (s InboundSettings) WaitTime() time.Duration { return orElse(s.InboundWait, defaultInbound) }

// QueueLength is how many callers may wait at once.
func (s InboundSettings) QueueLength() int {
	if s.InboundQueue <= 0 {
		return defaultQueue
	}
	return s.InboundQueue
}

// Reserve is how many of so many agents are kept free for inbound calls.
func (s InboundSettings) Reserve(agents int) int {
	if !s.Inbound || s.Blend <= 0 {
		return 0
	}
	return int(math.Ceil(s.Blend*float64(agents) - 1e-9))
}

// DispositionFlags say what a call with this disposition was.
type DispositionFlags struct {
	Contacted  bool `json:"contacted,omitempty" doc:"somebody was reached"`
	RightParty bool `json:"right_party,omitempty" doc:"the person meant was reached"`
	Success    bool `json:"success,omitempty"`
	Refusal    bool `json:"refusal,omitempty"`
	DNC        bool `json:"dnc,omitempty" doc:"goes with the effect dnc"`
	Callback   bool `json:"callback,omitempty" doc:"goes with the effect callback"`
}

// Meaning is all that the disposition says of a call: its flags, and what its effect says by itself.
func (d DispositionCode) Meaning() DispositionFlags {
	f := d.Flags
	f.Success = f.Success || d.Success
	f.DNC = f.DNC || d.Effect == EffectDNC
	f.Refusal = f.Refusal || d.Refusal || f.DNC
	f.Callback = f.Callback || d.Effect == EffectCallback
	f.RightParty = f.RightParty || f.Success
	f.Contacted = f.Contacted || f.RightParty || f.Refusal || f.Callback
	return f
}

// Missing returns the required fields that have no value, in their order.
func (d DispositionCode) Missing(fields map[string]string) (missing []string) {
	for _, f := range d.RequiredFields {
		if strings.TrimSpace(fields[f]) == "" {
			missing = append(missing, f)
		}
	}
	return missing
}

// MayEdit says whether an agent may change a contact's field: the campaign allows it, or a disposition requires it.
func (s Settings) MayEdit(field string) bool {
	return slices.Contains(s.EditFields, field) ||
		slices.ContainsFunc(s.Dispositions, func(d DispositionCode) bool { return slices.Contains(d.RequiredFields, field) })
}

var pauseReason = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

const maxFieldName = 60 // of contacts, as imports take them

func badField(name string) bool {
	return name == "" || len(name) > maxFieldName || !clean(name)
}

// deskErrors returns what is wrong with the choices for the desk.
func (s Settings) deskErrors() (errs []FieldError) {
	bad := func(wrong bool, field, reason string) {
		if wrong {
			errs = append(errs, FieldError{field, reason})
		}
	}
	switch s.WrapUpMode {
	case "", WrapUpRequired, WrapUpOptional, WrapUpTimed, WrapUpTimedAuto:
	default:
		bad(true, "wrap_up_mode", "must be required, optional, timed or timed_auto")
	}
	bad(s.WrapUpMore < 0 || s.WrapUpMore > 10, "wrap_up_more", "must be between 0 and 10")
	bad(s.WrapUpExtra < 0 || s.WrapUpExtra > 900, "wrap_up_extra", "must be between 0 and 900 seconds")
	errs = append(errs, s.autoErrors()...)
	for i, f := range s.EditFields {
		bad(badField(f), fmt.Sprintf("edit_fields.%d", i), "must be the name of a contact field")
	}
	bad(len(s.EditFields) > 100, "edit_fields", "at most 100")
	for _, reason := range slices.Sorted(maps.Keys(s.PauseLimits)) {
		limit := s.PauseLimits[reason]
		at := "pause_limits." + CleanText(reason, 40)
		bad(!pauseReason.MatchString(reason), at, "a reason is 1 to 40 of a-z, 0-9 and _")
		bad(limit < 0 || limit > 86400, at, "must be between 0 and 86400 seconds")
	}
	bad(len(s.PauseLimits) > 30, "pause_limits", "at most 30 reasons")
	bad(s.CallbackWait < 0 || s.CallbackWait > 2592000, "callback_wait", "must be between 0 seconds and 30 days")
	bad(s.Remind < 0 || s.Remind > 86400, "callback_remind", "must be between 0 and 86400 seconds")
	bad(s.PreviewSeconds < 0 || s.PreviewSeconds > 900 || s.PreviewSeconds > 0 && s.PreviewSeconds < 5, "preview_seconds", "must be 0 or between 5 and 900 seconds")
	bad(s.PreviewSkipAfter < 0 || s.PreviewSkipAfter > 31536000, "preview_skip_after", "must be between 0 seconds and one year")
	for i, r := range s.PreviewReasons {
		bad(r == "" || len(r) > 100 || !clean(r), fmt.Sprintf("preview_reasons.%d", i), "must be 1 to 100 characters without control characters")
	}
	bad(len(s.PreviewReasons) > 30, "preview_reasons", "at most 30")
	bad(s.PreviewField != "" && badField(s.PreviewField), "preview_field", "must be the name of a contact field")
	bad(s.InboundWait < 0 || s.InboundWait > 1800, "inbound_wait", "must be between 0 and 1800 seconds")
	bad(s.InboundQueue < 0 || s.InboundQueue > 1000, "inbound_queue", "must be between 0 and 1000")
	bad(!(s.Blend >= 0 && s.Blend <= 1), "blend", "must be between 0 and 1")
	bad(s.Blend > 0 && !s.Inbound, "blend", "goes with inbound only")
	return errs
}

// autoErrors checks the disposition that a call gets by itself: nobody is there to fill in fields or to choose a time.
func (s Settings) autoErrors() []FieldError {
	if s.WrapUpMode != WrapUpTimedAuto {
		if s.WrapUpAuto != "" {
			return []FieldError{{"wrap_up_auto", "goes with the wrap-up mode timed_auto only"}}
		}
		return nil
	}
	code, ok := s.Disposition(s.WrapUpAuto)
	switch {
	case !ok:
		return []FieldError{{"wrap_up_auto", "must be the code of one of the campaign's dispositions"}}
	case code.Effect == EffectCallback:
		return []FieldError{{"wrap_up_auto", "a callback needs a time that somebody chooses"}}
	case len(code.RequiredFields) > 0:
		return []FieldError{{"wrap_up_auto", "a disposition with required fields needs somebody to fill them in"}}
	}
	return nil
}

// moreErrors checks what a disposition asks for beyond its effect.
func (d DispositionCode) moreErrors(at func(string) string) (errs []FieldError) {
	bad := func(wrong bool, field, reason string) {
		if wrong {
			errs = append(errs, FieldError{at(field), reason})
		}
	}
	for i, f := range d.RequiredFields {
		bad(badField(f), fmt.Sprintf("required_fields.%d", i), "must be the name of a contact field")
	}
	bad(len(d.RequiredFields) > 20, "required_fields", "at most 20")
	bad(d.Flags.DNC && d.Effect != EffectDNC, "flags.dnc", "goes with the effect dnc only")
	bad(d.Flags.Callback && d.Effect != EffectCallback, "flags.callback", "goes with the effect callback only")
	bad((d.Flags.Success || d.Success) && (d.Flags.Refusal || d.Refusal || d.Effect == EffectDNC), "flags.refusal", "a success is no refusal")
	bad(d.FollowUp != "" && !code.MatchString(d.FollowUp), "follow_up", "must be 1 to 40 of a-z, 0-9 and _")
	return errs
}
