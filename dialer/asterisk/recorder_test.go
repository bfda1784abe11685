package asterisk

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/deploy/carrier"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/switchtest"
)

// captured is a finished capture as two channels of samples, customer and agent.
func captured(t *testing.T, w *world, attempt uuid.UUID) (out [2][]float64) {
	t.Helper()
	path := RecordingPath(w.server.SpoolDir(), attempt)
	var last int64 = -1
	require.Eventually(t, func() bool { // its writer flushes a moment after the channel is gone
		info, err := os.Stat(path)
		if err != nil {
			return false
		}
		was := last
		last = info.Size()
		return last > 0 && last == was
	}, long, 300*time.Millisecond)
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := 0; i+4 <= len(raw); i += 4 {
		for c := range 2 {
			out[c] = append(out[c], float64(int16(binary.LittleEndian.Uint16(raw[i+2*c:]))))
		}
	}
	return out
}

// power is the energy of a tone in samples at 8 kHz, as amplitude (Goertzel 1958).
func power(samples []float64, hz float64) float64 {
	if len(samples) == 0 {
		return 0
	}
	k := 2 * math.Cos(2*math.Pi*hz/8000)
	var a, b float64
	for i, x := range samples {
		w := 1 - math.Cos(2*math.Pi*float64(i)/float64(len(samples)-1)) // Hann: what begins or ends abruptly does not spill
		a, b = w*x+k*a-b, a
	}
	return 2 * math.Sqrt(math.Abs(a*a+b*b-k*a*b)) / float64(len(samples))
}

// onset is when a tone is heard first, in seconds from the beginning; -1: never.
func onset(samples []float64, hz float64) float64 {
	const frame = 80
	for i := 0; i+frame <= len(samples); i += frame / 2 {
		if power(samples[i:i+frame], hz) > 1000 {
			return float64(i) / 8000
		}
	}
	return -1
}

// peak is the loudest that a tone is in any 20 ms of samples.
func peak(samples []float64, hz float64) (most float64) {
	const frame = 160
	for i := 0; i+frame <= len(samples); i += frame / 2 {
		most = max(most, power(samples[i:i+frame], hz))
	}
	return most
}

