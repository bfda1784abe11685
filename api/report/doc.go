// Package report answers for numbers: what came of the attempts, what agents did with their time, what it cost.
//
// It guarantees:
//
//   - Every number is a sum of rows that were folded from the raw rows (attempts, corrections, dispositions, callbacks, agents'
//     state log, sales), each attempt once in each kind; attempts equal the sum of outcomes in every row (invariant I14).
//   - Nothing waits for a report: triggers note in the transaction of a fact that a quarter of an hour has changed, and [Folder]
//     sums up that quarter anew, as a whole. So late dispositions, corrections and callbacks are in the sums exactly, and
//     [Folder.Rebuild] over any span finds the same again.
//   - A sale counts in full at the first of its calls, by what it is now: won, amount and currency. Whatever changes that, its stage's meaning
//     and the currency of the campaign's costs too, has the call's quarter summed up again.
//   - A day begins at midnight of the zone that the question names, whatever its clocks do in between; slots are quarters of an
//     hour because some zones are off by three of them.
//   - A formula stands in one place ([KPIs]), with its words in both languages. What cannot be divided is null, never NaN.
//   - Questions are bounded: at most [MaxDays] days and [MaxRows] rows. Everything is read in one snapshot.
//
// [Reader] only reads. [Folder] writes the tables of sums, one process at a time. [Schedules] sends reports at set times.
package report
