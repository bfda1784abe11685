package api

import (
	"context"

	"github.com/dialtide/dialtide/api/alert"
)

func alertRoutes() []route {
	see := only(Supervisor)
	return []route{
		{method: "GET", path: "/api/alerts", id: "list-alerts", tag: "Supervision", summary: "What needs a supervisor, newest first, and what did; open ones are on the stream, too", access: see, serve: op((*Server).alertList)},
		{method: "POST", path: "/api/alerts/{id}/ack", id: "ack-alert", tag: "Supervision", summary: "Say that I look after an open alert; the first who says so stays noted", access: see, errors: []int{404}, serve: op((*Server).ackAlert)},
	}
}

type alertsInput struct {
	Open  bool `query:"open" doc:"only those that are not over"`
	Limit int  `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *Server) alertList(ctx context.Context, in *alertsInput) (*body[page[alert.Alert]], error) {
	all, err := s.alerts.Alerts(ctx, in.Open, in.Limit)
	if err != nil {
		return nil, err
	}
	return items(all), nil
}

func (s *Server) ackAlert(ctx context.Context, in *ByID) (*body[alert.Alert], error) {
	if err := s.audit(ctx, "alert.ack", "alert", in.ID.String(), nil); err != nil {
		return nil, err
	}
	a, err := s.alerts.Acknowledge(ctx, userOf(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[alert.Alert]{a}, nil
}
