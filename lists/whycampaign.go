package lists

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/compliance"
)

// Bounds on the work of WhyCampaign, whatever the size of the campaign.
const (
	whyExact  = 50_000 // contacts with a place in the campaign that are counted one by one; of more a sample is
	whySample = 20_000 // rows of the sample
	whyFresh  = 120    // contacts that nobody looked at that are judged
	whyGroups = 200    // groups by zones and region that are shown
	whyDue    = 10_000 // contacts that are due are counted up to this
)

// Reasons of CampaignWhy.Reason besides the rules.
const (
	WhyNoContacts = "no_contacts"
	WhyEmpty      = DryEmpty
	WhyWaiting    = DryAllWaiting
)

// ReasonCount is how many contacts of a campaign are somewhere for a reason.
type ReasonCount struct {
	State    string     `json:"state" enum:"untouched,waiting,in_flight,finished,excluded"`
	Reason   string     `json:"reason" doc:"an outcome, a disposition, a rule; of untouched: the rule that is in the way now, empty: none"`
	Contacts int64      `json:"contacts"`
	Next     *time.Time `json:"next,omitempty" doc:"of untouched contacts: when the first of them may be called"`
}

// ZoneCount is a group of the campaign's contacts with the same zones and region.
type ZoneCount struct {
	Zones    []string   `json:"zones" nullable:"false"`
	Region   string     `json:"region"`
	Contacts int64      `json:"contacts"`
	Open     bool       `json:"open" doc:"the hours allow calls to them now"`
	Next     *time.Time `json:"next" doc:"when the hours next do; null: not within a year, or not before somebody acts"`
}

// CampaignWhy says why a campaign dials or does not, with a histogram of reasons.
type CampaignWhy struct {
	CampaignID uuid.UUID      `json:"campaign_id"`
	At         time.Time      `json:"at"`
	Status     CampaignStatus `json:"status"`
	Dialable   bool           `json:"dialable" doc:"there are contacts that may be called now"`
	Reason     string         `json:"reason" doc:"why there are none: campaign, dialer, no_contacts, registry_stale, empty, all_waiting, or the rule that keeps most of them; empty: there are some"`
	Why        string         `json:"why"`
	WhyZH      string         `json:"why_zh"`
	Next       *time.Time     `json:"next" doc:"when there will be some, by what is known now; null: not by time alone"`
	Loaded     int64          `json:"loaded"`
	Untouched  int64          `json:"untouched"`
	Due        int64          `json:"due" doc:"waiting contacts whose time has come, counted up to 10,000"`
	NextDue    *time.Time     `json:"next_due" doc:"when the next waiting contact becomes due"`
	Estimated  bool           `json:"estimated" doc:"the contacts of reasons are worked out from a sample, because there are many"`
	Judged     int            `json:"judged" doc:"untouched contacts that were judged, one by one, for the reasons of the untouched"`
	Reasons    []ReasonCount  `json:"reasons" nullable:"false" doc:"most contacts first"`
	Zones      []ZoneCount    `json:"zones" nullable:"false" doc:"most contacts first, at most 200"`
}

// WhyCampaign says why a campaign dials or does not. Its work is bounded, so that it may be asked for a campaign of ten million
// contacts: what it counts it counts exactly as long as there is little of it, and judges a random sample of the contacts that
// nobody looked at yet. ErrNotFound: there is no such campaign.
func (s *Store) WhyCampaign(ctx context.Context, campaign uuid.UUID) (why CampaignWhy, err error) {
	err = s.ask(ctx, campaign, func(w *asking) error {
		why = CampaignWhy{CampaignID: campaign, At: w.c.now, Status: w.status, Reasons: []ReasonCount{}, Zones: []ZoneCount{}}
		return w.campaign(ctx, &why)
	})
	if err != nil {
		return CampaignWhy{}, fmt.Errorf("why campaign %s: %w", campaign, err)
	}
	return why, nil
}

func (w *asking) campaign(ctx context.Context, y *CampaignWhy) error {
	if err := w.groups(ctx, y); err != nil {
		return err
	}
	if err := w.touched(ctx, y); err != nil {
		return err
	}
	if err := w.due(ctx, y); err != nil {
		return err
	}
	if y.Untouched > 0 {
		if err := w.fresh(ctx, y); err != nil {
			return err
		}
	}
	slices.SortStableFunc(y.Reasons, func(a, b ReasonCount) int { return int(min(1, max(-1, b.Contacts-a.Contacts))) })
	w.sum(y)
	return nil
}

