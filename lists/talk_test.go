package lists_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// TestTransferPermits: a row and an audit entry before the right to dial, for numbers of the list alone and for a short time.
func TestTransferPermits(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(func(s *lists.Settings) {
		s.TransferTargets = []lists.TransferTarget{{Name: "Back office", Number: "+12125550177"}}
	}, l.list(0, 3))
	ann := l.user()
	x := c.one()
	ask := lists.TransferRequest{Leg: uuid.New(), Attempt: x.Permit.Attempt(), Campaign: c.ID, Agent: ann, Number: "+12125550177", TTL: time.Second}
	p, err := l.PermitTransfer(t.Context(), ask)
	require.NoError(t, err)
	require.Equal(t, ask.Leg, p.Leg())
	number, err := p.Redeem(time.Now())
	require.NoError(t, err)
	require.Equal(t, ask.Number, number)
	_, err = p.Redeem(time.Now().Add(time.Second))
	require.ErrorIs(t, err, lists.ErrPermitExpired)
	_, err = lists.TransferPermit{}.Redeem(time.Now())
	require.ErrorIs(t, err, lists.ErrPermitExpired)
	require.Equal(t, 1, l.count(`SELECT count(*) FROM transfer_permits WHERE id = $1 AND target_name = 'Back office'`, ask.Leg))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM audit WHERE action = 'transfer.outside' AND actor = $1`, ann))

	for _, n := range []string{"+12125550178", "", "${X}", "+12125550177 "} {
		other := ask
		other.Leg, other.Number = uuid.New(), n
		_, err = l.PermitTransfer(t.Context(), other)
		require.ErrorIs(t, err, lists.ErrTargetNotAllowed, "%q", n)
	}
	gone := ask
	gone.Leg, gone.Attempt = uuid.New(), uuid.New()
	_, err = l.PermitTransfer(t.Context(), gone)
	require.ErrorIs(t, err, lists.ErrNotFound)
	require.Equal(t, 1, l.count(`SELECT count(*) FROM transfer_permits`))
}

// TestHandovers: the attempt is the next agent's, the first one's word is a note on his part, and the last one disposes.
func TestHandovers(t *testing.T) {
	l := newLedger(t)
	c := l.campaign(nil, l.list(0, 3))
	ann, bob := l.user(), l.user()
	x := c.one()
	id, now := x.Permit.Attempt(), time.Now()
	require.NoError(t, l.Mark(t.Context(), []lists.Mark{{Attempt: id, AnsweredAt: &now, BridgedAt: &now, Agent: &ann}}))
	require.ErrorIs(t, l.NotePart(t.Context(), lists.PartNote{Attempt: id, Agent: ann, Code: "sale"}), lists.ErrNotFound)
	h := lists.Handover{ID: uuid.New(), Attempt: id, From: ann, To: &bob, How: "warm", At: now}
	for range 2 { // the reply of the first was lost
		require.NoError(t, l.HandOver(t.Context(), h))
	}
	require.Equal(t, 1, l.count(`SELECT count(*) FROM handovers`))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM open_attempts WHERE id = $1 AND agent_id = $2`, id, bob))
	last, err := l.LastAgent(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, ann, last)
	require.NoError(t, l.NotePart(t.Context(), lists.PartNote{Attempt: id, Agent: ann, Code: "sale", Note: "asked\x00 twice"}))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM handovers WHERE code = 'sale' AND note LIKE 'asked%twice' AND noted_at IS NOT NULL`))

	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: id, Agent: ann, Code: "sale"})
	require.Error(t, err, "it is not hers any more")
	_, err = l.Dispose(t.Context(), lists.Disposal{Command: uuid.New(), Attempt: id, Agent: bob, Code: "sale"})
	require.NoError(t, err)

	// To an outside number: nobody of the house is in the call, and a next call may be hers.
	h = lists.Handover{ID: uuid.New(), Attempt: id, From: bob, How: "outside", At: now.Add(time.Second)}
	require.NoError(t, l.HandOver(t.Context(), h))
	require.Equal(t, 1, l.count(`SELECT count(*) FROM open_attempts WHERE id = $1 AND agent_id IS NULL`, id))
	last, err = l.LastAgent(t.Context(), uuid.New())
	require.NoError(t, err)
	require.Equal(t, uuid.Nil, last)
}

func TestTransferTargetsAreChecked(t *testing.T) {
	s := lists.DefaultSettings()
	s.CallerID = "+12125550100"
	require.Empty(t, s.Validate())
	s.TransferTargets = []lists.TransferTarget{{Name: "Help", Number: "*98#"}, {Name: " ", Number: "12"}, {Name: "a\nb", Number: "${SHELL}"}, {Name: "Twice", Number: "*98#"}}
	var fields []string
	for _, e := range s.Validate() {
		fields = append(fields, e.Field)
	}
	require.ElementsMatch(t, []string{"transfer_targets.1.name", "transfer_targets.1.number", "transfer_targets.2.name", "transfer_targets.2.number",
		"transfer_targets.3.number"}, fields)
	s.TransferTargets = make([]lists.TransferTarget, 51)
	require.NotEmpty(t, s.Validate())
	_, ok := s.Target("*98#")
	require.False(t, ok)
}
