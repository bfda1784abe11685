package report

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/text/currency"

	"github.com/dialtide/dialtide/lists"
)

// Rates are what a campaign costs and earns from a moment on.
type Rates struct {
	Since      time.Time `json:"since" doc:"from this moment on, until the next row; a quarter of an hour"`
	Currency   string    `json:"currency" pattern:"^[A-Z]{3}$" doc:"ISO 4217; the same in all rows of a campaign"`
	Data       float64   `json:"data" minimum:"0" maximum:"1000000" doc:"price of a record, when it is dialled for the first time"`
	Labour     float64   `json:"labour" minimum:"0" maximum:"1000000" doc:"cost of an agent's hour"`
	Call       float64   `json:"call" minimum:"0" maximum:"1000000" doc:"price of an attempt"`
	Minute     float64   `json:"minute" minimum:"0" maximum:"1000000" doc:"price of an answered minute"`
	Commission float64   `json:"commission" minimum:"0" maximum:"1000000" doc:"for a success"`
	Fulfilment float64   `json:"fulfilment" minimum:"0" maximum:"1000000" doc:"cost of carrying out a success"`
	Revenue    float64   `json:"revenue" minimum:"0" maximum:"1000000000" doc:"of a success whose call has no sale; where one is recorded, its amount counts"`
}

// MaxRates bounds the rows of one campaign.
const MaxRates = 100

type costs struct {
	of       map[uuid.UUID][]Rates // by time
	currency string                // of all; '' when they differ
	mixed    bool
}

type campaignTag struct {
	campaign uuid.UUID
	tag      int
}

const ratesSQL = `SELECT campaign_id, since, currency, data, labour, call, minute, commission, fulfilment, revenue FROM report_costs
	WHERE $1::uuid[] IS NULL OR campaign_id = ANY ($1) ORDER BY campaign_id, since`

func readCosts(ctx context.Context, tx pgx.Tx, campaigns []uuid.UUID) (c costs, err error) {
	c.of = map[uuid.UUID][]Rates{}
	rows, err := tx.Query(ctx, ratesSQL, nilIfNone(campaigns))
	if err != nil {
		return c, err
	}
	var id uuid.UUID
	var r Rates
	_, err = pgx.ForEachRow(rows, []any{&id, &r.Since, &r.Currency, &r.Data, &r.Labour, &r.Call, &r.Minute, &r.Commission, &r.Fulfilment, &r.Revenue}, func() error {
		c.of[id] = append(c.of[id], r)
		c.mixed = c.mixed || c.currency != "" && c.currency != r.Currency
		c.currency = r.Currency
		return nil
	})
	if c.mixed {
		c.currency = ""
	}
	return c, err
}

