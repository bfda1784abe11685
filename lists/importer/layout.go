package importer

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/chance"
	"github.com/dialtide/dialtide/lists/compliance"
)

// layout makes contacts of rows. It is used by one goroutine.
type layout struct {
	columns []Column
	names   []string // of fields
	keys    [][]byte // `"name":` of fields
	phones  []int    // columns of numbers, the one to be called first in front
	order   []int    // of all columns: fields as jsonb keeps them, by length and name, so that the database need not sort them
	region  string
	lenient bool // a value that is not of its column's type is kept as it is: nobody has said what the type is
	numbers *lists.NumberReader
	unions  map[string][]string
	json    []byte
	chunk   []byte // where JSON is kept: many rows share a piece of memory
}

func newLayout(columns []Column, region string) *layout {
	l := &layout{columns: columns, names: fieldNames(columns), keys: make([][]byte, len(columns)), region: region,
		numbers: lists.NewNumberReader(region), unions: map[string][]string{}}
	for i, n := range l.names {
		if n == "" {
			continue
		}
		key, err := json.Marshal(n)
		if err != nil { // a string always can be
			continue
		}
		l.keys[i] = append(key, ':')
	}
	for i := range columns {
		l.order = append(l.order, i)
	}
	slices.SortStableFunc(l.order, func(a, b int) int {
		return cmp.Or(cmp.Compare(len(l.names[a]), len(l.names[b])), strings.Compare(l.names[a], l.names[b]))
	})
	// A mobile first, whatever stands first in the file.
	for _, mobile := range []bool{true, false} {
		for i, c := range columns {
			if c.As == AsPhone && (c.Kind == "mobile") == mobile {
				l.phones = append(l.phones, i)
			}
		}
	}
	return l
}

// label names a column in a report.
func (l *layout) label(i int) string {
	switch l.columns[i].As {
	case AsPhone:
		if i == l.phones[0] {
			return "phone"
		}
	case AsField:
		return l.names[i]
	case AsIgnore:
		return kept(l.columns[i].Header, 60)
	default:
		return l.columns[i].As
	}
	return l.names[i]
}

func (l *layout) refuse(x *row, i int, value, reason string) {
	x.reject = &lists.Reject{Row: x.no, Field: l.label(i), Value: kept(value, 200), Reason: reason}
}

// contact turns a row into a contact, or into a reject.
func (l *layout) contact(x *row, cells []string) {
	x.size = 300
	for i, v := range cells {
		x.size += len(v)
		if len(v) > MaxField {
			l.refuse(x, i, v[:1000], FieldTooLong)
			return
		}
		if !plainASCII(v) && (!utf8.ValidString(v) || strings.ContainsRune(v, utf8.RuneError)) {
			l.refuse(x, i, v, RowEncoding)
			return
		}
	}
	l.json = append(l.json[:0], '{')
	if !l.numbersOf(x, cells) {
		return
	}
	for _, i := range l.order {
		if i < len(cells) && !l.cell(x, i, cells[i]) {
			return
		}
	}
	if len(l.json) > 1 {
		l.json[len(l.json)-1] = '}'
	} else {
		l.json = append(l.json, '}')
	}
	x.contact.JSON = l.keep(l.json)
}

// keep copies b to where it can stay.
func (l *layout) keep(b []byte) []byte {
	if len(l.chunk) < len(b) {
		l.chunk = make([]byte, max(64<<10, len(b)))
	}
	n := copy(l.chunk, b)
	out := l.chunk[:n:n]
	l.chunk = l.chunk[n:]
	return out
}

// numbersOf reads all numbers of a row: the first good one is the contact's, the others come after it. What cannot be read
// beside a good one stays as a field.
func (l *layout) numbersOf(x *row, cells []string) bool {
	badAt, badWhy := -1, ""
	for _, i := range l.phones {
		if i >= len(cells) {
			continue
		}
		text, reason := mendNumber(cells[i])
		var n lists.Number
		if reason == "" {
			n, reason = l.numbers.Parse(text)
		}
		switch {
		case reason == lists.PhoneMissing:
		case reason != "":
			if badAt < 0 {
				badAt, badWhy = i, reason
			}
			if l.names[i] != "" {
				l.field(i, lists.CleanText(cells[i], 200))
			}
		case x.contact.Number.E164 == "":
			x.contact.Number = l.kind(n, i)
		default:
			l.further(x, i, n)
		}
	}
	if x.contact.Number.E164 != "" {
		return true
	}
	if badAt < 0 {
		badAt, badWhy = l.phones[0], lists.PhoneMissing
	}
	value := ""
	if badAt < len(cells) {
		value = cells[badAt]
	}
	l.refuse(x, badAt, value, badWhy)
	return false
}

func (l *layout) further(x *row, i int, n lists.Number) {
	same := func(p lists.ContactPhone) bool { return p.Number.E164 == n.E164 }
	if n.E164 == x.contact.Number.E164 || slices.ContainsFunc(x.contact.Phones, same) {
		return
	}
	x.contact.Phones = append(x.contact.Phones, lists.ContactPhone{Number: l.kind(n, i), Label: l.columns[i].Label})
}

// kind takes the column's word for a number whose plan does not tell.
func (l *layout) kind(n lists.Number, i int) lists.Number {
	if n.Kind == chance.Unknown {
		n.Kind = chance.ParseKind(l.columns[i].Kind)
	}
	return n
}

