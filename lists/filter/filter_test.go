package filter

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func testSchema() *Schema {
	return &Schema{Custom: map[string]Type{"age": Number, "city": Text, "balance": Money, "birthday": Date, "opted_in": Bool, "客户编号": Text,
		"odd ] name": Text, "name": Text, "and": Text, "kind": Number}, Outcomes: []string{"connected", "no_answer", "busy"}, NotAttempts: []string{"trunk_failed"},
		Answers: map[string]Type{"why-1": Texts, "grid.price": Text, `grid.two "words`: Text}}
}

func TestCanonicalText(t *testing.T) {
	for in, want := range map[string]string{
		`age>=30 AND city in ('Shanghai',"北京") and last_outcome = "NO_ANSWER" and last_attempt before 7days ago and not tagged "vip" and attempts < 3`: `age >= 30 and city in ("Shanghai", "北京") and last_outcome = "no_answer" and last_attempt before 7 days ago and not tagged "vip" and attempts < 3`,
		`answer.grid.price="bad" or answer.grid.“two "words” is empty or answer.why-1 = "a"`:                                                           `answer.grid.price = "bad" or answer.grid."two ""words" is empty or answer.why-1 = "a"`,
		`answer.grid."price" = "bad"`:                        `answer.grid.price = "bad"`,
		"age = 1 or age = 2 and age = 3":                     `age = 1 or age = 2 and age = 3`,
		"(age = 1 or age = 2) and age = 3":                   `(age = 1 or age = 2) and age = 3`,
		"age = 1 and (age = 2 and (age = 3))":                `age = 1 and age = 2 and age = 3`,
		"not (age = 1)":                                      `age != 1`,
		"not not age = 1":                                    `not age != 1`,
		"not (age = 1 or age <> 2)":                          `not (age = 1 or age != 2)`,
		"not city in (1, 2)":                                 `city not in ("1", "2")`,
		"（客户编号＝“甲 \"乙\"”）":                                   `客户编号 = "甲 ""乙"""`,
		"[odd ]] name] is not null":                          `[odd ]] name] is not empty`,
		`[and] contains 'x' and [name] = "y" and name = "z"`: `[and] contains "x" and [name] = "y" and name = "z"`,
		"birthday on 2026-03-31 or birthday != today":        `birthday on 2026-03-31 or not birthday on today`,
		"last_attempt between last month and 3 hours ago":    `last_attempt between last month and 3 hours ago`,
		`created since "2026-01-01 10:00"`:                   `created since "2026-01-01 10:00"`,
		"callback <= 1 day from now":                         `callback until 1 day from now`,
		"opted_in is true or opted_in = no":                  `opted_in = true or opted_in = false`,
		`tags contains "a" or tagged ("b", "c")`:             `tagged "a" or tagged ("b", "c")`,
		"everyone":                                           `everyone`,
		"name not starts with 'A' and phone ends with 55":    `name not starts with "A" and phone ends with "55"`,
		"balance between -1.50 and 20":                       `balance between -1.50 and 20`,
		"kind = mobile_":                                     ``,
		"[kind] = 3 and kind = 'mobile'":                     `[kind] = 3 and kind = "mobile"`,
	} {
		f, err := Parse(in, testSchema())
		if want == "" {
			require.Error(t, err, in)
			continue
		}
		require.NoError(t, err, in)
		require.Equal(t, want, f.Text())
		roundTrip(t, f)
	}
}

func roundTrip(t *testing.T, f *Filter) {
	t.Helper()
	again, err := Parse(f.Text(), f.schema)
	require.NoError(t, err, f.Text())
	require.Equal(t, f.Text(), again.Text())
	raw, err := json.Marshal(f.Node())
	require.NoError(t, err)
	var n Node
	require.NoError(t, json.Unmarshal(raw, &n))
	fromJSON, err := FromNode(n, f.schema)
	require.NoError(t, err, string(raw))
	require.Equal(t, f.Node(), fromJSON.Node())
	require.Equal(t, f.Node(), again.Node())
}

