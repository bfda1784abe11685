package board

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// Topic is the stream's topic of the board.
const Topic = "board"

const (
	look      = 200 * time.Millisecond // between two looks at the calls
	plansEach = time.Second
	listsEach = 10 * time.Second // at the latest
	share     = 10               // counting takes at most one part in so many of the time
	marksFor  = 15 * time.Minute
)

// Hub is the stream, as far as the feed needs it; *stream.Hub is one.
type Hub interface {
	Put(topic, key string, value any)
	Delete(topic, key string)
	Items(topic, prefix string) map[string]json.RawMessage
	Item(topic, key string) json.RawMessage
}

// Ledger is what the feed reads; *lists.Store is one.
type Ledger interface {
	Campaigns(ctx context.Context) ([]lists.Campaign, error)
	Campaign(ctx context.Context, id uuid.UUID) (lists.Campaign, error)
	BoardLists(ctx context.Context, campaigns []uuid.UUID) ([]lists.BoardList, error)
	RecentChanges(ctx context.Context, last time.Duration, campaigns ...uuid.UUID) ([]lists.CampaignChange, error)
}

// Feed keeps the rows. Make it with New.
type Feed struct {
	ledger Ledger
	hub    Hub
	now    func() time.Time
	log    *slog.Logger

	mu sync.Mutex // one writer of rows at a time: the leader's turn or a request

	// Touched by Run only.
	campaigns map[uuid.UUID]lists.Campaign
	calls     map[string]uuid.UUID // campaigns of the calls under way, by row
	stirred   map[uuid.UUID]bool   // campaigns whose lists must be counted
	plansAt   time.Time            // next reading of the plans
	allAt     time.Time            // next counting of all lists
	countAt   time.Time            // no counting before
}

// New makes a feed over a ledger and a stream.
func New(ledger Ledger, hub Hub, now func() time.Time, log *slog.Logger) *Feed {
	return &Feed{ledger: ledger, hub: hub, now: now, log: log, calls: map[string]uuid.UUID{}, stirred: map[uuid.UUID]bool{}}
}

