package chance

import "time"

// Kind is what sort of line a number leads to.
type Kind uint8

const (
	Unknown Kind = iota // not known, or the numbering plan does not tell (as in North America)
	Mobile
	Fixed
	kinds
)

// Names of the kinds, as they are stored.
const (
	mobileName = "mobile"
	fixedName  = "fixed"
)

// String returns "mobile", "fixed" or "".
func (k Kind) String() string {
	switch k {
	case Mobile:
		return mobileName
	case Fixed:
		return fixedName
	}
	return ""
}

// ParseKind is the reverse of String; what it does not know is Unknown.
func ParseKind(s string) Kind {
	switch s {
	case mobileName:
		return Mobile
	case fixedName:
		return Fixed
	}
	return Unknown
}

// Result is what an attempt came to, as far as the next one's chance is concerned.
type Result uint8

const (
	Nothing  Result = iota // never tried
	NoAnswer               // rang, nobody came
	Busy
	Machine  // an answering machine
	Live     // a person
	Rejected // declined
	Invalid  // there is no such number
	Failed   // trunk or switch: says nothing of the person
	results
)

// Teaches reports whether an attempt with this result says something of the person's chance. Failures do not.
func (r Result) Teaches() bool { return r > Nothing && r < Failed }

// Hours is the number of hours in a week.
const Hours = 168

// NoHour stands for an hour that is not known.
const NoHour = -1

// HourOfWeek returns the hour of the week of t in t's location: 0 is Monday from 0:00 to 1:00, 167 the last one of Sunday.
func HourOfWeek(t time.Time) int { return (int(t.Weekday())+6)%7*24 + t.Hour() }

// Facts is what is known of an attempt before it is placed.
type Facts struct {
	At       time.Time // now
	Hour     int       // of the week at the callee, see HourOfWeek; NoHour or anything else out of range: not known
	Kind     Kind
	List     [16]byte // id of the list
	Callback bool     // the callee asked to be called at this time
	Past     Past     // earlier attempts to the number
}
