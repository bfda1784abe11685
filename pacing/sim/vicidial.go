package sim

import (
	"math"
	"time"

	"github.com/dialtide/dialtide/pacing"
)

// VICIdial is the open-source leader's controller with its settings. It adapts one number, the dial level, four times a minute
// and places calls every two and a half seconds; it forecasts nothing.
type VICIdial struct {
	Method     string  // what happens above the limit: hard (level 1), average (halved each time) or tapered (less as the day goes)
	MaxLevel   float64 // default 3
	Difference float64 // agents that should be waiting, or callers when below 0
	Intensity  float64 // percent, -40 to 40
	Limit      float64 // drop share above which the method acts; default 0.03
	OnlyReady  bool    // the level is per ready agent, not per agent ready or in a call
}

// Its clocks.
const (
	vicidialLevel = 15 * time.Second
	vicidialDrops = 60 * time.Second
	vicidialPlace = 2500 * time.Millisecond
	vicidialLook  = time.Second // the samples that each level's averages are made of
)

// Contender makes it a contestant. A day's end, for tapering, is the end of the run.
func (v VICIdial) Contender(name string) Contender {
	if v.MaxLevel == 0 {
		v.MaxLevel = 3
	}
	if v.Limit == 0 {
		v.Limit = 0.03
	}
	return Contender{name, func(s *Scenario, _ uint64) Pacer {
		c := &vicidial{set: v, level: 1, ends: s.Begins().Add(s.Length)}
		c.AMD = s.AMD.On
		return ByCount(c)
	}}
}

type vicidial struct {
	Tally
	set   VICIdial
	level float64
	ends  time.Time

	looked, levelled, placed, counted time.Time // when each clock last struck
	ready, waiting, agents            float64   // sums of the samples
	samples                           float64

	calls, answers, drops             int64 // today
	lastCalls, lastAnswers, lastDrops int64 // the same a minute ago
	share                             float64
	recent                            int64 // calls of the last minute
	recentShare                       float64
	owed                              int // of the placing loop's last stroke, not dialled yet
}

func (v *vicidial) Observe(e pacing.Event) {
	v.Tally.Observe(e)
	switch e.Kind {
	case pacing.Placed:
		v.calls++
		v.owed--
	case pacing.Answered:
		if !v.AMD {
			v.answers++
		}
	case pacing.Human:
		v.answers++
	case pacing.Abandoned:
		v.drops++
	}
}

// strikes says whether a clock strikes now, and winds it up again.
func strikes(last *time.Time, now time.Time, every time.Duration) bool {
	if last.IsZero() {
		*last = now
		return false
	}
	if now.Sub(*last) < every {
		return false
	}
	*last = last.Add(every)
	return true
}

func (v *vicidial) Count(now time.Time, room pacing.Room) int {
	if strikes(&v.looked, now, vicidialLook) {
		v.ready += float64(v.Ready)
		v.waiting += float64(v.Waiting)
		v.agents += float64(v.LoggedIn())
		v.samples++
	}
	if strikes(&v.counted, now, vicidialDrops) {
		v.count()
	}
	if strikes(&v.levelled, now, vicidialLevel) {
		v.adapt(now)
	}
	if strikes(&v.placed, now, vicidialPlace) {
		base := v.Ready
		if !v.set.OnlyReady {
			base += v.Talking
		}
		inUse := v.Pending()
		if !v.set.OnlyReady {
			inUse += v.Talking
		}
		v.owed = int(math.Round(v.level*float64(base))) - inUse
	}
	return max(min(v.owed, room.Lines, room.CPS), 0)
}

// count takes the drop statistics.
func (v *vicidial) count() {
	v.share = ratio(float64(v.drops), float64(v.answers))
	v.recent = v.calls - v.lastCalls
	v.recentShare = ratio(float64(v.drops-v.lastDrops), float64(v.answers-v.lastAnswers))
	v.lastCalls, v.lastAnswers, v.lastDrops = v.calls, v.answers, v.drops
}

// adapt sets the level anew.
func (v *vicidial) adapt(now time.Time) {
	if v.samples == 0 || v.agents == 0 {
		v.samples, v.ready, v.waiting, v.agents = 0, 0, 0, 0
		return
	}
	m := (v.ready - v.waiting + v.set.Difference*v.samples) / v.agents
	v.samples, v.ready, v.waiting, v.agents = 0, 0, 0, 0
	g := m * math.Abs(v.set.Intensity/100-1)
	if m >= 0 {
		g = m * (1 + v.set.Intensity/100)
	}
	l := math.Max(1, math.Min(math.Round(v.level*(1+g)*1000)/1000, v.set.MaxLevel))
	if v.recent > 20 && v.recentShare > 0.5 {
		l /= 2
	}
	if v.calls > 50 && v.share > v.set.Limit {
		switch v.set.Method {
		case "average":
			l /= 2
		case "tapered":
			left := v.ends.Sub(now)
			l *= math.Min(1, (math.Floor(left.Hours())*100+math.Mod(left.Minutes(), 60))/1000)
		default:
			l = 1
		}
	}
	v.level = math.Max(1, l)
}
