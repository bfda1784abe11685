package compliance

import (
	"time"
)

// Check applies all rules to a case at a moment. It returns true with the refusal when the call is forbidden, and false when
// it may be made. The rule named is the first that refuses, or, when there is no lawful moment at all, one that never permits.
func (r *Rules) Check(now time.Time, c *Case) (Refusal, bool) {
	var store [2]*plan
	return r.check(now, c, r.plansOf(c, store[:0]))
}

func (r *Rules) plansOf(c *Case, plans []*plan) []*plan {
	plans = append(plans, r.at(&c.Number))
	if c.Address.Region != "" {
		plans = append(plans, r.at(&c.Address))
	}
	return plans
}

// check looks for the first moment at which every rule permits the call: each rule in turn moves the moment on to where it
// permits, until a whole round moves nothing. Every rule gives its own first moment, so none that is lawful is passed over.
func (r *Rules) check(now time.Time, c *Case, plans []*plan) (Refusal, bool) {
	at, first := now, (*bound)(nil)
	for limit := now.Add(horizon); at.Before(limit); {
		was := at
		for i := range r.own {
			if !step(&at, &first, &r.own[i], c, plans[0]) {
				return never(&r.own[i], first, at.After(now)), true
			}
		}
		for _, p := range plans {
			for i := range p.bounds {
				if !step(&at, &first, &p.bounds[i], c, p) {
					return never(&p.bounds[i], first, at.After(now)), true
				}
			}
		}
		if at.After(was) { // these end at a moment, however far; the windows must be found within a year of it
			limit = at.Add(horizon)
		}
		for _, p := range plans {
			if !p.known {
				return refuse(&zoneUnknown, time.Time{}), true
			}
			for i := range p.windows {
				w := &p.windows[i]
				if w.lifted(at, c) {
					continue
				}
				next, ok := w.next(at, p.locs)
				if !ok {
					return refuse(&w.bound, time.Time{}), true
				}
				if next.After(at) {
					if first == nil {
						first = p.closing(w, now, c)
					}
					at = next
				}
			}
		}
		if at.Equal(was) {
			if first == nil {
				return Refusal{}, false
			}
			return refuse(first, at), true
		}
	}
	if first == nil { // the limit is later than now, so something moved
		first = &plans[0].windows[0].bound
	}
	return refuse(first, time.Time{}), true
}

var zoneUnknown = bound{kind: KindZone, id: RuleZone}

// never is the refusal when a rule permits the call at no moment any more. When it does now, and only will not by the time that
// others do (a registry grows old, a consent ends), the one that refuses now is named.
func never(b, first *bound, later bool) Refusal {
	if !later || first == nil || !b.act() {
		return refuse(b, time.Time{})
	}
	x := refuse(first, time.Time{})
	x.Act = true
	return x
}

// step moves at on to where the rule permits; false when it never does.
func step(at *time.Time, first **bound, b *bound, c *Case, p *plan) bool {
	next, ok := b.next(*at, c, p)
	if !ok {
		return false
	}
	if next.After(*at) {
		if *first == nil {
			*first = b
		}
		*at = next
	}
	return true
}

// closing returns the first rule of a window that is closed at the moment; several may be in one.
func (p *plan) closing(w *dated, now time.Time, c *Case) *bound {
	for i, h := range p.hours {
		if h == nil || p.rules[i].lifted(now, c) {
			continue
		}
		d := dated{*h, p.rules[i]}
		if next, ok := d.next(now, p.locs); !ok || next.After(now) {
			return &p.rules[i]
		}
	}
	return &w.bound
}

// next returns the first moment not before at from which the dated window is open, or does not hold.
func (d *dated) next(at time.Time, locs []*time.Location) (time.Time, bool) {
	if d.from.IsZero() && d.to.IsZero() {
		return d.window.next(at, locs)
	}
	return d.within(at, func() (time.Time, bool) { return d.window.next(at, locs) })
}

