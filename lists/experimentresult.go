package lists

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/experiment"
)

// ArmResult is what came of one arm.
type ArmResult struct {
	Arm         int     `json:"arm"`
	Drawn       int64   `json:"drawn" doc:"contacts of the arm"`
	Called      int64   `json:"called" doc:"of these, who were called since the start"`
	Attempts    int64   `json:"attempts"`
	Contact     Share   `json:"contact" doc:"talked with, of those called"`
	Success     Share   `json:"success" doc:"of those called"`
	Conversion  Share   `json:"conversion" doc:"a sale won or an imported conversion, of those drawn"`
	Revenue     []Money `json:"revenue" nullable:"false" doc:"of sales won, by currency"`
	Imported    int64   `json:"imported" doc:"sum of the imported conversions' amounts, in their smallest unit"`
	Uplift      *Uplift `json:"uplift" doc:"against the control, in the test's outcome; null for the control"`
	outcome     experiment.Count
	outcomePart Share
}

// Money is an amount in a currency's smallest unit.
type Money struct {
	Currency string `json:"currency"`
	Amount   int64  `json:"amount"`
}

// Uplift is an arm's share less the control's.
type Uplift struct {
	Difference                    // with the interval of one look (Newcombe)
	SureLow    float64            `json:"sure_low" doc:"lower end of the interval that holds however often one looks"`
	SureHigh   float64            `json:"sure_high"`
	Verdict    experiment.Verdict `json:"verdict" enum:"too_early,go_on,better,worse,undecided" doc:"of the stop rule"`
	Reached    int64              `json:"reached" doc:"contacts with an outcome, of the arm and the control"`
}

// ExperimentResult is a test with what came of it.
type ExperimentResult struct {
	Experiment
	Results []ArmResult `json:"results" nullable:"false"`
	At      time.Time   `json:"at"`
}

const resultSQL = `
WITH a AS (SELECT contact_id, count(*) AS n FROM (SELECT contact_id FROM attempts WHERE campaign_id = $2 AND permit_at >= $3 AND direction = 'outbound' AND ended_at <= $4
		UNION ALL SELECT contact_id FROM open_attempts WHERE campaign_id = $2 AND permit_at >= $3 AND direction = 'outbound' AND $5) x GROUP BY 1),
	d AS (SELECT contact_id, bool_or(contacted) AS contacted, bool_or(success) AS success FROM dispositions WHERE campaign_id = $2 AND at >= $3 AND at <= $4 GROUP BY 1),
	v AS (SELECT DISTINCT s.contact_id FROM sales s JOIN sale_stages g ON g.id = s.stage_id AND g.kind = 'won' WHERE s.campaign_id = $2 AND s.created_at >= $3)
SELECT e.arm, count(*), count(a.contact_id), coalesce(sum(a.n), 0)::bigint, count(*) FILTER (WHERE a.contact_id IS NOT NULL AND d.contacted),
	count(*) FILTER (WHERE a.contact_id IS NOT NULL AND d.success), count(*) FILTER (WHERE k.contact_id IS NOT NULL OR v.contact_id IS NOT NULL), coalesce(sum(k.amount), 0)::bigint
FROM experiment_contacts e LEFT JOIN a USING (contact_id) LEFT JOIN d USING (contact_id) LEFT JOIN v USING (contact_id)
LEFT JOIN experiment_conversions k ON k.experiment_id = e.experiment_id AND k.contact_id = e.contact_id
WHERE e.experiment_id = $1 GROUP BY e.arm`

const revenueSQL = `
SELECT e.arm, s.currency, sum(s.amount)::bigint FROM experiment_contacts e JOIN sales s ON s.contact_id = e.contact_id AND s.campaign_id = $2 AND s.created_at >= $3
JOIN sale_stages g ON g.id = s.stage_id AND g.kind = 'won' WHERE e.experiment_id = $1 GROUP BY 1, 2 ORDER BY 1, 2`

// ExperimentResult reads what came of a test. Calls and dispositions count from its start to its end, sales and imported conversions also
// after it: people buy later.
func (s *Store) ExperimentResult(ctx context.Context, id uuid.UUID) (ExperimentResult, error) {
	e, err := s.Experiment(ctx, id)
	if err != nil {
		return ExperimentResult{}, err
	}
	out := ExperimentResult{Experiment: e, Results: make([]ArmResult, len(e.Arms))}
	for i := range out.Results {
		out.Results[i] = ArmResult{Arm: i, Contact: ShareOf(0, 0), Success: ShareOf(0, 0), Conversion: ShareOf(0, 0), Revenue: []Money{}}
	}
	until, open := time.Now().AddDate(100, 0, 0), true
	if e.EndedAt != nil {
		until, open = *e.EndedAt, false
	}
	b := &pgx.Batch{}
	b.Queue(`SELECT now()`).QueryRow(func(row pgx.Row) error { return row.Scan(&out.At) })
	b.Queue(resultSQL, e.ID, e.CampaignID, e.StartedAt, until, open).Query(func(rows pgx.Rows) error { return readArms(rows, out.Results) })
	b.Queue(revenueSQL, e.ID, e.CampaignID, e.StartedAt).Query(func(rows pgx.Rows) error {
		var arm int
		var m Money
		_, err := pgx.ForEachRow(rows, []any{&arm, &m.Currency, &m.Amount}, func() error {
			if arm < len(out.Results) {
				out.Results[arm].Revenue = append(out.Results[arm].Revenue, m)
			}
			return nil
		})
		return err
	})
	if err := s.pool.SendBatch(ctx, b).Close(); err != nil {
		return ExperimentResult{}, fmt.Errorf("result of campaign test %s: %w", id, err)
	}
	out.compare()
	return out, nil
}

