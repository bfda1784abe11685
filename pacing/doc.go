// Package pacing decides how many contacts a campaign may call at this moment. It is pure: a Snapshot goes in, a Decision
// comes out; there is no clock, no I/O and no state, so a decision can be replayed from the snapshot that is logged with it.
//
// Guarantees:
//   - Progressive never has more calls without an agent (in flight or waiting) than there are ready agents.
//   - Power goes beyond that only while every call beyond the ready agents can be abandoned without breaking the cap:
//     abandoned + overdialled <= cap x live holds after each decision. When it cannot, power is progressive.
//   - A decision is never negative and never exceeds the free lines and the calls per second that are left.
//
// A further mode is one more entry of the table in modes.go: a function that says how many calls without an agent it would
// like to have at once. The abandonment guard and the limits of the trunk are the same for all modes.
package pacing
