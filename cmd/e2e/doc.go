// Package e2e holds the tests of the whole: the product between a real Asterisk, PostgreSQL and Redis, with simulated
// people at both ends of the line. They ask what a user would notice, and take their evidence from the carrier's and the
// phones' own records, not from ours.
package e2e
