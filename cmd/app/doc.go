// Package app wires the parts of Dialtide into one process: configuration, connections, the engine, the desk, the
// archive, the API. It decides nothing; what happens to a contact or a call is decided below it.
//
// [Run] starts everything, serves until its context ends, and then drains: no new dials at once, unanswered calls are
// hung up, talks go on until they end or the drain time is over.
package app
