package lists

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/agent/script"
)

// DropoffQuery asks where calls of a script end.
type DropoffQuery struct {
	Script   uuid.UUID
	By       string     // version, campaign, list, segment or hour
	Version  int        // 0: all
	Campaign *uuid.UUID // nil: all
	From, To time.Time  // days (UTC) of the beginning, both included; zero: no bound
}

// Dropoff says where calls of a script end, in groups that can be compared.
type Dropoff struct {
	By     string         `json:"by" enum:"version,campaign,list,segment,hour"`
	AsOf   time.Time      `json:"as_of"`
	Groups []DropoffGroup `json:"groups" nullable:"false"`
}

// DropoffGroup is what became of the calls of one group.
type DropoffGroup struct {
	Key          string        `json:"key" doc:"version, or version and id of the campaign, list or segment, or the hour"`
	Label        string        `json:"label"`
	Version      int           `json:"version"`
	Calls        int64         `json:"calls"`
	Ended        int64         `json:"ended" doc:"reached the end of the script"`
	Conversion   Share         `json:"conversion"`
	Refusal      Share         `json:"refusal"`
	Early        Share         `json:"early" doc:"refused, or hung up by the callee, in the first 30 seconds"`
	AfterOpening Share         `json:"after_opening" doc:"conversions of the calls that lasted longer than 30 seconds"`
	Verdict      string        `json:"verdict" enum:"opening,offer,both,few," doc:"against all other groups together, by 95 % intervals; opening: loses more calls early and does not convert worse afterwards; offer: converts worse after the opening; few: too few calls to say; empty: no difference that could be told from chance"`
	Steps        []DropoffStep `json:"steps" nullable:"false" doc:"in the order of the document"`
	Ways         []DropoffWay  `json:"ways" nullable:"false"`
}

// DropoffStep is one page in a group.
type DropoffStep struct {
	Step     string      `json:"step"`
	Title    script.Text `json:"title"`
	Reached  int64       `json:"reached" doc:"calls that saw it"`
	Exits    int64       `json:"exits" doc:"calls that ended on it, before the end of the script"`
	Refusals int64       `json:"refusals" doc:"of the exits"`
	Early    int64       `json:"early" doc:"of the exits, in the first 30 seconds"`
	Answered int64       `json:"answered" doc:"calls that answered one of its questions"`
	MedianMS int64       `json:"median_ms" doc:"of the time on the page, milliseconds"`
	P90MS    int64       `json:"p90_ms" doc:"nine of ten stays were shorter"`
}

// DropoffWay is a way from a page to another in a group.
type DropoffWay struct {
	From       string `json:"from"`
	To         string `json:"to" doc:"empty: the end"`
	Calls      int64  `json:"calls"`
	Conversion Share  `json:"conversion"`
	Refusals   int64  `json:"refusals"`
}

const (
	fewCalls   = 50  // of a group or of the others: less says nothing
	mostGroups = 200 // the largest ones
)

// Dropoff tells where the calls of a script end. It counts what is over and disposed first. Errors: ErrNotFound, *InputError (by).
func (s *Store) Dropoff(ctx context.Context, q DropoffQuery) (Dropoff, error) {
	if !slices.Contains([]string{"version", "campaign", "list", "segment", "hour"}, q.By) {
		return Dropoff{}, &InputError{"by", "must be version, campaign, list, segment or hour"}
	}
	if err := s.FoldScripts(ctx); err != nil {
		return Dropoff{}, err
	}
	now, err := s.moment(ctx)
	if err != nil {
		return Dropoff{}, fmt.Errorf("drop-off of script %s: %w", q.Script, err)
	}
	d := dropping{q: q, groups: map[string]*dropGroup{}}
	out := Dropoff{By: q.By, AsOf: now, Groups: []DropoffGroup{}}
	for _, step := range []func(context.Context, querier) error{d.read, d.readWays, d.name} {
		if err := step(ctx, s.pool); err != nil {
			return Dropoff{}, fmt.Errorf("drop-off of script %s: %w", q.Script, err)
		}
	}
	out.Groups = d.result()
	return out, nil
}

type dropGroup struct {
	DropoffGroup
	slice string
	sum   stepSum
	steps map[string]*stepSum
	ways  map[[2]string]*waySum
}

type dropping struct {
	q      DropoffQuery
	groups map[string]*dropGroup
	titles map[int]map[string]titled // by version and page
}

type titled struct {
	at    int
	title script.Text
}

