package dialer_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/pacing"
)

// memLedger is the store in memory.
type memLedger struct {
	down       atomic.Bool // every request fails
	lostClaims atomic.Int32
	renewFails atomic.Bool
	noFinish   atomic.Bool
	noMark     atomic.Bool
	noCounts   atomic.Bool
	slowClaims atomic.Bool
	noAcquire  atomic.Int32 // so many acquisitions fail
	acquires   atomic.Int32

	mu        sync.Mutex
	campaigns []lists.Campaign
	trunks    []lists.Trunk
	fresh     []lists.Claim
	open      map[uuid.UUID]*lists.OpenAttempt
	done      map[uuid.UUID]lists.Ending
	permits   map[uuid.UUID]time.Time
	epochs    map[uuid.UUID]int64
	owners    map[uuid.UUID]string
	until     map[uuid.UUID]time.Time
	live, bad int64
	faults    []string
	batches   []int
	personal  []uuid.UUID // of the last claim
	began     time.Time
	history   lists.PacingHistory
	claims    []claimed
	later     time.Duration // until something is due, when nothing is
}

// claimed is a claim and what came of it.
type claimed struct {
	lists.ClaimRequest
	contacts int
	answers  float64
}

func newMemLedger() *memLedger {
	return &memLedger{open: map[uuid.UUID]*lists.OpenAttempt{}, done: map[uuid.UUID]lists.Ending{}, permits: map[uuid.UUID]time.Time{},
		epochs: map[uuid.UUID]int64{}, owners: map[uuid.UUID]string{}, until: map[uuid.UUID]time.Time{}, began: time.Now()}
}

var errDown = fmt.Errorf("the database is away")

func (m *memLedger) add(campaign, trunk uuid.UUID, phone string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fresh = append(m.fresh, lists.Claim{Contact: lists.Contact{ID: uuid.New(), Phone: phone, Name: phone, Zones: []string{"America/New_York"}},
		Kind: "progressive", CallerID: "+12025550100", TrunkID: trunk})
	_ = campaign
}

func (m *memLedger) Claim(_ context.Context, req lists.ClaimRequest) (lists.ClaimResult, error) {
	if m.down.Load() {
		return lists.ClaimResult{}, errDown
	}
	time.Sleep(time.Millisecond)
	if m.slowClaims.Load() {
		time.Sleep(300 * time.Millisecond)
	}
	defer time.Sleep(time.Millisecond) // the reply is on its way
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.epochs[req.Campaign] != req.Epoch || m.status(req.Campaign) != lists.Running {
		return lists.ClaimResult{}, lists.ErrFenced
	}
	m.personal = req.PersonalFor
	var r lists.ClaimResult
	now := time.Now()
	sum := 0.0
	m.putWantedFirst(&req, &r)
	for len(m.fresh) > 0 && len(r.Claims) < req.Max {
		c := m.fresh[0]
		if req.Choose == nil && req.Answers > 0 && len(r.Claims) > 0 && sum+c.Chance > req.Answers {
			r.Full = true
			break
		}
		sum += c.Chance
		m.fresh = m.fresh[1:]
		id := uuid.New()
		c.Permit = lists.TestPermit(id, c.Contact.Phone, now.Add(req.TTL))
		m.open[id] = &lists.OpenAttempt{Attempt: id, Phone: c.Contact.Phone, Campaign: req.Campaign, Contact: c.Contact.ID, Trunk: c.TrunkID,
			Node: req.Node, Epoch: req.Epoch, PermitAt: now, PermitUntil: now.Add(req.TTL)}
		m.permits[id] = now
		r.Claims = append(r.Claims, c)
	}
	m.claims = append(m.claims, claimed{req, len(r.Claims), sum})
	if len(r.Claims) < req.Max && !r.Full {
		r.Dry = lists.DryEmpty
		if m.later > 0 {
			r.Dry, r.Next = lists.DryAllWaiting, now.Add(m.later)
		}
	}
	if m.lostClaims.Load() > 0 && len(r.Claims) > 0 {
		m.lostClaims.Add(-1)
		return lists.ClaimResult{}, errDown
	}
	return r, nil
}

