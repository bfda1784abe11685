package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Reader answers questions from the sums. It only reads.
type Reader struct {
	pool *pgxpool.Pool
	now  func() time.Time // nil: the database's clock
}

// NewReader makes one. now is for tests: nil is the database's clock.
func NewReader(pool *pgxpool.Pool, now func() time.Time) *Reader { return &Reader{pool, now} }

// Table is the answer to a question.
type Table struct {
	From      time.Time `json:"from" doc:"first moment"`
	To        time.Time `json:"to" doc:"first moment after it"`
	Zone      string    `json:"zone"`
	Group     Group     `json:"group" enum:"campaign,list,segment,agent,hour,day,month,version,caller,trunk,mode"`
	AsOf      time.Time `json:"as_of" doc:"everything up to this moment is in it"`
	Behind    bool      `json:"behind" doc:"true: something has happened that is not summed up yet"`
	Currency  string    `json:"currency" doc:"of money; empty: no cost settings, or several currencies"`
	Rows      []Row     `json:"rows" nullable:"false"`
	Total     Row       `json:"total" doc:"of the period, whatever the grouping"`
	Truncated bool      `json:"truncated" doc:"true: there are more rows than are shown, the smallest are missing"`
}

// Row is one line of a report.
type Row struct {
	Key      string              `json:"key" doc:"id of what the row is of; a day, a month or an hour; empty: of none"`
	Label    string              `json:"label" doc:"its name; empty when it is gone"`
	Sums     map[string]int64    `json:"sums" doc:"what was counted and measured; times in milliseconds"`
	KPI      map[string]*float64 `json:"kpi" doc:"by id of the definitions; null: cannot be told"`
	Previous map[string]*float64 `json:"previous,omitempty" doc:"the KPIs of the period before, when it was asked for"`
}

// snapshot runs do in one read-only snapshot.
func (r *Reader) snapshot(ctx context.Context, do func(tx pgx.Tx, now time.Time) error) error {
	return pgx.BeginTxFunc(ctx, r.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		var now time.Time
		b := &pgx.Batch{}
		b.Queue(`SET LOCAL jit = off`)
		b.Queue(`SELECT now()`).QueryRow(func(row pgx.Row) error { return row.Scan(&now) })
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		if r.now != nil {
			now = r.now()
		}
		return do(tx, now)
	})
}

// Report answers a question. Errors: *lists.InputError.
func (r *Reader) Report(ctx context.Context, q Question) (out Table, err error) {
	err = r.snapshot(ctx, func(tx pgx.Tx, now time.Time) error {
		p, err := q.check(now)
		if err != nil {
			return err
		}
		out, err = answer(ctx, tx, q, p)
		return err
	})
	if err != nil {
		return Table{}, fmt.Errorf("report: %w", err)
	}
	return out, nil
}

func answer(ctx context.Context, tx pgx.Tx, q Question, p period) (Table, error) {
	a := asking{tx: tx, q: q}
	out := Table{From: p.from, To: p.to, Zone: q.Zone, Group: q.Group}
	if err := a.begin(ctx, &out); err != nil {
		return out, err
	}
	rows, total, err := a.table(ctx, p)
	if err != nil {
		return out, err
	}
	out.Currency = a.costs.currency
	out.Rows, out.Truncated = order(q.Group, rows)
	if err := a.label(ctx, out.Rows); err != nil {
		return out, err
	}
	out.Total = row("", total)
	if !q.Compare {
		return out, nil
	}
	before, totalBefore, err := a.table(ctx, p.before())
	if err != nil {
		return out, err
	}
	out.Total.Previous = values(totalBefore)
	if q.Group == "day" || q.Group == "month" {
		return out, nil // other days have other keys
	}
	for i := range out.Rows {
		if f := before[out.Rows[i].Key]; f != nil {
			out.Rows[i].Previous = values(f)
		}
	}
	return out, nil
}

