package lists

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/pacing"
)

func TestWhatFollowsAnOutcome(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	s := DefaultSettings()
	s.MaxAttempts = 4
	s.Recycle = map[Outcome]Recycle{NoAnswer: {After: 3600, Limit: 2}, Busy: {After: 600, Limit: 9}, Abandoned: {After: 0, Limit: 1}, Unknown: {After: 100, Limit: 1}, Rejected: {After: 60, Limit: 0}}
	in := func(d time.Duration) *time.Time { at := now.Add(d); return &at }
	for name, tt := range map[string]struct {
		outcome    Outcome
		was        standing
		suppressed bool
		state      string
		reason     string
		due        *time.Time
		attempts   int
		callback   bool
	}{
		"connected":                      {Connected, standing{}, false, "finished", "connected", nil, 1, false},
		"connected callback":             {Connected, standing{Callback: true, Attempts: 2}, false, "finished", "connected", nil, 3, false},
		"no answer":                      {NoAnswer, standing{}, false, "waiting", "no_answer", in(time.Hour), 1, false},
		"no answer, limit of the rule":   {NoAnswer, standing{Attempts: 2, Tries: map[string]int{"no_answer": 2}}, false, "finished", "no_answer", nil, 3, false},
		"no answer of a callback":        {NoAnswer, standing{Callback: true}, false, "waiting", "no_answer", in(time.Hour), 1, true},
		"busy, last attempt":             {Busy, standing{Attempts: 3, Tries: map[string]int{"no_answer": 2}}, false, "finished", "max_attempts", nil, 4, false},
		"last attempt of a callback":     {Busy, standing{Attempts: 3, Callback: true}, false, "finished", "max_attempts", nil, 4, false},
		"no rule":                        {MachineFound, standing{}, false, "finished", "machine", nil, 1, false},
		"rule that never retries":        {Rejected, standing{}, false, "finished", "rejected", nil, 1, false},
		"retried at once":                {Abandoned, standing{}, false, "waiting", "abandoned", in(0), 1, false},
		"unknown counts":                 {Unknown, standing{Attempts: 1}, false, "waiting", "unknown", in(100 * time.Second), 2, false},
		"invalid number":                 {InvalidNumber, standing{}, false, "finished", "invalid_number", nil, 1, false},
		"trunk failed burns nothing":     {TrunkFailed, standing{Attempts: 3}, false, "waiting", "trunk_failed", in(time.Minute), 3, false},
		"trunk failed for the 1000th":    {TrunkFailed, standing{Attempts: 3, Tries: map[string]int{"trunk_failed": 999}}, false, "finished", "trunk_failed", nil, 3, false},
		"trunk failed again":             {TrunkFailed, standing{Tries: map[string]int{"trunk_failed": 3}}, false, "waiting", "trunk_failed", in(8 * time.Minute), 0, false},
		"trunk failed often":             {TrunkFailed, standing{Tries: map[string]int{"trunk_failed": 8}, Callback: true}, false, "waiting", "trunk_failed", in(time.Hour), 0, true},
		"trunk failed too often":         {TrunkFailed, standing{Tries: map[string]int{"trunk_failed": 9}}, false, "finished", "trunk_failed", nil, 0, false},
		"not placed is due at once":      {NotPlaced, standing{Attempts: 3}, false, "waiting", "not_placed", in(0), 3, false},
		"not placed keeps the callback":  {NotPlaced, standing{Callback: true}, false, "waiting", "not_placed", in(0), 0, true},
		"suppressed":                     {NoAnswer, standing{}, true, "excluded", "dnc", nil, 1, false},
		"suppressed, connected":          {Connected, standing{Callback: true}, true, "excluded", "dnc", nil, 1, false},
		"suppressed, not placed":         {NotPlaced, standing{}, true, "excluded", "dnc", nil, 0, false},
		"trunk failed after the maximum": {TrunkFailed, standing{Attempts: 4}, false, "waiting", "trunk_failed", in(time.Minute), 4, false},
	} {
		t.Run(name, func(t *testing.T) {
			is := s.after(tt.outcome, now, tt.was, suppression{yes: tt.suppressed})
			require.Equal(t, []any{tt.state, tt.reason, tt.due, tt.attempts, tt.callback}, []any{is.State, is.Reason, is.Due, is.Attempts, is.Callback})
			require.Equal(t, tt.was.Tries[string(tt.outcome)]+1, is.Tries[string(tt.outcome)])
			require.Equal(t, tt.outcome == Connected && tt.was.Callback, is.Done)
		})
	}
}

