package carrier

import (
	"bytes"
	"embed"
	"fmt"
	"math"
	"sync"
	"time"
)

//go:embed sounds/*.ulaw
var voices embed.FS

const toneAmplitude = 8000 // -12 dBFS: loud, and three of them mixed do not clip

// segment is a piece of sound: a clip played once, or repeated until length has passed (forever if negative).
type segment struct {
	clip   []byte
	length int // samples; 0 plays the clip once
}

const forever = -1

// player cuts a list of segments into frames. After its last segment it is silent.
type player struct {
	segments []segment
	at       int // samples already played of the first segment
}

// next fills frame with the following samples.
func (p *player) next(frame []byte) {
	for len(frame) > 0 {
		if len(p.segments) == 0 {
			fill(frame, ulawSilence)
			return
		}
		s := p.segments[0]
		n := len(frame)
		if end := s.samples(); end >= 0 {
			n = min(n, end-p.at)
		}
		if n <= 0 {
			p.segments, p.at = p.segments[1:], 0
			continue
		}
		offset := p.at % len(s.clip)
		n = copy(frame[:n], s.clip[offset:])
		p.at += n
		if s.length < 0 {
			p.at %= len(s.clip)
		}
		frame = frame[n:]
	}
}

func (s segment) samples() int {
	if s.length == 0 || len(s.clip) == 0 {
		return len(s.clip)
	}
	return s.length
}

func fill(b []byte, v byte) {
	for i := range b {
		b[i] = v
	}
}

var quiet = func() []byte {
	b := make([]byte, frameSamples)
	fill(b, ulawSilence)
	return b
}()

func silence(d time.Duration) segment {
	return segment{quiet, max(1, int(d*sampleRate/time.Second))}
}

var toneClips sync.Map // int Hz -> []byte

// toneClip returns a second of the tone, rendered once per frequency and rounded to whole Hz.
func toneClip(hz float64) []byte {
	key := int(math.Round(hz))
	if clip, ok := toneClips.Load(key); ok {
		return clip.([]byte)
	}
	clip, _ := toneClips.LoadOrStore(key, sine(key, toneAmplitude))
	return clip.([]byte)
}

var (
	ringback = sync.OnceValue(func() []byte { return chord(440, 480, toneAmplitude) })
	loadClip = sync.OnceValues(readVoices)
)

// readVoices loads the embedded recordings into memory once; all calls share them.
func readVoices() (map[string][]byte, error) {
	files, err := voices.ReadDir("sounds")
	if err != nil {
		return nil, fmt.Errorf("carrier: voices: %w", err)
	}
	clips := make(map[string][]byte, len(files))
	for _, f := range files {
		if clips[f.Name()], err = voices.ReadFile("sounds/" + f.Name()); err != nil {
			return nil, fmt.Errorf("carrier: voice %s: %w", f.Name(), err)
		}
	}
	return clips, nil
}

// voice returns clip number n (from 0, wrapping at count) of a family, such as hello-1 for ("hello", 0, 4).
func voice(family string, n, count int) []byte {
	clips, err := loadClip()
	if err != nil {
		return quiet // embedded files cannot be missing; silence is the harmless reading if they were
	}
	return clips[fmt.Sprintf("%s-%d.ulaw", family, n%count+1)]
}

// turns are the two orders of what a person says, each with pauses to listen, to be repeated without end.
var turns = sync.OnceValue(func() (out [2][]byte) {
	for i := range out {
		for j := range out {
			out[i] = append(append(out[i], voice("talk", i+j, 2)...), bytes.Repeat(quiet, 100)...)
		}
	}
	return out
})

// agentTurn is what a phone without a tone repeats.
var agentTurn = sync.OnceValue(func() []byte {
	return append(bytes.Clone(voice("agent", 0, 1)), bytes.Repeat(quiet, 100)...)
})

// personSound is a callee: a moment of silence, a short greeting, a pause in which the caller is expected to
// speak (long enough for answering machine detection to call it a human), then talk: words and pauses, or a tone.
func personSound(variant int, tone float64) []segment {
	talk := turns()[variant%2]
	if tone > 0 {
		talk = toneClip(tone)
	}
	return []segment{
		silence(300 * time.Millisecond), {clip: voice("hello", variant, 4)}, silence(1300 * time.Millisecond), {talk, forever},
	}
}

// machineSound is an answering machine: a long greeting without gaps, a beep, then silence.
func machineSound(variant int) []segment {
	return []segment{
		silence(200 * time.Millisecond), {clip: voice("greeting", variant, 2)}, silence(300 * time.Millisecond),
		{toneClip(1000), sampleRate * 4 / 10}, {quiet, forever},
	}
}

// agentSound is what a phone says: its tone if it has one, otherwise a spoken agent with pauses, for ever.
func agentSound(tone float64) []segment {
	if tone > 0 {
		return []segment{{toneClip(tone), forever}}
	}
	return []segment{{agentTurn(), forever}}
}

func ringbackSound() []segment { return []segment{{ringback(), forever}} }
