// Package report runs contenders through scenarios of pacing/sim and tells what came of it: as a table for terminals, as JSON,
// and as one HTML page with plots.
//
// Guarantees:
//   - A report is decided by the scenario, the seeds and the contenders, however many processors there are.
//   - Settings that are searched are searched on seeds of their own, never on those of the report.
//   - Every figure comes with its 95 % confidence interval over the seeds.
//   - The page needs nothing but itself: no script, no font, no address; its style is named by its hash in a policy that
//     forbids all else.
package report
