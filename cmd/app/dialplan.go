package app

import (
	"context"
	"sync"
	"time"

	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/dialer/asterisk"
)

// dialplanAgain is how often an incomplete dialplan is looked at again.
const dialplanAgain = 10 * time.Second

// dialplan keeps calls from being placed until the switch was seen to have every extension that calls are sent to: a callee who
// answered would be cut off, or hear nothing, where one is missing. What runs already goes on.
type dialplan struct {
	came chan struct{} // holds one: the switch came up

	mu     sync.Mutex
	lacks  string
	looked bool // since the switch came up
	turn   int  // of coming and going: what was seen in an earlier one says nothing
}

func newDialplan() *dialplan { return &dialplan{came: make(chan struct{}, 1)} }

// why says why nothing may be dialled, "" when the dialplan is whole.
func (d *dialplan) why() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.looked {
		return "the dialplan was not looked at yet"
	}
	return d.lacks
}

// before forgets what was seen of the switch when it comes or goes, before the dialer hears of it.
func (d *dialplan) before(handle func(dialer.Event)) func(dialer.Event) {
	return func(ev dialer.Event) {
		if ev.Kind == dialer.Resync || ev.Kind == dialer.Down {
			d.mu.Lock()
			d.looked, d.turn = false, d.turn+1
			d.mu.Unlock()
		}
		if ev.Kind == dialer.Resync {
			select {
			case d.came <- struct{}{}:
			default:
			}
		}
		handle(ev)
	}
}

// saw tells what one look found, unless the switch came or went meanwhile.
func (d *dialplan) saw(turn int, lacks string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if turn == d.turn {
		d.looked, d.lacks = true, lacks
	}
}

func (d *dialplan) now() (turn int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.turn
}

// watchDialplan looks at the dialplan whenever the switch comes up, and again as long as something is missing or no answer came.
func (p *parts) watchDialplan(ctx context.Context) error {
	again := time.NewTicker(dialplanAgain)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			if p.dialplan.why() != "" && p.adapter.Up() {
				p.lookAtDialplan(ctx)
			}
		case <-p.dialplan.came:
			p.lookAtDialplan(ctx)
		}
	}
}

func (p *parts) lookAtDialplan(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, dialplanAgain)
	defer cancel()
	turn, lacks := p.dialplan.now(), ""
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
		p.dialplan.saw(turn, lacks)
	}
}
