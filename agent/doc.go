// Package agent knows who sits at the phones: sessions, who gets the next call, and what an agent may ask for.
//
// Three parts. [Machine] is one session's life: pure, no I/O, no clock. [Floor] drives the machines of this process: it
// reserves the longest-idle agent for a call, keeps phones up, carries out deadlines. [Desk] takes agents' commands.
//
// Guarantees:
//   - An agent has at most one session and at most one call (I10). A call that reaches a bridge after its reservation ran
//     out is dropped rather than joined to somebody else's.
//   - Every state has evidence and a deadline (I9): Ready needs a phone leg and an open page (5 s of silence end it),
//     Reserved ends after 5 s, WrapUp after the campaign's time, Talking after 4 h, NotReady without a page after
//     10 minutes. A lost phone is rung again after 1, 2, 4 ... 30 s.
//   - Reserve puts the pop on the agent's screen before it returns.
//   - An agent who pauses or logs out while calls are in flight that count on him stays reservable, marked leaving, until
//     the dialer says that the others cover them, at most 3 minutes. A pause may be announced ahead (not_ready with
//     in_seconds), which "ready" takes back; those who watch the floor know of it at once, so that less is dialled by then.
//   - A disposition is acknowledged after its commit and takes effect once (I7). The same command id gets the same reply.
//   - "dnc" puts the number of an agent's call on the do-not-call list at once; the talk goes on and still wants its disposition.
//   - Nothing on the way from an answered call to its bridge waits for the database: agent_sessions and agent_state_log are
//     written behind, in order and until they are written. After a restart Adopt takes sessions up where the rows, the
//     attempts and the switch's channels say they are.
//
// Phone loss ends a ready agent's readiness: NotReady("phone_lost") until he asks for Ready again, which may be done
// while the phone still rings. A talk in progress is dropped, since nobody hears the callee.
package agent
