package api

import (
	"context"
	"io"
	"net/http"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/api/report"
)

func scheduleRoutes() []route {
	who := only(Supervisor)
	return []route{
		{method: "GET", path: "/api/report-schedules", id: "list-report-schedules", tag: "Reports", summary: "Reports that are sent at set times, with what became of the last one", access: who, serve: op((*Server).reportSchedules)},
		{method: "POST", path: "/api/report-schedules", id: "create-report-schedule", tag: "Reports", summary: "Have a report sent by mail or webhook at set times of a zone; each time it is sent once", access: who, status: 201, errors: []int{404}, serve: op((*Server).postReportSchedule)},
		{method: "PUT", path: "/api/report-schedules/{id}", id: "update-report-schedule", tag: "Reports", summary: "Change a schedule; the revision must be the newest", access: who, errors: []int{404, 409}, serve: op((*Server).putReportSchedule)},
		{method: "DELETE", path: "/api/report-schedules/{id}", id: "delete-report-schedule", tag: "Reports", summary: "Send it no more", access: who, errors: []int{404}, serve: op((*Server).deleteReportSchedule)},
	}
}

// newSchedules wires the sending of reports.
func newSchedules(s *Server) *report.Schedules {
	return report.NewSchedules(s.opts.Pool, report.Sending{
		Read: s.reports, Mail: s.opts.Mail, Log: s.opts.Log, Done: func(result string) { s.metrics.reports.WithLabelValues(result).Inc() },
		Render: func(w io.Writer, t report.Table, format string, zh bool) error {
			return writeReport(w, http.Header{}, t, format, zh)
		},
		Audit: func(ctx context.Context, object string, detail map[string]any) error {
			return s.opts.Store.Audit(ctx, uuid.Nil, "export.report", object, detail)
		},
	})
}

func (s *Server) reportSchedules(ctx context.Context, _ *struct{}) (*body[page[report.Schedule]], error) {
	all, err := s.schedules.All(ctx)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

// ScheduleForm is what a person says of a schedule.
type ScheduleForm struct {
	Name     string          `json:"name" minLength:"1" maxLength:"120"`
	Plan     report.SendPlan `json:"plan"`
	Way      string          `json:"way" enum:"mail,webhook"`
	Target   string          `json:"target" minLength:"1" maxLength:"1000" doc:"of mail: addresses with commas; of webhook: its name"`
	Format   string          `json:"format" enum:"csv,xlsx" default:"xlsx"`
	Language string          `json:"language" enum:"en,zh-CN" default:"en"`
	Zone     string          `json:"zone" maxLength:"60"`
	Enabled  bool            `json:"enabled" default:"true"`
	Revision int             `json:"revision,omitempty" doc:"of a change: the newest"`
}

func (f ScheduleForm) schedule(id uuid.UUID) report.Schedule {
	return report.Schedule{ID: id, Name: f.Name, Plan: f.Plan, Way: f.Way, Target: f.Target, Format: f.Format, Language: f.Language, Zone: f.Zone, Enabled: f.Enabled, Revision: f.Revision}
}

type newScheduleInput struct {
	Body ScheduleForm
}

func (s *Server) postReportSchedule(ctx context.Context, in *newScheduleInput) (*body[report.Schedule], error) {
	return s.saveSchedule(ctx, in.Body.schedule(uuid.Nil))
}

type scheduleInput struct {
	ByID
	Body ScheduleForm
}

func (s *Server) putReportSchedule(ctx context.Context, in *scheduleInput) (*body[report.Schedule], error) {
	if _, err := s.schedules.Get(ctx, in.ID); err != nil {
		return nil, err
	}
	return s.saveSchedule(ctx, in.Body.schedule(in.ID))
}

// saveSchedule writes down first who has what sent to whom.
func (s *Server) saveSchedule(ctx context.Context, n report.Schedule) (*body[report.Schedule], error) {
	if err := s.audit(ctx, "report.schedule", "report-schedule", n.ID.String(), map[string]any{"name": n.Name, "plan": n.Plan, "way": n.Way, "to": n.Target, "enabled": n.Enabled}); err != nil {
		return nil, err
	}
	made, err := s.schedules.Put(ctx, userOf(ctx).ID, n)
	if err != nil {
		return nil, err
	}
	return &body[report.Schedule]{made}, nil
}

func (s *Server) deleteReportSchedule(ctx context.Context, in *ByID) (*struct{}, error) {
	if err := s.audit(ctx, "report.schedule.delete", "report-schedule", in.ID.String(), nil); err != nil {
		return nil, err
	}
	return nil, s.schedules.Delete(ctx, in.ID)
}
