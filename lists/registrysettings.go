package lists

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

// RegistrySettings are what a campaign demands of registries and consents besides what its rule packs do.
type RegistrySettings struct {
	Registries []RegistryDemand `json:"registries,omitempty" maxItems:"20" doc:"do-not-call registries that must be loaded and young enough; while one is not, nobody is called"`
	Purpose    string           `json:"purpose,omitempty" maxLength:"40" doc:"purpose of the consent that each contact must have given; empty: none is needed beyond the rule packs"`
}

// RegistryDemand is a registry without which a campaign must not call.
type RegistryDemand struct {
	Region     string `json:"region" doc:"country or state of the registry, like US or US-FL"`
	MaxAgeDays int    `json:"max_age_days" minimum:"1" maximum:"3650" doc:"days after which its numbers are too old"`
}

func (d RegistryDemand) maxAge() time.Duration { return time.Duration(d.MaxAgeDays) * 24 * time.Hour }

var (
	registryRegion = regexp.MustCompile(`^[A-Z]{2}(-[A-Z0-9]{1,3})?$`)
	purposeName    = regexp.MustCompile(`^[a-z0-9_.-]{1,40}$`)
)

func (s RegistrySettings) validate() (errs []FieldError) {
	bad := func(wrong bool, field, reason string) {
		if wrong {
			errs = append(errs, FieldError{field, reason})
		}
	}
	bad(len(s.Registries) > 20, "registries", "at most 20")
	for i, d := range s.Registries {
		at := fmt.Sprintf("registries.%d.", i)
		bad(!registryRegion.MatchString(d.Region), at+"region", "must be a country or state, like US or US-FL")
		bad(d.MaxAgeDays < 1 || d.MaxAgeDays > 3650, at+"max_age_days", "must be between 1 and 3650 days")
		bad(slices.ContainsFunc(s.Registries[:i], func(o RegistryDemand) bool { return o.Region == d.Region }), at+"region", "is there twice")
	}
	bad(s.Purpose != "" && !purposeName.MatchString(s.Purpose), "purpose", "must be 1 to 40 of a-z, 0-9, _ . and -")
	return errs
}

// registryDemands are those of the settings and of the rule packs together.
func (s Settings) registryDemands() []RegistryDemand { return s.Registries }

// consentPurpose is the purpose for which contacts must have consented, "" when no consent is needed.
func (s Settings) consentPurpose() string { return s.Purpose }
