package call

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var talkWords = map[string]TalkInput{
	"hold": {Kind: AskHold}, "resume": {Kind: AskResume}, "mute": {Kind: AskMute, On: true}, "unmute": {Kind: AskMute}, "digits": {Kind: AskDigits},
	"consult-agent": {Kind: AskConsult, Other: OtherAgent}, "consult-outside": {Kind: AskConsult, Other: OtherOutside},
	"blind-agent": {Kind: AskBlind, Other: OtherAgent}, "blind-outside": {Kind: AskBlind, Other: OtherOutside}, "blind-queue": {Kind: AskBlind},
	"cancel": {Kind: AskCancel}, "complete": {Kind: AskComplete}, "three-way": {Kind: AskThree}, "leave": {Kind: AskLeave}, "park": {Kind: AskPark},
	"retrieve": {Kind: AskRetrieve}, "take": {Kind: AskTake}, "other-up": {Kind: OtherUp}, "other-gone": {Kind: OtherGone},
	"agent-lost": {Kind: AgentLost}, "seat": {Kind: QueueSeat}, "stuck": {Kind: CustomerStuck}, "tick": {Kind: TalkTick},
}

var effectWords = map[TalkEffectKind]string{MoveCustomer: "customer", MoveAgent: "agent", Dial: "dial", Mute: "mute", DropOther: "drop other",
	ReleaseAgent: "release agent", Promote: "promote other", FindAgent: "find agent", Farewell: "message", EndCall: "end call"}

// TestTalkTranscripts plays testdata/talks/*.txt as TestTranscripts does; a refusal is told after "!".
func TestTalkTranscripts(t *testing.T) {
	names, err := os.ReadDir("testdata/talks")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, n := range names {
		t.Run(n.Name(), func(t *testing.T) {
			path := "testdata/talks/" + n.Name()
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			got := playTalk(t, string(want))
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
				return
			}
			require.Equal(t, string(want), got)
		})
	}
}

func playTalk(t *testing.T, text string) string {
	start := time.Unix(1_000_000, 0)
	var talk Talk
	var out strings.Builder
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if strings.HasPrefix(line, ">") || strings.HasPrefix(line, "!") {
			continue
		}
		fmt.Fprintln(&out, line)
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
			continue
		case words[0] == "talk":
			talk = NewTalk(DefaultTalkLimits)
			continue
		case words[0] == "end":
			describe(&out, talk.End())
			continue
		}
		at, err := time.ParseDuration(words[0])
		require.NoError(t, err, line)
		in, ok := talkWords[words[1]]
		require.True(t, ok, line)
		before := talk
		next, effects, why := talk.Step(start.Add(at), in)
		if why != "" {
			require.Equal(t, before, next)
			fmt.Fprintf(&out, "! %s\n", why)
			continue
		}
		talk = next
		describe(&out, effects)
		if talk.State != before.State || !talk.Deadline().Equal(before.Deadline()) {
			fmt.Fprintf(&out, "> -> %s", talk.State)
			if !talk.Deadline().IsZero() {
				fmt.Fprintf(&out, " until %v", talk.Deadline().Sub(start))
			}
			fmt.Fprintln(&out)
		}
	}
	return out.String()
}

func describe(out *strings.Builder, effects []TalkEffect) {
	for _, f := range effects {
		fmt.Fprintf(out, "> %s", effectWords[f.Kind])
		switch f.Kind {
		case MoveCustomer, MoveAgent:
			fmt.Fprintf(out, " %s", f.To)
		case Mute:
			fmt.Fprintf(out, " %t", f.On)
		}
		fmt.Fprintln(out)
	}
}

// world is where the legs are, as the effects have put them.
type world struct {
	customer, agent Place
	muted           bool
	other           bool
	attended        bool
}

// TestTalkProperties: whatever is asked and happens, the legs are where the state says; moves come first; a wish that is refused
// changes nothing; a muted phone is unmuted before its agent is let go; the third party is let go exactly once; who hears music
// has a deadline; and in bounded time after the last agent left somebody comes, or the message does.
func TestTalkProperties(t *testing.T) {
	var words []string
	for w := range talkWords {
		words = append(words, w)
	}
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_000_000, 0)
		talk := NewTalk(DefaultTalkLimits)
		w := world{customer: Home, agent: Home, attended: true}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "seconds")) * time.Second)
			word := rapid.SampledFrom(words).Draw(t, "input")
			if talk.State != Left && rapid.IntRange(0, 3).Draw(t, "due") == 0 && !talk.Deadline().IsZero() {
				now, word = talk.Deadline(), "tick"
			}
			in := talkWords[word]
			before := talk
			next, effects, why := talk.Step(now, in)
			if why != "" {
				require.Equal(t, before, next, word)
				require.Empty(t, effects, word)
				continue
			}
			if in.Kind == AskConsult || in.Kind == AskBlind && in.Other != NoOther || in.Kind == AskTake || in.Kind == QueueSeat && before.State == Queued {
				require.False(t, w.other, "one third party at a time")
				w.other = true
			}
			w.apply(t, effects)
			talk = next
			customer, agent := talk.State.Layout()
			if talk.State != Left {
				require.Equal(t, customer, w.customer, "%s -> %s", word, talk.State)
				if agent != Free {
					require.Equal(t, agent, w.agent, "%s -> %s", word, talk.State)
				}
				require.Equal(t, talk.Attended(), w.attended, word)
				require.Equal(t, talk.Other != NoOther, w.other, "%s -> %s", word, talk.State)
				require.Equal(t, talk.Muted, w.muted)
			}
			if customer == OnHold {
				require.False(t, talk.Deadline().IsZero(), "music has a deadline in %s", talk.State)
			}
		}
		for range 10_000 { // left to itself
			if talk.Attended() || talk.State == Left || talk.State == Apart {
				return
			}
			now = talk.Deadline()
			talk, _, _ = talk.Step(now, TalkInput{Kind: TalkTick})
		}
		require.Fail(t, "nobody came, and no message", talk.State.String())
	})
}

func (w *world) apply(t *rapid.T, effects []TalkEffect) {
	moves := true
	for _, f := range effects {
		switch f.Kind {
		case MoveCustomer:
			require.True(t, moves, "moves come first")
			w.customer = f.To
		case MoveAgent:
			require.True(t, moves, "moves come first")
			w.agent = f.To
		case Mute:
			w.muted = f.On
		case DropOther:
			require.True(t, w.other, "nobody to drop")
			w.other = false
		case ReleaseAgent:
			require.True(t, w.attended, "released twice")
			require.False(t, w.muted, "released with a muted phone")
			w.attended = false
		case Promote:
			require.True(t, w.other && !w.attended)
			w.customer, w.agent, w.other, w.attended = Home, Home, false, true // seen from the new one
		}
		moves = moves && (f.Kind == MoveCustomer || f.Kind == MoveAgent)
	}
}
