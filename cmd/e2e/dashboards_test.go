package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

var (
	metricName = regexp.MustCompile(`\b(dialtide|process|go)_[a-z0-9_]+`)
	sampleName = regexp.MustCompile(`(?m)^([a-z_][a-z0-9_]*)[ {]`)
)

// checkDashboards compares every metric that alert rules and dashboards name with those that the running server exports: one that was
// renamed would make an alert that never comes.
func (w *world) checkDashboards() {
	w.t.Helper()
	resp, err := http.Get(w.base + "/metrics")
	require.NoError(w.t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	require.NoError(w.t, resp.Body.Close())
	var have []string
	for _, m := range sampleName.FindAllStringSubmatch(string(body), -1) {
		have = append(have, m[1])
	}
	require.Greater(w.t, len(have), 100)
	asked := 0
	for where, exprs := range w.expressions() {
		for _, expr := range exprs {
			for _, name := range metricName.FindAllString(expr, -1) {
				require.True(w.t, slices.Contains(have, name), "%s asks for %s, which the server does not export: %s", where, name, expr)
				asked++
			}
		}
	}
	require.Greater(w.t, asked, 40)
}

// expressions are those of deploy/, by file.
func (w *world) expressions() map[string][]string {
	w.t.Helper()
	all := map[string][]string{}
	const rules = "../../deploy/prometheus/alerts.yml"
	text, err := os.ReadFile(rules)
	require.NoError(w.t, err)
	var alerts struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Labels      map[string]string
				Annotations map[string]string
			}
		}
	}
	require.NoError(w.t, yaml.Unmarshal(text, &alerts))
	for _, g := range alerts.Groups {
		for _, r := range g.Rules {
			require.NotEmpty(w.t, r.Alert)
			require.NotEmpty(w.t, r.Expr, r.Alert)
			require.Contains(w.t, []string{"warning", "critical"}, r.Labels["severity"], r.Alert)
			require.NotEmpty(w.t, r.Annotations["summary"], r.Alert)
			require.NotEmpty(w.t, r.Annotations["action"], "%s does not say what to do", r.Alert)
			all[rules] = append(all[rules], r.Expr)
		}
	}
	boards, err := filepath.Glob("../../deploy/grafana/*.json")
	require.NoError(w.t, err)
	require.NotEmpty(w.t, boards)
	for _, file := range boards {
		text, err := os.ReadFile(file)
		require.NoError(w.t, err)
		var board struct {
			UID, Title string
			Panels     []struct {
				Title   string
				Targets []struct{ Expr string }
			}
		}
		require.NoError(w.t, json.Unmarshal(text, &board), file)
		require.NotEmpty(w.t, board.UID+board.Title, file)
		for _, p := range board.Panels {
			require.NotEmpty(w.t, p.Targets, "%s: %s", file, p.Title)
			for _, t := range p.Targets {
				all[file] = append(all[file], t.Expr)
			}
		}
	}
	return all
}
