package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/chance"
	"github.com/dialtide/dialtide/lists/compliance"
)

// Rules of [Store.Why] that are not of package compliance and not refusals of a claim. RuleErased, RuleRegistry,
// ReasonDuplicate and ReasonAttempts are others.
const (
	WhyCampaign = "campaign" // the campaign is not running
	WhyDialer   = "dialer"   // no dialer process owns the campaign
	WhyList     = "list"     // the contact's list is not one of the campaign's
	WhySegment  = "segment"  // the campaign's segments do not hold the contact
	WhyState    = "state"    // where the contact stands: waiting, in flight, finished, excluded
	WhyOpen     = ReasonOpen // the number is being called at this moment
	WhyNumber   = compliance.RuleDNC
)

// WhyAnswer is what one rule says of a contact at this moment.
type WhyAnswer struct {
	compliance.Ruling
	Override *Override `json:"override,omitempty" doc:"the override that lifts the rule at the moment"`
	DNC      []DNC     `json:"dnc,omitempty" doc:"the do-not-call entries that forbid the call"`
	Registry []string  `json:"registries,omitempty" doc:"the registries that list the number"`
}

// Why says why a contact may or may not be called by a campaign at this moment, rule by rule.
type Why struct {
	CampaignID uuid.UUID   `json:"campaign_id"`
	ContactID  uuid.UUID   `json:"contact_id"`
	Phone      string      `json:"phone"`
	At         time.Time   `json:"at"`
	Dialable   bool        `json:"dialable" doc:"nothing is in the way: it is called when its turn comes"`
	Rule       string      `json:"rule" doc:"the first rule that is in the way; empty: none"`
	Next       *time.Time  `json:"next" doc:"when nothing will be in the way by what is known now; null: time alone does not change it"`
	State      string      `json:"state" enum:"untouched,waiting,in_flight,finished,excluded"`
	Reason     string      `json:"reason" doc:"of the state"`
	DueAt      *time.Time  `json:"due_at"`
	Attempts   int         `json:"attempts" doc:"that count, in this campaign"`
	Answers    []WhyAnswer `json:"answers" nullable:"false" doc:"every rule that was asked, in order"`
}

// asking is one question why under way. Facts are read by the statements of a claim, but without its locks: asking keeps no
// claim waiting, and its answer is of a moment.
type asking struct {
	c        *claiming
	status   CampaignStatus
	leased   bool
	answers  []WhyAnswer
	listings map[int]string // names of registries by load
}

// begin reads the campaign.
func (w *asking) begin(ctx context.Context) error {
	c := w.c
	var settings []byte
	b := &pgx.Batch{}
	b.Queue(`SELECT status, settings, coalesce($2::timestamptz, now()), owner <> '' AND lease_until > coalesce($2::timestamptz, now()) FROM campaigns WHERE id = $1`,
		c.req.Campaign, c.law).QueryRow(func(row pgx.Row) error { return row.Scan(&w.status, &settings, &c.now, &w.leased) })
	b.Queue(`SELECT list_id FROM campaign_lists WHERE campaign_id = $1`, c.req.Campaign).Query(func(rows pgx.Rows) (err error) {
		c.lists, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		return err
	})
	b.Queue(registriesSQL).Query(readRegistries(&c.registries))
	c.queueAnyOverride(b)
	b.Queue(`SELECT load_no, name FROM registries WHERE load_no IS NOT NULL`).Query(func(rows pgx.Rows) error {
		var no int
		var name string
		_, err := pgx.ForEachRow(rows, []any{&no, &name}, func() error {
			w.listings[no] = name
			return nil
		})
		return err
	})
	if err := c.tx.SendBatch(ctx, b).Close(); noRows(err) {
		return ErrNotFound
	} else if err != nil {
		return err
	}
	if err := json.Unmarshal(settings, &c.settings); err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	var err error
	if c.asked, err = c.laws.get(c.req.Campaign, settings, c.settings); err != nil {
		return err
	}
	c.copies = copiesOf(c.registries)
	// Calls of these modes have an agent before the number is dialled.
	c.req.Kind = c.settings.Mode
	return nil
}

