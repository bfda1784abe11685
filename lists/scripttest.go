package lists

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ErrTestRuns says that a campaign has a script test already.
var ErrTestRuns = errors.New("a test of scripts runs already in this campaign: end it first")

// ScriptDraw is a running test of scripts, as a campaign's settings have it.
type ScriptDraw struct {
	ID   uuid.UUID   `json:"id"`
	Arms []ScriptArm `json:"arms" maxItems:"10"`
}

// ScriptArm is one of the scripts that a test compares.
type ScriptArm struct {
	Script  uuid.UUID `json:"script_id"`
	Version int       `json:"version"`
	Weight  int       `json:"weight" minimum:"1" maximum:"1000" doc:"share of the contacts, against the sum of the weights"`
}

// Draw is the arm of a contact: by weights, random over contacts and always the same for one contact, since it depends on nothing but the
// test and the contact. false: the draw has no arms.
func (d *ScriptDraw) Draw(contact uuid.UUID) (ScriptArm, bool) {
	if d == nil {
		return ScriptArm{}, false
	}
	total := 0
	for _, a := range d.Arms {
		total += max(a.Weight, 0)
	}
	if total == 0 {
		return ScriptArm{}, false
	}
	h := sha256.Sum256(append(append(make([]byte, 0, 32), d.ID[:]...), contact[:]...))
	at, _ := bits.Mul64(binary.BigEndian.Uint64(h[:8]), uint64(total)) // uniform in [0, total), to within 2^-50
	for _, a := range d.Arms {
		if at < uint64(max(a.Weight, 0)) {
			return a, true
		}
		at -= uint64(max(a.Weight, 0))
	}
	return ScriptArm{}, false
}

// ScriptFor is the script that guides a call to a contact, and the test that chose it (zero: none did).
func (s *Settings) ScriptFor(contact uuid.UUID) (script uuid.UUID, version int, test uuid.UUID) {
	if arm, ok := s.ScriptTest.Draw(contact); ok {
		return arm.Script, arm.Version, s.ScriptTest.ID
	}
	return s.ScriptID, s.ScriptVersion, uuid.Nil
}

// ScriptTest is a comparison of scripts on a campaign's contacts.
type ScriptTest struct {
	ID          uuid.UUID          `json:"id"`
	CampaignID  uuid.UUID          `json:"campaign_id"`
	Name        string             `json:"name"`
	State       string             `json:"state" enum:"running,ended"`
	StartedAt   time.Time          `json:"started_at"`
	EndedAt     *time.Time         `json:"ended_at"`
	Winner      *int               `json:"winner" doc:"index of the arm that the campaign went on with; null: its own script"`
	Arms        []ScriptTestArm    `json:"arms" nullable:"false"`
	Differences []ScriptDifference `json:"differences" nullable:"false" doc:"of each arm from the first one"`
}

// ScriptTestArm is what came of one arm. Shares are of contacts, since these were drawn: a contact who was called three times counts once.
// Only calls that are over and disposed are counted.
type ScriptTestArm struct {
	ScriptArm
	Name       string `json:"name" doc:"of the script"`
	Calls      int64  `json:"calls"`
	Contacts   int64  `json:"contacts"`
	Conversion Share  `json:"conversion"`
	Refusal    Share  `json:"refusal"`
	Early      Share  `json:"early" doc:"refused, or hung up, in the first 30 seconds of a call"`
}

// ScriptDifference compares an arm with the first one (Newcombe's intervals).
type ScriptDifference struct {
	Arm        int        `json:"arm"`
	Conversion Difference `json:"conversion"`
	Refusal    Difference `json:"refusal"`
	Early      Difference `json:"early"`
}

func checkArms(ctx context.Context, q querier, arms []ScriptArm) error {
	if len(arms) < 2 || len(arms) > 10 {
		return &InputError{"arms", "a test compares 2 to 10 scripts"}
	}
	seen := map[ScriptArm]bool{}
	for i, a := range arms {
		field := fmt.Sprintf("arms[%d]", i)
		if a.Weight < 1 || a.Weight > 1000 {
			return &InputError{field + ".weight", "must be 1 to 1000"}
		}
		key := ScriptArm{Script: a.Script, Version: a.Version}
		if seen[key] {
			return &InputError{field, "is there twice"}
		}
		seen[key] = true
		var there bool
		if err := q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM scripts WHERE id = $1 AND version = $2)`, a.Script, a.Version).Scan(&there); err != nil {
			return err
		}
		if !there {
			return &InputError{field + ".script_id", "there is no such script in this version"}
		}
	}
	return nil
}

// StartScriptTest lets scripts be compared on a campaign's contacts from now on. Errors: ErrNotFound, ErrTestRuns, *InputError (name, arms).
func (s *Store) StartScriptTest(ctx context.Context, campaign uuid.UUID, name string, arms []ScriptArm, by uuid.UUID) (ScriptTest, error) {
	if name = CleanText(name, 1000); name == "" || utf8.RuneCountInString(name) > 120 {
		return ScriptTest{}, &InputError{"name", "must be 1 to 120 characters"}
	}
	draw := ScriptDraw{ID: newID(), Arms: arms}
	body, err := json.Marshal(draw)
	if err != nil {
		return ScriptTest{}, err
	}
	list, err := json.Marshal(arms)
	if err != nil {
		return ScriptTest{}, err
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		if err := checkArms(ctx, tx, arms); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `UPDATE campaigns SET revision = revision + 1, settings = settings || jsonb_build_object('script_test', $2::jsonb) WHERE id = $1`, campaign, string(body))
		if err == nil && tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO script_tests (id, campaign_id, name, arms, started_by) VALUES ($1, $2, $3, $4::jsonb, $5)`, draw.ID, campaign, name, string(list), by)
		return err
	})
	if violated(err) == "script_tests_one" {
		err = ErrTestRuns
	}
	if err != nil {
		return ScriptTest{}, fmt.Errorf("start script test: %w", err)
	}
	return s.scriptTest(ctx, campaign, draw.ID)
}

