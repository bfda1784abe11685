// Package bare is the yardstick of the benchmarks: the least code that places calls over ARI and bridges the answered
// ones. One loop of HTTP POSTs, one reader of events, no permits, no reconnect, no resync, no metrics, no dead man's
// handle. Nothing but benchmarks may use it: it forgets calls whenever anything goes wrong.
package bare
