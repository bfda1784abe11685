package quality

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/dialtide/dialtide/lists"
)

// Due is a call that is to be scored.
type Due struct {
	AttemptID   uuid.UUID `json:"attempt_id"`
	AgentID     uuid.UUID `json:"agent_id"`
	Agent       string    `json:"agent"`
	CampaignID  uuid.UUID `json:"campaign_id"`
	Campaign    string    `json:"campaign"`
	CardID      uuid.UUID `json:"card_id"`
	Card        string    `json:"card"`
	CalledAt    time.Time `json:"called_at"`
	DurationMS  int64     `json:"duration_ms"`
	Disposition string    `json:"disposition"`
	DueAt       time.Time `json:"due_at"`
	Rules       []string  `json:"rules" nullable:"false" doc:"names of those that drew it"`
	Gone        bool      `json:"gone" doc:"its recording is deleted: it can only be skipped"`
}

// DueChoice chooses from the queue; zero fields leave nothing out.
type DueChoice struct {
	Scope                 Scope
	Agent, Campaign, Rule uuid.UUID
	Late                  bool // only what should be scored by now
	Limit                 int
}

// Queue returns the calls that are to be scored, those first whose time is over first.
func (s *Store) Queue(ctx context.Context, f DueChoice) ([]Due, error) {
	rows, err := s.pool.Query(ctx, `
		WITH open AS (
			SELECT p.attempt_id, p.agent_id, min(p.due_at) AS due_at, min(p.called_at) AS called_at, (array_agg(p.card_id ORDER BY p.due_at, p.rule_id))[1] AS card_id,
				array_agg(s.name ORDER BY p.due_at, p.rule_id) AS rules
			FROM quality_picks p JOIN sampling_rules s ON s.id = p.rule_id
			WHERE p.done_at IS NULL AND ($1::uuid[] IS NULL OR p.agent_id = ANY ($1)) AND ($2::uuid IS NULL OR p.agent_id = $2)
				AND ($4::uuid IS NULL OR EXISTS (SELECT FROM quality_picks o WHERE o.attempt_id = p.attempt_id AND o.rule_id = $4 AND o.done_at IS NULL))
			GROUP BY p.attempt_id, p.agent_id)
		SELECT o.attempt_id, o.agent_id, u.name, coalesce(r.campaign_id, '00000000-0000-0000-0000-000000000000'), coalesce(c.name, ''), o.card_id, k.name, o.called_at,
			coalesce(r.duration_ms, 0), coalesce(r.disposition, ''), o.due_at, o.rules, r.attempt_id IS NULL
		FROM open o JOIN users u ON u.id = o.agent_id JOIN scorecards k ON k.id = o.card_id LEFT JOIN recordings r ON r.attempt_id = o.attempt_id LEFT JOIN campaigns c ON c.id = r.campaign_id
		WHERE ($3::uuid IS NULL OR r.campaign_id = $3) AND (NOT $5 OR o.due_at < $6) ORDER BY o.due_at, o.attempt_id LIMIT $7`,
		f.Scope.Agents(), nilID(f.Agent), nilID(f.Campaign), nilID(f.Rule), f.Late, s.now(), limit(f.Limit))
	return collect[Due](rows, err, "queue of calls to be scored")
}

// Skip takes a call out of the queue that cannot be scored, for a reason. No other is drawn for it. Errors: ErrNotDue, *lists.InputError (reason).
func (s *Store) Skip(ctx context.Context, attempt uuid.UUID, why string, by uuid.UUID, scope Scope) error {
	if why = lists.CleanText(why, 500); why == "" {
		return &lists.InputError{Field: "reason", Reason: "must have 1 to 500 characters: say why it cannot be scored"}
	}
	tag, err := s.pool.Exec(ctx, `UPDATE quality_picks SET done_at = $2, skipped_by = $3, why = $4 WHERE attempt_id = $1 AND done_at IS NULL AND ($5::uuid[] IS NULL OR agent_id = ANY ($5))`,
		attempt, s.now(), by, why, scope.Agents())
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotDue
	}
	if err != nil {
		return fmt.Errorf("skip call %s: %w", attempt, err)
	}
	return nil
}
