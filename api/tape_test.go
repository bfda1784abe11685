package api_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/recording"
)

// library is a house whose recordings are real files.
func library(t *testing.T, change ...func(*api.Options)) (*house, *recording.Archive) {
	t.Helper()
	var a *recording.Archive
	h := open(t, func(o *api.Options) {
		var err error
		a, err = recording.New(recording.Config{Pool: o.Pool, Spool: t.TempDir(), Store: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: time.Now})
		require.NoError(t, err)
		o.Recordings, o.Tape = a, a
		for _, c := range change {
			c(o)
		}
	})
	return h, a
}

// shelve puts a recording of a second into the store.
func (h *house) shelve(a *recording.Archive, campaign uuid.UUID) uuid.UUID {
	h.t.Helper()
	id := uuid.New()
	h.exec(`INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until, rules, ended_at, outcome)
		VALUES ($1, '+12065550100', $2, $2, $1, $2, '', 'power', 'n1', 1, now(), now(), '', now(), 'connected')`, id, campaign)
	path := a.CapturePath(id)
	require.NoError(h.t, os.WriteFile(path, make([]byte, 32_000), 0o600))
	old := time.Now().Add(-time.Minute)
	require.NoError(h.t, os.Chtimes(path, old, old))
	n, err := a.RunOnce(h.t.Context())
	require.NoError(h.t, err)
	require.Equal(h.t, 1, n)
	return id
}

// TestALinkPlaysOneRecordingForItsTime: 200 that are forged, foreign or over are refused alike; each use has its audit row.
func TestALinkPlaysOneRecordingForItsTime(t *testing.T) {
	h, a := library(t)
	c, who := h.in(api.Supervisor)
	one, other := h.shelve(a, uuid.New()), h.shelve(a, uuid.New())
	resp, p := request(t, c, "POST", h.url+"/api/recordings/"+one.String()+"/links", strings.NewReader(`{"hours":1}`), "Content-Type", "application/json")
	require.Nil(t, p)
	var link struct {
		Path  string
		Until time.Time
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&link))
	require.WithinDuration(t, time.Now().Add(time.Hour), link.Until, 10*time.Second)
	get := func(path string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+path, nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		all, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(all)
	}
	status, sound := get(link.Path)
	require.Equal(t, 200, status)
	require.Len(t, sound, 32_044)
	require.Equal(t, 1, h.count(`SELECT count(*) FROM audit WHERE action = 'recording.link.play' AND object = $1 AND actor = $2`, "attempt:"+one.String(), who.ID))

	token := strings.TrimPrefix(link.Path, "/api/shared/recordings/")
	raw, err := base64.RawURLEncoding.DecodeString(token)
	require.NoError(t, err)
	links, err := a.Links(t.Context())
	require.NoError(t, err)
	forged := []string{"x", token[:40], token + "A", "%00", links.Make(recording.Link{Attempt: one, By: who.ID, Until: time.Now().Add(-time.Second)}),
		links.Make(recording.Link{Attempt: uuid.New(), By: who.ID, Until: time.Now().Add(time.Hour)}), links.Make(recording.Link{Attempt: one, By: uuid.New(), Until: time.Now().Add(time.Hour)})}
	for i := range len(raw) * 2 {
		b := append([]byte(nil), raw...)
		b[i%len(b)] ^= 1 << (i % 7)
		forged = append(forged, base64.RawURLEncoding.EncodeToString(b))
	}
	for i := range 200 - len(forged) {
		b := append([]byte(nil), raw...)
		copy(b, other[:]) // another recording under this signature
		b[40+i%32] ^= byte(i)
		forged = append(forged, base64.RawURLEncoding.EncodeToString(b))
	}
	require.GreaterOrEqual(t, len(forged), 150)
	first := ""
	for i, f := range forged {
		status, text := get("/api/shared/recordings/" + f)
		require.Equal(t, 403, status, "%d: %s", i, f)
		var p struct{ Title, Detail, Code string }
		require.NoError(t, json.Unmarshal([]byte(text), &p))
		if first == "" {
			first = fmt.Sprint(p)
		}
		require.Equal(t, first, fmt.Sprint(p), "all are refused in the same words")
	}
	h.exec(`UPDATE users SET disabled = true WHERE id = $1`, who.ID)
	status, _ = get(link.Path)
	require.Equal(t, 403, status, "whose account is closed shares nothing any more")
}

