package lists

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// Rules that a claim asks besides those of package compliance.
const (
	RuleErased        = "erased"         // the person asked to be forgotten: the number is never called again
	RuleRegistry      = "registry"       // the number is on a national or state registry
	RuleRegistryStale = "registry_stale" // a registry that the campaign must ask is missing or too old: nobody is called
)

// erasedPrefix begins the number of an erased contact; no telephone has such a number.
const erasedPrefix = "+0"

// bars are what keeps a contact from being called besides the entries of its own number.
type bars struct {
	erased   bool
	registry int  // number of the load that lists it; 0: none
	consent  bool // a valid consent for the purpose that was asked for
	others   bool // the contact has further numbers
}

// registryFact is a registry as a claim sees it.
type registryFact struct {
	no       *int // nil: nothing is loaded
	region   string
	everyone bool
	asOf     *time.Time
	coverage []string // empty: all of the region
}

const registriesSQL = `SELECT load_no, region, everyone, as_of, coverage FROM registries`

func readRegistries(into *[]registryFact) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, scanRegistryFact)
		return err
	}
}

// within reports whether region is the other one or a part of it: US-FL is within US.
func within(region, other string) bool {
	return region == other || strings.HasPrefix(region, other+"-")
}

// staleRegistry returns the first demand that no loaded registry meets at the moment.
func staleRegistry(now time.Time, demands []RegistryDemand, have []registryFact) (RegistryDemand, bool) {
	for _, d := range demands {
		met := slices.ContainsFunc(have, func(r registryFact) bool {
			return r.region == d.Region && r.asOf != nil && now.Sub(*r.asOf) <= d.maxAge()
		})
		if !met {
			return d, true
		}
	}
	return RegistryDemand{}, false
}

// asked returns the loads whose numbers a campaign with these demands must not call.
func asked(demands []RegistryDemand, have []registryFact) (loads []int) {
	for _, r := range have {
		if r.no != nil && (r.everyone || slices.ContainsFunc(demands, func(d RegistryDemand) bool { return within(r.region, d.Region) })) {
			loads = append(loads, *r.no)
		}
	}
	slices.Sort(loads)
	return loads
}

// registryTable is the table of a load's numbers. Its name is made of our own number and nothing else.
func registryTable(no int) string { return fmt.Sprintf("registry_numbers_%d", no) }

// barsSQL asks for each contact what factsSQL does not. Like that it must be a statement after the locks, and look things up by
// scalar subqueries. Where nobody was erased and no person is on the list, which is nearly everywhere, that is found out
// once for all. $1 contacts, $2 their numbers, $3 the campaign, $4 now, $5 the purpose of the consent, "" when none is needed.
// A load's table may be gone when its registry was replaced since the loads were read: then the claim is done again.
func barsSQL(loads []int) string {
	listed := "0"
	if len(loads) > 0 {
		var tables []string
		for _, no := range loads {
			tables = append(tables, fmt.Sprintf("(SELECT %d FROM %s n WHERE n.phone = p.phone::bigint LIMIT 1)", no, registryTable(no)))
		}
		listed = "coalesce(" + strings.Join(tables, ", ") + ", 0)"
	}
	return `
SELECT p.id,
	CASE WHEN (SELECT EXISTS (SELECT FROM erased_numbers)) THEN (SELECT true FROM erased_numbers e
		WHERE e.hash = sha256((SELECT key FROM install_key) || sha256((SELECT key FROM install_key) || convert_to(p.phone, 'UTF8')))
		UNION ALL SELECT true FROM contacts c JOIN erased_numbers e ON e.hash = number_hash('key:' || c.key) WHERE c.id = p.id AND c.key <> '' LIMIT 1) END IS TRUE,
	CASE WHEN (SELECT EXISTS (SELECT FROM dnc_people)) THEN (SELECT max(coalesce(d.until, 'infinity')) FROM contacts c JOIN dnc_people d ON d.person = c.key
		WHERE c.id = p.id AND c.key <> '' AND (d.campaign_id IS NULL OR d.campaign_id = $3) AND (d.until IS NULL OR d.until > $4)) END,
	` + listed + `,
	CASE WHEN $5 <> '' THEN (SELECT EXISTS (SELECT FROM consents k WHERE k.phone = p.phone AND ` + consentValid + `)
		OR EXISTS (SELECT FROM contacts c JOIN consents k ON k.person = c.key WHERE c.id = p.id AND c.key <> '' AND ` + consentValid + `)) END IS TRUE,
	CASE WHEN (SELECT EXISTS (SELECT FROM contact_phones)) THEN (SELECT EXISTS (SELECT FROM contact_phones n WHERE n.contact_id = p.id)) END IS TRUE
FROM unnest($1::uuid[], $2::text[]) AS p(id, phone)`
}