func TestWhatFollowsADisposition(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	at := now.Add(26 * time.Hour)
	s := DefaultSettings()
	s.Recycle = map[Outcome]Recycle{NoAnswer: {After: 3600, Limit: 2}}
	hour := now.Add(time.Hour)
	connected := standing{State: "finished", Reason: "connected", Attempts: 1}
	for name, tt := range map[string]struct {
		was    standing
		effect Effect
		state  string
		reason string
		due    *time.Time
	}{
		"finish":                       {connected, EffectFinish, "finished", "x", nil},
		"callback":                     {connected, EffectCallback, "waiting", "callback", &at},
		"callback after the maximum":   {standing{State: "finished", Attempts: 99}, EffectCallback, "waiting", "callback", &at},
		"retry":                        {connected, EffectRetry, "waiting", "retry", &hour},
		"retry too often":              {standing{State: "finished", Tries: map[string]int{"retry": 2}}, EffectRetry, "finished", "x", nil},
		"retry after the maximum":      {standing{State: "finished", Attempts: 99}, EffectRetry, "finished", "x", nil},
		"dnc":                          {connected, EffectDNC, "excluded", "dnc", nil},
		"suppressed meanwhile":         {standing{State: "excluded", Reason: "dnc"}, EffectCallback, "excluded", "dnc", nil},
		"excluded for something else":  {standing{State: "excluded", Reason: "hours"}, EffectFinish, "finished", "x", nil},
		"undoes what waited as a call": {standing{State: "waiting", Callback: true, Due: &at}, EffectFinish, "finished", "x", nil},
	} {
		t.Run(name, func(t *testing.T) {
			is := s.disposed("x", tt.effect, &at, now, tt.was)
			require.Equal(t, []any{tt.state, tt.reason, tt.due}, []any{is.State, is.Reason, is.Due})
			require.Equal(t, tt.effect == EffectCallback && tt.state == "waiting", is.Callback)
		})
	}
}

func TestTheRowOfTrunkFailuresEndsWithAnOutcomeThatCounts(t *testing.T) {
	s, now := DefaultSettings(), time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	var is standing
	waits := func(o Outcome, d time.Duration) {
		t.Helper()
		is = s.after(o, now, is, suppression{})
		require.Equal(t, "waiting", is.State)
		require.Equal(t, now.Add(d), *is.Due)
	}
	for _, minutes := range []time.Duration{1, 2, 4, 8, 16, 32} {
		waits(TrunkFailed, minutes*time.Minute)
		waits(NotPlaced, 0) // says nothing of the trunk
	}
	waits(NoAnswer, s.Recycle[NoAnswer].After.Duration())
	total := time.Duration(0)
	for range MaxTrunkFailures - 1 {
		is = s.after(TrunkFailed, now, is, suppression{})
		require.Equal(t, "waiting", is.State)
		total += is.Due.Sub(now)
	}
	require.Equal(t, 243*time.Minute, total)
	require.Equal(t, "finished", s.after(TrunkFailed, now, is, suppression{}).State)
	require.Equal(t, 1, is.Attempts)
}

// TestAttemptsAreBounded: whatever the outcomes are, a contact is tried MaxAttempts times at most, trunk failures aside.
func TestAttemptsAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := DefaultSettings()
		s.MaxAttempts = rapid.IntRange(1, 10).Draw(t, "max")
		is, now := standing{State: "waiting"}, time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
		for is.State == "waiting" {
			if is.Attempts >= s.MaxAttempts {
				t.Fatalf("due again after %d of %d attempts", is.Attempts, s.MaxAttempts)
			}
			is = s.after(rapid.SampledFrom(Outcomes).Draw(t, "outcome"), now, is, suppression{yes: rapid.IntRange(0, 20).Draw(t, "dnc") == 0})
			if (is.State == "waiting") != (is.Due != nil) {
				t.Fatalf("%+v", is)
			}
		}
	})
}

