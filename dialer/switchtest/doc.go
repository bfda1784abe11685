// Package switchtest says by tests what a dialer.Switch must do. Conformance runs against the real Asterisk
// (dialer/asterisk) and against the simulated switch of the dialer's own tests, so that what the dialer is proved
// with behaves as what it will run on.
package switchtest
