#!/bin/sh
# The work of `make test`: format, lint (with the project's own rules), types, then every test. The last line is the count.
# Reads DENO (unless it is set) and IMPORT_MAP from .toolchain/env.mk. With CHARYBDIS_SOAK=1 the tests use their full counts of
# seeds.
# Arguments go to `deno test`: `sh .make/test.sh tests/protocol --filter lines`.
set -u
cd "$(dirname "$0")/.."
value() { sed -n "s/^$1 := //p" .toolchain/env.mk; }
deno=${DENO:-$(value DENO)}
map=$(value IMPORT_MAP)
export DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-system}"
out=$(mktemp -d) || exit 2
trap 'rm -rf "$out"' EXIT
failures=

# gate NAME COMMAND…: prints output only if the command fails
gate() {
  name=$1
  shift
  if "$@" >"$out/gate" 2>&1; then echo "$name: ok"; else
    cat "$out/gate"
    echo "$name: FAILED"
    failures="$failures $name"
  fi
}

gate format "$deno" fmt --check
gate lint "$deno" lint --quiet
# shellcheck disable=SC2086
gate types "$deno" check --quiet $map .

# Types were checked above, all at once. In POSIX sh, only a file can pass on the exit status of a pipe's first part.
# shellcheck disable=SC2086
{ "$deno" test --no-check --allow-all --parallel $map "$@" 2>&1; echo $? >"$out/status"; } | tee "$out/tests"
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
