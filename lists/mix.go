package lists

import "slices"

// A mix takes the lists' contacts by weights: the next one is of the list that is furthest behind its share, by the highest
// averages of Sainte-Laguë: (2 taken + 1) / weight is least. That is a matter of counts alone, so the same campaign takes the
// same lists in the same order whatever the sizes of its claims. A list that had run dry and gets contacts again takes its
// share from then on; it does not make up for what it could not give.

// furthestBehind returns the place of the list whose turn it is, -1 when none has contacts left.
func furthestBehind(o Order, lists []*walkedList, planned []int64) (best int) {
	best = -1
	for i, l := range lists {
		if l.ended || l.kept {
			continue
		}
		if best < 0 || (2*(l.taken+l.now+planned[i])+1)*o.weight(lists[best].id) < (2*(lists[best].taken+lists[best].now+planned[best])+1)*o.weight(l.id) {
			best = i
		}
	}
	return best
}

// wakeRested puts lists that had run dry level with the one that is furthest behind of the others; when all had, with the one
// that is furthest ahead.
func (w *walk) wakeRested(o Order) {
	level := -1
	all := !slices.ContainsFunc(w.lists, func(l *walkedList) bool { return !l.resting })
	for i, l := range w.lists {
		if l.resting && !all {
			continue
		}
		if level < 0 || (l.taken*o.weight(w.lists[level].id) < w.lists[level].taken*o.weight(l.id)) != all {
			level = i
		}
	}
	if level < 0 {
		return
	}
	for _, l := range w.lists {
		if l.resting {
			l.taken = max(l.taken, w.lists[level].taken*o.weight(l.id)/o.weight(w.lists[level].id))
		}
	}
}

// plan returns the lists of the next n contacts, and how many each has.
func (w *walk) plan(o Order, n int) (turns []int, counts []int64) {
	counts = make([]int64, len(w.lists))
	for range n {
		i := furthestBehind(o, w.lists, counts)
		if i < 0 {
			break
		}
		counts[i]++
		turns = append(turns, i)
	}
	return turns, counts
}

// portions asks each list for as many contacts as are its share of what is wanted.
func (w *walk) portions(o Order, s *step) {
	turns, counts := w.plan(o, s.limit)
	most := 1 // more than can come, so that nothing is cut off
	for i, x := range s.part {
		s.most[i] = int32(counts[x.list.at])
		most += int(s.most[i])
	}
	s.limit, s.turns, s.counts = most, turns, counts
}

// mix puts what the lists gave in the order of their turns.
func (s *step) mix() {
	if s.turns == nil {
		return
	}
	of := map[int][]*candidate{}
	for _, x := range s.found { // by tier and place inside of each list
		if at := x.stream.list.at; int64(len(of[at])) < s.counts[at] {
			of[at] = append(of[at], x)
		} else {
			x.stream.ended = false // it came too early
		}
	}
	open := map[*walkedList]bool{}
	for _, x := range s.part {
		open[x.list] = open[x.list] || !x.ended
	}
	for _, x := range s.part {
		x.list.ended = !open[x.list]
	}
	s.found = s.found[:0]
	for _, at := range s.turns {
		if len(of[at]) > 0 {
			s.found = append(s.found, of[at][0])
			of[at] = of[at][1:]
		}
	}
}
