// Package asterisk holds the configuration of the Asterisk that Dialtide drives: the dialplan, trunk, agents' phones
// and the ARI user, as templates with comments on each line, and the texts of its messages.
//
// It guarantees that what an operator applies by hand is what the tests run: deploy/lab renders these same files. Every
// value is checked before it is put into a file, so that none can open a new line, a comment or a dialplan expression.
//
// The names of contexts and variables in extensions.conf are a contract with the dialer; see README.md beside it.
package asterisk
