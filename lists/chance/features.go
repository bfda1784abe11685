package chance

import (
	"math"
	"time"
)

// Where the weights of each group lie in the model. A group answers one question about the attempt, and nearly always
// exactly one of its weights takes part in a score: a score adds up some fifteen of them.
const (
	parts       = 8 // of a day, three hours each
	listSlots   = 128
	triesMost   = 8
	liveMost    = 4
	missesMost  = 7
	agoSteps    = 10
	nearMost    = 3 // attempts at about the same time of day
	nearLive    = 2
	failedMost  = 3
	atBias      = 0
	atHour      = atBias + 1
	atDay       = atHour + 24
	atWeek      = atDay + 7
	atKind      = atWeek + Hours
	atKindPart  = atKind + int(kinds)
	atList      = atKindPart + int(kinds)*parts
	atListPart  = atList + listSlots
	atGrid      = atListPart + listSlots*parts
	atMisses    = atGrid + (triesMost+1)*(liveMost+1)
	atLast      = atMisses + (missesMost+1)*2
	atNear      = atLast + int(results)*agoSteps
	atFailed    = atNear + (nearMost+1)*(nearLive+1)
	atCallback  = atFailed + failedMost + 1
	atOwn       = atCallback + 1 // share of answers among all earlier attempts, as log odds against the average
	atOwnNear   = atOwn + 1      // the same among those at about this time of day, against the person's own
	weights     = atOwnNear + 1
	activeMost  = 16
	ownStrength = 4.0 // attempts that the average counts for beside a person's own
	nearApart   = 2   // hours
)

// active is one weight that takes part in a score.
type active struct {
	at int
	x  float64
}

// features lists the weights that the facts stand for. base is the average share of answers.
func features(f *Facts, base float64, into *[activeMost]active) []active {
	out := into[:0]
	on := func(at int) { out = append(out, active{at, 1}) }
	on(atBias)
	list := slot(f.List)
	on(atList + list)
	kind := f.Kind
	if kind >= kinds {
		kind = Unknown
	}
	on(atKind + int(kind))
	if f.Hour >= 0 && f.Hour < Hours {
		part := f.Hour % 24 / (24 / parts)
		on(atHour + f.Hour%24)
		on(atDay + f.Hour/24)
		on(atWeek + f.Hour)
		on(atKindPart + int(kind)*parts + part)
		on(atListPart + list*parts + part)
	}
	if f.Callback {
		on(atCallback)
	}
	return pastFeatures(f, base, out)
}

func pastFeatures(f *Facts, base float64, out []active) []active {
	p := &f.Past
	tries, live := int(p.tries), int(p.live)
	out = append(out, active{atGrid + min(tries, triesMost)*(liveMost+1) + min(live, liveMost), 1})
	if p.failed > 0 {
		out = append(out, active{atFailed + min(int(p.failed), failedMost), 1})
	}
	if tries == 0 {
		return out
	}
	ever := 0
	if live > 0 {
		ever = 1
	}
	out = append(out, active{atMisses + ever*(missesMost+1) + min(int(p.misses), missesMost), 1})
	result, at := p.Last()
	out = append(out, active{atLast + int(result)*agoSteps + agoStep(f.At, at), 1})
	own := (float64(live) + ownStrength*base) / (float64(tries) + ownStrength)
	out = append(out, active{atOwn, logit(own) - logit(base)})
	nearTries, near := p.near(f.Hour)
	out = append(out, active{atNear + min(nearTries, nearMost)*(nearLive+1) + min(near, nearLive), 1})
	if nearTries > 0 {
		mine := (float64(near) + ownStrength*own) / (float64(nearTries) + ownStrength)
		out = append(out, active{atOwnNear, logit(mine) - logit(own)})
	}
	return out
}

// near counts the attempts of the last ones that were at about this time of day, on a working day if this is one, and how
// many of them a person answered.
func (p *Past) near(hour int) (tries, live int) {
	if hour < 0 || hour >= Hours {
		return 0, 0
	}
	for _, m := range p.last[:p.n] {
		if m.hour >= Hours || (hour >= 5*24) != (m.hour >= 5*24) {
			continue
		}
		apart := hour%24 - int(m.hour)%24
		if apart = max(apart, -apart); min(apart, 24-apart) > nearApart {
			continue
		}
		tries++
		if m.result == Live {
			live++
		}
	}
	return tries, live
}

// agoEnds are the upper ends of the steps in which the time since the last attempt is told; what is longer is the last step.
var agoEnds = [agoSteps - 1]time.Duration{5 * time.Minute, 20 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour, 36 * time.Hour,
	4 * 24 * time.Hour, 10 * 24 * time.Hour, 45 * 24 * time.Hour}

func agoStep(now, at time.Time) int {
	ago := now.Sub(at)
	for i, end := range agoEnds {
		if ago < end {
			return i
		}
	}
	return agoSteps - 1
}

// slot gives a list one of the slots; two lists may share one.
func slot(id [16]byte) int {
	h := uint32(2166136261)
	for _, b := range id {
		h = (h ^ uint32(b)) * 16777619
	}
	return int((h ^ h>>15) % listSlots)
}

func logit(p float64) float64 { return math.Log(p / (1 - p)) }

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
