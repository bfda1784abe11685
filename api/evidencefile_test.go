package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/evidence"
	"github.com/dialtide/dialtide/lists"
)

// TestAnEvidencePackTellsAllAndShowsEveryChange makes a pack over the API, reads it, and then spoils it in every way.
func TestAnEvidencePackTellsAllAndShowsEveryChange(t *testing.T) {
	h := open(t)
	c, _ := h.in(api.Supervisor)
	manager, _ := h.in(api.ListManager)
	made := h.campaign(manager)
	_, err := h.pool.Exec(t.Context(), `UPDATE campaigns SET settings = jsonb_set(settings, '{packs}', '["gb"]') WHERE id = $1`, made.ID)
	require.NoError(t, err)
	h.past(made, 6)
	var abandoned uuid.UUID
	require.NoError(t, h.pool.QueryRow(t.Context(), `SELECT id FROM attempts LIMIT 1`).Scan(&abandoned))
	require.NoError(t, h.store.CorrectOutcome(t.Context(), lists.Correction{Attempt: abandoned, Outcome: lists.Abandoned, Reason: "=heard"}))
	// It was abandoned by a correction; another one heard the message to its end, as the dialplan tells by its cause.
	var heard uuid.UUID
	require.NoError(t, h.pool.QueryRow(t.Context(), `SELECT id FROM attempts WHERE id <> $1 LIMIT 1`, abandoned).Scan(&heard))
	_, err = h.pool.Exec(t.Context(), `INSERT INTO recording_marks (attempt_id, at, kind, detail) VALUES
		($1, now(), 'played', '{"announce": "dialtide/safe-harbor", "files": {"dialtide/safe-harbor.ulaw": "ab12"}}'), ($1, now() + interval '1 s', 'played', '{"announce": "dialtide/safe-harbor"}'),
		($1, now(), 'unannounced', '{"announce": "dialtide/recorded"}')`, heard)
	require.NoError(t, err)
	for _, phone := range []string{"+12125550199", "+12125550198"} { // the second one was not called
		h.exec(`INSERT INTO rule_overrides (id, rule, ground, phone, why, since, until) VALUES ($1, 'federal.dnc', 'consent', $2, 'signed form', now() - interval '2 days', now() + interval '1 day')`, uuid.New(), phone)
	}
	registry := uuid.New()
	h.exec(`INSERT INTO registries (id, name, region) VALUES ($1, 'National', 'US')`, registry)
	h.exec(`INSERT INTO registry_loads (registry_id, file_name, as_of, state, numbers, ended_at) VALUES ($1, 'november.txt', now(), 'done', 7, now()), ($1, 'half.txt', now(), 'failed', 0, now())`, registry)
	_, err = h.store.AddDNC(t.Context(), lists.DNC{Phone: "+12125550199", Reason: "asked"})
	require.NoError(t, err)
	day := time.Now().UTC()
	path := h.url + "/api/campaigns/" + made.ID.String() + "/evidence?from=" + day.AddDate(0, 0, -1).Format(time.DateOnly) + "&to=" + day.Format(time.DateOnly)
	resp, problem := request(t, c, "GET", path, http.NoBody)
	require.Nil(t, problem)
	pack, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, 1, h.audited("export.evidence"))

	m, err := evidence.Verify(bytes.NewReader(pack), int64(len(pack)))
	require.NoError(t, err)
	require.Equal(t, made.ID, m.Campaign)
	files := unzip(t, pack)
	rows := map[string]int64{}
	for _, f := range m.Files {
		rows[f.Name] = f.Rows
	}
	require.EqualValues(t, 6, rows["attempts.csv"])
	require.EqualValues(t, 6, rows["permits.csv"])
	require.EqualValues(t, 1, rows["abandoned.csv"])
	require.EqualValues(t, 1, rows["do_not_call.csv"])
	require.EqualValues(t, 1, rows["exceptions.csv"])
	require.EqualValues(t, 1, rows["registries.csv"])
	require.Contains(t, files["registries.csv"], "november.txt")
	require.EqualValues(t, 3, rows["messages.csv"], "one is told of once, though the dialer told it twice")
	for id, texts := range map[uuid.UUID][]string{heard: {"message,dialtide/safe-harbor,dialtide/safe-harbor.ulaw ab12,", "announcement failed,dialtide/recorded,,", "not played"}, abandoned: {"not told"}} {
		for _, text := range texts {
			require.Regexp(t, id.String()+".*"+text, files["messages.csv"])
		}
	}
	require.Positive(t, rows["audit.csv"])
	require.Contains(t, files["corrections.csv"], "'=heard", "cells are harmless")
	require.Contains(t, files["do_not_call.csv"], "asked")
	var rules struct {
		Packs []struct{ ID, Version string }
	}
	require.NoError(t, json.Unmarshal([]byte(files["rules.json"]), &rules))
	require.NotEmpty(t, rules.Packs)
	require.NotEmpty(t, rules.Packs[0].Version)
	require.Eventually(t, func() bool { // its audit row comes after the last byte
		known, err := evidence.Known(t.Context(), h.pool, &m)
		return err == nil && known
	}, 5*time.Second, 10*time.Millisecond)

	for name, spoil := range map[string]func(map[string]string){
		"changed": func(f map[string]string) { f["attempts.csv"] = strings.Replace(f["attempts.csv"], "busy", "Busy", 1) },
		"longer":  func(f map[string]string) { f["attempts.csv"] += "x" },
		"shorter": func(f map[string]string) { f["permits.csv"] = f["permits.csv"][:20] },
		"removed": func(f map[string]string) { delete(f, "recordings.csv") },
		"added":   func(f map[string]string) { f["more.csv"] = "" },
		"renamed": func(f map[string]string) { f["x.csv"] = f["agents.csv"]; delete(f, "agents.csv") },
		"bare":    func(f map[string]string) { delete(f, "manifest.json") },
		"foreign": func(f map[string]string) { f["manifest.json"] = "{}" },
	} {
		f := unzip(t, pack)
		spoil(f)
		bad := rezip(t, f)
		_, err := evidence.Verify(bytes.NewReader(bad), int64(len(bad)))
		var broken *evidence.BrokenError
		require.True(t, errors.As(err, &broken), name)
	}
	_, err = evidence.Verify(bytes.NewReader(pack[:len(pack)/2]), int64(len(pack)/2))
	require.Error(t, err)
	f := unzip(t, pack)
	f["manifest.json"] = strings.Replace(f["manifest.json"], m.Name, "Another", 1)
	other := rezip(t, f)
	forged, err := evidence.Verify(bytes.NewReader(other), int64(len(other)))
	require.NoError(t, err, "a manifest that fits is not seen by itself")
	known, err := evidence.Known(t.Context(), h.pool, &forged)
	require.NoError(t, err)
	require.False(t, known, "the audit log does not know it")

	_, problem = request(t, c, "GET", strings.Replace(path, made.ID.String(), uuid.NewString(), 1), http.NoBody)
	require.Equal(t, 404, problem.Status)
	_, problem = request(t, c, "GET", path+"&zone=Mars", http.NoBody)
	require.Equal(t, 422, problem.Status)
	_, problem = request(t, manager, "GET", path, http.NoBody)
	require.Equal(t, 403, problem.Status)
}

func unzip(t *testing.T, pack []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	require.NoError(t, err)
	out := map[string]string{}
	for _, f := range z.File {
		in, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(in)
		require.NoError(t, err)
		out[f.Name] = string(text)
	}
	return out
}

func rezip(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(w, text)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}
