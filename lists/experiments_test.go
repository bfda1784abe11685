package lists_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/lists/experiment"
)

func (o *owned) begin(n lists.NewExperiment) (lists.Experiment, error) {
	n.Campaign, n.Name, n.By = o.ID, "Test", o.l.user()
	if n.Planned == 0 {
		n.Planned = 1000
	}
	return o.l.StartExperiment(o.l.t.Context(), n)
}

// TestATestTreatsEachArmItsWay: contacts are drawn in balance before the start; the hold-out group is excluded with a reason, so that the
// sum holds (I14), and nobody gets through to it; the other arms are called with their number, script and hours.
func TestATestTreatsEachArmItsWay(t *testing.T) {
	l := newLedger(t)
	list := l.list(0, 40)
	c := l.campaign(nil, list)
	script, err := l.CreateScript(t.Context(), uuid.Nil, "Other", json.RawMessage(`{"start":"a"}`))
	require.NoError(t, err)
	shut := compliance.Week{} // open only in an hour that is over today
	now := l.clock()
	for d := range shut {
		shut[d] = []compliance.Span{{From: 60, To: 120}}
	}
	arms := []lists.Treatment{{Name: "nobody", Weight: 1, HoldOut: true}, {Name: "number", Weight: 1, CallerID: "+12125550177"},
		{Name: "script", Weight: 1, ScriptID: &script.ID, ScriptVersion: 1}, {Name: "hours", Weight: 1, Hours: &shut}}
	_, err = c.begin(lists.NewExperiment{Arms: arms, Outcome: lists.OutcomeConversion, Seed: 7})
	require.ErrorIs(t, err, lists.ErrPauseFirst)
	require.NoError(t, l.SetStatus(t.Context(), c.ID, lists.Paused))
	var input *lists.InputError
	for field, bad := range map[string]lists.NewExperiment{
		"arms":             {Arms: arms[:1], Outcome: lists.OutcomeConversion},
		"outcome":          {Arms: arms, Outcome: lists.OutcomeSuccess},
		"arms[1].hold_out": {Arms: []lists.Treatment{arms[1], arms[0]}, Outcome: lists.OutcomeConversion},
		"strata":           {Arms: arms, Outcome: lists.OutcomeConversion, Strata: "moon"},
		"planned":          {Arms: arms, Outcome: lists.OutcomeConversion, Planned: 3},
	} {
		_, err := c.begin(bad)
		require.ErrorAs(t, err, &input, field)
		require.Equal(t, field, input.Field)
	}
	e, err := c.begin(lists.NewExperiment{Arms: arms, Outcome: lists.OutcomeConversion, Seed: 7, Strata: "list"})
	require.NoError(t, err)
	_, err = c.begin(lists.NewExperiment{Arms: arms, Outcome: lists.OutcomeConversion})
	require.ErrorIs(t, err, lists.ErrExperimentRuns)
	for arm := range arms {
		require.Equal(t, 10, l.count(`SELECT count(*) FROM experiment_contacts WHERE experiment_id = $1 AND arm = $2`, e.ID, arm))
	}
	require.EqualValues(t, 10, c.sums().Excluded[lists.ReasonHoldOut])
	l.fill(list, 40, 42) // came after the draw: they are in no arm

	require.NoError(t, l.SetStatus(t.Context(), c.ID, lists.Running))
	epoch, err := l.Acquire(t.Context(), c.ID, "node", 10*time.Second)
	require.NoError(t, err)
	c.epoch = epoch
	got, err := l.Campaign(t.Context(), c.ID)
	require.NoError(t, err)
	r := c.claim(40)
	byArm := map[string]int{}
	for _, x := range r.Claims {
		name := ""
		if x.Contact.Treatment != nil {
			name = x.Contact.Treatment.Name
		}
		byArm[name]++
		want := got.Settings.CallerID
		if name == "number" {
			want = "+12125550177"
		}
		require.Equal(t, want, x.CallerID)
		require.Equal(t, 1, l.count(`SELECT count(*) FROM open_attempts WHERE id = $1 AND caller_id = $2`, x.Permit.Attempt(), want))
		id, _, _ := got.Settings.ScriptOf(&x.Contact)
		require.Equal(t, name == "script", id == script.ID)
	}
	require.Equal(t, map[string]int{"": 2, "number": 10, "script": 10}, byArm)
	require.EqualValues(t, 10, c.sums().WaitingFor[string(compliance.Hours)], "%v", now)
	sum := c.sums()
	require.Equal(t, sum.Loaded, sum.Dialable+sum.InFlight+sum.Finished+sum.Excluded[lists.ReasonHoldOut], "I14")
	var held uuid.UUID
	require.NoError(t, l.Pool().QueryRow(t.Context(), `SELECT contact_id FROM experiment_contacts WHERE experiment_id = $1 AND arm = 0 LIMIT 1`, e.ID).Scan(&held))
	_, err = c.wants(lists.KindManual, held, "")
	var refused *lists.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, lists.ReasonHoldOut, refused.Reason)

	at := l.clock().Add(time.Hour)
	done, err := l.ImportConversions(t.Context(), e.ID, []lists.Conversion{{Contact: held, At: at, Amount: 500}, {Contact: held, At: at.Add(time.Hour), Amount: 700}, {Phone: "+19995550100", At: at}})
	require.NoError(t, err)
	require.Equal(t, lists.Converted{Taken: 1, Unknown: 1}, done)
	_, err = l.ImportConversions(t.Context(), e.ID, []lists.Conversion{{Contact: held, At: at.AddDate(-9, 0, 0)}})
	require.ErrorAs(t, err, &input)
	c.finish(r.Claims[0], lists.Busy)
	x, err := l.ExperimentResult(t.Context(), e.ID)
	require.NoError(t, err)
	require.EqualValues(t, 10, x.Results[0].Drawn)
	require.Zero(t, x.Results[0].Called)
	require.EqualValues(t, 10, x.Results[1].Called)
	require.EqualValues(t, 1, x.Results[0].Conversion.N)
	require.EqualValues(t, 700, x.Results[0].Imported)
	require.Nil(t, x.Results[0].Uplift)
	require.Equal(t, experiment.TooEarly, x.Results[1].Uplift.Verdict)
	require.InDelta(t, -0.1, x.Results[1].Uplift.Diff, 1e-9)

	_, err = l.EndExperiment(t.Context(), e.ID, "enough", true)
	require.NoError(t, err)
	require.Zero(t, c.sums().Excluded[lists.ReasonHoldOut])
	require.Len(t, c.claim(40).Claims, 10, "those who were left alone; those whose hours were shut are due when these open")
}

