package lists

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists/chance"
	"github.com/dialtide/dialtide/lists/compliance"
)

// OrderBy is what decides who of a list comes next among those never tried.
type OrderBy string

const (
	ByList     OrderBy = ""          // as they stand in the list, which is the order in which they were added
	ByPriority OrderBy = "priority"  // Contact priority, highest first
	ByField    OrderBy = "field"     // a field's value
	ByNewest   OrderBy = "newest"    // who was added last
	ByOldest   OrderBy = "oldest"    // who was added first
	ByRandom   OrderBy = "random"    // always the same for the same seed
	ByClosing  OrderBy = "closing"   // whose calling hours end first
	ByBestTime OrderBy = "best_time" // whom this hour of the day suits best, by the history of the number
)

// ListsBy is how the lists of a campaign take turns.
type ListsBy string

const (
	ListsInTurn   ListsBy = ""         // one after another, in the campaign's order
	ListsTogether ListsBy = "together" // as if they were one list
	ListsMixed    ListsBy = "mix"      // by weights
)

// FieldType is how the values of a field compare.
type FieldType string

const (
	TextField   FieldType = "text"
	NumberField FieldType = "number" // also money; what is no number comes last
	DateField   FieldType = "date"   // as YYYY-MM-DD
)

// ListWeight is the share of a list in a mix.
type ListWeight struct {
	ListID uuid.UUID `json:"list_id" format:"uuid"`
	Weight int       `json:"weight" minimum:"1" maximum:"1000"`
}

// Order is who comes next of the contacts never tried. Callbacks come before them, then hot contacts, then due retries. It is
// stable while lists grow: nobody loses a place to somebody who came later and sorts behind him.
type Order struct {
	By         OrderBy      `json:"by,omitempty" enum:",list,priority,field,newest,oldest,random,closing,best_time" doc:"empty or list: as they stand in the list; closing: whose calling hours end first; best_time: whom this hour suits best, by the number's history"`
	Field      string       `json:"field,omitempty" maxLength:"120" doc:"of field: its name"`
	Type       FieldType    `json:"type,omitempty" enum:"text,number,date" doc:"of field: how values compare; default text"`
	Descending bool         `json:"descending,omitempty" doc:"of field: largest first; contacts without a value come last in any case"`
	Seed       int64        `json:"seed,omitempty" doc:"of random: another seed is another order"`
	Lists      ListsBy      `json:"lists,omitempty" enum:",together,mix" doc:"empty: one list after another; together: as if they were one; mix: by weights"`
	Mix        []ListWeight `json:"mix,omitempty" maxItems:"100" doc:"of mix: weights; a list without one has 1"`
}

// lanesMost bounds the sets of zones that are told apart; contacts of further ones share a lane.
const lanesMost = 60

// anyLane holds contacts whose lane is not told apart, noHistory those without a past in the order by the best time.
const (
	anyLane   = 0
	noHistory = 24
)

func (o Order) by() OrderBy {
	if o.By == "list" {
		return ByList
	}
	return o.By
}

// placed says whether the order needs places, made ahead of the calls.
func (o Order) placed() bool { return o.by() != ByList && o.by() != ByOldest }

// validate returns what is wrong, with paths under "order".
func (o Order) validate() (errs []FieldError) {
	bad := func(wrong bool, field, reason string) {
		if wrong {
			errs = append(errs, FieldError{"order." + field, reason})
		}
	}
	switch o.by() {
	case ByList, ByPriority, ByField, ByNewest, ByOldest, ByRandom, ByClosing, ByBestTime:
	default:
		bad(true, "by", "must be list, priority, field, newest, oldest, random, closing or best_time")
	}
	name := CleanText(o.Field, 120)
	bad(o.By == ByField && name == "", "field", "name the field to sort by")
	bad(o.By != ByField && o.Field != "", "field", "goes with the order by field only")
	bad(name != o.Field, "field", "must be at most 120 characters without control characters")
	bad(!slices.Contains([]FieldType{"", TextField, NumberField, DateField}, o.Type), "type", "must be text, number or date")
	bad(o.Lists != ListsInTurn && o.Lists != ListsTogether && o.Lists != ListsMixed, "lists", "must be empty, together or mix")
	bad(o.Lists != ListsMixed && len(o.Mix) > 0, "mix", "goes with lists mix only")
	bad(len(o.Mix) > 100, "mix", "at most 100 lists")
	for i, m := range o.Mix {
		at := "mix." + strconv.Itoa(i)
		bad(m.Weight < 1 || m.Weight > 1000, at+".weight", "must be between 1 and 1000")
		bad(slices.ContainsFunc(o.Mix[:i], func(x ListWeight) bool { return x.ListID == m.ListID }), at+".list_id", "is there twice")
	}
	return errs
}

// weight is the list's share in a mix.
func (o Order) weight(list uuid.UUID) int64 {
	for _, m := range o.Mix {
		if m.ListID == list {
			return int64(m.Weight)
		}
	}
	return 1
}

