package call

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite testdata/*.txt with what the machine does")

// TestTranscripts plays each testdata/*.txt. A file holds calls, separated by "call" lines; a line that does not begin
// with ">" is an input at a time since the start of the call, the ">" lines after it are what the machine did.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(name)
			require.NoError(t, err)
			got := play(t, string(want))
			if *update {
				require.NoError(t, os.WriteFile(name, []byte(got), 0o644))
				return
			}
			require.Equal(t, string(want), got)
		})
	}
}

// play runs a transcript and returns it with the effects that happened.
func play(t *testing.T, text string) string {
	start := time.Unix(1_000_000, 0)
	var c Call
	var out strings.Builder
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if strings.HasPrefix(line, ">") {
			continue
		}
		fmt.Fprintln(&out, line)
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
			continue
		case words[0] == "call":
			c = New(start, parseRules(t, words[1:]))
			continue
		case words[0] == "adopt":
			c = Adopt(start, start, start, start, parseRules(t, words[1:]), true)
			continue
		}
		at, err := time.ParseDuration(words[0])
		require.NoError(t, err, line)
		before := c.State
		var effects []Effect
		c, effects = c.Step(start.Add(at), parseInput(t, words[1:]), nil)
		for _, e := range effects {
			fmt.Fprintln(&out, ">", showEffect(e))
		}
		if c.State != before {
			fmt.Fprintf(&out, "> -> %s%s\n", c.State, showDeadline(c, start))
		}
	}
	return out.String()
}

func showDeadline(c Call, start time.Time) string {
	if c.Deadline().IsZero() {
		return ""
	}
	return " until " + c.Deadline().Sub(start).String()
}

var effectNames = map[EffectKind]string{Reserve: "reserve", Bridge: "bridge", Joined: "joined", Screen: "screen",
	Message: "message", Hangup: "hang up", Lookup: "look up", Release: "release", Done: "done"}

func showEffect(e Effect) string {
	s := effectNames[e.Kind]
	if e.Kind == Release && e.Disposition {
		s += " disposition due"
	}
	if e.Kind == Done {
		s += fmt.Sprintf(" %s", e.Result.Outcome)
		if e.Result.Cause != 0 || e.Result.SIPCode != 0 {
			s += fmt.Sprintf(" cause=%d sip=%d", e.Result.Cause, e.Result.SIPCode)
		}
		if e.Result.By != "" {
			s += " by=" + string(e.Result.By)
		}
	}
	return s
}

func parseRules(t *testing.T, words []string) Rules {
	r := Rules{RingTimeout: 20 * time.Second, AnswerWait: 2 * time.Second}
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "ring", "wait", "talk":
			d, err := time.ParseDuration(value)
			require.NoError(t, err)
			map[string]func(){"ring": func() { r.RingTimeout = d }, "wait": func() { r.AnswerWait = d },
				"talk": func() { r.MaxTalk = d }}[key]()
		case "amd":
			r.AMDBefore, r.AMDBeside = value == "before", value == "beside"
		default:
			t.Fatalf("unknown rule %q", w)
		}
	}
	return r
}

var inputNames = map[string]InputKind{"placed": Placed, "originate-failed": OriginateFailed, "ringing": Rang,
	"picked-up": PickedUp, "answered": Answered, "seat": SeatGiven, "no-seat": NoSeat, "bridged": Bridged,
	"bridge-failed": BridgeFailed, "message-begun": MessageBegun, "message-failed": MessageFailed, "screened": Screened,
	"hangup-asked": HangupAsked, "withdraw": Withdraw, "found": Found, "lost": Lost, "ended": ChannelEnded, "tick": Tick}

func parseInput(t *testing.T, words []string) Input {
	kind, ok := inputNames[words[0]]
	require.True(t, ok, "unknown input %q", words[0])
	in := Input{Kind: kind}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "amd":
			in.AMD = AMD(value)
		case "by":
			in.By = Party(value)
		case "not-sent":
			in.NotSent = true
		case "gone":
			in.Gone = true
		case "restarted":
			in.Restarted = true
		case "by-us":
			in.End.ByUs = true
		case "up":
			in.End.Up = true
		case "cause", "sip":
			n, err := strconv.Atoi(value)
			require.NoError(t, err)
			if key == "cause" {
				in.End.Cause = n
			} else {
				in.End.SIPCode = n
			}
		default:
			t.Fatalf("unknown word %q", w)
		}
	}
	return in
}
