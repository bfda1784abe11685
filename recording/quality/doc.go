// Package quality scores calls: cards of questions, evaluations of single calls, which calls are drawn for it, calibration of the
// evaluators, what agents answer to their scores, whom to coach about what, and how scores move over the weeks.
//
// Guarantees:
//
//   - The score of an evaluation is computed here, from the answers and the version of the card that they were given to
//     ([Card.Score]); nobody states it. What the questions cost and the score together are 100 per cent.
//   - What was submitted is never rewritten: the database refuses it. A correction, or an appeal that changes a score, is appended with
//     its reason, and both scores stay. Only the words leave, when the call's contact is erased.
//   - Nobody picks favourites: whether a rule draws a call depends on a secret of the installation and the call's id alone ([Lot]).
//     A rule that is deleted and made anew draws the same calls; a rule of N calls of each agent and week draws when the week is over, so
//     that no hour of it is likelier than another.
//   - An appeal is decided by somebody who had no part in the score. It has a deadline, which the card states.
//   - Evaluations of a calibration are blind until it is closed, and count nowhere else.
//   - Supervisors see the agents of the teams that they are members of; supervisors in no team see all ([Store.ScopeOf]). Agents see their
//     own evaluations only.
//
// Cards, scores, lots, spreads and intervals are pure functions; [Store] keeps them. Weeks begin on Monday 00:00 UTC.
package quality
