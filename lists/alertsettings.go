package lists

import "math"

// AlertSettings say from when on something about a campaign is worth an alert.
type AlertSettings struct {
	AlertNear float64 `json:"alert_near,omitempty" minimum:"0" maximum:"1" doc:"share of the abandonment cap from which an alert is raised; 0: 0.8"`
	AlertIdle Seconds `json:"alert_idle,omitempty" minimum:"0" maximum:"28800" doc:"seconds after which an agent who is ready without a call is idle; 0: 300"`
}

// Near is AlertNear with its default.
func (s AlertSettings) Near() float64 {
	if s.AlertNear == 0 {
		return 0.8
	}
	return s.AlertNear
}

// Idle is AlertIdle with its default.
func (s AlertSettings) Idle() Seconds {
	if s.AlertIdle == 0 {
		return 300
	}
	return s.AlertIdle
}

func (s AlertSettings) validate() (errs []FieldError) {
	if math.IsNaN(s.AlertNear) || s.AlertNear < 0 || s.AlertNear > 1 {
		errs = append(errs, FieldError{"alert_near", "must be between 0 and 1"})
	}
	if s.AlertIdle < 0 || s.AlertIdle > 28800 {
		errs = append(errs, FieldError{"alert_idle", "must be between 0 seconds and 8 hours"})
	}
	return errs
}
