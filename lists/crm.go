package lists

import (
	"net/url"
	"regexp"
	"strings"
)

// CRMSettings open the contact in a customer system beside the desk.
type CRMSettings struct {
	CRMURL string `json:"crm_url,omitempty" maxLength:"500" doc:"address of a contact's page in another system, http or https, opened by the agent in a new tab; {id}, {phone}, {name}, {attempt} and {fields.NAME} in path, query or fragment are filled in"`
}

// CRMFacts are what an address may be filled with.
type CRMFacts struct {
	ID, Phone, Name, Attempt string
	Fields                   map[string]string
}

var hole = regexp.MustCompile(`\{([a-z]+)(?:\.([^{}]{1,60}))?\}`)

// CRMAddress fills the campaign's address; "" without one. Values are escaped, so none can leave its place in the address.
func (s CRMSettings) CRMAddress(f CRMFacts) string {
	if s.CRMURL == "" {
		return ""
	}
	return hole.ReplaceAllStringFunc(s.CRMURL, func(m string) string {
		parts := hole.FindStringSubmatch(m)
		v, _ := f.value(parts[1], parts[2])
		return strings.ReplaceAll(url.QueryEscape(v), "+", "%20")
	})
}

func (f CRMFacts) value(name, field string) (v string, known bool) {
	if name == "fields" {
		return f.Fields[field], field != ""
	}
	v, known = map[string]string{"id": f.ID, "phone": f.Phone, "name": f.Name, "attempt": f.Attempt}[name]
	return v, known && field == ""
}

func (s CRMSettings) validate() []FieldError {
	if s.CRMURL == "" {
		return nil
	}
	const field = "crm_url"
	scheme, rest, _ := strings.Cut(s.CRMURL, "://")
	host := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host = rest[:i]
	}
	u, err := url.Parse(hole.ReplaceAllString(s.CRMURL, "x"))
	switch {
	case scheme != "http" && scheme != "https":
		return []FieldError{{field, "must begin with https:// or http://"}}
	case err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(host, "{}"):
		return []FieldError{{field, "is no web address with a fixed host"}}
	case strings.ContainsAny(hole.ReplaceAllString(s.CRMURL, ""), "{}"):
		return []FieldError{{field, "has a brace that belongs to no placeholder"}}
	}
	for _, m := range hole.FindAllStringSubmatch(s.CRMURL, -1) {
		if _, known := (CRMFacts{}).value(m[1], m[2]); !known {
			return []FieldError{{field, m[0] + " is unknown: {id}, {phone}, {name}, {attempt} and {fields.NAME} are there"}}
		}
	}
	return nil
}
