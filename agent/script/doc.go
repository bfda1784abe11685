// Package script is the branching text that guides an agent through a call: parsed, validated and stepped without I/O.
//
// A document is JSON:
//
//	{"start": "intro", "steps": [{
//	  "id": "intro",
//	  "title": {"en": "Greeting", "zh-CN": "开场"},
//	  "text": {"en": "Hello {{contact.name}}, this is {{agent.name}}.", "zh-CN": "..."},
//	  "ask": {"type": "single", "required": true, "options": [{"value": "yes", "label": {"en": "Yes", "zh-CN": "是"}}]},
//	  "next": [{"when": "answer == 'yes'", "to": "offer"}, {"to": "end"}],
//	  "suggest": "sale"
//	}]}
//
// The target "end" leaves the script, and so does a step without next; no step may bear that id. ask.type is single, text,
// number, date or none. The branches of next are tried in order; the last one has no condition, so that there is always a
// way on. suggest names the disposition to offer when the step was reached. One language may be missing; the other is
// shown then.
//
// Conditions are expressions of expr-lang over answer (of this step), answers (by step id), contact (name, phone, fields)
// and agent (name). Only lower, upper, trim and len may be called; operators such as ==, in, contains, matches and ??
// are there. An expression has at most 100 nodes and a small memory budget; it cannot loop, change anything or reach
// outside. A condition that fails while it runs, say because an answer is missing, does not hold.
//
// Placeholders are {{contact.name}}, {{contact.phone}}, {{contact.fields.NAME}}, {{agent.name}}, {{campaign.name}} and
// {{answers.STEP}}. Values are put in once and never read again for placeholders; control and direction characters are
// left out of them. The result is plain text: whoever shows it as HTML must escape it.
//
// Guarantees: a Script that Parse returned has no unknown target, no step that cannot be reached, and from every step a
// way to the end. Errors name the JSON path of each fault.
package script