// ask runs fn with the campaign read, in a transaction that writes nothing.
func (s *Store) ask(ctx context.Context, campaign uuid.UUID, fn func(w *asking) error) error {
	return s.tx(ctx, func(tx pgx.Tx) error {
		w := s.asks(tx, campaign)
		if err := w.begin(ctx); err != nil {
			return err
		}
		return fn(w)
	})
}

func (s *Store) asks(tx pgx.Tx, campaign uuid.UUID) *asking {
	return &asking{listings: map[int]string{}, c: &claiming{req: ClaimRequest{Campaign: campaign}, tx: tx, law: s.at(), laws: &s.laws,
		seen: map[string]bool{}, result: ClaimResult{Excluded: map[string]int{}, Deferred: map[string]int{}}}}
}

// look reads the facts of contacts.
func (w *asking) look(ctx context.Context, found []*candidate) error {
	if len(found) == 0 {
		return nil
	}
	byPhone := make(map[string][]*candidate, len(found))
	for _, x := range found {
		byPhone[x.contact.Phone] = append(byPhone[x.contact.Phone], x)
		x.locked = true
	}
	b := &pgx.Batch{}
	w.c.queueFacts(b, found, sortedPhones(found), byPhone)
	if err := w.c.tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("ask the rules: %w", err)
	}
	if err := w.c.readOverrides(ctx, found); err != nil {
		return err
	}
	return w.c.others(ctx, found)
}

// Why says why a contact may or may not be called by a campaign at this moment, rule by rule. ErrNotFound: there is no such
// campaign or contact.
func (s *Store) Why(ctx context.Context, campaign, contact uuid.UUID) (why Why, err error) {
	err = s.ask(ctx, campaign, func(w *asking) (err error) {
		why, err = w.contact(ctx, contact)
		return err
	})
	if err != nil {
		return Why{}, fmt.Errorf("why contact %s: %w", contact, err)
	}
	return why, nil
}

func (w *asking) contact(ctx context.Context, id uuid.UUID) (Why, error) {
	c := w.c
	x := &candidate{}
	why := Why{CampaignID: c.req.Campaign, ContactID: id, At: c.now, State: "untouched"}
	var kind, state, reason *string
	p := &x.contact
	err := c.tx.QueryRow(ctx, `
		SELECT c.id, c.list_id, c.seq, coalesce(n.phone, c.phone), c.name, coalesce(nullif(n.zones, '{}'), c.zones), c.fields, coalesce(n.kind, c.kind), coalesce(n.region, c.region),
			cs.state, cs.reason, coalesce(cs.attempts, 0), cs.due_at, coalesce(cs.callback, false)
		FROM contacts c LEFT JOIN contact_states cs ON cs.campaign_id = $1 AND cs.contact_id = c.id
		LEFT JOIN contact_phones n ON n.contact_id = c.id AND n.pos = cs.phone_pos WHERE c.id = $2`, c.req.Campaign, id).Scan(
		&p.ID, &p.ListID, &p.Seq, &p.Phone, &p.Name, &p.Zones, (*fields)(&p.Fields), &kind, &x.facts.region, &state, &reason, &p.Attempts, &x.due, &x.callback)
	if noRows(err) {
		return Why{}, ErrNotFound
	}
	if err != nil {
		return Why{}, err
	}
	if kind != nil {
		x.kind = chance.ParseKind(*kind)
	}
	if state != nil {
		x.state, why.State, why.Reason, why.DueAt = *state, *state, *reason, x.due
	}
	why.Phone, why.Attempts = p.Phone, p.Attempts
	if err := w.look(ctx, []*candidate{x}); err != nil {
		return Why{}, err
	}
	if x, err = w.nextNumber(ctx, x); err != nil {
		return Why{}, err
	}
	why.Phone = x.contact.Phone
	if err := w.standing(ctx, x, why); err != nil {
		return Why{}, err
	}
	if err := w.suppressed(ctx, x); err != nil {
		return Why{}, err
	}
	if r, bad := c.refuseUncovered(x); bad {
		a := w.say(RuleCoverage, false, time.Time{}, true)
		a.Why, a.WhyZH = r.Why, r.WhyZH
	}
	asked := c.caseOf(x)
	if until, limited := c.limited(x); limited {
		w.say(ReasonLimit, false, until, false)
	} else {
		w.say(ReasonLimit, true, time.Time{}, false)
	}
	verdict := c.asked.Judge(c.now, &asked)
	for _, a := range verdict.Answers {
		if a.Kind != compliance.KindDNC { // said already, with its entries
			w.answers = append(w.answers, w.explained(x, a))
		}
	}
	why.Answers = w.answers
	why.conclude(func(at time.Time) (compliance.Refusal, bool) { return c.asked.Check(at, &asked) })
	return why, nil
}

