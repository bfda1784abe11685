package lists

import "github.com/dialtide/dialtide/lists/chance"

// choiceWindow is how many of the next contacts a claim looks at that chooses among them. Pacing asks for 64 or more that are not
// taken; those that were taken before, out of turn, lie between them.
const choiceWindow = 160

// choose asks whom of the contacts that may be called now is wanted, and marks the others to be left where they are. It is done
// once in a claim, and not where order or number of what is taken are promised already: callbacks and hot contacts that are due,
// contacts in an order that somebody chose, lists in a mix or assigned to agents.
func (c *claiming) choose(found []*candidate) {
	if c.req.Choose == nil || c.choosing || c.walk.order != 0 || c.settings.Order.Lists == ListsMixed {
		return
	}
	among, chances := make([]*candidate, 0, len(found)), make([]float64, 0, len(found))
	for _, x := range found {
		if x.callback || x.first {
			return
		}
		if c.choosable(x) && c.judge(x).state == stateInFlight {
			c.score(x)
			among, chances = append(among, x), append(chances, x.chance)
		}
	}
	if len(among) == 0 {
		return
	}
	c.choosing = true
	for _, x := range among {
		x.left = true
	}
	for _, i := range c.req.Choose(chances) {
		if i >= 0 && i < len(among) {
			among[i].left = false
		}
	}
}

// choosable says whether a contact may be overtaken by others, and judging it leaves no trace.
func (c *claiming) choosable(x *candidate) bool {
	return !x.skip && !x.outside && x.other == nil && len(x.lifted) == 0 && x.part == nil && c.assigned[x.contact.ListID] == nil && !c.offers(x)
}

// score finds out how likely it is that a person answers.
func (c *claiming) score(x *candidate) {
	f := chance.Facts{At: c.now, Hour: hourAt(c.now, x.contact.Zones), Kind: x.kind, List: x.contact.ListID, Callback: x.callback, Past: x.past}
	x.chance = c.model.Score(&f)
}

// leave keeps a contact for later claims: the cursor of its stream stays before it.
func (x *candidate) leave() {
	if x.stream != nil {
		x.stream.held = true
	}
}
