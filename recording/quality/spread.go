package quality

import (
	"math"
	"slices"

	"github.com/google/uuid"
)

// Spread is how far evaluators of one call are from each other on one question. Shares are per cent of what the question can give.
type Spread struct {
	Question string  `json:"question"`
	N        int     `json:"n" doc:"who gave points"`
	NA       int     `json:"na" doc:"who found that it does not apply"`
	Mean     float64 `json:"mean"`
	SD       float64 `json:"sd" doc:"standard deviation; 0 below two"`
	Least    float64 `json:"least"`
	Most     float64 `json:"most"`
	Right    float64 `json:"right" doc:"what the reference gave, or the mean without one"`
	Distance float64 `json:"distance" doc:"mean absolute distance of the others from that"`
	Agree    float64 `json:"agree" doc:"share of the others, 0 to 1, who answered as the reference did; without a reference, as most did"`
}

// Judge is one evaluator of a calibration.
type Judge struct {
	UserID    uuid.UUID `json:"user_id"`
	Name      string    `json:"name"`
	Submitted bool      `json:"submitted"`
	Reference bool      `json:"reference"`
	Sheet     *Sheet    `json:"sheet,omitempty" doc:"only once the calibration is closed, and one's own before"`
	Score     float64   `json:"score"`
	Distance  float64   `json:"distance" doc:"points of the score from the reference's, or from the mean"`
	ByLine    float64   `json:"by_line" doc:"mean absolute distance of the questions from the reference's, per cent"`

	result Result
}

// spreads compares what evaluators said, and fills in their distances. Judges without a sheet are left out.
func spreads(c *Card, judges []*Judge) []Spread {
	var sat []*Judge
	var right *Judge
	for _, j := range judges {
		if !j.Submitted {
			continue
		}
		sat = append(sat, j)
		if j.Reference {
			right = j
		}
	}
	mean := 0.0
	for _, j := range sat {
		mean += j.Score / float64(len(sat))
	}
	if right != nil {
		mean = right.Score
	}
	out := make([]Spread, len(c.questions()))
	far, lines := make(map[*Judge]float64), make(map[*Judge]int)
	for i, q := range c.questions() {
		out[i] = spreadOf(q.ID, i, sat, right)
		for _, j := range sat {
			if l := j.result.Lines[i]; !l.NA && j != right && out[i].N > 0 && (right == nil || !right.result.Lines[i].NA) {
				far[j] += math.Abs(l.Share*100 - out[i].Right)
				lines[j]++
			}
		}
	}
	for _, j := range sat {
		j.Distance = round2(j.Score - mean)
		if lines[j] > 0 {
			j.ByLine = round2(far[j] / float64(lines[j]))
		}
	}
	return out
}

func spreadOf(id string, i int, sat []*Judge, right *Judge) Spread {
	s := Spread{Question: id}
	var shares []float64
	for _, j := range sat {
		if l := j.result.Lines[i]; l.NA {
			s.NA++
		} else {
			shares = append(shares, l.Share*100)
		}
	}
	if s.N = len(shares); s.N > 0 {
		s.Least, s.Most = slices.Min(shares), slices.Max(shares)
		s.Mean, s.SD = meanSD(shares)
	}
	s.Right = s.Mean // also where the reference found that it does not apply
	if right != nil && !right.result.Lines[i].NA {
		s.Right = right.result.Lines[i].Share * 100
	}
	others, same, far, points := 0, 0, 0.0, 0
	for _, j := range sat {
		if j == right {
			continue
		}
		others++
		l := j.result.Lines[i]
		if !l.NA && (right == nil || !right.result.Lines[i].NA) {
			far += math.Abs(l.Share*100 - s.Right)
			points++
		}
		if right != nil && l.NA == right.result.Lines[i].NA && l.Share == right.result.Lines[i].Share {
			same++
		}
	}
	if right == nil {
		same = mostCommon(i, sat)
	}
	if others > 0 {
		s.Agree = float64(same) / float64(others)
	}
	if points > 0 {
		s.Distance = far / float64(points)
	}
	s.Mean, s.SD, s.Right, s.Distance, s.Least, s.Most = round2(s.Mean), round2(s.SD), round2(s.Right), round2(s.Distance), round2(s.Least), round2(s.Most)
	return s
}

// mostCommon is how many gave the answer that most gave.
func mostCommon(i int, sat []*Judge) (most int) {
	type answer struct {
		na    bool
		share float64
	}
	n := map[answer]int{}
	for _, j := range sat {
		k := answer{j.result.Lines[i].NA, j.result.Lines[i].Share}
		n[k]++
		most = max(most, n[k])
	}
	return most
}

func meanSD(x []float64) (mean, sd float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	if len(x) < 2 {
		return mean, 0
	}
	for _, v := range x {
		sd += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sd / float64(len(x)-1))
}
