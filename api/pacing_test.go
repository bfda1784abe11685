package api_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

// TestPacingIsExplained: the process that dials tells the decision and its past, another one the settings; each field says in
// the document what it means.
func TestPacingIsExplained(t *testing.T) {
	h := open(t)
	manager, _ := h.in(api.ListManager)
	c := h.campaign(manager)
	c.Settings.Mode = "predictive"
	c.Settings.PacingSettings = lists.PacingSettings{Caution: pacing.Strict, Windows: []pacing.Span{pacing.Day, pacing.Days30}, Zone: "Europe/London",
		Aim: pacing.Occupancy, AimValue: 0.8, MaxOccupancy: 0.9, MaxLines: 50, Weight: 2}
	changed, err := manager.UpdateCampaign(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, c.Settings.PacingSettings, changed.Settings.PacingSettings)
	bad := changed
	bad.Settings.Zone, bad.Settings.Windows = "Nowhere", []pacing.Span{"week"}
	_, err = manager.UpdateCampaign(t.Context(), bad)
	refused(t, err, 422, "invalid_input")

	supervisor, _ := h.in(api.Supervisor)
	p, err := supervisor.Pacing(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, dialer.PacingStatus{CampaignID: c.ID, Mode: "predictive", Target: c.Settings.AbandonTarget, Caution: "strict", Aim: "occupancy",
		AimValue: 0.8, MaxOccupancy: 0.9, MaxLines: 50, Windows: []dialer.PacingSpan{}, Samples: []dialer.PacingSample{}}, p)
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	sample := dialer.PacingSample{At: at, InFlight: 7, Wanted: 9, Limit: "risk", Risk: 0.04, Then: &dialer.Outturn{At: at.Add(-10 * time.Second), Free: 2.5, CameFree: 3}}
	here := dialer.PacingStatus{CampaignID: c.ID, Here: true, Mode: "predictive", Now: &sample, Samples: []dialer.PacingSample{sample},
		Windows: []dialer.PacingSpan{{Span: "day", Start: at, End: at.AddDate(0, 0, 1), Live: 100, Abandoned: 2, Rate: 0.02}}}
	h.engine.pacing = map[uuid.UUID]dialer.PacingStatus{c.ID: here}
	p, err = supervisor.Pacing(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, here, p)
	_, err = supervisor.Pacing(t.Context(), uuid.New())
	refused(t, err, 404, "not_found")

	resp, problem := request(t, h.anonymous(), "GET", h.url+"/api/openapi.json", nil)
	require.Nil(t, problem)
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Description string `json:"description"`
				} `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	require.NoError(t, json.Unmarshal(data, &doc))
	clear := "campaign_id mode caution aim aim_value ready talking wrap_up span start end at" // the name says it
	for _, name := range []string{"PacingStatus", "PacingSample", "PacingSpan", "Outturn"} {
		require.NotEmpty(t, doc.Components.Schemas[name].Properties, name)
		for field, p := range doc.Components.Schemas[name].Properties {
			if !strings.Contains(clear, field) {
				require.NotEmpty(t, p.Description, "%s.%s", name, field)
			}
		}
	}
	settings := doc.Components.Schemas["Settings"].Properties
	for _, field := range []string{"caution", "windows", "zone", "aim", "aim_value", "max_occupancy", "max_lines", "weight"} {
		require.NotEmpty(t, settings[field].Description, field)
	}
}
