// Package compliance says whether a number may be called now, and if not, from when on. It is pure: the moment and the
// facts come in, a verdict comes out. Package lists asks it inside the transaction that makes a permit.
//
// The rules of the law are data: packs of reviewed rules in packs/*.yaml, each rule with its source, how well that is
// verified, and since when; a strict parser refuses what it does not know. They are not legal advice. [Compile] makes one
// [Rules] of the packs that a campaign chose, its own rules, and its own hours and cap. It can only tighten: a call must be
// permitted by all of them.
//
// A rule applies by region: that of the number, and that of the contact's address where it says something else. Then both sets
// apply, each in the zones of its place, and what is left is the intersection. Of a number whose country is known and whose
// state is not, the rules of all states of the country apply. A place whose country has no pack among those chosen is refused
// when any are chosen at all.
//
// Calling hours are wall-clock hours at the callee. When several zones are possible, all of them must be inside the hours
// (invariant I13). A window that begins inside a DST gap begins at the gap's end; a wall-clock time that comes twice in
// an overlap is inside both times.
//
// Frequency caps count attempts in a rolling window (invariant I2). The caller decides which attempts count; those whose
// fate is unknown do.
//
// The Until of a [Refusal] is the first moment at which all rules permit the call together, given what is known now, not
// only the one that is named. It is zero when there is none within a year; Act says whether somebody can change that (a
// consent, a fresh copy of a registry, another pacing mode) or it is for good.
package compliance
