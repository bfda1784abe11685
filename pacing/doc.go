// Package pacing decides, after every event, how many contacts a campaign may dial now. It needs the standard library only:
// no clock, no I/O, no globals. A program tells an [Engine] what happens ([Engine.Observe]) and asks it ([Engine.Decide], or
// [Engine.DecideAmong] when it knows the next contacts and their chances). The same events give the same decisions.
//
// # How predictive dialling works here
//
// Inner loop. A call dialled now is answered at one of eight moments, each as likely as the others, by what was learned of
// ring times. For each moment the engine forecasts how many agents will be free (from hazards of talk and wrap-up by the time
// already spent, for slow, usual and fast agents) and how many people will have answered (from the chance of each call in
// flight, given how long it has rung without an answer). One more call is dialled as long as the probability that its callee
// would find nobody stays within the risk that is allowed. With few agents and calls the distributions are exact sums of
// independent chances, else a normal distribution with its skewness corrected. In a Markov case that can be solved by value
// iteration this rule is within 0.2 points of the optimum (see package sim).
//
// Whom to call. Where chances are known, [Engine.DecideAmong] chooses: an agent who waits gets the likeliest contact, so that one
// call nearly surely brings one person; calls ahead of need are made of the least likely ones, in small portions. All are
// called in the end; who stands first is called at the latest with the eighth call. More than [Choosers] agents are called for in
// list order.
//
// Learning. The odds of an answer follow the difference between the answers that came and those that the hazards led to
// expect, at every moment, with Page's test for steps; little known means little dared. Failed calls teach nothing. What is not
// known of that share is common to all calls, so at the very start only a few calls more are dialled than agents are ready:
// one wave tells enough.
//
// Outer loop. The allowed risk follows the ledger's balance, so that abandoned calls approach the cap from below and leave
// room for what the calls in flight reserve. A quarter of an hour that went badly lowers it, so that no half-hour of a good day
// is bad.
//
// # Guarantees
//
//   - Preview and progressive never have more calls without an agent than agents who are ready; power and predictive go
//     beyond that only with a token of the [Ledger] for each such call.
//   - [Strict]: abandoned + reserved <= cap x live answers after each decision, from the first call on. [Window]: the same
//     with an allowance that is gone when three quarters of the window are over. What no dialer can prevent is an agent who
//     vanishes under a call that was dialled for him; that is made up for by dialling one to one until it is earned back.
//   - Engines that share a campaign by leases of its tokens ([Ledger.Lease]) never exceed the cap together, as long as the leases
//     do not; an engine whose lease is over dials for ready agents only.
//   - A decision is never negative, never beyond the free lines, the rate or the ceiling, and always says what limited it.
//   - Events may be late, twice, out of order or nonsense: nothing panics and nothing is dialled because of it.
//   - A decision allocates nothing.
package pacing
