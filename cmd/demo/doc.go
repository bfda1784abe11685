// Package demo shows Dialtide at work on one machine with nobody's help: private servers, a simulated carrier with
// people who answer, robot agents who talk and dispose, and the real product between them.
//
// All numbers of the demo list come from ranges that are kept for fiction (North American 555-0100 to 555-0199), and the
// only trunk leads to the simulated carrier on loopback: nobody's phone can ring.
package demo
