package lists

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/compliance"
)

// Override says that a rule does not hold for one number, or for one contact with all its numbers, for a time. Only a rule whose
// law knows the ground can be overridden, and no other rule yields with it: the strictest of those that are left decides.
type Override struct {
	ID         uuid.UUID         `json:"id"`
	Rule       string            `json:"rule" doc:"id of a pack's rule, or of a campaign's own, that names the ground"`
	Ground     compliance.Ground `json:"ground" enum:"consent,relationship"`
	Phone      string            `json:"phone" doc:"E.164; empty: the override is of a contact"`
	ContactID  *uuid.UUID        `json:"contact_id"`
	CampaignID *uuid.UUID        `json:"campaign_id" doc:"null: for all campaigns"`
	Why        string            `json:"why" doc:"the evidence: what was agreed or bought, when, and where that can be found"`
	Since      time.Time         `json:"since"`
	Until      time.Time         `json:"until"`
	By         *uuid.UUID        `json:"by"`
	MadeAt     time.Time         `json:"made_at"`
	EndedAt    *time.Time        `json:"ended_at" doc:"when somebody ended it before its time"`
	EndedBy    *uuid.UUID        `json:"ended_by"`
	EndedWhy   string            `json:"ended_why"`
}

// MaxOverride bounds the life of an override: a longer one must be looked at again by somebody.
const MaxOverride = 366 * 24 * time.Hour

const overrideSQL = `SELECT id, rule, ground, phone, contact_id, campaign_id, why, since, until, made_by, made_at, ended_at, ended_by, ended_why FROM rule_overrides `

// AddOverride writes an override down, with a row in the audit log before it commits, and lets campaigns look at the number again.
// Errors: *InputError (rule, ground, phone, contact_id, campaign_id, why, until), ErrNotFound for the contact or campaign.
func (s *Store) AddOverride(ctx context.Context, by uuid.UUID, o Override) (Override, error) {
	o.Why = cleanLines(o.Why, 1000)
	now, err := s.moment(ctx)
	if err != nil {
		return Override{}, fmt.Errorf("add override: %w", err)
	}
	switch {
	case (o.Phone == "") == (o.ContactID == nil):
		return Override{}, &InputError{"phone", "give a number or a contact, not both"}
	case o.Phone != "" && !e164.MatchString(o.Phone):
		return Override{}, &InputError{"phone", "must be a number in E.164 form, like +12025550100"}
	case o.Why == "":
		return Override{}, &InputError{"why", "say what was agreed or bought, when, and where that can be found"}
	case !o.Until.After(now):
		return Override{}, &InputError{"until", "must be in the future"}
	case o.Until.After(now.Add(MaxOverride)):
		return Override{}, &InputError{"until", "must be within a year: after that somebody must look at it again"}
	}
	rule, err := s.overridable(ctx, o)
	if err != nil {
		return Override{}, fmt.Errorf("add override: %w", err)
	}
	if !slices.Contains(rule.Override, o.Ground) {
		return Override{}, &InputError{"ground", fmt.Sprintf("the rule knows %s only", grounds(rule))}
	}
	o.ID, o.Since, o.By = newID(), now, nilID(by)
	err = s.tx(ctx, func(tx pgx.Tx) error { return s.writeOverride(ctx, tx, by, &o) })
	if violated(err) == "rule_overrides_made_by_fkey" {
		err = &InputError{"by", "there is no such user"}
	}
	if err != nil {
		return Override{}, fmt.Errorf("add override: %w", err)
	}
	return o, nil
}

