package lists

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/experiment"
)

// Errors of campaign tests.
var (
	ErrExperimentRuns = errors.New("a test runs already in this campaign: end it first")
	ErrPauseFirst     = errors.New("the campaign runs: pause it before its contacts are drawn")
)

// What a campaign test compares.
const (
	OutcomeSuccess    = "success"    // of the contacts called: with a disposition that is a success
	OutcomeContact    = "contact"    // of the contacts called: with a disposition that says that somebody was talked with
	OutcomeConversion = "conversion" // of the contacts drawn: with a sale that is won, or a conversion that was imported
)

const (
	maxDrawn   = 5_000_000
	maxStrata  = 10_000
	stratumMax = 80
)

var strataPattern = regexp.MustCompile(`^(list|zone|field\..{1,60})?$`)

// Experiment is a campaign test: treatments compared on contacts that were drawn before it began.
type Experiment struct {
	ID         uuid.UUID   `json:"id"`
	CampaignID uuid.UUID   `json:"campaign_id"`
	Name       string      `json:"name"`
	Arms       []Treatment `json:"arms" nullable:"false" doc:"the first one is the control"`
	Strata     string      `json:"strata" doc:"within what the arms are balanced: nothing, list, zone, or field.NAME"`
	Seed       int64       `json:"seed" doc:"the same seed draws the same arms from the same contacts"`
	Outcome    string      `json:"outcome" enum:"success,contact,conversion"`
	Planned    int64       `json:"planned" doc:"contacts with an outcome, of an arm and the control together, at which the test is over in any case"`
	StartedAt  time.Time   `json:"started_at"`
	EndedAt    *time.Time  `json:"ended_at"`
	EndedWhy   string      `json:"ended_why"`
}

// NewExperiment is a test to be begun.
type NewExperiment struct {
	Campaign uuid.UUID
	Name     string
	Arms     []Treatment
	Strata   string
	Seed     int64 // 0: one that nobody can foresee
	Outcome  string
	Planned  int64
	By       uuid.UUID
}

func (n *NewExperiment) clean() error {
	if n.Name = CleanText(n.Name, 1000); n.Name == "" || utf8.RuneCountInString(n.Name) > 120 {
		return &InputError{"name", "must be 1 to 120 characters"}
	}
	if !strataPattern.MatchString(n.Strata) {
		return &InputError{"strata", "must be nothing, list, zone, or field. and the name of a contact field"}
	}
	if n.Outcome != OutcomeSuccess && n.Outcome != OutcomeContact && n.Outcome != OutcomeConversion {
		return &InputError{"outcome", "must be success, contact or conversion"}
	}
	if n.Planned < 2*experiment.MinArm || n.Planned > 2*maxDrawn {
		return &InputError{"planned", fmt.Sprintf("must be between %d and %d contacts", 2*experiment.MinArm, 2*maxDrawn)}
	}
	return nil
}

// StartExperiment draws the contacts of a campaign that nobody has tried, and begins the test. The campaign must not run meanwhile.
// Contacts that have the same number are drawn together. Errors: *InputError (name, arms, arms[n].*, strata, outcome, planned),
// ErrNotFound, ErrPauseFirst, ErrExperimentRuns.
func (s *Store) StartExperiment(ctx context.Context, n NewExperiment) (Experiment, error) {
	if err := n.clean(); err != nil {
		return Experiment{}, err
	}
	id := newID()
	if n.Seed == 0 {
		random := uuid.New()
		for _, b := range random[:8] {
			n.Seed = n.Seed<<8 | int64(b)
		}
	}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if err := lockCampaignExclusive(ctx, tx, n.Campaign); err != nil {
			return err
		}
		var status CampaignStatus
		err := tx.QueryRow(ctx, `SELECT status FROM campaigns WHERE id = $1 FOR UPDATE`, n.Campaign).Scan(&status)
		switch {
		case noRows(err):
			return ErrNotFound
		case err != nil:
			return err
		case status == Running || status == Draining:
			return ErrPauseFirst
		}
		if err := checkTreatments(ctx, tx, n.Arms, n.Outcome); err != nil {
			return err
		}
		if err := checkArmCallers(ctx, tx, n.Campaign, n.Arms); err != nil {
			return err
		}
		return s.begin(ctx, tx, id, n)
	})
	if violated(err) == "experiments_one" {
		err = ErrExperimentRuns
	}
	if err != nil {
		return Experiment{}, fmt.Errorf("start a campaign test: %w", err)
	}
	return s.Experiment(ctx, id)
}

