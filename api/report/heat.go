package report

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// Heat is the contact rate by hour of the callee's week.
type Heat struct {
	AsOf    time.Time  `json:"as_of"`
	Cells   []HeatCell `json:"cells" doc:"168: Monday 00:00 first" nullable:"false"`
	Unknown int64      `json:"unknown" doc:"attempts whose callee's hour is not known: no zone, or zones that disagree"`
}

// HeatCell is one hour of the week. Low and High bound the rate at 95 % (Wilson, JASA 22:158, 1927): wide where n is small.
type HeatCell struct {
	Attempts int64    `json:"attempts"`
	Connects int64    `json:"connects"`
	Contacts int64    `json:"contacts"`
	Rate     *float64 `json:"rate" nullable:"true" doc:"contacts / attempts; null: no attempts"`
	Low      float64  `json:"low"`
	High     float64  `json:"high"`
}

// HeatMap answers by the callee's own hours. The question's group is ignored. Errors: *lists.InputError.
func (r *Reader) HeatMap(ctx context.Context, q Question) (out Heat, err error) {
	q.Group = "campaign"
	out.Cells = make([]HeatCell, 168)
	err = r.snapshot(ctx, func(tx pgx.Tx, now time.Time) error {
		p, err := q.check(now)
		if err != nil {
			return err
		}
		a := asking{tx: tx, q: q}
		var state Table
		if err := a.begin(ctx, &state); err != nil {
			return err
		}
		out.AsOf = state.AsOf
		whole := []piece{{from: p.from, to: p.to}}
		all, err := a.sum(ctx, "all", whole)
		if err != nil {
			return err
		}
		parts, err := a.sum(ctx, "callee", whole)
		if err != nil {
			return err
		}
		for i := range all {
			out.Unknown += all[i].Sums[Attempts]
		}
		for i := range parts {
			hour, err := strconv.Atoi(parts[i].key)
			if err != nil || hour < 0 || hour >= len(out.Cells) {
				return fmt.Errorf("hour %q of a callee's week", parts[i].key)
			}
			s, c := &parts[i].Sums, &out.Cells[hour]
			c.Attempts, c.Connects, c.Contacts = c.Attempts+s[Attempts], c.Connects+s.connects(), c.Contacts+s[Contacts]
			out.Unknown -= s[Attempts]
		}
		return nil
	})
	if err != nil {
		return Heat{}, fmt.Errorf("heat map: %w", err)
	}
	for i := range out.Cells {
		out.Cells[i].judge()
	}
	return out, nil
}

func (c *HeatCell) judge() {
	if c.Attempts == 0 {
		return
	}
	const z = 1.959964
	n := float64(c.Attempts)
	rate := float64(c.Contacts) / n
	middle := (rate + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(rate*(1-rate)/n+z*z/(4*n*n))
	c.Rate, c.Low, c.High = &rate, max(0, middle-half), min(1, middle+half)
}
