#!/usr/bin/env bash
# test.sh: every test there is; `make test` calls it. What waits for telephones and browsers runs beside what computes, and goes
# first wherever both want a processor: a test that listens to voices must not be kept waiting by one that adds numbers. All is run
# whatever fails, and what failed is named in the end.
set -euo pipefail
cd "$(dirname "$0")/.."

files=$(gofmt -l $(git ls-files '*.go'))
if [[ -n $files ]]; then
	echo "not gofmt'ed: $files"
	exit 1
fi

dir=$(mktemp -d)
calls=""
# A background job of a script does not hear Ctrl-C: it is told.
trap '[[ -z $calls ]] || kill "$calls" 2>/dev/null || true; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM

failed=()
# part NAME COMMAND...: a part that fails does not keep the next from running.
part() {
	local name=$1 began=$SECONDS
	shift
	if "$@"; then
		echo "== $name: passed in $((SECONDS - began)) s"
	else
		failed+=("$name")
		echo "== $name: FAILED"
	fi
}

waiting=(./cmd/e2e ./dialer/asterisk ./deploy/lab ./deploy/carrier ./dialer/simswitch) # the tests of the first one by one
# What both sides need is compiled before they part, so that nothing is compiled twice.
go build -o "$dir/dialtide" ./cmd/dialtide
export DIALTIDE_TEST_PROGRAM=$dir/dialtide
go build -race $(go list ./... | grep -v '/cmd/dialtide$')

deploy/shards.sh 4 "${waiting[@]}" >"$dir/calls.out" 2>&1 &
calls=$!

quietly() { nice -n 10 "$@"; }
packages() {
	local apart
	apart=$(IFS='|' && echo "${waiting[*]#./}")
	quietly go test -race -vet=off -timeout 20m -p 2 $(go list ./... | grep -v -E "/(pacing|$apart)(/|\$)")
}
pages() (cd api/web/app && quietly npm test --silent)
part "packages" packages
# Simulations of days, without goroutines in what they simulate: ten times as long under the race detector.
part "pacing" quietly go test -vet=off -timeout 20m ./pacing/...
part "pacing, where runs go side by side" quietly go test -race -vet=off -run '^TestSame$' ./pacing/sim
part "vet" quietly go vet ./...
part "pages" pages

calls_to_the_end() {
	local code=0
	wait "$calls" || code=$?
	calls=""
	cat "$dir/calls.out"
	return "$code"
}
part "calls and browsers" calls_to_the_end
if ((${#failed[@]})); then
	printf 'FAILED: %s\n' "${failed[@]}"
	exit 1
fi
