// Package alert tells supervisors what needs them: a trunk that fails, abandonment near its cap, a list that is dry and why, agents
// who sit idle, calls without their recording, a disk that fills up.
//
// Who knows how something stands says so as a [Reading]: good, bad, or in between, with words as a code and its arguments. The
// [Evaluator] makes alerts of readings; it is pure, with the time as a parameter, and keeps alerts from flapping: what is bad must
// stay so for a while before it is an alert, what was an alert must stay good for a while before it is over, and what is in between
// changes nothing. [Service] runs it once for all viewers, in the process that leads: its readings are the rows of the board, what
// any process has reported ([Report]), and a look at the database for recordings. Alerts are stored, told over the stream's topic
// "alerts" (key: the alert's id), and written to the outbox as alert.raised, alert.cleared and alert.acknowledged, in the
// transaction that stores them, so that webhooks post them.
//
// Guarantees:
//   - At most one alert of a kind and object is open, over restarts and changes of the leader too.
//   - Between two alerts of the same kind and object lies at least the time of clearing plus that of raising.
//   - An acknowledgement stays with the alert until it is over; the next one of the same kind is unacknowledged again. One that gets
//     worse is unacknowledged again, too.
//   - While the database is away alerts are still shown; they are stored when it is back.
package alert
