package dialer

import (
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/dialer/call"
)

// BoardCall is a call's row on the supervisors' board.
type BoardCall struct {
	AttemptID   uuid.UUID  `json:"attempt_id"`
	CampaignID  uuid.UUID  `json:"campaign_id"`
	ContactID   uuid.UUID  `json:"contact_id"`
	ContactName string     `json:"contact_name"`
	Phone       string     `json:"phone"`
	State       string     `json:"state"`     // as dialer/call names it
	Direction   string     `json:"direction"` // outbound or inbound
	Since       time.Time  `json:"since"`
	AgentID     *uuid.UUID `json:"agent_id"`
}

// BoardCampaign is a campaign's row on the supervisors' board.
type BoardCampaign struct {
	ID         uuid.UUID `json:"id"`
	Name       string    `json:"name"`
	Status     string    `json:"status"`
	Mode       string    `json:"mode"`
	Ready      int       `json:"ready"`
	Leaving    int       `json:"leaving"`
	Reserved   int       `json:"reserved"`
	Talking    int       `json:"talking"`
	WrapUp     int       `json:"wrap_up"`
	NotReady   int       `json:"not_ready"`
	Dialing    int       `json:"dialing"` // calls placed and not answered
	Waiting    int       `json:"waiting"` // callees without an agent
	InCalls    int       `json:"in_calls"`
	Dials      int64     `json:"dials"`     // since this process began
	Live       int64     `json:"live"`      // answered by a person, in the legal window with the highest rate
	Abandoned  int64     `json:"abandoned"` // of those
	Rate       float64   `json:"abandon_rate"`
	Target     float64   `json:"abandon_target"`
	Budget     int       `json:"budget"`      // calls that may still be over-dialled
	Limit      string    `json:"limit"`       // what keeps the pace from being higher
	ServerTime time.Time `json:"server_time"` // when this was true
}

func (l *liveCall) board(now time.Time) BoardCall {
	b := BoardCall{AttemptID: l.id, CampaignID: l.c.id, ContactID: l.contact.ID, ContactName: l.contact.Name, Phone: l.contact.Phone,
		State: l.m.State.String(), Direction: "outbound", Since: now}
	if l.inbound {
		b.Direction = "inbound"
	}
	if l.m.State == call.Connecting || l.m.State == call.Talking {
		id := l.seat.Agent
		b.AgentID = &id
	}
	return b
}

// show keeps the decision for the page that explains it, and publishes the campaign's row, a few times a second at most.
func (c *campaign) show(now time.Time, w *wish) {
	sample := c.pace.record(now, w)
	publish := c.e.cfg.PublishBoard
	if publish == nil {
		return
	}
	if sample != nil {
		publish("pacing/"+c.id.String(), PacingRow{CampaignID: c.id, PacingSample: *sample})
	}
	if c.owed = now.Sub(c.shown) < boardPause; c.owed {
		return
	}
	c.shown = now
	p := c.plan.Load()
	k := c.e.floor.Counts(c.id)
	inFlight, wait := c.pendings()
	count := c.pace.tightest()
	publish("campaign/"+c.id.String(), BoardCampaign{ID: c.id, Name: p.campaign.Name, Status: string(p.campaign.Status), Mode: string(p.mode),
		Ready: k.Ready, Leaving: k.Leaving, Reserved: k.Reserved, Talking: k.Talking, WrapUp: k.WrapUp, NotReady: k.NotReady,
		Dialing: inFlight, Waiting: wait, InCalls: int(c.count[seated].Load()), Dials: c.dials.Load(), Live: count.Live, Abandoned: count.Abandoned,
		Rate: rate(count), Target: p.campaign.Settings.AbandonTarget, Budget: w.Budget, Limit: string(w.Limit), ServerTime: now})
}