func (s *Store) begin(ctx context.Context, tx pgx.Tx, id uuid.UUID, n NewExperiment) error {
	arms, err := json.Marshal(n.Arms)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO experiments (id, campaign_id, name, arms, strata, seed, outcome, planned, started_by, started_at)
		VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9, coalesce($10::timestamptz, now()))`, id, n.Campaign, n.Name, string(arms), n.Strata, n.Seed, n.Outcome, n.Planned, n.By, s.at()); err != nil {
		return err
	}
	if err := draw(ctx, tx, id, n); err != nil {
		return err
	}
	if n.Arms[0].HoldOut {
		// Excluded with a reason: the sum of what becomes of the contacts holds (I14), and a claim only walks over them.
		if _, err := tx.Exec(ctx, `INSERT INTO contact_states AS cs (campaign_id, contact_id, list_id, state, reason)
			SELECT $2, c.id, c.list_id, 'excluded', '`+ReasonHoldOut+`' FROM experiment_contacts e JOIN contacts c ON c.id = e.contact_id WHERE e.experiment_id = $1 AND e.arm = 0
			ON CONFLICT (campaign_id, contact_id) DO UPDATE SET state = 'excluded', reason = excluded.reason, due_at = NULL WHERE cs.state = 'waiting'`, id, n.Campaign); err != nil {
			return err
		}
	}
	body, err := json.Marshal(Drawn{ID: id, Arms: n.Arms})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE campaigns SET revision = revision + 1, settings = settings || jsonb_build_object('experiment', $2::jsonb) WHERE id = $1`, n.Campaign, string(body))
	return err
}

// stratumSQL is the stratum of contact c; $2 is the name of a field.
func stratumSQL(strata string) (sql, field string) {
	switch {
	case strata == "list":
		return `c.list_id::text`, ""
	case strata == "zone":
		return `coalesce(c.zones[1], '')`, ""
	case strings.HasPrefix(strata, "field."):
		return `left(coalesce(c.fields->>$2, ''), ` + fmt.Sprint(stratumMax) + `)`, strings.TrimPrefix(strata, "field.")
	}
	return `''`, ""
}

