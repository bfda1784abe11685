// Package whatif answers questions about a campaign from its own record: what would become of it with so many agents, at these
// hours, with that cap, paced in another way; and how many agents tomorrow's hours are worth.
//
// Guarantees:
//   - An answer is decided by the fitted scenario and the question alone.
//   - What is asked and what is as now meet the same simulated people, so that their difference is not chance.
//   - Every figure comes with its 95 % confidence interval over the runs.
//   - It uses no more processors than it is told to, and stops soon after its context ends.
package whatif
