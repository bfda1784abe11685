// Package script is the branching text that guides an agent through a call: parsed, validated and stepped without I/O.
//
// # Documents
//
// A [Document] is JSON of form 2. Form 1, in which a page had one question in its "ask", is converted when it is read: the question becomes
// the first of its page and bears the page's id, so that answers stay where they were. A document has pages (steps), each with a text that is
// said and any number of questions; sets of options that questions share; computed values; and sub-scripts, some of them objections.
//
// The ways on from a page (next) are tried in order; the last one has no condition, so that there is always a way on. A way leads to a page of
// the same sub-script, to "end", or in a sub-script to "return"; with call it leads through a sub-script first and on from there when that
// returns. A page without ways ends the script, or returns. An objection can be opened from any page, also from another objection, and returns
// to the page where it was opened. A page with menu can be jumped to from any page of its sub-script. A disclosure must be ticked as read out
// before its page is left forward; going back and objections stay open.
//
// # Conditions
//
// Conditions and computed values are expressions of expr-lang over answer (of the page, when it has one question), answers (by question),
// values (computed, by id), contact (name, phone, zone, fields), agent (name), campaign (name), segments (names of those that the contact is in),
// and time.callee and time.caller (hour, minute, weekday with Monday as 1, day, month, year, date like 2026-01-31, clock like 14:05). They may
// call lower, upper, trim, len, abs, ceil, floor, round, min, max, int, float, string, and years(from, to) and days(from, to) of two dates. An
// expression has at most 100 nodes and a small memory budget; it cannot loop, change anything or reach outside. A condition that fails while it
// runs, say because an answer is missing, does not hold; a computed value that fails is not there. Conditions see every answer that was given,
// also those of questions that are not shown any more.
//
// # Texts
//
// Placeholders are {{contact.name}}, {{contact.phone}}, {{contact.fields.NAME}}, {{agent.name}}, {{campaign.name}}, {{answers.QUESTION}} and
// {{values.ID}}. Values are put in once and never read again for placeholders; control and direction characters are left out of them. The
// result is plain text: whoever shows it as HTML must escape it. One language may be missing; the other is shown then.
//
// # The readable form
//
// [WriteText] and [ReadText] keep a document as lines that people read and change. Indentation and empty lines mean nothing, # begins a remark:
//
//	script 2
//	start hello
//	set yesno
//	  - yes | Yes | 是
//	  - no | No | 否
//	value adult = years(answers.born, time.callee.date) >= 18
//	objection price from price1
//	  title: Too expensive
//	page hello
//	  title: Opening
//	  title zh: 开场
//	  say: Hello {{contact.name}}.
//	  say: The same key again is the next line of the text.
//	  read: This call is recorded.
//	  ask may single required
//	    text: May I begin?
//	    options: yesno
//	  call verify then offer if answers.may == 'yes'
//	  go end suggest refused
//	page price1
//	  in price
//	  title: Price
//	  say: It pays for itself.
//
// Pages also have hint, read when, suggest, topic, menu and place X Y; questions hint, when, min, max, decimals, currency, from, to, pattern,
// options of their own (- value | English | Chinese, with ! for one that stands alone) and rows (row value | English | Chinese). What would not
// be read back as it is, is quoted like a JSON string.
//
// # Positions
//
// A [Position] says where a call is: the page, the sub-scripts that are open, the pages gone through, the disclosures ticked. It is a value that
// can be stored; [Script.Valid] tells whether one that was stored fits. Forward, Back, Open, Jump, Go, Read and Resume make the next one.
//
// # Guarantees
//
// A Script that Parse returned has no unknown target, page, question, value, set or sub-script; no page that cannot be reached; from every page a way
// to the end of the script or of its sub-script; and no sub-script that calls itself. Faults name their JSON path, a stable code and a text in two
// languages, and in the readable form their line. No input panics; sizes, depths and times are bounded.
package script