// nextNumber asks of the number with which a claim would go on, when the contact's own must not be called and another one may.
func (w *asking) nextNumber(ctx context.Context, x *candidate) (*candidate, error) {
	if x.other == nil || x.other.until != nil {
		return x, nil
	}
	y := &candidate{contact: x.contact, state: x.state, callback: x.callback, due: x.due}
	var kind string
	p := &y.contact
	err := w.c.tx.QueryRow(ctx, `SELECT coalesce(n.phone, c.phone), coalesce(nullif(n.zones, '{}'), c.zones), coalesce(n.region, c.region), coalesce(n.kind, c.kind)
		FROM contacts c LEFT JOIN contact_phones n ON n.contact_id = c.id AND n.pos = $2 WHERE c.id = $1`, p.ID, x.other.pos).Scan(&p.Phone, &p.Zones, &y.facts.region, &kind)
	if err != nil {
		return nil, err
	}
	y.kind = chance.ParseKind(kind)
	a := w.say(ReasonNextNumber, true, time.Time{}, false)
	a.Why = fmt.Sprintf("%s must not be called: it goes on with %s.", x.contact.Phone, p.Phone)
	a.WhyZH = fmt.Sprintf("%s 不得呼叫：改呼 %s。", x.contact.Phone, p.Phone)
	return y, w.look(ctx, []*candidate{y})
}

// explained adds to a rule's answer what only the ledger knows: which override lifts it, and that a registry does not cover the number.
func (w *asking) explained(x *candidate, a compliance.Ruling) WhyAnswer {
	answer := WhyAnswer{Ruling: a}
	if o, ok := x.lifted[a.Rule]; ok && a.Lifted {
		answer.Override = &o
	}
	if rule := w.c.asked.Rule(a.Rule); !a.Pass && a.Kind == compliance.Registry && rule != nil && w.c.elsewhereLoaded(x, rule) {
		answer.Why, answer.WhyZH = coverageText(x.contact.Phone, rule.Region)
	}
	return answer
}

// say notes an answer. until is when this rule alone permits the call, the zero time when it does not by itself; act says that
// somebody can change that.
func (w *asking) say(rule string, pass bool, until time.Time, act bool) *WhyAnswer {
	a := compliance.Ruling{Rule: rule, Kind: compliance.Kind(rule), Pass: pass}
	if !pass {
		a.Until, a.Act = until, act
	}
	text := whyTexts[rule]
	a.Title, a.TitleZH = text.title, text.titleZH
	a.Why, a.WhyZH = text.pass, text.passZH
	if !pass {
		a.Why, a.WhyZH = text.refuse, text.refuseZH
	}
	w.answers = append(w.answers, WhyAnswer{Ruling: a})
	return &w.answers[len(w.answers)-1]
}

