package lists

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dialtide/dialtide/lists/filter"
)

// SegmentCount is how many contacts fit, and how well that is known.
type SegmentCount struct {
	Contacts int64     `json:"contacts"`
	Of       int64     `json:"of" doc:"contacts of the lists that were asked"`
	Exact    bool      `json:"exact" doc:"false: estimated from a sample"`
	Margin   int64     `json:"margin" doc:"of an estimate: in 19 of 20 cases the number is within so many of the truth; 0 when exact"`
	At       time.Time `json:"at" doc:"when it was counted"`
	Took     int64     `json:"took_ms" doc:"milliseconds that the count took"`
}

const (
	exactBelow    = 300_000         // contacts that are counted one by one
	countPatience = 3 * time.Second // for counting them; then it is estimated
	exactPatience = 5 * time.Minute // when somebody asks for the exact number of a large segment
	sampleSpots   = 200             // places of the lists that a sample looks at
	sampleRun     = 100             // contacts at each place
)

// CountSegment counts a segment, unless the last count is younger than maxAge. exact asks for a true count of any size, which
// may take minutes; otherwise large segments are estimated. The count is kept with the segment.
func (s *Store) CountSegment(ctx context.Context, id uuid.UUID, maxAge time.Duration, exact bool) (SegmentCount, error) {
	g, err := s.Segment(ctx, id)
	if err != nil {
		return SegmentCount{}, err
	}
	now, err := s.moment(ctx)
	if err != nil {
		return SegmentCount{}, fmt.Errorf("count segment %s: %w", id, err)
	}
	if g.Count != nil && now.Sub(g.Count.At) < maxAge && (g.Count.Exact || !exact) {
		return *g.Count, nil
	}
	n, err := s.count(ctx, &g, now, exact)
	if err != nil {
		return SegmentCount{}, fmt.Errorf("count segment %s: %w", id, err)
	}
	raw, err := json.Marshal(n)
	if err == nil {
		_, err = s.pool.Exec(ctx, `UPDATE segments SET counted = $3::jsonb WHERE id = $1 AND revision = $2`, id, g.Revision, string(raw))
	}
	if err != nil {
		return SegmentCount{}, fmt.Errorf("count segment %s: %w", id, err)
	}
	return n, nil
}

// CountFilter counts the contacts of these lists that fit, exactly when they are few and estimated when they are many; no
// lists: of all. zone is that of relative dates.
func (s *Store) CountFilter(ctx context.Context, f *filter.Filter, schema *filter.Schema, listIDs []uuid.UUID, zone string) (SegmentCount, error) {
	now, err := s.moment(ctx)
	if err == nil {
		var n SegmentCount
		n, err = s.count(ctx, &Segment{Filter: f.Text(), ListIDs: listIDs, Zone: zone, types: usedTypes(f, schema)}, now, false)
		if err == nil {
			return n, nil
		}
	}
	return SegmentCount{}, fmt.Errorf("count contacts: %w", err)
}

// moment is the law's time.
func (s *Store) moment(ctx context.Context) (now time.Time, err error) {
	err = s.pool.QueryRow(ctx, `SELECT coalesce($1::timestamptz, now())`, s.at()).Scan(&now)
	return now, err
}

func (s *Store) count(ctx context.Context, g *Segment, now time.Time, exact bool) (n SegmentCount, err error) {
	began := s.local()
	n.At = now
	if n.Of, err = s.loaded(ctx, g.ListIDs); err != nil {
		return n, err
	}
	patience := countPatience
	if exact {
		patience = exactPatience
	}
	if n.Exact = exact || n.Of <= exactBelow; n.Exact {
		condition, args, err := g.condition(filter.Asked{Now: now})
		if err != nil {
			return n, err
		}
		err = s.patient(ctx, patience, func(tx pgx.Tx) error {
			return tx.QueryRow(ctx, `SELECT count(*) FROM contacts c WHERE `+condition, args...).Scan(&n.Contacts)
		})
		if n.Exact = err == nil; err != nil && (exact || !tooLong(err)) {
			return n, err
		}
	}
	if !n.Exact {
		n.Contacts, n.Margin, err = s.estimate(ctx, g, now, n.Of)
	}
	n.Took = s.local().Sub(began).Milliseconds()
	return n, err
}