func readArms(rows pgx.Rows, into []ArmResult) error {
	var arm int
	var drawn, called, attempts, contacted, won, converted, imported int64
	_, err := pgx.ForEachRow(rows, []any{&arm, &drawn, &called, &attempts, &contacted, &won, &converted, &imported}, func() error {
		if arm >= len(into) {
			return nil
		}
		r := &into[arm]
		r.Drawn, r.Called, r.Attempts, r.Imported = drawn, called, attempts, imported
		r.Contact, r.Success, r.Conversion = ShareOf(contacted, called), ShareOf(won, called), ShareOf(converted, drawn)
		return nil
	})
	return err
}

// compare sets each arm against the first one. A conversion may come long after the call, and all who were drawn are counted from the
// beginning: so what the rule says of conversions holds for the end of the test only, and before it says to go on.
func (x *ExperimentResult) compare() {
	for i := range x.Results {
		r := &x.Results[i]
		r.outcomePart = map[string]Share{OutcomeSuccess: r.Success, OutcomeContact: r.Contact, OutcomeConversion: r.Conversion}[x.Outcome]
		r.outcome = experiment.Count{N: r.outcomePart.N, Of: r.outcomePart.Of}
		if i == 0 {
			continue
		}
		control := x.Results[0]
		verdict, sure := experiment.Judge(r.outcome, control.outcome, x.Planned)
		u := Uplift{Difference: DifferenceOf(r.outcomePart, control.outcomePart), SureLow: sure.Low, SureHigh: sure.High, Verdict: verdict, Reached: r.outcome.Of + control.outcome.Of}
		if x.Outcome == OutcomeConversion && x.EndedAt == nil && verdict != experiment.TooEarly {
			u.Verdict = experiment.GoOn
		}
		r.Uplift = &u
	}
}

// Conversion is what the outside says that a contact did. One of Contact, Phone and Key names him.
type Conversion struct {
	Contact uuid.UUID `json:"contact_id,omitempty" format:"uuid"`
	Phone   string    `json:"phone,omitempty" doc:"E.164: all drawn contacts with this number"`
	Key     string    `json:"key,omitempty" doc:"the customer's own id"`
	At      time.Time `json:"at"`
	Amount  int64     `json:"amount,omitempty" minimum:"0" maximum:"1000000000000" doc:"in the currency's smallest unit"`
}

// Converted says what became of imported conversions.
type Converted struct {
	Taken   int64 `json:"taken" doc:"contacts of the test whose conversion is noted now; a later one of the same contact takes the place of an earlier one"`
	Unknown int64 `json:"unknown" doc:"lines that name nobody of the test"`
}

// ImportConversions notes conversions of the contacts of a test, of the hold-out group among them. Those before its start do not count.
// Errors: ErrNotFound, *InputError (items[n].*).
func (s *Store) ImportConversions(ctx context.Context, id uuid.UUID, all []Conversion) (out Converted, err error) {
	e, err := s.Experiment(ctx, id)
	if err != nil {
		return out, err
	}
	n := len(all)
	contacts, phones, keys, ats, amounts := make([]*uuid.UUID, n), make([]string, n), make([]string, n), make([]time.Time, n), make([]int64, n)
	for i, c := range all {
		field := fmt.Sprintf("items[%d]", i)
		switch {
		case c.Contact == uuid.Nil && c.Phone == "" && c.Key == "":
			return out, &InputError{field + ".phone", "name the contact by contact_id, phone or key"}
		case c.At.IsZero() || c.At.Before(e.StartedAt):
			return out, &InputError{field + ".at", "must be a moment after the test's start"}
		case c.Amount < 0 || c.Amount > maxAmount:
			return out, &InputError{field + ".amount", "must be between 0 and 1,000,000,000,000 of the currency's smallest unit"}
		}
		contacts[i], phones[i], keys[i], ats[i], amounts[i] = nilID(c.Contact), c.Phone, c.Key, c.At, c.Amount
	}
	err = s.tx(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `WITH said AS (SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[]) WITH ORDINALITY AS s(contact, phone, key, at, amount, line)),
			met AS (SELECT s.line, s.at, s.amount, c.id FROM said s CROSS JOIN LATERAL (
				SELECT id FROM contacts WHERE id = s.contact UNION SELECT id FROM contacts WHERE phone = s.phone AND s.phone <> ''
				UNION SELECT p.contact_id FROM contact_phones p WHERE p.phone = s.phone AND s.phone <> ''
				UNION SELECT k.id FROM contacts k JOIN campaign_lists cl ON cl.list_id = k.list_id AND cl.campaign_id = $7 WHERE k.key = s.key AND s.key <> '') c
				JOIN experiment_contacts e ON e.experiment_id = $1 AND e.contact_id = c.id),
			put AS (INSERT INTO experiment_conversions AS x (experiment_id, contact_id, at, amount) SELECT DISTINCT ON (id) $1::uuid, id, at, amount FROM met ORDER BY id, at DESC
				ON CONFLICT (experiment_id, contact_id) DO UPDATE SET at = excluded.at, amount = excluded.amount RETURNING 1)
			SELECT (SELECT count(*) FROM put), (SELECT count(*) FROM said) - (SELECT count(DISTINCT line) FROM met)`, id, contacts, phones, keys, ats, amounts, e.CampaignID).Scan(&out.Taken, &out.Unknown)
	})
	if err != nil {
		return out, fmt.Errorf("import conversions: %w", err)
	}
	return out, nil
}
