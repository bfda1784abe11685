#!/usr/bin/env bash
# fuzz.sh TIME: every fuzz target for so long (10s, 1m) or so many inputs (1000x); what they find is kept in testdata/fuzz. A package is
# built once for all of its targets.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cache=$(go env GOCACHE)/fuzz/$(go list -m) # where `go test -fuzz` keeps the inputs that reach new code
for package in $(git ls-files '*_test.go' | xargs grep -l '^func Fuzz' | xargs -n 1 dirname | sort -u); do
	go test -vet=off -c -fuzz . -o "$dir/tests" "./$package"
	for name in $(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' "$package"/*_test.go); do
		echo "$package $name"
		(cd "$package" && "$dir/tests" -test.run '^$' -test.fuzz "^$name\$" -test.fuzztime "$1" -test.fuzzcachedir "$cache/$package")
	done
done
