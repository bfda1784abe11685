package api

import (
	"context"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/dialtide/dialtide/recording/quality"
)

func qualityFileRoutes() []route {
	spans := idParams("agent_id", "team_id", "campaign_id", "card_id")
	weeks := askParam("weeks", &huma.Schema{Type: "integer", Default: 12})
	return []route{
		{method: "GET", path: "/api/quality/coaching/file", id: "export-coaching-list", tag: "Quality", summary: "The coaching list as CSV or XLSX: agents, agents' questions and all agents' questions; leaves an audit row first", access: only(Supervisor), timeout: reportTimeout, errors: []int{422}, serve: sheetOf("export.coaching", "quality", (*Server).coachingFile, slices.Concat(momentParams("from", "to"), spans)...)},
		{method: "GET", path: "/api/quality/tasks/file", id: "export-coaching-tasks", tag: "Quality", summary: "Coaching tasks as CSV or XLSX, at most 500; agents get their own; leaves an audit row first", access: only(Agent, Supervisor), timeout: reportTimeout, errors: []int{422}, serve: sheetOf("export.coaching_tasks", "quality", (*Server).tasksFile, idParams("agent_id")...)},
		{method: "GET", path: "/api/quality/trend/file", id: "export-quality-trend", tag: "Quality", summary: "Scores by week as CSV or XLSX; agents get their own; leaves an audit row first", access: only(Agent, Supervisor), timeout: reportTimeout, errors: []int{422}, serve: sheetOf("export.trend", "quality", (*Server).trendFile, append(spans, weeks)...)},
	}
}

func (s *Server) coachingFile(ctx context.Context, ask *sheetAsk) (f sheetFile, err error) {
	in := weaknessInput{From: ask.moment("from"), To: ask.moment("to"), Agent: ask.id("agent_id"), Team: ask.id("team_id"), Campaign: ask.id("campaign_id"), Card: ask.id("card_id")}
	if ask.bad != nil {
		return f, ask.bad
	}
	found, err := s.weakness(ctx, &in)
	if err != nil {
		return f, err
	}
	f = sheetFile{texts: 4, name: "coaching-" + in.From.UTC().Format(time.DateOnly) + "-" + in.To.UTC().Format(time.DateOnly), target: named(in.Agent),
		head: []string{"what", "agent", "scorecard", "question", "evaluations", "missed", "fatal", "mean_score", "lost_on_average", "open_tasks"}}
	for _, a := range found.Body.Agents {
		f.add("agent", a.Agent, "", "", countCell(a.N), "", countCell(a.Fatal), decimalCell(&a.Score, 2), "", countCell(a.Open))
	}
	weak := func(what string, all []quality.Weak) {
		for _, w := range all {
			f.add(what, w.Agent, w.Card, w.Text, countCell(w.N), countCell(w.Missed), countCell(w.Fatal), "", decimalCell(&w.Lost, 2), countCell(w.Open))
		}
	}
	weak("agent and question", found.Body.Pairs)
	weak("question", found.Body.Questions)
	return f, nil
}

func (s *Server) tasksFile(ctx context.Context, ask *sheetAsk) (f sheetFile, err error) {
	in := tasksInput{Agent: ask.id("agent_id"), Limit: 500}
	found, err := s.coachingTasks(ctx, &in)
	if err != nil {
		return f, err
	}
	f = sheetFile{texts: 9, name: "coaching-tasks", target: named(in.Agent), head: []string{"agent", "question", "text", "due_on", "created_by", "created_at", "done_at", "done_by", "outcome"}}
	moment := func(t *time.Time, form string) string {
		if t == nil {
			return ""
		}
		return t.UTC().Format(form)
	}
	for _, x := range found.Body.Items {
		f.add(x.Agent, x.QuestionText, x.Text, moment(x.DueOn, time.DateOnly), x.CreatedBy, x.CreatedAt.UTC().Format(time.RFC3339), moment(x.DoneAt, time.RFC3339), x.DoneBy, x.Outcome)
	}
	return f, nil
}

func (s *Server) trendFile(ctx context.Context, ask *sheetAsk) (f sheetFile, err error) {
	in := trendInput{Agent: ask.id("agent_id"), Team: ask.id("team_id"), Campaign: ask.id("campaign_id"), Card: ask.id("card_id"), Weeks: ask.number("weeks", 1, 104, 12)}
	if ask.bad != nil {
		return f, ask.bad
	}
	found, err := s.qualityTrend(ctx, &in)
	if err != nil {
		return f, err
	}
	t := found.Body
	f = sheetFile{texts: 1, name: "trend", target: named(t.AgentID), head: []string{"week", "evaluations", "mean_score", "half_interval_95", "compared_with", "their_evaluations", "their_mean_score", "their_half_interval_95"}}
	against := t.Against
	if t.AgentID == uuid.Nil {
		against = ""
	}
	for _, w := range t.Weeks {
		f.add(w.Week.UTC().Format(time.DateOnly), countCell(w.N), decimalCell(w.Mean, 2), decimalCell(w.Half, 2), against, countCell(w.TeamN), decimalCell(w.TeamMean, 2), decimalCell(w.TeamHalf, 2))
	}
	return f, nil
}

// named is who an export is about; empty: all whom the caller leads.
func named(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}
