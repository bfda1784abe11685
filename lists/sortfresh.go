package lists

import (
	"cmp"
	"slices"
)

// sortFresh brings contacts that have their places in the list in the order of their numbers: what comes next to each other goes
// into the index by number next to each other, where the pages are at hand, which is most of what that index costs. The order of the list is seq
// and stays; hot contacts of one priority are called in the order of their ids, so a batch with some keeps its own order.
func (p *upserter) sortFresh() {
	type numbered struct {
		number uint64
		i      int
	}
	all := make([]numbered, len(p.contacts))
	for i := range p.contacts {
		if p.contacts[i].Priority > 0 {
			return
		}
		all[i] = numbered{placedNumber(p.contacts[i].Number.E164), i}
	}
	slices.SortFunc(all, func(a, b numbered) int { return cmp.Compare(a.number, b.number) })
	for n, x := range all {
		p.fresh[n] = x.i
	}
}

// placedNumber orders numbers in E.164 form as their texts are ordered byte by byte.
func placedNumber(e164 string) (n uint64) {
	for i := 1; i < 17; i++ {
		n *= 11
		if i < len(e164) {
			n += uint64(e164[i]-'0') + 1
		}
	}
	return n
}
