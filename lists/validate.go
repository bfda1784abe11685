package lists

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/pacing"
)

// FieldError says which setting is wrong, by its JSON path, and why.
type FieldError struct {
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

// SettingsError is returned when settings that do not validate are to be stored.
type SettingsError []FieldError

func (e SettingsError) Error() string {
	return fmt.Sprintf("%d settings are wrong, first %s: %s", len(e), e[0].Field, e[0].Reason)
}

// Undisposed is the disposition code that the desk gives when an agent let the wrap-up time pass. Every campaign has it.
const Undisposed = "undisposed"

var (
	e164    = regexp.MustCompile(`^\+[1-9][0-9]{5,14}$`)
	code    = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)
	message = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*){0,4}$`)
)

// maxMessage is the longest name of a sound that the dialer lets through to the switch.
const maxMessage = 80

// DefaultSettings are sensible for a campaign of which nothing is known yet: one call per ready agent, calls on weekdays
// from 9 to 20 and on Saturdays from 10 to 18, three attempts per number and day. CallerID is still to be set. Packs is nil:
// CreateCampaign chooses those of the lists' countries.
func DefaultSettings() Settings {
	const minute, hour, day = 60, 3600, 86400
	var hours compliance.Week
	for d := 1; d <= 5; d++ {
		hours[d] = []compliance.Span{{From: 9 * 60, To: 20 * 60}}
	}
	hours[6] = []compliance.Span{{From: 10 * 60, To: 18 * 60}}
	return Settings{
		Mode: "progressive", Ratio: 1, Hours: hours, RingTimeout: 25, MaxAttempts: 6,
		Cap: compliance.Cap{Max: 3, Window: day},
		Recycle: map[Outcome]Recycle{
			Busy: {After: 15 * minute, Limit: 4}, NoAnswer: {After: 2 * hour, Limit: 4}, MachineFound: {After: 4 * hour, Limit: 3}, EarlyHangup: {After: day, Limit: 1},
			Abandoned: {After: 3 * day, Limit: 1}, Rejected: {After: day, Limit: 1}, Cancelled: {After: 5 * minute, Limit: 5}, SwitchLost: {After: 15 * minute, Limit: 3}, Unknown: {After: 4 * hour, Limit: 2},
		},
		Dispositions: []DispositionCode{
			{Code: "sale", Label: "Sale", LabelZH: "成交", Effect: EffectFinish, Success: true},
			{Code: "appointment", Label: "Appointment made", LabelZH: "已预约", Effect: EffectFinish, Success: true},
			{Code: "callback", Label: "Call back later", LabelZH: "稍后回电", Effect: EffectCallback},
			{Code: "not_interested", Label: "Not interested", LabelZH: "不感兴趣", Effect: EffectFinish, Refusal: true},
			{Code: "refused", Label: "Never call again", LabelZH: "拒绝来电", Effect: EffectDNC, Refusal: true},
			{Code: "wrong_number", Label: "Wrong number", LabelZH: "号码错误", Effect: EffectFinish},
			{Code: "language", Label: "Language barrier", LabelZH: "语言不通", Effect: EffectFinish},
			{Code: "no_talk", Label: "No conversation, try again", LabelZH: "未能通话，再次拨打", Effect: EffectRetry},
		},
		Record: true, AMD: AMDOff, AbandonTarget: 0.03, AnswerWait: 2, Message: "dialtide/safe-harbor", WrapUp: 60,
		DeskSettings: DeskSettings{PreviewSettings: PreviewSettings{PreviewSkip: true}},
	}
}

// Validate returns every setting that is wrong; none when the settings may be dialled on.
func (s Settings) Validate() []FieldError {
	var errs []FieldError
	bad := func(wrong bool, field, reason string) {
		if wrong {
			errs = append(errs, FieldError{field, reason})
		}
	}
	bad(!slices.Contains(modes, pacing.Mode(s.Mode)), "mode", "must be preview, progressive, power or predictive")
	bad(math.IsNaN(s.Ratio) || s.Ratio < 1 || s.Ratio > 10, "ratio", "must be between 1 and 10 calls per ready agent")
	bad(!e164.MatchString(s.CallerID), "caller_id", "must be a number in E.164 form, like +12025550100")
	bad(s.RingTimeout < 15 || s.RingTimeout > 120, "ring_timeout", "must be between 15 and 120 seconds")
	bad(s.MaxAttempts < 1 || s.MaxAttempts > 50, "max_attempts", "must be between 1 and 50")
	bad(math.IsNaN(s.AbandonTarget) || s.AbandonTarget < 0 || s.AbandonTarget > 0.1, "abandon_target", "must be between 0 and 0.1")
	bad(s.AnswerWait < 0 || s.AnswerWait > 2, "answer_wait", "must be between 0 and 2 seconds")
	bad(s.WrapUp < 5 || s.WrapUp > 3600, "wrap_up", "must be between 5 and 3600 seconds")
	bad(s.AMD != AMDOff && s.AMD != AMDBeside && s.AMD != AMDBefore, "amd", "must be off, beside or before")
	bad(len(s.Message) > maxMessage || !message.MatchString(s.Message), "message", "must be the name of a sound, without extension")
	bad(s.ScriptVersion < 0, "script_version", "must not be negative")
	if err := s.Hours.Validate(); err != nil {
		bad(true, "hours", err.Error())
	}
	bad(s.Hours.Empty(), "hours", "no day has hours in which calls are allowed")
	bad(s.Cap.Max < 0 || s.Cap.Max > 100, "cap.max", "must be between 0 and 100")
	bad(s.Cap.Window < 0 || s.Cap.Window > 31536000, "cap.window_seconds", "must be between 0 and one year")
	bad(s.Cap.Max > 0 && s.Cap.Window == 0, "cap.window_seconds", "a cap needs a window")
	errs = append(errs, s.callerErrors()...)
	errs = append(errs, s.PacingSettings.validate()...)
	errs = append(errs, s.AlertSettings.validate()...)
	errs = append(errs, s.RegistrySettings.validate()...)
	errs = append(errs, s.TalkSettings.validate()...)
	errs = append(errs, s.CRMSettings.validate()...)
	errs = append(errs, s.Order.validate()...)
	errs = append(errs, limitErrors(s.Limits)...)
	errs = append(errs, s.ruleErrors()...)
	errs = append(errs, s.deskErrors()...)
	errs = append(errs, s.recordErrors()...)
	errs = append(errs, recycleErrors(s.Recycle)...)
	return append(errs, dispositionErrors(s.Dispositions)...)
}

var modes = []pacing.Mode{pacing.Preview, pacing.Progressive, pacing.Power, pacing.Predictive}

func (s PacingSettings) validate() (errs []FieldError) {
	bad := func(wrong bool, field, reason string) {
		if wrong {
			errs = append(errs, FieldError{field, reason})
		}
	}
	outside := func(x, most float64) bool { return !(x >= 0 && x <= most) } // NaN too
	bad(s.Caution != "" && s.Caution != pacing.Window && s.Caution != pacing.Strict, "caution", "must be window or strict")
	for i, w := range s.Windows {
		at := fmt.Sprintf("windows.%d", i)
		bad(w != pacing.Day && w != pacing.Days30 && w != pacing.Month, at, "must be day, 30d or month")
		bad(slices.Contains(s.Windows[:i], w), at, "is there twice")
	}
	bad(s.Zone != "" && compliance.Location(s.Zone) == nil, "zone", "must be the name of a time zone, like America/New_York")
	switch s.Aim {
	case "", pacing.Abandonment:
		bad(s.AimValue != 0, "aim_value", "goes with the aims occupancy and wait only")
	case pacing.Occupancy:
		bad(outside(s.AimValue, 1) || s.AimValue == 0, "aim_value", "must be more than 0 and at most 1")
	case pacing.Wait:
		bad(outside(s.AimValue, 3600), "aim_value", "must be between 0 and 3600 seconds")
	default:
		bad(true, "aim", "must be abandonment, occupancy or wait")
	}
	bad(outside(s.MaxOccupancy, 1), "max_occupancy", "must be between 0 and 1")
	bad(s.MaxLines < 0 || s.MaxLines > 10000, "max_lines", "must be between 0 and 10000")
	bad(outside(s.Weight, 100), "weight", "must be between 0 and 100")
	return errs
}

func recycleErrors(rules map[Outcome]Recycle) (errs []FieldError) {
	for _, o := range Outcomes { // in their order, so that answers are stable
		r, ok := rules[o]
		field := "recycle." + string(o)
		switch {
		case !ok:
		case o == Connected || o == TrunkFailed || o == NotPlaced || o == Inbound || o == InboundMissed:
			errs = append(errs, FieldError{field, "what follows this outcome is fixed"})
		case r.After < 0 || r.After > 31536000:
			errs = append(errs, FieldError{field + ".after", "must be between 0 seconds and one year"})
		case r.Limit < 0 || r.Limit > 100:
			errs = append(errs, FieldError{field + ".limit", "must be between 0 and 100"})
		}
	}
	for o := range rules {
		if !o.Valid() {
			errs = append(errs, FieldError{"recycle", fmt.Sprintf("%.40q is no outcome", string(o))})
			break
		}
	}
	return errs
}

func dispositionErrors(codes []DispositionCode) (errs []FieldError) {
	if len(codes) == 0 || len(codes) > 50 {
		errs = append(errs, FieldError{"dispositions", "there must be between 1 and 50"})
	}
	seen := map[string]bool{Undisposed: true}
	for i, d := range codes {
		at := func(name string) string { return fmt.Sprintf("dispositions.%d.%s", i, name) }
		switch {
		case !code.MatchString(d.Code):
			errs = append(errs, FieldError{at("code"), "must be 1 to 40 of a-z, 0-9 and _"})
		case d.Code == Undisposed:
			errs = append(errs, FieldError{at("code"), "is given by the system itself"})
		case seen[d.Code]:
			errs = append(errs, FieldError{at("code"), "is there twice"})
		}
		seen[d.Code] = true
		if n := utf8.RuneCountInString(d.Label); n < 1 || n > 60 || !clean(d.Label) {
			errs = append(errs, FieldError{at("label"), "must be 1 to 60 characters without control characters"})
		}
		if utf8.RuneCountInString(d.LabelZH) > 60 || !clean(d.LabelZH) {
			errs = append(errs, FieldError{at("label_zh"), "must be at most 60 characters without control characters"})
		}
		switch d.Effect {
		case EffectFinish, EffectRetry, EffectCallback, EffectDNC:
		default:
			errs = append(errs, FieldError{at("effect"), "must be finish, retry, callback or dnc"})
		}
		errs = append(errs, d.moreErrors(at)...)
	}
	return errs
}

// Disposition returns the code's definition; every campaign knows [Undisposed].
func (s Settings) Disposition(code string) (DispositionCode, bool) {
	if code == Undisposed {
		return DispositionCode{Code: Undisposed, Label: "Not disposed", LabelZH: "未登记结果", Effect: EffectFinish}, true
	}
	for _, d := range s.Dispositions {
		if d.Code == code {
			return d, true
		}
	}
	return DispositionCode{}, false
}
