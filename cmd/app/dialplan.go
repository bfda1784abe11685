package app

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/dialtide/dialtide/dialer/asterisk"
)

// dialplanAgain is how often an incomplete dialplan is looked at again.
const dialplanAgain = 10 * time.Second

// dialplan keeps calls from being placed until the switch was seen to have every extension that calls are sent to: a callee who
// answered would be cut off, or hear nothing, where one is missing. What runs already goes on.
type dialplan struct {
	lacks atomic.Pointer[string] // nil: not looked at since the switch was away
}

// why says why nothing may be dialled, "" when the dialplan is whole.
func (d *dialplan) why() string {
	if s := d.lacks.Load(); s != nil {
		return *s
	}
	return "the dialplan was not looked at yet"
}

// watchDialplan looks at the dialplan whenever the switch comes up, and again as long as something is missing.
func (p *parts) watchDialplan(ctx context.Context) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var looked time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			switch lacks := p.dialplan.lacks.Load(); {
			case !p.adapter.Up():
				p.dialplan.lacks.Store(nil)
			case lacks == nil, *lacks != "" && now.Sub(looked) >= dialplanAgain:
				p.lookAtDialplan(ctx)
				looked = time.Now()
			}
		}
	}
}

func (p *parts) lookAtDialplan(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, dialplanAgain)
	defer cancel()
	lacks := ""
	for _, f := range p.adapter.CheckDialplan(ctx) {
		switch f.Severity {
		case asterisk.Failure:
			lacks = f.Text
			p.log.Error("asterisk: nothing is dialled", "why", f.Text, "do", f.Advice)
		case asterisk.Warning:
			p.log.Warn("asterisk: "+f.Text, "do", f.Advice)
		}
	}
	if ctx.Err() == nil {
		p.dialplan.lacks.Store(&lacks)
	}
}