func listenFor(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

// TestWhatIsSaidInAPauseIsNotInTheFile: before the pause callee and agent talk in tones of their own, while it lasts in secret
// ones, after it in others. The dialer that paused dies meanwhile, and the next one finds the pause and ends it.
func TestWhatIsSaidInAPauseIsNotInTheFile(t *testing.T) {
	w := newWorld(t, 1, true)
	rec := switchtest.NewRecorder()
	cfg := w.config(t)
	a, stop := connect(t, cfg, rec.Handle)
	leg, session := seated(t, a, rec)
	phone := w.agents[0].Current()
	// Two secret tones that are far from all others, so that 20 ms tell them apart.
	const before, after, secretA, secretB, agentBefore, agentAfter = 500.0, 900.0, 2300.0, 3100.0, 700.0, 1200.0
	phone.SetTone(agentBefore)
	attempt, number := w.place(t, a, "09", func(d *dialer.Dial) { d.Record = true })
	rec.Await(t, long, dialer.Answered, attempt)
	callee, err := w.carrier.WaitAnswered(t.Context(), number)
	require.NoError(t, err)
	callee.SetTone(before)
	listenFor(t, 200*time.Millisecond) // both speak already when they are brought together
	require.NoError(t, a.Bridge(t.Context(), attempt, session))
	bridged := time.Now()
	require.NoError(t, callee.WaitHear(limited(t), agentBefore))
	require.NoError(t, phone.WaitHear(limited(t), before))
	listenFor(t, 500*time.Millisecond)

	until := time.Now().Add(time.Minute).Truncate(time.Second)
	require.NoError(t, a.Silence(t.Context(), attempt, until))
	callee.SetTone(secretA)
	phone.SetTone(secretB)
	require.NoError(t, phone.WaitHear(limited(t), secretA))
	require.NoError(t, callee.WaitHear(limited(t), secretB))
	stop() // the dialer is gone; nobody goes on with the recording
	listenFor(t, time.Second)
	second := switchtest.NewRecorder()
	b, _ := connect(t, cfg, second.Handle)
	state, err := b.Told(t.Context(), attempt)
	require.NoError(t, err)
	require.Equal(t, dialer.RecorderState{Silenced: true, Until: until}, state)
	require.NoError(t, b.Silence(t.Context(), attempt, until), "asked again it stays silent")

	callee.SetTone(after)
	phone.SetTone(agentAfter)
	require.NoError(t, phone.WaitHear(limited(t), after))
	require.NoError(t, callee.WaitHear(limited(t), agentAfter))
	require.NoError(t, b.Unsilence(t.Context(), attempt))
	listenFor(t, 700*time.Millisecond)
	state, err = b.Told(t.Context(), attempt)
	require.NoError(t, err)
	require.False(t, state.Silenced)
	announced(t, w, b, attempt, session, callee, phone)
	require.NoError(t, b.Hangup(t.Context(), attempt))
	talked := time.Since(bridged)
	second.Await(t, long, dialer.Ended, attempt)
	require.NoError(t, b.HangupLeg(t.Context(), leg))
	second.Await(t, long, dialer.Ended, leg)

	both := captured(t, w, attempt)
	t.Logf("talked %.2f s; callee heard from %.3f s on, agent from %.3f s", talked.Seconds(), onset(both[0], before), onset(both[1], agentBefore))
	for c, side := range both {
		t.Logf("channel %d: %.2f s, before %.0f after %.0f secret %.0f %.0f", c, float64(len(side))/8000,
			peak(side, [...]float64{before, agentBefore}[c]), peak(side, [...]float64{after, agentAfter}[c]), peak(side, secretA), peak(side, secretB))
		assert.Greater(t, peak(side, [...]float64{before, agentBefore}[c]), 500.0, "what was said before the pause")
		assert.Greater(t, peak(side, [...]float64{after, agentAfter}[c]), 500.0, "what was said after it")
	}
	// In each 20 ms a secret tone is no louder than what the others spill into its place.
	for c, side := range both {
		assert.Less(t, peak(side, secretA), 150.0, "channel %d", c)
		assert.Less(t, peak(side, secretB), 150.0, "channel %d", c)
	}
	assert.InDelta(t, talked.Seconds(), float64(len(both[0]))/8000, 0.3, "the pause is in the file as time")
	// The talk is in the file from its first moment.
	assert.Greater(t, peak(both[0][:800], before), 500.0, "the callee's first 100 ms")
	assert.Greater(t, peak(both[1][:800], agentBefore), 500.0, "the agent's first 100 ms")
	muted := 0
	for i := range both[0] {
		if both[0][i] == 0 && both[1][i] == 0 {
			muted++
		}
	}
	assert.Greater(t, float64(muted)/8000, 1.0, "the pause is silence")
	err = b.Silence(t.Context(), attempt, until)
	require.ErrorIs(t, err, dialer.ErrNoChannel)
}

// announced has a sound played to callee and agent: both hear it, the next dialer knows, and a sound that is missing is told.
func announced(t *testing.T, w *world, a *Adapter, attempt, session uuid.UUID, callee *carrier.Call, agent *carrier.Call) {
	t.Helper()
	const hz = 400 // whose overtones are far from the secret tones
	half := 8000 / hz / 2
	period := append(bytes.Repeat([]byte{0x9f}, half), bytes.Repeat([]byte{0x1f}, half)...)
	tone := bytes.Repeat(period, 3*hz) // three seconds of a square wave
	sounds := filepath.Join(filepath.Dir(w.server.SpoolDir()), "data", "sounds", "en", "dialtide")
	require.FileExists(t, filepath.Join(sounds, "recorded.ulaw"), "what a campaign may name without recording anything")
	require.NoError(t, os.WriteFile(filepath.Join(sounds, "tone.ulaw"), tone, 0o644))
	require.ErrorIs(t, a.Announce(t.Context(), attempt, session, "dialtide/nowhere"), errNoSound)
	// Both listen before it is played: who is asked after the other may be asked too late.
	heard, ctx := make(chan error, 2), limited(t)
	for _, c := range []*carrier.Call{callee, agent} {
		go func() { heard <- c.WaitHear(ctx, hz) }()
	}
	require.NoError(t, a.Announce(t.Context(), attempt, session, "dialtide/tone"))
	require.NoError(t, <-heard)
	require.NoError(t, <-heard)
	state, err := a.Told(t.Context(), attempt)
	require.NoError(t, err)
	require.True(t, state.Announced)
}
