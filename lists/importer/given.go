package importer

import (
	"slices"
	"strings"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/chance"
	"github.com/dialtide/dialtide/lists/compliance"
)

// Given is a contact as a program brings it, not by a file.
type Given struct {
	Phone    string
	Name     string
	Key      string
	Priority int
	Tags     []string
	Fields   map[string]string
	Phones   []GivenPhone
	Zone     string
}

// GivenPhone is a further number of a Given.
type GivenPhone struct{ Phone, Kind, Label string }

// Contact cleans what a program brings as a file's rows are cleaned. reason is why it is refused, "" when it is not.
func Contact(numbers *lists.NumberReader, g Given) (c lists.NewContact, reason string) {
	if c.Number, reason = parsed(numbers, g.Phone); reason != "" {
		return c, reason
	}
	if g.Zone != "" {
		if !compliance.KnownZone(g.Zone) {
			return c, ZoneUnknown
		}
		if !slices.Contains(c.Number.Zones, g.Zone) {
			c.Number.Zones = append(slices.Clone(c.Number.Zones), g.Zone)
		}
	}
	for _, p := range g.Phones {
		n, reason := parsed(numbers, p.Phone)
		if reason != "" {
			return c, reason
		}
		if n.Kind == chance.Unknown {
			n.Kind = chance.ParseKind(p.Kind)
		}
		same := func(x lists.ContactPhone) bool { return x.Number.E164 == n.E164 }
		if n.E164 != c.Number.E164 && !slices.ContainsFunc(c.Phones, same) {
			c.Phones = append(c.Phones, lists.ContactPhone{Number: n, Label: clean(p.Label, 40)})
		}
	}
	if len(c.Phones) > lists.MaxPhones {
		return c, TooManyPhones
	}
	if g.Priority < -1000 || g.Priority > 1000 {
		return c, BadPriority
	}
	c.Name, c.Key, c.Priority, c.Tags = clean(g.Name, maxName), clean(g.Key, 200), g.Priority, tagsOf(strings.Join(g.Tags, ","))
	if len(g.Fields) > MaxColumns {
		return c, RowBroken
	}
	c.Fields = map[string]string{}
	for k, v := range g.Fields {
		if len(v) > MaxField {
			return c, FieldTooLong
		}
		if k, v = clean(k, 60), clean(v, MaxField); k != "" && v != "" {
			c.Fields[k] = v
		}
	}
	return c, ""
}

func parsed(numbers *lists.NumberReader, raw string) (lists.Number, string) {
	text, reason := mendNumber(raw)
	if reason != "" {
		return lists.Number{}, reason
	}
	return numbers.Parse(text)
}

// Fits reports whether the plan is for files with exactly these columns.
func (p Plan) Fits(i Inspection) bool {
	if !i.Header || len(p.Columns) != len(i.Columns) {
		return false
	}
	header := make([]string, len(i.Columns))
	for k, c := range i.Columns {
		header[k] = c.Header
	}
	taken := make([]bool, len(header))
	for _, c := range p.Columns {
		at := findHeader(header, taken, c.Header)
		if at < 0 {
			return false
		}
		taken[at] = true
	}
	return true
}

// ListFields is what the plan says of the list's fields.
func (p Plan) ListFields() (out []lists.ListField) {
	for i, n := range fieldNames(p.Columns) {
		if c := p.Columns[i]; n != "" && c.As == AsField && c.Type != "" {
			out = append(out, lists.ListField{Name: n, Type: c.Type})
		}
	}
	return out
}
