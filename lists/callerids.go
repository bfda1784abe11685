package lists

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/nyaruka/phonenumbers"
)

// CallerChoice says which of its numbers a campaign shows to a contact.
type CallerChoice string

const (
	CallerByContact CallerChoice = "contact" // drawn by the contact, for whom it stays the same
	CallerByArea    CallerChoice = "area"    // of his own area, where there is one
)

// CallerIDSettings let a campaign show one of several numbers. None of them is needed.
type CallerIDSettings struct {
	CallerIDs    []string     `json:"caller_ids,omitempty" maxItems:"50" doc:"further numbers, E.164; each contact is shown one of these or caller_id"`
	CallerChoice CallerChoice `json:"caller_choice,omitempty" enum:"contact,area" doc:"which one; contact (default): drawn by the contact's id, so that he always sees the same; area: drawn so among those of the area code of the number that is called, where there are none of its region (state or province), else of its country, else all"`
}

const maxCallerIDs = 50

// numbersShown are all numbers that the campaign may show, without those of a campaign test.
func (s Settings) numbersShown() []string { return append([]string{s.CallerID}, s.CallerIDs...) }

// CallerFor is the number that is shown to a contact who is called at phone. The draw depends on nothing but the contact's id and the
// numbers: the greatest SHA-256 of the id's sixteen bytes and the number's text wins (rendezvous hashing), so that a number that comes or
// goes changes what is shown to its own share of the contacts only.
func (s Settings) CallerFor(contact uuid.UUID, phone string) string {
	if len(s.CallerIDs) == 0 {
		return s.CallerID
	}
	all := s.numbersShown()
	if s.CallerChoice == CallerByArea {
		all = nearest(all, phone)
	}
	var won string
	var most []byte
	for _, number := range all {
		sum := sha256.Sum256(append(contact[:], number...))
		if bytes.Compare(sum[:], most) > 0 {
			won, most = number, sum[:]
		}
	}
	return won
}

// nearest are those of the numbers that are nearest to phone.
func nearest(numbers []string, phone string) []string {
	var out []string
	at, best := originOf(phone), 0
	for _, n := range numbers {
		switch near := at.near(originOf(n)); {
		case near > best:
			out, best = []string{n}, near
		case near == best:
			out = append(out, n)
		}
	}
	return out
}

// origin is where a number is from, as far as it tells; what it does not tell is empty.
type origin struct{ area, region, country string }

func originOf(number string) origin {
	region := RegionOf(number)
	country, _, _ := strings.Cut(region, "-")
	return origin{areaOf(number), region, country}
}

func (a origin) near(b origin) int {
	switch {
	case a.area != "" && a.area == b.area:
		return 3
	case a.region != "" && a.region == b.region:
		return 2
	case a.country != "" && a.country == b.country:
		return 1
	}
	return 0
}

// areaOf is the beginning of a number up to the end of its area code; "" when it has none, as those of mobile phones in most countries.
func areaOf(e164 string) string {
	if strings.HasPrefix(e164, "+1") && len(e164) == 12 {
		return e164[:5]
	}
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return ""
	}
	length := phonenumbers.GetLengthOfGeographicalAreaCode(n)
	national := phonenumbers.GetNationalSignificantNumber(n)
	if length == 0 || length > len(national) {
		return ""
	}
	return "+" + strconv.Itoa(int(n.GetCountryCode())) + national[:length]
}

// callerErrors returns what is wrong with the further numbers.
func (s Settings) callerErrors() (errs []FieldError) {
	switch s.CallerChoice {
	case "", CallerByContact, CallerByArea:
	default:
		errs = append(errs, FieldError{"caller_choice", "must be contact or area"})
	}
	if len(s.CallerIDs) > maxCallerIDs {
		errs = append(errs, FieldError{"caller_ids", fmt.Sprintf("at most %d", maxCallerIDs)})
	}
	for i, n := range s.CallerIDs {
		if fault := numberFault(n, s.numbersShown()[:i+1]); fault != "" {
			errs = append(errs, FieldError{fmt.Sprintf("caller_ids.%d", i), fault})
		}
	}
	return errs
}

