package importer

// numberSet holds telephone numbers in E.164 form, eight bytes each, with a bit for where they are known from. It stops growing
// at a limit, and says so.
type numberSet struct {
	slots []uint64 // number<<1 | mark; 0: free. No number is 0.
	n     int
	full  bool // some numbers are not in it
}

const (
	seenAtFirst = 1 << 16
	seenAtMost  = 1 << 23 // slots: 64 MiB; while it grows there is half of it besides
)

func newNumberSet() *numberSet { return &numberSet{slots: make([]uint64, seenAtFirst)} }

// packed is a number in E.164 form without the plus; 0 for what is none.
func packed(e164 string) (n uint64) {
	if len(e164) < 2 || len(e164) > 16 {
		return 0
	}
	for i := 1; i < len(e164); i++ {
		n = n*10 + uint64(e164[i]-'0')
	}
	return n
}

func (s *numberSet) slot(n uint64) int {
	i := int((n*0x9E3779B97F4A7C15)>>20) & (len(s.slots) - 1)
	for s.slots[i] != 0 && s.slots[i]>>1 != n {
		i = (i + 1) & (len(s.slots) - 1)
	}
	return i
}

// add puts a number in unless it is there; then it returns the mark it was put in with.
func (s *numberSet) add(n uint64, mark uint64) (had bool, hadMark uint64) {
	i := s.slot(n)
	if v := s.slots[i]; v != 0 {
		return true, v & 1
	}
	if s.full {
		return false, 0
	}
	s.slots[i] = n<<1 | mark
	s.n++
	if s.n*4 > len(s.slots)*3 {
		s.grow()
	}
	return false, 0
}

func (s *numberSet) has(n uint64) bool { return s.slots[s.slot(n)] != 0 }

func (s *numberSet) grow() {
	if len(s.slots) >= seenAtMost {
		s.full = true
		return
	}
	old := s.slots
	s.slots = make([]uint64, 2*len(old))
	for _, v := range old {
		if v != 0 {
			s.slots[s.slot(v>>1)] = v
		}
	}
}
