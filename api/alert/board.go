package alert

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Rows are what the readings are made of, as the stream holds them: by topic and key.
type Rows interface {
	Items(topic, prefix string) map[string]json.RawMessage
}

// Parts of the board's rows that say whether something is wrong. Those who make the rows document them.
type (
	boardPlan struct {
		ID        string  `json:"id"`
		Name      string  `json:"name"`
		Status    string  `json:"status"`
		AlertNear float64 `json:"alert_near"`
		AlertIdle float64 `json:"alert_idle"`
	}
	boardCampaign struct {
		ID        string  `json:"id"`
		Ready     int     `json:"ready"`
		Live      int64   `json:"live"`
		Abandoned int64   `json:"abandoned"`
		Rate      float64 `json:"abandon_rate"`
		Target    float64 `json:"abandon_target"`
		Limit     string  `json:"limit"`
	}
	boardAgent struct {
		CampaignID string    `json:"campaign_id"`
		State      string    `json:"state"`
		Since      time.Time `json:"since"`
	}
	boardTrunk struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Breaker string `json:"breaker"`
		Ended   int    `json:"ended"`
		Failed  int    `json:"failed"`
	}
	boardList struct {
		CampaignID string `json:"campaign_id"`
		ListID     string `json:"list_id"`
		Name       string `json:"name"`
		Dry        string `json:"dry"`
	}
)

const (
	leastLive   = 30  // live answers before a rate of abandonment says something
	backTo      = 0.9 // of the line that raised it: below it is good again
	leastEnded  = 20  // calls of a trunk before its share of failures says something
	badShare    = 0.5
	fineShare   = 0.3
	readings    = "readings" // topic of what processes report
	openBreaker = "open"
)

// Report tells how something stands that only this process can see, until it is told otherwise or the process is gone.
func Report(hub interface {
	Put(topic, key string, value any)
}, node string, r Reading) {
	hub.Put(readings, node+"/"+string(r.Kind)+"/"+r.Object, r)
}

// FromRows reads how all stands that the stream knows of.
func FromRows(rows Rows, now time.Time) []Reading {
	plans := decode[boardPlan](rows, "board", "plan/")
	campaigns := decode[boardCampaign](rows, "board", "campaign/")
	out := trunkReadings(decode[boardTrunk](rows, "board", "trunk/"))
	idle := idleAgents(decode[boardAgent](rows, "board", "agent/"), plans, now)
	for _, p := range plans {
		out = append(out, idle[p.ID])
		if c, ok := campaigns["campaign/"+p.ID]; ok {
			out = append(out, abandonment(p, c), dryCampaign(p, c))
		}
	}
	for _, l := range decode[boardList](rows, "board", "list/") {
		if p, ok := plans["plan/"+l.CampaignID]; ok && p.Status == "running" {
			r := Reading{Kind: ListDry, Object: "list:" + l.CampaignID + "/" + l.ListID, Name: l.Name, Severity: Info, Code: "list_" + l.Dry, Args: map[string]any{"campaign": p.Name}}
			if l.Dry == "finished" || l.Dry == "empty" {
				r.Level = Bad
			}
			out = append(out, r)
		}
	}
	for _, r := range decode[Reading](rows, readings, "") {
		out = append(out, r)
	}
	return slices.DeleteFunc(out, func(r Reading) bool { return r.Kind == "" })
}

func decode[T any](rows Rows, topic, prefix string) map[string]T {
	out := map[string]T{}
	for key, raw := range rows.Items(topic, prefix) {
		var v T
		if json.Unmarshal(raw, &v) == nil {
			out[key] = v
		}
	}
	return out
}

// trunkReadings adds up what the processes that use a trunk tell of it.
func trunkReadings(rows map[string]boardTrunk) []Reading {
	sums := map[string]boardTrunk{}
	for _, t := range rows {
		s := sums[t.ID]
		s.ID, s.Name, s.Ended, s.Failed = t.ID, t.Name, s.Ended+t.Ended, s.Failed+t.Failed
		if t.Breaker == openBreaker || s.Breaker == "" || s.Breaker == "closed" {
			s.Breaker = t.Breaker
		}
		sums[t.ID] = s
	}
	var out []Reading
	for _, t := range sums {
		share := 0.0
		if t.Ended > 0 {
			share = float64(t.Failed) / float64(t.Ended)
		}
		r := Reading{Kind: TrunkFailing, Object: "trunk:" + t.ID, Name: t.Name, Severity: Warning, Code: "trunk_failures", Args: map[string]any{"percent": math.Round(share * 100)}}
		switch {
		case t.Breaker == openBreaker:
			r.Level, r.Severity, r.Code, r.Args = Bad, Critical, "trunk_open", map[string]any{}
		case t.Ended >= leastEnded && share >= badShare:
			r.Level = Bad
		case t.Breaker != "closed" || t.Ended >= leastEnded && share >= fineShare:
			r.Level = Between
		}
		out = append(out, r)
	}
	return out
}

func abandonment(p boardPlan, c boardCampaign) Reading {
	r := Reading{Kind: Abandonment, Object: "campaign:" + p.ID, Name: p.Name, Severity: Warning, Code: "abandonment_near",
		Args: map[string]any{"rate": math.Round(c.Rate*1000) / 10, "target": math.Round(c.Target*1000) / 10}}
	line := p.AlertNear * c.Target
	switch {
	case c.Live < leastLive || c.Abandoned == 0:
	case c.Rate > c.Target:
		r.Level, r.Severity, r.Code = Bad, Critical, "abandonment_over"
	case c.Rate >= line:
		r.Level = Bad
	case c.Rate >= line*backTo:
		r.Level = Between
	}
	return r
}

// dryCampaign tells of a running campaign that has nobody to call now.
func dryCampaign(p boardPlan, c boardCampaign) Reading {
	r := Reading{Kind: ListDry, Object: "campaign:" + p.ID, Name: p.Name, Severity: Info, Args: map[string]any{"ready": c.Ready}}
	why, dry := strings.CutPrefix(c.Limit, "list_")
	r.Code = "dry_" + why
	if dry && p.Status == "running" {
		r.Level = Bad
		if c.Ready > 0 {
			r.Severity = Warning
		}
	}
	return r
}

func idleAgents(agents map[string]boardAgent, plans map[string]boardPlan, now time.Time) map[string]Reading {
	type sum struct {
		n       int
		longest time.Duration
	}
	idle := map[string]sum{}
	for _, a := range agents {
		p, ok := plans["plan/"+a.CampaignID]
		if d := now.Sub(a.Since); ok && p.Status == "running" && a.State == "Ready" && d >= time.Duration(p.AlertIdle)*time.Second {
			s := idle[p.ID]
			idle[p.ID] = sum{s.n + 1, max(s.longest, d)}
		}
	}
	out := map[string]Reading{}
	for _, p := range plans {
		s := idle[p.ID]
		r := Reading{Kind: AgentsIdle, Object: "campaign:" + p.ID, Name: p.Name, Severity: Warning, Code: "agents_idle",
			Args: map[string]any{"n": s.n, "minutes": int(s.longest.Minutes()), "after": fmt.Sprint(p.AlertIdle)}}
		if s.n > 0 {
			r.Level = Bad
		}
		out[p.ID] = r
	}
	return out
}
