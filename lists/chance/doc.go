// Package chance says how likely it is that a person answers an attempt, from what is known before it is placed: hour of the
// week where the callee is, kind of the number, list, and what earlier attempts to the number came to.
//
// The model is a logistic regression that learns from one attempt at a time. Each weight is a normal distribution, so that
// what was seen seldom moves fast and counts little, and what was seen often does the opposite: there is no learning rate to
// be tuned. A [Model] without any history knows what holds everywhere (who answered before answers again, a busy line is
// worth another try), and [Model.Child] makes a new one that believes in an old one until it has seen better. A layer of
// calibration over it moves chances to where the answers were.
//
// Guarantees:
//   - A chance is between [Lowest] and [Highest] and never NaN, whatever the facts, the snapshot or the order of learning.
//   - [Model.Score] changes nothing and allocates nothing; any number of goroutines may call it on a model that nobody
//     teaches meanwhile.
//   - [Model.Report] is prequential: each attempt was scored with what was known before it, and only then learned.
//   - The same attempts in the same order give the same model, to the last bit on one architecture; [Restore] of a
//     [Model.Snapshot] goes on as the model itself would.
//   - No clock, no I/O, no randomness.
package chance
