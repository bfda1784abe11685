package dialer

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/dialer/call"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

// minRing is the shortest ring timeout that the rules allow (16 CFR 310.4(b)(4)(ii)).
const minRing = 15 * time.Second

// plan is one revision of a campaign as its calls use it. It is never changed; a call keeps the plan that it began with.
type plan struct {
	campaign lists.Campaign
	rules    call.Rules
	mode     pacing.Mode
	pacing   pacing.Config
	weight   float64 // among the campaigns of a trunk
}

func newPlan(c lists.Campaign, maxTalk time.Duration) *plan {
	s := c.Settings
	p := &plan{campaign: c, mode: pacing.Mode(s.Mode), weight: s.Weight, rules: call.Rules{
		RingTimeout: max(s.RingTimeout.Duration(), minRing),
		AnswerWait:  s.AnswerWait.Duration(),
		MaxTalk:     maxTalk,
		AMDBefore:   s.AMD == lists.AMDBefore,
		AMDBeside:   s.AMD == lists.AMDBeside,
	}}
	if p.weight <= 0 {
		p.weight = 1
	}
	p.pacing = pacing.Config{Mode: p.mode, Ratio: s.Ratio, Target: s.AbandonTarget, Caution: s.Caution, Windows: s.Windows,
		Aim: s.Aim, AimValue: s.AimValue, MaxOccupancy: s.MaxOccupancy, MaxLines: s.MaxLines, InOrder: s.InOrder, Location: zoneOf(s.Zone),
		ConnectWithin: max(p.rules.Wait(), time.Millisecond), AMD: p.rules.AMDBefore, Seed: binary.BigEndian.Uint64(c.ID[8:])}
	return p
}

// same says whether nothing changed that the dialer looks at.
func (p *plan) same(c lists.Campaign) bool {
	return p.campaign.Revision == c.Revision && p.campaign.Status == c.Status && p.campaign.TrunkID == c.TrunkID
}

// pop is what an agent sees of a call. The page works out the local time; here it is only what it was at the answer.
func (p *plan) pop(attempt uuid.UUID, c *lists.Contact, callerID string) agent.Pop {
	s := &p.campaign.Settings
	pop := agent.Pop{
		AttemptID:    attempt,
		Campaign:     agent.PopCampaign{ID: p.campaign.ID, Name: p.campaign.Name},
		Contact:      agent.PopContact{ID: c.ID, Name: c.Name, Phone: c.Phone, Fields: c.Fields},
		Dispositions: s.Dispositions,
		CallerID:     callerID,
		EditFields:   s.EditFields,
		FollowUps:    s.FollowUps,
		CRMURL:       s.CRMAddress(lists.CRMFacts{ID: c.ID.String(), Phone: c.Phone, Name: c.Name, Attempt: attempt.String(), Fields: c.Fields}),
	}
	pop.Script.ID, pop.Script.Version, pop.ScriptTest = s.ScriptOf(c)
	if len(c.Zones) > 0 {
		pop.Contact.Zone = c.Zones[0]
		if zone := zoneOf(c.Zones[0]); zone != nil {
			pop.Contact.LocalTime = time.Now().In(zone).Format(time.RFC3339)
		}
	}
	return pop
}
