package carrier

import (
	"math"
	"sync"
	"time"
)

const (
	ringSamples = 4096 // 512 ms of what was heard last
	waitSamples = 800  // a tone is looked for in the last 100 ms
	voiceLevel  = 300  // a sample louder than this is not silence (32767 is full scale)
	gapForgets  = 200 * time.Millisecond
	maxDigits   = 64
	maxTones    = 16
	sameTone    = 12.0                   // Hz within which two measurements are one tone
	quietTime   = 120 * time.Millisecond // without a packet: nothing is heard
)

// listener hears what one call receives: it keeps the last half second, finds tones, counts packets.
type listener struct {
	mu      sync.Mutex
	ring    [ringSamples]byte
	end     uint64 // samples heard since the last gap
	last    time.Time
	waiters []*toneWait

	analyse bool // look for tones all the time, not only when asked
	tones   []float64
	pending []float64 // tones of the last block: one must be in two blocks in a row to count

	since  time.Time
	voiced func(at time.Time) // called once, with the first packet that is not silence
	events uint8
	digits []byte
	more   chan struct{} // closed at the next digit; nil while nobody waits
	digit  uint32        // RTP time of the last digit
	stats  Reception
	seq    uint16
}

// Reception counts the RTP that a call received.
type Reception struct {
	Packets int64         `json:"packets"`     // all audio packets
	Lost    int64         `json:"lost"`        // by sequence number
	Late    int64         `json:"late"`        // more than 60 ms after the one before
	MaxGap  time.Duration `json:"max_gap"`     // ns; longest time between two packets
	First   time.Time     `json:"first"`       // arrival of the first packet
	Voice   time.Time     `json:"first_voice"` // arrival of the first packet that was not silence
}

type toneWait struct {
	hz      float64
	present bool // wait for the tone, or for its end
	found   chan struct{}
}

func (l *listener) setEvents(payload uint8) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = payload
}

// arm starts the measurement of a call that is being answered: voiced is called once, with the first packet from
// now on that is not silence.
func (l *listener) arm(analyse bool, voiced func(at time.Time)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.analyse, l.voiced, l.stats.Voice, l.since = analyse, voiced, time.Time{}, time.Now()
}

func (l *listener) packet(at time.Time, kind byte, seq uint16, stamp uint32, payload []byte) {
	l.mu.Lock()
	voiced := l.voiced
	switch {
	case kind == payloadUlaw:
		l.count(at, seq)
		l.hear(at, payload)
	case l.events != 0 && kind == l.events:
		l.seq = seq
		l.press(stamp, payload)
	}
	if voiced != nil && !l.stats.Voice.IsZero() {
		l.voiced = nil
		l.mu.Unlock()
		voiced(at)
		return
	}
	l.mu.Unlock()
}

func (l *listener) count(at time.Time, seq uint16) {
	l.stats.Packets++
	if l.stats.First.IsZero() {
		l.stats.First = at
	} else {
		if step := int16(seq - l.seq); step > 1 {
			l.stats.Lost += int64(step - 1)
		}
		gap := at.Sub(l.last)
		l.stats.MaxGap = max(l.stats.MaxGap, gap)
		if gap > 60*time.Millisecond {
			l.stats.Late++
		}
	}
	l.seq = seq
	if at.Sub(l.last) > gapForgets {
		l.end = 0
	}
	l.last = at
}

func (l *listener) hear(at time.Time, payload []byte) {
	loud := false
	for _, code := range payload {
		l.ring[l.end%ringSamples] = code
		l.end++
		if v := linear[code]; v > voiceLevel || v < -voiceLevel {
			loud = true
		}
		if l.analyse && l.end%blockSamples == 0 {
			l.spectrum()
		}
	}
	if loud && l.stats.Voice.IsZero() && !at.Before(l.since) {
		l.stats.Voice = at
	}
	if len(l.waiters) > 0 {
		l.wake()
	}
}

// spectrum notes the tones of the block that has just become full.
func (l *listener) spectrum() {
	start := (l.end - blockSamples) % ringSamples
	now := tonesIn((*[blockSamples]byte)(l.ring[start : start+blockSamples]))
	for _, hz := range now {
		if near(l.pending, hz) && !near(l.tones, hz) && len(l.tones) < maxTones {
			l.tones = append(l.tones, math.Round(hz))
		}
	}
	l.pending = now
}

func near(tones []float64, hz float64) bool {
	for _, t := range tones {
		if math.Abs(t-hz) <= sameTone {
			return true
		}
	}
	return false
}

// wake tells those whose tone is there.
func (l *listener) wake() {
	var buffer [waitSamples]byte
	recent := l.recent(buffer[:])
	kept := l.waiters[:0]
	for _, w := range l.waiters {
		if toneIn(recent, w.hz) == w.present {
			close(w.found)
			continue
		}
		kept = append(kept, w)
	}
	clear(l.waiters[len(kept):])
	l.waiters = kept
}

// recent copies the last samples heard, fewer than asked if there are not so many since the last gap.
func (l *listener) recent(into []byte) []byte {
	n := min(uint64(len(into)), l.end, ringSamples)
	for i := range n {
		into[i] = l.ring[(l.end-n+i)%ringSamples]
	}
	return into[:n]
}

// hears tells whether hz was among what arrived in the time just past, at most 512 ms of it.
func (l *listener) hears(hz float64, within time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	within -= time.Since(l.last)
	n := min(int(within*sampleRate/time.Second), ringSamples)
	if n < frameSamples {
		return false
	}
	return toneIn(l.recent(make([]byte, n)), hz)
}

// await returns a wait that is over as soon as hz is heard, or not heard any more.
func (l *listener) await(hz float64, present bool) *toneWait {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := &toneWait{hz: hz, present: present, found: make(chan struct{})}
	l.waiters = append(l.waiters, w)
	if time.Since(l.last) < quietTime {
		l.wake()
	}
	return w
}

// idle says that no packet came for some time.
func (l *listener) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.last) >= quietTime
}

func (l *listener) giveUp(w *toneWait) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, other := range l.waiters {
		if other == w {
			l.waiters = append(l.waiters[:i], l.waiters[i+1:]...)
			return
		}
	}
}

// press notes a DTMF digit at its first packet; the repeats carry the same RTP time.
func (l *listener) press(stamp uint32, payload []byte) {
	if len(payload) < 4 || int(payload[0]) >= len(digitSymbols) || len(l.digits) >= maxDigits {
		return
	}
	if len(l.digits) > 0 && l.digit == stamp {
		return
	}
	l.digit = stamp
	l.digits = append(l.digits, digitSymbols[payload[0]])
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
}

// pressed returns the digits so far and a channel that is closed at the next one.
func (l *listener) pressed() (string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.more == nil {
		l.more = make(chan struct{})
	}
	return string(l.digits), l.more
}

func (l *listener) report() (tones []float64, digits string, stats Reception) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]float64(nil), l.tones...), string(l.digits), l.stats
}