func TestErrorsSayWhereAndWhat(t *testing.T) {
	many := "age in (" + strings.Repeat("1,", MaxValues) + "1)"
	for _, c := range []struct {
		in, code     string
		line, column int
		text         string
	}{
		{"", CodeNothing, 1, 1, "the filter is empty"},
		{"age >= ", CodeUnexpected, 1, 8, "here stands the end, but expected is a text in quotes or a number"},
		{"age >= 30\n  and 城市 = 1", CodeUnknownField, 2, 7, "there is no field 城市; choose one"},
		{"agee = 1", CodeUnknownField, 1, 1, "there is no field agee; is age meant?"},
		{`city = Shanghai`, CodeBareText, 1, 8, "put Shanghai in quotes"},
		{`city = "x`, CodeNotClosed, 1, 8, "no closing quote"},
		{`city > "x"`, CodeWrongOperator, 1, 1, "> does not go with this field; it has =, in, contains"},
		{`age = "x"`, CodeWrongValue, 1, 7, `"x" does not fit the field; expected is a number`},
		{`age = 1 age = 2`, CodeUnexpected, 1, 9, "expected is and or or or the end"},
		{`last_outcome in ("busy", "gone")`, CodeChoice, 1, 26, `"gone" is none of the values of this field: connected, no_answer, busy`},
		{`city = ""`, CodeEmptyText, 1, 8, "use is empty"},
		{"age = 12abc", CodeNumber, 1, 7, "12abc is not a number"},
		{"age = " + strings.Repeat("9", 31), CodeNumber, 1, 7, "is not a number"},
		{"birthday on 2026-02-30", CodeDate, 1, 13, "2026-02-30 is not a day"},
		{"birthday before 3 hours ago", CodeNoDay, 1, 17, "3 hours ago is a moment"},
		{"last_attempt on now", CodeNoDay, 1, 17, "now is a moment"},
		{"age = 1 \x00", CodeEncoding, 1, 9, "characters that no text has"},
		{"age = \xff", CodeEncoding, 1, 7, "characters that no text has"},
		{"age = 1; drop table contacts", CodeUnexpected, 1, 8, `";"`},
		{strings.Repeat("(", MaxDepth+2) + "age = 1", CodeTooDeep, 1, MaxDepth + 2, "nested"},
		{strings.Repeat("not ", MaxDepth+2) + "age = 1", CodeTooDeep, 1, 4*(MaxDepth+1) + 1, "nested"},
		{"age = 1" + strings.Repeat(" and age = 1", MaxNodes), CodeTooLarge, 1, 0, "more than 200 conditions"},
		{many, CodeTooMany, 1, 0, "more than 1000 values"},
		{`city = "` + strings.Repeat("字", MaxText+1) + `"`, CodeTextTooLong, 1, 8, "more than 200 characters"},
		{"created before 99999 days ago", CodeUnexpected, 1, 16, "a number from 0 to 10000"},
		{"tagged", CodeUnexpected, 1, 7, "here stands the end"},
		{"age is 3", CodeUnexpected, 1, 8, "expected is empty"},
	} {
		_, err := Parse(c.in, testSchema())
		var e *Error
		require.ErrorAs(t, err, &e, c.in)
		require.Equal(t, c.code, e.Code, "%s: %s", c.in, e)
		require.Contains(t, e.Error(), c.text)
		if c.column > 0 {
			require.Equal(t, Position{c.line, c.column}, e.At, "%s: %s", c.in, e)
		}
		require.NotContains(t, e.Message("zh-CN"), "%!", c.in)
		require.NotEqual(t, e.Error(), e.Message("zh-CN"))
	}
	_, err := Parse(strings.Repeat(" ", MaxLength+1), testSchema())
	require.ErrorContains(t, err, "longer than")
}

