package dialer

import (
	"sync"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
)

// fact is one bit of a mailbox. A fact is true once it was posted, so a repeated one needs no further room, and a mailbox
// never fills up. The order of the bits is the order in which a call takes them in: what the switch told in its own order,
// then what others ask, the end before a seat, so that no agent is bothered for a callee who has gone.
type fact uint32

const (
	factRinging fact = 1 << iota
	factPickedUp
	factAnswered
	factScreened
	factLost // before the wish to hang up: a call that went with the switch was not hung up
	factHangup
	factWithdraw
	factFound
	factMessage
	factEnded
	factSeat
	facts = iota
)

var factInputs = [facts]call.InputKind{call.Rang, call.PickedUp, call.Answered, call.Screened, call.Lost, call.HangupAsked,
	call.Withdraw, call.Found, call.MessageBegun, call.ChannelEnded, call.SeatGiven}

// mailbox is how the world reaches a call's goroutine. Posting never blocks and never allocates.
type mailbox struct {
	wake chan struct{}

	mu      sync.Mutex // guards all below
	letters letters
	waiters []chan struct{} // closed when the call is answered or over
	free    bool            // waiters need not wait any more
}

// letters are the facts that were posted since the last look.
type letters struct {
	posted    fact
	amd       call.AMD // when it ran before
	screened  call.AMD
	end       call.End
	by        call.Party
	restarted bool
	seat      agent.Seat
}

// post adds a fact; fill sets what belongs to it under the lock and may be nil.
func (b *mailbox) post(f fact, fill func(*letters)) {
	b.mu.Lock()
	if fill != nil && b.letters.posted&f == 0 {
		fill(&b.letters)
	}
	b.letters.posted |= f
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// take empties the mailbox.
func (b *mailbox) take() letters {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.letters
	b.letters = letters{}
	return l
}

// has says whether one of the facts waits.
func (b *mailbox) has(f fact) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.letters.posted&f != 0
}

// wait returns a channel that is closed when the call is answered or over.
func (b *mailbox) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	done := make(chan struct{})
	if b.free {
		close(done)
	} else {
		b.waiters = append(b.waiters, done)
	}
	return done
}

// release lets those go who wait for the answer or the end.
func (b *mailbox) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.free = true
	for _, w := range b.waiters {
		close(w)
	}
	b.waiters = nil
}

// input is the i-th fact as the machine takes it.
func (l *letters) input(i int) call.Input {
	in := call.Input{Kind: factInputs[i]}
	switch fact(1 << i) {
	case factAnswered:
		in.AMD = l.amd
	case factScreened:
		in.AMD = l.screened
	case factHangup:
		in.By = l.by
	case factLost:
		in.Restarted = l.restarted
	case factEnded:
		in.End = l.end
	}
	return in
}
