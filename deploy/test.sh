#!/usr/bin/env bash
# test.sh: every test there is; `make test` calls it. What waits for telephones and browsers runs several at a time, but not beside
# what computes: on two processors people who wait for a voice then wait too long. All is run whatever fails, and what failed is
# named in the end.
set -euo pipefail
cd "$(dirname "$0")/.."

files=$(gofmt -l $(git ls-files '*.go'))
if [[ -n $files ]]; then
	echo "not gofmt'ed: $files"
	exit 1
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
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
# What several parts need is compiled once.
go build -o "$dir/dialtide" ./cmd/dialtide
export DIALTIDE_TEST_PROGRAM=$dir/dialtide
go build -race $(go list ./... | grep -v '/cmd/dialtide$')

packages() {
	local apart
	apart=$(IFS='|' && echo "${waiting[*]#./}")
	go test -race -vet=off -timeout 20m -p 3 $(go list ./... | grep -v -E "/(pacing|$apart)(/|\$)")
}
pages() (cd api/web/app && npm test --silent)
part "packages" packages
# Simulations of days, without goroutines in what they simulate: ten times as long under the race detector.
part "pacing" go test -vet=off -timeout 20m ./pacing/...
part "pacing, where runs go side by side" go test -race -vet=off -run '^TestSame$' ./pacing/sim
part "vet" go vet ./...
part "pages" pages
# Three at a time keep two processors busy; with four, people and servers waited for seconds, and some test or other was late.
part "calls and browsers" deploy/shards.sh 3 "${waiting[@]}"
if ((${#failed[@]})); then
	printf 'FAILED: %s\n' "${failed[@]}"
	exit 1
fi
