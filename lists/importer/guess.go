package importer

import (
	"fmt"
	"strings"

	"github.com/dialtide/dialtide/lists"
)

// names are words by which people call a column, in lower case without spaces, underscores and hyphens. Those at the front of a
// list are surer.
var names = []struct {
	column Column
	words  []string
}{
	{Column{As: AsPhone, Kind: "mobile", Label: "mobile"}, []string{"mobile", "mobilephone", "mobilenumber", "cell", "cellphone", "cellular", "手机", "手机号", "手机号码",
		"移动电话", "手機", "手機號碼", "行動電話", "mobil", "handy", "portable", "cellulare", "movil", "móvil", "celular"}},
	{Column{As: AsPhone}, []string{"phone", "phonenumber", "number", "tel", "telephone", "telephonenumber", "telno", "phoneno", "msisdn", "电话", "电话号码",
		"号码", "联系电话", "联系方式", "電話", "電話號碼", "聯絡電話", "phone1", "telefon", "téléphone", "telefono", "teléfono", "callee", "contactnumber"}},
	{Column{As: AsPhone, Kind: "fixed", Label: "home"}, []string{"homephone", "home", "landline", "phonehome", "hometel", "家庭电话", "住宅电话", "固话", "固定电话", "座机", "市話", "住家電話"}},
	{Column{As: AsPhone, Kind: "fixed", Label: "work"}, []string{"workphone", "officephone", "businessphone", "phonework", "worktel", "work", "办公电话", "公司电话", "单位电话", "公司電話"}},
	{Column{As: AsPhone, Label: "other"}, []string{"phone2", "phone3", "phone4", "altphone", "alternatephone", "otherphone", "secondaryphone", "mobile2", "备用电话", "电话2", "手机2", "其他电话"}},
	{Column{As: AsName}, []string{"name", "fullname", "contact", "contactname", "customer", "customername", "clientname", "姓名", "名字", "名称", "客户", "客户姓名",
		"客户名称", "联系人", "联系人姓名", "聯絡人", "客戶姓名", "nom", "nome", "nombre"}},
	{Column{As: AsKey}, []string{"customerid", "customerno", "clientid", "contactid", "externalid", "accountid", "crmid", "客户编号", "客户id", "客户号", "客戶編號", "会员号"}},
	{Column{As: AsTags}, []string{"tags", "tag", "labels", "标签", "標籤"}},
	{Column{As: AsPriority}, []string{"priority", "优先级", "優先級"}},
	{Column{As: AsZone}, []string{"timezone", "zone", "tz", "时区", "時區"}},
	{Column{As: AsState}, []string{"state", "province", "省", "省份", "州"}},
	{Column{As: AsZIP}, []string{"zip", "zipcode", "postalcode", "postcode", "plz", "邮编", "邮政编码", "郵遞區號"}},
	{Column{As: AsIgnore}, []string{"importrow", "importfield", "importreason"}},
}

var byName = func() map[string]Column {
	out := map[string]Column{}
	for _, n := range names {
		for _, w := range n.words {
			out[w] = n.column
		}
	}
	return out
}()

var squeeze = strings.NewReplacer(" ", "", "_", "", "-", "", ".", "", "　", "")

func headerWord(s string) string {
	return strings.ToLower(squeeze.Replace(lists.CleanText(s, 60)))
}

// looksLikeHeader reports whether the first row names the columns instead of holding a contact.
func looksLikeHeader(first []string, rows [][]string, region string) bool {
	if len(first) == 0 {
		return false
	}
	reader := lists.NewNumberReader(region)
	for _, c := range first {
		if _, ok := byName[headerWord(c)]; ok {
			return true
		}
	}
	for _, c := range first {
		if isNumber(reader, c) {
			return false
		}
	}
	// No word that is known and no number: a header when what follows has numbers.
	for _, row := range rows {
		for _, c := range row {
			if isNumber(reader, c) {
				return true
			}
		}
	}
	return true
}

func isNumber(reader *lists.NumberReader, cell string) bool {
	text, reason := mendNumber(cell)
	if reason != "" || len(text) < 7 {
		return false
	}
	_, reason = reader.Parse(text)
	return reason == ""
}

