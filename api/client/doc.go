// Package client is the Go client of Dialtide's API: REST and the live stream, as robots, tests and the command line use
// them.
//
// Guarantees: every call takes a context; an answer of 400 or more is an [*Error] with the server's code; a [Stream]
// reconnects by itself, resumes without loss, and sends a command again with the same id until it is acknowledged.
package client
