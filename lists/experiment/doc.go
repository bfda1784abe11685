// Package experiment holds the statistics of campaign tests: pure, no I/O, no clock.
//
// Guarantees:
//   - [Assigner]: within every stratum the arms are drawn by permuted blocks, so that at any moment their numbers differ from the
//     weights by less than one block. The draw depends on the seed, the stratum and the order of contacts only: the same again
//     gives the same arms, and nothing that happens after the start can change them.
//   - [Sure] may be looked at as often as anybody likes: with two treatments that are alike, the chance that it ever says
//     otherwise is at most 5 % (in the limit of large numbers; a test simulates it). An interval for a fixed number (lists.DifferenceOf) promises its
//     95 % for one look only, that at the planned number of contacts.
//   - [Judge] says to stop when the always-valid interval leaves zero, and, at the planned number, whatever it says then.
package experiment
