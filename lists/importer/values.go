package importer

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Reasons for which a row is rejected because of a value.
const (
	PhoneRounded  = "phone_rounded" // a spreadsheet shortened the number: 8.6138E+12
	NotANumber    = "not_a_number"
	NotADate      = "not_a_date"
	NotABool      = "not_a_bool"
	NotMoney      = "not_money"
	ZoneUnknown   = "zone_unknown"
	BadPriority   = "priority_invalid"
	NumberOnDNC   = "on_dnc"
	TooManyPhones = "too_many_phones"
)

// mendNumber undoes what spreadsheets do to telephone numbers: 8.613800138000E+12, 13800138000.0, ="13800138000" and the
// apostrophe in front; and what nobody sees goes, like the marks of direction that address books put around numbers.
func mendNumber(s string) (text, reason string) {
	plain := true
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && c != ' ' && c != '-' && c != '(' && c != ')' && c != '+' {
			plain = false
			break
		}
	}
	if plain {
		return s, ""
	}
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s))
	s = strings.TrimPrefix(s, "'")
	if inner, ok := strings.CutPrefix(s, `="`); ok && strings.HasSuffix(inner, `"`) {
		s = inner[:len(inner)-1]
	}
	for _, scheme := range []string{"tel:", "TEL:", "Tel:"} {
		s = strings.TrimPrefix(s, scheme)
	}
	mantissa, exponent, ok := strings.Cut(strings.ToUpper(s), "E")
	if !ok {
		if whole, rest, ok := strings.Cut(s, "."); ok && rest != "" && strings.Trim(rest, "0") == "" && plainDigits(whole) && len(whole) >= 7 {
			return whole, ""
		}
		return s, ""
	}
	e, err := strconv.Atoi(strings.TrimPrefix(exponent, "+"))
	whole, rest, _ := strings.Cut(strings.Replace(mantissa, ",", ".", 1), ".")
	if err != nil || e < 0 || e > 20 || !plainDigits(whole) || rest != "" && !plainDigits(rest) {
		return s, ""
	}
	switch {
	case len(rest) < e:
		return s, PhoneRounded
	case strings.Trim(rest[e:], "0") != "":
		return s, ""
	}
	return whole + rest[:e], ""
}

// decimalMark is what stands before the fraction in a country.
func decimalMark(region string) byte {
	switch region {
	case "DE", "FR", "IT", "ES", "PT", "NL", "BE", "AT", "PL", "CZ", "SE", "NO", "DK", "FI", "BR", "AR", "RU", "TR", "ID", "VN", "GR", "HU", "RO":
		return ','
	}
	return '.'
}

// numberValue is a number as plain decimal.
func numberValue(s, region string) (string, bool) {
	s = strings.TrimSpace(s)
	if plainDigits(s) && len(s) < 30 {
		return trimZeros(s), true
	}
	if len(s) == 0 || len(s) > 40 {
		return "", false
	}
	if strings.ContainsAny(s, "eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || f > 1e15 || f < -1e15 {
			return "", false
		}
		return strconv.FormatFloat(f, 'f', -1, 64), true
	}
	percent := strings.HasSuffix(s, "%")
	s = strings.TrimSpace(strings.TrimSuffix(s, "%"))
	negative := false
	switch {
	case strings.HasPrefix(s, "-"), strings.HasPrefix(s, "−"):
		negative, s = true, strings.TrimLeft(s, "-−")
	case strings.HasPrefix(s, "("), strings.HasPrefix(s, "+"):
		if s[0] == '(' && !strings.HasSuffix(s, ")") {
			return "", false
		}
		negative = s[0] == '('
		s = strings.Trim(s, "()+")
	}
	whole, fraction, ok := parts(strings.TrimSpace(s), decimalMark(region))
	if !ok || percent && fraction == "" && whole == "" {
		return "", false
	}
	out := trimZeros(whole)
	if fraction != "" {
		out += "." + fraction // with its zeros: who writes 84.20 wants an agent to read 84.20
	}
	if negative && strings.Trim(out, "0.") != "" {
		out = "-" + out
	}
	return out, true
}

func trimZeros(digits string) string {
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		return "0"
	}
	return digits
}

// parts parts an unsigned number at its decimal mark. The last of two different marks is the decimal mark; one that is there
// several times groups; a single one is decimal when it is the country's, or when it does not stand before three digits.
func parts(s string, usual byte) (whole, fraction string, ok bool) {
	dots, commas := strings.Count(s, "."), strings.Count(s, ",")
	mark := byte(0)
	switch {
	case dots > 0 && commas > 0:
		mark = '.'
		if strings.LastIndexByte(s, ',') > strings.LastIndexByte(s, '.') {
			mark = ','
		}
	case dots == 1 && (usual == '.' || !groups(s, '.')):
		mark = '.'
	case commas == 1 && (usual == ',' || !groups(s, ',')):
		mark = ','
	}
	if mark != 0 {
		i := strings.LastIndexByte(s, mark)
		if strings.Count(s, string(mark)) > 1 {
			return "", "", false
		}
		s, fraction = s[:i], s[i+1:]
		if fraction == "" || !plainDigits(fraction) {
			return "", "", false
		}
	}
	var b strings.Builder
	last := -4
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			b.WriteByte(c)
		case (c == ',' || c == '.' || c == '\'' || c == ' ') && i > 0 && i < len(s)-1 && i-last >= 3:
			last = i
		default:
			return "", "", false
		}
	}
	return b.String(), fraction, b.Len() > 0 || fraction != ""
}