// groups counts what is loaded, and asks the hours of each group.
func (w *asking) groups(ctx context.Context, y *CampaignWhy) error {
	c := w.c
	rows, err := c.tx.Query(ctx, `SELECT z.zones, z.region, sum(z.contacts)::bigint FROM list_zones z WHERE z.list_id = ANY ($1) AND z.contacts > 0
		GROUP BY 1, 2 ORDER BY 3 DESC`, c.lists)
	if err != nil {
		return err
	}
	var g ZoneCount
	_, err = pgx.ForEachRow(rows, []any{&g.Zones, &g.Region, &g.Contacts}, func() error {
		y.Loaded += g.Contacts
		if len(y.Zones) < whyGroups {
			y.Zones = append(y.Zones, g)
		}
		g.Zones = nil
		return nil
	})
	for i := range y.Zones {
		g := &y.Zones[i]
		at, ok, known := c.asked.NextOpen(c.now, compliance.Place{Region: g.Region, Zones: g.Zones}, compliance.Place{})
		if ok && known {
			g.Open = !at.After(c.now)
			g.Next = &at
		}
	}
	return err
}

// touched counts the contacts with a place in the campaign by state and reason.
func (w *asking) touched(ctx context.Context, y *CampaignWhy) error {
	c := w.c
	var n int64
	err := c.tx.QueryRow(ctx, `SELECT count(*) FROM (SELECT FROM contact_states WHERE campaign_id = $1 LIMIT $2) x`, c.req.Campaign, whyExact+1).Scan(&n)
	if err != nil {
		return err
	}
	from, scale := `contact_states`, 1.0
	args := []any{c.req.Campaign, c.lists}
	if n > whyExact {
		var total float64
		err := c.tx.QueryRow(ctx, `SELECT greatest(reltuples, $1)::float8 FROM pg_class WHERE oid = 'contact_states'::regclass`, whyExact).Scan(&total)
		if err != nil {
			return err
		}
		share := min(100, 100*whySample/total)
		from, scale, y.Estimated = `contact_states TABLESAMPLE SYSTEM ($3)`, 100/share, true
		args = append(args, share)
	}
	rows, err := c.tx.Query(ctx, `SELECT state, reason, count(*) FROM `+from+` WHERE campaign_id = $1 AND list_id = ANY ($2) GROUP BY 1, 2`, args...)
	if err != nil {
		return err
	}
	var r ReasonCount
	var sum int64
	_, err = pgx.ForEachRow(rows, []any{&r.State, &r.Reason, &r.Contacts}, func() error {
		r.Contacts = int64(float64(r.Contacts)*scale + 0.5)
		sum += r.Contacts
		y.Reasons = append(y.Reasons, r)
		return nil
	})
	y.Untouched = max(0, y.Loaded-sum)
	return err
}

// due counts the waiting contacts whose time has come, and finds the next one.
func (w *asking) due(ctx context.Context, y *CampaignWhy) error {
	c := w.c
	b := &pgx.Batch{}
	b.Queue(nextDueSQL, c.req.Campaign, c.lists, c.now).QueryRow(func(row pgx.Row) error {
		var reason *string
		if err := row.Scan(&y.NextDue, &reason); !noRows(err) {
			return err
		}
		return nil
	})
	b.Queue(`SELECT count(*) FROM (SELECT FROM contact_states WHERE campaign_id = $1 AND state = 'waiting' AND due_at <= $2 AND list_id = ANY ($3) AND (rank = 0 OR callback) LIMIT $4) x`,
		c.req.Campaign, c.now, c.lists, whyDue).QueryRow(func(row pgx.Row) error { return row.Scan(&y.Due) })
	return c.tx.SendBatch(ctx, b).Close()
}

// freshSampleSQL takes contacts at random places of the lists, $1 with places $2, that the campaign $3 has not looked at.
const freshSampleSQL = `
SELECT DISTINCT ON (f.id) f.id, f.list_id, f.seq, f.phone, f.name, f.zones, f.fields, f.region
FROM unnest($1::uuid[], $2::bigint[]) AS at(list_id, seq) CROSS JOIN LATERAL (
	SELECT * FROM contacts c WHERE c.list_id = at.list_id AND c.seq >= at.seq ORDER BY c.seq LIMIT 1) f
WHERE (SELECT true FROM contact_states cs WHERE cs.campaign_id = $3 AND cs.contact_id = f.id) IS NOT TRUE`

// fresh judges a sample of the untouched contacts.
func (w *asking) fresh(ctx context.Context, y *CampaignWhy) error {
	found, err := w.sample(ctx)
	if err != nil || len(found) == 0 {
		return err
	}
	if err := w.look(ctx, found); err != nil {
		return err
	}
	counts, next := map[string]int64{}, map[string]time.Time{}
	for _, x := range found {
		rule, until := w.judgeFresh(x)
		counts[rule]++
		if was, ok := next[rule]; !until.IsZero() && (!ok || until.Before(was)) {
			next[rule] = until
		}
	}
	y.Judged = len(found)
	for rule, n := range counts {
		r := ReasonCount{State: "untouched", Reason: rule, Contacts: int64(float64(y.Untouched)*float64(n)/float64(len(found)) + 0.5)}
		if at, ok := next[rule]; ok && rule != "" {
			r.Next = &at
		}
		y.Reasons = append(y.Reasons, r)
	}
	slices.SortFunc(y.Reasons, func(a, b ReasonCount) int { return strings.Compare(a.State+"\x00"+a.Reason, b.State+"\x00"+b.Reason) })
	return nil
}

