package lists

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	openingTime  = 30 * time.Second // what ends sooner is the opening's
	foldBatch    = 2000             // calls counted in one transaction
	foldsAtOnce  = 5                // batches of one FoldScripts
	dispositions = time.Hour        // a call without a disposition is counted when it is this long over
)

// FoldScripts counts calls that are over and disposed into the sums that reports of scripts read, each once. It does at most 10,000 calls;
// when another process is at it, nothing. It is called before each report, so that sums are as new as the calls, and every minute.
func (s *Store) FoldScripts(ctx context.Context) error {
	for range foldsAtOnce {
		n := 0
		err := s.tx(ctx, func(tx pgx.Tx) (err error) {
			var mine bool
			if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1, 0)`, lockScripts).Scan(&mine); err != nil || !mine {
				return err
			}
			n, err = foldScripts(ctx, tx, s.at())
			return err
		})
		if err != nil {
			return fmt.Errorf("count calls of scripts: %w", err)
		}
		if n < foldBatch {
			return nil
		}
	}
	return nil
}

// foldedCall is one call as it is counted.
type foldedCall struct {
	attempt, script, campaign, list uuid.UUID
	version, hour                   int
	segments                        []uuid.UUID
	started, ended                  time.Time
	bridged                         *time.Time
	hungUpBy                        string
	finished, success, refusal      bool
	last                            string
	visits                          []visit
	answered                        map[string]bool // pages
}

type visit struct {
	step string
	at   time.Time
}

// foldedSQL finds calls to count. The attempt is found in the months around the beginning only: the history has a partition for each.
const foldedSQL = `SELECT r.attempt_id, r.script_id, r.campaign_id, r.list_id, r.version, r.hour, r.segments, r.started_at, r.finished, r.last_step,
		a.ended_at, a.bridged_at, a.hung_up_by, coalesce(d.success, false), coalesce(d.refusal, false) OR coalesce(d.effect = 'dnc', false)
	FROM script_runs r
	JOIN attempts a ON a.id = r.attempt_id AND a.permit_at BETWEEN r.started_at - interval '1 day' AND r.started_at + interval '1 hour'
	LEFT JOIN dispositions d ON d.attempt_id = r.attempt_id
	WHERE r.folded_at IS NULL AND (d.attempt_id IS NOT NULL OR a.ended_at < coalesce($1::timestamptz, now()) - make_interval(secs => $2))
	ORDER BY r.started_at LIMIT $3`

func foldScripts(ctx context.Context, tx pgx.Tx, at *time.Time) (int, error) {
	rows, err := tx.Query(ctx, foldedSQL, at, dispositions.Seconds(), foldBatch)
	if err != nil {
		return 0, err
	}
	calls, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*foldedCall, error) {
		f := &foldedCall{answered: map[string]bool{}}
		return f, row.Scan(&f.attempt, &f.script, &f.campaign, &f.list, &f.version, &f.hour, &f.segments, &f.started, &f.finished, &f.last, &f.ended,
			&f.bridged, &f.hungUpBy, &f.success, &f.refusal)
	})
	if err != nil || len(calls) == 0 {
		return 0, err
	}
	if err := readVisits(ctx, tx, calls); err != nil {
		return 0, err
	}
	t := tally{steps: map[stepKey]*stepSum{}, ways: map[wayKey]*waySum{}}
	for _, c := range calls {
		t.add(c)
	}
	if err := t.write(ctx, tx); err != nil {
		return 0, err
	}
	return len(calls), markFolded(ctx, tx, calls)
}

func readVisits(ctx context.Context, tx pgx.Tx, calls []*foldedCall) error {
	by := make(map[uuid.UUID]*foldedCall, len(calls))
	ids := make([]uuid.UUID, len(calls))
	for i, c := range calls {
		by[c.attempt], ids[i] = c, c.attempt
	}
	rows, err := tx.Query(ctx, `SELECT attempt_id, step, at FROM script_visits WHERE attempt_id = ANY ($1) ORDER BY attempt_id, no`, ids)
	if err != nil {
		return err
	}
	var id uuid.UUID
	var v visit
	if _, err := pgx.ForEachRow(rows, []any{&id, &v.step, &v.at}, func() error {
		by[id].visits = append(by[id].visits, v)
		return nil
	}); err != nil {
		return err
	}
	rows, err = tx.Query(ctx, `SELECT DISTINCT attempt_id, step FROM script_answers WHERE attempt_id = ANY ($1) AND answer <> 'null'::jsonb`, ids)
	if err != nil {
		return err
	}
	var step string
	_, err = pgx.ForEachRow(rows, []any{&id, &step}, func() error {
		by[id].answered[step] = true
		return nil
	})
	return err
}

func markFolded(ctx context.Context, tx pgx.Tx, calls []*foldedCall) error {
	n := len(calls)
	ids, last, talk := make([]uuid.UUID, n), make([]string, n), make([]int64, n)
	success, refusal, early := make([]bool, n), make([]bool, n), make([]bool, n)
	for i, c := range calls {
		ids[i], last[i], talk[i] = c.attempt, c.lastStep(), c.talk().Milliseconds()
		success[i], refusal[i], early[i] = c.success, c.refusal, c.early()
	}
	_, err := tx.Exec(ctx, `UPDATE script_runs r SET folded_at = now(), last_step = x.last, talk_ms = x.talk, success = x.success, refusal = x.refusal, early = x.early
		FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bool[], $5::bool[], $6::bool[]) AS x(id, last, talk, success, refusal, early)
		WHERE r.attempt_id = x.id`, ids, last, talk, success, refusal, early)
	return err
}

// talk is how long the callee and the agent were together.
func (f *foldedCall) talk() time.Duration {
	from := f.started
	if f.bridged != nil {
		from = *f.bridged
	}
	return min(max(f.ended.Sub(from), 0), maxSpent)
}

// early reports whether the call was lost in its opening: refused, or hung up by the callee without a success.
func (f *foldedCall) early() bool {
	return f.talk() <= openingTime && !f.success && (f.refusal || f.hungUpBy == "callee")
}

func (f *foldedCall) lastStep() string {
	for i := len(f.visits) - 1; i >= 0; i-- {
		if f.visits[i].step != "" && !f.visits[i].at.After(f.ended) {
			return f.visits[i].step
		}
	}
	return f.last
}

// stepKey and wayKey are the keys of the sums.
type stepKey struct {
	script, campaign  uuid.UUID
	version           int
	day               time.Time
	kind, slice, step string
}

type wayKey struct {
	stepKey
	to string
}

type stepSum struct {
	calls, exits, refusals, early, successes, answered, late int64
	times                                                    []int32
}

type waySum struct{ calls, successes, refusals int64 }

type tally struct {
	steps map[stepKey]*stepSum
	ways  map[wayKey]*waySum
}

func (t *tally) step(k stepKey) *stepSum {
	s := t.steps[k]
	if s == nil {
		s = &stepSum{}
		t.steps[k] = s
	}
	return s
}

func one(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// add counts a call into every sum that it belongs to.
func (t *tally) add(c *foldedCall) {
	base := stepKey{script: c.script, campaign: c.campaign, version: c.version, day: c.started.UTC().Truncate(24 * time.Hour)}
	kinds := [][2]string{{"all", ""}, {"list", c.list.String()}}
	if c.hour >= 0 {
		kinds = append(kinds, [2]string{"hour", fmt.Sprintf("%02d", c.hour)})
	}
	for _, g := range c.segments {
		kinds = append(kinds, [2]string{"segment", g.String()})
	}
	for _, s := range kinds {
		k := base
		k.kind, k.slice = s[0], s[1]
		t.count(k, c)
	}
}

func (t *tally) count(k stepKey, c *foldedCall) {
	all := t.step(k)
	stayed := c.talk() > openingTime
	all.calls++
	all.exits += one(c.finished)
	all.refusals += one(c.refusal)
	all.early += one(c.early())
	all.successes += one(c.success)
	all.answered += one(stayed)
	all.late += one(stayed && c.success)
	seen, gone := map[string]bool{}, map[[2]string]bool{}
	last := c.lastStep()
	for i, v := range c.visits {
		if v.step == "" || v.at.After(c.ended) && i > 0 {
			continue // the end, or what was looked at after the call
		}
		k.step = v.step
		s := t.step(k)
		until := c.ended
		if i+1 < len(c.visits) && c.visits[i+1].at.Before(c.ended) {
			until = c.visits[i+1].at
		}
		s.time(until.Sub(v.at))
		if !seen[v.step] {
			seen[v.step] = true
			s.calls++
			s.successes += one(c.success)
			s.answered += one(c.answered[v.step])
			if v.step == last && !c.finished {
				s.exits++
				s.refusals += one(c.refusal)
				s.early += one(c.early())
			}
		}
		if i+1 < len(c.visits) && !c.visits[i+1].at.After(c.ended) {
			t.way(k, c, c.visits[i+1].step, gone)
		}
	}
}

// way counts a way that a call took, once.
func (t *tally) way(k stepKey, c *foldedCall, to string, gone map[[2]string]bool) {
	if gone[[2]string{k.step, to}] {
		return
	}
	gone[[2]string{k.step, to}] = true
	key := wayKey{k, to}
	w := t.ways[key]
	if w == nil {
		w = &waySum{}
		t.ways[key] = w
	}
	w.calls++
	w.successes += one(c.success)
	w.refusals += one(c.refusal)
}

// Times are counted in buckets that grow by a tenth each, from a tenth of a second to an hour: a median taken from them is at most
// five percent off.
const (
	timeFirst   = 100 * time.Millisecond
	timeGrowth  = 1.1
	timeBuckets = 111 // of more than an hour the last
)

// timeBucket is the bucket of a duration.
func timeBucket(d time.Duration) int {
	if d <= timeFirst {
		return 0
	}
	return min(int(math.Log(float64(d)/float64(timeFirst))/math.Log(timeGrowth))+1, timeBuckets-1)
}

func (s *stepSum) time(d time.Duration) {
	i := timeBucket(d)
	if i >= len(s.times) {
		s.times = append(s.times, make([]int32, i+1-len(s.times))...)
	}
	s.times[i]++
}

// timeQuantile is the duration under which a share of those counted lie; 0 when there are none.
func timeQuantile(times []int32, share float64) time.Duration {
	total := int64(0)
	for _, n := range times {
		total += int64(n)
	}
	if total == 0 {
		return 0
	}
	want, below := share*float64(total), 0.0
	for i, n := range times {
		if n == 0 || below+float64(n) < want {
			below += float64(n)
			continue
		}
		low, high := timeEdge(i-1), timeEdge(i)
		return (low + time.Duration((want-below)/float64(n)*float64(high-low))).Round(time.Millisecond)
	}
	return timeEdge(len(times) - 1)
}

// timeEdge is the upper end of a bucket.
func timeEdge(i int) time.Duration {
	if i < 0 {
		return 0
	}
	return time.Duration(float64(timeFirst) * math.Pow(timeGrowth, float64(i)))
}

// write adds the sums to what is there, in an order that two writers keep to.
func (t *tally) write(ctx context.Context, tx pgx.Tx) error {
	b := &pgx.Batch{}
	steps := make([]stepKey, 0, len(t.steps))
	for k := range t.steps {
		steps = append(steps, k)
	}
	slices.SortFunc(steps, stepKey.compare)
	for _, k := range steps {
		s := t.steps[k]
		if s.times == nil {
			s.times = []int32{}
		}
		b.Queue(addStepSQL, k.script, k.version, k.campaign, k.day, k.kind, k.slice, k.step, s.calls, s.exits, s.refusals, s.early, s.successes, s.answered, s.late, s.times)
	}
	ways := make([]wayKey, 0, len(t.ways))
	for k := range t.ways {
		ways = append(ways, k)
	}
	slices.SortFunc(ways, func(a, b wayKey) int {
		if c := a.compare(b.stepKey); c != 0 {
			return c
		}
		return strings.Compare(a.to, b.to)
	})
	for _, k := range ways {
		w := t.ways[k]
		b.Queue(addWaySQL, k.script, k.version, k.campaign, k.day, k.kind, k.slice, k.step, k.to, w.calls, w.successes, w.refusals)
	}
	return tx.SendBatch(ctx, b).Close()
}

func (k stepKey) compare(o stepKey) int {
	if c := strings.Compare(k.script.String()+k.kind, o.script.String()+o.kind); c != 0 {
		return c
	}
	if k.version != o.version {
		return k.version - o.version
	}
	if c := strings.Compare(k.campaign.String(), o.campaign.String()); c != 0 {
		return c
	}
	if c := k.day.Compare(o.day); c != 0 {
		return c
	}
	if c := strings.Compare(k.slice, o.slice); c != 0 {
		return c
	}
	return strings.Compare(k.step, o.step)
}

const (
	addStepSQL = `INSERT INTO script_steps AS s (script_id, version, campaign_id, day, kind, slice, step, calls, exits, refusals, early, successes, answered, late, times)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (script_id, kind, version, campaign_id, day, slice, step) DO UPDATE SET calls = s.calls + excluded.calls, exits = s.exits + excluded.exits,
			refusals = s.refusals + excluded.refusals, early = s.early + excluded.early, successes = s.successes + excluded.successes,
			answered = s.answered + excluded.answered, late = s.late + excluded.late,
			times = ARRAY(SELECT coalesce(x.a, 0) + coalesce(x.b, 0) FROM unnest(s.times, excluded.times) WITH ORDINALITY AS x(a, b, n) ORDER BY x.n)`
	addWaySQL = `INSERT INTO script_ways AS w (script_id, version, campaign_id, day, kind, slice, from_step, to_step, calls, successes, refusals)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (script_id, kind, version, campaign_id, day, slice, from_step, to_step) DO UPDATE SET calls = w.calls + excluded.calls,
			successes = w.successes + excluded.successes, refusals = w.refusals + excluded.refusals`
)
