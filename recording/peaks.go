package recording

import (
	"encoding/binary"
	"io"
	"time"
)

// maxPeaks is how many pairs a waveform has at most: more than the widest page shows.
const maxPeaks = 2000

// peaks takes in stereo PCM and keeps the loudest sample of each stretch of time, a byte for each side: 255 is full scale.
type peaks struct {
	frames int64 // of a stretch
	at     int64 // in the present one
	most   [channels]int32
	rest   []byte // of a frame that is not whole
	out    []byte
}

// newPeaks is for so many frames in all.
func newPeaks(frames int64) *peaks {
	return &peaks{frames: max(1, (frames+maxPeaks-1)/maxPeaks)}
}

// Write takes in raw samples.
func (p *peaks) Write(b []byte) (int, error) {
	n := len(b)
	if len(p.rest) > 0 {
		need := min(frameBytes-len(p.rest), len(b))
		p.rest, b = append(p.rest, b[:need]...), b[need:]
		if len(p.rest) < frameBytes {
			return n, nil
		}
		p.frame(p.rest)
		p.rest = p.rest[:0]
	}
	for ; len(b) >= frameBytes; b = b[frameBytes:] {
		p.frame(b)
	}
	p.rest = append(p.rest, b...)
	return n, nil
}

func (p *peaks) frame(b []byte) {
	for c := range channels {
		v := int32(int16(binary.LittleEndian.Uint16(b[bytesPerSample*c:])))
		p.most[c] = max(p.most[c], v, -v)
	}
	if p.at++; p.at == p.frames {
		p.flush()
	}
}

func (p *peaks) flush() {
	if p.at == 0 {
		return
	}
	for c := range channels {
		p.out = append(p.out, byte(min(p.most[c]>>7, 255)))
		p.most[c] = 0
	}
	p.at = 0
}

// bytes are the pairs, customer and agent.
func (p *peaks) bytes() []byte {
	p.flush()
	return p.out
}

// span is a stretch of a recording.
type span struct{ from, to time.Duration }

// silencer passes raw samples on, with silence in place of what lies in the spans.
type silencer struct {
	r     io.Reader
	spans [][2]int64 // in bytes, in order
	at    int64
}

func newSilencer(r io.Reader, spans []span) *silencer {
	s := &silencer{r: r}
	for _, x := range spans {
		s.spans = append(s.spans, [2]int64{bytesAt(x.from), bytesAt(x.to)})
	}
	return s
}

// forever is the end of a span that has none.
const forever = 1000 * time.Hour

func bytesAt(d time.Duration) int64 {
	return max(0, int64(d.Seconds()*sampleRate)) * frameBytes
}

// Read implements io.Reader.
func (s *silencer) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	for _, x := range s.spans {
		from, to := max(x[0]-s.at, 0), min(x[1]-s.at, int64(n))
		if from < to {
			clear(b[from:to])
		}
	}
	s.at += int64(n)
	return n, err
}