// cell reads one cell that is no number.
func (l *layout) cell(x *row, i int, v string) bool {
	c := &l.columns[i]
	if v == "" || c.As == AsPhone || c.As == AsIgnore {
		return true
	}
	switch c.As {
	case AsName:
		x.contact.Name = clean(v, maxName)
	case AsKey:
		x.contact.Key = clean(v, 200)
	case AsTags:
		x.contact.Tags = tagsOf(v)
	case AsPriority:
		text, ok := numberValue(v, l.region)
		n, err := strconv.Atoi(text)
		if v = clean(v, 20); v == "" {
			return true
		}
		if !ok || err != nil || n < -1000 || n > 1000 {
			l.refuse(x, i, v, BadPriority)
			return false
		}
		x.contact.Priority = n
	case AsZone:
		return l.zone(x, i, clean(v, 60))
	case AsField:
		return l.typed(x, i, clean(v, MaxField))
	default:
		l.field(i, clean(v, MaxField))
	}
	return true
}

// zone adds the zone that the file names to those that the number allows: the hours of all of them apply.
func (l *layout) zone(x *row, i int, zone string) bool {
	if zone == "" {
		return true
	}
	if !compliance.KnownZone(zone) {
		l.refuse(x, i, zone, ZoneUnknown)
		return false
	}
	have := x.contact.Number.Zones
	if slices.Contains(have, zone) {
		return true
	}
	key := strings.Join(have, "\n") + "\n" + zone
	union, ok := l.unions[key]
	if !ok {
		union = append(slices.Clone(have), zone)
		if len(l.unions) < 10_000 {
			l.unions[key] = union
		}
	}
	x.contact.Number.Zones = union
	return true
}

// typed writes a field in the form of its type.
func (l *layout) typed(x *row, i int, v string) bool {
	if v == "" {
		return true
	}
	c := &l.columns[i]
	var ok bool
	var reason string
	value := v
	switch c.Type {
	case TypeNumber:
		value, ok = numberValue(v, l.region)
		reason = NotANumber
	case TypeMoney:
		value, ok = moneyValue(v, l.region)
		reason = NotMoney
	case TypeDate:
		order := c.Format
		if order == "" {
			order = orderOf(l.region)
		}
		value, ok = dateValue(v, order)
		reason = NotADate
	case TypeBool:
		value, ok = boolValue(v)
		reason = NotABool
	default:
		value, ok = unescaped(v), true
	}
	if !ok && !l.lenient {
		l.refuse(x, i, v, reason)
		return false
	}
	if !ok {
		value = v
	}
	l.field(i, value)
	return true
}

// unescaped takes off the apostrophe that an export put before what a spreadsheet would have run.
func unescaped(v string) string {
	if len(v) > 1 && v[0] == '\'' && strings.IndexByte("=+-@", v[1]) >= 0 {
		return v[1:]
	}
	return v
}

// field adds a member to the row's JSON.
func (l *layout) field(i int, v string) {
	if v == "" {
		return
	}
	l.json = append(l.json, l.keys[i]...)
	l.json = append(appendString(l.json, v), ',')
}

// appendString appends v as a JSON string. v is valid UTF-8 without control characters.
func appendString(b []byte, v string) []byte {
	b = append(b, '"')
	if strings.IndexByte(v, '"') < 0 && strings.IndexByte(v, '\\') < 0 {
		b = append(b, v...)
		return append(b, '"')
	}
	for i := range len(v) {
		if v[i] == '"' || v[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, v[i])
	}
	return append(b, '"')
}

// plainASCII reports whether v holds nothing but printable ASCII. It looks at eight bytes at once: one that is above '~' has its
// highest bit set or gets it by one more, and one that is below ' ' by taking a blank away.
func plainASCII(v string) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for len(v) >= 8 {
		w := uint64(v[0]) | uint64(v[1])<<8 | uint64(v[2])<<16 | uint64(v[3])<<24 | uint64(v[4])<<32 | uint64(v[5])<<40 | uint64(v[6])<<48 | uint64(v[7])<<56
		if (w|(w+ones)|(w-' '*ones))&high != 0 {
			return false
		}
		v = v[8:]
	}
	for i := range len(v) {
		if v[i] < ' ' || v[i] > '~' {
			return false
		}
	}
	return true
}

// clean is lists.CleanText, which most values need not.
func clean(v string, max int) string {
	n := len(v)
	if n > 0 && n <= max && v[0] != ' ' && v[n-1] != ' ' && plainASCII(v) && !twoBlanks(v) {
		return v
	}
	return lists.CleanText(v, max)
}

// twoBlanks reports whether two blanks stand together in v; most values have none at all.
func twoBlanks(v string) bool {
	i := strings.IndexByte(v, ' ')
	return i >= 0 && strings.Contains(v[i:], "  ")
}

const maxTags = 50

// tagsOf splits a cell of tags; each is there once.
func tagsOf(v string) (tags []string) {
	for _, t := range strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(",;|、，；", r) }) {
		if t = clean(t, 60); t != "" && !slices.Contains(tags, t) && len(tags) < maxTags {
			tags = append(tags, t)
		}
	}
	slices.Sort(tags)
	return tags
}

// fieldsOf reads a row's JSON back.
func fieldsOf(b []byte) map[string]string {
	out := map[string]string{}
	if err := json.Unmarshal(b, &out); err != nil { // it is ours
		return map[string]string{}
	}
	return out
}
