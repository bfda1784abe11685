#!/usr/bin/env bash
# shards.sh N PACKAGE [WHOLE...]: runs the tests of PACKAGE and the packages WHOLE, N processes at a time, with the race detector. For
# tests that wait for telephones more than they compute: each process has servers and a network of its own. Of PACKAGE each test is a
# process; what its testdata/first.txt names comes first. A new test is taken in by itself. What passed is a line with its seconds;
# of what failed everything is shown, as soon as it ends.
#
#   DIALTIDE_TEST_PROGRAM   the product as it is to be killed by tests; built here when empty
set -euo pipefail
n=$1
package=$2
shift 2
dir=$(mktemp -d)
declare -A item_of=() began_at=() # by process
# Background jobs of a script do not hear Ctrl-C: they are told.
trap '((${#item_of[@]})) && kill "${!item_of[@]}" 2>/dev/null || true; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM

go test -race -vet=off -ldflags=-w -c -o "$dir/" "$package" "$@" # go vet is a part of its own in deploy/test.sh
if [[ -z ${DIALTIDE_TEST_PROGRAM:-} ]]; then
	go build -o "$dir/dialtide" ./cmd/dialtide
	export DIALTIDE_TEST_PROGRAM=$dir/dialtide
fi
tests=$dir/$(basename "$package").test
mapfile -t all < <(cd "$package" && "$tests" -test.list '^Test')
first=()
[[ ! -f $package/testdata/first.txt ]] || mapfile -t first < <(grep -v '^#' "$package/testdata/first.txt")
for name in "${first[@]}"; do
	if [[ " ${all[*]} $* " != *" $name "* ]]; then
		echo "shards.sh: $package/testdata/first.txt names $name, which is no test" >&2
		exit 1
	fi
done
queue=("${first[@]}")
for name in "$@" "${all[@]}"; do
	[[ " ${first[*]} " == *" $name "* ]] || queue+=("$name")
done

start() { # ITEM: a test of the package, or the path of another package
	local item=$1
	if [[ $item == ./* ]]; then
		(cd "$item" && exec "$dir/$(basename "$item").test" -test.timeout 15m >"$dir/${item//\//-}.out" 2>&1) &
	else
		(cd "$package" && exec "$tests" -test.timeout 15m -test.run "^$item\$" >"$dir/$item.out" 2>&1) &
	fi
	item_of[$!]=$item
	began_at[$!]=${EPOCHREALTIME/[.,]/}
}

failed=0
finish() { # waits for whichever ends first
	local pid="" code=0 item
	wait -n -p pid "${!item_of[@]}" || code=$?
	[[ -n $pid ]] || exit 130
	item=${item_of[$pid]}
	if ((code)); then
		failed=1
		echo "FAIL  $item"
		cat "$dir/${item//\//-}.out"
	else
		printf 'ok    %-70s %4ds\n' "$item" $(((${EPOCHREALTIME/[.,]/} - ${began_at[$pid]}) / 1000000))
	fi
	unset "item_of[$pid]"
}

for item in "${queue[@]}"; do
	((${#item_of[@]} < n)) || finish
	start "$item"
done
while ((${#item_of[@]})); do finish; done
exit $failed