func scope(ids []uuid.UUID) []uuid.UUID {
	if ids == nil {
		return []uuid.UUID{}
	}
	return ids
}

// loaded is how many contacts the lists have; no lists: all.
func (s *Store) loaded(ctx context.Context, ids []uuid.UUID) (n int64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT coalesce(sum(contacts), 0)::bigint FROM list_zones WHERE cardinality($1::uuid[]) = 0 OR list_id = ANY ($1)`, scope(ids)).Scan(&n)
	return n, err
}

// patient runs reads that the database ends after a time.
func (s *Store) patient(ctx context.Context, limit time.Duration, fn func(pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT set_config('statement_timeout', $1, true)`, fmt.Sprint(limit.Milliseconds())); err != nil {
			return err
		}
		return fn(tx)
	})
}

// tooLong reports whether the database gave a statement up because of its time.
func tooLong(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "57014"
}

// sampleSQL looks at a run of contacts from each of the spots ($1: lists, $2: seqs).
const sampleSQL = `SELECT count(*), count(*) FILTER (WHERE fits) FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS spot(list_id, seq, no)
	CROSS JOIN LATERAL (SELECT %s AS fits FROM (SELECT * FROM contacts x WHERE x.list_id = spot.list_id AND x.seq >= spot.seq ORDER BY x.seq LIMIT $3) c) c
	GROUP BY spot.no`

// estimate looks at runs of contacts at random places, each list as often as its share of the contacts.
func (s *Store) estimate(ctx context.Context, g *Segment, now time.Time, of int64) (n, margin int64, err error) {
	condition, args, err := g.condition(filter.Asked{Now: now, First: 4})
	if err != nil {
		return 0, 0, err
	}
	spots, seqs, err := s.spots(ctx, g.ListIDs, of)
	if err != nil || len(spots) == 0 {
		return 0, 0, err
	}
	var shares []float64
	var looked, fits int64
	err = s.patient(ctx, 10*time.Second, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, fmt.Sprintf(sampleSQL, condition), append([]any{spots, seqs, sampleRun}, args...)...)
		if err != nil {
			return err
		}
		var all, yes int64
		_, err = pgx.ForEachRow(rows, []any{&all, &yes}, func() error {
			looked, fits, shares = looked+all, fits+yes, append(shares, float64(yes)/float64(all))
			return nil
		})
		return err
	})
	if err != nil || looked == 0 {
		return 0, 0, err
	}
	share := float64(fits) / float64(looked)
	var spread float64
	for _, x := range shares {
		spread += (x - share) * (x - share)
	}
	k := float64(len(shares))
	deviation := math.Sqrt(spread / math.Max(k-1, 1) / k)
	// Where all or none fit, the sample shows no spread: the rule of three.
	deviation = math.Max(deviation, 3/1.96/float64(looked))
	return int64(math.Round(share * float64(of))), int64(math.Ceil(1.96 * deviation * float64(of))), nil
}

// spots chooses places, more in longer lists.
func (s *Store) spots(ctx context.Context, ids []uuid.UUID, of int64) (lists []uuid.UUID, seqs []int64, err error) {
	rows, err := s.pool.Query(ctx, `SELECT z.list_id, z.n, (SELECT min(seq) FROM contacts WHERE list_id = z.list_id), (SELECT max(seq) FROM contacts WHERE list_id = z.list_id)
		FROM (SELECT list_id, sum(contacts)::bigint AS n FROM list_zones WHERE cardinality($1::uuid[]) = 0 OR list_id = ANY ($1) GROUP BY list_id) z
		WHERE z.n > 0`, scope(ids))
	if err != nil {
		return nil, nil, err
	}
	var list uuid.UUID
	var n int64
	var first, last *int64
	_, err = pgx.ForEachRow(rows, []any{&list, &n, &first, &last}, func() error {
		if first == nil || last == nil {
			return nil
		}
		k := int(math.Ceil(sampleSpots * float64(n) / math.Max(float64(of), 1)))
		for range k {
			lists, seqs = append(lists, list), append(seqs, *first+rand.Int64N(*last-*first+1))
		}
		return nil
	})
	return lists, seqs, err
}
