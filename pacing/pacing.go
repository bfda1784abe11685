package pacing

// Mode names a way of pacing, as campaign settings carry it.
type Mode string

const (
	Progressive Mode = "progressive" // one call for each ready agent
	Power       Mode = "power"       // Ratio calls for each ready agent, inside the abandonment cap
)

// Limit names what kept a decision from being larger. It is shown on the supervisors' board.
type Limit string

const (
	Agents     Limit = "agents"      // no ready agent is without a call
	Ratio      Limit = "ratio"       // the dial ratio is reached
	Budget     Limit = "budget"      // the abandonment cap allows no more over-dialling
	Lines      Limit = "lines"       // no free channel on the trunk
	CPS        Limit = "cps"         // the trunk's calls per second are used up
	SwitchDown Limit = "switch_down" // the switch cannot be asked
)

// Snapshot is what a campaign looks like at one moment.
type Snapshot struct {
	Mode  Mode
	Ratio float64 // power: calls per ready agent, at least 1

	// Agents. Ready and Leaving may still be given a call; only Ready ones are dialled for.
	Ready, Leaving, Reserved, Talking, WrapUp int

	InFlight int // placed or about to be placed, not yet answered
	Waiting  int // answered, no agent yet

	Live, Abandoned int64   // in the legal window
	Overdialled     int     // calls in flight or waiting beyond the agents who can take them: each may be abandoned
	Cap             float64 // highest share of live answers that may be abandoned, 0 to 1

	LinesFree int // free channels of the trunk
	CPSFree   int // calls that the trunk's rate allows now
	SwitchUp  bool
}

// Decision is how many calls to place now.
type Decision struct {
	Dial   int
	Limit  Limit // what kept it from being more
	Budget int   // how many more calls could be abandoned inside the cap

	Answers     float64 // Dial as expected live answers: take contacts while the sum of their chances stays within it
	Free        float64 // forecast: agents free when a call dialled now is answered
	Coming      float64 // forecast: live answers until then, from the calls in flight
	Risk        float64 // probability that the last call of Dial, if answered, finds nobody
	Allowed     float64 // the highest Risk that is taken now
	Reserved    int     // tokens that over-dialled calls hold
	Utilisation float64 // of the last 15 minutes: talk and wrap-up over time available
	Rate        float64 // abandoned over live answers, in the worst legal window
}

// Decide says how many calls to place at the moment of s. It is pure and never returns a negative number.
func Decide(s Snapshot) Decision {
	pending := s.InFlight + s.Waiting
	d := Decision{Budget: budget(s)}
	want := target(s) - pending
	covered := s.Ready - pending
	d.Dial, d.Limit = want, Agents
	if s.Mode != Progressive {
		d.Limit = Ratio
	}
	if most := max(covered, 0) + d.Budget; d.Dial > most {
		d.Dial, d.Limit = most, Budget
	}
	// Calls that were over-dialled before hold their share of the budget already; those of this decision that have an
	// agent need none.
	if covered < 0 && d.Dial > d.Budget {
		d.Dial, d.Limit = d.Budget, Budget
	}
	if d.Dial > s.LinesFree {
		d.Dial, d.Limit = s.LinesFree, Lines
	}
	if d.Dial > s.CPSFree {
		d.Dial, d.Limit = s.CPSFree, CPS
	}
	if !s.SwitchUp {
		d.Dial, d.Limit = 0, SwitchDown
	}
	d.Dial = max(d.Dial, 0)
	return d
}

// Overdialled counts the calls that nobody could take if all were answered now; each holds one unit of the budget.
func Overdialled(pending, ready, leaving int) int { return max(0, pending-ready-leaving) }

// Affords says whether over calls may all be abandoned without breaking the cap.
func Affords(cap float64, live, abandoned int64, over int) bool {
	return abandoned+int64(over) <= allowed(cap, live)
}

// allowed is floor(cap x live). A tiny bit is added so that a product like 0.03 x 100 is not taken for 2.
func allowed(cap float64, live int64) int64 {
	if !(cap > 0) || live <= 0 {
		return 0
	}
	return int64(min(cap, 1)*float64(live) + 1e-9)
}

// budget is how many further calls may be abandoned: what is allowed less those abandoned and those that still may be.
func budget(s Snapshot) int {
	if s.Mode == Progressive {
		return 0
	}
	return int(max(0, allowed(s.Cap, s.Live)-s.Abandoned-int64(s.Overdialled)))
}
