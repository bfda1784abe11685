package api_test

import (
	"encoding/csv"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/report"
	"github.com/dialtide/dialtide/lists"
)

// past writes attempts of a campaign, whose name a spreadsheet would run, and sums them up.
func (h *house) past(c lists.Campaign, n int) {
	h.t.Helper()
	for i := range n {
		_, err := h.pool.Exec(h.t.Context(), `INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until, rules, ended_at, outcome)
			VALUES ($1, '+12125550199', $2, $3, $4, $5, '+12125550100', 'power', 'n', 1, now() - interval '1 hour', now(), '', now(), $6)`,
			uuid.New(), c.ID, c.ListIDs[0], uuid.New(), c.TrunkID, []string{"busy", "no_answer"}[i%2])
		require.NoError(h.t, err)
	}
	_, err := report.NewFolder(h.store, nil, nil).Fold(h.t.Context())
	require.NoError(h.t, err)
}

func TestReportsOverTheAPI(t *testing.T) {
	h := open(t)
	c, _ := h.in(api.Supervisor)
	manager, _ := h.in(api.ListManager)
	made := h.campaign(manager)
	_, err := h.pool.Exec(t.Context(), `UPDATE campaigns SET name = '=HYPERLINK("x")' WHERE id = $1`, made.ID)
	require.NoError(t, err)
	h.past(made, 10)
	from, to := time.Now().UTC().AddDate(0, 0, -2).Format(time.DateOnly), time.Now().UTC().Format(time.DateOnly)
	path := "/api/reports?from=" + from + "&to=" + to
	var got report.Table
	require.Nil(t, h.call(c, "GET", path+"&compare=true&campaign_ids="+made.ID.String(), nil, &got))
	require.Len(t, got.Rows, 1)
	require.EqualValues(t, 10, *got.Rows[0].KPI["attempts"])
	require.EqualValues(t, 5, got.Rows[0].Sums["busy"])
	require.Nil(t, got.Rows[0].KPI["aht"])
	require.Nil(t, h.call(c, "GET", path+"&campaign_ids="+uuid.NewString(), nil, &got))
	require.Empty(t, got.Rows)

	for query, field := range map[string]string{"&zone=Mars": "zone", "&group=x": "query.group", "&campaign_ids=x": "query.campaign_ids"} {
		p := h.call(c, "GET", path+query, nil, nil)
		require.Equal(t, 422, p.Status, query)
		require.Contains(t, p.Fields[0].Location, field)
	}
	require.Equal(t, 422, h.call(c, "GET", "/api/reports?from=2099-01-01&to=2099-01-02", nil, nil).Status)
	require.Equal(t, 403, h.call(manager, "GET", path+"&group=agent", nil, nil).Status)
	require.Nil(t, h.call(manager, "GET", path+"&group=list", nil, nil))

	var heat report.Heat
	require.Nil(t, h.call(c, "GET", "/api/reports/heat?from="+from+"&to="+to, nil, &heat))
	require.Len(t, heat.Cells, 168)
	require.EqualValues(t, 10, heat.Unknown)
	var kpis struct{ Items []report.KPI }
	require.Nil(t, h.call(c, "GET", "/api/reports/definitions", nil, &kpis))
	require.Len(t, kpis.Items, len(report.KPIs))
	var ledgers struct{ Items []report.Ledger }
	require.Nil(t, h.call(c, "GET", "/api/abandonment?campaign_ids="+made.ID.String(), nil, &ledgers))
	require.Len(t, ledgers.Items[0].Windows, 3)
	require.Len(t, ledgers.Items[0].Days, 30)

	text := h.fileText(c, "/api/reports/heat/file?from="+from+"&to="+to)
	require.Contains(t, text, "Monday,0,0,0,0,–,–,–")
	require.Contains(t, text, "unknown,,10")
	require.Equal(t, 1+168+1, strings.Count(text, "\n"))
	text = h.fileText(manager, "/api/abandonment/file?days=2&campaign_ids="+made.ID.String())
	require.Equal(t, 1+3+2, strings.Count(text, "\n"))
	require.Contains(t, text, "'=HYPERLINK", "cells are harmless")
	require.Equal(t, []int{1, 1}, []int{h.audited("export.heat"), h.audited("export.abandonment")})
	for path, field := range map[string]string{"/api/reports/heat/file?from=2099-01-01&to=2099-01-02": "query.from", "/api/reports/heat/file?from=" + from + "&to=" + to + "&zone=../x": "query.zone",
		"/api/abandonment/file?days=93": "query.days", "/api/abandonment/file?campaign_ids=x": "query.campaign_ids"} {
		require.Equal(t, field, h.call(c, "GET", path, nil, nil).Fields[0].Location)
	}
	require.Equal(t, 1, h.audited("export.heat"), "what was refused is no export")
}