// changes are the moments inside a period from which other rates hold, the period's beginning first.
func (c costs) changes(p period) []time.Time {
	at := []time.Time{p.from}
	for _, rates := range c.of {
		for _, r := range rates {
			if r.Since.After(p.from) && r.Since.Before(p.to) {
				at = append(at, r.Since)
			}
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	return slices.CompactFunc(at, time.Time.Equal)
}

// at is what holds for a campaign at a moment.
func (c costs) at(campaign uuid.UUID, t time.Time) (r Rates, ok bool) {
	for _, x := range c.of[campaign] {
		if !x.Since.After(t) {
			r, ok = x, true
		}
	}
	return r, ok && !c.mixed
}

// into adds a part to figures, with what it cost. whole is its campaign's sums under the same rates; nil when p is that itself.
func (c costs) into(f *Figures, p *part, whole *Sums, changes []time.Time) {
	f.Add(&p.Sums)
	r, ok := c.at(p.campaign, changes[max(p.tag-1, 0)])
	if !ok {
		f.Cost.Known = false
		return
	}
	f.Cost.add(r.cost(&p.Sums, whole))
}

// cost is what sums cost at these rates.
func (r Rates) cost(s, whole *Sums) Cost {
	hours := float64(s.login()) / msPerHour
	if hours == 0 && whole != nil && whole.handling() > 0 { // of a thing that agents do not log in to: its share of the handling
		hours = float64(whole.login()) / msPerHour * float64(s.handling()) / float64(whole.handling())
	}
	successes := float64(s[Successes])
	sold := float64(s[Sold]) / r.unit()
	return Cost{
		Data: r.Data * float64(s[Fresh]), Labour: r.Labour * hours,
		Telephony:  r.Call*float64(s[Attempts]) + r.Minute*float64(s[LineMS])/msPerMinute,
		Commission: r.Commission * successes, Fulfilment: r.Fulfilment * successes,
		Revenue: sold + r.Revenue*float64(s[Successes]-s[SaleSuccesses]),
	}
}

// unit is how many of the currency's smallest unit, in which sales are kept, one is: 100 where it is not known.
func (r Rates) unit() float64 {
	digits := 2
	if u, err := currency.ParseISO(r.Currency); err == nil {
		digits, _ = currency.Standard.Rounding(u)
	}
	return math.Pow10(digits)
}

// Rates returns a campaign's cost settings by time.
func (r *Reader) Rates(ctx context.Context, campaign uuid.UUID) (out []Rates, err error) {
	err = r.snapshot(ctx, func(tx pgx.Tx, _ time.Time) error {
		c, err := readCosts(ctx, tx, []uuid.UUID{campaign})
		out = c.of[campaign]
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("costs of campaign %s: %w", campaign, err)
	}
	return out, nil
}

// CheckRates says what is wrong with cost settings: *lists.InputError.
func CheckRates(all []Rates) error {
	if len(all) > MaxRates {
		return &lists.InputError{Field: "items", Reason: fmt.Sprintf("at most %d rows", MaxRates)}
	}
	for i, r := range all {
		field := fmt.Sprintf("items.%d.", i)
		switch {
		case !r.Since.Equal(r.Since.Truncate(slot)):
			return &lists.InputError{Field: field + "since", Reason: "must be a whole quarter of an hour"}
		case i > 0 && !r.Since.After(all[i-1].Since):
			return &lists.InputError{Field: field + "since", Reason: "must be after the row before"}
		case r.Currency != all[0].Currency:
			return &lists.InputError{Field: field + "currency", Reason: "must be the same in all rows: sums of two currencies mean nothing"}
		}
	}
	return nil
}

// otherCurrencySQL has the calls of a campaign's sales summed up again when its currency is about to be another one: only sales of that
// currency can be added up with its costs.
const otherCurrencySQL = `INSERT INTO report_dirty (attempt_id) SELECT a.attempt_id FROM sales s JOIN sale_attempts a ON a.sale_id = s.id
	WHERE s.campaign_id = $1 AND $2::text IS DISTINCT FROM (SELECT currency FROM report_costs WHERE campaign_id = $1 LIMIT 1)`

func currencyOf(all []Rates) *string {
	if len(all) == 0 {
		return nil
	}
	return &all[0].Currency
}

// PutRates replaces a campaign's cost settings. Errors: *lists.InputError; lists.ErrNotFound.
func (f *Folder) PutRates(ctx context.Context, campaign uuid.UUID, all []Rates) error {
	if err := CheckRates(all); err != nil {
		return err
	}
	err := pgx.BeginFunc(ctx, f.pool, func(tx pgx.Tx) error {
		var one int
		if err := tx.QueryRow(ctx, `SELECT 1 FROM campaigns WHERE id = $1 FOR UPDATE`, campaign).Scan(&one); err != nil {
			return err
		}
		b := &pgx.Batch{}
		b.Queue(otherCurrencySQL, campaign, currencyOf(all))
		b.Queue(`DELETE FROM report_costs WHERE campaign_id = $1`, campaign)
		for _, r := range all {
			b.Queue(`INSERT INTO report_costs (campaign_id, since, currency, data, labour, call, minute, commission, fulfilment, revenue)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, campaign, r.Since, r.Currency, r.Data, r.Labour, r.Call, r.Minute, r.Commission, r.Fulfilment, r.Revenue)
		}
		return tx.SendBatch(ctx, b).Close()
	})
	if err == pgx.ErrNoRows {
		return lists.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("costs of campaign %s: %w", campaign, err)
	}
	return nil
}
