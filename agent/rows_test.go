package agent

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// TestAStateIsWrittenOnce, although it is given again after a commit whose reply was lost.
func TestAStateIsWrittenOnce(t *testing.T) {
	h := newHouse(t)
	a := h.user(1)
	h.ready(a)
	c, seat := h.talk()
	h.hangUp(c, seat)
	h.stop()
	var row stateRow
	require.NoError(t, h.pool.QueryRow(t.Context(), `SELECT session_id, agent_id, at, state, reason, attempt_id FROM agent_state_log WHERE agent_id = $1 AND state = 'WrapUp'`, a).
		Scan(&row.session, &row.agent, &row.at, &row.state, &row.reason, &row.attempt))
	rows := NewRows(h.pool)
	other := row
	other.session = uuid.New()
	for range 2 {
		_, err := rows.write(t.Context(), nil, []stateRow{row, other})
		require.NoError(t, err)
	}
	require.Equal(t, 2, h.count(`SELECT count(*) FROM agent_state_log WHERE agent_id = $1 AND state = 'WrapUp'`, a))
}
