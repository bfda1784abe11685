package lists

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/compliance"
)

// Withdraw ends calls that nobody answered yet, and returns when none of them can be answered any more.
type Withdraw func(ctx context.Context, attempts []uuid.UUID) error

const (
	settleTime  = time.Minute // for what comes after the numbers were replaced
	settleTries = 5
	settlePause = time.Second
)

// errNotWithdrawn is the end of a load after which unanswered calls to its numbers may have been under way.
var errNotWithdrawn = errors.New("the new numbers are asked, but calls to some of them that were under way could not be confirmed as ended: load the file again")

// settle makes sure that no call leaves any more to the numbers of a load that were just made the ones that are asked, and that those
// under way are withdrawn; only then the load has ended. It waits for claims that read the numbers from before.
func (s *Store) settle(ctx context.Context, no int, withdraw Withdraw) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	open, err := s.cancelListed(ctx, no)
	if err != nil {
		return err
	}
	for try := 0; withdraw != nil && len(open) > 0; try++ {
		err := withdraw(ctx, open)
		if err == nil {
			break
		}
		pause := time.NewTimer(settlePause)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
		if try == settleTries || ctx.Err() != nil {
			return errors.Join(errNotWithdrawn, err)
		}
	}
	return s.tx(ctx, func(tx pgx.Tx) error {
		if err := recheckListed(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE registry_loads SET state = 'done', ended_at = clock_timestamp() WHERE no = $1 AND state = 'running'`, no)
		return err
	})
}

// cancelListed marks the open attempts to a load's numbers, of the campaigns that must ask it, and returns them. A claim that began
// before the numbers were replaced holds its campaign's lock, so going through the locks waits for all of them.
func (s *Store) cancelListed(ctx context.Context, no int) (open []uuid.UUID, err error) {
	rows, err := s.pool.Query(ctx, `SELECT id FROM campaigns WHERE status = 'running' OR EXISTS (SELECT FROM open_attempts o WHERE o.campaign_id = campaigns.id) ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("campaigns that ask a registry: %w", err)
	}
	campaigns, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("campaigns that ask a registry: %w", err)
	}
	for _, id := range campaigns {
		var some []uuid.UUID
		err := s.tx(ctx, func(tx pgx.Tx) (err error) {
			if err := lockCampaignExclusive(ctx, tx, id); err != nil {
				return err
			}
			some, err = s.cancelListedOf(ctx, tx, id, no)
			return err
		})
		if err != nil && !errors.Is(err, ErrNotFound) { // a campaign that was deleted meanwhile calls nobody
			return nil, fmt.Errorf("withdraw calls to numbers of a registry: %w", err)
		}
		open = append(open, some...)
	}
	return open, nil
}

func (s *Store) cancelListedOf(ctx context.Context, tx pgx.Tx, campaign uuid.UUID, no int) ([]uuid.UUID, error) {
	w := s.asks(tx, campaign)
	if err := w.begin(ctx); err != nil {
		return nil, err
	}
	if !slices.Contains(asked(w.c.demands(), w.c.registries), no) {
		return nil, nil
	}
	i := slices.IndexFunc(w.c.registries, func(r registryFact) bool { return r.no != nil && *r.no == no })
	lifting := []string{}
	for _, rule := range w.c.asked.Active() {
		if rule.Kind == compliance.Registry && rule.Region == w.c.registries[i].region && len(rule.Override) > 0 {
			lifting = append(lifting, rule.ID)
		}
	}
	rows, err := tx.Query(ctx, `UPDATE open_attempts SET cancelled = true WHERE id = ANY (ARRAY(
		SELECT o.id FROM open_attempts o WHERE o.campaign_id = $1 AND o.answered_at IS NULL AND EXISTS (SELECT FROM `+registryTable(no)+` n WHERE n.phone = o.phone::bigint)
			AND NOT EXISTS (SELECT FROM rule_overrides x WHERE (x.phone = o.phone OR x.contact_id = o.contact_id) AND x.rule = ANY ($2) AND x.ended_at IS NULL
				AND x.until > $3 AND (x.campaign_id IS NULL OR x.campaign_id = $1))
		ORDER BY o.id FOR UPDATE)) RETURNING id`, campaign, lifting, w.c.now)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// settleOrphans ends loads whose process went away after their numbers had been made the ones that are asked. Dialers look for
// cancelled attempts each second.
func (s *Store) settleOrphans(ctx context.Context) error {
	rows, err := s.pool.Query(ctx, `SELECT l.no FROM registry_loads l JOIN registries r ON r.load_no = l.no WHERE l.state = 'running' AND l.beat_at < now() - $1::interval`, registryDead)
	if err != nil {
		return fmt.Errorf("look for interrupted registry loads: %w", err)
	}
	loads, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return fmt.Errorf("look for interrupted registry loads: %w", err)
	}
	for _, no := range loads {
		if err := s.settle(ctx, no, nil); err != nil {
			return err
		}
	}
	return nil
}
