package compliance

import "math/bits"

// minutes is a set of the minutes of a week, Sunday 00:00 first.
type minutes [(weekMinutes + 63) / 64]uint64

// set returns the minutes at which the week is open.
func (w Week) set() *minutes {
	var m minutes
	for d, day := range w {
		for _, s := range day {
			to := s.To
			if to < s.From {
				to += dayMinutes // over midnight
			}
			m.add(d*dayMinutes+s.From, d*dayMinutes+to)
		}
	}
	return &m
}

// add puts the minutes of [from, to) in; those after the week's end are those of its beginning.
func (m *minutes) add(from, to int) {
	if to > weekMinutes {
		m.add(0, to-weekMinutes)
		to = weekMinutes
	}
	for from < to {
		bit := from % 64
		n := min(64-bit, to-from)
		m[from/64] |= (^uint64(0) >> (64 - n)) << bit
		from += n
	}
}

// meet leaves what is in both.
func (m *minutes) meet(other *minutes) {
	for i := range m {
		m[i] &= other[i]
	}
}

// wait returns how many minutes after the given one the next in the set is, 0 for itself, and whether there is any.
func (m *minutes) wait(from int) (int, bool) {
	word := m[from/64] >> (from % 64)
	if word != 0 {
		return bits.TrailingZeros64(word), true
	}
	for i := 1; i <= len(m); i++ {
		at := (from/64 + i) % len(m)
		if m[at] == 0 {
			continue
		}
		ahead := at*64 + bits.TrailingZeros64(m[at]) - from
		if ahead < 0 {
			ahead += weekMinutes
		}
		return ahead, true
	}
	return 0, false
}