func TestJSONOfWrongShape(t *testing.T) {
	for in, path := range map[string]string{
		`{}`: "", `{"op":"drop"}`: "", `{"op":"and"}`: "", `{"op":"not","args":[{"op":"everyone"},{"op":"everyone"}]}`: "",
		`{"op":"and","args":[{"op":"everyone"},{"op":"=","field":"age"}]}`:                                                "args[1]",
		`{"op":"=","field":"age","values":[{"kind":"number","text":"1; select"}]}`:                                        "values[0]",
		`{"op":"and","args":[{"op":"in","field":"age","values":[{"kind":"number","text":"1"},{"kind":"x","text":"1"}]}]}`: "args[0].values[1]",
		`{"op":"=","field":"nobody","values":[{"kind":"number","text":"1"}]}`:                                             "",
		`{"op":"<","field":"created","values":[{"kind":"ago","n":-1,"unit":"days"}]}`:                                     "values[0]",
		`{"op":"<","field":"created","values":[{"kind":"ago","n":1,"unit":"days; select"}]}`:                              "values[0]",
		`{"op":"<","field":"created","values":[{"kind":"period","text":"this century"}]}`:                                 "values[0]",
		`{"op":"everyone","field":"age"}`:                                                                                 "",
	} {
		var n Node
		require.NoError(t, json.Unmarshal([]byte(in), &n))
		_, err := FromNode(n, testSchema())
		var e *Error
		require.ErrorAs(t, err, &e, in)
		require.Equal(t, path, e.Path, in)
		require.NotContains(t, e.Error()+e.Message("zh"), "%!")
	}
	deep := Node{Op: Everyone}
	for range 1000 {
		deep = Node{Op: Not, Args: []Node{deep}}
	}
	_, err := FromNode(deep, testSchema())
	require.ErrorContains(t, err, "nested")
}

func TestSQLHoldsNothingOfTheText(t *testing.T) {
	f, err := Parse(`[odd ]] name] = "'; DROP TABLE contacts --" or city in ("a'b") or age = 12345 and tagged "vip' OR 1=1" or created before 2026-03-31`, testSchema())
	require.NoError(t, err)
	sql, args := f.SQL(Asked{Alias: `c; DROP TABLE x`, First: 4, Now: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)})
	for _, s := range []string{"DROP", "odd", "city", "age", "12345", "vip", "a'b", "2026", ";"} {
		require.NotContains(t, sql, s)
	}
	require.Contains(t, sql, "$4::text")
	require.Contains(t, sql, "c.fields")
	require.NotContains(t, sql, "$3")
	require.Len(t, args, 8)
	require.True(t, f.schema != nil && !f.UsesHistory())
}

