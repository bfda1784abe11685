package lists

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dialtide/dialtide/lists/compliance"
)

// RuleCoverage is why a contact waits whose number a rule demands to be checked against a registry, of which the numbers were loaded
// for other areas only. It waits until a registry covers it, or the hour is over and it is asked again.
const RuleCoverage = "registry_coverage"

var beginning = regexp.MustCompile(`^\+[1-9][0-9]{0,8}$`)

const coverageMost = 1000

// cleanCoverage checks what a registry's numbers are of: regions within that of the registry, and beginnings of numbers. Three
// digits are an area code where the region's numbers have such.
func cleanCoverage(region string, given []string) ([]string, error) {
	if len(given) > coverageMost {
		return nil, &InputError{"coverage", fmt.Sprintf("at most %d", coverageMost)}
	}
	out := []string{}
	for i, c := range given {
		c = strings.ToUpper(strings.TrimSpace(c))
		if len(c) == 3 && digitsOnly(c) == 3 && (region[:2] == "US" || region[:2] == "CA") {
			c = "+1" + c
		}
		switch {
		case beginning.MatchString(c):
		case registryRegion.MatchString(c) && within(c, region):
		default:
			return nil, &InputError{fmt.Sprintf("coverage.%d", i), fmt.Sprintf("%.20q must be a region within %s, like US-FL, or the beginning of numbers, like +1212", c, region)}
		}
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	slices.Sort(out)
	return out, nil
}

// SetCoverage says which numbers the registry can speak of; none: all of its region. Where a rule demands the registry, a number
// that it does not cover is not called. Errors: ErrNotFound, *InputError (coverage.N).
func (s *Store) SetCoverage(ctx context.Context, registry uuid.UUID, coverage []string) (Registry, error) {
	r, err := s.Registry(ctx, registry)
	if err != nil {
		return Registry{}, err
	}
	if r.Coverage, err = cleanCoverage(r.Region, coverage); err != nil {
		return Registry{}, err
	}
	tag, err := s.pool.Exec(ctx, `UPDATE registries SET coverage = $2 WHERE id = $1`, registry, r.Coverage)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Registry{}, fmt.Errorf("coverage of registry %s: %w", registry, err)
	}
	return r, nil
}

// covers reports whether the registry can speak of a number.
func (r *registryFact) covers(phone, region string) bool {
	return len(r.coverage) == 0 || slices.ContainsFunc(r.coverage, func(c string) bool {
		return strings.HasPrefix(c, "+") && strings.HasPrefix(phone, c) || within(region, c)
	})
}

// place is the region of the candidate's number.
func (x *candidate) place() string {
	if x.facts.region == "" {
		return RegionOf(x.contact.Phone)
	}
	return x.facts.region
}

// copiesFor gives the age of the newest copy of each region's registries that can speak of the candidate's number.
func (c *claiming) copiesFor(x *candidate) map[string]time.Time {
	if !slices.ContainsFunc(c.registries, func(r registryFact) bool { return len(r.coverage) > 0 }) {
		return c.copies
	}
	region := x.place()
	return copiesOf(slices.DeleteFunc(slices.Clone(c.registries), func(r registryFact) bool { return !r.covers(x.contact.Phone, region) }))
}

// uncovered returns the first registry that the campaign itself demands for numbers like the candidate's and of which no young copy
// can speak of it.
func (c *claiming) uncovered(x *candidate) (RegistryDemand, bool) {
	region := x.place()
	for _, d := range c.settings.registryDemands() {
		if !within(region, d.Region) && !within(d.Region, region) {
			continue // not a number of that registry's region
		}
		met := slices.ContainsFunc(c.registries, func(r registryFact) bool {
			return r.region == d.Region && r.asOf != nil && c.now.Sub(*r.asOf) <= d.maxAge() && r.covers(x.contact.Phone, region)
		})
		if !met {
			return d, true
		}
	}
	return RegistryDemand{}, false
}

// coverage names the refusal of a number that a registry, young enough, was not loaded for.
func (c *claiming) coverage(x *candidate, r compliance.Refusal) compliance.Refusal {
	if r.Kind != compliance.Registry {
		return r
	}
	if rule := c.asked.Rule(r.Rule); rule != nil && c.elsewhereLoaded(x, rule) {
		r.Kind = RuleCoverage
		r.Why, r.WhyZH = coverageText(x.contact.Phone, rule.Region)
	}
	return r
}

// elsewhereLoaded reports whether a copy of the rule's registry is young enough and can only not speak of the number.
func (c *claiming) elsewhereLoaded(x *candidate, rule *compliance.Rule) bool {
	of := c.copies[rule.Region]
	return !of.IsZero() && !c.now.After(of.Add(rule.MaxAge.Duration())) && c.copiesFor(x)[rule.Region].Before(of)
}

func coverageText(phone, region string) (en, zh string) {
	return fmt.Sprintf("The registry of %s was loaded for other areas only: %s is not covered by it. Load its area, or take the number off the list.", region, phone),
		fmt.Sprintf("%s 的登记名单仅载入了其他地区：未覆盖 %s。请载入该地区的名单，或将号码移出。", region, phone)
}

// refuseUncovered is the refusal of a number that a registry which the campaign itself demands does not cover.
func (c *claiming) refuseUncovered(x *candidate) (compliance.Refusal, bool) {
	d, bad := c.uncovered(x)
	if !bad {
		return compliance.Refusal{}, false
	}
	r := compliance.Refusal{Rule: RuleCoverage, Kind: RuleCoverage, Act: true}
	r.Why, r.WhyZH = coverageText(x.contact.Phone, d.Region)
	return r, true
}

// scanRegistryFact reads a row of registriesSQL.
func scanRegistryFact(row pgx.CollectableRow) (r registryFact, err error) {
	err = row.Scan(&r.no, &r.region, &r.everyone, &r.asOf, &r.coverage)
	return r, err
}