// sample picks random places, more in longer lists, and where the cursors stand.
func (w *asking) sample(ctx context.Context) ([]*candidate, error) {
	c := w.c
	rows, err := c.tx.Query(ctx, `SELECT cl.list_id, cl.cursor_seq, (SELECT seq FROM contacts WHERE list_id = cl.list_id AND seq > cl.cursor_seq ORDER BY seq LIMIT 1),
		(SELECT seq FROM contacts WHERE list_id = cl.list_id ORDER BY seq DESC LIMIT 1), coalesce((SELECT sum(contacts) FROM list_zones z WHERE z.list_id = cl.list_id), 0)::bigint
		FROM campaign_lists cl WHERE cl.campaign_id = $1`, c.req.Campaign)
	if err != nil {
		return nil, err
	}
	type stretch struct {
		list                uuid.UUID
		cursor, first, last *int64
		contacts            int64
	}
	var all []stretch
	var loaded int64
	var x stretch
	if _, err := pgx.ForEachRow(rows, []any{&x.list, &x.cursor, &x.first, &x.last, &x.contacts}, func() error {
		if x.first != nil && x.last != nil {
			all, loaded = append(all, x), loaded+x.contacts
		}
		x = stretch{}
		return nil
	}); err != nil {
		return nil, err
	}
	var lists []uuid.UUID
	var seqs []int64
	for _, x := range all {
		n := max(1, int(int64(whyFresh)*x.contacts/max(1, loaded)))
		for i := range n {
			seq := *x.first
			if i > 0 {
				seq += rand.Int64N(*x.last - *x.first + 1)
			}
			lists, seqs = append(lists, x.list), append(seqs, seq)
		}
	}
	if len(lists) > MaxClaim {
		lists, seqs = lists[:MaxClaim], seqs[:MaxClaim]
	}
	rows, err = c.tx.Query(ctx, freshSampleSQL, lists, seqs, c.req.Campaign)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*candidate, error) {
		x := &candidate{}
		p := &x.contact
		err := row.Scan(&p.ID, &p.ListID, &p.Seq, &p.Phone, &p.Name, &p.Zones, (*fields)(&p.Fields), &x.facts.region)
		return x, err
	})
}

// judgeFresh returns what a claim would say of an untouched contact: "" that it may be called.
func (w *asking) judgeFresh(x *candidate) (rule string, until time.Time) {
	w.c.seen = map[string]bool{}
	v := w.c.judge(x)
	switch {
	case v.state == stateInFlight, v.reason == ReasonNextNumber && !v.due.After(w.c.now):
		return "", time.Time{}
	case v.due != nil:
		return v.reason, *v.due
	}
	return v.reason, time.Time{}
}

// sum draws the conclusion.
func (w *asking) sum(y *CampaignWhy) {
	var best time.Time
	earlier := func(t *time.Time) {
		if t != nil && t.After(y.At) && (best.IsZero() || t.Before(best)) {
			best = *t
		}
	}
	earlier(y.NextDue)
	top := ReasonCount{}
	for _, r := range y.Reasons {
		if r.State == "untouched" {
			y.Dialable = y.Dialable || r.Reason == ""
			if r.Contacts > top.Contacts && r.Reason != "" {
				top = r
			}
			earlier(r.Next)
		}
	}
	y.Dialable = y.Dialable || y.Due > 0
	demand, stale := staleRegistry(w.c.now, w.c.settings.registryDemands(), w.c.registries)
	switch {
	case w.status != Running:
		y.Reason = WhyCampaign
	case !w.leased:
		y.Reason = WhyDialer
	case y.Loaded == 0:
		y.Reason = WhyNoContacts
	case stale:
		y.Reason = RuleRegistryStale
	case y.Dialable:
	case top.Contacts > 0:
		y.Reason = top.Reason
	case y.NextDue != nil:
		y.Reason = WhyWaiting
	default:
		y.Reason = WhyEmpty
	}
	y.Dialable = y.Reason == ""
	if !y.Dialable && !best.IsZero() && y.Reason != WhyCampaign && y.Reason != WhyDialer && y.Reason != RuleRegistryStale {
		y.Next = &best
	}
	y.Why, y.WhyZH = campaignText(y, demand)
}
