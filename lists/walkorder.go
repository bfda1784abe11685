package lists

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/compliance"
)

func (c *claiming) readLanes(rows pgx.Rows) error {
	var list *uuid.UUID
	var lane *int16
	var zones []string
	var key []byte
	var seq *int64
	_, err := pgx.ForEachRow(rows, []any{&c.walk.order, &list, &lane, &zones, &key, &seq}, func() error {
		if list == nil {
			return nil // an order without lanes that are not spent
		}
		if i := slices.IndexFunc(c.walk.lists, func(l *walkedList) bool { return l.id == *list }); i >= 0 {
			c.walk.lanes = append(c.walk.lanes, &stream{list: c.walk.lists[i], lane: *lane, zones: zones, cursor: spot{*lane, key, *seq}})
		}
		zones, key = nil, nil
		return nil
	})
	return err
}

// arrange puts the streams in order, when the settings are known.
func (c *claiming) arrange() {
	w := &c.walk
	o := c.settings.Order
	if !o.placed() || w.order == 0 {
		w.order = 0
		for _, l := range w.lists {
			w.streams = append(w.streams, &stream{list: l, cursor: spot{seq: l.cursor}, tier: tierOf(o, l, 0)})
		}
	} else {
		c.arrangeLanes()
	}
	slices.SortStableFunc(w.streams, func(a, b *stream) int { return cmp.Compare(a.tier, b.tier) })
	if o.Lists == ListsMixed {
		w.wakeRested(o)
	}
}

func tierOf(o Order, l *walkedList, rank int) int {
	if o.Lists == ListsTogether {
		return rank
	}
	return l.at*tiersOfList + rank
}

// arrangeLanes passes over lanes that sleep, and ranks the others.
func (c *claiming) arrangeLanes() {
	o := c.settings.Order
	closing := map[string]time.Time{}
	ranks := map[int64]int{}
	var moments []int64
	for _, s := range c.walk.lanes {
		if len(s.zones) > 0 {
			at, ok, known := compliance.NextOpen(c.now, c.settings.Hours, s.zones)
			if ok && known && at.After(c.now) {
				if c.walk.asleep.IsZero() || at.Before(c.walk.asleep) {
					c.walk.asleep = at
				}
				continue
			}
		}
		if name := strings.Join(s.zones, " "); o.By == ByClosing {
			if _, ok := closing[name]; !ok {
				closing[name] = closes(c.now, c.settings.Hours, s.zones)
				moments = append(moments, closing[name].Unix())
			}
		}
		c.walk.streams = append(c.walk.streams, s)
	}
	slices.Sort(moments)
	for i, at := range slices.Compact(moments) {
		ranks[at] = i
	}
	for _, s := range c.walk.streams {
		rank := 0
		switch o.By {
		case ByClosing:
			rank = ranks[closing[strings.Join(s.zones, " ")].Unix()]
		case ByBestTime:
			rank = hourRank(s.lane, c.now)
		}
		s.tier = tierOf(o, s.list, rank)
	}
}

// hourRank puts those first whom this hour suits best, then those without a past, then those whose hour has gone by last.
func hourRank(lane int16, now time.Time) int {
	lane %= lanesOfZones
	switch hour := int16(now.UTC().Hour()); {
	case lane == hour:
		return 0
	case lane == noHistory:
		return 1
	default:
		return 1 + int((hour-lane+24)%24)
	}
}

// closes returns when the hours that are open now end, to the quarter of an hour; a day ahead at the most.
func closes(now time.Time, hours compliance.Week, zones []string) time.Time {
	const step = 15 * time.Minute
	t := now.Truncate(step)
	for range 96 {
		t = t.Add(step)
		if open, ok, known := compliance.NextOpen(t, hours, zones); !ok || !known || open.After(t) {
			break
		}
	}
	return t
}
