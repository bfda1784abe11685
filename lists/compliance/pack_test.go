package compliance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/lists/compliance"
)

func TestPacks(t *testing.T) {
	var ids []string
	rules := map[string]bool{}
	for _, p := range compliance.Packs() {
		ids = append(ids, p.ID)
		require.NotEmpty(t, p.Rules)
		for _, r := range p.Rules {
			require.False(t, rules[r.ID], "%s is in two packs", r.ID)
			rules[r.ID] = true
			require.Contains(t, []string{"V", "S"}, r.Mark, r.ID)
			require.Equal(t, p.ID, r.Pack())
			day, err := time.Parse(time.DateOnly, r.Verified)
			require.NoError(t, err)
			require.False(t, day.After(time.Now()), "%s was verified in the future", r.ID)
			for _, text := range []string{r.Title, r.TitleZH, r.Source} {
				require.NotEmpty(t, text, r.ID)
				require.NotContains(t, text, "?", "what is not sure is not shipped")
			}
			require.True(t, strings.ContainsFunc(r.TitleZH, func(c rune) bool { return c > 0x4e00 && c < 0x9fff }), r.TitleZH)
		}
	}
	require.Equal(t, []string{"au", "ca", "cn", "de", "fr", "gb", "it", "us-federal", "us-states"}, ids)
	require.Equal(t, []string{"us-federal", "us-states"}, compliance.PacksOf("US"))
	require.Empty(t, compliance.PacksOf("MX"))
	require.Nil(t, compliance.FindPack(compliance.Custom))
	require.Equal(t, "gb", compliance.FindPack("gb").ID)
}

const goodPack = `
id: xx
version: "2026-11-21"
covers: [XX]
title: Nowhere
title_zh: 乌有乡
calendars:
  xx: [{name: Day, name_zh: 日, on: "01-02", observed: {sat: 2}}]
rules:
  - id: xx.hours
    kind: hours
    hours: mon-fri 09:00-12:00 13:00-20:00, sat 22:00-02:00
    holidays: [xx]
    title: Hours
    title_zh: 时段
    source: nobody
    mark: S
    verified: "2026-11-21"
`

func TestParsePack(t *testing.T) {
	p, err := compliance.ParsePack([]byte(goodPack))
	require.NoError(t, err)
	require.Equal(t, compliance.Week{
		1: {{From: 540, To: 720}, {From: 780, To: 1200}}, 2: {{From: 540, To: 720}, {From: 780, To: 1200}}, 3: {{From: 540, To: 720}, {From: 780, To: 1200}},
		4: {{From: 540, To: 720}, {From: 780, To: 1200}}, 5: {{From: 540, To: 720}, {From: 780, To: 1200}}, 6: {{From: 1320, To: 120}},
	}, *p.Rules[0].Week)

	for name, change := range map[string][2]string{
		"unknown field":           {"mark: S", "mark: S\n    colour: red"},
		"unknown kind":            {"kind: hours", "kind: hour"},
		"memory only":             {"mark: S", "mark: M"},
		"no mark":                 {"mark: S", "mark: ''"},
		"no source":               {"source: nobody", "source: ''"},
		"no Chinese title":        {"title_zh: 时段", "title_zh: ''"},
		"no day of verification":  {`verified: "2026-11-21"`, `verified: ""`},
		"no day":                  {`verified: "2026-11-21"`, `verified: "2026-02-30"`},
		"parameter of another":    {"mark: S", "mark: S\n    max: 3"},
		"no such calendar":        {"holidays: [xx]", "holidays: [yy]"},
		"no such day of the week": {"mon-fri", "mon-fry"},
		"day twice":               {"sat 22", "fri 22"},
		"no hours":                {"hours: mon-fri 09:00-12:00 13:00-20:00, sat 22:00-02:00", "hours: ''"},
		"after midnight":          {"22:00-02:00", "22:00-25:00"},
		"no such date":            {`"01-02"`, `"02-30"`},
		"fifth Monday":            {`"01-02"`, `"5 mon jan"`},
		"no move":                 {"sat: 2", "sat: 9"},
		"region elsewhere":        {"mark: S", "mark: S\n    where: [US]"},
		"no region":               {"mark: S", "mark: S\n    where: [Xx]"},
		"no country":              {"covers: [XX]", "covers: [XX-AA]"},
		"no version":              {`version: "2026-11-21"`, `version: "1"`},
		"custom":                  {"id: xx\n", "id: custom\n"},
		"two documents":           {"id: xx\n", "id: xx\n---\nid: yy\n"},
		"rule twice":              {"rules:", "rules:\n  - {id: xx.hours, kind: consent, title: a, title_zh: b, source: c, mark: V, verified: \"2026-11-21\"}"},
		"activity":                {"mark: S", "mark: S\n    activities: [theft]"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, goodPack, change[0])
			_, err := compliance.ParsePack([]byte(strings.Replace(goodPack, change[0], change[1], 1)))
			require.Error(t, err)
		})
	}
	_, err = compliance.ParsePack(nil)
	require.Error(t, err)
}