// consentValid is the condition of a consent k that counts for the purpose $5 at $4.
const consentValid = `k.purpose = $5 AND k.given_at <= $4 AND (k.until IS NULL OR k.until > $4) AND (k.withdrawn_at IS NULL OR k.withdrawn_at > $4)`

// barArgs are the arguments of barsSQL.
func barArgs(ids []uuid.UUID, phones []string, campaign uuid.UUID, now time.Time, purpose string) []any {
	return []any{ids, phones, campaign, now, purpose}
}

// scanBars reads a row of barsSQL. until is that of a do-not-call entry of the person; it counts when person is true.
func scanBars(row pgx.CollectableRow) (id uuid.UUID, b bars, person bool, until *time.Time, err error) {
	var end pgtype.Timestamptz
	if err = row.Scan(&id, &b.erased, &end, &b.registry, &b.consent, &b.others); err != nil {
		return id, b, false, nil, err
	}
	if end.Valid && end.InfinityModifier == pgtype.Finite {
		until = &end.Time
	}
	return id, b, end.Valid, until, nil
}

// queueBars asks for the bars of the candidates and adds an entry of the person to that of the number.
func (c *claiming) queueBars(b *pgx.Batch, found []*candidate) {
	byID := make(map[uuid.UUID]*candidate, len(found))
	ids, phones := make([]uuid.UUID, len(found)), make([]string, len(found))
	for i, x := range found {
		byID[x.contact.ID], ids[i], phones[i] = x, x.contact.ID, x.contact.Phone
	}
	b.Queue(barsSQL(asked(c.demands(), c.registries)), barArgs(ids, phones, c.req.Campaign, c.now, c.consentFor())...).Query(
		func(rows pgx.Rows) error {
			_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
				id, bars, person, until, err := scanBars(row)
				if x := byID[id]; err == nil && x != nil {
					x.bars = bars
					x.person(person, until)
				}
				return struct{}{}, err
			})
			return err
		})
}

// person adds an entry of the contact's person; of two, the one that lasts longer counts.
func (x *candidate) person(listed bool, until *time.Time) {
	if !listed {
		return
	}
	if !x.dnc || until == nil || x.dncUntil != nil && until.After(*x.dncUntil) {
		x.dncUntil = until
	}
	x.dnc = true
}

// barred returns the rule that bars a candidate for good, or "".
func (x *candidate) barred() string {
	switch {
	case x.bars.erased, strings.HasPrefix(x.contact.Phone, erasedPrefix):
		return RuleErased
	case x.bars.registry != 0:
		return RuleRegistry
	}
	return ""
}

const staleAgain = time.Minute // until a campaign whose registry is too old asks again

// stale reports, as the claim's result, that a registry which the campaign must ask is missing or too old.
func (c *claiming) stale() bool {
	if _, stale := staleRegistry(c.now, c.settings.registryDemands(), c.registries); !stale {
		return false
	}
	c.result.Dry, c.result.Next = RuleRegistryStale, c.now.Add(staleAgain)
	return true
}
