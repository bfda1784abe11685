package api

import (
	"context"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dialtide/dialtide/api/report"
)

func reportTableRoutes() []route {
	look := only(Supervisor, ListManager)
	campaigns := askParam("campaign_ids", &huma.Schema{Type: "array", Items: &huma.Schema{Type: "string", Format: "uuid"}})
	day := func(name string) *huma.Param {
		p := askParam(name, &huma.Schema{Type: "string", Format: "date"})
		p.Required = true
		return p
	}
	return []route{
		{method: "GET", path: "/api/reports/heat/file", id: "export-report-heat", tag: "Reports", summary: "Contact rate by hour and weekday of the callee as CSV or XLSX; leaves an audit row first", access: look, timeout: reportTimeout, errors: []int{422}, serve: sheetOf("export.heat", "report", (*Server).heatFile, day("from"), day("to"), askParam("zone", &huma.Schema{Type: "string", Default: "UTC"}), campaigns)},
		{method: "GET", path: "/api/abandonment/file", id: "export-abandonment", tag: "Reports", summary: "The abandonment ledger's windows and days as CSV or XLSX; leaves an audit row first", access: look, timeout: reportTimeout, errors: []int{422}, serve: sheetOf("export.abandonment", "report", (*Server).abandonmentFile, campaigns, askParam("days", &huma.Schema{Type: "integer", Default: 30}))},
	}
}

func (s *Server) heatFile(ctx context.Context, ask *sheetAsk) (f sheetFile, err error) {
	q := report.Question{From: ask.Get("from"), To: ask.Get("to"), Zone: ask.Get("zone")}
	if q.Zone == "" {
		q.Zone = "UTC"
	}
	if q.Campaigns, err = idList(ask.Values["campaign_ids"]); err != nil {
		return f, err
	}
	heat, err := s.reports.HeatMap(ctx, q)
	if err != nil {
		return f, err
	}
	f = sheetFile{texts: 1, name: "heat-" + q.From + "-" + q.To, target: "heat", head: []string{"weekday", "hour", "attempts", "connects", "contacts", "contact_rate", "low_95", "high_95"}}
	for i, c := range heat.Cells {
		low, high := &c.Low, &c.High
		if c.Rate == nil {
			low, high = nil, nil
		}
		f.add(time.Weekday((i/24+1)%7).String(), strconv.Itoa(i%24), countCell(c.Attempts), countCell(c.Connects), countCell(c.Contacts), decimalCell(c.Rate, 5), decimalCell(low, 5), decimalCell(high, 5))
	}
	f.add("unknown", "", countCell(heat.Unknown))
	return f, nil
}

func (s *Server) abandonmentFile(ctx context.Context, ask *sheetAsk) (f sheetFile, err error) {
	ids, err := idList(ask.Values["campaign_ids"])
	if err != nil {
		return f, err
	}
	days := ask.number("days", 0, report.LedgerDays, 30)
	if ask.bad != nil {
		return f, ask.bad
	}
	all, err := s.reports.Ledgers(ctx, ids, days)
	if err != nil {
		return f, err
	}
	f = sheetFile{texts: 6, name: "abandonment", target: "abandonment", head: []string{"campaign", "zone", "window", "from", "until", "kept_by_dialling", "live_answers", "abandoned", "taken_for_machines", "rate", "cap"}}
	for _, l := range all {
		limit := decimalCell(&l.Cap, 5)
		counts := func(window, from, until, kept string, c report.LedgerCounts) {
			f.add(l.Name, l.Zone, window, from, until, kept, countCell(c.Live), countCell(c.Abandoned), countCell(c.AMDFalse), decimalCell(c.Rate, 5), limit)
		}
		for _, w := range l.Windows {
			counts(string(w.Span), w.Start.Format(time.RFC3339), w.End.Format(time.RFC3339), strconv.FormatBool(w.Enforced), w.LedgerCounts)
		}
		for _, d := range l.Days {
			counts("one day", d.Day, "", "", d.LedgerCounts)
		}
	}
	return f, nil
}
