package dialer

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/lists"
)

const historyTimeout = 3 * time.Second

// readHistories fills in what happened to the contacts before, in one query while their phones ring. A call that is answered
// faster, or a ledger that is away, costs the agent the history, never the callee his agent.
func (e *Engine) readHistories(calls []*liveCall) {
	if len(calls) == 0 {
		return
	}
	ids := make([]uuid.UUID, len(calls))
	for i, l := range calls {
		ids[i] = l.contact.ID // also one without attempts in this campaign: others may have called him
	}
	ctx, cancel := context.WithTimeout(e.ctx, historyTimeout)
	defer cancel()
	found, err := e.ledger.Dossiers(ctx, ids)
	if err != nil {
		if e.ctx.Err() == nil {
			e.log.Warn("histories of contacts could not be read", "contacts", len(ids), "error", err)
		}
		return
	}
	for _, l := range calls {
		if h := found[l.contact.ID]; len(h) > 0 {
			shown := popHistory(h)
			l.history.Store(&shown)
		}
	}
}

func popHistory(h []lists.History) []agent.PopHistory {
	out := make([]agent.PopHistory, len(h))
	for i, x := range h {
		out[i] = agent.PopHistory{At: x.At, Outcome: string(x.Outcome), Agent: x.Agent, Disposition: x.Disposition, Note: x.Note}
	}
	return out
}
