package lists

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"

	"github.com/dialtide/dialtide/lists/compliance"
)

// Regions are ISO 3166: a subdivision (US-FL, CA-ON) where the number or the address tells it, else the country. Provinces of
// China go by the numbers of GB/T 2260, which carriers and files use: CN-44 is Guangdong.
var (
	//go:embed areas.txt
	areasText string // area codes of +1: the states of the United States and the provinces of Canada
	//go:embed states.txt
	statesText string // their names and zones
	//go:embed zips.txt
	zipsText string // the first three digits of ZIP codes
)

var (
	areaRegions = readAreas(areasText)
	states      = readStates(statesText)
	zipStates   = readZips(zipsText)
)

func readAreas(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		for _, area := range words[1:] {
			out[area] = words[0]
		}
	}
	return out
}

// state is a subdivision that an address can name.
type state struct {
	region string
	zones  []string
}

// readStates gives the states by their codes with the country (US-FL) and by their names in lower case.
func readStates(text string) map[string]state {
	out := map[string]state{}
	for line := range strings.Lines(text) {
		part := strings.Split(strings.TrimSpace(line), "|")
		s := state{part[0], strings.Fields(part[2])}
		out[part[0]], out[strings.ToLower(part[1])] = s, s
	}
	return out
}

func readZips(text string) (out [1000]string) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		first, last, ok := strings.Cut(words[0], "-")
		if !ok {
			last = first
		}
		from, _ := strconv.Atoi(first) // the file is ours, a test reads it
		to, _ := strconv.Atoi(last)
		for i := from; i <= to; i++ {
			out[i] = "US-" + words[1]
		}
	}
	return out
}

var provinces = map[string]string{
	"北京": "11", "天津": "12", "河北": "13", "山西": "14", "内蒙": "15", "辽宁": "21", "吉林": "22", "黑龙": "23", "上海": "31", "江苏": "32", "浙江": "33",
	"安徽": "34", "福建": "35", "江西": "36", "山东": "37", "河南": "41", "湖北": "42", "湖南": "43", "广东": "44", "广西": "45", "海南": "46", "重庆": "50",
	"四川": "51", "贵州": "52", "云南": "53", "西藏": "54", "陕西": "61", "甘肃": "62", "青海": "63", "宁夏": "64", "新疆": "65",
}

// regionOf returns the region of a number.
func regionOf(n *phonenumbers.PhoneNumber, e164 string) string {
	if r, ok := areaRegion(e164); ok {
		return r
	}
	country := phonenumbers.GetRegionCodeForNumber(n)
	if len(country) != 2 || country == "ZZ" {
		return "" // a service without a country
	}
	if country == "CN" {
		place, err := phonenumbers.GetGeocodingForNumber(n, "zh")
		const twoCharacters = 6
		if err == nil && len(place) >= twoCharacters && provinces[place[:twoCharacters]] != "" {
			return "CN-" + provinces[place[:twoCharacters]]
		}
	}
	return country
}

func areaRegion(e164 string) (string, bool) {
	if len(e164) < 5 || e164[1] != '1' {
		return "", false
	}
	r, ok := areaRegions[e164[2:5]]
	return r, ok
}

// RegionOf returns the region of a number in E.164 form, "" when it has none. [ParseNumber] tells it with the rest.
func RegionOf(e164 string) string {
	if r, ok := areaRegion(e164); ok {
		return r
	}
	n, err := phonenumbers.Parse(e164, "ZZ")
	if err != nil {
		return ""
	}
	return regionOf(n, e164)
}

// addressKeys are names of fields, in lower case, that say where a contact lives.
var addressKeys = map[string]string{
	"state": "state", "province": "state", "region": "state", "st": "state", "address_state": "state", "home_state": "state",
	"省": "state", "省份": "state", "州": "state",
	"zip": "zip", "zipcode": "zip", "zip_code": "zip", "zip code": "zip", "postal_code": "zip", "postal code": "zip", "postcode": "zip", "邮编": "zip",
	"country": "country", "country_code": "country", "nation": "country", "国家": "country",
}

