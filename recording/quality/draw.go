package quality

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	drawEvery = time.Minute
	// lateBy is how long after its call a recording may be stored and a disposition given, for its call to be drawn all the same.
	lateBy = 3 * time.Hour
	// drawMost bounds one step of a rule that catches up.
	drawMost = 7 * 24 * time.Hour
)

// Run draws until ctx ends. One process of all does so.
func (s *Store) Run(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(drawEvery)
	defer tick.Stop()
	for {
		if _, err := s.Draw(ctx); err != nil && ctx.Err() == nil {
			log.Warn("calls to be scored were not drawn; the next minute tries again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

type dueRule struct {
	id      uuid.UUID
	mode    string
	until   time.Time
	perWeek int
}

// Draw lets all rules draw what they have not drawn yet, and returns how many calls came into the queue. Doing it again draws nothing
// twice; after an outage it catches up.
func (s *Store) Draw(ctx context.Context) (drawn int64, err error) {
	rows, err := s.pool.Query(ctx, `SELECT r.id, r.mode, r.drawn_until, r.per_week FROM sampling_rules r JOIN scorecards c ON c.id = r.card_id WHERE r.enabled AND NOT c.retired AND c.version > 0 ORDER BY r.id`)
	if err != nil {
		return 0, fmt.Errorf("draw calls: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r dueRule, err error) {
		err = row.Scan(&r.id, &r.mode, &r.until, &r.perWeek)
		return r, err
	})
	if err != nil {
		return 0, fmt.Errorf("draw calls: %w", err)
	}
	for _, r := range all {
		n, err := s.drawRule(ctx, r)
		drawn += n
		if err != nil {
			return drawn, fmt.Errorf("draw calls of rule %s: %w", r.id, err)
		}
	}
	return drawn, nil
}

// span is the next stretch of calls that a rule draws from; false: none is complete yet.
func (r *dueRule) span(now time.Time) (from, to, next time.Time, ok bool) {
	if r.mode == Weekly {
		from = WeekOf(r.until)
		to = from.AddDate(0, 0, 7)
		return from, to, to, !now.Before(to.Add(lateBy))
	}
	from = r.until.Add(-lateBy)
	to = r.until.Add(drawMost)
	if to.After(now) {
		to = now
	}
	return from, to, to, to.After(r.until)
}

// drawRule draws until nothing is left. Whoever else draws the same rule at the same time inserts the same rows.
func (s *Store) drawRule(ctx context.Context, r dueRule) (drawn int64, err error) {
	for {
		from, to, next, ok := r.span(s.now())
		if !ok {
			return drawn, nil
		}
		err := s.tx(ctx, func(tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, drawSQL, r.id, from, to, s.now())
			if err != nil {
				return err
			}
			drawn += tag.RowsAffected()
			_, err = tx.Exec(ctx, `UPDATE sampling_rules SET drawn_until = $2 WHERE id = $1 AND drawn_until = $3`, r.id, next, r.until)
			return err
		})
		if err != nil {
			return drawn, err
		}
		r.until = next
	}
}

// drawSQL puts into the queue what the rule $1 draws of the recordings from $2 until $3. A call that was scored before is not drawn.
const drawSQL = `
WITH fit AS (
	SELECT r.attempt_id, r.agent_id, coalesce(r.began_at, r.created_at) AS called_at, ` + lotSQL + ` AS lot, s.mode, s.share, s.per_week, s.card_id, s.due_days, s.id AS rule
	FROM sampling_rules s, quality_key k, recordings r
	WHERE s.id = $1 AND r.created_at >= $2 AND r.created_at < $3 AND r.agent_id IS NOT NULL
		AND (s.campaign_id IS NULL OR r.campaign_id = s.campaign_id) AND (s.agent_id IS NULL OR r.agent_id = s.agent_id)
		AND (s.team_id IS NULL OR EXISTS (SELECT FROM team_members m WHERE m.team_id = s.team_id AND m.user_id = r.agent_id))
		AND (cardinality(s.dispositions) = 0 OR r.disposition = ANY (s.dispositions))
		AND r.duration_ms >= s.least_ms AND (s.most_ms = 0 OR r.duration_ms <= s.most_ms)
		AND (NOT s.early OR EXISTS (SELECT FROM attempts a LEFT JOIN dispositions d ON d.attempt_id = a.id WHERE a.id = r.attempt_id
			AND a.ended_at - a.bridged_at <= interval '30 seconds' AND NOT coalesce(d.success, false) AND (a.hung_up_by = 'callee' OR coalesce(d.refusal, false)))))
INSERT INTO quality_picks (rule_id, attempt_id, agent_id, card_id, called_at, lot, drawn_at, due_at)
SELECT rule, attempt_id, agent_id, card_id, called_at, lot, $4, $4::timestamptz + due_days * interval '1 day'
FROM (SELECT *, row_number() OVER (PARTITION BY agent_id ORDER BY lot, attempt_id) AS place FROM fit) x
WHERE CASE mode WHEN 'share' THEN lot < share ELSE place <= per_week END
	AND NOT EXISTS (SELECT FROM evaluations e WHERE e.attempt_id = x.attempt_id AND e.calibration_id IS NULL)
ON CONFLICT DO NOTHING`

// Key is the secret that lots are drawn by; whoever has it can draw again and compare.
func (s *Store) Key(ctx context.Context) (key []byte, err error) {
	if err := s.pool.QueryRow(ctx, `SELECT key FROM quality_key`).Scan(&key); err != nil {
		return nil, fmt.Errorf("key of the draw: %w", err)
	}
	return key, nil
}
