package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// TestRetryGoesOnWithTheNextNumber: a disposition that wants another try goes on with the next number where the rule says so,
// whether it comes before the end of the call or after it, and once for each call.
func TestRetryGoesOnWithTheNextNumber(t *testing.T) {
	for name, first := range map[string]bool{"the agent was faster": true, "the end was faster": false} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t)
			agent := l.user()
			list := l.list(0, 1)
			c := l.campaign(func(s *lists.Settings) {
				s.MaxAttempts = 9
				s.Recycle = map[lists.Outcome]lists.Recycle{lists.NoAnswer: {After: 60, Limit: 9, NextPhone: true}}
				s.Dispositions = append(s.Dispositions, lists.DispositionCode{Code: "later", Label: "Later", LabelZH: "稍后", Effect: lists.EffectRetry})
			}, list)
			l.also(l.contactOf(list, 0), 1, 10)
			l.also(l.contactOf(list, 0), 2, 11)
			var called []string
			for range 4 {
				x := c.one()
				called = append(called, x.Contact.Phone)
				dispose := func() {
					_, err := l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: x.Permit.Attempt(), Agent: agent, Code: "later"})
					require.NoError(t, err)
				}
				if first {
					dispose()
				}
				_, err := l.Finish(t.Context(), []lists.Ending{c.ending(x, lists.Connected, &agent)})
				require.NoError(t, err)
				if !first {
					dispose()
				}
				state, _, _ := c.place(x.Contact.ID)
				require.Equal(t, "waiting", state)
				l.pass(2 * time.Minute)
			}
			require.Equal(t, []string{number(0), number(10), number(11), number(0)}, called)
		})
	}
}