// guessColumns says what the columns look like, by their names first and then by what is in them.
func guessColumns(header []string, named bool, rows [][]string, region string) []Column {
	out := make([]Column, len(header))
	used := map[string]bool{}
	for i, h := range header {
		out[i] = Column{Header: h}
		if !named {
			continue
		}
		if c, ok := byName[headerWord(h)]; ok && (c.As == AsPhone || c.As == AsIgnore || !used[c.As]) {
			used[c.As] = true
			c.Header = h
			out[i] = c
		}
	}
	reader := lists.NewNumberReader(region)
	for i := range out {
		if out[i].As != "" || used[AsPhone] {
			continue
		}
		if share(rows, i, func(s string) bool { return isNumber(reader, s) }) > 0.6 {
			out[i].As, used[AsPhone] = AsPhone, true
		}
	}
	if !named && !used[AsName] {
		for i := range out {
			if out[i].As == "" && share(rows, i, looksLikeName) > 0.8 {
				out[i].As, used[AsName] = AsName, true
				break
			}
		}
	}
	for i := range out {
		if out[i].As == "" {
			out[i].As, out[i].Type = AsField, guessType(rows, i, region)
			if out[i].Type == TypeDate {
				out[i].Format = guessOrder(rows, i, region)
			}
		}
	}
	limitPhones(out)
	return out
}

// limitPhones makes fields of phones that are too many.
func limitPhones(columns []Column) {
	n := 0
	for i := range columns {
		if columns[i].As == AsPhone {
			if n++; n > lists.MaxPhones {
				columns[i] = Column{Header: columns[i].Header, As: AsField, Type: TypeText}
			}
		}
	}
}

// share is how many of the cells of a column that are not empty are so.
func share(rows [][]string, i int, is func(string) bool) float64 {
	var all, so float64
	for _, r := range rows {
		if i >= len(r) || strings.TrimSpace(r[i]) == "" {
			continue
		}
		all++
		if is(r[i]) {
			so++
		}
	}
	if all == 0 {
		return 0
	}
	return so / all
}

func looksLikeName(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && len(s) <= 80 && !strings.ContainsAny(s, "0123456789@/\\_=")
}

// guessType says what a column holds: text unless all its values are of another type.
func guessType(rows [][]string, i int, region string) string {
	all := func(is func(string) bool) bool { return share(rows, i, is) == 1 }
	switch {
	case all(func(s string) bool {
		_, ok := boolValue(s)
		return ok && len(strings.TrimSpace(s)) > 1 || s == "是" || s == "否"
	}):
		return TypeBool
	case all(func(s string) bool { _, ok := dateValue(s, "ymd"); return ok }),
		all(func(s string) bool { _, ok := dateValue(s, orderOf(region)); return ok }),
		all(func(s string) bool { _, ok := dateValue(s, otherOrder(orderOf(region))); return ok }):
		if !all(plainDigits) { // 20240131 may be anything
			return TypeDate
		}
	}
	if all(func(s string) bool { return moneySign(s) }) {
		return TypeMoney
	}
	if all(func(s string) bool { _, ok := numberValue(s, region); return ok && !looksLikeCode(s) }) {
		return TypeNumber
	}
	return TypeText
}

func plainDigits(s string) bool {
	s = strings.TrimSpace(s)
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// looksLikeCode: digits that would lose something as a number, like 00123 or a card's number.
func looksLikeCode(s string) bool {
	s = strings.TrimSpace(s)
	return len(s) > 1 && s[0] == '0' && plainDigits(s) || plainDigits(s) && len(s) > 9 || strings.ContainsAny(s, "+()")
}

func orderOf(region string) string {
	switch region {
	case "US":
		return "mdy"
	case "CN", "JP", "KR", "TW", "HU", "SE", "LT", "CA":
		return "ymd"
	}
	return "dmy"
}

func otherOrder(order string) string {
	if order == "mdy" {
		return "dmy"
	}
	return "mdy"
}

// guessOrder is the order of day and month that all values of a column allow; the country's when both would do.
func guessOrder(rows [][]string, i int, region string) string {
	usual := orderOf(region)
	for _, order := range []string{usual, "dmy", "mdy", "ymd"} {
		if share(rows, i, func(s string) bool { _, ok := dateValue(s, order); return ok }) == 1 {
			return order
		}
	}
	return usual
}

// fieldNames gives each column that is kept as a field a name of its own.
func fieldNames(columns []Column) []string {
	out := make([]string, len(columns))
	seen := map[string]bool{}
	for i, c := range columns {
		var n string
		switch c.As {
		case AsField, AsPhone:
			if n = lists.CleanText(c.Field, 60); n == "" || c.As == AsPhone {
				n = lists.CleanText(c.Header, 60)
			}
			if n == "" {
				n = fmt.Sprintf("column_%d", i+1)
			}
		case AsState, AsZIP:
			n = c.As
		default:
			continue
		}
		for base, k := n, 2; seen[n]; k++ {
			n = fmt.Sprintf("%s_%d", base, k)
		}
		seen[n] = true
		out[i] = n
	}
	return out
}