// spec names everything that the places depend on. The order by the best time is made anew each day, from what was learned.
func (o Order) spec(now time.Time, hours compliance.Week) string {
	s := struct {
		Order
		Day   string           `json:"day,omitempty"`
		Hours *compliance.Week `json:"hours,omitempty"`
	}{Order: o}
	s.Order.Lists, s.Order.Mix = "", nil
	if o.By == ByBestTime {
		s.Day, s.Hours = now.UTC().Format(time.DateOnly), &hours
	}
	b, err := json.Marshal(s)
	if err != nil {
		return string(o.By) // strings and numbers always marshal
	}
	return string(b)
}

// ordered is what an order needs to know of a contact.
type ordered struct {
	id       uuid.UUID
	seq      int64
	priority int32
	value    *string
	zones    []string
	kind     chance.Kind
	past     chance.Past
}

const keyText = 32 // bytes of a text that decide its place

// key returns the contact's place inside its lane: places compare bytewise, equal ones by seq.
func (o Order) key(c *ordered) []byte {
	switch o.By {
	case ByPriority:
		return binary.BigEndian.AppendUint32(nil, uint32(math.MaxInt32-int64(c.priority)))
	case ByNewest:
		return binary.BigEndian.AppendUint64(nil, uint64(math.MaxInt64-c.seq))
	case ByRandom:
		h := fnv.New64a()
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(o.Seed))) // never fails
		_, _ = h.Write(c.id[:])
		return binary.BigEndian.AppendUint64(nil, mixed(h.Sum64()))
	case ByField:
		return o.fieldKey(c.value)
	}
	return []byte{}
}

// mixed spreads what differs in the last bytes only over all bits (the finaliser of SplitMix64).
func mixed(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (o Order) fieldKey(value *string) []byte {
	const present, missing = 1, 2
	if value == nil || strings.TrimSpace(*value) == "" {
		return []byte{missing}
	}
	var key []byte
	if o.Type == NumberField {
		x, err := strconv.ParseFloat(strings.TrimSpace(*value), 64)
		if err != nil || math.IsNaN(x) {
			return []byte{missing}
		}
		key = binary.BigEndian.AppendUint64(nil, sortable(x))
	} else {
		text := strings.ToLower(strings.TrimSpace(*value))
		key = append([]byte(text[:min(len(text), keyText)]), 0) // the zero puts a word before those that it begins
	}
	if o.Descending {
		for i := range key {
			key[i] = ^key[i]
		}
	}
	return append([]byte{present}, key...)
}

// sortable maps numbers to integers in the same order.
func sortable(x float64) uint64 {
	bits := math.Float64bits(x + 0) // -0 is 0
	if bits>>63 == 1 {
		return ^bits
	}
	return bits | 1<<63
}

// bestTime returns the hour of the day (UTC) that suits a contact best, or noHistory, and the key by its chance then: the likeliest first.
func bestTime(m *chance.Model, hours compliance.Week, now time.Time, list uuid.UUID, c *ordered) (lane int16, key []byte) {
	if tries, _ := c.past.Tries(); tries == 0 {
		return noHistory, []byte{}
	}
	var chances [24]float64 // by hours from now; 0: closed
	best := -1
	from := now.Truncate(time.Hour)
	for h := range chances {
		t := from.Add(time.Duration(h) * time.Hour)
		open, ok, known := compliance.NextOpen(t, hours, c.zones)
		if !ok || !known || open.After(t.Add(59*time.Minute)) {
			continue
		}
		f := chance.Facts{At: t, Hour: hourAt(t, c.zones), Kind: c.kind, List: list, Past: c.past}
		if chances[h] = m.Score(&f); best < 0 || chances[h] > chances[best] {
			best = h
		}
	}
	if best < 0 {
		return noHistory, []byte{}
	}
	// A model tells neighbouring hours apart badly: the middle of those that are about as good.
	about := chances[best] * 0.98
	first, last := best, best
	for last-first < 12 && chances[(first+23)%24] >= about {
		first--
		if first < 0 {
			first, last = first+24, last+24
		}
	}
	for last-first < 12 && chances[(last+1)%24] >= about {
		last++
	}
	hour := from.Add(time.Duration((first+last)/2%24) * time.Hour).UTC().Hour()
	return int16(hour), binary.BigEndian.AppendUint16(nil, uint16(math.MaxUint16*(1-chances[best])))
}

// spot is where a contact stands in a campaign's order.
type spot struct {
	lane int16
	key  []byte
	seq  int64
}

// compare orders places of one lane.
func (p spot) compare(o spot) int {
	if c := bytes.Compare(p.key, o.key); c != 0 {
		return c
	}
	switch {
	case p.seq < o.seq:
		return -1
	case p.seq > o.seq:
		return 1
	}
	return 0
}