func TestValidateCustom(t *testing.T) {
	week := compliance.Everyday(540, 1200)
	good := []compliance.Rule{
		{ID: "a1", Kind: compliance.Hours, Title: "x", Week: &week},
		{ID: "a2", Kind: compliance.Attempts, Title: "x", Max: 3, Window: 86400, Scope: "person"},
		{ID: "a3", Kind: compliance.Pause, Title: "x", After: "refusal", Ever: true},
		{ID: "a4", Kind: compliance.Pause, Title: "x", After: "conversation", Days: 7},
		{ID: "a5", Kind: compliance.Ring, Title: "x", Ring: 20},
		{ID: "a6", Kind: compliance.Registry, Title: "x", Region: "US-TX", MaxAge: 86400, Where: []string{"US-TX"}},
		{ID: "a7", Kind: compliance.Abandonment, Title: "x", Share: 0.02, Block: "day", Within: 2},
		{ID: "a8", Kind: compliance.Consent, Title: "x", From: "2026-01-01", To: "2026-12-31"},
		{ID: "a9", Kind: compliance.CallerID, Title: "x"},
		{ID: "b1", Kind: compliance.Keep, Title: "x", Window: 86400},
		{ID: "b2", Kind: compliance.Conduct, Title: "x"},
	}
	require.NoError(t, compliance.ValidateCustom(good))
	for field, change := range map[string]func(*compliance.Rule){
		"id":                 func(r *compliance.Rule) { r.ID = "A" },
		"id twice":           func(r *compliance.Rule) { r.ID = "a2" },
		"title":              func(r *compliance.Rule) { r.Title = "" },
		"kind":               func(r *compliance.Rule) { r.Kind = "law" },
		"hours":              func(r *compliance.Rule) { r.Week = nil },
		"hours wrong":        func(r *compliance.Rule) { r.Week = &compliance.Week{{{From: 5, To: 5}}} },
		"holidays":           func(r *compliance.Rule) { r.Holidays = []string{"us"} },
		"where":              func(r *compliance.Rule) { r.Where = []string{"us"} },
		"from":               func(r *compliance.Rule) { r.From = "1.1.2026" },
		"mark":               func(r *compliance.Rule) { r.Mark = "M" },
		"max":                func(r *compliance.Rule) { *r = good[1]; r.ID, r.Max = "z1", 0 },
		"window_seconds":     func(r *compliance.Rule) { *r = good[1]; r.ID, r.Window = "z1", 0 },
		"scope":              func(r *compliance.Rule) { *r = good[1]; r.ID, r.Scope = "z1", "house" },
		"after":              func(r *compliance.Rule) { *r = good[2]; r.ID, r.After = "z1", "lunch" },
		"window_seconds two": func(r *compliance.Rule) { *r = good[2]; r.ID, r.Days = "z1", 3 },
		"unless":             func(r *compliance.Rule) { *r = good[2]; r.ID, r.Unless = "z1", "rain" },
		"ring_seconds":       func(r *compliance.Rule) { *r = good[4]; r.ID, r.Ring = "z1", 121 },
		"region":             func(r *compliance.Rule) { *r = good[5]; r.ID, r.Region = "z1", "" },
		"max_age_seconds":    func(r *compliance.Rule) { *r = good[5]; r.ID, r.MaxAge = "z1", 0 },
		"share":              func(r *compliance.Rule) { *r = good[6]; r.ID, r.Share = "z1", 2 },
		"block":              func(r *compliance.Rule) { *r = good[6]; r.ID, r.Block = "z1", "week" },
	} {
		bad := append([]compliance.Rule(nil), good...)
		change(&bad[0])
		var wrong *compliance.RuleError
		require.ErrorAs(t, compliance.ValidateCustom(bad), &wrong, field)
		want, _, _ := strings.Cut(field, " ")
		require.Equal(t, want, wrong.Field)
	}
	_, err := compliance.Compile(compliance.Setup{Packs: []string{"gb", "gb"}})
	require.Error(t, err)
	_, err = compliance.Compile(compliance.Setup{Packs: []string{"../gb"}})
	require.Error(t, err)
}
