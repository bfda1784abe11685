package compliance

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Rules are what one campaign asks, put together once. They are safe for concurrent use.
type Rules struct {
	setup  Setup
	packs  []*Pack
	active []*Rule // of the packs and the campaign, that concern its activity, in order
	own    []bound // of the campaign and the program: asked everywhere
	hours  window  // the campaign's

	mu    sync.RWMutex
	plans map[string]*plan // guarded by mu
}

// maxPlans bounds the memory of a campaign's Rules. There are some hundred combinations of region and zones in the world.
const maxPlans = 4096

// Compile puts a campaign's rules together. It refuses packs that do not exist and own rules that make no sense.
func Compile(s Setup) (*Rules, error) {
	if s.Activity == "" {
		s.Activity = Sales
	}
	if err := ValidateCustom(s.Custom); err != nil {
		return nil, err
	}
	r := &Rules{setup: s, hours: window{open: s.Hours.set()}, plans: map[string]*plan{}}
	for i, id := range s.Packs {
		p := FindPack(id)
		if p == nil {
			return nil, fmt.Errorf("there is no pack %.40q", id)
		}
		if slices.Contains(s.Packs[:i], id) {
			return nil, fmt.Errorf("pack %s is there twice", id)
		}
		r.packs = append(r.packs, p)
		for j := range p.Rules {
			r.add(&p.Rules[j])
		}
	}
	for i := range s.Custom {
		rule := s.Custom[i]
		r.add(&rule)
	}
	r.own = append(r.own, bound{kind: KindDNC, id: RuleDNC})
	if s.Consent {
		r.own = append(r.own, bound{kind: Consent, id: RuleConsent})
	}
	if s.Cap.Max > 0 && s.Cap.Window > 0 {
		r.own = append(r.own, bound{kind: Attempts, id: RuleCap, rule: &Rule{Max: s.Cap.Max, Window: s.Cap.Window}})
	}
	return r, nil
}

func (r *Rules) add(rule *Rule) {
	if len(rule.Activities) == 0 || slices.Contains(rule.Activities, r.setup.Activity) {
		r.active = append(r.active, rule)
	}
}

// Lookback returns how far back and how many of the newest attempts the caps ask for, in any region; 0 when there is no cap.
func (r *Rules) Lookback() (since time.Duration, count int) {
	since, count = r.setup.Cap.Window.Duration(), r.setup.Cap.Max
	if since == 0 || count == 0 {
		since, count = 0, 0
	}
	for _, rule := range r.active {
		if rule.Kind == Attempts {
			since, count = max(since, rule.Window.Duration()), max(count, rule.Max)
		}
	}
	return since, count
}

// AsksPerson reports whether a cap counts the attempts to all numbers of a contact.
func (r *Rules) AsksPerson() bool {
	return slices.ContainsFunc(r.active, func(x *Rule) bool { return x.Kind == Attempts && x.Scope == "person" })
}

// AsksMarks reports whether a rule counts from a refusal, a conversation or an abandoned call.
func (r *Rules) AsksMarks() bool {
	return slices.ContainsFunc(r.active, func(x *Rule) bool { return x.Kind == Pause })
}

// AsksConsent reports whether a rule demands consent somewhere.
func (r *Rules) AsksConsent() bool {
	return r.setup.Consent || slices.ContainsFunc(r.active, func(x *Rule) bool { return x.Kind == Consent })
}

// AsksPlace reports whether anything depends on where the callee is besides the campaign's own hours.
func (r *Rules) AsksPlace() bool { return len(r.active) > 0 || len(r.packs) > 0 }

// AsksRegistries returns the regions whose registries are demanded.
func (r *Rules) AsksRegistries() (regions []string) {
	for _, rule := range r.active {
		if rule.Kind == Registry && !slices.Contains(regions, rule.Region) {
			regions = append(regions, rule.Region)
		}
	}
	return regions
}

// NeverMet returns a rule for all of a pack's countries whose hours the campaign's own never meet; nil when there is none. Whoever
// it is for could not be called at all.
func (r *Rules) NeverMet() *Rule {
	for _, rule := range r.active {
		if rule.Kind != Hours || len(rule.Where) > 0 {
			continue
		}
		both := *r.hours.open
		both.meet(rule.Week.set())
		if _, ok := both.wait(0); !ok {
			return rule
		}
	}
	return nil
}

// Active returns the rules of the packs and the campaign that concern its activity. They are read only.
func (r *Rules) Active() []*Rule { return r.active }

// String names the packs with their versions, for the evidence: "us-federal 2026-11-21, custom".
func (r *Rules) String() string {
	names := make([]string, 0, len(r.packs)+1)
	for _, p := range r.packs {
		names = append(names, p.ID+" "+p.Version)
	}
	if len(r.setup.Custom) > 0 {
		names = append(names, Custom)
	}
	return strings.Join(names, ", ")
}

// plan is what applies at one place.
type plan struct {
	locs    []*time.Location
	known   bool      // all zones are
	bounds  []bound   // that do not depend on the time of day
	windows []dated   // all of them must be open
	rules   []bound   // all that applies, for the answers
	hours   []*window // per rule of rules; nil where it is none of hours
}

