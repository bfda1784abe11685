package api

import (
	"sync"
	"time"
)

// limiter holds a token bucket per key, in memory: what it forgets at a restart is a few guesses.
// A bucket starts full; keys whose bucket is full again are forgotten, so memory is bounded by the rate of failures.
type limiter struct {
	burst  float64
	refill time.Duration // for one token
	max    int           // keys held at most; beyond it unknown keys are refused

	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter(burst int, refill time.Duration, max int) *limiter {
	return &limiter{burst: float64(burst), refill: refill, max: max, buckets: map[string]*bucket{}}
}

// take takes one token of key. When there is none it returns how long until there is.
func (l *limiter) take(key string, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[key]
	if b == nil {
		if len(l.buckets) >= l.max {
			l.forgetFull(now)
		}
		if len(l.buckets) >= l.max {
			return l.refill, false
		}
		b = &bucket{tokens: l.burst, at: now}
		l.buckets[key] = b
	}
	l.fill(b, now)
	if b.tokens < 1 {
		// A microsecond more than computed: who waits that long must not fail for a rounded fraction.
		return time.Duration((1-b.tokens)*float64(l.refill)) + time.Microsecond, false
	}
	b.tokens--
	return 0, true
}

// giveBack returns a token that take took: the attempt was a good one.
func (l *limiter) giveBack(key string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[key]
	if b == nil {
		return
	}
	l.fill(b, now)
	if b.tokens++; b.tokens >= l.burst {
		delete(l.buckets, key)
	}
}

func (l *limiter) fill(b *bucket, now time.Time) {
	if since := now.Sub(b.at); since > 0 {
		b.tokens = min(l.burst, b.tokens+float64(since)/float64(l.refill))
		b.at = now
	}
}

func (l *limiter) forgetFull(now time.Time) {
	for k, b := range l.buckets {
		l.fill(b, now)
		if b.tokens >= l.burst {
			delete(l.buckets, k)
		}
	}
}