func (s *Store) writeOverride(ctx context.Context, tx pgx.Tx, by uuid.UUID, o *Override) error {
	if o.ContactID != nil {
		var there bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM contacts WHERE id = $1)`, o.ContactID).Scan(&there); err != nil {
			return err
		}
		if !there {
			return &InputError{"contact_id", "there is no such contact"}
		}
	}
	if err := audit(ctx, tx, by, "override.add", "override:"+o.ID.String(), jsonText(o)); err != nil {
		return err
	}
	err := tx.QueryRow(ctx, `INSERT INTO rule_overrides (id, rule, ground, phone, contact_id, campaign_id, why, since, until, made_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING made_at`,
		o.ID, o.Rule, o.Ground, o.Phone, o.ContactID, o.CampaignID, o.Why, o.Since, o.Until, o.By).Scan(&o.MadeAt)
	if err != nil {
		return err
	}
	return lookAgain(ctx, tx, again{phones: given(o.Phone), contacts: givenID(o.ContactID), campaign: o.CampaignID, now: o.Since,
		reasons: []string{RuleRegistry, RuleCoverage, RuleRegistryStale, string(compliance.Hours), string(compliance.Attempts), string(compliance.Pause)}})
}

// overridable finds the rule that is meant, or says why it cannot be overridden.
func (s *Store) overridable(ctx context.Context, o Override) (*compliance.Rule, error) {
	rule := compliance.FindRule(o.Rule)
	if o.CampaignID != nil {
		c, err := s.Campaign(ctx, *o.CampaignID)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(c.Settings.Custom, func(r compliance.Rule) bool { return r.ID == o.Rule }); i >= 0 {
			rule = &c.Settings.Custom[i]
		}
	}
	switch {
	case rule == nil:
		return nil, &InputError{"rule", "there is no such rule in a pack; for a campaign's own rule give the campaign, too"}
	case len(rule.Override) == 0:
		return nil, &InputError{"rule", "holds for everybody: its law knows no ground on which it does not"}
	}
	return rule, nil
}

func grounds(r *compliance.Rule) string {
	names := make([]string, len(r.Override))
	for i, g := range r.Override {
		names[i] = string(g)
	}
	return strings.Join(names, " and ")
}

// EndOverride ends an override before its time, with a row in the audit log before it commits. One that is over stays as it is.
// Errors: ErrNotFound, *InputError (why).
func (s *Store) EndOverride(ctx context.Context, by, id uuid.UUID, why string) error {
	if why = CleanText(why, 500); why == "" {
		return &InputError{"why", "say why the override ends"}
	}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if err := audit(ctx, tx, by, "override.end", "override:"+id.String(), jsonText(map[string]any{"why": why})); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `UPDATE rule_overrides SET ended_at = coalesce($2::timestamptz, now()), ended_by = $3, ended_why = $4
			WHERE id = $1 AND ended_at IS NULL`, id, s.at(), nilID(by), why)
		if err != nil || tag.RowsAffected() > 0 {
			return err
		}
		var there bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM rule_overrides WHERE id = $1)`, id).Scan(&there); err != nil {
			return err
		}
		if !there {
			return ErrNotFound
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("end override %s: %w", id, err)
	}
	return nil
}

// OverrideFilter selects overrides; zero fields do not restrict.
type OverrideFilter struct {
	Phone   string    // the beginning of the number, with or without the plus
	Contact uuid.UUID // whom it concerns: by itself, or by one of its numbers
	Rule    string
	Valid   bool      // only those that count now
	Before  uuid.UUID // older than this one: the next page
	Limit   int
}

// ListedOverride is an override with somebody whom it concerns.
type ListedOverride struct {
	Override
	Who *OverrideWho `json:"who" doc:"a contact whom it concerns; null: no list has the number"`
}

// OverrideWho is a contact of an override: the one that it is for, or one with its number.
type OverrideWho struct {
	ID    uuid.UUID `json:"id"`
	Name  string    `json:"name"`
	Phone string    `json:"phone" doc:"E.164"`
}

