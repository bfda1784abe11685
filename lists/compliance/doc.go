// Package compliance answers one question without side effects: may this number be called at this moment, and if not,
// when? It knows calling hours in the callee's own zones, frequency caps and suppression.
//
// Guarantees:
//   - Nothing is asked of a clock, a database or the network: the caller brings the moment and the facts.
//   - Hours are wall-clock hours at the callee. A number with several candidate zones may only be called while all of
//     them are inside their hours (invariant I13); a zone that is not known refuses.
//   - The Until of a Refusal is the first moment at which no rule would refuse, given that nothing else happens. It is
//     zero when there is no such moment within a year.
//   - In a DST gap a window that begins inside the gap opens at the gap's end; in an overlap both passes of the hour are
//     inside a window that contains it.
//
// The time zone database is linked into the program, so hours do not depend on the machine.
package compliance
