// Package dialer places the calls of running campaigns and brings each to exactly one end.
//
// An [Engine] owns the campaigns that it holds a lease on. Each has one loop that asks package pacing how many contacts to
// call, claims them from the ledger (the permit is committed before anything is sent) and starts one goroutine per call
// around the pure machine of dialer/call. An answered callee gets the longest-idle agent at once and in memory: between the
// answer and the bridge there is neither database nor Redis.
//
// Guarantees:
//   - An originate is asked for once for each permit and never again, whatever became of the reply (I2, I12). Right before it
//     the permit, the lease (6 s since the last renewal was begun, on the monotonic clock), the trunk and the switch are
//     checked; a permit that is not used ends as not_placed.
//   - Each attempt gets one final outcome (I6). Endings are written in batches and kept in memory while the database is
//     away; when [Config.JournalLimit] endings wait, nothing more is claimed, and none is dropped.
//   - Calls without an agent never exceed the ready agents, but for power and predictive dialling inside the abandonment
//     budget (I4). The budget's ledger is the database's: counted in the transaction that ends an attempt, read when a campaign
//     is taken and once a minute, and added to by the calls that are not written yet. Until it was read, and while claims are
//     slow, nothing is over-dialled.
//   - Campaigns share a trunk's lines and calls per second by their weights; what one does not want is the others'.
//   - An agent has one live call: he is freed only when the customer's channel is gone or was never in his bridge (I10).
//   - The switch's channels and our calls are compared after every loss of events and every few seconds; a channel without
//     a call is hung up, a call without a channel ends by what is known of it, within ten seconds (I11).
//   - Previews that were accepted, manual dials and an agent's own callbacks have their agent before they are dialled. They take
//     the same permits, lines and slots, need none of the agents whom the pacing engine counts on, and are given to an agent who is
//     ready only when the calls in flight can do without him.
//   - Who calls a campaign back gets an agent whom the calls in flight can spare: the last one who talked with him, else the
//     longest idle; else music, at most the campaign's time and number of callers, and then the message. A share of the agents can be
//     kept free for that. Who is not known hears the message.
//   - An agent's page has the time to paint whom he gets before he hears him (Config.PopShown): a quarter of a second at most, and never beyond the
//     time in which who answered must have somebody. No one is connected to an agent who was not sent the pop.
//   - When the lease is lost nothing more is dialled; calls that exist are still bridged and brought to their end.
//
// Who may touch what: the fields of a liveCall belong to its goroutine, but for the mailbox; those of a campaign's loop to
// that; counters are atomic. A pacing engine has a lock of its own, which no call waits for: what happens to calls and
// agents is put into its feed, and seen when it decides next. HandleEvent, Hangup, Withdraw and Drop only post to mailboxes
// and never wait for a call's goroutine, save Withdraw, whose purpose that is; Covered may wait for a decision.
//
//   - In a talk the customer is moved between bridges and is never in silence: on hold, parked, consulted about or waiting for
//     somebody he hears music, each with a deadline, after which he is back with his agent, else with another one, else hears the
//     message. A call has at most one agent of its own (I10). Third parties are legs with ids of their own that end with the
//     call (I11); an agent who is asked in sits in his own bridge, and the asking one's phone visits it.
//
// An outside number in a talk is dialled by a door of its own, lists.PermitTransfer: a row with the entry of the campaign's
// allow-list, and an audit entry, committed before the INVITE (I12). It is not the permit of an attempt because it calls
// nobody of a contact list: calling hours, caps and do-not-call of contacts do not speak of a company's own back office, and an
// attempt would count it as a call to a contact. It takes a line of the campaign's trunk.
//
// A supervisor's phone beside agents (a watch) is called once and moved from then on; call.Watch is its machine. Each connection has
// an audit row, committed before the switch is asked, whose act is the id of the snoop (I15); a customer hears a supervisor only
// who barged into that very call or took it over, and the next call finds him listening. A call that was taken over has a supervisor in place of
// its agent, who wraps it up; it ends with the supervisor's phone. Watches end within seconds with the sign-in, the role or the
// account; a switch that hears nothing from the dialer for a minute hangs the phone up. After a restart they are taken up again.
//
// After a restart the engine adopts what a former life of its node left, whoever owns the campaigns now, and dials and
// hangs up nothing before the ledger and the leases have answered: bridged calls go on, calls that were never answered are
// cancelled, answered ones without an agent hear the message, and attempts without a channel end as connected or abandoned
// when the ledger knows that they were bridged or answered, as switch_lost when the switch was started after the permit,
// and otherwise as unknown.
package dialer
