package lists_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// TestClaimsRespectSegments: contacts outside are passed over with a reason, and looked at again when the segment changes.
func TestClaimsRespectSegments(t *testing.T) {
	for _, order := range []lists.OrderBy{lists.ByList, lists.ByNewest} {
		t.Run(string(order), func(t *testing.T) {
			l := newLedger(t)
			list := l.list(0, 0)
			l.declare(list, "age", "number")
			for i := range 100 {
				l.put(list, i, map[string]string{"age": fmt.Sprint(i)})
			}
			g := l.segment("old", "age >= 80 and attempts = 0", list)
			c := l.campaign(func(s *lists.Settings) { s.Order.By = order }, list)
			_, err := l.SetCampaignSegments(t.Context(), c.ID, 1, []lists.SegmentRef{{SegmentID: &g.ID}})
			require.NoError(t, err)
			l.work()
			for {
				more, err := l.PlaceContacts(t.Context())
				require.NoError(t, err)
				if !more {
					break
				}
			}
			called := map[uuid.UUID]bool{}
			for range 6 {
				for _, x := range c.claim(10).Claims {
					require.GreaterOrEqual(t, len(x.Contact.Fields["age"]), 2)
					require.GreaterOrEqual(t, x.Contact.Fields["age"], "80")
					called[x.Contact.ID] = true
					c.finish(x, lists.Connected)
				}
			}
			require.Len(t, called, 20)
			s := c.sums()
			require.EqualValues(t, 80, s.Excluded[lists.ReasonSegment])
			in, err := l.InSegments(t.Context(), c.ID, uuid.New())
			require.ErrorIs(t, err, lists.ErrNotFound)
			require.False(t, in)

			// A wider segment brings those back that it holds, and only them.
			g.Filter = "age >= 70"
			_, err = l.UpdateSegment(t.Context(), g)
			require.NoError(t, err)
			l.work()
			for range 6 {
				for _, x := range c.claim(10).Claims {
					require.False(t, called[x.Contact.ID])
					called[x.Contact.ID] = true
					c.finish(x, lists.Connected)
				}
			}
			require.Len(t, called, 30)
			require.EqualValues(t, 70, c.sums().Excluded[lists.ReasonSegment])
		})
	}
}
