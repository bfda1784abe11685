package e2e

import (
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// scoreIsSeen: a supervisor scores a call of an agent, whose desk says so; he looks at it and confirms that.
func (d *desktop) scoreIsSeen() {
	var card struct {
		ID       uuid.UUID
		Revision int
	}
	require.NoError(d.t, d.admin.Do(d.ctx(), "POST", "/api/quality/scorecards", map[string]any{"name": "Sales calls", "body": map[string]any{"appeal_days": 5, "sections": []any{
		map[string]any{"title": "Opening", "questions": []any{map[string]any{"id": "name", "text": "Says the name", "kind": "yesno", "weight": 100}}}}}}, &card))
	require.NoError(d.t, d.admin.Do(d.ctx(), "POST", "/api/quality/scorecards/"+card.ID.String()+"/publish", map[string]any{"revision": card.Revision, "note": "first"}, nil))
	var attempt uuid.UUID
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT a.id FROM attempts a JOIN users u ON u.id = a.agent_id WHERE u.login = 'agent2' AND a.phone = $1`, number(1)).Scan(&attempt))
	boss := d.sit("sofia", "/quality/score/"+attempt.String())
	boss.click(id("answer-name") + ` label[for$="-1"]`)
	boss.click(id("submit-score"))
	boss.click(id("confirm-ok"))
	boss.see(id("story"))
	boss.reads(id("score"), "100")

	p := d.sit("agent2", "/agent")
	p.reads(id("quality-waits"), "A call of yours was scored")
	p.accessible("the desk with a score to be seen")
	p.click(id("quality-look"))
	p.click(id("evaluation-open"))
	p.click(id("acknowledge"))
	p.gone(id("acknowledge"))
	var seen bool
	require.NoError(d.t, d.db.QueryRow(d.ctx(), `SELECT acknowledged_at IS NOT NULL FROM evaluations WHERE attempt_id = $1`, attempt).Scan(&seen))
	require.True(d.t, seen)
	p.nothingRan()
}
