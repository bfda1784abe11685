package agent

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Colleague is another agent to whom a call may be given.
type Colleague struct {
	ID         uuid.UUID `json:"id"`
	Name       string    `json:"name"`
	CampaignID uuid.UUID `json:"campaign_id"`
	Campaign   string    `json:"campaign"`
	State      State     `json:"state"`
	Ready      bool      `json:"ready" doc:"may be given a call now"`
}

// Queue is a campaign's ready agents, to whom a call may be given.
type Queue struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	Campaign   string    `json:"campaign"`
	Ready      int       `json:"ready" doc:"agents who may be given a call now, without the one who asks"`
}

// Colleagues lists who else is logged in on this floor, those who are ready first, and the campaigns that they sit in.
// campaign is the one of the agent who asks; false: he has no session here.
func (f *Floor) Colleagues(agent uuid.UUID) (campaign uuid.UUID, all []Colleague, queues []Queue, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	own := f.byAgent[agent]
	if own == nil {
		return uuid.Nil, nil, nil, false
	}
	byCampaign := map[uuid.UUID]*Queue{}
	for id, s := range f.byAgent {
		q := byCampaign[s.campaign.ID]
		if q == nil {
			q = &Queue{CampaignID: s.campaign.ID, Campaign: s.campaign.Name}
			byCampaign[s.campaign.ID] = q
		}
		if id == agent {
			continue
		}
		ready := s.m.Reservable() && s.m.Leaving == Stays
		if ready {
			q.Ready++
		}
		all = append(all, Colleague{ID: id, Name: s.person.Name, CampaignID: s.campaign.ID, Campaign: s.campaign.Name, State: s.m.State, Ready: ready})
	}
	for _, q := range byCampaign {
		queues = append(queues, *q)
	}
	slices.SortFunc(all, func(a, b Colleague) int {
		return cmp.Or(first(a.Ready, b.Ready), first(a.CampaignID == own.campaign.ID, b.CampaignID == own.campaign.ID),
			strings.Compare(a.Name, b.Name), strings.Compare(a.ID.String(), b.ID.String()))
	})
	slices.SortFunc(queues, func(a, b Queue) int {
		return cmp.Or(first(a.CampaignID == own.campaign.ID, b.CampaignID == own.campaign.ID), strings.Compare(a.Campaign, b.Campaign), strings.Compare(a.CampaignID.String(), b.CampaignID.String()))
	})
	return own.campaign.ID, all, queues, true
}

// first orders what is true before what is not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