// addressOf returns the place that a contact's fields name, when it is another than that of the number; else one without
// region. A state without a country is one of the number's country; when that has none of the name, of any that has.
func addressOf(fields map[string]string, number compliance.Place) (p compliance.Place) {
	if len(fields) == 0 {
		return p
	}
	var said, zip, country string
	for name, value := range fields {
		if len(name) > 20 || value == "" {
			continue
		}
		kind, ok := addressKeys[name]
		if !ok {
			kind = addressKeys[strings.ToLower(name)]
		}
		switch kind {
		case "state":
			said = strings.TrimSpace(value)
		case "zip":
			zip = strings.TrimSpace(value)
		case "country":
			country = countryOf(value)
		}
	}
	home := ""
	if len(number.Region) >= 2 {
		home = number.Region[:2]
	}
	if country == "" {
		country = home
	}
	s, ok := stateOf(said, country)
	if !ok && country == "US" && len(zip) >= 5 {
		if i, err := strconv.ParseUint(zip[:3], 10, 16); err == nil {
			s, ok = states[zipStates[i]]
		}
	}
	switch {
	case ok && s.region == number.Region || !ok && country == home:
		return p
	case ok:
		return compliance.Place{Region: s.region, Zones: s.zones}
	case country == "":
		return p
	}
	return compliance.Place{Region: country, Zones: countryZones(country)}
}

// stateOf finds a state by its code or name, in the country first.
func stateOf(said, country string) (state, bool) {
	if said == "" || len(said) > 40 {
		return state{}, false
	}
	if len(said) <= 3 {
		s, ok := states[country+"-"+strings.ToUpper(said)]
		return s, ok
	}
	if s, ok := states[strings.ToUpper(said)]; ok { // US-FL
		return s, true
	}
	s, ok := states[strings.ToLower(said)]
	return s, ok
}

var countryNames = map[string]string{
	"united states": "US", "united states of america": "US", "usa": "US", "canada": "CA", "united kingdom": "GB", "uk": "GB", "great britain": "GB",
	"germany": "DE", "deutschland": "DE", "france": "FR", "italy": "IT", "italia": "IT", "australia": "AU", "china": "CN",
	"美国": "US", "加拿大": "CA", "英国": "GB", "德国": "DE", "法国": "FR", "意大利": "IT", "澳大利亚": "AU", "中国": "CN",
}

// countryOf reads a country as ISO 3166 code or as one of the names that are known; "" for others.
func countryOf(value string) string {
	value = strings.TrimSpace(value)
	if code := strings.ToUpper(value); len(code) == 2 && code != "UK" && phonenumbers.GetCountryCodeForRegion(code) != 0 {
		return code
	}
	if len(value) > 30 {
		return ""
	}
	return countryNames[strings.ToLower(value)]
}

var zonesOfCountries sync.Map // country -> []string; only countries get in, so it is bounded

// countryZones returns the zones that numbers of a country may be in; none when they are not known.
func countryZones(country string) []string {
	if z, ok := zonesOfCountries.Load(country); ok {
		return z.([]string)
	}
	var zones []string
	if prefix := phonenumbers.GetCountryCodeForRegion(country); prefix != 0 {
		found, err := phonenumbers.GetTimezonesForPrefix("+" + strconv.Itoa(prefix))
		for _, z := range found {
			if err == nil && compliance.KnownZone(z) {
				zones = append(zones, z)
			}
		}
	}
	zonesOfCountries.Store(country, zones)
	return zones
}

// Places returns where the owner of a number may be: by the number, and by the fields of a contact when they say something
// else; then both places' rules apply.
func Places(n Number, fields map[string]string) (number, address compliance.Place) {
	return placesOf(n.E164, n.Region, n.Zones, fields)
}