// TestADrawIsBalancedInEveryStratum: the same seed gives the same draw, and one number has one arm.
func TestADrawIsBalancedInEveryStratum(t *testing.T) {
	l := newLedger(t)
	a, b := l.list(0, 30), l.list(20, 60)
	c := l.campaign(nil, a, b)
	require.NoError(t, l.SetStatus(t.Context(), c.ID, lists.Paused))
	arms := []lists.Treatment{{Name: "as it is", Weight: 2}, {Name: "looked at", Weight: 1, Preview: true}}
	e, err := c.begin(lists.NewExperiment{Arms: arms, Outcome: lists.OutcomeSuccess, Strata: "list", Seed: 11})
	require.NoError(t, err)
	require.Zero(t, l.count(`SELECT count(*) FROM (SELECT FROM experiment_contacts e JOIN contacts c ON c.id = e.contact_id GROUP BY c.phone HAVING count(DISTINCT e.arm) > 1) x`))
	again := func() string {
		var s string
		require.NoError(t, l.Pool().QueryRow(t.Context(), `SELECT string_agg(arm::text, '' ORDER BY contact_id) FROM experiment_contacts e JOIN experiments x ON x.id = e.experiment_id
			WHERE x.ended_at IS NULL`).Scan(&s))
		return s
	}
	first := again()
	_, err = l.EndExperiment(t.Context(), e.ID, "", false)
	require.NoError(t, err)
	_, err = c.begin(lists.NewExperiment{Arms: arms, Outcome: lists.OutcomeSuccess, Strata: "list", Seed: 11})
	require.NoError(t, err)
	require.Equal(t, first, again())
	require.InDelta(t, 23, l.count(`SELECT count(*) FROM experiment_contacts WHERE experiment_id = $1 AND arm = 1`, e.ID), 6)
}
