#!/bin/sh
# The work of `make test`: format, lint (with the project's own rules), types, then every test. The last line is the count.
# Reads DENO (unless it is set) and IMPORT_MAP from .toolchain/env.mk. With CHARYBDIS_SOAK=1 the tests use their full counts of
# seeds, and all cases. Otherwise a long list of cases is tested in slices, and CHARYBDIS_SLICE is the number of the slice.
# Arguments go to `deno test`: `sh .make/test.sh tests/protocol --filter lines`.
set -u
cd "$(dirname "$0")/.."
value() { sed -n "s/^$1 := //p" .toolchain/env.mk; }
deno=${DENO:-$(value DENO)}
map=$(value IMPORT_MAP)
export DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-system}"
# Many tests wait for a process, so one more file than there are cores keeps every core busy.
cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
export DENO_JOBS="${DENO_JOBS:-$((cores + 1))}"
# Each commit tests the next slice.
export CHARYBDIS_SLICE="${CHARYBDIS_SLICE:-$(git rev-list --count HEAD 2>/dev/null || echo 0)}"
out=$(mktemp -d) || exit 2
trap 'rm -rf "$out"' EXIT
failures=

# judge NAME STATUS: prints a gate's output only if the gate failed
judge() {
  if [ "$2" = 0 ]; then echo "$1: ok"; else
    cat "$out/$1"
    echo "$1: FAILED"
    failures="$failures $1"
  fi
}

# The types are checked during the other gates and the first tests, because that takes one core for long.
# shellcheck disable=SC2086
"$deno" check --quiet $map . >"$out/types" 2>&1 &
types=$!
"$deno" fmt --check >"$out/format" 2>&1
judge format $?
"$deno" lint --quiet >"$out/lint" 2>&1
judge lint $?

# Types are checked above, all at once. In POSIX sh, only a file can pass on the exit status of a pipe's first part.
# shellcheck disable=SC2086
{ "$deno" test --no-check --allow-all --parallel $map "$@" 2>&1; echo $? >"$out/status"; } | tee "$out/tests"
wait "$types"
judge types $?
[ "$(cat "$out/status")" = 0 ] || failures="$failures tests"

# The summary: `ok | 12 passed (3 steps) | 0 failed | 1 ignored | 4 filtered out (2s)`
summary=$(grep -E '^(ok|FAILED) \| [0-9]+ passed' "$out/tests" | tail -n 1)
count() { printf '%s\n' "$summary" | sed -n "s/.*| \([0-9][0-9]*\) $1.*/\1/p"; }
passed=$(count passed) failed=$(count failed) skipped=$(count ignored)
passed=${passed:-0} failed=${failed:-0}
# A failed gate, or a run without a summary, counts as one failure each.
for name in $failures; do
  if [ "$name" != tests ] || [ "$failed" = 0 ]; then failed=$((failed + 1)); fi
done
[ -z "$failures" ] || echo "failed:$failures"
echo "$passed passed, $failed failed${skipped:+, $skipped skipped}"
[ -z "$failures" ]
