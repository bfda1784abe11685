package dialer

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

const (
	historyDays = 30 // of which the engine's first expectations are made
	historyTime = 20 * time.Second
	usualAnswer = 0.3 // share of calls that a person answers, where nothing is known
	priorWeight = 40  // calls that what is usual is worth against history, and history against what comes
)

// recountSoon has the abandonment ledger read. That is done by the goroutine that writes endings, between two batches: so no
// ending is on its way meanwhile, and each call is counted either there or here.
func (e *Engine) recountSoon(c *campaign) {
	e.writer.between(func(ctx context.Context) { e.recount(ctx, c) })
}

// recountUncounted asks again for the counts that could not be had.
func (e *Engine) recountUncounted() {
	for _, c := range e.all() {
		if !c.owned.Load() || !c.pace.uncounted() || c.recounting.Swap(true) {
			continue
		}
		e.writer.between(func(ctx context.Context) {
			c.recounting.Store(false)
			if c.pace.uncounted() {
				e.recount(ctx, c)
			}
		})
	}
}

func (e *Engine) recount(ctx context.Context, c *campaign) {
	ctx, cancel := context.WithTimeout(ctx, pollTime)
	defer cancel()
	spans, in := c.pace.spans()
	counts, ended, err := e.ledger.PacingCounts(ctx, c.id, spans, in, c.pace.feed.open())
	if err != nil {
		e.log.Warn("the abandonment ledger could not be read; until it was, nothing is over-dialled", "campaign", c.id, "error", err)
		return
	}
	there := make(map[uuid.UUID]bool, len(ended))
	for _, id := range ended {
		there[id] = true
	}
	c.pace.restore(counts, there)
	c.poke()
}

// prime gives the engine of a campaign what its history knows, once.
func (e *Engine) prime(c *campaign) {
	if c.primed.Swap(true) {
		return
	}
	e.loops.Go(func() {
		ctx, cancel := context.WithTimeout(e.ctx, historyTime)
		defer cancel()
		_, in := c.pace.spans()
		h, err := e.ledger.PacingHistory(ctx, c.id, time.Now().AddDate(0, 0, -historyDays), in)
		if err != nil {
			if e.ctx.Err() == nil {
				e.log.Warn("a campaign's history could not be read; its pacing begins with what is usual", "campaign", c.id, "error", err)
			}
			return
		}
		c.pace.prime(priors(&h))
		c.poke()
	})
}

// priors is what a history says of the calls to come.
func priors(h *lists.PacingHistory) pacing.Priors {
	n := 0.0
	for _, c := range h.Hours {
		n += float64(c.Attempts)
	}
	answer := (n*h.Answer() + priorWeight*usualAnswer) / (n + priorWeight)
	p := pacing.Priors{Answer: answer, Hours: h.HourRates(priorWeight), Talk: lists.Mean(h.Talk), WrapUp: lists.Mean(h.WrapUp), Ring: h.MeanRing()}
	if n := len(h.Talk); n > 0 {
		p.Weight = float64(min(priorWeight, n))
	}
	return p
}
