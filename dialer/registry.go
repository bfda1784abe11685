package dialer

import (
	"sync"
	"time"

	"github.com/google/uuid"
)

const shards = 64

// withdrawnLife is how long a withdrawal of an attempt that is not here yet is remembered: longer than any permit that
// could still be on its way from the ledger.
const withdrawnLife = 2 * permitTTL

// registry holds the live calls by channel id, which is the attempt's id.
type registry struct {
	shard [shards]struct {
		sync.Mutex
		calls     map[uuid.UUID]*liveCall
		withdrawn map[uuid.UUID]time.Time // attempts withdrawn before they were known here
	}
}

func newRegistry() *registry {
	r := &registry{}
	for i := range r.shard {
		r.shard[i].calls = map[uuid.UUID]*liveCall{}
		r.shard[i].withdrawn = map[uuid.UUID]time.Time{}
	}
	return r
}

// at picks the shard: the last byte of a UUID is random in version 4 and 7 alike.
func at(id uuid.UUID) int { return int(id[15]) % shards }

func (r *registry) get(id uuid.UUID) *liveCall {
	s := &r.shard[at(id)]
	s.Lock()
	defer s.Unlock()
	return s.calls[id]
}

// add makes the call known. false: it was withdrawn already, or is known.
func (r *registry) add(l *liveCall) bool {
	s := &r.shard[at(l.id)]
	s.Lock()
	defer s.Unlock()
	if _, gone := s.withdrawn[l.id]; gone || s.calls[l.id] != nil {
		return false
	}
	s.calls[l.id] = l
	return true
}

// adopt makes a call known that is under way already, withdrawn or not: a withdrawal cancels it unless it is answered.
func (r *registry) adopt(l *liveCall) {
	s := &r.shard[at(l.id)]
	s.Lock()
	defer s.Unlock()
	s.calls[l.id] = l
	if _, gone := s.withdrawn[l.id]; gone {
		l.box.post(factWithdraw, nil)
	}
}

func (r *registry) remove(id uuid.UUID) {
	s := &r.shard[at(id)]
	s.Lock()
	delete(s.calls, id)
	s.Unlock()
}

// withdraw returns the live call, or remembers that the attempt must not be dialled when its permit arrives.
func (r *registry) withdraw(id uuid.UUID, now time.Time) *liveCall {
	s := &r.shard[at(id)]
	s.Lock()
	defer s.Unlock()
	if l := s.calls[id]; l != nil {
		return l
	}
	s.withdrawn[id] = now
	return nil
}

// all returns the calls of the moment.
func (r *registry) all() []*liveCall {
	var out []*liveCall
	for i := range r.shard {
		s := &r.shard[i]
		s.Lock()
		for _, l := range s.calls {
			out = append(out, l)
		}
		s.Unlock()
	}
	return out
}

// forget drops old withdrawals.
func (r *registry) forget(now time.Time) {
	for i := range r.shard {
		s := &r.shard[i]
		s.Lock()
		for id, t := range s.withdrawn {
			if now.Sub(t) > withdrawnLife {
				delete(s.withdrawn, id)
			}
		}
		s.Unlock()
	}
}
