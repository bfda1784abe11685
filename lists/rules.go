package lists

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/compliance"
	"github.com/dialtide/dialtide/pacing"
)

// RuleSettings are the law that a campaign is under. Its own hours, cap and rules only tighten what the packs say.
type RuleSettings struct {
	Packs    []string            `json:"packs" required:"false" maxItems:"50" doc:"rule packs; missing in a new campaign: those of its lists' countries, all when it has no lists; missing in an update: as before; an empty list is refused without no_packs"`
	NoPacks  bool                `json:"no_packs,omitempty" doc:"the empty list of packs is meant so: only the campaign's own hours, cap and rules are asked, and whoever says so answers for the law"`
	Custom   []compliance.Rule   `json:"custom_rules,omitempty" maxItems:"50" doc:"the campaign's own rules: the pack custom"`
	Activity compliance.Activity `json:"activity,omitempty" enum:"sales,research,debt,service," doc:"what the calls are for; rules differ; default sales"`
}

// setup is what the rules must know of the campaign.
func (s Settings) setup() compliance.Setup {
	return compliance.Setup{Packs: s.Packs, Custom: s.Custom, Activity: s.Activity, Hours: s.Hours, Cap: s.Cap, Consent: s.Purpose != "",
		Ring: compliance.Seconds(s.RingTimeout), CallerID: s.CallerID}
}

// Rules puts the campaign's rules together.
func (s Settings) Rules() (*compliance.Rules, error) { return compliance.Compile(s.setup()) }

// DefaultPacks returns the packs of the countries, by which numbers without a country code are read in a campaign's lists; all
// packs when there are none.
func DefaultPacks(countries []string) []string {
	packs := []string{}
	for _, p := range compliance.Packs() {
		if len(countries) == 0 || slices.ContainsFunc(countries, func(c string) bool { return slices.Contains(p.Covers, c) }) {
			packs = append(packs, p.ID)
		}
	}
	return packs
}

