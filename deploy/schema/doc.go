// Package schema holds the one linear history of the database and carries it out.
//
// Guarantees: migrations are embedded in the binary; two processes that start together run them once (a session lock
// in PostgreSQL); [Check] tells whether a database is behind, level or ahead of this binary without changing it.
package schema