// numberFault says what is wrong with a number in a list behind others; "": nothing.
func numberFault(n string, others []string) string {
	switch {
	case !e164.MatchString(n):
		return "must be a number in E.164 form, like +12025550100"
	case slices.Contains(others, n):
		return "is there twice"
	}
	return ""
}

// checkCallers refuses numbers that the campaign's trunk may not show. The trunk stays as it is until the transaction ends. A trunk that
// is not there is for the foreign key to refuse.
func checkCallers(ctx context.Context, tx pgx.Tx, trunk uuid.UUID, s Settings) error {
	var name string
	var allowed []string
	err := tx.QueryRow(ctx, `SELECT name, caller_ids FROM trunks WHERE id = $1 FOR SHARE`, trunk).Scan(&name, &allowed)
	if noRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(allowed) == 0 {
		return nil
	}
	var errs SettingsError
	for i, n := range s.numbersShown() {
		if slices.Contains(allowed, n) {
			continue
		}
		field := "caller_id"
		if i > 0 {
			field = fmt.Sprintf("caller_ids.%d", i-1)
		}
		errs = append(errs, FieldError{field, notOnTrunk(name, n)})
	}
	if s.Experiment != nil {
		for _, a := range s.Experiment.Arms {
			if a.CallerID != "" && !slices.Contains(allowed, a.CallerID) {
				errs = append(errs, FieldError{"caller_id", notOnTrunk(name, a.CallerID) + "; the test that runs shows it"})
			}
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

func notOnTrunk(trunk, number string) string {
	return fmt.Sprintf("the trunk %s does not let calls show %s: choose one of its numbers, or have it added there", trunk, number)
}

// checkArmCallers is checkCallers for the treatments of a campaign test.
func checkArmCallers(ctx context.Context, tx pgx.Tx, campaign uuid.UUID, arms []Treatment) error {
	var name string
	var allowed []string
	err := tx.QueryRow(ctx, `SELECT t.name, t.caller_ids FROM campaigns c JOIN trunks t ON t.id = c.trunk_id WHERE c.id = $1 FOR SHARE OF t`, campaign).Scan(&name, &allowed)
	if err != nil || len(allowed) == 0 {
		return err
	}
	for i, a := range arms {
		if a.CallerID != "" && !slices.Contains(allowed, a.CallerID) {
			return &InputError{fmt.Sprintf("arms[%d].caller_id", i), notOnTrunk(name, a.CallerID)}
		}
	}
	return nil
}

// checkTrunkNumbers refuses a choice of numbers that leaves one out which a campaign of the trunk shows, or a test of it.
func checkTrunkNumbers(ctx context.Context, tx pgx.Tx, t Trunk) error {
	if len(t.CallerIDs) == 0 {
		return nil
	}
	var campaign, number string
	err := tx.QueryRow(ctx, `SELECT c.name, x.number FROM campaigns c CROSS JOIN LATERAL (`+shownSQL+`) x
		WHERE c.trunk_id = $1 AND x.number <> ALL ($2) ORDER BY c.name, x.number LIMIT 1`, t.ID, t.CallerIDs).Scan(&campaign, &number)
	if noRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return &InputError{"caller_ids", fmt.Sprintf("the campaign %s shows %s: add that number, or change the campaign first", campaign, number)}
}

// shownSQL are all numbers that a campaign c shows, those of a test that runs among them.
const shownSQL = `SELECT n #>> '{}' AS number FROM (
	SELECT jsonb_path_query(c.settings, '$.caller_id') UNION ALL SELECT jsonb_path_query(c.settings, '$.caller_ids[*]')
	UNION ALL SELECT jsonb_path_query(c.settings, '$.experiment.arms[*].caller_id')) x(n) WHERE jsonb_typeof(n) = 'string'`