// standing answers for the campaign and for the place that the contact has in it.
func (w *asking) standing(ctx context.Context, x *candidate, why Why) error {
	c := w.c
	w.say(WhyCampaign, w.status == Running, time.Time{}, true)
	w.say(WhyDialer, w.leased, time.Time{}, true)
	w.say(WhyList, slices.Contains(c.lists, x.contact.ListID), time.Time{}, true)
	in, err := w.inSegments(ctx, x.contact.ID)
	if err != nil {
		return err
	}
	w.say(WhySegment, in, time.Time{}, true)
	a := w.say(WhyState, why.State == "untouched" || why.State == stateWaiting && !x.due.After(c.now), time.Time{}, why.State == stateFinished || why.State == stateExcluded)
	if why.State == stateWaiting && !a.Pass {
		a.Until = *x.due
	}
	if why.State != "untouched" {
		a.Why, a.WhyZH = stateText(why)
	}
	w.say(ReasonDuplicate, !(x.state == "" && x.duplicate), time.Time{}, false)
	w.say(ReasonAttempts, x.callback || x.contact.Attempts < c.settings.MaxAttempts, time.Time{}, true)
	var open bool
	if x.open {
		if err := c.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM open_attempts WHERE phone = $1)`, x.contact.Phone).Scan(&open); err != nil {
			return err
		}
	}
	w.say(WhyOpen, !open, c.now.Add(openAgain), false)
	return nil
}

// inSegments reports whether the campaign's segments hold the contact; without segments they hold everybody.
func (w *asking) inSegments(ctx context.Context, contact uuid.UUID) (in bool, err error) {
	condition, args, err := segmentCondition(ctx, w.c.tx, w.c.req.Campaign, w.c.now, 2)
	if err != nil || condition == "" {
		return err == nil, err
	}
	err = w.c.tx.QueryRow(ctx, `SELECT `+condition+` FROM contacts c WHERE c.id = $1`, append([]any{contact}, args...)...).Scan(&in)
	return in, err
}

// suppressed answers for what keeps number and person from being called whatever the packs say.
func (w *asking) suppressed(ctx context.Context, x *candidate) error {
	c := w.c
	w.say(RuleErased, x.barred() != RuleErased, time.Time{}, false)
	listed := w.say(RuleRegistry, x.bars.registry == 0, time.Time{}, false)
	if x.bars.registry != 0 {
		listed.Registry = []string{w.listings[x.bars.registry]}
	}
	if d, stale := staleRegistry(c.now, c.settings.registryDemands(), c.registries); stale {
		a := w.say(RuleRegistryStale, false, time.Time{}, true)
		a.Why = fmt.Sprintf("The registry of %s is missing or older than %d days: load a newer file of it.", d.Region, d.MaxAgeDays)
		a.WhyZH = fmt.Sprintf("%s 的登记名单缺失或已超过 %d 天：请载入较新的文件。", d.Region, d.MaxAgeDays)
	} else {
		w.say(RuleRegistryStale, true, time.Time{}, false)
	}
	rows, err := c.tx.Query(ctx, `SELECT id, phone, campaign_id, reason, added_by, until, created_at, person FROM dnc
			WHERE phone = $1 AND (campaign_id IS NULL OR campaign_id = $2) AND (until IS NULL OR until > $3)
		UNION ALL SELECT d.id, '', d.campaign_id, d.reason, d.added_by, d.until, d.created_at, d.person FROM contacts c JOIN dnc_people d ON d.person = c.key
			WHERE c.id = $4 AND c.key <> '' AND (d.campaign_id IS NULL OR d.campaign_id = $2) AND (d.until IS NULL OR d.until > $3)`,
		x.contact.Phone, c.req.Campaign, c.now, x.contact.ID)
	if err != nil {
		return err
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DNC])
	if err != nil {
		return err
	}
	var until time.Time
	forever := false
	for _, d := range entries {
		if d.Until == nil {
			forever = true
		} else if d.Until.After(until) {
			until = *d.Until
		}
	}
	if forever {
		until = time.Time{}
	}
	w.say(WhyNumber, len(entries) == 0, until, true).DNC = entries
	return nil
}

// conclude says what follows from all answers together. check asks the law at a moment: the first one that is lawful after
// everything else is out of the way is what people wait for.
func (y *Why) conclude(check func(at time.Time) (compliance.Refusal, bool)) {
	next, never := y.At, false
	for _, a := range y.Answers {
		if a.Pass {
			continue
		}
		if y.Rule == "" {
			y.Rule = a.Rule
		}
		if a.Until.IsZero() {
			never = true
		} else if a.Until.After(next) {
			next = a.Until
		}
	}
	if refusal, refused := check(next); refused {
		if y.Rule == "" && next.Equal(y.At) {
			y.Rule = refusal.Rule
		}
		next, never = refusal.Until, never || refusal.Until.IsZero()
	}
	y.Dialable = y.Rule == ""
	if !never {
		y.Next = &next
	}
}