// choosePacks gives a new campaign that says nothing of packs those of its lists' countries.
func choosePacks(ctx context.Context, tx pgx.Tx, listIDs []uuid.UUID) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT region FROM lists WHERE id = ANY ($1) ORDER BY region`, listIDs)
	if err != nil {
		return nil, err
	}
	countries, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	return DefaultPacks(countries), nil
}

// ruleErrors holds the settings against the packs: what the pacing is set to must not be looser than what they say.
func (s Settings) ruleErrors() (errs []FieldError) {
	bad := func(wrong bool, field, reason string) {
		if wrong {
			errs = append(errs, FieldError{field, reason})
		}
	}
	bad(len(s.Packs) > 50, "packs", "at most 50")
	// nil is for CreateCampaign to choose; from then on nobody is without law by mistake.
	bad(s.Packs != nil && len(s.Packs) == 0 && !s.NoPacks, "packs",
		"no rule pack: choose one, leave the field out for those of the lists' countries (where there are such), or set no_packs to true to call by the campaign's own rules alone")
	for i, id := range s.Packs {
		at := fmt.Sprintf("packs.%d", i)
		bad(compliance.FindPack(id) == nil, at, fmt.Sprintf("there is no pack %.40q", id))
		bad(slices.Contains(s.Packs[:i], id), at, "is there twice")
	}
	bad(s.Activity != "" && !slices.Contains(compliance.Activities, s.Activity), "activity", "must be sales, research, debt or service")
	bad(len(s.Custom) > 50, "custom_rules", "at most 50")
	if err := compliance.ValidateCustom(s.Custom); err != nil {
		bad(true, "custom_rules", err.Error())
	}
	if len(errs) > 0 {
		return errs
	}
	rules, err := s.Rules()
	if err != nil {
		return []FieldError{{"packs", err.Error()}}
	}
	if never := rules.NeverMet(); never != nil {
		bad(!s.Hours.Empty(), "hours", fmt.Sprintf("never meet those of rule %s: nobody whom it is for could be called", never.ID))
	}
	for _, r := range rules.Active() {
		switch r.Kind {
		case compliance.Ring:
			bad(compliance.Seconds(s.RingTimeout) < r.Ring, "ring_timeout", fmt.Sprintf("rule %s demands at least %d seconds", r.ID, r.Ring))
		case compliance.Abandonment:
			bad(r.Share > 0 && s.AbandonTarget > r.Share, "abandon_target", fmt.Sprintf("rule %s allows at most %g", r.ID, r.Share))
			bad(r.Share > 0 && !s.holds(r.Block), "windows", fmt.Sprintf("rule %s counts over %s: that window or day must be among them", r.ID, r.Block))
		}
	}
	return errs
}

// holds reports whether an abandonment cap over the block is kept by the campaign's windows: that of a day keeps all.
func (s Settings) holds(block string) bool {
	return len(s.Windows) == 0 || slices.Contains(s.Windows, pacing.Day) || slices.Contains(s.Windows, pacing.Span(block))
}

// compiled are the rules of the campaigns that were asked last. The zero value is ready.
type compiled struct {
	mu sync.Mutex
	of map[uuid.UUID]compiledRules // guarded by mu
}

type compiledRules struct {
	settings []byte // as stored, of which the rules were made
	rules    *compliance.Rules
}

const maxCompiled = 1000

// get returns the rules of a campaign with these settings.
func (c *compiled) get(campaign uuid.UUID, stored []byte, s Settings) (*compliance.Rules, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if was, ok := c.of[campaign]; ok && bytes.Equal(was.settings, stored) {
		return was.rules, nil
	}
	rules, err := s.Rules()
	if err != nil {
		return nil, fmt.Errorf("rules of campaign %s: %w", campaign, err)
	}
	if c.of == nil || len(c.of) >= maxCompiled {
		c.of = map[uuid.UUID]compiledRules{}
	}
	c.of[campaign] = compiledRules{bytes.Clone(stored), rules}
	return rules, nil
}

// The last moments that rules of re-contact count from. ended_at is the callee's; a disposition counts from when it was made.
const marksSQL = `
INSERT INTO number_marks AS m (phone, talked_at, abandoned_at)
SELECT i.phone::bigint, max(i.at) FILTER (WHERE NOT i.abandoned), max(i.at) FILTER (WHERE i.abandoned)
FROM unnest($1::text[], $2::timestamptz[], $3::boolean[]) AS i(phone, at, abandoned) GROUP BY 1 ORDER BY 1
ON CONFLICT (phone) DO UPDATE SET talked_at = greatest(m.talked_at, excluded.talked_at), abandoned_at = greatest(m.abandoned_at, excluded.abandoned_at)`

const refusedSQL = `
INSERT INTO number_marks AS m (phone, refused_at) VALUES ($1::bigint, $2)
ON CONFLICT (phone) DO UPDATE SET refused_at = greatest(m.refused_at, excluded.refused_at)`

// marks writes what ended attempts leave for the rules of re-contact.
func (f *finishing) marks(b *pgx.Batch) {
	var phones []string
	var at []time.Time
	var abandoned []bool
	for i := range f.ended {
		if e := &f.ended[i]; e.outcome == Connected || e.outcome == Abandoned || e.outcome == Inbound {
			phones, at, abandoned = append(phones, e.phone), append(at, e.endedAt), append(abandoned, e.outcome == Abandoned)
		}
	}
	if len(phones) > 0 {
		b.Queue(marksSQL, phones, at, abandoned)
	}
}

// ruleFacts is what the rules of packs ask of a candidate besides what every campaign asks.
type ruleFacts struct {
	region string
	others []time.Time  // attempts to other numbers of the contact
	marks  []*time.Time // refused, talked, abandoned; nil: never any
}

// personSQL gives the attempts that count to other numbers of the contacts, for caps by person.
const personSQL = `
SELECT c.id, (SELECT array_agg(t.permit_until) FROM (SELECT permit_until FROM attempts a WHERE a.contact_id = c.id AND a.phone <> c.phone
	AND a.permit_at > $3 AND a.outcome <> ALL ($5::text[]) ORDER BY a.permit_at DESC LIMIT $4) t)