func TestAReportAsAFileIsHarmlessAndAudited(t *testing.T) {
	h := open(t)
	c, _ := h.in(api.Supervisor)
	manager, _ := h.in(api.ListManager)
	made := h.campaign(manager)
	_, err := h.pool.Exec(t.Context(), `UPDATE campaigns SET name = '=HYPERLINK("x")' WHERE id = $1`, made.ID)
	require.NoError(t, err)
	h.past(made, 4)
	day := time.Now().UTC()
	path := h.url + "/api/reports/file?from=" + day.AddDate(0, 0, -1).Format(time.DateOnly) + "&to=" + day.Format(time.DateOnly)
	resp, problem := request(t, c, "GET", path+"&language=zh-CN", http.NoBody)
	require.Nil(t, problem)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff")))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	require.NoError(t, err)
	require.Equal(t, "拨打次数", rows[0][2])
	require.Equal(t, `'=HYPERLINK("x")`, rows[1][1])
	require.Equal(t, "4", rows[1][2])
	require.Equal(t, "合计", rows[2][0])
	require.Contains(t, string(text), "有效接触 ÷ 拨打次数")
	require.Equal(t, 1, h.audited("export.report"))
	resp, problem = request(t, c, "GET", path+"&format=xlsx", http.NoBody)
	require.Nil(t, problem)
	head := make([]byte, 2)
	_, err = io.ReadFull(resp.Body, head)
	require.NoError(t, err)
	require.Equal(t, "PK", string(head))
	for _, bad := range []string{"&format=pdf", "&zone=x", "&campaign_ids=1", "&group=nothing"} {
		_, problem := request(t, c, "GET", path+bad, http.NoBody)
		require.Equal(t, 422, problem.Status, bad)
	}
	require.Equal(t, 2, h.audited("export.report"), "what was refused is no export")
}

func TestCostsAreSetAndAudited(t *testing.T) {
	h := open(t)
	c, _ := h.in(api.Supervisor)
	manager, _ := h.in(api.ListManager)
	made := h.campaign(manager)
	path := "/api/campaigns/" + made.ID.String() + "/costs"
	var got struct{ Items []report.Rates }
	require.Nil(t, h.call(c, "GET", path, nil, &got))
	require.Empty(t, got.Items)
	row := report.Rates{Since: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Currency: "EUR", Call: 0.02, Labour: 21.5}
	require.Nil(t, h.call(c, "PUT", path, object{"items": []report.Rates{row}}, &got))
	require.Equal(t, []report.Rates{row}, got.Items)
	require.Equal(t, 1, h.audited("campaign.costs"))
	require.Equal(t, 422, h.call(c, "PUT", path, object{"items": []report.Rates{row, row}}, nil).Status)
	require.Equal(t, 404, h.call(c, "GET", "/api/campaigns/"+uuid.NewString()+"/costs", nil, nil).Status)
	admin, _ := h.in(api.Admin)
	var done api.Rebuilt
	require.Nil(t, h.call(admin, "POST", "/api/reports/rebuild", object{"from": time.Now().Add(-time.Hour), "to": time.Now()}, &done))
	require.Equal(t, 422, h.call(admin, "POST", "/api/reports/rebuild", object{"from": time.Now().AddDate(-1, 0, 0), "to": time.Now()}, nil).Status)
}
