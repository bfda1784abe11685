package script

import (
	"fmt"
	"slices"
	"strings"
)

// ways lists where a page leads inside its sub-script, and which sub-scripts it calls.
func ways(s Step) (to, calls []string) {
	for _, b := range s.Next {
		to = append(to, b.To)
		if b.Call != "" {
			calls = append(calls, b.Call)
		}
	}
	if len(s.Next) == 0 {
		to = append(to, End)
	}
	return to, calls
}

// graph finds pages that nothing leads to, pages from which nothing leads out, and sub-scripts that call themselves.
func (v *validator) graph() {
	depths := map[string]int{}
	for i, s := range v.doc.Subs {
		path := fmt.Sprintf("subs[%d]", i)
		if n := v.depth(path, s.ID, nil, depths); n > MaxDepth {
			v.fault(path, codeDeep, MaxDepth)
		}
	}
	if len(v.problems) > 0 {
		return
	}
	reached, called := v.reach()
	for i, s := range v.doc.Subs {
		if !called[s.ID] && !s.Objection {
			v.fault(fmt.Sprintf("subs[%d]", i), codeUnused, s.ID)
		}
	}
	leaves := v.exits()
	for i, s := range v.doc.Steps {
		switch {
		case !reached[s.ID] && (s.Sub == "" || called[s.Sub] || v.doc.Subs[v.subs[s.Sub]].Objection):
			v.fault(fmt.Sprintf("steps[%d]", i), codeUnreached, s.ID)
		case !leaves[s.ID]:
			v.fault(fmt.Sprintf("steps[%d].next", i), codeNoExit, s.ID)
		}
	}
}

// callsOf lists the sub-scripts that the pages of a sub-script call.
func (v *validator) callsOf(sub string) []string {
	var out []string
	for _, s := range v.doc.Steps {
		if s.Sub == sub {
			_, calls := ways(s)
			out = append(out, calls...)
		}
	}
	return out
}

// depth is how many sub-scripts are in each other below one, itself among them. A sub-script that calls itself is a fault.
func (v *validator) depth(path, sub string, above []string, known map[string]int) int {
	if n, ok := known[sub]; ok {
		return n
	}
	if slices.Contains(above, sub) {
		v.fault(path, codeCallLoop, strings.Join(append(slices.Clone(above), sub), " > "))
		known[sub] = 0
		return 0
	}
	deepest := 0
	for _, c := range v.callsOf(sub) {
		deepest = max(deepest, v.depth(path, c, append(slices.Clip(above), sub), known))
	}
	known[sub] = deepest + 1
	return deepest + 1
}

// reach walks from the start, every sub-script that is called, every objection and every page of the menu.
func (v *validator) reach() (reached, called map[string]bool) {
	reached, called = map[string]bool{}, map[string]bool{}
	todo := []string{v.doc.Start}
	for _, s := range v.doc.Subs {
		if s.Objection {
			todo = append(todo, s.Start)
		}
	}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		i, ok := v.steps[id]
		if !ok || reached[id] {
			continue
		}
		reached[id] = true
		to, calls := ways(v.doc.Steps[i])
		todo = append(todo, to...)
		for _, c := range calls {
			called[c] = true
			todo = append(todo, v.doc.Subs[v.subs[c]].Start)
		}
		for _, s := range v.doc.Steps { // the menu is open once any page of its sub-script is
			if s.Menu && !reached[s.ID] && s.Sub == v.doc.Steps[i].Sub {
				todo = append(todo, s.ID)
			}
		}
	}
	return reached, called
}

// exits tells from which pages a way leads to the end of the script or of their sub-script.
func (v *validator) exits() map[string]bool {
	back := map[string][]string{}
	for _, s := range v.doc.Steps {
		to, _ := ways(s)
		for _, t := range to {
			back[t] = append(back[t], s.ID)
		}
	}
	leaves := map[string]bool{}
	todo := []string{End, Return}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, from := range back[at] {
			if !leaves[from] {
				leaves[from] = true
				todo = append(todo, from)
			}
		}
	}
	return leaves
}

// ahead is, for each page, the weight of the longest way from it to the end of its sub-script, itself among it. Pages of a
// loop count as one, with the weight of all: going round does not come nearer to the end.
func ahead(doc Document, steps, subs map[string]int) map[string]int {
	a := &measuring{doc: doc, steps: steps, subs: subs, out: map[string]int{}, group: map[string][]string{}}
	a.groups()
	for _, s := range doc.Steps {
		a.length(s.ID)
	}
	return a.out
}

type measuring struct {
	doc         Document
	steps, subs map[string]int
	out         map[string]int
	group       map[string][]string // the pages of the loop that a page is in, itself among them
}

// groups finds the strongly connected pages (Tarjan 1972), with a stack of its own instead of recursion: a script may be one
// long line.
func (m *measuring) groups() {
	index, low := map[string]int{}, map[string]int{}
	on := map[string]bool{}
	var stack []string
	type frame struct {
		id string
		to []string
	}
	for _, root := range m.doc.Steps {
		if _, seen := index[root.ID]; seen {
			continue
		}
		var calls []frame
		enter := func(id string) {
			index[id], low[id] = len(index), len(index)
			stack, on[id] = append(stack, id), true
			to, _ := ways(m.doc.Steps[m.steps[id]])
			calls = append(calls, frame{id, to})
		}
		enter(root.ID)
		for len(calls) > 0 {
			f := &calls[len(calls)-1]
			if len(f.to) > 0 {
				next := f.to[0]
				f.to = f.to[1:]
				if _, is := m.steps[next]; !is {
					continue
				}
				if _, seen := index[next]; !seen {
					enter(next)
				} else if on[next] {
					low[f.id] = min(low[f.id], index[next])
				}
				continue
			}
			id := f.id
			calls = calls[:len(calls)-1]
			if len(calls) > 0 {
				up := calls[len(calls)-1].id
				low[up] = min(low[up], low[id])
			}
			if low[id] != index[id] {
				continue
			}
			at := slices.Index(stack, id)
			members := slices.Clone(stack[at:])
			stack = stack[:at]
			for _, member := range members {
				on[member], m.group[member] = false, members
			}
		}
	}
}

// length fills in a page's value. It recurses over groups and calls only, after those behind it were filled in.
func (m *measuring) length(id string) int {
	todo := []string{id}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		if _, done := m.out[at]; done || m.group[at] == nil {
			todo = todo[:len(todo)-1]
			continue
		}
		own, best, waits := 0, 0, ""
		for _, member := range m.group[at] {
			s := m.doc.Steps[m.steps[member]]
			own += weight(s)
			best, waits = m.outward(s, m.group[at], best, waits)
		}
		if waits != "" {
			todo = append(todo, waits)
			continue
		}
		for _, member := range m.group[at] {
			m.out[member] = own + best
		}
	}
	return m.out[id]
}

// outward is the longest way that leaves a group from one of its pages, or the page that must be measured first.
func (m *measuring) outward(s Step, group []string, best int, waits string) (int, string) {
	for _, b := range s.Next {
		n := 0
		if _, page := m.steps[b.To]; page && !slices.Contains(group, b.To) {
			known, ok := m.out[b.To]
			if !ok {
				return best, b.To
			}
			n = known
		}
		if b.Call != "" {
			start := m.doc.Subs[m.subs[b.Call]].Start
			known, ok := m.out[start]
			if !ok {
				return best, start
			}
			n += known
		}
		best = max(best, n)
	}
	return best, waits
}