func row(key string, f *Figures) Row { return Row{Key: key, Sums: f.Map(), KPI: values(f)} }

// order sorts rows: those of time by time, others by attempts. Of too many the smallest go.
func order(g Group, rows map[string]*Figures) (out []Row, truncated bool) {
	keys := make([]string, 0, len(rows))
	for k := range rows {
		keys = append(keys, k)
	}
	byTime := g == "day" || g == "month" || g == "hour"
	slices.SortFunc(keys, func(a, b string) int {
		if n := rows[b].Sums[Attempts] - rows[a].Sums[Attempts]; n != 0 && !byTime {
			return int(max(-1, min(1, n)))
		}
		return strings.Compare(a, b)
	})
	if len(keys) > MaxRows {
		keys, truncated = keys[:MaxRows], true
	}
	out = make([]Row, len(keys))
	for i, k := range keys {
		out[i] = row(k, rows[k])
	}
	return out, truncated
}

// asking is one question under way.
type asking struct {
	tx        pgx.Tx
	q         Question
	daysUntil time.Time
	costs     costs
}

func (a *asking) begin(ctx context.Context, out *Table) (err error) {
	err = a.tx.QueryRow(ctx, `SELECT days_until, folded_at, EXISTS (SELECT FROM report_dirty) FROM report_state`).Scan(&a.daysUntil, &out.AsOf, &out.Behind)
	if err != nil {
		return err
	}
	a.costs, err = readCosts(ctx, a.tx, a.q.Campaigns)
	return err
}

// part is the sums of a row in one campaign under one set of cost settings.
type part struct {
	key      string
	campaign uuid.UUID
	tag      int
	Sums
}

// sumSQL sums up spans: whole days and quarters of an hour. Each span is one walk over the index.
var sumSQL = `SELECT x.key, x.slice, x.campaign_id, x.tag, ` + columns(0, measures, func(c string) string { return "sum(x." + c + ")::bigint" }) + ` FROM (
	SELECT p.key, p.tag, d.* FROM unnest($3::text[], $4::int[], $5::date[], $6::date[]) p(key, tag, f, t) CROSS JOIN LATERAL (
		SELECT slice, campaign_id, ` + columns(0, measures, summed) + ` FROM report_days
		WHERE kind = $1 AND day >= p.f AND day < p.t AND ($2::uuid[] IS NULL OR campaign_id = ANY ($2)) GROUP BY 1, 2 OFFSET 0) d
	UNION ALL
	SELECT p.key, p.tag, s.* FROM unnest($7::text[], $8::int[], $9::timestamptz[], $10::timestamptz[]) p(key, tag, f, t) CROSS JOIN LATERAL (
		SELECT slice, campaign_id, ` + columns(0, measures, summed) + ` FROM report_slots
		WHERE kind = $1 AND slot >= p.f AND slot < p.t AND ($2::uuid[] IS NULL OR campaign_id = ANY ($2)) GROUP BY 1, 2 OFFSET 0) s
) x GROUP BY 1, 2, 3, 4`

func summed(c string) string { return "sum(" + c + ") AS " + c }

func (a *asking) sum(ctx context.Context, kind string, all []piece) ([]part, error) {
	s := spread(all, a.daysUntil)
	var only []uuid.UUID
	if len(a.q.Campaigns) > 0 {
		only = a.q.Campaigns
	}
	rows, err := a.tx.Query(ctx, sumSQL, kind, only, s.dayKeys, s.dayTags, s.dayFrom, s.dayTo, s.slotKeys, s.slotTags, s.slotFrom, s.slotTo)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p part, err error) {
		var slice string
		to := []any{&p.key, &slice, &p.campaign, &p.tag}
		for i := range p.Sums {
			to = append(to, &p.Sums[i])
		}
		err = row.Scan(to...)
		if slice != "" {
			p.key = slice
		}
		return p, err
	})
}