// where is the condition on both tables of sums, whose parameters are args.
const dropWhere = ` WHERE script_id = $1 AND kind = $2 AND ($3 = 0 OR version = $3) AND ($4::uuid IS NULL OR campaign_id = $4)
	AND ($5::date IS NULL OR day >= $5) AND ($6::date IS NULL OR day <= $6)`

func (d *dropping) args() []any {
	kind := d.q.By
	if kind == "version" || kind == "campaign" {
		kind = "all"
	}
	day := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	return []any{d.q.Script, kind, d.q.Version, d.q.Campaign, day(d.q.From), day(d.q.To)}
}

// slice is what a row is grouped by besides its version.
func (d *dropping) slice() string {
	if d.q.By == "campaign" {
		return "campaign_id::text"
	}
	return "slice"
}

func (d *dropping) group(version int, slice string) *dropGroup {
	key := fmt.Sprintf("%d", version)
	if slice != "" {
		key += "/" + slice
	}
	g := d.groups[key]
	if g == nil {
		g = &dropGroup{slice: slice, steps: map[string]*stepSum{}, ways: map[[2]string]*waySum{}}
		g.Key, g.Version = key, version
		d.groups[key] = g
	}
	return g
}

func (d *dropping) read(ctx context.Context, q querier) error {
	rows, err := q.Query(ctx, `SELECT version, `+d.slice()+`, step, calls, exits, refusals, early, successes, answered, late, times FROM script_steps`+dropWhere, d.args()...)
	if err != nil {
		return err
	}
	var version int
	var slice, step string
	var x stepSum
	_, err = pgx.ForEachRow(rows, []any{&version, &slice, &step, &x.calls, &x.exits, &x.refusals, &x.early, &x.successes, &x.answered, &x.late, &x.times}, func() error {
		g := d.group(version, slice)
		if step == "" {
			g.sum.plus(&x)
			return nil
		}
		to := g.steps[step]
		if to == nil {
			to = &stepSum{}
			g.steps[step] = to
		}
		to.plus(&x)
		return nil
	})
	return err
}

func (s *stepSum) plus(o *stepSum) {
	s.calls += o.calls
	s.exits += o.exits
	s.refusals += o.refusals
	s.early += o.early
	s.successes += o.successes
	s.answered += o.answered
	s.late += o.late
	if n := len(o.times) - len(s.times); n > 0 {
		s.times = append(s.times, make([]int32, n)...)
	}
	for i, n := range o.times {
		s.times[i] += n
	}
}

func (d *dropping) readWays(ctx context.Context, q querier) error {
	rows, err := q.Query(ctx, `SELECT version, `+d.slice()+`, from_step, to_step, sum(calls)::bigint, sum(successes)::bigint, sum(refusals)::bigint
		FROM script_ways`+dropWhere+` GROUP BY 1, 2, 3, 4`, d.args()...)
	if err != nil {
		return err
	}
	var version int
	var slice string
	var way [2]string
	var x waySum
	_, err = pgx.ForEachRow(rows, []any{&version, &slice, &way[0], &way[1], &x.calls, &x.successes, &x.refusals}, func() error {
		w := x
		d.group(version, slice).ways[way] = &w
		return nil
	})
	return err
}

var dropNames = map[string]string{
	"campaign": `SELECT id::text, name FROM campaigns WHERE id = ANY ($1::uuid[])`,
	"list":     `SELECT id::text, name FROM lists WHERE id = ANY ($1::uuid[])`,
	"segment":  `SELECT id::text, name FROM segments WHERE id = ANY ($1::uuid[])`,
}

// name gives groups their labels, and reads the titles of the pages.
func (d *dropping) name(ctx context.Context, q querier) error {
	names := map[string]string{}
	if sql := dropNames[d.q.By]; sql != "" {
		var ids []string
		for _, g := range d.groups {
			ids = append(ids, g.slice)
		}
		rows, err := q.Query(ctx, sql, ids)
		if err != nil {
			return err
		}
		var id, name string
		if _, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error { names[id] = name; return nil }); err != nil {
			return err
		}
	}
	for _, g := range d.groups {
		g.Label = fmt.Sprintf("v%d", g.Version)
		switch {
		case d.q.By == "hour":
			g.Label = g.slice + ":00 · " + g.Label
		case g.slice != "" && names[g.slice] == "":
			g.Label = g.slice + " · " + g.Label // it is gone
		case g.slice != "":
			g.Label = names[g.slice] + " · " + g.Label
		}
	}
	return d.readTitles(ctx, q)
}

