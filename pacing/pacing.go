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
