package carrier

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// WaitHear returns nil as soon as the last 100 ms heard hold the tone, else ctx's error or ErrEnded.
func (c *Call) WaitHear(ctx context.Context, hz float64) error { return c.wait(ctx, hz, true) }

// WaitSilent returns nil as soon as the last 100 ms do not hold the tone, or nothing arrives at all.
func (c *Call) WaitSilent(ctx context.Context, hz float64) error { return c.wait(ctx, hz, false) }

func (c *Call) wait(ctx context.Context, hz float64, present bool) error {
	s, err := c.talking(ctx)
	if err != nil {
		return err
	}
	w := s.heard.await(hz, present)
	defer s.heard.giveUp(w)
	for {
		pause := time.NewTimer(quietTime)
		select {
		case <-w.found:
			pause.Stop()
			return nil
		case <-s.ended:
			pause.Stop()
			return fmt.Errorf("%w: %s", ErrEnded, c.d)
		case <-ctx.Done():
			pause.Stop()
			return fmt.Errorf("carrier: call %s, waiting for %v Hz to be %s: %w", c.d, hz, heardWord(present), ctx.Err())
		case <-pause.C:
			if !present && s.heard.idle() {
				return nil
			}
		}
	}
}

// WaitDigits returns nil as soon as the digits received end with the given ones, else ctx's error or ErrEnded.
func (c *Call) WaitDigits(ctx context.Context, digits string) error {
	s, err := c.talking(ctx)
	if err != nil {
		return err
	}
	for {
		got, more := s.heard.pressed()
		if strings.HasSuffix(got, digits) {
			return nil
		}
		select {
		case <-more:
		case <-s.ended:
			return fmt.Errorf("%w: %s with digits %q", ErrEnded, c.d, got)
		case <-ctx.Done():
			return fmt.Errorf("carrier: call %s has digits %q, not %q: %w", c.d, got, digits, ctx.Err())
		}
	}
}

// talking waits for the answer and returns the stream.
func (c *Call) talking(ctx context.Context) (*stream, error) {
	select {
	case <-c.answered:
	case <-c.done:
		return nil, fmt.Errorf("%w: %s", ErrEnded, c.d)
	case <-ctx.Done():
		return nil, fmt.Errorf("carrier: call %s is not answered: %w", c.d, ctx.Err())
	}
	if s := c.audio(); s != nil {
		return s, nil
	}
	return nil, fmt.Errorf("%w: %s has no audio", ErrEnded, c.d)
}

func heardWord(present bool) string {
	if present {
		return "heard"
	}
	return "gone"
}