// within gives the moment that ask finds, or the end of the rule when that is earlier; outside of its time a rule permits all.
func (b *bound) within(at time.Time, ask func() (time.Time, bool)) (time.Time, bool) {
	if at.Before(b.from) || !b.to.IsZero() && !at.Before(b.to) {
		return at, true
	}
	next, ok := ask()
	if !b.to.IsZero() && (!ok || next.After(b.to)) {
		return b.to, true
	}
	return next, ok
}

// next returns the first moment not before at from which the rule permits the call; false when there is none.
func (b *bound) next(at time.Time, c *Case, p *plan) (time.Time, bool) {
	if b.lifted(at, c) {
		return at, true
	}
	if b.from.IsZero() && b.to.IsZero() {
		return b.permits(at, c, p)
	}
	return b.within(at, func() (time.Time, bool) { return b.permits(at, c, p) })
}

// lifted reports whether an override lifts the rule at a moment. Only a rule that knows grounds can be.
func (b *bound) lifted(at time.Time, c *Case) bool {
	if len(c.Lifted) == 0 || b.rule == nil || len(b.rule.Override) == 0 {
		return false
	}
	until, is := c.Lifted[b.id]
	return is && at.Before(until)
}

func (b *bound) permits(at time.Time, c *Case, p *plan) (time.Time, bool) {
	var from time.Time
	ok := true
	switch b.kind {
	case KindDNC:
		from, ok = c.DNCUntil, !c.DNC || !c.DNCUntil.IsZero()
		if !c.DNC {
			from = at
		}
	case Attempts:
		attempts := c.Attempts
		if b.rule.Scope == "person" && c.Person != nil {
			attempts = c.Person
		}
		from = capUntil(at, b.rule.Max, b.rule.Window.Duration(), attempts)
	case Pause:
		from, ok = b.rule.pauseUntil(c, p)
	case Consent:
		ok = c.Consent && (c.ConsentUntil.IsZero() || at.Before(c.ConsentUntil))
	case Registry:
		of := c.Registries[b.rule.Region]
		ok = !of.IsZero() && !at.After(of.Add(b.rule.MaxAge.Duration()))
	case KindUncovered, Ring, CallerID: // bound only where they refuse
		ok = false
	}
	if from.Before(at) {
		from = at
	}
	return from, ok
}

// act reports whether somebody can change that a rule never permits the call.
func (b *bound) act() bool {
	switch b.kind {
	case KindDNC, KindZone, Hours:
		return false
	case Pause:
		return b.rule.Unless != ""
	}
	return true
}

func (r *Rule) pauseUntil(c *Case, p *plan) (time.Time, bool) {
	var last time.Time
	switch r.After {
	case AfterRefusal:
		last = c.Refused
	case AfterConversation:
		last = c.Talked
	case AfterAbandoned:
		last = c.Abandoned
	}
	switch {
	case last.IsZero() || r.Unless == "agent" && c.Agent:
		return time.Time{}, true
	case r.Ever:
		return time.Time{}, false
	case r.Window > 0:
		return last.Add(r.Window.Duration()), true
	}
	var until time.Time
	for _, loc := range p.locs {
		year, month, day := last.In(loc).Date()
		if t := startOfDay(year, month, day+r.Days, loc); t.After(until) {
			until = t
		}
	}
	return until, true
}

// startOfDay is the first moment of a local day; in some zones clocks are put forward at midnight, so that it is not 00:00.
func startOfDay(year int, month time.Month, day int, loc *time.Location) time.Time {
	t := time.Date(year, month, day, 0, 0, 0, 0, loc)
	noon := time.Date(year, month, day, 12, 0, 0, 0, loc)
	if t.Day() != noon.Day() { // normalised to before the gap
		if _, end := t.ZoneBounds(); !end.IsZero() {
			return end
		}
	}
	return t
}

// capUntil returns the moment from which a cap allows one more attempt; not after at when it does already.
func capUntil(at time.Time, most int, window time.Duration, attempts []time.Time) time.Time {
	edge := at.Add(-window)
	n := 0
	for _, t := range attempts {
		if t.After(edge) {
			n++
		}
	}
	if n < most {
		return time.Time{}
	}
	// The one that must leave the window is the most-th newest: it has fewer than that many after it.
	var leaves time.Time
	for i, t := range attempts {
		newer := 0
		for j, u := range attempts {
			if u.After(t) || u.Equal(t) && j < i {
				newer++
			}
		}
		if newer == most-1 {
			leaves = t
			break
		}
	}
	return leaves.Add(window)
}

