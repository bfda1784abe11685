package lists_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

// TestErasureTakesRecordings: the recordings of all calls, those under way among them, go before the person is taken out of the rows:
// when that fails the same erasure can be made again. Overrides go with the person.
func TestErasureTakesRecordings(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 2)
	c := l.campaign(nil, list)
	claims := c.claim(2).Claims
	c.finish(claims[0], lists.NoAnswer)
	l.also(claims[0].Contact.ID, 1, 1)
	for _, o := range []lists.Override{{Phone: number(0)}, {ContactID: &claims[0].Contact.ID}} {
		o.Rule, o.Ground, o.Why, o.Until = "us.registry", compliance.OwnConsent, "secret", l.clock().Add(time.Hour)
		_, err := l.AddOverride(t.Context(), uuid.Nil, o)
		require.NoError(t, err)
	}
	record, err := l.PersonRecord(t.Context(), lists.Who{Phone: number(0)})
	require.NoError(t, err)
	require.Len(t, record.Overrides, 2)

	withdraw := func(context.Context, []uuid.UUID) error { return nil }
	var asked []uuid.UUID
	fails := lists.Erasure{Who: lists.Who{Phone: number(0)}, Reason: "asked", DeleteRecordings: func(_ context.Context, attempts []uuid.UUID) (int, error) {
		asked = attempts
		return 0, errors.New("the disk is away")
	}}
	_, err = l.Erase(t.Context(), fails, withdraw)
	require.ErrorContains(t, err, "the disk is away")
	require.ElementsMatch(t, []uuid.UUID{claims[0].Permit.Attempt(), claims[1].Permit.Attempt()}, asked)
	fails.DeleteRecordings = func(_ context.Context, attempts []uuid.UUID) (int, error) { return len(attempts), nil }
	got, err := l.Erase(t.Context(), fails, withdraw)
	require.NoError(t, err)
	require.Equal(t, 2, got.Deleted)
	require.Empty(t, got.Recordings)
	require.EqualValues(t, 2, got.Overrides)
	left, err := l.Overrides(t.Context(), lists.OverrideFilter{})
	require.NoError(t, err)
	require.Empty(t, left)
	l.nothingLeft("secret", number(0), number(1))
}
