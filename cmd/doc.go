// Package cmd holds the programs and nothing that could live below them: wiring, the demo, end-to-end tests. Its own test
// keeps the import arrows of the house pointing down.
package cmd
