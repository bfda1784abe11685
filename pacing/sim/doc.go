// Package sim is a seeded, event-driven simulator of an outbound campaign. It drives anything that decides how many contacts
// to dial (a Pacer) through a Scenario and measures what came of it: how busy the agents were, how many people were called and
// found nobody, and how often the legal count was broken.
//
// Guarantees:
//   - A run is decided by the scenario, the seed and the pacer: the same three give the same Result, bit for bit.
//   - What a contact does is decided by the seed, his place in the list and the moment of the call (its hour, steps and drifts),
//     so that two pacers at one seed meet the same people with the same patience and the same conversations.
//   - Calls are conserved: dials = answers + no answers + failures + calls still in flight at the end.
//   - A person is connected to the agent who is ready longest, at once or within ConnectWithin, else he is abandoned. Ringing
//     calls are never cancelled.
//   - A pacer sees only what a dialer would see. Those that implement Oracle are the exception: they are bounds, not
//     contestants.
//   - Results of several seeds of one scenario merge into one: Result.Merge adds the raw sums and keeps each run's figures for
//     confidence intervals.
package sim