// draw gives every contact that nobody has tried its arm. Those of one number follow each other, and get the same one.
func draw(ctx context.Context, tx pgx.Tx, id uuid.UUID, n NewExperiment) error {
	weights := make([]int, len(n.Arms))
	for i, t := range n.Arms {
		weights[i] = t.Weight
	}
	assign := experiment.NewAssigner(uint64(n.Seed), weights) //nolint:gosec // bits
	stratum, field := stratumSQL(n.Strata)
	rows, err := tx.Query(ctx, `SELECT c.id, c.phone, `+stratum+` FROM campaign_lists cl JOIN contacts c ON c.list_id = cl.list_id
		LEFT JOIN contact_states cs ON cs.campaign_id = cl.campaign_id AND cs.contact_id = c.id
		WHERE cl.campaign_id = $1 AND ($2::text IS NOT NULL) AND (cs.contact_id IS NULL OR cs.state = 'waiting' AND cs.attempts = 0 AND NOT cs.callback)
		ORDER BY c.phone COLLATE "C", c.id LIMIT $3`, n.Campaign, field, maxDrawn+1)
	if err != nil {
		return err
	}
	var out [][]any
	var contact uuid.UUID
	var phone, name, last string
	arm, strata := 0, map[string]string{}
	_, err = pgx.ForEachRow(rows, []any{&contact, &phone, &name}, func() error {
		kept, ok := strata[name]
		if !ok {
			kept = strings.Clone(name)
			strata[kept] = kept
		}
		if phone != last || len(out) == 0 {
			arm, last = assign.Next(kept), phone
		}
		out = append(out, []any{id, contact, int16(arm), kept}) //nolint:gosec // at most 10
		return nil
	})
	switch {
	case err != nil:
		return err
	case len(out) == 0:
		return &InputError{"campaign_id", "has no contacts that nobody has tried"}
	case len(out) > maxDrawn:
		return &InputError{"campaign_id", fmt.Sprintf("has more than %d contacts: test on fewer lists", maxDrawn)}
	case len(strata) > maxStrata:
		return &InputError{"strata", fmt.Sprintf("has more than %d values: choose something with fewer", maxStrata)}
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"experiment_contacts"}, []string{"experiment_id", "contact_id", "arm", "stratum"}, pgx.CopyFromRows(out))
	return err
}

const experimentSQL = `SELECT id, campaign_id, name, arms, strata, seed, outcome, planned, started_at, ended_at, ended_why FROM experiments `

// Experiment returns a campaign test, or ErrNotFound.
func (s *Store) Experiment(ctx context.Context, id uuid.UUID) (Experiment, error) {
	rows, err := s.pool.Query(ctx, experimentSQL+`WHERE id = $1`, id)
	if err != nil {
		return Experiment{}, fmt.Errorf("campaign test %s: %w", id, err)
	}
	e, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Experiment])
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return Experiment{}, fmt.Errorf("campaign test %s: %w", id, err)
	}
	return e, nil
}

// Experiments returns the tests of a campaign (zero: of all), newest first.
func (s *Store) Experiments(ctx context.Context, campaign uuid.UUID) ([]Experiment, error) {
	rows, err := s.pool.Query(ctx, experimentSQL+`WHERE $1::uuid IS NULL OR campaign_id = $1 ORDER BY started_at DESC LIMIT 200`, nilID(campaign))
	if err != nil {
		return nil, fmt.Errorf("campaign tests: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Experiment])
	if err != nil {
		return nil, fmt.Errorf("campaign tests: %w", err)
	}
	return out, nil
}

// EndExperiment ends a test: the campaign goes on as its settings have it. release lets the hold-out group be called from now on. To end
// one again has no effect. Errors: ErrNotFound.
func (s *Store) EndExperiment(ctx context.Context, id uuid.UUID, why string, release bool) (Experiment, error) {
	err := s.tx(ctx, func(tx pgx.Tx) error {
		var campaign uuid.UUID
		err := tx.QueryRow(ctx, `UPDATE experiments SET ended_at = coalesce($3::timestamptz, now()), ended_why = $2 WHERE id = $1 AND ended_at IS NULL RETURNING campaign_id`, id, CleanText(why, 500), s.at()).Scan(&campaign)
		if noRows(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE campaigns SET revision = revision + 1, settings = settings - 'experiment' WHERE id = $1`, campaign); err != nil || !release {
			return err
		}
		return releaseHeld(ctx, tx, campaign, s.at())
	})
	if err != nil {
		return Experiment{}, fmt.Errorf("end campaign test %s: %w", id, err)
	}
	return s.Experiment(ctx, id)
}

// releaseHeld makes the hold-out group due.
func releaseHeld(ctx context.Context, tx pgx.Tx, campaign uuid.UUID, now *time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE contact_states SET state = 'waiting', reason = '', due_at = coalesce($2::timestamptz, now())
			WHERE campaign_id = $1 AND state = 'excluded' AND reason = '`+ReasonHoldOut+`'`, campaign, now)
	return err
}