func TestSpansOfDates(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	now := time.Date(2026, 3, 31, 1, 30, 0, 0, time.UTC).In(zone) // the 30th, a Monday
	for text, want := range map[string][2]string{
		"today": {"2026-03-30T00:00:00-04:00", "2026-03-31T00:00:00-04:00"}, "yesterday": {"2026-03-29T00:00:00-04:00", "2026-03-30T00:00:00-04:00"},
		"tomorrow": {"2026-03-31T00:00:00-04:00", "2026-04-01T00:00:00-04:00"}, "this week": {"2026-03-30T00:00:00-04:00", "2026-04-06T00:00:00-04:00"},
		"last week": {"2026-03-23T00:00:00-04:00", "2026-03-30T00:00:00-04:00"}, "next week": {"2026-04-06T00:00:00-04:00", "2026-04-13T00:00:00-04:00"},
		"this month": {"2026-03-01T00:00:00-05:00", "2026-04-01T00:00:00-04:00"}, "last month": {"2026-02-01T00:00:00-05:00", "2026-03-01T00:00:00-05:00"},
		"next month": {"2026-04-01T00:00:00-04:00", "2026-05-01T00:00:00-04:00"}, "last year": {"2025-01-01T00:00:00-05:00", "2026-01-01T00:00:00-05:00"},
		"this year": {"2026-01-01T00:00:00-05:00", "2027-01-01T00:00:00-05:00"}, "next year": {"2027-01-01T00:00:00-05:00", "2028-01-01T00:00:00-05:00"},
		"22 days ago": {"2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00"}, "2 weeks from now": {"2026-04-13T00:00:00-04:00", "2026-04-14T00:00:00-04:00"},
		"1 month ago": {"2026-02-28T00:00:00-05:00", "2026-03-01T00:00:00-05:00"}, "2 years ago": {"2024-03-30T00:00:00-04:00", "2024-03-31T00:00:00-04:00"},
		"3 hours ago": {"2026-03-30T18:30:00-04:00", "2026-03-30T18:30:00-04:00"}, "2026-03-08": {"2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00"},
		`"2026-03-08 12:30"`: {"2026-03-08T12:30:00-04:00", "2026-03-08T12:30:00-04:00"}, "now": {"2026-03-30T21:30:00-04:00", "2026-03-30T21:30:00-04:00"},
	} {
		f, err := Parse("created before "+text, testSchema())
		require.NoError(t, err, text)
		from, to := f.root.Values[0].span(now)
		require.Equal(t, want, [2]string{from.Format(time.RFC3339), to.Format(time.RFC3339)}, text)
	}
	beirut, err := time.LoadLocation("Asia/Beirut")
	require.NoError(t, err)
	require.Equal(t, "2026-03-29T01:00:00+03:00", midnight(2026, 3, 29, beirut).Format(time.RFC3339), "the clocks go forward at midnight")
}

func TestMatch(t *testing.T) {
	now := time.Date(2026, 3, 4, 17, 0, 0, 0, time.UTC)
	week := now.AddDate(0, 0, -8)
	c := &Contact{Name: "Wang 小明", Phone: "+8613800138000", Kind: "mobile", Zones: []string{"Asia/Shanghai"}, Tags: []string{"new"}, Created: now,
		Fields: map[string]string{"age": "30.0", "city": "SHANGHAI", "birthday": "2026-03-04", "opted_in": "true", "balance": "n/a"}, Attempts: 2, LastAttempt: &week, LastOutcome: "no_answer"}
	for text, want := range map[string]bool{
		`age >= 30 and city in ("Shanghai", "北京") and last_outcome = "no_answer" and last_attempt before 7 days ago and not tagged "vip" and attempts < 3`: true,
		"age = 30": true, "age != 30": false, "age > 30": false, "age in (1, 30.00)": true, "age between 30 and 31": true,
		"balance = 0": false, "balance != 0": true, "balance is empty": true, "客户编号 is empty": true, `客户编号 != "x"`: true, `客户编号 not contains "x"`: true,
		"birthday on today": true, "birthday before today": false, "birthday until today": true, "birthday after yesterday": true, "birthday between this year and today": true,
		`zone = "asia/shanghai"`: true, `zone starts with "Europe"`: false, "callback is empty": true, "callback before now": false, "opted_in is not false": true,
		"last_attempt on 8 days ago": true, "last_attempt since 8 days ago": true, "created until now": true, "created after now": false, "created before 1 minute from now": true,
		`name contains "wang"`: true, `name ends with "小明"`: true, `kind = "fixed" or phone starts with "+86"`: true, "tags is empty": false, "everyone": true, "not everyone": false,
	} {
		f, err := Parse(text, testSchema())
		require.NoError(t, err, text)
		require.Equal(t, want, f.Match(c, Asked{Now: now}), text)
	}
}

func TestSchemaListsFieldsForForms(t *testing.T) {
	all := testSchema().Fields()
	require.Greater(t, len(all), 20)
	for _, f := range all {
		require.NotEmpty(t, f.Ops, f.Name)
	}
	require.Equal(t, []string{"connected", "no_answer", "busy"}, all[13].Choices)
}
