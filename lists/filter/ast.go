package filter

// Op is what a node does.
type Op string

// The operators. What people write as "!=", "not in" or "is not empty" is Not over the plain one; "before", "after", "on",
// "since" and "until" are Lt, Gt, Eq, Ge and Le of dates.
const (
	And        Op = "and"
	Or         Op = "or"
	Not        Op = "not"
	Everyone   Op = "everyone"
	Eq         Op = "="
	Lt         Op = "<"
	Le         Op = "<="
	Gt         Op = ">"
	Ge         Op = ">="
	In         Op = "in"
	Between    Op = "between"
	Contains   Op = "contains"
	StartsWith Op = "starts with"
	EndsWith   Op = "ends with"
	Empty      Op = "is empty"
	Tagged     Op = "tagged" // has any of the tags
)

// Bounds of a filter.
const (
	MaxLength = 10000 // bytes of its text
	MaxDepth  = 20    // nested conditions
	MaxNodes  = 200   // conditions
	MaxValues = 1000  // values, all together
	MaxText   = 200   // characters of one text
	MaxDigits = 30    // before the point, and after it
	MaxSpan   = 10000 // of "7 days ago"
)

// ValueKind says what a value is.
type ValueKind string

// The kinds of values.
const (
	KindText   ValueKind = "text"
	KindNumber ValueKind = "number" // Text is a plain decimal
	KindBool   ValueKind = "bool"   // Text is true or false
	KindDate   ValueKind = "date"   // Text is YYYY-MM-DD
	KindTime   ValueKind = "time"   // Text is YYYY-MM-DD HH:MM
	KindAgo    ValueKind = "ago"    // N units ago
	KindAhead  ValueKind = "ahead"  // N units from now
	KindPeriod ValueKind = "period" // Text is now, today, yesterday, tomorrow, or this, last or next with week, month or year
)

// Operand is something that a field is compared with.
type Operand struct {
	Kind ValueKind `json:"kind" enum:"text,number,bool,date,time,ago,ahead,period"`
	Text string    `json:"text,omitempty" maxLength:"200" doc:"the text; a number as a plain decimal; true or false; YYYY-MM-DD; YYYY-MM-DD HH:MM; of a period its name: today, yesterday, tomorrow, now, this week, last month, next year, ..."`
	N    int       `json:"n,omitempty" minimum:"0" maximum:"10000" doc:"of ago and ahead: how many"`
	Unit string    `json:"unit,omitempty" enum:"minutes,hours,days,weeks,months,years" doc:"of ago and ahead"`
}

// Node is a condition, in the shape that forms edit.
type Node struct {
	Op     Op        `json:"op" enum:"and,or,not,everyone,=,<,<=,>,>=,in,between,contains,starts with,ends with,is empty,tagged"`
	Args   []Node    `json:"args,omitempty" maxItems:"200" doc:"of and, or, not: the conditions"`
	Field  string    `json:"field,omitempty" maxLength:"200"`
	Custom bool      `json:"custom,omitempty" doc:"a field of the list, although a built-in one may have the same name"`
	Values []Operand `json:"values,omitempty" maxItems:"1000"`

	at  Position
	ats []Position // of the values
	of  *Field     // set when checked
}

// Position is a place in a filter's text. The zero Position is unknown.
type Position struct {
	Line   int `json:"line" doc:"1 is the first"`
	Column int `json:"column" doc:"in characters; 1 is the first"`
}

// flat takes "and" out of "and" and "or" out of "or", and joins of one condition away.
func (n Node) flat() Node {
	if len(n.Args) == 0 {
		return n
	}
	args := make([]Node, 0, len(n.Args))
	for _, a := range n.Args {
		a = a.flat()
		if n.Op != Not && a.Op == n.Op {
			args = append(args, a.Args...)
			continue
		}
		args = append(args, a)
	}
	if n.Op != Not && len(args) == 1 {
		return args[0]
	}
	n.Args = args
	return n
}

func (n *Node) walk(f func(*Node)) {
	f(n)
	for i := range n.Args {
		n.Args[i].walk(f)
	}
}