// Run keeps the rows up to date until ctx ends. Of all processes one should do so.
func (f *Feed) Run(ctx context.Context) {
	f.plansAt, f.allAt, f.countAt = time.Time{}, time.Time{}, time.Time{}
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		if err := f.Turn(ctx); err != nil && ctx.Err() == nil {
			f.log.Warn("the board's lists could not be counted; tried again soon", "err", err)
			f.plansAt = f.now().Add(plansEach)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Turn does what is due now; Run calls it.
func (f *Feed) Turn(ctx context.Context) error {
	now := f.now()
	if !now.Before(f.plansAt) {
		f.plansAt = now.Add(plansEach)
		if err := f.readPlans(ctx); err != nil {
			return err
		}
	}
	f.watchCalls()
	if !now.Before(f.allAt) {
		f.allAt = now.Add(listsEach)
		for id := range f.campaigns {
			f.stirred[id] = true
		}
	}
	if len(f.stirred) == 0 || now.Before(f.countAt) {
		return nil
	}
	err := f.countLists(ctx)
	f.countAt = f.now().Add(share * f.now().Sub(now))
	return err
}

func (f *Feed) readPlans(ctx context.Context) error {
	all, err := f.ledger.Campaigns(ctx)
	if err != nil {
		return err
	}
	changes, err := f.ledger.RecentChanges(ctx, marksFor)
	if err != nil {
		return err
	}
	campaigns, rows := map[uuid.UUID]lists.Campaign{}, map[string]any{}
	for _, c := range all {
		if c.Status == lists.Stopped {
			continue
		}
		campaigns[c.ID], rows["plan/"+c.ID.String()] = c, NewPlan(c)
		if was, ok := f.campaigns[c.ID]; !ok || was.Revision != c.Revision || was.Status != c.Status {
			f.stirred[c.ID] = true
		}
	}
	f.campaigns = campaigns
	f.mu.Lock()
	defer f.mu.Unlock()
	f.showAll("plan/", rows)
	f.showAll("mark/", marks(changes))
	return nil
}

func marks(changes []lists.CampaignChange) map[string]any {
	by := map[string][]Mark{}
	for _, c := range changes {
		key := "mark/" + c.CampaignID.String()
		by[key] = append(by[key], Mark{ID: c.ID, At: c.At, Actor: c.ActorName, Field: c.Field, From: c.From, To: c.To})
	}
	rows := map[string]any{}
	for key, m := range by {
		rows[key] = m
	}
	return rows
}

// watchCalls finds the campaigns in which a call has begun or ended since the last look.
func (f *Feed) watchCalls() {
	rows := f.hub.Items(Topic, "call/")
	for key, campaign := range f.calls {
		if _, still := rows[key]; !still {
			f.stirred[campaign] = true
			delete(f.calls, key)
		}
	}
	for key, row := range rows {
		if _, known := f.calls[key]; known {
			continue
		}
		var call struct {
			CampaignID uuid.UUID `json:"campaign_id"`
		}
		if json.Unmarshal(row, &call) == nil {
			f.calls[key], f.stirred[call.CampaignID] = call.CampaignID, true
		}
	}
}

// countLists counts the lists of campaigns in which something has happened.
func (f *Feed) countLists(ctx context.Context) error {
	ids := make([]uuid.UUID, 0, len(f.stirred))
	for id := range f.stirred {
		if _, ok := f.campaigns[id]; ok {
			ids = append(ids, id)
		}
	}
	counted, err := f.ledger.BoardLists(ctx, ids)
	if err != nil {
		return err
	}
	clear(f.stirred)
	rows := map[string]any{}
	for _, b := range counted {
		c := f.campaigns[b.CampaignID]
		rows[listKey(b)] = NewList(c, b, f.limit(c))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for key := range f.hub.Items(Topic, "list/") {
		campaign, _, _ := strings.Cut(strings.TrimPrefix(key, "list/"), "/")
		id, err := uuid.Parse(campaign)
		_, active := f.campaigns[id]
		_, there := rows[key]
		if err != nil || !active || !there && slices.Contains(ids, id) {
			f.hub.Delete(Topic, key)
		}
	}
	f.show(rows)
	return nil
}

func listKey(b lists.BoardList) string {
	return "list/" + b.CampaignID.String() + "/" + b.ListID.String()
}

// limit is what keeps a running campaign's pace from being higher, as its dialer says.
func (f *Feed) limit(c lists.Campaign) string {
	if c.Status != lists.Running {
		return ""
	}
	var row struct{ Limit string }
	if raw := f.hub.Item(Topic, "campaign/"+c.ID.String()); raw != nil && json.Unmarshal(raw, &row) == nil {
		return row.Limit
	}
	return ""
}

// Changed puts a campaign that was changed here on the board at once. The board is no reason to fail: what goes wrong is logged,
// and the leader's next turn mends it.
func (f *Feed) Changed(ctx context.Context, id uuid.UUID) {
	c, err := f.ledger.Campaign(ctx, id)
	var changes []lists.CampaignChange
	if err == nil {
		changes, err = f.ledger.RecentChanges(ctx, marksFor, id)
	}
	if err != nil {
		f.log.Warn("a campaign that was changed could not be shown on the board at once", "campaign", id, "err", err)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if key := "plan/" + id.String(); c.Status == lists.Stopped {
		f.hub.Delete(Topic, key)
	} else {
		f.show(map[string]any{key: NewPlan(c)})
	}
	f.show(marks(changes))
}

// showAll makes the rows below a prefix these.
func (f *Feed) showAll(prefix string, rows map[string]any) {
	for key := range f.hub.Items(Topic, prefix) {
		if _, ok := rows[key]; !ok {
			f.hub.Delete(Topic, key)
		}
	}
	f.show(rows)
}

// show sends rows that say something else than what is shown.
func (f *Feed) show(rows map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		body, err := json.Marshal(rows[key])
		if err != nil || !bytes.Equal(body, f.hub.Item(Topic, key)) {
			f.hub.Put(Topic, key, rows[key]) // which logs what cannot be written
		}
	}
}
