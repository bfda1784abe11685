package pacing

import (
	"math"
	"time"
)

// Predictive dials the most for which the cap on abandonment holds, by forecast; Preview dials for ready agents only.
const (
	Preview    Mode = "preview"
	Predictive Mode = "predictive"
)

// More limits of a decision.
const (
	RiskLimit  Limit = "risk"      // one more call would be abandoned too likely
	Ceiling    Limit = "ceiling"   // the campaign's ceiling of lines
	Contacts   Limit = "contacts"  // no more contacts were offered
	NoAgents   Limit = "no_agents" // nobody is there to take a call
	Learning   Limit = "learning"  // it is hardly known yet how many people answer
	mostAtOnce       = 2000        // calls of one decision
	looked           = 8           // calls beyond the budget that are looked at, to know how large it should be
)

// DecideAmong says which of the next contacts to dial now. chances are their probabilities of a live answer in list order,
// 0 where it is not known; nil: any number of contacts of unknown chance. The indexes to dial are appended to picks. Predictive
// mode chooses: the likeliest for agents who wait, the least likely ahead of need. Nobody is overtaken by more than 256 others;
// offer 64 contacts or more, and again those who were not picked, at the same place. Config.InOrder keeps the order, and so do more
// than [Choosers] agents.
func (e *Engine) DecideAmong(now time.Time, room Room, chances []float64, picks []int) ([]int, Decision) {
	p := &e.people
	e.tick(now)
	e.look()
	takers, rested := p.takers(e.rest.seconds, e.f.tau[horizon-1])
	takers, rested = max(0, takers-e.cfg.Reserve), max(0, rested-e.cfg.Reserve)
	d := Decision{Reserved: max(0, len(p.calls)-takers), Utilisation: e.meter.utilisation(), Rate: e.ledger.rate()}
	balance, all, spare := e.ledger.balance(now)
	d.Budget = max(0, int(math.Floor(balance+1e-9))-d.Reserved)
	e.steer.pass(p.now)
	d.Allowed = e.steer.risk(e.cfg.Target, balance, e.cfg.wanted(all), spare, e.scale.rate)
	for k := range horizon {
		d.Free += e.f.supply[k].mean / horizon
		d.Coming += e.f.demand[k].mean / horizon
	}
	most, limit := e.most(room, chances)
	covered, trust := rested-len(p.calls), e.trust()-d.Reserved
	wish := 0
	e.chooser.begin(chances)
	for ; wish < most; wish++ {
		if l := e.wants(wish, covered, rested, &d); l != "" {
			if limit != Budget && limit != Learning || wish == d.Dial {
				limit = l
			}
			break
		}
		at, chance := wish, 0.0
		if chances != nil {
			at = e.chooser.take(e.whom(wish, wish < covered, &d), e.cfg.Priors.Answer)
			chance = between(chances[at], 0, 1, 0)
		}
		q := e.chance(chance)
		e.dialled(q)
		if over := wish + 1 - max(0, takers-len(p.calls)); wish >= covered && over > min(d.Budget, trust) {
			limit, most = Budget, min(most, d.Dial+looked)
			if trust < d.Budget {
				limit = Learning
			}
			continue
		}
		d.Dial++
		d.Answers += q
		if chances != nil {
			picks = append(picks, at)
		}
	}
	e.steer.need = float64(max(0, len(p.calls)+wish-takers))
	if over := d.Dial - max(0, takers-len(p.calls)); over > 0 {
		d.Budget = max(0, d.Budget-over)
	}
	d.Limit = limit
	return picks, d
}

// trust is how many calls more than there are agents may be in flight. What is not known of the share of answers is common
// to all calls: it does not even out with their number as chance does, and one wave of calls tells enough.
func (e *Engine) trust() int {
	if e.cfg.Mode != Predictive || e.knowsRings() {
		return plenty
	}
	return int(2 * e.scale.weight)
}

// most is the ceiling of a decision.
func (e *Engine) most(room Room, chances []float64) (n int, limit Limit) {
	n, limit = mostAtOnce, Ceiling
	at := func(most int, l Limit) {
		if most < n {
			n, limit = max(0, most), l
		}
	}
	if chances != nil {
		at(len(chances), Contacts)
	}
	if e.cfg.MaxLines > 0 {
		at(e.cfg.MaxLines-len(e.people.calls)-e.people.talking, Ceiling)
	}
	at(room.Lines, Lines)
	at(room.CPS, CPS)
	if !room.Up {
		at(0, SwitchDown)
	}
	return n, limit
}

// wants says whether the mode wants one more call than i; if not, why.
func (e *Engine) wants(i, covered, rested int, d *Decision) Limit {
	if i < covered {
		return ""
	}
	switch e.cfg.Mode {
	case Power:
		if i+1+len(e.people.calls) <= int(e.cfg.Ratio*float64(rested)+1e-9) {
			return ""
		}
		return Ratio
	case Predictive:
		if e.people.ready+e.people.talking+e.people.wrapping == 0 {
			return NoAgents
		}
		if d.Risk = e.risk(); d.Risk <= d.Allowed {
			return ""
		}
		return RiskLimit
	}
	return Agents
}
