package carrier

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestUlawKeepsCodesAndComesNear(t *testing.T) {
	for code := range 256 {
		if code == 0x7F { // the second zero
			continue
		}
		require.Equal(t, byte(code), encodeUlaw(linear[code]), "code %#x", code)
	}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int16Range(-32000, 32000).Draw(t, "sample")
		got := linear[encodeUlaw(v)]
		require.LessOrEqual(t, math.Abs(float64(got)-float64(v)), 8+math.Abs(float64(v))/16)
	})
}

// mixed sums clips as a conference bridge does.
func mixed(n int, clips ...[]byte) []byte {
	out := make([]byte, n)
	for i := range out {
		sum := 0
		for _, c := range clips {
			sum += int(linear[c[i%len(c)]])
		}
		out[i] = encodeUlaw(int16(max(-32768, min(32767, sum))))
	}
	return out
}

func TestTonesAreToldApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, 40).Draw(t, "customer")
		j := rapid.IntRange(0, 32).Draw(t, "agent")
		n := rapid.SampledFrom([]int{400, 800, 1600}).Draw(t, "samples")
		a, b := CustomerTone(i), AgentTone(j)
		heard := mixed(n, toneClip(a), toneClip(b))
		require.True(t, toneIn(heard, a))
		require.True(t, toneIn(heard, b))
		if n < 800 {
			return
		}
		for k := range 41 {
			require.Equal(t, k == i, toneIn(heard, CustomerTone(k)), "%v among %v and %v", CustomerTone(k), a, b)
		}
		for k := range 33 {
			require.Equal(t, k == j, toneIn(heard, AgentTone(k)), "%v among %v and %v", AgentTone(k), a, b)
		}
	})
}

func TestSpectrumFindsTheTones(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := CustomerTone(rapid.IntRange(0, 40).Draw(t, "customer"))
		b := AgentTone(rapid.IntRange(0, 32).Draw(t, "agent"))
		for _, want := range [][]float64{{a}, {a, b}} {
			clips := make([][]byte, len(want))
			for i, hz := range want {
				clips[i] = toneClip(hz)
			}
			found := tonesIn((*[blockSamples]byte)(mixed(blockSamples, clips...)))
			require.Len(t, found, len(want))
			require.InDeltaSlice(t, want, found, 2)
		}
	})
	require.Empty(t, tonesIn((*[blockSamples]byte)(mixed(blockSamples, quiet))))
}

// loudness of each 20 ms of a clip, as the mean magnitude that AMD compares with its silence threshold.
func loudness(clip []byte) (frames []float64) {
	for at := 0; at+frameSamples <= len(clip); at += frameSamples {
		sum := 0.0
		for _, code := range clip[at : at+frameSamples] {
			sum += math.Abs(float64(linear[code]))
		}
		frames = append(frames, sum/frameSamples)
	}
	return frames
}

func render(segments []segment, d time.Duration) []byte {
	p := player{segments: segments}
	out := make([]byte, 0, int(d*sampleRate/time.Second))
	for range d / (20 * time.Millisecond) {
		frame := make([]byte, frameSamples)
		p.next(frame)
		out = append(out, frame...)
	}
	return out
}

// longestTalk is the longest stretch of sound in which no pause reaches the given length.
func longestTalk(frames []float64, pause time.Duration) time.Duration {
	const threshold = 256
	longest, talk, still := 0, 0, 0
	for _, f := range frames {
		if f >= threshold {
			talk += still + 1
			still = 0
			longest = max(longest, talk)
			continue
		}
		if talk > 0 {
			still++
		}
		if time.Duration(still)*20*time.Millisecond >= pause {
			talk, still = 0, 0
		}
	}
	return time.Duration(longest) * 20 * time.Millisecond
}

func TestVoicesSuitMachineDetection(t *testing.T) {
	for variant := range 12 {
		hello := loudness(render(personSound(variant, 0), 2*time.Second))
		require.Less(t, longestTalk(hello, 800*time.Millisecond), time.Second, "person %d greets briefly", variant)
		require.Greater(t, longestTalk(hello, 800*time.Millisecond), 200*time.Millisecond, "person %d says something", variant)
		greeting := loudness(render(machineSound(variant), 12*time.Second))
		require.Greater(t, longestTalk(greeting, 800*time.Millisecond), 5*time.Second, "machine %d talks on", variant)
	}
}

func TestPlayerPlaysSegmentsInOrderAndThenIsSilent(t *testing.T) {
	a, b := []byte{1, 2, 3}, []byte{9}
	p := player{segments: []segment{{clip: a}, {b, 4}, {a, 4}}}
	out := make([]byte, 14)
	p.next(out[:5])
	p.next(out[5:])
	require.Equal(t, []byte{1, 2, 3, 9, 9, 9, 9, 1, 2, 3, 1, ulawSilence, ulawSilence, ulawSilence}, out)
}

func TestToneLoopsWithoutAClick(t *testing.T) {
	p := player{segments: agentSound(1010)}
	out := make([]byte, 3*sampleRate+800)
	for at := 0; at < len(out); at += frameSamples {
		p.next(out[at : at+frameSamples])
	}
	seam := out[sampleRate-400 : sampleRate+400]
	require.True(t, toneIn(seam, 1010))
	require.False(t, toneIn(seam, 1060))
}

func BenchmarkSpectrum(b *testing.B) {
	block := (*[blockSamples]byte)(mixed(blockSamples, toneClip(440), toneClip(2120)))
	for b.Loop() {
		tonesIn(block)
	}
}

func BenchmarkGoertzel(b *testing.B) {
	block := mixed(800, toneClip(440), toneClip(2120))
	for b.Loop() {
		toneIn(block, 440)
	}
}