// putWantedFirst lets the request choose among the next contacts, and no more are given than it wants.
func (m *memLedger) putWantedFirst(req *lists.ClaimRequest, r *lists.ClaimResult) {
	if req.Choose == nil || len(m.fresh) == 0 {
		return
	}
	among := m.fresh[:min(len(m.fresh), 160)]
	chances := make([]float64, len(among))
	for i := range among {
		chances[i] = among[i].Chance
	}
	wanted := req.Choose(chances)
	var first, rest []lists.Claim
	for i, c := range among {
		if slices.Contains(wanted, i) {
			first = append(first, c)
		} else {
			rest = append(rest, c)
		}
	}
	copy(among, append(first, rest...))
	req.Max, r.Full = min(req.Max, len(wanted)), true
}

func (m *memLedger) status(id uuid.UUID) lists.CampaignStatus {
	for _, c := range m.campaigns {
		if c.ID == id {
			return c.Status
		}
	}
	return ""
}

func (m *memLedger) set(change func(*lists.Campaign)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.campaigns[0])
	m.campaigns[0].Revision++
}

func (m *memLedger) Mark(_ context.Context, marks []lists.Mark) error {
	if m.down.Load() || m.noMark.Load() {
		return errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range marks {
		a := m.open[x.Attempt]
		if a == nil {
			continue
		}
		if x.Agent != nil {
			for _, o := range m.open {
				if o != a && o.Agent != nil && *o.Agent == *x.Agent {
					m.faults = append(m.faults, fmt.Sprintf("an agent is marked with two open attempts: %s %v bridged %v now %v, %s permit %v bridged %v", o.Attempt, o.PermitAt, o.BridgedAt, time.Now(), a.Attempt, a.PermitAt, x.BridgedAt))
				}
			}
			a.Agent = x.Agent
		}
		if x.AnsweredAt != nil {
			a.AnsweredAt = x.AnsweredAt
		}
		if x.BridgedAt != nil {
			a.BridgedAt = x.BridgedAt
		}
	}
	return nil
}

func (m *memLedger) Finish(_ context.Context, endings []lists.Ending) (int, error) {
	if m.down.Load() || m.noFinish.Load() {
		return 0, errDown
	}
	time.Sleep(time.Millisecond)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.batches = append(m.batches, len(endings))
	n, fenced := 0, false
	for _, x := range endings {
		a := m.open[x.Attempt]
		if a == nil {
			continue
		}
		if m.epochs[a.Campaign] != x.Epoch {
			fenced = true
			continue
		}
		delete(m.open, x.Attempt)
		m.done[x.Attempt] = x
		n++
		if x.Outcome == lists.Abandoned || x.BridgedAt != nil && x.Outcome != lists.MachineFound {
			m.live++
		}
		if x.Outcome == lists.Abandoned {
			m.bad++
		}
	}
	if fenced {
		return n, lists.ErrFenced
	}
	return n, nil
}

func (m *memLedger) Open(_ context.Context, node string) ([]lists.OpenAttempt, error) {
	if m.down.Load() {
		return nil, errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []lists.OpenAttempt
	for _, a := range m.open {
		if node == "" || node == a.Node {
			c := *a
			c.Expired = !time.Now().Before(c.PermitUntil)
			out = append(out, c)
		}
	}
	return out, nil
}

func (m *memLedger) Cancelled(context.Context) ([]lists.CancelledAttempt, error) {
	if m.down.Load() {
		return nil, errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []lists.CancelledAttempt
	for _, a := range m.open {
		if a.Cancelled && a.AnsweredAt == nil {
			out = append(out, lists.CancelledAttempt{Attempt: a.Attempt, Node: a.Node})
		}
	}
	return out, nil
}

// cancel marks open attempts as a do-not-call entry does.
func (m *memLedger) cancel(ids ...uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		if a := m.open[id]; a != nil {
			a.Cancelled = true
		}
	}
}

func (m *memLedger) PacingCounts(_ context.Context, _ uuid.UUID, spans []pacing.Span, in *time.Location, attempts []uuid.UUID) (counts []pacing.Count, ended []uuid.UUID, err error) {
	if m.down.Load() || m.noCounts.Load() {
		return nil, nil, errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, span := range spans {
		c := pacing.Count{Span: span, Live: m.live, Abandoned: m.bad}
		c.Start, c.End = span.Window(time.Now(), m.began, in)
		counts = append(counts, c)
	}
	for _, id := range attempts {
		if _, done := m.done[id]; done {
			ended = append(ended, id)
		}
	}
	return counts, ended, nil
}

func (m *memLedger) PacingHistory(context.Context, uuid.UUID, time.Time, *time.Location) (lists.PacingHistory, error) {
	if m.down.Load() {
		return lists.PacingHistory{}, errDown
	}
	return m.history, nil
}

func (m *memLedger) Dossiers(_ context.Context, contacts []uuid.UUID) (map[uuid.UUID][]lists.History, error) {
	if m.down.Load() {
		return nil, errDown
	}
	out := map[uuid.UUID][]lists.History{}
	for _, c := range contacts {
		out[c] = []lists.History{{At: time.Now(), Outcome: lists.Busy, Note: "busy before"}}
	}
	return out, nil
}

func (m *memLedger) Acquire(_ context.Context, id uuid.UUID, owner string, ttl time.Duration) (int64, error) {
	m.acquires.Add(1)
	if m.down.Load() || m.noAcquire.Add(-1) >= 0 {
		return 0, errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if o := m.owners[id]; o != "" && o != owner && time.Now().Before(m.until[id]) {
		return 0, lists.ErrOwned
	}
	m.owners[id], m.until[id] = owner, time.Now().Add(ttl)
	m.epochs[id]++
	return m.epochs[id], nil
}

// steal gives the campaign to another process.
func (m *memLedger) steal(id uuid.UUID, owner string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.owners[id], m.until[id] = owner, time.Now().Add(time.Hour)
	m.epochs[id]++
}

func (m *memLedger) Renew(_ context.Context, owner string, epochs map[uuid.UUID]int64, ttl time.Duration) ([]uuid.UUID, error) {
	if m.down.Load() || m.renewFails.Load() {
		return nil, errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var lost []uuid.UUID
	for id, e := range epochs {
		if m.owners[id] != owner || m.epochs[id] != e {
			lost = append(lost, id)
			continue
		}
		m.until[id] = time.Now().Add(ttl)
	}
	return lost, nil
}

func (m *memLedger) Release(_ context.Context, id uuid.UUID, epoch int64) error {
	if m.down.Load() {
		return errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.epochs[id] == epoch {
		m.owners[id] = ""
	}
	return nil
}

func (m *memLedger) Campaigns(context.Context) ([]lists.Campaign, error) {
	if m.down.Load() {
		return nil, errDown
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.campaigns), nil
}

func (m *memLedger) Trunks(context.Context) ([]lists.Trunk, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.trunks), nil
}

// changeTrunk changes the only trunk, as an administrator does.
func (m *memLedger) changeTrunk(change func(*lists.Trunk)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	trunks := slices.Clone(m.trunks) // readers may have the old ones
	change(&trunks[0])
	m.trunks = trunks
}

func (m *memLedger) outcomes() map[lists.Outcome]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[lists.Outcome]int{}
	for _, e := range m.done {
		out[e.Outcome]++
	}
	return out
}

func (m *memLedger) endings() map[uuid.UUID]lists.Ending {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[uuid.UUID]lists.Ending{}
	for id, e := range m.done {
		out[id] = e
	}
	return out
}

func (m *memLedger) opens() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.open)
}

func (m *memLedger) openIDs() []uuid.UUID {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []uuid.UUID
	for id := range m.open {
		out = append(out, id)
	}
	return out
}

func (m *memLedger) broken() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.faults)
}

func (m *memLedger) permitAt(id uuid.UUID) (time.Time, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.permits[id]
	return t, ok
}
