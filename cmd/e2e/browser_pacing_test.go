package e2e

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
)

// managerAsksWhy: the page says why so many lines are dialled, from the first decision on, and answers a what-if question after
// the campaign's record, with progress and a staffing table.
func (d *desktop) managerAsksWhy() {
	c := d.campaign([]string{number(5)}, func(s *lists.Settings) { s.Mode = "predictive" })
	p := d.sit("sofia", "/campaigns/"+c.ID.String()+"/pacing")
	p.see(id("pacing-empty"))
	d.status(c, lists.Running)
	p.see(id("pacing-reason"))
	p.see(id("pacing-plots"))
	p.reads(id("pacing-reason"), "No agent is there")
	for _, language := range []string{"zh-CN", "en"} {
		p.speak(language)
		p.inOrder("pacing", language, id("pacing-reason"), id("pacing-lines"))
		p.size(500, 400)
		p.inOrder("pacing in a small window", language, id("pacing-lines"))
		p.size(1366, 768)
	}
	p.click(id("tab-whatif"))
	p.see(id("whatif-empty"))
	p.click(id("whatif-ask"))
	p.see(id("whatif-ended"))
	p.reads(id("whatif-ended"), "Too few calls to simulate")
	d.record(c)
	p.fill(id("whatif-agents"), "3")
	p.fill(id("whatif-most"), "2")
	p.click(id("whatif-ask"))
	p.see(id("whatif-progress"))
	p.see(id("whatif-answer"))
	p.see(id("whatif-staffing"))
	p.reads(id("whatif-cases"), "Asked (Predictive)")
	p.speak("zh-CN")
	p.inOrder("what if", "zh-CN", id("whatif-answer"), id("whatif-form"))
	p.speak("en")
	p.inOrder("what if", "en", id("whatif-answer"), id("whatif-form"))
	p.nothingRan()
}

// record writes an hour of calls of three days ago into the campaign's history: one in four of 400 is answered.
func (d *desktop) record(c lists.Campaign) {
	d.t.Helper()
	noon := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -3).Add(12 * time.Hour)
	who := uuid.New()
	var rows [][]any
	for i := range 400 {
		at := noon.Add(time.Duration(i) * 9 * time.Second)
		row := []any{uuid.New(), fmt.Sprintf("+1206556%04d", i), c.ID, c.ListIDs[0], uuid.New(), c.TrunkID, "+12065550100", "predictive", "n", 1, at, at, "", nil, nil,
			at.Add(25 * time.Second), nil, lists.NoAnswer}
		if i%4 == 0 {
			up := at.Add(time.Duration(8+i%7) * time.Second)
			row[13], row[14], row[15], row[16], row[17] = up, up, up.Add(time.Duration(40+i%41)*time.Second), who, lists.Connected
		}
		rows = append(rows, row)
	}
	_, err := d.db.CopyFrom(d.ctx(), pgx.Identifier{"attempts"}, []string{"id", "phone", "campaign_id", "list_id", "contact_id", "trunk_id",
		"caller_id", "kind", "node", "epoch", "permit_at", "permit_until", "rules", "answered_at", "bridged_at", "ended_at", "agent_id", "outcome"},
		pgx.CopyFromRows(rows))
	require.NoError(d.t, err)
}