func TestRecordingsAreFoundHeldAndShown(t *testing.T) {
	h, a := library(t)
	ctx := t.Context()
	c, who := h.in(api.Supervisor)
	campaign := uuid.New()
	var ids []uuid.UUID
	for range 3 {
		ids = append(ids, h.shelve(a, campaign))
	}
	h.exec(`INSERT INTO dispositions (attempt_id, campaign_id, contact_id, agent_id, code, effect) VALUES ($1, $2, $1, $3, 'sale', 'finish')`, ids[1], campaign, who.ID)
	h.exec(`INSERT INTO script_answers (attempt_id, script_id, version, step, question, answer) VALUES ($1, $2, 1, 'one', 'may', '"yes"')`, ids[2], uuid.New())
	find := func(query string) (found []uuid.UUID) {
		var got struct{ Items []recording.Recording }
		require.NoError(t, c.Do(ctx, http.MethodGet, "/api/recordings?"+query, nil, &got), query)
		for _, r := range got.Items {
			found = append(found, r.AttemptID)
		}
		return found
	}
	require.Equal(t, []uuid.UUID{ids[1]}, find("disposition=sale"))
	require.Equal(t, []uuid.UUID{ids[2]}, find("question=may&answer=yes"))
	require.Empty(t, find("question=may&answer=no"))
	require.Len(t, find("campaign_id="+campaign.String()+"&phone=%2B12065550&least_ms=1000&most_ms=1000"), 3)
	require.Len(t, find("campaign_id="+campaign.String()+"&phone=12065550&least_ms=1000&most_ms=1000"), 3)
	require.Empty(t, find("phone=%2B1206555019"))
	require.Equal(t, []uuid.UUID{ids[0]}, find("contact_id="+ids[0].String()))
	require.Empty(t, find("until=2020-01-01T00:00:00Z"))
	first := find("limit=2")
	require.Len(t, first, 2)
	last, err := c.Recording(ctx, first[1])
	require.NoError(t, err)
	rest := find("limit=2&before=" + last.CreatedAt.UTC().Format("2006-01-02T15:04:05.999999Z") + "&before_id=" + last.AttemptID.String())
	require.Len(t, rest, 1)
	require.NotContains(t, first, rest[0])
	refused(t, c.Do(ctx, http.MethodGet, "/api/recordings?answer=yes", nil, nil), 422, "invalid_input")

	var hold recording.Hold
	require.NoError(t, c.Do(ctx, http.MethodPost, "/api/recordings/holds", map[string]any{"attempt_id": ids[1], "reason": "complaint"}, &hold))
	refused(t, c.Do(ctx, http.MethodPost, "/api/recordings/holds", map[string]any{"attempt_id": ids[1], "reason": "complaint"}, nil), 409, "held")
	refused(t, c.Do(ctx, http.MethodPost, "/api/recordings/holds", map[string]any{"reason": "complaint"}, nil), 422, "invalid_input")
	require.Equal(t, []uuid.UUID{ids[1]}, find("held=true"))
	admin, _ := h.in(api.Admin)
	refused(t, admin.Do(ctx, http.MethodDelete, "/api/recordings/"+ids[1].String()+"?reason=x", nil, nil), 409, "held")
	require.NoError(t, admin.Do(ctx, http.MethodDelete, "/api/recordings/holds/"+hold.ID.String()+"?reason=settled", nil, nil))
	require.NoError(t, admin.Do(ctx, http.MethodDelete, "/api/recordings/"+ids[1].String()+"?reason=x", nil, nil))

	var wave struct {
		Peaks []byte
		Marks []recording.PlayMark
	}
	require.NoError(t, c.Do(ctx, http.MethodGet, "/api/recordings/"+ids[2].String()+"/wave", nil, &wave))
	require.NotEmpty(t, wave.Peaks)
	require.Len(t, wave.Marks, 1)
	require.Equal(t, "may: yes", wave.Marks[0].Text)
	var health recording.Health
	require.NoError(t, c.Do(ctx, http.MethodGet, "/api/recordings/health", nil, &health))
	require.NotEmpty(t, health.State)

	call := uuid.New()
	refused(t, c.Do(ctx, http.MethodPost, "/api/calls/"+call.String()+"/recording", map[string]any{"act": "pause"}, nil), 409, agent.CodeNotRecorded)
	require.Equal(t, agent.TalkRequest{Name: agent.TalkRecordPause, Agent: who.ID, Attempt: call, On: true, Supervisor: true}, h.talks[0])
}