// bound is a rule where it applies.
type bound struct {
	kind     Kind
	id       string
	rule     *Rule
	from, to time.Time // when it holds; zero: no such end
}

// dated is a window with the time in which it holds.
type dated struct {
	window
	bound
}

// at returns the plan of a place.
func (r *Rules) at(p *Place) *plan {
	var buf [160]byte
	key := append(buf[:0], p.Region...)
	for _, z := range p.Zones {
		key = append(append(key, 0), z...)
	}
	r.mu.RLock()
	found := r.plans[string(key)]
	r.mu.RUnlock()
	if found != nil {
		return found
	}
	made := r.plan(p)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.plans) >= maxPlans {
		clear(r.plans)
	}
	r.plans[string(key)] = made
	return made
}

func (r *Rules) plan(p *Place) *plan {
	x := &plan{}
	x.locs, x.known = places(p.Zones)
	all := dated{window: window{open: &minutes{}}, bound: bound{kind: Hours, id: RuleHours}}
	*all.open = *r.hours.open
	if len(r.packs) > 0 && !r.covers(p.Region) {
		x.bounds = append(x.bounds, bound{kind: KindUncovered, id: RuleUncovered})
	}
	x.rules = append(x.rules, x.bounds...)
	for _, rule := range r.active {
		if !rule.applies(p.Region) {
			continue
		}
		b := bound{kind: rule.Kind, id: rule.ID, rule: rule}
		b.from, b.to = rule.times(x.locs)
		x.rules = append(x.rules, b)
		switch {
		case rule.Kind == Hours && b.from.IsZero() && b.to.IsZero() && len(rule.Override) == 0:
			w := rule.window()
			all.open.meet(w.open)
			for _, days := range w.closed {
				if !slices.Contains(all.closed, days) {
					all.closed = append(all.closed, days)
				}
			}
		case rule.Kind == Hours:
			x.windows = append(x.windows, dated{rule.window(), b})
		case r.asks(rule):
			x.bounds = append(x.bounds, b)
		}
	}
	for _, b := range x.rules {
		var w *window
		if b.kind == Hours {
			one := b.rule.window()
			w = &one
		}
		x.hours = append(x.hours, w)
	}
	x.windows = append([]dated{all}, x.windows...)
	return x
}

// asks reports whether a rule may refuse a call at all, with the campaign as it is set up.
func (r *Rules) asks(rule *Rule) bool {
	switch rule.Kind {
	case Ring:
		return r.setup.Ring < rule.Ring
	case CallerID:
		return r.setup.CallerID == ""
	case Abandonment, Keep, Conduct:
		return false
	}
	return true
}

// covers reports whether a pack or an own rule is for the region's country.
func (r *Rules) covers(region string) bool {
	if len(region) < 2 {
		return false
	}
	for _, p := range r.packs {
		if slices.Contains(p.Covers, region[:2]) {
			return true
		}
	}
	return slices.ContainsFunc(r.setup.Custom, func(x Rule) bool {
		return slices.ContainsFunc(x.Where, func(w string) bool { return w[:2] == region[:2] })
	})
}

// applies reports whether a rule is for a region: it names the region, its country, or, when the region is a country whose
// subdivision is not known, one of its subdivisions.
func (r *Rule) applies(region string) bool {
	where := r.Where
	if len(where) == 0 {
		if r.pack == nil {
			return true
		}
		where = r.pack.Covers
	}
	if len(region) < 2 {
		return false
	}
	for _, w := range where {
		if w == region || w == region[:2] || len(region) == 2 && w[:2] == region {
			return true
		}
	}
	return false
}

func (r *Rule) window() window {
	w := window{open: r.Week.set()}
	for _, name := range r.Holidays {
		w.closed = append(w.closed, r.pack.calendars[name])
	}
	return w
}

// times returns from and until when a rule holds at a place: from the first of its zones in which the day begins until the
// last in which it ends.
func (r *Rule) times(locs []*time.Location) (from, to time.Time) {
	for _, loc := range locs {
		if day, err := time.ParseInLocation(time.DateOnly, r.From, loc); err == nil && (from.IsZero() || day.Before(from)) {
			from = day
		}
		if day, err := time.ParseInLocation(time.DateOnly, r.To, loc); err == nil && day.AddDate(0, 0, 1).After(to) {
			to = day.AddDate(0, 0, 1)
		}
	}
	return from, to
}

// Rule returns an active rule by its id, nil when there is none.
func (r *Rules) Rule(id string) *Rule { return r.rule(id) }

// Overridable returns the rule that has the id, of a pack among those chosen or of the campaign, when it knows grounds on which it
// does not hold; nil when there is none.
func (r *Rules) Overridable(id string) *Rule {
	if x := r.Rule(id); x != nil && len(x.Override) > 0 {
		return x
	}
	return nil
}

// FindRule returns a rule of an embedded pack, nil when there is none of that id.
func FindRule(id string) *Rule {
	for _, p := range packs {
		for i := range p.Rules {
			if p.Rules[i].ID == id {
				return &p.Rules[i]
			}
		}
	}
	return nil
}
