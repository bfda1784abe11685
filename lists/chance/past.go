package chance

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// kept is how many of the last attempts a Past knows one by one.
const kept = 12

// mark is one attempt of a Past.
type mark struct {
	minute uint32 // since 1970
	hour   uint8  // of the week at the callee; Hours: not known
	result Result
}

// Past sums up the earlier attempts to one number in a few bytes: how many there were, how many a person answered, and of
// the last ones when they were and what they came to. The zero value has none.
type Past struct {
	tries, live uint16 // attempts that teach, and those of them that a person answered
	misses      uint16 // attempts that teach since the last that a person answered
	failed      uint8  // failures since the last attempt that teaches
	n           uint8
	last        [kept]mark // the last n, oldest first
}

// Tries returns how many earlier attempts say something of the person, and how many of them a person answered.
func (p *Past) Tries() (tries, live int) { return int(p.tries), int(p.live) }

// Last returns what the last attempt that teaches came to, and when it was; Nothing when there was none.
func (p *Past) Last() (Result, time.Time) {
	if p.n == 0 {
		return Nothing, time.Time{}
	}
	m := p.last[p.n-1]
	return m.result, time.Unix(int64(m.minute)*60, 0)
}

// Add notes an attempt. Those that come out of order take their place in time, and one of the same minute and result as one
// that is known counts again.
func (p *Past) Add(at time.Time, hour int, r Result) {
	if r == Failed {
		p.failed = min(p.failed, math.MaxUint8-1) + 1
		return
	}
	if !r.Teaches() {
		return
	}
	p.failed = 0
	p.tries = min(p.tries, math.MaxUint16-1) + 1
	p.misses = min(p.misses, math.MaxUint16-1) + 1
	if r == Live {
		p.live = min(p.live, math.MaxUint16-1) + 1
		p.misses = 0
	}
	m := mark{minute: minuteOf(at), hour: Hours, result: r}
	if hour >= 0 && hour < Hours {
		m.hour = uint8(hour)
	}
	p.insert(m)
}

func (p *Past) insert(m mark) {
	if p.n == kept {
		if m.minute < p.last[0].minute {
			return
		}
		copy(p.last[:], p.last[1:])
		p.n--
	}
	i := int(p.n)
	for ; i > 0 && p.last[i-1].minute > m.minute; i-- {
		p.last[i] = p.last[i-1]
	}
	p.last[i] = m
	p.n++
}

func minuteOf(at time.Time) uint32 {
	return uint32(min(max(at.Unix()/60, 0), math.MaxUint32))
}

const (
	pastVersion = 1
	pastHead    = 9
	pastMark    = 6
)

var errPast = errors.New("chance: not a past")

// Bytes returns the Past in at most 81 bytes; none for a number that was never tried.
func (p *Past) Bytes() []byte {
	if p.tries == 0 && p.failed == 0 {
		return nil
	}
	b := make([]byte, 0, pastHead+pastMark*int(p.n))
	b = append(b, pastVersion)
	b = binary.BigEndian.AppendUint16(b, p.tries)
	b = binary.BigEndian.AppendUint16(b, p.live)
	b = binary.BigEndian.AppendUint16(b, p.misses)
	b = append(b, p.failed, p.n)
	for _, m := range p.last[:p.n] {
		b = binary.BigEndian.AppendUint32(b, m.minute)
		b = append(b, m.hour, byte(m.result))
	}
	return b
}

// ParsePast reads what Bytes wrote. Nothing at all is a number that was never tried; what is broken gives an error and an
// empty Past.
func ParsePast(b []byte) (Past, error) {
	if len(b) == 0 {
		return Past{}, nil
	}
	if len(b) < pastHead || b[0] != pastVersion || b[8] > kept || len(b) != pastHead+pastMark*int(b[8]) {
		return Past{}, errPast
	}
	p := Past{tries: binary.BigEndian.Uint16(b[1:]), live: binary.BigEndian.Uint16(b[3:]), misses: binary.BigEndian.Uint16(b[5:]),
		failed: b[7], n: b[8]}
	if p.live > p.tries || p.misses > p.tries || uint16(p.n) > p.tries {
		return Past{}, errPast
	}
	before := uint32(0)
	for i := range p.n {
		at := b[pastHead+pastMark*int(i):]
		m := mark{minute: binary.BigEndian.Uint32(at), hour: at[4], result: Result(at[5])}
		if m.hour > Hours || !m.result.Teaches() || m.minute < before {
			return Past{}, errPast
		}
		p.last[i], before = m, m.minute
	}
	return p, nil
}
