// Package simswitch is a telephone switch in memory, with callees behind it: what the dialer's tests and benchmarks run on.
//
// It passes the conformance suite of dialer/switchtest, so what is proved on it holds on what the dialer will run on. Time
// comes from package time alone, so it runs under testing/synctest. It keeps its own record of each INVITE, answer, bridge
// and message, and Check holds that record against the rules: the checker never asks the dialer.
//
// People may also call it (CallIn), wait with music, and be told their place; who is being told something cannot be joined to
// anybody before that was ended, as on the real switch.
//
// Faults can be put in: originates that are refused, whose reply is lost or that never arrive, events that are lost while
// the socket is down, a restart that takes all channels away, bridges that fail.
package simswitch