// EndScriptTest ends a test. The campaign goes on with the winner's script, or with its own when there is none. To end one again has no
// effect. Errors: ErrNotFound, *InputError (winner).
func (s *Store) EndScriptTest(ctx context.Context, campaign, test uuid.UUID, winner *int) (ScriptTest, error) {
	err := s.tx(ctx, func(tx pgx.Tx) error {
		var arms []ScriptArm
		var ended *time.Time
		err := tx.QueryRow(ctx, `SELECT arms, ended_at FROM script_tests WHERE id = $1 AND campaign_id = $2 FOR UPDATE`, test, campaign).Scan(&arms, &ended)
		switch {
		case noRows(err):
			return ErrNotFound
		case err != nil || ended != nil:
			return err
		case winner != nil && (*winner < 0 || *winner >= len(arms)):
			return &InputError{"winner", "there is no such arm"}
		}
		change := map[string]any{}
		if winner != nil {
			change["script_id"], change["script_version"] = arms[*winner].Script, arms[*winner].Version
		}
		body, err := json.Marshal(change)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE campaigns SET revision = revision + 1, settings = (settings - 'script_test') || $2::jsonb WHERE id = $1`, campaign, string(body)); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE script_tests SET ended_at = now(), winner = $2 WHERE id = $1`, test, winner)
		return err
	})
	if err != nil {
		return ScriptTest{}, fmt.Errorf("end script test %s: %w", test, err)
	}
	return s.scriptTest(ctx, campaign, test)
}

func (s *Store) scriptTest(ctx context.Context, campaign, id uuid.UUID) (ScriptTest, error) {
	all, err := s.ScriptTests(ctx, campaign)
	if err != nil {
		return ScriptTest{}, err
	}
	for _, t := range all {
		if t.ID == id {
			return t, nil
		}
	}
	return ScriptTest{}, ErrNotFound
}

// ScriptTests returns the tests of a campaign with what came of them, newest first, at most 50.
func (s *Store) ScriptTests(ctx context.Context, campaign uuid.UUID) ([]ScriptTest, error) {
	if err := s.FoldScripts(ctx); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `SELECT id, campaign_id, name, arms, started_at, ended_at, winner FROM script_tests WHERE campaign_id = $1
		ORDER BY started_at DESC LIMIT 50`, campaign)
	if err != nil {
		return nil, fmt.Errorf("script tests: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t ScriptTest, err error) {
		var arms []ScriptArm
		err = row.Scan(&t.ID, &t.CampaignID, &t.Name, &arms, &t.StartedAt, &t.EndedAt, &t.Winner)
		if t.State = "running"; t.EndedAt != nil {
			t.State = "ended"
		}
		for _, a := range arms {
			t.Arms = append(t.Arms, ScriptTestArm{ScriptArm: a})
		}
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("script tests: %w", err)
	}
	for i := range out {
		if err := s.armResults(ctx, &out[i]); err != nil {
			return nil, fmt.Errorf("script test %s: %w", out[i].ID, err)
		}
	}
	return out, nil
}

func (s *Store) armResults(ctx context.Context, t *ScriptTest) error {
	rows, err := s.pool.Query(ctx, `SELECT r.script_id, r.version, sum(r.calls)::bigint, count(*), count(*) FILTER (WHERE r.success),
			count(*) FILTER (WHERE r.refusal), count(*) FILTER (WHERE r.early)
		FROM (SELECT script_id, version, contact_id, count(*) AS calls, bool_or(success) AS success, bool_or(refusal) AS refusal, bool_or(early) AS early
			FROM script_runs WHERE test_id = $1 AND folded_at IS NOT NULL GROUP BY 1, 2, 3) r GROUP BY 1, 2`, t.ID)
	if err != nil {
		return err
	}
	var arm ScriptArm
	var calls, contacts, won, refused, early int64
	if _, err := pgx.ForEachRow(rows, []any{&arm.Script, &arm.Version, &calls, &contacts, &won, &refused, &early}, func() error {
		for i := range t.Arms {
			if a := &t.Arms[i]; a.Script == arm.Script && a.Version == arm.Version {
				a.Calls, a.Contacts = calls, contacts
				a.Conversion, a.Refusal, a.Early = ShareOf(won, contacts), ShareOf(refused, contacts), ShareOf(early, contacts)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	t.Differences = []ScriptDifference{}
	for i := range t.Arms {
		a := &t.Arms[i]
		if a.Contacts == 0 {
			a.Conversion, a.Refusal, a.Early = ShareOf(0, 0), ShareOf(0, 0), ShareOf(0, 0)
		}
		if err := s.pool.QueryRow(ctx, `SELECT name FROM scripts WHERE id = $1 AND version = $2`, a.Script, a.Version).Scan(&a.Name); err != nil && !noRows(err) {
			return err
		}
		if i > 0 {
			first := t.Arms[0]
			t.Differences = append(t.Differences, ScriptDifference{i, DifferenceOf(a.Conversion, first.Conversion),
				DifferenceOf(a.Refusal, first.Refusal), DifferenceOf(a.Early, first.Early)})
		}
	}
	return nil
}