// Overrides returns overrides, newest first.
func (s *Store) Overrides(ctx context.Context, f OverrideFilter) ([]ListedOverride, error) {
	phone := CleanText(f.Phone, 40)
	if phone != "" && !strings.HasPrefix(phone, "+") {
		phone = "+" + phone
	}
	rows, err := s.pool.Query(ctx, overrideSQL+`WHERE NOT erased
		AND ($1 = '' OR phone LIKE $8 OR EXISTS (SELECT FROM contacts c WHERE c.id = contact_id AND c.phone LIKE $8))
		AND ($2::uuid IS NULL OR contact_id = $2
			OR phone IN (SELECT phone FROM contacts c WHERE c.id = $2 UNION ALL SELECT p.phone FROM contact_phones p WHERE p.contact_id = $2))
		AND ($3 = '' OR rule = $3)
		AND (NOT $4 OR ended_at IS NULL AND until > coalesce($5::timestamptz, now())) AND ($6::uuid IS NULL OR id < $6) ORDER BY id DESC LIMIT $7`,
		phone, nilID(f.Contact), f.Rule, f.Valid, s.at(), nilID(f.Before), page(f.Limit), likeEscape(phone)+"%")
	if err != nil {
		return nil, fmt.Errorf("overrides: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Override])
	if err != nil {
		return nil, fmt.Errorf("overrides: %w", err)
	}
	out := make([]ListedOverride, len(found))
	for i, o := range found {
		out[i].Override = o
	}
	if err := s.nameOverrides(ctx, out); err != nil {
		return nil, fmt.Errorf("overrides: %w", err)
	}
	return out, nil
}

// nameOverrides finds out whom overrides concern. Of several contacts with a number one that has a name is shown.
func (s *Store) nameOverrides(ctx context.Context, of []ListedOverride) error {
	contacts, phones := make([]*uuid.UUID, len(of)), make([]string, len(of))
	for i, o := range of {
		contacts[i], phones[i] = o.ContactID, o.Phone
	}
	rows, err := s.pool.Query(ctx, `SELECT i.at, w.* FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS i(contact, phone, at) CROSS JOIN LATERAL (
			SELECT * FROM (SELECT id, name, phone FROM contacts c WHERE c.id = i.contact
			UNION ALL SELECT id, name, phone FROM contacts c WHERE c.phone = i.phone
			UNION ALL SELECT c.id, c.name, p.phone FROM contact_phones p JOIN contacts c ON c.id = p.contact_id WHERE p.phone = i.phone) found
			ORDER BY name = '', id DESC LIMIT 1) w`, contacts, phones)
	if err != nil {
		return err
	}
	var at int
	var who OverrideWho
	_, err = pgx.ForEachRow(rows, []any{&at, &who.ID, &who.Name, &who.Phone}, func() error {
		of[at-1].Who = &OverrideWho{who.ID, who.Name, who.Phone}
		return nil
	})
	return err
}

// given is a slice of what is there.
func given(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func givenID(id *uuid.UUID) []uuid.UUID {
	if id == nil {
		return nil
	}
	return []uuid.UUID{*id}
}

// queueAnyOverride asks once for a claim whether there is any override at all, which is rare.
func (c *claiming) queueAnyOverride(b *pgx.Batch) {
	b.Queue(`SELECT EXISTS (SELECT FROM rule_overrides WHERE ended_at IS NULL AND until > coalesce($1::timestamptz, now()))`, c.law).QueryRow(func(row pgx.Row) error {
		return row.Scan(&c.overridden)
	})
}

// readOverrides finds the overrides of the candidates: which rules they lift, and which listings on registries.
func (c *claiming) readOverrides(ctx context.Context, found []*candidate) error {
	if !c.overridden || len(found) == 0 {
		return nil
	}
	contacts, phones := make([]uuid.UUID, len(found)), make([]string, len(found))
	for i, x := range found {
		contacts[i], phones[i] = x.contact.ID, x.contact.Phone
	}
	rows, err := c.tx.Query(ctx, `SELECT i.at, o.id, o.rule, o.ground, o.phone, o.contact_id, o.campaign_id, o.why, o.since, o.until, o.made_by, o.made_at, o.ended_at, o.ended_by, o.ended_why
		FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS i(contact, phone, at) JOIN rule_overrides o ON (o.phone = i.phone OR o.contact_id = i.contact)
			AND o.ended_at IS NULL AND o.since <= $3 AND o.until > $3 AND (o.campaign_id IS NULL OR o.campaign_id = $4) ORDER BY o.until`,
		contacts, phones, c.now, c.req.Campaign)
	if err != nil {
		return fmt.Errorf("overrides: %w", err)
	}
	var at int
	var o Override
	var listed []*candidate
	_, err = pgx.ForEachRow(rows, []any{&at, &o.ID, &o.Rule, &o.Ground, &o.Phone, &o.ContactID, &o.CampaignID, &o.Why, &o.Since, &o.Until, &o.By, &o.MadeAt,
		&o.EndedAt, &o.EndedBy, &o.EndedWhy}, func() error {
		x := found[at-1]
		rule := c.asked.Overridable(o.Rule)
		if rule == nil || !slices.Contains(rule.Override, o.Ground) {
			return nil // the campaign does not ask the rule, or its grounds changed
		}
		if x.lifted == nil {
			x.lifted = map[string]Override{}
		}
		x.lifted[o.Rule] = o // of several the one that lasts longest comes last
		if rule.Kind == compliance.Registry && x.bars.registry != 0 && !slices.Contains(listed, x) {
			listed = append(listed, x)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("overrides: %w", err)
	}
	for _, x := range listed {
		if err := c.liftListing(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

// liftListing asks the registries of which no override speaks whether they list the number, too.
func (c *claiming) liftListing(ctx context.Context, x *candidate) error {
	var left []registryFact
	var used []string
	for _, r := range c.registries {
		lifts := ""
		for id := range x.lifted {
			if rule := c.asked.Overridable(id); rule.Kind == compliance.Registry && rule.Region == r.region {
				lifts = id
			}
		}
		if lifts == "" {
			left = append(left, r)
		} else if !slices.Contains(used, lifts) {
			used = append(used, lifts)
		}
	}
	x.bars.registry = 0
	for _, no := range asked(c.demands(), left) {
		var listed bool
		if err := c.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM `+registryTable(no)+` WHERE phone = $1::text::bigint)`, x.contact.Phone).Scan(&listed); err != nil {
			return fmt.Errorf("ask a registry: %w", err)
		}
		if listed {
			x.bars.registry = no
			return nil
		}
	}
	x.used = append(x.used, used...)
	return nil
}

// liftedOf is what the rules are told of a candidate's overrides.
func (x *candidate) liftedOf() map[string]time.Time {
	if len(x.lifted) == 0 {
		return nil
	}
	out := make(map[string]time.Time, len(x.lifted))
	for rule, o := range x.lifted {
		out[rule] = o.Until
	}
	return out
}

// noteUsed finds out without which overrides a permitted call would be refused.
func (c *claiming) noteUsed(x *candidate, asked compliance.Case) {
	for rule := range x.lifted {
		less := asked
		less.Lifted = make(map[string]time.Time, len(asked.Lifted))
		for other, until := range asked.Lifted {
			if other != rule {
				less.Lifted[other] = until
			}
		}
		if _, refused := c.asked.Check(c.now, &less); refused && !slices.Contains(x.used, rule) {
			x.used = append(x.used, rule)
		}
	}
	slices.Sort(x.used)
}

// queueUsed writes into the permits by which overrides they were given, for the evidence.
func (c *claiming) queueUsed(b *pgx.Batch, verdicts []verdict) {
	var attempts []uuid.UUID
	var texts []string
	for _, v := range verdicts {
		if v.state != stateInFlight || len(v.used) == 0 {
			continue
		}
		var names []string
		for _, rule := range v.used {
			o := v.lifted[rule]
			names = append(names, fmt.Sprintf("%s (%s, %s)", rule, o.Ground, o.ID))
		}
		attempts, texts = append(attempts, v.attempt), append(texts, "; overrides: "+strings.Join(names, ", "))
	}
	if len(attempts) > 0 {
		b.Queue(`UPDATE open_attempts o SET rules = o.rules || i.text FROM unnest($1::uuid[], $2::text[]) AS i(id, text) WHERE o.id = i.id`, attempts, texts)
	}
}