func TestValidate(t *testing.T) {
	ok := DefaultSettings()
	ok.CallerID, ok.Message = "+12025550100", "a/"+strings.Repeat("b", 78)
	require.Empty(t, ok.Validate())
	all := ok
	all.Mode, all.PacingSettings = "predictive", PacingSettings{Caution: pacing.Strict, Windows: []pacing.Span{pacing.Day, pacing.Days30, pacing.Month},
		Zone: "Europe/London", Aim: pacing.Wait, AimValue: 5, MaxOccupancy: 0.85, MaxLines: 40, Weight: 2.5}
	require.Empty(t, all.Validate())
	require.Equal(t, []FieldError{{"caller_id", "must be a number in E.164 form, like +12025550100"}}, DefaultSettings().Validate())
	for field, change := range map[string]func(*Settings){
		"mode":                func(s *Settings) { s.Mode = "psychic" },
		"caution":             func(s *Settings) { s.Caution = "bold" },
		"windows.0":           func(s *Settings) { s.Windows = []pacing.Span{"week"} },
		"windows.1":           func(s *Settings) { s.Windows = []pacing.Span{pacing.Day, pacing.Day} },
		"zone":                func(s *Settings) { s.Zone = "Mars/Olympus" },
		"aim":                 func(s *Settings) { s.Aim = "speed" },
		"aim_value":           func(s *Settings) { s.AimValue = 0.5 },
		"aim_value occupancy": func(s *Settings) { s.Aim, s.AimValue = pacing.Occupancy, 1.1 },
		"aim_value wait":      func(s *Settings) { s.Aim, s.AimValue = pacing.Wait, -1 },
		"max_occupancy":       func(s *Settings) { s.MaxOccupancy = math.NaN() },
		"max_lines":           func(s *Settings) { s.MaxLines = -1 },
		"weight":              func(s *Settings) { s.Weight = 101 },
		"ratio":               func(s *Settings) { s.Ratio = 0.9 },
		"caller_id":           func(s *Settings) { s.CallerID = "+1202555,SHELL" },
		"ring_timeout":        func(s *Settings) { s.RingTimeout = 14 },
		"max_attempts":        func(s *Settings) { s.MaxAttempts = 0 },
		"abandon_target":      func(s *Settings) { s.AbandonTarget = 0.11 },
		"answer_wait":         func(s *Settings) { s.AnswerWait = 3 },
		"wrap_up":             func(s *Settings) { s.WrapUp = 0 },
		"amd":                 func(s *Settings) { s.AMD = "" },
		"message":             func(s *Settings) { s.Message = "../../etc/passwd" },
		"message too long":    func(s *Settings) { s.Message = "a/" + strings.Repeat("b", 79) },
		"script_version":      func(s *Settings) { s.ScriptVersion = -1 },
		"hours":               func(s *Settings) { s.Hours = compliance.Week{} },
		"cap.max":             func(s *Settings) { s.Cap.Max = -1 },
		"cap.window_seconds":  func(s *Settings) { s.Cap.Window = 0 },
		"recycle.busy.after":  func(s *Settings) { s.Recycle = map[Outcome]Recycle{Busy: {After: -1, Limit: 1}} },
		"recycle.busy.limit":  func(s *Settings) { s.Recycle = map[Outcome]Recycle{Busy: {After: 1, Limit: 101}} },
		"recycle.connected":   func(s *Settings) { s.Recycle = map[Outcome]Recycle{Connected: {After: 1, Limit: 1}} },
		"recycle":             func(s *Settings) { s.Recycle = map[Outcome]Recycle{"bussy": {After: 1, Limit: 1}} },
		"dispositions":        func(s *Settings) { s.Dispositions = nil },
		"dispositions.0.code": func(s *Settings) {
			s.Dispositions = []DispositionCode{{Code: "Sale!", Label: "x", Effect: EffectFinish}}
		},
		"dispositions.1.code": func(s *Settings) {
			s.Dispositions = []DispositionCode{{Code: "a", Label: "x", Effect: EffectFinish}, {Code: "a", Label: "y", Effect: EffectDNC}}
		},
		"dispositions.0.label": func(s *Settings) { s.Dispositions = []DispositionCode{{Code: "a", Effect: EffectFinish}} },
		"dispositions.0.label_zh": func(s *Settings) {
			s.Dispositions = []DispositionCode{{Code: "a", Label: "x", LabelZH: "\r\n", Effect: EffectFinish}}
		},
		"dispositions.0.effect": func(s *Settings) { s.Dispositions = []DispositionCode{{Code: "a", Label: "x", Effect: "drop table"}} },
		"dispositions.0.code zero": func(s *Settings) {
			s.Dispositions = []DispositionCode{{Code: Undisposed, Label: "x", Effect: EffectFinish, Success: true}}
		},
	} {
		t.Run(field, func(t *testing.T) {
			s := ok
			change(&s)
			errs := s.Validate()
			require.Len(t, errs, 1, "%+v", errs)
			require.Equal(t, field[:len(errs[0].Field)], errs[0].Field)
			require.NotEmpty(t, errs[0].Reason)
		})
	}
	_, known := ok.Disposition(Undisposed)
	require.True(t, known)
}

