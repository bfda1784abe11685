#!/bin/bash
# Measures Dialtide and prints one table of ratios; `make bench` calls it. It takes about twenty minutes and wants the machine
# for itself: a run that other programs disturb is done again, and what stays disturbed is counted in the table.
#
#   deploy/bench.sh           everything
#   deploy/bench.sh table     the table of the last run again
#
#   DIALTIDE_VAR              folder for bench.log (all output of the benchmarks) and bench.json (every number); default var
#   DIALTIDE_ASTERISK_ROOT    a private Asterisk root that exists already
#   DIALTIDE_BENCH_WAIT       how long each comparison waits in all for a quiet moment; default 2m
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
var=${DIALTIDE_VAR:-$PWD/var}
log=$var/bench.log
json=$var/bench.json
mkdir -p "$var"

# bench PACKAGE PATTERN TIME [FLAGS…]: the output goes to the log, a line per run to the screen.
bench() {
  local package=$1 pattern=$2 time=$3
  shift 3
  # A benchmark that fails does not keep the others, and the table of what was measured, from coming; it is told in the end.
  { go test -run '^$' -bench "$pattern" -benchtime "$time" -timeout 30m -v "$package" "$@" 2>&1 || true; } | tee -a "$log" |
    { grep --line-buffered -E 'asked [0-9]|FAIL|Error|panic' || true; } | sed -uE 's/^ *[a-z_]+_test\.go:[0-9]+: /  /'
}

measure() {
  : >"$log"
  printf 'machine: %s x %s, %s\n' "$(nproc)" "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(uptime | sed 's/^.*load/load/')" | tee -a "$log"
  echo '1 of 3: the whole dialer on PostgreSQL that syncs, with a simulated switch'
  bench ./dialer '^BenchmarkAttempts$' 15000x -count 3
  bench ./dialer '^BenchmarkOpenCalls$' 1x
  bench ./dialer '^BenchmarkEvent$' 1s
  bench ./dialer/asterisk '^BenchmarkDecode$' 1s
  echo '2 of 3: how long an answered callee waits for a voice, at 50 calls a second'
  bench ./cmd/e2e '^BenchmarkAnswerToBridged$' 1x -waiting "${DIALTIDE_BENCH_WAIT:-2m}"
  echo '3 of 3: how many calls a second are kept up'
  bench ./cmd/e2e '^BenchmarkOriginates$' 1x -waiting "${DIALTIDE_BENCH_WAIT:-2m}"
}

# numbers prints "Benchmark/metric value" for each benchmark of the log; of several runs the median.
numbers() {
  awk '/^Benchmark[^ ]*[ \t]+[0-9]+[ \t]/ {
      name = $1; sub(/-[0-9]+$/, "", name)
      for (i = 3; i < NF; i += 2) print name "/" $(i + 1), $i
    }' "$log" | sort -k1,1 -k2,2g | awk '
    function out() { if (n) print key, n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2 }
    $1 != key { out(); key = $1; n = 0 }
    { v[++n] = $2 }
    END { out() }'
}

write_json() {
  {
    printf '{\n  "machine": "%s"' "$(sed -n 's/^machine: //p' "$log" | tr -d '"\\')"
    numbers | awk '{ printf ",\n  \"%s\": %s", $1, $2 }'
    printf '\n}\n'
  } >"$json"
}

table() {
  sed -n 's/^machine: /\nMachine: /p' "$log"
  numbers | awk '
    { n[$1] = $2 }
    function has(k) { return k in n }
    function verdict(ok) { return ok ? "reached" : "MISSED" }
    function pair(what, bare, ours, ratio, digits, target,    f) {
      f = "%-44s %10." digits "f %10." digits "f   %5.2f  (%.2f to %.2f, %d pairs)  %s\n"
      printf f, what, n[bare], n[ours], n[ratio], n[ratio "-min"], n[ratio "-max"], n[ratio "-pairs"], target
    }
    function ours(what, k, format, target) { if (has(k)) printf "%-44s %10s " format "   %s\n", what, "", n[k], target }
    END {
      o = "BenchmarkOriginates/"; a = "BenchmarkAnswerToBridged/"; d = "BenchmarkAttempts/"
      printf "%-44s %10s %10s   %s\n", "", "bare ARI", "Dialtide", "ratio"
      if (has(o "ratio")) pair("calls kept up, per second", o "bare-calls/s", o "dialtide-calls/s", o "ratio", 0, "at least 0.90: " verdict(n[o "ratio"] >= 0.9))
      if (has(a "p50-ratio")) {
        pair("answer to the voice on the wire, p50, ms", a "bare-p50-ms", a "dialtide-p50-ms", a "p50-ratio", 1, "")
        pair("answer to the voice on the wire, p99, ms", a "bare-p99-ms", a "dialtide-p99-ms", a "p99-ratio", 1, "at most 1.20: " verdict(n[a "p99-ratio"] <= 1.2))
      }
      if (has(o "ratio")) {
        split("asterisk dialtide postgres redis harness", parts, " ")
        split("Asterisk|Dialtide|PostgreSQL|Redis|carrier, phones, agents, bare client", names, "|")
        for (i = 1; i <= 5; i++)
          printf "%-44s %10.2f %10.2f\n", "processor ms a call: " names[i], n[o "bare-" parts[i] "-cpu-ms/call"], n[o "dialtide-" parts[i] "-cpu-ms/call"]
      }
      ours("attempts per second, whole dialer", d "attempts/s", "%10.0f", "at least 1,500: " verdict(n[d "attempts/s"] >= 1500))
      ours("memory of a call that talks, bytes", "BenchmarkOpenCalls/bytes/open_call", "%10.0f", "")
      ours("allocations: an event decoded", "BenchmarkDecode/dialtide/allocs/op", "%10.0f", "")
      ours("allocations: the same by the ARI library", "BenchmarkDecode/ari/allocs/op", "%10.0f", "")
      ours("allocations: an event to its call", "BenchmarkEvent/allocs/op", "%10.0f", "")
      ours("allocations: an answer, up to the talk", "BenchmarkOpenCalls/allocs/answer", "%10.0f", "")
      printf "\nRuns repeated because other programs disturbed them: %d; kept although disturbed: %d.\n",
        n[o "repeated-runs"] + n[a "repeated-runs"], n[o "disturbed-runs"] + n[a "disturbed-runs"]
    }'
}

[ "${1:-}" = table ] || measure
write_json
table
if grep -qE '^(--- FAIL|FAIL|panic)' "$log"; then
  echo "a benchmark failed: see $log" >&2
  exit 1
fi