// Judge gives the answer of every rule, and what follows from all together. It is for people who ask why; Check is faster.
func (r *Rules) Judge(now time.Time, c *Case) Verdict {
	var store [2]*plan
	plans := r.plansOf(c, store[:0])
	refusal, refused := r.check(now, c, plans)
	v := Verdict{Permit: !refused, Refusal: refusal}
	for i := range r.own {
		v.add(now, &r.own[i], nil, c, plans[0])
	}
	for _, p := range plans {
		if !p.known {
			v.answer(&zoneUnknown, time.Time{}, false)
			continue
		}
		next, ok := r.hours.next(now, p.locs)
		v.answer(&p.windows[0].bound, next, ok && !next.After(now))
	}
	for _, p := range plans {
		for i := range p.rules {
			if p.known || p.hours[i] == nil {
				v.add(now, &p.rules[i], p.hours[i], c, p)
			}
		}
	}
	for i := range v.Answers {
		v.Answers[i].explain(r)
	}
	return v
}

// add asks one rule by itself.
func (v *Verdict) add(now time.Time, b *bound, w *window, c *Case, p *plan) {
	next, ok := time.Time{}, false
	if b.lifted(now, c) {
		v.answer(b, now, true)
		for i := range v.Answers {
			if x := &v.Answers[i]; x.Rule == b.id && x.Pass {
				x.Lifted = true
			}
		}
		return
	}
	if w != nil {
		d := dated{*w, *b}
		next, ok = d.next(now, p.locs)
	} else if next, ok = b.next(now, c, p); b.kind == Ring || b.kind == CallerID {
		next, ok = now, true
		for i := range p.bounds {
			if p.bounds[i].rule == b.rule {
				next, ok = b.next(now, c, p)
			}
		}
	}
	if !ok {
		next = time.Time{}
	}
	v.answer(b, next, ok && !next.After(now))
}

// answer notes what a rule says. One that was asked for two places says the stricter.
func (v *Verdict) answer(b *bound, until time.Time, pass bool) {
	a := Ruling{Rule: b.id, Kind: b.kind, Pass: pass}
	if !pass {
		a.Until, a.Act = until, until.IsZero() && b.act()
	}
	if b.rule != nil && b.rule.ID != "" {
		a.Pack, a.Title, a.TitleZH, a.Source, a.Mark = b.rule.Pack(), b.rule.Title, b.rule.TitleZH, b.rule.Source, b.rule.Mark
	}
	for i := range v.Answers {
		was := &v.Answers[i]
		if was.Rule != b.id || was.Pack != a.Pack {
			continue
		}
		if was.Pass && !a.Pass || !was.Pass && !a.Pass && !was.Until.IsZero() && (a.Until.IsZero() || a.Until.After(was.Until)) {
			*was = a
		}
		return
	}
	v.Answers = append(v.Answers, a)
}

func refuse(b *bound, until time.Time) Refusal {
	x := Refusal{Rule: b.id, Kind: b.kind, Until: until, Act: until.IsZero() && b.act()}
	x.Why, x.WhyZH = refusalText(b.kind, b.rule)
	return x
}

// NextOpen returns the first moment not before from at which the hours of the campaign and of all rules are open at the places, whatever the other rules say; address may be empty. ok and known are those of the function NextOpen.
func (r *Rules) NextOpen(from time.Time, number, address Place) (at time.Time, ok, known bool) {
	var store [2]*plan
	plans := r.plansOf(&Case{Number: number, Address: address}, store[:0])
	at = from
	for limit := from.Add(horizon); at.Before(limit); {
		was := at
		for _, p := range plans {
			if !p.known {
				return time.Time{}, false, false
			}
			for i := range p.windows {
				if at, ok = p.windows[i].next(at, p.locs); !ok {
					return time.Time{}, false, true
				}
			}
		}
		if at.Equal(was) {
			return at, true, true
		}
	}
	return time.Time{}, false, true
}
