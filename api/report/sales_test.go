package report_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/dialtide/dialtide/api/report"
	"github.com/dialtide/dialtide/lists"
)

// Stages that all campaigns have.
var (
	newStage  = uuid.MustParse("5a1e0000-0000-4000-8000-000000000001")
	wonStage  = uuid.MustParse("5a1e0000-0000-4000-8000-000000000003")
	lostStage = uuid.MustParse("5a1e0000-0000-4000-8000-000000000004")
)

// sale notes one that a call made.
func (p *past) sale(attempt, stage uuid.UUID, amount int64, currency string) lists.Sale {
	p.t.Helper()
	made, err := p.store.CreateSale(p.t.Context(), lists.NewSale{ID: uuid.New(), Attempt: attempt, By: p.agents[0], SaleText: lists.SaleText{Title: "x", StageID: stage, Amount: amount, Currency: currency}})
	require.NoError(p.t, err)
	p.sales = append(p.sales, made)
	return made
}

// becomes changes a sale; attempt (zero: none) is another call of it.
func (p *past) becomes(s lists.Sale, stage uuid.UUID, amount int64, currency string, attempt uuid.UUID) {
	p.t.Helper()
	now, err := p.store.Sale(p.t.Context(), s.ID, uuid.Nil)
	require.NoError(p.t, err)
	_, err = p.store.UpdateSale(p.t.Context(), s.ID, now.Revision, lists.SaleText{Title: "x", StageID: stage, Amount: amount, Currency: currency}, attempt, p.agents[0])
	require.NoError(p.t, err)
}

// sell lets something happen to sales: new ones, changes, other calls, another meaning of a stage, another currency of the costs.
func (p *past) sell() {
	r := p.rand
	if len(p.attempts) == 0 {
		return
	}
	stage, currency := pick(r, []uuid.UUID{newStage, wonStage, wonStage, lostStage}), pick(r, []string{"EUR", "EUR", "USD", "JPY"})
	switch r.IntN(8) {
	case 0:
		p.exec(`UPDATE sale_stages SET kind = $2 WHERE id = $1`, newStage, pick(r, []string{"open", "won"}))
	case 1:
		var rates []report.Rates
		for i := range r.IntN(3) {
			rates = append(rates, report.Rates{Since: begin.Add(time.Duration(i) * time.Hour), Currency: currency, Revenue: 10})
		}
		require.NoError(p.t, p.fold.PutRates(p.t.Context(), pick(r, p.campaigns), rates))
	case 2, 3, 4:
		p.sale(pick(r, p.attempts), stage, r.Int64N(1_000_000), currency)
	default:
		if len(p.sales) == 0 {
			return
		}
		s, other := pick(r, p.sales), uuid.Nil
		if others := p.ids(`SELECT id FROM attempts WHERE contact_id = $1 ORDER BY permit_at, id`, s.ContactID); r.IntN(2) == 0 {
			other = pick(r, others)
		}
		p.becomes(s, stage, r.Int64N(1_000_000), currency, other)
	}
}

