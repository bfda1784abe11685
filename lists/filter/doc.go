// Package filter is the language in which people say which contacts they mean:
//
//	age >= 30 and city in ("Shanghai", "北京") and last_outcome = "no_answer"
//	    and last_attempt before 7 days ago and not tagged "vip" and attempts < 3
//
// It is pure: a text (or the same as JSON, for forms) is checked against a [Schema] and becomes a [Filter], which can write
// itself as canonical text, as an SQL condition, and be asked about one contact in memory.
//
// Guarantees:
//   - SQL holds no part of the text: values and names of custom fields are bind parameters, everything else comes from
//     tables of this package.
//   - A condition is true or false, never unknown. A comparison with what is empty is false, and "!=", "not in" and "not
//     contains" are exactly the opposite of "=", "in" and "contains": they hold for what is empty. So a filter and its "not"
//     part all contacts into two.
//   - [Filter.Match] and the SQL condition agree. Texts are compared without regard to the case of A to Z only, which the
//     database does the same way in every locale.
//   - Parse(f.Text()) is f.
//   - Size, depth and the number of values are bounded: see the Max constants. No input panics.
//
// A date is a span of time: "before 7 days ago" ends when that day begins, in the zone that the caller gives; "after" begins
// when it is over, "since" when it begins, "until" ends with it, "on" and "=" are the day itself. "3 hours ago" and "now" are
// moments. History is the contact's own, in all campaigns. answer.QUESTION is what the contact answered last to a question of that id, in
// any script: a number, a day, a text, or the options that were chosen; of these a comparison holds when it holds for one. A question that
// scripts ask in several ways is a text. Of a matrix, rows are asked for: answer.QUESTION.ROW is the column that was chosen there, a text; a row
// whose name is no plain word stands in quotes: answer.service."Delivery time" = "bad".
package filter
