package quality

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists"
)

// Modes of a [Rule].
const (
	Share  = "share"  // each call with the same chance
	Weekly = "weekly" // so many calls of each agent and week
)

const (
	maxPerWeek = 100
	maxDue     = 90 // days
	maxCodes   = 50
)

// Rule draws calls that are to be scored.
type Rule struct {
	ID           uuid.UUID  `json:"id"`
	Name         string     `json:"name"`
	CardID       uuid.UUID  `json:"card_id"`
	Card         string     `json:"card" doc:"its name"`
	Enabled      bool       `json:"enabled"`
	CampaignID   *uuid.UUID `json:"campaign_id" doc:"null: calls of any"`
	TeamID       *uuid.UUID `json:"team_id" doc:"null: agents of any"`
	AgentID      *uuid.UUID `json:"agent_id" doc:"null: any"`
	Mode         string     `json:"mode" enum:"share,weekly"`
	Share        float64    `json:"share" doc:"of mode share: of the calls, 0 to 1"`
	PerWeek      int        `json:"per_week" doc:"of mode weekly: calls of each agent and week, drawn when the week (Monday, 00:00 UTC) is over"`
	Dispositions []string   `json:"dispositions" nullable:"false" doc:"empty: any"`
	LeastMS      int64      `json:"least_ms" doc:"recordings that last at least so long"`
	MostMS       int64      `json:"most_ms" doc:"and at most; 0: any"`
	Early        bool       `json:"early" doc:"only calls that were lost in their first 30 seconds"`
	DueDays      int        `json:"due_days" doc:"to be scored so many days after the draw"`
	Revision     int        `json:"revision" doc:"grows with each change; send it back with an update"`
	DrawnUntil   time.Time  `json:"drawn_until" doc:"recordings of before have had their chance"`
	CreatedBy    string     `json:"created_by" doc:"name of the user"`
	CreatedAt    time.Time  `json:"created_at"`
	Drawn        int64      `json:"drawn" doc:"calls so far"`
	Open         int64      `json:"open" doc:"of them, still to be scored"`
}

// RuleText is what somebody says of a rule.
type RuleText struct {
	Name         string    `json:"name" minLength:"1" maxLength:"120"`
	CardID       uuid.UUID `json:"card_id" format:"uuid"`
	Enabled      bool      `json:"enabled"`
	CampaignID   uuid.UUID `json:"campaign_id,omitempty" format:"uuid"`
	TeamID       uuid.UUID `json:"team_id,omitempty" format:"uuid"`
	AgentID      uuid.UUID `json:"agent_id,omitempty" format:"uuid"`
	Mode         string    `json:"mode" enum:"share,weekly"`
	Share        float64   `json:"share,omitempty" doc:"of mode share: above 0, at most 1"`
	PerWeek      int       `json:"per_week,omitempty" doc:"of mode weekly: 1 to 100"`
	Dispositions []string  `json:"dispositions,omitempty" maxItems:"50" nullable:"false"`
	LeastMS      int64     `json:"least_ms,omitempty" minimum:"0" maximum:"86400000"`
	MostMS       int64     `json:"most_ms,omitempty" minimum:"0" maximum:"86400000"`
	Early        bool      `json:"early,omitempty"`
	DueDays      int       `json:"due_days" minimum:"1" maximum:"90"`
}

func (t *RuleText) clean() error {
	t.Name = lists.CleanText(t.Name, 120)
	if t.Dispositions == nil {
		t.Dispositions = []string{}
	}
	wrong := func(field, reason string) error { return &lists.InputError{Field: field, Reason: reason} }
	switch {
	case t.Name == "":
		return wrong("name", "must have 1 to 120 characters")
	case t.Mode != Share && t.Mode != Weekly:
		return wrong("mode", "must be share or weekly")
	case t.Mode == Share && !(t.Share > 0 && t.Share <= 1):
		return wrong("share", "must be above 0 and at most 1")
	case t.Mode == Weekly && (t.PerWeek < 1 || t.PerWeek > maxPerWeek):
		return wrong("per_week", "must be 1 to 100")
	case len(t.Dispositions) > maxCodes:
		return wrong("dispositions", "must be at most 50")
	case t.LeastMS < 0:
		return wrong("least_ms", "must not be negative")
	case t.MostMS < 0 || t.MostMS > 0 && t.MostMS < t.LeastMS:
		return wrong("most_ms", "must be 0, or not below least_ms")
	case t.DueDays < 1 || t.DueDays > maxDue:
		return wrong("due_days", "must be 1 to 90 days")
	}
	if t.Mode == Share {
		t.PerWeek = 0
	} else {
		t.Share = 0
	}
	return nil
}