func TestParseNumber(t *testing.T) {
	for raw, want := range map[string]struct{ region, e164, zone, reason string }{
		"13812345678":        {"CN", "+8613812345678", "Asia/Shanghai", ""},
		"138 1234 5678":      {"CN", "+8613812345678", "Asia/Shanghai", ""},
		"138-1234-5678":      {"CN", "+8613812345678", "Asia/Shanghai", ""},
		"１３８１２３４５６７８":        {"CN", "+8613812345678", "Asia/Shanghai", ""},
		"+86 138 1234 5678":  {"US", "+8613812345678", "Asia/Shanghai", ""},
		"010-62345678":       {"CN", "+861062345678", "Asia/Shanghai", ""},
		"(0571) 8765.4321":   {"CN", "+8657187654321", "Asia/Shanghai", ""},
		"(212) 736-5000":     {"US", "+12127365000", "America/New_York", ""},
		" +1 415 555 2671 ":  {"CN", "+14155552671", "America/Los_Angeles", ""},
		"020 7946 0018":      {"GB", "+442079460018", "Europe/London", ""},
		"206 555 0123":       {"US", "+12065550123", "America/Los_Angeles", ""},
		"":                   {"US", "", "", PhoneMissing},
		" - ":                {"US", "", "", PhoneMissing},
		"12":                 {"US", "", "", PhoneInvalid},
		"call me":            {"US", "", "", PhoneInvalid},
		"${SHELL(reboot)}":   {"US", "", "", PhoneInvalid},
		"2127365000,1":       {"US", "", "", PhoneInvalid},
		"2127365000;ext=1":   {"US", "", "", PhoneInvalid},
		"2127365000 x12":     {"US", "", "", PhoneInvalid},
		"21273+65000":        {"US", "", "", PhoneInvalid},
		"++12127365000":      {"US", "", "", PhoneInvalid},
		"2127365000\r\nX: y": {"US", "", "", PhoneInvalid},
		"1.38E+10":           {"CN", "", "", PhoneInvalid},
		"\u202e2127365000":   {"US", "", "", PhoneInvalid},
		"212736500\x00":      {"US", "", "", PhoneInvalid},
		"tel:+12127365000":   {"US", "", "", PhoneInvalid},
		"00000000000":        {"US", "", "", PhoneInvalid},
		"+999 12345678":      {"US", "", "", PhoneInvalid},
		"911":                {"US", "", "", PhoneInvalid},
		"9005551234":         {"US", "", "", PhonePremium},
		"+883510001234567":   {"US", "", "", PhoneNoZone},
		"+1 212 736 5000 +1 212 736 5001 +1 212 736 5002 +1 212 736 5003 +1": {"US", "", "", PhoneInvalid},
	} {
		n, reason := ParseNumber(raw, want.region)
		require.Equal(t, want.reason, reason, "%q", raw)
		require.Equal(t, want.e164, n.E164, "%q", raw)
		if want.zone != "" {
			require.Equal(t, []string{want.zone}, n.Zones, "%q", raw)
		}
	}
	n, reason := ParseNumber("8002221222", "US")
	require.Empty(t, reason)
	require.Greater(t, len(n.Zones), 5, "a toll-free number may be anywhere")
	_, reason = ParseNumber("2127365000", "no region")
	require.Equal(t, PhoneInvalid, reason)
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"13812345678", "+1 (212) 736-5000", "${EXTEN}", "\xff\xfe"} {
		f.Add(s, "CN")
	}
	f.Fuzz(func(t *testing.T, raw, region string) {
		n, reason := ParseNumber(raw, region)
		if (reason == "") != (n.E164 != "" && len(n.Zones) > 0) {
			t.Fatalf("%q %q: %+v %q", raw, region, n, reason)
		}
		if n.E164 != "" && !e164.MatchString(n.E164) {
			t.Fatalf("%q", n.E164)
		}
	})
}

func TestText(t *testing.T) {
	require.Equal(t, "a b", CleanText(" a\r\n\x00\tb\x7f ", 10))
	require.Equal(t, "欧阳", CleanText("欧阳修", 2))
	require.Equal(t, "a b", CleanText("a\xff\xfeb", 10))
	require.Equal(t, "${SHELL(id)}<b>\u202e=1+1", CleanText("${SHELL(id)}<b>\u202e=1+1", 100))
	require.Equal(t, "a\nb c", cleanLines("a\r\nb\x00c\n", 100))
	require.Equal(t, "a\n", cleanLines("a\nbc", 2))
	var f fields
	require.NoError(t, f.Scan([]byte(`{"a":"1","b":2,"c":{"d":null}}`)))
	require.Equal(t, fields{"a": "1", "b": "2", "c": `{"d":null}`}, f)
	require.Error(t, f.Scan([]byte(`[]`)))
	require.Error(t, f.Scan(1))
}
