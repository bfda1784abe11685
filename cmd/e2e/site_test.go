package e2e

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/agent"
	"github.com/dialtide/dialtide/api"
	"github.com/dialtide/dialtide/api/client"
	"github.com/dialtide/dialtide/api/stream"
	"github.com/dialtide/dialtide/api/web"
	"github.com/dialtide/dialtide/deploy/lab"
	"github.com/dialtide/dialtide/deploy/schema"
	"github.com/dialtide/dialtide/dialer"
	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/recording"
)

// site is the product's server, pages, floor and desk over a real database and without a switch: the test itself gives agents
// their calls, so that a pop may hold what no import would let in.
type site struct {
	t     testing.TB
	pool  *pgxpool.Pool
	store *lists.Store
	floor *agent.Floor
	trunk lists.Trunk
	url   string
}

func newSite(t testing.TB) *site {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), lab.Database(t, schema.Migrate))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	s := &site{t: t, pool: pool, store: lists.New(pool)}
	limits := agent.DefaultLimits
	limits.Reserved = time.Minute // nobody bridges its calls
	phones := &alwaysUp{}
	s.floor = agent.NewFloor(agent.Config{Node: "site", Rows: agent.NewRows(pool), Phones: phones, Limits: limits})
	phones.floor = s.floor
	desk, hub := agent.NewDesk(s.floor, s.store), stream.New(stream.Config{})
	s.floor.Publish = func(id uuid.UUID, screen agent.Screen) { hub.Put(client.AgentTopic(id), "screen", screen) }
	s.floor.PublishBoard = func(key string, v any) {
		if v == nil {
			hub.Delete("board", key)
			return
		}
		hub.Put("board", key, v)
	}
	hub.OnPresence = desk.Connected
	archive, err := recording.New(recording.Config{Pool: pool, Spool: t.TempDir(), Store: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: time.Now})
	require.NoError(t, err)
	server, err := api.New(api.Options{Pool: pool, Store: s.store, Hub: hub, Engine: noEngine{}, Desk: desk, Floor: s.floor, Recordings: noRecordings{},
		Tape: archive, Talk: func(context.Context, agent.TalkRequest) error { return errors.New("there are no calls here") },
		Web: web.Handler(), Docs: web.Docs(), Uploads: t.TempDir()})
	require.NoError(t, err)
	s.run(server, hub, desk)
	require.NoError(t, s.floor.Adopt(t.Context(), nil))
	return s
}

func (s *site) run(server *api.Server, hub *stream.Hub, desk *agent.Desk) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	for _, part := range []func(context.Context) error{server.Run, s.floor.Run, desk.Run} {
		parts.Go(func() { _ = part(ctx) }) // they end with ctx's error
	}
	pages := httptest.NewUnstartedServer(server.Handler())
	pages.Config = server.HTTPServer()
	pages.Start()
	s.url = pages.URL
	s.t.Cleanup(func() {
		closing, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		_ = hub.Close(closing) // a browser that is being closed may hold a socket
		pages.CloseClientConnections()
		pages.Close()
		cancel()
		parts.Wait()
	})
}

func (s *site) user(login, name string, role api.Role) {
	s.t.Helper()
	u := api.NewUser{Login: login, Name: name, Password: adminPassword, Role: role}
	if role == api.Agent {
		u.Endpoint = "phone-" + login
	}
	_, err := api.CreateUser(s.t.Context(), s.pool, u)
	require.NoError(s.t, err)
}

// campaign makes a campaign with a list of the same name.
func (s *site) campaign(name string) lists.Campaign {
	s.t.Helper()
	var err error
	if s.trunk.ID == uuid.Nil {
		s.trunk, err = s.store.CreateTrunk(s.t.Context(), lists.Trunk{Name: "carrier", Endpoint: "carrier", MaxChannels: 10, CPS: 10})
		require.NoError(s.t, err)
	}
	list, err := s.store.CreateList(s.t.Context(), lists.List{Name: name, Region: "US"})
	require.NoError(s.t, err)
	settings := lists.DefaultSettings()
	settings.CallerID, settings.Hours = "+12065550199", compliance.Always()
	c, err := s.store.CreateCampaign(s.t.Context(), lists.Campaign{Name: name, TrunkID: s.trunk.ID, ListIDs: []uuid.UUID{list.ID}, Settings: settings})
	require.NoError(s.t, err)
	return c
}

// sit opens a page for one who signs in.
func (s *site) sit(browser context.Context, login, path string) *tab {
	s.t.Helper()
	p := openTab(s.t, browser, s.url, true)
	p.expect(`/api/me: 401$`)
	p.expect(`^browser: Failed to load resource: the server responded with a status of 401 .*/api/me\)$`)
	p.signIn(login, path)
	return p
}

// alwaysUp answers every phone at once.
type alwaysUp struct{ floor *agent.Floor }

func (a *alwaysUp) Ring(_ context.Context, leg, _ uuid.UUID, _ string) error {
	a.floor.LegUp(leg)
	return nil
}

func (*alwaysUp) HangupLeg(context.Context, uuid.UUID) error { return nil }

// noEngine places no calls; what it does not have nobody may ask for.
type noEngine struct{ api.Engine }

func (noEngine) Wake(uuid.UUID) {}
func (noEngine) Pacing(id uuid.UUID) dialer.PacingStatus {
	return dialer.PacingStatus{CampaignID: id, Windows: []dialer.PacingSpan{}, Samples: []dialer.PacingSample{}}
}

// noRecordings is an empty archive.
type noRecordings struct{ api.Recordings }

func (noRecordings) Search(context.Context, recording.Filter) ([]recording.Recording, error) {
	return []recording.Recording{}, nil
}
