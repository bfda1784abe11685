package lists

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists/chance"
	"github.com/dialtide/dialtide/lists/compliance"
)

// Why a contact waits or is excluded, besides the rules of package compliance.
const (
	ReasonOpen      = "number_open"  // the number has an open attempt somewhere
	ReasonBusyLock  = "number_busy"  // the number is being claimed or suppressed at this moment
	ReasonDuplicate = "duplicate"    // another contact of the campaign has the same number
	ReasonAttempts  = "max_attempts" // tried as often as the campaign allows
)

// candidate is a contact that may be claimed, with what the rules must know of it.
type candidate struct {
	contact  Contact
	state    string // "" for a fresh one
	callback bool
	personal *uuid.UUID // agent of the callback
	due      *time.Time // nil for a fresh one
	first    bool       // it goes before the retries that are due
	stream   *stream    // of a fresh one: where it was found,
	at       spot       // and its place there
	skip     bool       // it has a state already, or is gone: only walked over
	outside  bool       // no segment of the campaign holds it

	locked    bool
	open      bool
	duplicate bool
	dnc       bool
	dncUntil  *time.Time
	attempts  []time.Time
	tried     map[LimitPer][]time.Time // when the campaign has limits

	kind   chance.Kind
	past   chance.Past
	chance float64

	bars  bars // see barsSQL
	facts ruleFacts

	other   *numberState        // the number that it goes on with, because its own is barred
	lifted  map[string]Override // overrides that count now, by rule
	used    []string            // rules without whose overrides the permit would not have been given
	attempt uuid.UUID           // when it got a permit
	part    *assignedPart       // whose agents have it
	kept    bool                // it waits for them
	offered bool                // it comes without a permit
	left    bool                // it may be called, but others are wanted more
}

// verdict is what becomes of a candidate.
type verdict struct {
	*candidate
	state  string
	reason string
	due    *time.Time
}

// decide judges the candidates in order until enough are found; those after that stay as they are.
func (c *claiming) decide(found []*candidate) []verdict {
	c.choose(found)
	out := make([]verdict, 0, len(found))
	claims := 0
	kept := false // some that are due were left for agents who are busy
	for _, x := range found {
		if len(c.result.Claims)+claims == c.req.Max {
			break
		}
		if x.skip {
			x.walked()
			continue
		}
		if x.outside {
			x.walked()
			c.result.Excluded[ReasonSegment]++
			out = append(out, verdict{x, stateExcluded, ReasonSegment, nil})
			continue
		}
		if !x.callback && c.room(x.contact.ListID) <= 0 {
			kept = true // its agents have enough
			continue
		}
		if v, keeps := c.keeps(x); keeps {
			x.walked()
			c.result.Deferred[v.reason]++
			out = append(out, v)
			continue
		}
		if x.left {
			x.leave()
			kept = true
			continue
		}
		v := c.judge(x)
		if v.state == stateInFlight && !c.fits(x) {
			c.result.Full = true
			break
		}
		if v.state == stateInFlight && c.offers(x) {
			due := c.now.Add(c.req.Offer)
			v = verdict{x, stateWaiting, ReasonPreview, &due}
			x.offered = true
		}
		x.walked()
		switch {
		case v.state == stateInFlight || v.offered:
			claims++
			if x.stream != nil {
				x.stream.list.now++
			}
			if a := c.assigned[x.contact.ListID]; a != nil {
				a.taken++
			}
			if x.part != nil {
				x.part.taken++
			}
		case v.state == stateWaiting:
			c.result.Deferred[v.reason]++
		case v.state == stateExcluded:
			c.result.Excluded[v.reason]++
		}
		if x.due != nil && !x.callback && !x.first && !kept {
			c.floor.raise(*x.due)
		}
		c.seen[x.contact.Phone] = c.seen[x.contact.Phone] || v.state == stateInFlight || v.offered
		out = append(out, v)
	}
	return out
}

func (c *claiming) judge(x *candidate) verdict {
	taken, seen := c.seen[x.contact.Phone]
	wait := func(reason string, d time.Duration) verdict {
		due := c.now.Add(d)
		return verdict{x, stateWaiting, reason, &due}
	}
	if v, moves := c.elsewhere(x); moves && !seen && !x.duplicate {
		return v
	}
	switch {
	case x.state == "" && (x.duplicate || seen):
		return verdict{x, stateExcluded, ReasonDuplicate, nil}
	case x.barred() != "":
		return verdict{x, stateExcluded, x.barred(), nil}
	case x.dnc && x.dncUntil == nil:
		return verdict{x, stateExcluded, compliance.RuleDNC, nil} // whatever else there is
	case !x.callback && x.contact.Attempts >= c.settings.MaxAttempts:
		return verdict{x, stateFinished, ReasonAttempts, nil} // the campaign was changed; an agreed callback is kept
	case x.open || taken:
		return wait(ReasonOpen, openAgain)
	case !x.locked:
		return wait(ReasonBusyLock, lockAgain)
	}
	refusal, refused := c.ruling(x)
	switch {
	case !refused:
		if until, yes := c.limited(x); yes {
			return verdict{x, stateWaiting, ReasonLimit, &until}
		}
		if v, yes := c.treated(x); yes {
			return v
		}
		return verdict{x, stateInFlight, "", nil}
	case refusal.Act:
		return wait(reasonOf(refusal), actAgain(refusal))
	case refusal.Until.IsZero():
		return verdict{x, stateExcluded, reasonOf(refusal), nil}
	}
	return verdict{x, stateWaiting, reasonOf(refusal), &refusal.Until}
}

// fits scores a contact that may be called, and reports whether it is within the bound on answers; then it is counted.
func (c *claiming) fits(x *candidate) bool {
	c.score(x)
	const rounding = 1e-6
	if !c.choosing && c.req.Answers > 0 && c.answers > 0 && c.answers+x.chance > c.req.Answers+rounding {
		return false
	}
	c.answers += x.chance
	return true
}

// rules names what was asked before a permit was given, for the evidence.
func (c *claiming) rules() string {
	asked := "dnc,hours,one_open"
	if c.settings.Cap.Max > 0 {
		asked += fmt.Sprintf(",cap %d/%ds", c.settings.Cap.Max, int(c.settings.Cap.Window))
	}
	if packs := c.asked.String(); packs != "" {
		asked += "; packs: " + packs
	}
	return asked
}

// dry says why there was not more.
func (c *claiming) dry(ctx context.Context) error {
	var due *time.Time
	var reason *string
	err := c.tx.QueryRow(ctx, nextDueSQL, c.req.Campaign, c.lists, c.floor.due).Scan(&due, &reason)
	if err != nil && !noRows(err) {
		return err
	}
	c.result.Dry = DryEmpty
	if due != nil {
		c.result.Dry, c.result.Next = DryAllWaiting, *due
		if !due.After(c.now) { // due, but held by another transaction or promised to an agent who is not there
			c.result.Next = c.now.Add(lockAgain)
		} else if *reason == string(compliance.Hours) {
			c.result.Dry = DryHours
		}
	}
	return c.dryWalk(ctx)
}

// sortedPhones returns the numbers of the candidates, each once, in the order in which locks are tried.
func sortedPhones(found []*candidate) []string {
	phones := make([]string, 0, len(found))
	for _, x := range found {
		phones = append(phones, x.contact.Phone)
	}
	slices.Sort(phones)
	return slices.Compact(phones)
}
