package report

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// SendPlan says what is sent, and when. All days and times are of the schedule's zone.
type SendPlan struct {
	Group     Group       `json:"group" enum:"campaign,list,segment,agent,hour,day,month,version,caller,trunk,mode"`
	Period    string      `json:"period" enum:"yesterday,last_7_days,last_week,this_month,last_month" doc:"seen from the day on which it is sent; weeks begin on Monday"`
	Campaigns []uuid.UUID `json:"campaign_ids,omitempty" maxItems:"500" doc:"missing: all"`
	Every     string      `json:"every" enum:"day,week,month" doc:"month: on its first day"`
	Weekday   int         `json:"weekday,omitempty" minimum:"0" maximum:"7" doc:"of week: 1 is Monday"`
	At        string      `json:"at" pattern:"^[0-2][0-9]:[0-5][0-9]$" doc:"wall clock; where clocks skip it, an hour beside it"`
}

// Schedule is a report that is sent at set times.
type Schedule struct {
	ID       uuid.UUID `json:"id"`
	Name     string    `json:"name"`
	Plan     SendPlan  `json:"plan"`
	Way      string    `json:"way" enum:"mail,webhook"`
	Target   string    `json:"target" doc:"of mail: addresses with commas; of webhook: its name"`
	Format   string    `json:"format" enum:"csv,xlsx"`
	Language string    `json:"language" enum:"en,zh-CN"`
	Zone     string    `json:"zone"`
	Enabled  bool      `json:"enabled"`
	DueAt    time.Time `json:"due_at" doc:"next time"`
	Revision int       `json:"revision"`
	Last     *Delivery `json:"last,omitempty" doc:"what became of the last one; missing: there was none"`
}

// Delivery is one report that was, or is to be, sent.
type Delivery struct {
	DueAt   time.Time  `json:"due_at"`
	State   string     `json:"state" enum:"waiting,sent,failed,unknown" doc:"unknown: the connection broke when the mail server had it all, so it is not sent again"`
	Tries   int        `json:"tries"`
	Error   string     `json:"error"`
	EndedAt *time.Time `json:"ended_at" nullable:"true"`
}

const maxRecipients = 20

// check cleans a schedule. Errors: *lists.InputError.
func (s *Schedule) check() error {
	bad := func(field, reason string) error { return &lists.InputError{Field: field, Reason: reason} }
	if s.Name = lists.CleanText(s.Name, 120); s.Name == "" {
		return bad("name", "must not be empty")
	}
	if compliance.Location(s.Zone) == nil {
		return bad("zone", "must be an IANA zone like Europe/Berlin")
	}
	if !slices.Contains(Groups, s.Plan.Group) {
		return bad("plan.group", "is no grouping")
	}
	if _, err := time.Parse("15:04", s.Plan.At); err != nil {
		return bad("plan.at", "must be a time like 07:30")
	}
	if s.Plan.Every == "week" && (s.Plan.Weekday < 1 || s.Plan.Weekday > 7) {
		return bad("plan.weekday", "must be 1 (Monday) to 7")
	}
	if _, _, err := s.Plan.days(civil{2026, 1, 1}); err != nil {
		return bad("plan.period", err.Error())
	}
	if s.Way != "mail" {
		if s.Target = lists.CleanText(s.Target, 200); s.Target == "" {
			return bad("target", "must be the name of a webhook")
		}
		return nil
	}
	all, err := mail.ParseAddressList(s.Target)
	if err != nil || len(all) > maxRecipients {
		return bad("target", fmt.Sprintf("must be 1 to %d mail addresses with commas between them", maxRecipients))
	}
	plain := make([]string, len(all))
	for i, a := range all {
		plain[i] = a.Address
	}
	s.Target = strings.Join(plain, ", ")
	return nil
}

// days are the first and the last day of the plan's period, seen from a day.
func (p SendPlan) days(today civil) (from, to civil, err error) {
	weekday := (int(time.Date(today.y, today.m, today.d, 0, 0, 0, 0, time.UTC).Weekday()) + 6) % 7
	first := civil{today.y, today.m, 1}
	switch p.Period {
	case "yesterday":
		return today.plus(-1), today.plus(-1), nil
	case "last_7_days":
		return today.plus(-7), today.plus(-1), nil
	case "last_week":
		return today.plus(-weekday - 7), today.plus(-weekday - 1), nil
	case "this_month":
		return first, today, nil
	case "last_month":
		last := first.plus(-1)
		return civil{last.y, last.m, 1}, last, nil
	}
	return from, to, fmt.Errorf("%.40q is no period", p.Period)
}

// Question is what the plan asks when it is due at a moment.
func (s *Schedule) Question(due time.Time) (Question, error) {
	in := compliance.Location(s.Zone)
	if in == nil {
		return Question{}, fmt.Errorf("zone %q is not known any more", s.Zone)
	}
	from, to, err := s.Plan.days(civilOf(due.In(in)))
	return Question{From: from.String(), To: to.String(), Zone: s.Zone, Group: s.Plan.Group, Campaigns: s.Plan.Campaigns}, err
}

// Next is the first time after a moment at which the plan is due: once on each of its days, whatever clocks do.
func (s *Schedule) Next(after time.Time) time.Time {
	in := compliance.Location(s.Zone)
	at, err := time.Parse("15:04", s.Plan.At)
	if in == nil || err != nil {
		return after.AddDate(0, 0, 1) // check refuses these
	}
	for day := civilOf(after.In(in)).plus(-1); ; day = day.plus(1) {
		if s.Plan.Every == "month" && day.d != 1 {
			continue
		}
		if s.Plan.Every == "week" && int(time.Date(day.y, day.m, day.d, 0, 0, 0, 0, time.UTC).Weekday()+6)%7 != s.Plan.Weekday-1 {
			continue
		}
		if t := time.Date(day.y, day.m, day.d, at.Hour(), at.Minute(), 0, 0, in); t.After(after) {
			return t
		}
	}
}