// table computes the figures of all rows and of the whole.
func (a *asking) table(ctx context.Context, p period) (rows map[string]*Figures, total *Figures, err error) {
	changes := a.costs.changes(p)
	all, err := a.sum(ctx, "all", cut([]piece{{from: p.from, to: p.to}}, changes))
	if err != nil {
		return nil, nil, err
	}
	total = &Figures{Cost: Cost{Known: true}}
	whole := map[campaignTag]*Sums{}
	for i := range all {
		whole[campaignTag{all[i].campaign, all[i].tag}] = &all[i].Sums
		a.costs.into(total, &all[i], nil, changes)
	}
	parts := all
	if a.q.Group != "campaign" {
		if parts, err = a.sum(ctx, a.q.Group.kind(), p.pieces(a.q.Group, changes)); err != nil {
			return nil, nil, err
		}
	}
	rows = map[string]*Figures{}
	for i := range parts {
		key := parts[i].key
		if a.q.Group == "campaign" {
			key = parts[i].campaign.String()
		}
		f := rows[key]
		if f == nil {
			f = &Figures{Cost: Cost{Known: true}}
			rows[key] = f
		}
		a.costs.into(f, &parts[i], whole[campaignTag{parts[i].campaign, parts[i].tag}], changes)
	}
	if a.q.Group.parted() {
		rest(rows, total)
	}
	return rows, total, a.touched(ctx, p, rows, total)
}

// rest adds the row of what is in no other row.
func rest(rows map[string]*Figures, total *Figures) {
	f := &Figures{Sums: total.Sums, Cost: total.Cost}
	for _, r := range rows {
		for i := range f.Sums {
			f.Sums[i] -= r.Sums[i]
		}
		f.Cost.less(r.Cost)
	}
	if f.Sums[Attempts] > 0 {
		rows[""] = f
	}
}

// touched reads how far lists have been called: by campaign or by list, and in all.
func (a *asking) touched(ctx context.Context, p period, rows map[string]*Figures, total *Figures) error {
	key := map[Group]string{"campaign": "campaign_id", "list": "list_id"}[a.q.Group]
	if key == "" {
		key = "campaign_id" // for the whole only
	}
	loaded := map[string]int64{}
	found, err := a.tx.Query(ctx, `SELECT cl.`+key+`::text, sum(z.contacts)::bigint FROM campaign_lists cl JOIN list_zones z ON z.list_id = cl.list_id
		WHERE $1::uuid[] IS NULL OR cl.campaign_id = ANY ($1) GROUP BY 1`, nilIfNone(a.q.Campaigns))
	if err != nil {
		return err
	}
	var id string
	var n int64
	if _, err := pgx.ForEachRow(found, []any{&id, &n}, func() error {
		loaded[id] = n
		total.Loaded += n
		return nil
	}); err != nil {
		return err
	}
	kind := "all"
	if a.q.Group == "list" {
		kind = "list"
	}
	ever, err := a.sum(ctx, kind, []piece{{from: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), to: p.to}})
	if err != nil {
		return err
	}
	for i := range ever {
		total.Touched += ever[i].Sums[Fresh]
		key := ever[i].key
		if kind == "all" {
			key = ever[i].campaign.String()
		}
		if f := rows[key]; f != nil && (a.q.Group == "campaign" || a.q.Group == "list") {
			f.Touched += ever[i].Sums[Fresh]
			f.Loaded = loaded[key]
		}
	}
	return nil
}

func nilIfNone(ids []uuid.UUID) []uuid.UUID {
	if len(ids) == 0 {
		return nil
	}
	return ids
}

// Span tells the moments of a question's period. Errors: *lists.InputError.
func (r *Reader) Span(ctx context.Context, q Question) (from, to time.Time, err error) {
	err = r.snapshot(ctx, func(_ pgx.Tx, now time.Time) error {
		p, err := q.check(now)
		from, to = p.from, p.to
		return err
	})
	return from, to, err
}
