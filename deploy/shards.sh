#!/usr/bin/env bash
# shards.sh N PACKAGE: runs a package's tests in N processes at once, with the race detector. For tests that wait for telephones
# more than they compute: each has servers and a network of its own. A new test is taken in by itself.
set -euo pipefail
n=$1
package=$2
dir=$(mktemp -d)
pids=()
# Background jobs of a script do not hear Ctrl-C: they are told.
trap '((${#pids[@]})) && kill "${pids[@]}" 2>/dev/null || true; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
go test -race -c -o "$dir/tests" "$package"
cd "$package"
"$dir/tests" -test.list '^Test' >"$dir/names"
mapfile -t names <"$dir/names"
if ((${#names[@]} < n)); then
	echo "shards.sh: $package has ${#names[@]} tests, too few for $n processes" >&2
	exit 1
fi
for ((i = 0; i < n; i++)); do
	run=""
	for ((k = i; k < ${#names[@]}; k += n)); do run+="${names[k]}|"; done
	"$dir/tests" -test.timeout 15m -test.run "^(${run%|})\$" >"$dir/$i.out" 2>&1 &
	pids+=($!)
done
failed=0
for ((i = 0; i < n; i++)); do
	wait "${pids[i]}" || failed=1
	cat "$dir/$i.out"
done
exit $failed
