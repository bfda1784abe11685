package lists

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/dialtide/dialtide/lists/chance"
	"github.com/dialtide/dialtide/lists/compliance"
)

// Number is a normalised telephone number with the zones in which its owner may be.
type Number struct {
	E164  string
	Zones []string // candidates; the intersection of their hours applies
	Kind  chance.Kind
	// Region is ISO 3166: a subdivision (US-FL) where the number tells it, else the country (GB); "" for services of none.
	Region  string
	Carrier string // to whom the number was given at first, in English; "" where it is not known. It may have been ported.
}

// Reasons for which a number is refused.
const (
	PhoneMissing = "phone_missing"      // nothing there
	PhoneInvalid = "phone_invalid"      // other characters than digits, space and - ( ) . + or no number of any plan
	PhonePremium = "phone_premium"      // costs the callee or us extra
	PhoneNoZone  = "phone_zone_unknown" // its local time cannot be known
)

// ParseNumber normalises what somebody wrote as a telephone number. Numbers without a country code belong to region (ISO
// 3166, like "CN"). Full-width digits are read as digits. reason is "" or one of the Phone codes.
func ParseNumber(raw, region string) (n Number, reason string) {
	text, ok := plainNumber(raw)
	if !ok {
		return Number{}, PhoneInvalid
	}
	if text == "" {
		return Number{}, PhoneMissing
	}
	parsed, err := phonenumbers.Parse(text, region)
	if err != nil || !phonenumbers.IsValidNumber(parsed) || parsed.GetExtension() != "" {
		return Number{}, PhoneInvalid
	}
	switch phonenumbers.GetNumberType(parsed) {
	case phonenumbers.PREMIUM_RATE:
		return Number{}, PhonePremium
	case phonenumbers.MOBILE:
		n.Kind = chance.Mobile
	case phonenumbers.FIXED_LINE:
		n.Kind = chance.Fixed
	}
	n.E164 = phonenumbers.Format(parsed, phonenumbers.E164)
	if !e164.MatchString(n.E164) {
		return Number{}, PhoneInvalid
	}
	zones, err := phonenumbers.GetTimezonesForPrefix(n.E164)
	if err != nil || len(zones) == 0 {
		return Number{}, PhoneNoZone
	}
	for _, z := range zones {
		if z == phonenumbers.UNKNOWN_TIMEZONE || !compliance.KnownZone(z) {
			return Number{}, PhoneNoZone
		}
	}
	n.Zones, n.Region = zones, regionOf(parsed, n.E164)
	if n.Carrier, err = phonenumbers.GetCarrierForNumber(parsed, "en"); err != nil {
		n.Carrier = "" // its data cannot be read; nothing depends on it
	}
	return n, ""
}

// KnownRegion reports whether numbers of the region can be parsed.
func KnownRegion(region string) bool { return phonenumbers.GetCountryCodeForRegion(region) != 0 }

// plainNumber lets only what numbers are written with through, and a plus only in front.
func plainNumber(raw string) (string, bool) {
	raw = strings.TrimSpace(raw)
	if len(raw) > 64 {
		return "", false
	}
	var b strings.Builder
	for _, r := range raw {
		if r >= '０' && r <= '９' {
			r = r - '０' + '0'
		}
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case (r == '+' || r == '＋') && b.Len() == 0:
			b.WriteByte('+')
		case r == ' ' || r == '-' || r == '(' || r == ')' || r == '.' || r == '\u00a0':
		default:
			return "", false
		}
	}
	return b.String(), true
}
