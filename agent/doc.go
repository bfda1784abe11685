// Package agent knows who sits at the phones: sessions, who gets the next call, and what an agent may ask for.
//
// Three parts. [Machine] is one session's life: pure, no I/O, no clock. [Floor] drives the machines of this process: it
// reserves the longest-idle agent for a call, keeps phones up, carries out deadlines. [Desk] takes agents' commands.
//
// Guarantees:
//   - An agent has at most one session and at most one call (I10). A call that reaches a bridge after its reservation ran
//     out is dropped rather than joined to somebody else's.
//   - Every state has evidence and a deadline (I9): Ready needs a phone leg and an open page (5 s of silence end it),
//     Reserved ends after 5 s, or, while a call is dialled for him, when that must have ended; Preview after the campaign's
//     time, WrapUp after the campaign's time and what more was asked for, Talking after 4 h, NotReady without a page after
//     10 minutes. A lost phone is rung again after 1, 2, 4 ... 30 s. Screen.EndedBy says what ended the state before.
//   - Reserve puts the pop on the agent's screen before it returns. A page tells when it has painted it (pop_shown); PopShown lets the
//     dialer wait for that, so that the contact is seen before he is heard.
//   - An agent who pauses or logs out while calls are in flight that count on him stays reservable, marked leaving, until
//     the dialer says that the others cover them, at most 3 minutes. A pause may be announced ahead (not_ready with
//     in_seconds), which "ready" takes back; those who watch the floor know of it at once, so that less is dialled by then.
//   - A disposition is acknowledged after its commit and takes effect once (I7). The same command id gets the same reply.
//   - "dnc" puts the number of an agent's call on the do-not-call list at once; the talk goes on and still wants its disposition.
//   - A disposition that comes when the wrap-up's time is over, because the page had no network, takes the place of what nobody gave
//     ([lists.LateFor]); once, and of the agent's last call only.
//   - What an agent has typed and not sent (drafts) is on all his pages at once and in the database within a second, so that it
//     outlives a reload and a restart; it goes with the disposition, and the draft "note" becomes the note of a call that
//     nobody disposed.
//   - A supervisor's order (Desk.Steer: pause, ready, log out, free) never ends a call: it waits for it, and the agent cannot take it
//     back. Ready needs a phone and a page all the same. Screen says who ordered it (ended_by, leaving_by, steered_by). An order that
//     waits is not kept over a restart.
//   - Screen.CallbacksDue has the agent's own callbacks that come soon and a few that are for anyone in his campaign; of two who take one the first gets it
//     ([lists.Store.MoveCallback]).
//   - More time that was given for a wrap-up outlives a restart, and is not given again.
//   - A contact is offered to one agent at a time, and nothing is permitted or dialled before he accepts. An offer that nobody
//     answers is told ([Floor.Lapsed]), so that the contact is offered again.
//   - Nothing on the way from an answered call to its bridge waits for the database: agent_sessions and agent_state_log are
//     written behind, in order and until they are written. After a restart Adopt takes sessions up where the rows, the
//     attempts and the switch's channels say they are.
//
// Phone loss ends a ready agent's readiness: NotReady("phone_lost") until he asks for Ready again, which may be done
// while the phone still rings. A talk in progress is dropped, since nobody hears the callee. A softphone in the agent's page is
// lost and back with every reload: its talk is kept for Limits.PhoneGrace (10 s) while the callee hears music, and an agent who
// was ready is ready again when it is back in that time.
//
// # Commands
//
// Each is {"id","name","data"}; what does not fit the state is refused with a code. Session: login{campaign_id}, logout, ready
// (in an optional wrap-up also: go on without a disposition), not_ready{reason, in_seconds}. The agent's day (deskcommands.go):
//
//	preview_accept{offer_id}            have the contact dialled; the attempt bears the offer's id       offer_over, rules, no_line, not_running
//	preview_skip{offer_id, reason}      the next one, please; the reason is stored                       offer_over, no_skip, bad_data
//	dial{contact_id | number}           call a contact of the campaign's lists; data: {attempt_id}       rules, no_contact, no_line, counted_on, phone_down, in_call, not_running
//	more_wrap_up                        more time, as often as the campaign allows                       no_wrap_up, no_more_time
//	next_pause{reason}                  pause after this call; "" takes it back                          no_call, pause_limit, bad_data
//	draft{attempt_id, key, value}       keep what is typed; "" takes it away; 8 KiB each, 64 KiB in all  not_your_call, call_over, too_much
//	pop_shown{attempt_id}               the pop is painted; without attempt_id: this page will tell
//	set_fields{attempt_id, fields}      change contact fields that the campaign opens to agents          field_closed (with field), not_your_call
//	dispose{attempt_id, code, note, callback_at, callback_mine, fields, follow_up}                       field_missing, field_closed (with field), callback_unlawful (with next: the first lawful moment), already_disposed ...
//
// hangup{attempt_id}, answer and script_*, dnc{attempt_id} and the commands of a talk (talk.go) go on a call. Of a wrap-up
// whose time is over: required pauses the agent, the other kinds let him go on; timed_auto gives the campaign's disposition.
//
// # What an agent may do in a talk
//
// Each is a command of Desk.Do whose data holds attempt_id. Whether it fits is decided where the call is driven (dialer); how the
// call stands is on the server, in Screen.Call (TalkView), so that a reload or a second tab shows the same.
//
//	hold {on}                    the contact hears music and not the agent, nor the agent him
//	mute {on}                    nobody hears the agent; also on hold and in a conference
//	dtmf {digits}                1 to 32 of 0-9 * #, to the contact, or, in a consultation, to the outside number
//	transfer_blind {to, note?}   the agent leaves at once
//	consult {to, note?}          music for the contact, the agent talks with the target
//	consult_cancel               the target goes, the contact is back
//	transfer_complete            the agent leaves, contact and target remain
//	three_way                    all hear all
//	leave_three_way              the agent leaves a conference, the others remain
//	park, retrieve               music; any ready agent of the campaign may retrieve the call, see Screen.ParkedCalls
//	record_pause {on}            what is said is kept out of the recording (card data); it goes on by itself after the campaign's time
//	record {on}                  starts or ends the recording of a campaign that records on demand       not_recorded, recording_goes_on, recording_silenced
//	hangup                       of the call's agent ends the call for all; who was asked in only steps out
//
// to is {"kind":"agent","agent_id"} for an agent who is ready, {"kind":"queue","campaign_id"} for the longest idle ready agent of a
// campaign (a blind transfer waits for one), or {"kind":"outside","number"} for a number of the campaign's transfer_targets.
// Codes: not_talking, not_held, consult_open, no_consult, target_not_allowed, target_busy, not_ready, switch_refused. After
// switch_refused all is as before, but for an outside number that could not be dialled for a blind transfer: then another agent
// is looked for.
//
// Who takes over sees the contact, the script's answers so far and Pop.Handover with the note before he hears anything; one who
// is asked in has Call.Role consulted until the call is his. He who gave the call on has a wrap-up of his own
// (Call.HandedOn): his disposition is kept as a note on his part, and that of the agent who talked last counts, as for a call
// that nobody else had. After a transfer to an outside number the agent who made it was the last, and when nobody comes out
// of a queue the call is settled as one that nobody disposed. A parked call stays the parker's until somebody retrieves it: he
// gets no other call meanwhile.
package agent
