package dialer

import (
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/pacing"
)

// PacingStatus says how a campaign is paced, why so, and how that came out over the last fifteen minutes.
type PacingStatus struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	Here       bool      `json:"here" doc:"this process dials the campaign, or has done so since it was last started; otherwise there are no samples, and the rest is empty"`

	Mode         string       `json:"mode" enum:"preview,progressive,power,predictive" doc:"way of pacing in use"`
	Target       float64      `json:"target" doc:"cap on abandoned calls over live answers"`
	Caution      string       `json:"caution" enum:"window,strict"`
	Aim          string       `json:"aim" enum:"abandonment,occupancy,wait"`
	AimValue     float64      `json:"aim_value"`
	MaxOccupancy float64      `json:"max_occupancy" doc:"0: none"`
	MaxLines     int          `json:"max_lines" doc:"0: none"`
	Windows      []PacingSpan `json:"windows" doc:"legal windows in which the cap holds, with what was counted in them so far"`

	Now           *PacingSample  `json:"now" doc:"the present decision; null before the first"`
	Dialled       int64          `json:"dialled" doc:"contacts dialled since this process took the campaign"`
	Forecasts     int            `json:"forecasts" doc:"forecasts that were compared with what came"`
	ErrorFree     float64        `json:"error_free" doc:"mean absolute error of the forecast of free agents, in agents, of about the last 50 forecasts"`
	ErrorComing   float64        `json:"error_coming" doc:"the same of the forecast of people who answer"`
	SampleSeconds float64        `json:"sample_seconds" doc:"time between two samples"`
	Samples       []PacingSample `json:"samples" doc:"of the last 15 minutes, oldest first"`
}

// PacingSpan is a legal window and what was counted in it.
type PacingSpan struct {
	Span      string    `json:"span" enum:"day,30d,month"`
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"`
	Live      int64     `json:"live" doc:"calls that a person answered and that an agent took or nobody did in time"`
	Abandoned int64     `json:"abandoned" doc:"of these, without an agent in time"`
	Rate      float64   `json:"rate" doc:"abandoned over live"`
}

// PacingRow is a campaign's pacing on the supervisors' board, a new one every two seconds.
type PacingRow struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	PacingSample
}

// Pacing returns how a campaign is paced. Of one that is not dialled by this process it only says so.
func (e *Engine) Pacing(campaign uuid.UUID) PacingStatus {
	c := e.campaign(campaign)
	if c == nil {
		return PacingStatus{CampaignID: campaign, Windows: []PacingSpan{}, Samples: []PacingSample{}, SampleSeconds: sampleEvery.Seconds()}
	}
	return c.pace.status(campaign)
}

func (p *pace) status(campaign uuid.UUID) PacingStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, t := p.engine.Config(), &p.tape
	s := PacingStatus{CampaignID: campaign, Here: true, Mode: string(c.Mode), Target: c.Target, Caution: string(c.Caution), Aim: string(c.Aim),
		AimValue: c.AimValue, MaxOccupancy: c.MaxOccupancy, MaxLines: c.MaxLines, Windows: []PacingSpan{}, Dialled: t.dialled,
		Forecasts: t.errors, ErrorFree: short(t.errFree), ErrorComing: short(t.errComing), SampleSeconds: sampleEvery.Seconds(), Samples: t.all()}
	for _, k := range p.engine.Ledger().Counts(nil) {
		if k.Start.IsZero() {
			continue // nothing was decided yet
		}
		s.Windows = append(s.Windows, PacingSpan{Span: string(k.Span), Start: k.Start.UTC(), End: k.End.UTC(), Live: k.Live, Abandoned: k.Abandoned,
			Rate: short(rate(k))})
	}
	if !t.last.At.IsZero() {
		now := t.last
		s.Now = &now
	}
	return s
}

func rate(k pacing.Count) float64 {
	if k.Live == 0 {
		return 0
	}
	return float64(k.Abandoned) / float64(k.Live)
}
