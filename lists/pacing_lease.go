package lists

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/pacing"
)

// BudgetRequest is what one of several dialers of a campaign asks of its abandonment budget.
type BudgetRequest struct {
	Campaign uuid.UUID
	Owner    string // node of its attempts; see ClaimRequest
	// Held are the tokens in use: calls in flight beyond the ready agents, and abandoned calls whose ending may not be in the
	// ledger yet.
	Held   int
	Wish   int // tokens that it could use in all
	Agents int // who are there; owners share by them
	TTL    time.Duration
	Law    pacing.Config // Target, Caution, Windows, Location
}

// BudgetLease is a share of a campaign's abandonment budget, for [pacing.Ledger.Lease], less the abandoned calls that were
// part of Held.
type BudgetLease struct {
	Tokens int       // what Held said is part of it
	Until  time.Time // local clock
	Counts []pacing.Count
}

// MaxBudgetLease bounds the life of a lease.
const MaxBudgetLease = time.Minute

// LeaseBudget gives an owner its share of the campaign's abandonment budget, or renews it; to be called every few seconds
// and again when more is needed. All tokens that are leased, and all calls in flight of owners without a lease, are never more
// than what the ledger has left of the cap, whoever asks in which order, as long as each owner keeps within its tokens: what
// is in use when an owner asks again stays his. Between owners that want more than there is, shares go by their agents (weighted max-min
// fairness). A dead owner's tokens are everybody's again when its lease is over, save one for each of its calls that
// have not ended in the ledger.
func (s *Store) LeaseBudget(ctx context.Context, r BudgetRequest) (BudgetLease, error) {
	switch {
	case r.Owner == "" || len(r.Owner) > 200:
		return BudgetLease{}, &InputError{"owner", "must have 1 to 200 characters"}
	case r.TTL <= 0 || r.TTL > MaxBudgetLease:
		return BudgetLease{}, &InputError{"ttl", "must be more than 0 and at most a minute"}
	case min(r.Held, r.Wish, r.Agents) < 0 || max(r.Held, r.Wish, r.Agents) > math.MaxInt32:
		return BudgetLease{}, &InputError{"held", "no count may be negative"}
	}
	// Taken before the database reads its own clock at BEGIN: so the lease ends here not later than there.
	lease := BudgetLease{Until: s.local().Add(r.TTL)}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		l := leasing{r: r, law: s.at()}
		if err := l.read(ctx, tx); err != nil {
			return err
		}
		lease.Tokens, lease.Counts = l.share(), l.counts
		_, err := tx.Exec(ctx, `INSERT INTO pacing_leases (campaign_id, owner, tokens, held, wish, agents, until) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (campaign_id, owner) DO UPDATE SET tokens = excluded.tokens, held = excluded.held, wish = excluded.wish,
			agents = excluded.agents, until = excluded.until`, r.Campaign, r.Owner, lease.Tokens, r.Held, r.Wish, r.Agents, l.now.Add(r.TTL))
		if violated(err) != "" {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return BudgetLease{}, fmt.Errorf("lease the budget of campaign %s: %w", r.Campaign, err)
	}
	return lease, nil
}

// ReturnBudget gives an owner's lease back. Its calls that have not ended keep a token each.
func (s *Store) ReturnBudget(ctx context.Context, campaign uuid.UUID, owner string) error {
	if _, err := s.pool.Exec(ctx, `DELETE FROM pacing_leases WHERE campaign_id = $1 AND owner = $2`, campaign, owner); err != nil {
		return fmt.Errorf("return the budget of campaign %s: %w", campaign, err)
	}
	return nil
}

// leasing is one lease being given.
type leasing struct {
	r   BudgetRequest
	law *time.Time

	now     time.Time
	others  []budgetOwner
	orphans int // calls in flight of nobody who has a lease
	counts  []pacing.Count
}

type budgetOwner struct{ tokens, held, wish, agents int }

// read learns what is leased and what is left. The calls in flight are read before the counts: an ending between the two is
// seen twice rather than not at all.
func (l *leasing) read(ctx context.Context, tx pgx.Tx) error {
	b := &pgx.Batch{}
	b.Queue(`SELECT pg_advisory_xact_lock($1, hashtext($2::text))`, lockBudget, l.r.Campaign.String())
	b.Queue(`SELECT coalesce($1::timestamptz, clock_timestamp())`, l.law).QueryRow(func(row pgx.Row) error { return row.Scan(&l.now) })
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	b = &pgx.Batch{}
	b.Queue(`DELETE FROM pacing_leases WHERE campaign_id = $1 AND until <= $2`, l.r.Campaign, l.now)
	b.Queue(`SELECT tokens, held, wish, agents FROM pacing_leases WHERE campaign_id = $1 AND owner <> $2 ORDER BY owner`, l.r.Campaign, l.r.Owner).Query(
		func(rows pgx.Rows) error {
			var o budgetOwner
			_, err := pgx.ForEachRow(rows, []any{&o.tokens, &o.held, &o.wish, &o.agents}, func() error {
				l.others = append(l.others, o)
				return nil
			})
			return err
		})
	b.Queue(`SELECT count(*) FROM open_attempts o WHERE o.campaign_id = $1 AND o.bridged_at IS NULL AND o.node <> $2
		AND NOT EXISTS (SELECT FROM pacing_leases p WHERE p.campaign_id = $1 AND p.owner = o.node)`, l.r.Campaign, l.r.Owner).QueryRow(
		func(row pgx.Row) error { return row.Scan(&l.orphans) })
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	c := pacing.New(l.r.Law).Config()
	counts, err := pacingCounts(ctx, tx, l.r.Campaign, c.Windows, c.Location, l.now)
	l.counts = counts
	return err
}

// share is how many tokens the owner gets.
func (l *leasing) share() int {
	agents, leased := l.r.Agents, 0
	wants, weights := []int{max(l.r.Held, l.r.Wish)}, []float64{float64(max(1, l.r.Agents))}
	for _, o := range l.others {
		agents, leased = agents+o.agents, leased+o.tokens
		wants, weights = append(wants, max(o.held, o.wish)), append(weights, float64(max(1, o.agents)))
	}
	ledger := pacing.NewLedger(l.r.Law)
	ledger.Restore(l.counts)
	left := max(0, int(math.Floor(ledger.Balance(l.now, agents)+1e-9))-l.orphans)
	fair := pacing.Share(left, wants, weights)[0]
	return max(l.r.Held, min(fair, left-leased))
}