const ruleSQL = `SELECT r.id, r.name, r.card_id, c.name, r.enabled, r.campaign_id, r.team_id, r.agent_id, r.mode, r.share, r.per_week, r.dispositions, r.least_ms, r.most_ms, r.early,
	r.due_days, r.revision, r.drawn_until, u.name, r.created_at, (SELECT count(*) FROM quality_picks p WHERE p.rule_id = r.id),
	(SELECT count(*) FROM quality_picks p WHERE p.rule_id = r.id AND p.done_at IS NULL)
	FROM sampling_rules r JOIN scorecards c ON c.id = r.card_id JOIN users u ON u.id = r.created_by `

// Rules returns all rules, oldest first.
func (s *Store) Rules(ctx context.Context) ([]Rule, error) {
	rows, err := s.pool.Query(ctx, ruleSQL+`ORDER BY r.created_at, r.id LIMIT 500`)
	return collect[Rule](rows, err, "sampling rules")
}

// Rule returns one rule, or lists.ErrNotFound.
func (s *Store) Rule(ctx context.Context, id uuid.UUID) (Rule, error) {
	rows, err := s.pool.Query(ctx, ruleSQL+`WHERE r.id = $1`, id)
	var r Rule
	if err == nil {
		r, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Rule])
	}
	if err != nil {
		return r, fmt.Errorf("sampling rule %s: %w", id, missing(err))
	}
	return r, nil
}

// SaveRule makes a rule (id zero) or changes the one whose revision is given. A new rule of a share draws from the beginning of yesterday,
// one of so many calls a week from the week before this one. Errors: *lists.InputError, lists.ErrStale, lists.ErrNotFound.
func (s *Store) SaveRule(ctx context.Context, id uuid.UUID, t RuleText, revision int, by uuid.UUID) (Rule, error) {
	if err := t.clean(); err != nil {
		return Rule{}, err
	}
	args := []any{id, t.Name, t.CardID, t.Enabled, nilID(t.CampaignID), nilID(t.TeamID), nilID(t.AgentID), t.Mode, t.Share, t.PerWeek, t.Dispositions, t.LeastMS, t.MostMS, t.Early, t.DueDays}
	var err error
	if id == uuid.Nil {
		id = lists.NewID()
		args[0] = id
		from := s.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -1)
		if t.Mode == Weekly {
			from = WeekOf(s.now()).AddDate(0, 0, -7)
		}
		_, err = s.pool.Exec(ctx, `INSERT INTO sampling_rules (id, name, card_id, enabled, campaign_id, team_id, agent_id, mode, share, per_week, dispositions, least_ms, most_ms, early, due_days,
			drawn_until, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`, append(args, from, by)...)
	} else {
		err = s.changeRule(ctx, id, t.Mode, args, revision)
	}
	switch violated(err) {
	case "sampling_rules_card_id_fkey":
		err = &lists.InputError{Field: "card_id", Reason: "there is no such scorecard"}
	case "sampling_rules_team_id_fkey":
		err = &lists.InputError{Field: "team_id", Reason: "there is no such team"}
	case "sampling_rules_agent_id_fkey":
		err = &lists.InputError{Field: "agent_id", Reason: "there is no such agent"}
	}
	if err != nil {
		return Rule{}, fmt.Errorf("save a sampling rule: %w", err)
	}
	return s.Rule(ctx, id)
}

func (s *Store) changeRule(ctx context.Context, id uuid.UUID, mode string, args []any, revision int) error {
	return s.tx(ctx, func(tx pgx.Tx) error {
		var have int
		var was string
		var until time.Time
		if err := tx.QueryRow(ctx, `SELECT revision, mode, drawn_until FROM sampling_rules WHERE id = $1 FOR UPDATE`, id).Scan(&have, &was, &until); err != nil {
			return missing(err)
		}
		if have != revision {
			return lists.ErrStale
		}
		if mode == Weekly && was != mode { // weeks are drawn as a whole
			until = WeekOf(until)
		}
		_, err := tx.Exec(ctx, `UPDATE sampling_rules SET name = $2, card_id = $3, enabled = $4, campaign_id = $5, team_id = $6, agent_id = $7, mode = $8, share = $9, per_week = $10,
			dispositions = $11, least_ms = $12, most_ms = $13, early = $14, due_days = $15, drawn_until = $16, revision = revision + 1 WHERE id = $1`, append(args, until)...)
		return err
	})
}

// DeleteRule deletes a rule whose calls are all scored or skipped; others are switched off, so that nobody gets rid of what was drawn.
func (s *Store) DeleteRule(ctx context.Context, id uuid.UUID) error {
	err := s.tx(ctx, func(tx pgx.Tx) error {
		var open bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM quality_picks WHERE rule_id = r.id AND done_at IS NULL) FROM sampling_rules r WHERE r.id = $1 FOR UPDATE`, id).Scan(&open); err != nil {
			return missing(err)
		}
		if open {
			return &lists.InputError{Field: "id", Reason: "calls that it drew are still to be scored: switch it off instead"}
		}
		_, err := tx.Exec(ctx, `DELETE FROM sampling_rules WHERE id = $1`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete sampling rule %s: %w", id, err)
	}
	return nil
}