func (d *dropping) readTitles(ctx context.Context, q querier) error {
	d.titles = map[int]map[string]titled{}
	var versions []int
	for _, g := range d.groups {
		versions = append(versions, g.Version)
	}
	slices.Sort(versions)
	rows, err := q.Query(ctx, `SELECT version, body::text FROM scripts WHERE id = $1 AND version = ANY ($2)`, d.q.Script, slices.Compact(versions))
	if err != nil {
		return err
	}
	var version int
	var body string
	_, err = pgx.ForEachRow(rows, []any{&version, &body}, func() error {
		doc, err := script.Read([]byte(body))
		if err != nil {
			return nil // a document of a form that is gone: its pages have their ids for titles
		}
		titles := map[string]titled{}
		for i, s := range doc.Steps {
			titles[s.ID] = titled{i, s.Title}
		}
		d.titles[version] = titles
		return nil
	})
	return err
}

func (d *dropping) result() []DropoffGroup {
	groups := make([]*dropGroup, 0, len(d.groups))
	var all stepSum
	for _, g := range d.groups {
		groups = append(groups, g)
		all.plus(&g.sum)
	}
	slices.SortFunc(groups, func(a, b *dropGroup) int {
		if a.sum.calls != b.sum.calls {
			return int(b.sum.calls - a.sum.calls)
		}
		return strings.Compare(a.Key, b.Key)
	})
	if len(groups) > mostGroups {
		groups = groups[:mostGroups]
	}
	out := make([]DropoffGroup, len(groups))
	for i, g := range groups {
		g.fill(d.titles[g.Version])
		g.Verdict = dropVerdict(&g.sum, &all)
		out[i] = g.DropoffGroup
	}
	slices.SortStableFunc(out, func(a, b DropoffGroup) int {
		if d.q.By == "hour" && a.Key != b.Key {
			return strings.Compare(a.Label, b.Label)
		}
		return b.Version - a.Version
	})
	return out
}

func (g *dropGroup) fill(titles map[string]titled) {
	t := g.sum
	g.Calls, g.Ended = t.calls, t.exits
	g.Conversion, g.Refusal, g.Early = ShareOf(t.successes, t.calls), ShareOf(t.refusals, t.calls), ShareOf(t.early, t.calls)
	g.AfterOpening = ShareOf(t.late, t.answered)
	g.Steps, g.Ways = []DropoffStep{}, []DropoffWay{}
	for id, x := range g.steps {
		g.Steps = append(g.Steps, DropoffStep{Step: id, Title: titles[id].title, Reached: x.calls, Exits: x.exits, Refusals: x.refusals, Early: x.early,
			Answered: x.answered, MedianMS: timeQuantile(x.times, 0.5).Milliseconds(), P90MS: timeQuantile(x.times, 0.9).Milliseconds()})
	}
	order := func(a, b string) int {
		x, in := titles[a]
		y, is := titles[b]
		switch {
		case in && is:
			return x.at - y.at
		case in:
			return -1
		case is:
			return 1
		}
		return strings.Compare(a, b)
	}
	slices.SortFunc(g.Steps, func(a, b DropoffStep) int { return order(a.Step, b.Step) })
	for way, x := range g.ways {
		g.Ways = append(g.Ways, DropoffWay{From: way[0], To: way[1], Calls: x.calls, Conversion: ShareOf(x.successes, x.calls), Refusals: x.refusals})
	}
	slices.SortFunc(g.Ways, func(a, b DropoffWay) int {
		if c := order(a.From, b.From); c != 0 {
			return c
		}
		return order(a.To, b.To)
	})
}

// dropVerdict compares a group with all others: a bad opening loses calls before the product was heard of, and what it does not lose converts
// as well as elsewhere.
func dropVerdict(g, all *stepSum) string {
	rest := *all
	rest.calls, rest.early, rest.answered, rest.late = all.calls-g.calls, all.early-g.early, all.answered-g.answered, all.late-g.late
	if rest.calls == 0 {
		return ""
	}
	if g.calls < fewCalls || rest.calls < fewCalls {
		return "few"
	}
	opening := DifferenceOf(ShareOf(g.early, g.calls), ShareOf(rest.early, rest.calls)).above()
	offer := DifferenceOf(ShareOf(g.late, g.answered), ShareOf(rest.late, rest.answered)).below()
	switch {
	case opening && offer:
		return "both"
	case opening:
		return "opening"
	case offer:
		return "offer"
	}
	return ""
}
