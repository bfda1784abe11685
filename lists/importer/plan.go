package importer

import (
	"fmt"
	"strings"

	"github.com/dialtide/dialtide/lists"
)

// What a column is read as.
const (
	AsPhone    = "phone"
	AsName     = "name"
	AsKey      = "key"
	AsField    = "field"
	AsTags     = "tags"
	AsPriority = "priority"
	AsZone     = "zone"
	AsState    = "state"
	AsZIP      = "zip"
	AsIgnore   = "ignore"
)

// Types of custom fields, and the form in which their values are stored.
const (
	TypeText   = "text"
	TypeNumber = "number" // plain decimal: -1234.5
	TypeDate   = "date"   // YYYY-MM-DD
	TypeBool   = "bool"   // true or false
	TypeMoney  = "money"  // plain decimal
)

// Plan says how a file is read. The zero value leaves everything to what the file looks like.
type Plan struct {
	Encoding   string           `json:"encoding,omitempty" enum:"UTF-8,UTF-16LE,UTF-16BE,GB18030,Big5" doc:"empty: as it looks"`
	Delimiter  string           `json:"delimiter,omitempty" maxLength:"1" doc:"comma, semicolon, tab or bar; empty: as it looks"`
	Sheet      string           `json:"sheet,omitempty" maxLength:"100" doc:"of a workbook; empty: the first with rows"`
	Header     string           `json:"header,omitempty" enum:"yes,no" doc:"whether the first row names the columns; empty: as it looks"`
	Columns    []Column         `json:"columns,omitempty" maxItems:"500" doc:"by their names in the header, else in their order; empty: as they look"`
	Duplicates lists.Duplicates `json:"duplicates,omitempty"`
	OnDNC      string           `json:"on_dnc,omitempty" enum:"mark,reject" doc:"contacts whose number is on a do-not-call list: mark (default: loaded, counted and never called) or reject"`
}

// Column says what a column is read as.
type Column struct {
	Header string `json:"header" maxLength:"200" doc:"its name in the file"`
	As     string `json:"as" enum:"phone,name,key,field,tags,priority,zone,state,zip,ignore"`
	Kind   string `json:"kind,omitempty" enum:"mobile,fixed" doc:"of a phone, where the numbering plan does not tell"`
	Label  string `json:"label,omitempty" maxLength:"40" doc:"of a phone: home, work, ..."`
	Field  string `json:"field,omitempty" maxLength:"60" doc:"name of the custom field; empty: the header"`
	Type   string `json:"type,omitempty" enum:"text,number,date,bool,money" doc:"of the custom field; empty: text"`
	Format string `json:"format,omitempty" enum:"ymd,mdy,dmy" doc:"order of day and month in dates that do not tell; empty: as in the list's country"`
}

// Check returns an *lists.InputError when the plan is none.
func (p Plan) Check() error {
	bad := func(field, reason string) error { return &lists.InputError{Field: "plan." + field, Reason: reason} }
	switch {
	case !known(p.Encoding, encodingUTF8, encodingUTF16LE, encodingUTF16BE, encodingGB, encodingBig5):
		return bad("encoding", "must be UTF-8, UTF-16LE, UTF-16BE, GB18030 or Big5")
	case !known(p.Delimiter, ",", ";", "\t", "|"):
		return bad("delimiter", "must be a comma, a semicolon, a tab or a bar")
	case !known(p.Header, "yes", "no"):
		return bad("header", "must be yes or no")
	case !known(p.OnDNC, "mark", "reject"):
		return bad("on_dnc", "must be mark or reject")
	case len(p.Columns) > MaxColumns:
		return bad("columns", fmt.Sprintf("at most %d", MaxColumns))
	}
	phones := 0
	for i, c := range p.Columns {
		at := fmt.Sprintf("columns[%d].", i)
		switch {
		case c.As == "" || !known(c.As, AsPhone, AsName, AsKey, AsField, AsTags, AsPriority, AsZone, AsState, AsZIP, AsIgnore):
			return bad(at+"as", "must be phone, name, key, field, tags, priority, zone, state, zip or ignore")
		case !known(c.Kind, "mobile", "fixed"):
			return bad(at+"kind", "must be mobile or fixed")
		case !known(c.Type, TypeText, TypeNumber, TypeDate, TypeBool, TypeMoney):
			return bad(at+"type", "must be text, number, date, bool or money")
		case !known(c.Format, "ymd", "mdy", "dmy"):
			return bad(at+"format", "must be ymd, mdy or dmy")
		}
		if c.As == AsPhone {
			phones++
		}
	}
	switch {
	case len(p.Columns) > 0 && phones == 0:
		return bad("columns", "one of them must be the phone")
	case phones > lists.MaxPhones:
		return bad("columns", fmt.Sprintf("at most %d can be phones", lists.MaxPhones))
	}
	return p.Duplicates.Check()
}

// known reports whether a value is empty or one of the others.
func known(value string, others ...string) bool {
	if value == "" {
		return true
	}
	for _, o := range others {
		if value == o {
			return true
		}
	}
	return false
}

// columnsOf fits the plan's columns to those of a file: by their names, each once, else in their order when the file has no
// header. What the plan does not name is ignored.
func (p Plan) columnsOf(header []string, named bool) ([]Column, error) {
	out := make([]Column, len(header))
	for i, h := range header {
		out[i] = Column{Header: h, As: AsIgnore}
	}
	if !named {
		if len(p.Columns) > len(header) {
			return nil, &FileError{FileColumns, fmt.Sprintf("the plan has %d columns, the file has %d", len(p.Columns), len(header))}
		}
		for i, c := range p.Columns {
			c.Header = header[i]
			out[i] = c
		}
		return out, nil
	}
	taken := make([]bool, len(header))
	for _, c := range p.Columns {
		i := findHeader(header, taken, c.Header)
		if i < 0 {
			if c.As == AsIgnore {
				continue
			}
			return nil, &FileError{FileColumns, fmt.Sprintf("the plan needs a column called %q, which the file does not have: choose the columns anew", lists.CleanText(c.Header, 60))}
		}
		taken[i] = true
		c.Header = header[i]
		out[i] = c
	}
	return out, nil
}

func findHeader(header []string, taken []bool, name string) int {
	name = lists.CleanText(name, 200)
	for i, h := range header {
		if !taken[i] && strings.EqualFold(lists.CleanText(h, 200), name) {
			return i
		}
	}
	return -1
}