// groups reports whether a single mark stands before exactly three digits.
func groups(s string, mark byte) bool {
	i := strings.IndexByte(s, mark)
	return i > 0 && i <= 3 && len(s)-i == 4
}

var currencies = []string{"USD", "EUR", "GBP", "CNY", "RMB", "CAD", "AUD", "HKD", "TWD", "US$", "HK$", "NT$", "A$", "C$", "$", "€", "£", "¥", "￥", "元", "块"}

func bare(s string) (string, bool) {
	s = strings.TrimSpace(s)
	for _, c := range currencies {
		if t, ok := strings.CutPrefix(s, c); ok {
			return strings.TrimSpace(t), true
		}
		if t, ok := strings.CutSuffix(s, c); ok {
			return strings.TrimSpace(t), true
		}
		if t, ok := strings.CutPrefix(s, "-"+c); ok {
			return "-" + strings.TrimSpace(t), true
		}
	}
	return s, false
}

// moneySign reports whether s is an amount with the sign of a currency.
func moneySign(s string) bool {
	t, ok := bare(s)
	if ok {
		_, ok = numberValue(t, "")
	}
	return ok
}

// moneyValue is an amount as plain decimal, without its currency.
func moneyValue(s, region string) (string, bool) {
	t, _ := bare(s)
	return numberValue(t, region)
}

var truths = map[string]string{
	"true": "true", "yes": "true", "y": "true", "1": "true", "t": "true", "是": "true", "对": "true", "有": "true", "x": "true", "✓": "true", "oui": "true", "ja": "true", "si": "true",
	"false": "false", "no": "false", "n": "false", "0": "false", "f": "false", "否": "false", "不是": "false", "无": "false", "non": "false", "nein": "false",
}

func boolValue(s string) (string, bool) {
	v, ok := truths[strings.ToLower(strings.TrimSpace(s))]
	return v, ok
}

var months = map[string]time.Month{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}

// dateValue is a date as YYYY-MM-DD. It reads 2024-03-05, 5.3.2024 and 3/5/2024 (by order), 2024年3月5日, 20240305,
// 5 Mar 2024 and March 5, 2024, with or without a time behind, and the number by which spreadsheets keep a day.
func dateValue(s, order string) (string, bool) {
	s = strings.TrimSpace(s)
	if len(s) == 10 && s[4] == '-' && s[7] == '-' && plainDigits(s[:4]) && plainDigits(s[5:7]) && plainDigits(s[8:]) {
		return dated(digits(s[:4]), digits(s[5:7]), digits(s[8:]))
	}
	if len(s) < 5 || len(s) > 40 {
		return "", false
	}
	if plainDigits(s) {
		switch {
		case len(s) == 8:
			return dated(digits(s[:4]), digits(s[4:6]), digits(s[6:]))
		case len(s) == 5: // days since 1899-12-30, as spreadsheets count
			day := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, digits(s))
			return day.Format(time.DateOnly), true
		}
		return "", false
	}
	var n [3]int
	var word string
	count := 0
	four := -1
	for i := 0; i < len(s) && count < 3; {
		switch c := rune(s[i]); {
		case c >= '0' && c <= '9':
			j := i
			for j < len(s) && s[j] >= '0' && s[j] <= '9' {
				j++
			}
			if j-i > 4 {
				return "", false
			}
			if j-i == 4 {
				four = count
			}
			n[count] = digits(s[i:j])
			count++
			i = j
		case c < 0x80 && unicode.IsLetter(c):
			j := i
			for j < len(s) && s[j] < 0x80 && unicode.IsLetter(rune(s[j])) {
				j++
			}
			if _, ok := months[strings.ToLower(s[i:min(j, i+3)])]; ok && j-i >= 3 && word == "" {
				word = strings.ToLower(s[i : i+3])
				if count == 2 {
					return "", false
				}
			} else if w := s[i:j]; !(count == 1 && (w == "st" || w == "nd" || w == "rd" || w == "th")) {
				return "", false
			}
			i = j
		case strings.HasPrefix(s[i:], "年"), strings.HasPrefix(s[i:], "月"), strings.HasPrefix(s[i:], "日"):
			order = "ymd"
			i += len("年")
		case c == '-' || c == '/' || c == '.' || c == ' ' || c == ',':
			i++
		default:
			return "", false
		}
		if word != "" && count == 2 {
			break
		}
	}
	switch {
	case word != "" && count == 2 && four == 1:
		return dated(n[1], int(months[word]), n[0])
	case word != "" && count == 2 && four == 0:
		return dated(n[0], int(months[word]), n[1])
	case word != "" || count < 3:
		return "", false
	case four == 0:
		return dated(n[0], n[1], n[2])
	case order == "ymd" && four < 0:
		return dated(century(n[0]), n[1], n[2])
	case order == "mdy":
		return dated(century(n[2]), n[0], n[1])
	}
	return dated(century(n[2]), n[1], n[0])
}

// century completes a year of two digits: up to 30 it is of this century.
func century(y int) int {
	switch {
	case y >= 100:
		return y
	case y <= 30:
		return 2000 + y
	}
	return 1900 + y
}

func digits(s string) (n int) {
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func dated(y, m, d int) (string, bool) {
	if y < 1800 || y > 2200 || m < 1 || m > 12 || d < 1 || d > 31 {
		return "", false
	}
	if d > 28 {
		if t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC); t.Day() != d {
			return "", false
		}
	}
	b := make([]byte, 0, 10)
	b = append(b, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-', byte('0'+m/10), byte('0'+m%10), '-', byte('0'+d/10), byte('0'+d%10))
	return string(b), true
}
