package sim

import (
	"math"
	"slices"
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// people are the agents.
func (f *fit) people(out *Fitted) {
	s := &out.Scenario
	talk, cv := f.speeds()
	s.Talk = talk
	if s.Talk.Average() <= 0 {
		s.Talk = Dist{Kind: "lognormal", Mean: 90 * time.Second, CV: 0.8}
	}
	floor := newFloor(f.h, out)
	out.Agents = floor.present
	if floor.days == 0 {
		out.note(NoteNoShifts)
		for h := out.First; h < out.Last; h++ {
			out.Agents[h] = f.busyAgents(h)
		}
	}
	s.Agents = groups(out, floor.away, cv)
}

// busyAgents guesses how many agents there were in an hour from who had a conversation in it, on an average day.
func (f *fit) busyAgents(hour int) float64 {
	type key struct {
		day   int
		agent pacing.ID
	}
	seen, days := map[key]struct{}{}, map[int]struct{}{}
	for i := range f.h.Calls {
		c := &f.h.Calls[i]
		if c.Fate != WasConnected {
			continue
		}
		if at := c.Placed.In(f.h.Location); at.Hour() == hour {
			day := at.Year()*400 + at.YearDay()
			seen[key{day, c.Agent}], days[day] = struct{}{}, struct{}{}
		}
	}
	return float64(len(seen)) / float64(max(len(days), 1))
}

// groups turn numbers of agents by hour into shifts: each group is there over one unbroken stretch of hours.
func groups(out *Fitted, away *Churn, speedCV float64) []Group {
	heights := make([]int, 0, 24)
	for h := out.First; h < out.Last; h++ {
		present := out.Agents[h]
		if away != nil {
			present *= float64(away.Stay+away.Away) / float64(away.Stay)
		}
		heights = append(heights, max(1, int(math.Round(present))))
	}
	var all []Group
	for level := 1; level <= slices.Max(heights); level++ {
		for h := 0; h < len(heights); {
			if heights[h] < level {
				h++
				continue
			}
			from := h
			for h < len(heights) && heights[h] >= level {
				h++
			}
			g := Group{Count: 1, From: time.Duration(from) * time.Hour, Until: time.Duration(h) * time.Hour, SpeedCV: speedCV, Churn: away}
			i := slices.IndexFunc(all, func(o Group) bool { return o.From == g.From && o.Until == g.Until })
			if i >= 0 {
				all[i].Count++
			} else {
				all = append(all, g)
			}
		}
	}
	return all
}