// agreeOnSales adds sales up from their own rows: once as a whole, and once by the quarter of an hour of their first call.
func (p *past) agreeOnSales() {
	p.t.Helper()
	for _, kind := range []string{"all", "list", "trunk", "caller", "mode", "callee"} {
		var diff, won int
		require.NoError(p.t, p.pool.QueryRow(p.t.Context(), `WITH raw AS (
				SELECT a.campaign_id, date_bin('15 min', a.permit_at, 'epoch') AS slot, count(*) AS sales, count(*) FILTER (WHERE NOT coalesce(s.currency = k.currency, false)) AS sales_elsewhere,
					coalesce(sum(s.amount) FILTER (WHERE s.currency = k.currency), 0) AS sold
				FROM sales s JOIN sale_stages g ON g.id = s.stage_id AND g.kind = 'won'
				JOIN LATERAL (SELECT attempt_id FROM sale_attempts c WHERE c.sale_id = s.id ORDER BY added_at, attempt_id LIMIT 1) c ON true
				JOIN attempts a ON a.id = c.attempt_id LEFT JOIN (SELECT DISTINCT campaign_id, currency FROM report_costs) k ON k.campaign_id = s.campaign_id GROUP BY 1, 2
			), folded AS (
				SELECT campaign_id, slot, sum(sales) AS sales, sum(sales_elsewhere) AS sales_elsewhere, sum(sold) AS sold FROM report_slots WHERE kind = $1 AND sales > 0 GROUP BY 1, 2)
			SELECT count(*) FILTER (WHERE (raw.sales, raw.sales_elsewhere, raw.sold) IS DISTINCT FROM (folded.sales, folded.sales_elsewhere, folded.sold)), coalesce(sum(folded.sales), 0)::int
			FROM raw FULL JOIN folded USING (campaign_id, slot)`, kind).Scan(&diff, &won))
		require.Zero(p.t, diff, kind)
		var sales, successes int
		require.NoError(p.t, p.pool.QueryRow(p.t.Context(), `SELECT (SELECT count(*) FROM sales s JOIN sale_stages g ON g.id = s.stage_id WHERE g.kind = 'won'),
			(SELECT count(*) FROM dispositions d WHERE d.success AND EXISTS (SELECT FROM sale_attempts c WHERE c.attempt_id = d.attempt_id))
				- (SELECT coalesce(sum(sale_successes), 0) FROM report_slots WHERE kind = $1)`, kind).Scan(&sales, &successes))
		require.Equal(p.t, sales, won, "%s: each won sale once", kind)
		require.Zero(p.t, successes, "%s: successes that have a sale", kind)
	}
}

// talk writes a talk of a minute in the first campaign, with a disposition.
func (p *past) talk(at time.Time, contact int, success bool) uuid.UUID {
	p.t.Helper()
	id := uuid.New()
	p.exec(`INSERT INTO attempts (id, phone, campaign_id, list_id, contact_id, trunk_id, caller_id, kind, node, epoch, permit_at, permit_until, rules, answered_at, bridged_at, ended_at, agent_id, outcome)
		SELECT $1, phone, $2, list_id, id, $3, '+12125550100', 'power', 'node', 1, $4, $4, '', $4, $4, $4::timestamptz + interval '1 min', $5, 'connected' FROM contacts WHERE id = $6`,
		id, p.campaigns[0], p.trunk, at, p.agents[0], p.contacts[contact])
	p.exec(`INSERT INTO dispositions (attempt_id, campaign_id, contact_id, agent_id, code, effect, contacted, right_party, success, refusal)
		SELECT id, campaign_id, contact_id, agent_id, 'x', 'finish', true, true, $2, false FROM attempts WHERE id = $1`, id, success)
	return id
}

// money asks for the revenue of days as the report has it, and checks that rows add up to the total, whatever they are of.
func (p *past) money(from, to string) map[string]*float64 {
	p.t.Helper()
	p.folded()
	var total map[string]*float64
	for _, g := range report.Groups {
		if g == "segment" { // nobody is in one here
			continue
		}
		got, err := p.read.Report(p.t.Context(), report.Question{From: from, To: to, Zone: "UTC", Group: g, Campaigns: p.campaigns[:1]})
		require.NoError(p.t, err)
		sum := 0.0
		for _, r := range got.Rows {
			require.NotNil(p.t, r.KPI["revenue"], "%s %q", g, r.Key)
			sum += *r.KPI["revenue"]
		}
		require.InDelta(p.t, *got.Total.KPI["revenue"], sum, 1e-6, "%s: rows and total", g)
		total = got.Total.KPI
	}
	return total
}

