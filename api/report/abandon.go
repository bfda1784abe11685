package report

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/pacing"
)

// Spans are the legal windows in which abandonment is counted, all of them at once whether or not the campaign's cap holds in them.
var Spans = []pacing.Span{pacing.Day, pacing.Days30, pacing.Month}

// LedgerDays is the longest history of days of a ledger.
const LedgerDays = 92

// Ledger is a campaign's answers by people and its abandoned calls.
type Ledger struct {
	Campaign uuid.UUID      `json:"campaign_id"`
	Name     string         `json:"name"`
	Zone     string         `json:"zone" doc:"in which days and months begin"`
	Cap      float64        `json:"cap" doc:"the campaign's cap on abandoned / live; never above its rule packs'"`
	Windows  []LedgerWindow `json:"windows" nullable:"false"`
	Days     []LedgerDay    `json:"days" nullable:"false"`
}

// LedgerWindow is one legal window that holds the present moment.
type LedgerWindow struct {
	Span     pacing.Span `json:"span" enum:"day,30d,month" doc:"30d: successive blocks from the day of the first call, 16 CFR 310.4(b)(4)"`
	Start    time.Time   `json:"start"`
	End      time.Time   `json:"end"`
	Enforced bool        `json:"enforced" doc:"true: dialling keeps the cap in this window"`
	LedgerCounts
}

// LedgerCounts are live answers and abandoned calls. A person whom machine detection took for a machine is abandoned once the attempt
// is corrected so (Ofcom adds these; we count them everywhere, which is the safe side): AMDFalse says how many were.
type LedgerCounts struct {
	Live      int64    `json:"live"`
	Abandoned int64    `json:"abandoned"`
	AMDFalse  int64    `json:"amd_false" doc:"persons taken for machines, by corrections; of attempts begun in the window"`
	Rate      *float64 `json:"rate" nullable:"true" doc:"abandoned / live; null: nobody answered yet"`
	Room      int64    `json:"room" doc:"further calls that may be abandoned before the cap is met; negative: it is exceeded"`
}

// LedgerDay is one day of the campaign's zone.
type LedgerDay struct {
	Day string `json:"day" format:"date"`
	LedgerCounts
}

func (c *LedgerCounts) judge(limit float64) {
	if c.Live > 0 {
		r := float64(c.Abandoned) / float64(c.Live)
		c.Rate = &r
	}
	c.Room = int64(math.Floor(limit*float64(c.Live)+1e-9)) - c.Abandoned
}

// ledgerSQL sums up spans of campaigns, all in one question.
const ledgerSQL = `SELECT p.i, coalesce(a.live, 0), coalesce(a.abandoned, 0), coalesce(m.n, 0)
FROM unnest($1::int[], $2::uuid[], $3::timestamptz[], $4::timestamptz[]) p(i, campaign, f, t)
CROSS JOIN LATERAL (SELECT sum(live)::bigint AS live, sum(abandoned)::bigint AS abandoned FROM abandonment
	WHERE campaign_id = p.campaign AND quarter >= p.f AND quarter < p.t OFFSET 0) a
CROSS JOIN LATERAL (SELECT sum(amd_false)::bigint AS n FROM report_slots
	WHERE campaign_id = p.campaign AND slot >= p.f AND slot < p.t AND kind = 'all' OFFSET 0) m`

