package lists

// areasKnown are the area codes of the North American plan whose region is known.
var areasKnown = func() (known [1000]bool) {
	for area, region := range areaRegions {
		if len(area) == 3 && region != "" {
			known[digits3([]byte(area))] = true
		}
	}
	return known
}()

func digits3(b []byte) int { return int(b[0]-'0')*100 + int(b[1]-'0')*10 + int(b[2]-'0') }

// placeTable holds what the beginnings of numbers tell by the beginning and its country as one number that is not 0. Every number of
// a load asks it, mostly where no cache of the processor has it: a look costs one line of memory, which a map's costs several times.
// It holds at most maxPlaces and then begins anew.
type placeTable struct {
	slots []placeSlot
	n     int
}

type placeSlot struct {
	key   uint64
	facts *numberFacts
}

const placesAtFirst = 1 << 10

func (t *placeTable) slot(key uint64) *placeSlot {
	for i := key * 0x9E3779B97F4A7C15 >> 20; ; i++ {
		s := &t.slots[i&uint64(len(t.slots)-1)]
		if s.key == key || s.key == 0 {
			return s
		}
	}
}

// get returns nil for what is not there.
func (t *placeTable) get(key uint64) *numberFacts {
	if t.slots == nil {
		return nil
	}
	return t.slot(key).facts
}

// put adds what is not there.
func (t *placeTable) put(key uint64, facts *numberFacts) {
	switch {
	case t.slots == nil || t.n >= maxPlaces:
		*t = placeTable{slots: make([]placeSlot, placesAtFirst)}
	case t.n*4 >= len(t.slots)*3:
		old := t.slots
		t.slots = make([]placeSlot, 2*len(old))
		for _, s := range old {
			if s.key != 0 {
				*t.slot(s.key) = s
			}
		}
	}
	*t.slot(key) = placeSlot{key, facts}
	t.n++
}