// TestRevenueIsThatOfWonSales follows one contact from the first call to a cancelled contract.
func TestRevenueIsThatOfWonSales(t *testing.T) {
	p := newPast(t, 1)
	require.NoError(t, p.fold.PutRates(t.Context(), p.campaigns[0], []report.Rates{{Since: begin.AddDate(-1, 0, 0), Currency: "EUR", Call: 1, Revenue: 50}}))
	day1, day2 := begin.Add(10*time.Hour), begin.Add(34*time.Hour)
	first, second := p.talk(day1, 0, false), p.talk(day2, 0, true)
	p.talk(day1, 1, true) // a success of which nobody noted a sale
	is := func(want1, want2 float64, why string) {
		t.Helper()
		require.InDelta(t, want1, *p.money("2026-03-29", "2026-03-29")["revenue"], 1e-9, "%s: the first day", why)
		require.InDelta(t, want2, *p.money("2026-03-30", "2026-03-30")["revenue"], 1e-9, "%s: the second day", why)
	}
	is(50, 50, "without sales")
	s := p.sale(first, newStage, 129_950, "EUR")
	is(50, 50, "an offer is no revenue")
	p.becomes(s, newStage, 129_950, "EUR", second)
	is(50, 0, "the second call's success has a sale that may bring its own amount")
	p.becomes(s, wonStage, 119_950, "EUR", uuid.Nil)
	is(50+1199.5, 0, "won: in full at the call it began with")
	kpi := p.money("2026-03-29", "2026-03-30")
	require.InDelta(t, 1249.5/3, *kpi["revenue_per_contact"], 1e-9)
	require.InDelta(t, (1249.5-3)/3, *kpi["return"], 1e-9)
	require.InDelta(t, 1, *kpi["sales"], 0)
	p.becomes(s, lostStage, 119_950, "EUR", uuid.Nil)
	is(50, 0, "cancelled")
	p.becomes(s, wonStage, 119_950, "USD", uuid.Nil)
	is(50, 0, "won in another currency")
	require.InDelta(t, 1, *p.money("2026-03-29", "2026-03-29")["sales_elsewhere"], 0)
	require.NoError(t, p.fold.PutRates(t.Context(), p.campaigns[0], []report.Rates{{Since: begin.AddDate(-1, 0, 0), Currency: "USD", Revenue: 50}}))
	is(50+1199.5, 0, "the costs are in that currency now")
	p.exec(`UPDATE sale_stages SET kind = 'lost' WHERE id = $1`, wonStage)
	is(50, 0, "the stage means something else now")
}

// TestAmountsAreInTheCurrencysOwnUnit: a yen has no hundredths, a Kuwaiti dinar a thousand parts.
func TestAmountsAreInTheCurrencysOwnUnit(t *testing.T) {
	p := newPast(t, 1)
	call := p.talk(begin.Add(time.Hour), 0, true)
	s := p.sale(call, wonStage, 5_000, "JPY")
	for currency, want := range map[string]float64{"JPY": 5000, "KWD": 5, "CNY": 50} {
		p.becomes(s, wonStage, 5_000, currency, uuid.Nil)
		require.NoError(t, p.fold.PutRates(t.Context(), p.campaigns[0], []report.Rates{{Since: begin.AddDate(-1, 0, 0), Currency: currency}}))
		require.InDelta(t, want, *p.money("2026-03-29", "2026-03-29")["revenue"], 1e-9, currency)
	}
	require.NoError(t, p.fold.PutRates(t.Context(), p.campaigns[0], nil))
	p.folded()
	got, err := p.read.Report(t.Context(), report.Question{From: "2026-03-29", To: "2026-03-29", Zone: "UTC", Group: "campaign"})
	require.NoError(t, err)
	require.Nil(t, got.Total.KPI["revenue"], "without cost settings nothing is said of money")
	require.Equal(t, "1 of 1", fmt.Sprintf("%v of %v", *got.Total.KPI["sales_elsewhere"], *got.Total.KPI["sales"]))
}