FROM unnest($1::uuid[], $2::text[]) AS c(id, phone)`

func (c *claiming) queuePersons(b *pgx.Batch, found []*candidate, since time.Time, count int) {
	byID := make(map[uuid.UUID]*candidate, len(found))
	ids, phones := make([]uuid.UUID, len(found)), make([]string, len(found))
	for i, x := range found {
		byID[x.contact.ID], ids[i], phones[i] = x, x.contact.ID, x.contact.Phone
	}
	b.Queue(personSQL, ids, phones, since, count, notCounting).Query(func(rows pgx.Rows) error {
		var id uuid.UUID
		var times []time.Time
		_, err := pgx.ForEachRow(rows, []any{&id, &times}, func() error {
			byID[id].facts.others = times
			times = nil
			return nil
		})
		return err
	})
}

// lookback is from when on and how many of a number's attempts the caps ask for. Windows count from the end of permits, not
// from their beginning: an INVITE leaves somewhere in between.
func (c *claiming) lookback() (since time.Time, count int) {
	window, count := c.asked.Lookback()
	return c.now.Add(-window - MaxPermit), count
}

// agentFirst reports whether calls of a kind have an agent before the number is dialled.
func agentFirst(kind string) bool {
	return kind == "preview" || kind == "progressive" || kind == "manual"
}

// ruling gives a candidate to the rules.
func (c *claiming) ruling(x *candidate) (compliance.Refusal, bool) {
	if refusal, refused := c.refuseUncovered(x); refused {
		return refusal, true
	}
	asked := c.caseOf(x)
	refusal, refused := c.asked.Check(c.now, &asked)
	if !refused && len(x.lifted) > 0 {
		c.noteUsed(x, asked)
	}
	return c.coverage(x, refusal), refused
}

// caseOf is what the rules are told of a candidate.
func (c *claiming) caseOf(x *candidate) compliance.Case {
	asked := compliance.Case{Number: compliance.Place{Zones: x.contact.Zones}, DNC: x.dnc, Attempts: x.attempts, Consent: x.bars.consent,
		Agent: agentFirst(c.req.Kind), Registries: c.copiesFor(x), Lifted: x.liftedOf()}
	if c.asked.AsksPlace() {
		asked.Number, asked.Address = placesOf(x.contact.Phone, x.facts.region, x.contact.Zones, x.contact.Fields)
	}
	if x.dncUntil != nil {
		asked.DNCUntil = *x.dncUntil
	}
	if len(x.facts.others) > 0 {
		asked.Person = slices.Concat(x.attempts, x.facts.others)
	}
	if len(x.facts.marks) == 3 {
		for i, into := range []*time.Time{&asked.Refused, &asked.Talked, &asked.Abandoned} {
			if t := x.facts.marks[i]; t != nil {
				*into = *t
			}
		}
	}
	return asked
}

// placesOf returns where a contact may be: by the number, and by the address when that says something else. region is that
// which was stored, "" for contacts from before regions were.
func placesOf(phone, region string, zones []string, fields map[string]string) (number, address compliance.Place) {
	if region == "" {
		region = RegionOf(phone)
	}
	number = compliance.Place{Region: region, Zones: zones}
	return number, addressOf(fields, number)
}

// DefaultPurpose is the purpose of the consent that packs demand when the campaign names none.
const DefaultPurpose = "marketing"

// consentFor is the purpose for which contacts must have consented, "" when no rule asks.
func (c *claiming) consentFor() string {
	if p := c.settings.consentPurpose(); p != "" || !c.asked.AsksConsent() {
		return p
	}
	return DefaultPurpose
}

// demands are the registries of the campaign and of its packs, whose numbers are not called.
func (c *claiming) demands() []RegistryDemand {
	out := slices.Clone(c.settings.registryDemands())
	for _, region := range c.asked.AsksRegistries() {
		out = append(out, RegistryDemand{Region: region})
	}
	return out
}

// After these a contact is looked at again whom no time makes lawful, but somebody's act. A consent for its number wakes it at
// once (wakeConsented); without that, a list of ten million that waits for consents must not be gone through all the time.
const (
	ruleAgain    = time.Hour
	consentAgain = 6 * time.Hour
)

func actAgain(r compliance.Refusal) time.Duration {
	if r.Kind == compliance.Consent {
		return consentAgain
	}
	return ruleAgain
}

// wakeConsented makes contacts due that waited for a consent which their numbers have now.
func wakeConsented(ctx context.Context, tx pgx.Tx, phones []string, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE contact_states cs SET due_at = $2 FROM (
			SELECT cs.campaign_id, cs.contact_id FROM unnest($1::text[]) AS p(phone) JOIN contacts c ON c.phone = p.phone
			JOIN campaign_lists cl ON cl.list_id = c.list_id JOIN contact_states cs ON cs.campaign_id = cl.campaign_id AND cs.contact_id = c.id
			WHERE cs.state = 'waiting' AND cs.reason = $3 AND cs.due_at > $2 ORDER BY 1, 2 FOR UPDATE OF cs) i
		WHERE cs.campaign_id = i.campaign_id AND cs.contact_id = i.contact_id`, phones, now, string(compliance.Consent))
	return err
}

// reasonOf is what contact_states tells of a refusal.
func reasonOf(r compliance.Refusal) string {
	if r.Kind == compliance.Registry {
		return RuleRegistryStale // "registry" is the number's being on it
	}
	return string(r.Kind)
}

// zoneGroup is a set of contacts of the campaign's lists that the rules treat alike, but for what they know of each.
type zoneGroup struct {
	zones  []string
	region string
}

// open returns the first moment at which contacts of the group may be called at all.
func (c *claiming) open(g zoneGroup) (at time.Time, ok bool) {
	if g.region == "" { // from before regions were stored
		at, ok, _ = compliance.NextOpen(c.now, c.settings.Hours, g.zones)
		return at, ok
	}
	refusal, refused := c.asked.Check(c.now, &compliance.Case{Number: compliance.Place{Region: g.region, Zones: g.zones}, Consent: true, Agent: true,
		Registries: c.copies})
	switch {
	case !refused:
		return c.now, true
	case refusal.Act:
		return c.now.Add(staleAgain), true
	}
	return refusal.Until, !refusal.Until.IsZero()
}

// copiesOf gives the age of the newest copy of each region's registries.
func copiesOf(registries []registryFact) map[string]time.Time {
	out := make(map[string]time.Time, len(registries))
	for _, r := range registries {
		if r.asOf != nil && r.asOf.After(out[r.region]) {
			out[r.region] = *r.asOf
		}
	}
	return out
}