// Ledgers reads the abandonment of campaigns (none: of all that are not stopped) in all legal windows at once, and of their last days,
// at most LedgerDays. Errors: *lists.InputError.
func (r *Reader) Ledgers(ctx context.Context, campaigns []uuid.UUID, days int) (out []Ledger, err error) {
	if days < 0 || days > LedgerDays {
		return nil, &lists.InputError{Field: "days", Reason: fmt.Sprintf("must be 0 to %d", LedgerDays)}
	}
	if len(campaigns) > MaxCampaigns {
		return nil, &lists.InputError{Field: "campaign_ids", Reason: fmt.Sprintf("at most %d campaigns", MaxCampaigns)}
	}
	err = r.snapshot(ctx, func(tx pgx.Tx, now time.Time) error {
		out, err = ledgers(ctx, tx, now, campaigns, days)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("abandonment: %w", err)
	}
	return out, nil
}

func ledgers(ctx context.Context, tx pgx.Tx, now time.Time, campaigns []uuid.UUID, days int) ([]Ledger, error) {
	rows, err := tx.Query(ctx, `SELECT c.id, c.name, c.settings, (SELECT min(slot) FROM report_slots WHERE campaign_id = c.id AND kind = 'all' AND attempts > 0)
		FROM campaigns c WHERE CASE WHEN $1::uuid[] IS NULL THEN c.status <> 'stopped' ELSE c.id = ANY ($1) END ORDER BY c.name LIMIT $2`, nilIfNone(campaigns), MaxCampaigns)
	if err != nil {
		return nil, err
	}
	var out []Ledger
	var ask ledgerAsk
	var id uuid.UUID
	var name string
	var settings []byte
	var first *time.Time
	if _, err := pgx.ForEachRow(rows, []any{&id, &name, &settings, &first}, func() error {
		l, err := newLedger(id, name, settings, first, now, days)
		out = append(out, l)
		return err
	}); err != nil {
		return nil, err
	}
	for i := range out {
		ask.add(&out[i])
	}
	found, err := tx.Query(ctx, ledgerSQL, ask.nos, ask.campaigns, ask.from, ask.to)
	if err != nil {
		return nil, err
	}
	var no int
	var c LedgerCounts
	_, err = pgx.ForEachRow(found, []any{&no, &c.Live, &c.Abandoned, &c.AMDFalse}, func() error {
		to := ask.into[no]
		*to = c
		to.judge(ask.caps[no])
		return nil
	})
	return out, err
}

// newLedger lays out a campaign's windows and days, without their counts.
func newLedger(id uuid.UUID, name string, settings []byte, first *time.Time, now time.Time, days int) (Ledger, error) {
	var s lists.Settings
	if err := json.Unmarshal(settings, &s); err != nil {
		return Ledger{}, fmt.Errorf("settings of campaign %s: %w", id, err)
	}
	in := compliance.Location(s.Zone)
	if in == nil || s.Zone == "" {
		in = time.UTC
	}
	if first == nil {
		first = &now
	}
	enforced := s.Windows
	if len(enforced) == 0 {
		enforced = []pacing.Span{pacing.Day}
	}
	l := Ledger{Campaign: id, Name: name, Zone: in.String(), Cap: s.AbandonTarget, Windows: []LedgerWindow{}, Days: []LedgerDay{}}
	for _, span := range Spans {
		w := LedgerWindow{Span: span, Enforced: slices.Contains(enforced, span)}
		w.Start, w.End = span.Window(now, *first, in)
		l.Windows = append(l.Windows, w)
	}
	today := civilOf(now.In(in))
	for i := range days {
		l.Days = append(l.Days, LedgerDay{Day: today.plus(i - days + 1).String()})
	}
	return l, nil
}

func civilOf(t time.Time) civil {
	y, m, d := t.Date()
	return civil{y, m, d}
}

// ledgerAsk collects spans, and where their counts go.
type ledgerAsk struct {
	nos       []int32
	campaigns []uuid.UUID
	from, to  []time.Time
	into      []*LedgerCounts
	caps      []float64
}

func (a *ledgerAsk) add(l *Ledger) {
	one := func(from, to time.Time, into *LedgerCounts) {
		a.nos, a.campaigns = append(a.nos, int32(len(a.nos))), append(a.campaigns, l.Campaign)
		a.from, a.to, a.into, a.caps = append(a.from, from), append(a.to, to), append(a.into, into), append(a.caps, l.Cap)
	}
	for i := range l.Windows {
		w := &l.Windows[i]
		one(w.Start, w.End, &w.LedgerCounts)
	}
	in := compliance.Location(l.Zone)
	for i := range l.Days {
		day, err := time.Parse(time.DateOnly, l.Days[i].Day)
		if err != nil {
			continue // we wrote it
		}
		c := civilOf(day)
		one(c.start(in), c.plus(1).start(in), &l.Days[i].LedgerCounts)
	}
}
