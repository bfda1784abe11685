// Package carrier stands in for people: a SIP trunk whose called numbers ring, answer, talk and hang up as
// consumers do, and SIP phones for agents and supervisors. The demo, the end-to-end tests and the benchmarks dial
// through a real Asterisk to a Carrier and bridge to Phones.
//
// # Carrier
//
// A Carrier answers INVITEs on one UDP socket. What a number does comes from Options.Route (LastTwoDigits is a
// documented table for tests) or is drawn from a Mix of weights that may be changed while it runs, by SetMix or
// over HTTP (Handler). It guarantees:
//
//   - Its ledger (Invites, WaitInvite, Options.OnEvent) has one record per INVITE that reached it, in order of
//     arrival, made before anything is answered: the far end's own word on who was dialled, when, from which caller
//     ID, and how it ended. It keeps the last Options.Keep calls; counters are never lost.
//   - A dialog lives at most Options.MaxLife and is forgotten 32 s after its end; Close ends all calls.
//   - Repeated requests are answered as before, answers are repeated until acknowledged, CANCEL, BYE, re-INVITE
//     and OPTIONS are understood. There are no proxies between: Record-Route is not followed.
//
// # Sound
//
// All audio is G.711 u-law, 20 ms, sent from a grid in which each call has a random place. The voices under sounds/
// are spoken by espeak-ng (sounds/make.sh made them; neither it nor sox is needed to build). Tones, ringback and the
// answering machine's beep are computed. A human says a short hello and pauses, a machine greets without a gap, so
// that Asterisk's AMD tells them apart.
//
// With Options.Tones every human talks in a tone of its own and every call looks for the tones it hears. CustomerTone
// and AgentTone are disjoint and 40 Hz apart, which is what 100 ms of listening can tell apart. WaitHear and
// WaitSilent are decided by arriving packets, not by polling.
//
// # Measuring
//
// Latencies holds, per answered call, the time from just before its 200 OK was sent to the kernel's arrival stamp of
// the first RTP packet that is not silence: the wait of a person who has picked up until somebody speaks.
//
// Times are of the machine's clock, not of an injected one: what is measured here are packets.
package carrier
