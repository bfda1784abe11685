// Package call is the life of one outbound call as a pure machine: a fact goes in, what to do comes out. There is no I/O,
// no clock and no goroutine, so every way that a call can go is tested without a switch.
//
//	Dialing -> Ringing -> [Screening] -> Waiting -> Connecting -> Talking -> Ended
//	                                        |            |           |
//	                                        +- Messaging +- Closing -+
//
// Screening exists only where AMD runs before the agent. Messaging plays the safe-harbor message; Closing has asked for a
// hang-up and waits for the channel's end. Recording and AMD beside the talk are flags, not states.
//
// Hold, mute, consultations, conferences and transfers are beside that, in [Talk], a machine of its own: a call that was handed
// on or is parked is Talking all the while. Its effects are moves of legs between three places and what goes with them; see
// Layout for who is where, which is who hears whom.
//
// Guarantees, each held by a property test over arbitrary input:
//   - Done comes exactly once, carries a valid outcome, and nothing comes after it.
//   - Bridge only follows SeatGiven and never follows the end of the channel.
//   - An answered callee has a seat, a message or a hang-up at the latest MaxWait after the answer.
//   - Each seat that was given is released exactly once; an agent is not freed while the customer can still be in his bridge.
//   - A call ends: whatever stays away, the deadlines lead to Done in bounded time.
//
// The driver calls Step with each fact and with Tick when Deadline is reached, and carries out the effects in their order.
package call
