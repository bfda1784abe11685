package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/api/report"
	"github.com/dialtide/dialtide/lists"
)

const reportTimeout = 30 * time.Second

func reportRoutes() []route {
	look := only(Supervisor, ListManager)
	return []route{
		{method: "GET", path: "/api/reports", id: "get-report", tag: "Reports", summary: "Numbers of a period by campaign, list, segment, agent, hour, day, month, script version, caller ID, trunk or mode", access: look, timeout: reportTimeout, serve: op((*Server).report)},
		{method: "GET", path: "/api/reports/definitions", id: "get-report-definitions", tag: "Reports", summary: "What each number means: name, unit and formula in both languages", access: look, serve: op((*Server).reportDefinitions)},
		{method: "GET", path: "/api/reports/heat", id: "get-report-heat", tag: "Reports", summary: "Contact rate by hour and weekday of the callee, with n and confidence bounds", access: look, timeout: reportTimeout, serve: op((*Server).reportHeat)},
		{method: "GET", path: "/api/reports/file", id: "export-report", tag: "Reports", summary: "A report as a CSV or XLSX file; leaves an audit row first", access: look, timeout: reportTimeout, errors: []int{422}, serve: raw((*Server).exportReport, documentReportFile)},
		{method: "POST", path: "/api/reports/rebuild", id: "rebuild-reports", tag: "Reports", summary: "Sum up days again from the raw rows, at most 31 at a time; the result is the same", access: only(), timeout: 10 * time.Minute, serve: op((*Server).rebuildReports)},
		{method: "GET", path: "/api/abandonment", id: "get-abandonment", tag: "Reports", summary: "Live answers and abandoned calls of campaigns in all legal windows at once, and by day", access: look, serve: op((*Server).abandonment)},
		{method: "GET", path: "/api/campaigns/{id}/costs", id: "get-campaign-costs", tag: "Reports", summary: "What a campaign costs and earns, by time", access: look, errors: []int{404}, serve: op((*Server).campaignCosts)},
		{method: "PUT", path: "/api/campaigns/{id}/costs", id: "put-campaign-costs", tag: "Reports", summary: "Replace a campaign's cost settings; reports of the past follow them", access: look, errors: []int{404}, serve: op((*Server).putCampaignCosts)},
	}
}

// ReportAsk is a question as a query string.
type ReportAsk struct {
	From      string   `query:"from" required:"true" format:"date" doc:"first day in the zone"`
	To        string   `query:"to" required:"true" format:"date" doc:"last day; at most three years after the first"`
	Zone      string   `query:"zone" default:"UTC" maxLength:"60" doc:"IANA zone whose days and hours count"`
	Campaigns []string `query:"campaign_ids" maxItems:"500" doc:"missing: all"`
}

type reportInput struct {
	ReportAsk
	Group   string `query:"group" default:"campaign" enum:"campaign,list,segment,agent,hour,day,month,version,caller,trunk,mode"`
	Compare bool   `query:"compare" doc:"also tell the KPIs of as many days before"`
}

func (in ReportAsk) question() (report.Question, error) {
	ids, err := idList(in.Campaigns)
	return report.Question{From: in.From, To: in.To, Zone: in.Zone, Campaigns: ids}, err
}

// idList reads the campaigns that a question is about.
func idList(texts []string) (ids []uuid.UUID, err error) {
	for _, text := range splitList(texts) {
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, invalid("query.campaign_ids", "must be UUIDs with commas between them")
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// asked says that what is wrong is in the query string.
func asked(err error) error {
	var input *lists.InputError
	if errors.As(err, &input) {
		return invalid("query."+input.Field, input.Reason)
	}
	return err
}

// mayGroup keeps what single agents do from those who do not lead them.
func mayGroup(ctx context.Context, g report.Group) error {
	if g == "agent" && userOf(ctx).Role == ListManager {
		return newProblem(http.StatusForbidden, "forbidden", "reports by agent are for supervisors")
	}
	return nil
}

func (s *Server) report(ctx context.Context, in *reportInput) (*body[report.Table], error) {
	q, err := in.question()
	q.Group, q.Compare = report.Group(in.Group), in.Compare
	if err == nil {
		err = mayGroup(ctx, q.Group)
	}
	if err != nil {
		return nil, err
	}
	out, err := s.reports.Report(ctx, q)
	if err != nil {
		return nil, asked(err)
	}
	return &body[report.Table]{out}, nil
}

func (s *Server) reportDefinitions(context.Context, *struct{}) (*body[page[report.KPI]], error) {
	return items(report.KPIs), nil
}

func (s *Server) reportHeat(ctx context.Context, in *ReportAsk) (*body[report.Heat], error) {
	q, err := in.question()
	if err != nil {
		return nil, err
	}
	out, err := s.reports.HeatMap(ctx, q)
	if err != nil {
		return nil, asked(err)
	}
	return &body[report.Heat]{out}, nil
}

type rebuildInput struct {
	Body struct {
		From time.Time `json:"from"`
		To   time.Time `json:"to"`
	}
}

// Rebuilt says what a rebuild found.
type Rebuilt struct {
	Slots int `json:"slots" doc:"quarters of an hour of campaigns that had something in them"`
}

const rebuildMost = 31 * 24 * time.Hour

func (s *Server) rebuildReports(ctx context.Context, in *rebuildInput) (*body[Rebuilt], error) {
	if in.Body.To.Sub(in.Body.From) > rebuildMost {
		return nil, &lists.InputError{Field: "to", Reason: "at most 31 days at a time; `dialtide reports rebuild` has no such limit"}
	}
	if err := s.audit(ctx, "reports.rebuild", "reports", in.Body.From.UTC().Format(time.RFC3339), map[string]any{"to": in.Body.To}); err != nil {
		return nil, err
	}
	n, err := s.folder.Rebuild(ctx, in.Body.From, in.Body.To, nil)
	if err != nil {
		return nil, err
	}
	return &body[Rebuilt]{Rebuilt{n}}, nil
}

type abandonmentInput struct {
	Campaigns []string `query:"campaign_ids" maxItems:"500" doc:"missing: all that are not stopped"`
	Days      int      `query:"days" minimum:"0" maximum:"92" default:"30" doc:"how many last days to tell one by one"`
}

func (s *Server) abandonment(ctx context.Context, in *abandonmentInput) (*body[page[report.Ledger]], error) {
	ids, err := idList(in.Campaigns)
	if err != nil {
		return nil, err
	}
	all, err := s.reports.Ledgers(ctx, ids, in.Days)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

func (s *Server) campaignCosts(ctx context.Context, in *ByID) (*body[page[report.Rates]], error) {
	if _, err := s.opts.Store.Campaign(ctx, in.ID); err != nil {
		return nil, err
	}
	all, err := s.reports.Rates(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

type costsInput struct {
	ByID
	Body struct {
		Items []report.Rates `json:"items" maxItems:"100" nullable:"false"`
	}
}

func (s *Server) putCampaignCosts(ctx context.Context, in *costsInput) (*body[page[report.Rates]], error) {
	if err := report.CheckRates(in.Body.Items); err != nil {
		return nil, err
	}
	before, err := s.campaignCosts(ctx, &in.ByID)
	if err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "campaign.costs", "campaign", in.ID.String(), map[string]any{"from": before.Body.Items, "to": in.Body.Items}); err != nil {
		return nil, err
	}
	if err := s.folder.PutRates(ctx, in.ID, in.Body.Items); err != nil {
		return nil, err
	}
	return s.campaignCosts(ctx, &in.ByID)
}
