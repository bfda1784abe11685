package agent

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// dncLedger notes what goes on the list.
type dncLedger struct {
	Ledger
	added []lists.DNC
	open  []uuid.UUID
}

func (l *dncLedger) AddDNC(_ context.Context, d lists.DNC) ([]uuid.UUID, error) {
	l.added = append(l.added, d)
	return l.open, nil
}

// TestOneKeyPutsTheNumberOnTheList: at once and while the talk goes on; other calls to the number are withdrawn, the agent's
// own is not.
func TestOneKeyPutsTheNumberOnTheList(t *testing.T) {
	h := newHall(t)
	h.come(1)
	h.LegUp(h.byAgent[agentID(1)].leg)
	require.NoError(t, h.makeReady(agentID(1)))
	c := call("x")
	c.Pop.Contact.Phone = "+12065550100"
	seat, ok := h.Reserve(campaign.ID, c)
	require.True(t, ok)
	h.Bridged(seat.Session, c.Attempt, time.Now())
	other := uuid.New()
	l := &dncLedger{open: []uuid.UUID{c.Attempt, other}}
	d := NewDesk(h.Floor, l)
	var withdrawn []uuid.UUID
	d.Withdraw = func(_ context.Context, open []uuid.UUID) { withdrawn = append(withdrawn, open...) }
	ask := Command{ID: uuid.New(), Name: "dnc", Data: json.RawMessage(`{"attempt_id":"` + c.Attempt.String() + `"}`)}
	for range 2 { // a page that lost the reply sends it again
		r := d.Do(t.Context(), agentID(1), ask)
		require.True(t, r.OK, r.Error)
	}
	by := agentID(1)
	require.Equal(t, []lists.DNC{{Phone: "+12065550100", Reason: DNCReason, By: &by}}, l.added)
	require.Equal(t, []uuid.UUID{other}, withdrawn)
	require.Equal(t, Talking, h.screen(agentID(1)).State)

	r := d.Do(t.Context(), agentID(1), Command{ID: uuid.New(), Name: "dnc", Data: json.RawMessage(`{"attempt_id":"` + uuid.NewString() + `"}`)})
	require.False(t, r.OK)
	require.Equal(t, CodeNotYourCall, r.Error.Code)
	r = d.Do(t.Context(), agentID(1), Command{ID: uuid.New(), Name: "dnc", Data: json.RawMessage(`{}`)})
	require.Equal(t, CodeBadData, r.Error.Code)
	require.Len(t, l.added, 1)
}
