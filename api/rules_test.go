package api_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
)

func TestRulePacksAreShownWithTheirSources(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	packs, err := manager.RulePacks(t.Context())
	require.NoError(t, err)
	require.Len(t, packs, len(compliance.Packs()))
	for i, p := range compliance.Packs() {
		require.Equal(t, p.ID, packs[i].ID)
		require.Len(t, packs[i].Rules, len(p.Rules))
		for j, r := range packs[i].Rules {
			require.Equal(t, p.Rules[j].Title, r.Title)
			require.NotEmpty(t, r.TitleZH)
			require.NotEmpty(t, r.Source)
			require.Equal(t, p.Rules[j].Week, r.Week)
		}
		require.Equal(t, p.Calendars, packs[i].Calendars)
	}
}

func TestRulesCanBeTried(t *testing.T) {
	h := open(t)
	supervisor, _ := h.in(api.Supervisor)
	at := time.Date(2026, 3, 16, 0, 30, 0, 0, time.UTC) // Sunday, 20:30 in New York
	q := api.RuleQuestion{Phone: "(305) 234-5678", Country: "US", Packs: []string{"us-federal", "us-states"}, At: &at, CallerID: "+12125550100",
		Registries: map[string]time.Time{"US": at}, Fields: map[string]string{"State": "California"}}
	v, err := supervisor.CheckRules(t.Context(), q)
	require.NoError(t, err)
	require.False(t, v.Permit)
	require.Equal(t, "us-fl.hours", v.Rule)
	require.Equal(t, compliance.Hours, v.Kind)
	require.Equal(t, time.Date(2026, 3, 16, 15, 0, 0, 0, time.UTC), *v.Until, "8:00 in California")
	require.Equal(t, "+13052345678", v.Phone)
	require.Equal(t, "US-FL", v.Number.Region)
	require.Equal(t, "US-CA", v.Address.Region)
	require.NotEmpty(t, v.Why)
	require.NotEmpty(t, v.WhyZH)
	require.NotEmpty(t, v.Answers)

	week := compliance.Everyday(540, 600)
	at = at.Add(-3 * time.Hour)
	q.Custom = []compliance.Rule{{ID: "mine", Kind: compliance.Hours, Title: "mornings", Week: &week}}
	v, err = supervisor.CheckRules(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, "mine", v.Rule)
	q.Custom = nil
	v, err = supervisor.CheckRules(t.Context(), q)
	require.NoError(t, err)
	require.True(t, v.Permit, "%+v", v)
	require.Nil(t, v.Until)

	for field, change := range map[string]func(*api.RuleQuestion){
		"body.phone": func(q *api.RuleQuestion) { q.Phone = "hello" },
		"body.packs": func(q *api.RuleQuestion) { q.Packs = []string{"atlantis"} },
	} {
		bad := q
		change(&bad)
		_, err := supervisor.CheckRules(t.Context(), bad)
		refused(t, err, 422, "invalid_input")
		require.ErrorContains(t, err, field)
	}
	refused(t, supervisor.CorrectAttempt(t.Context(), uuid.New(), lists.Abandoned, "somebody said hello"), 404, "not_found")
	agent, _ := h.in(api.Agent)
	_, err = agent.RulePacks(t.Context())
	refused(t, err, 403, "forbidden")
}
