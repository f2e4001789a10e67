#!/bin/sh
# compile.sh OUTPUT SOURCE: makes one executable, tries it, and writes down what it was made from.
# Reads DENO, IMPORT_MAP and DENORT from .toolchain/env.mk; TARGET cross-compiles.
set -eu
cd "$(dirname "$0")/.."
output=$1 source=$2 name=$(basename "$1")
value() { sed -n "s/^$1 := //p" .toolchain/env.mk; }
deno=$(value DENO)
map=$(value IMPORT_MAP)
denort=$(value DENORT)
export DENO_DIR="${DENO_DIR:-$PWD/.toolchain/cache}" DENO_NO_UPDATE_CHECK=1 DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-system}"
[ -z "$denort" ] || export DENORT_BIN="$denort"
[ -z "$denort" ] || [ -z "${TARGET:-}" ] || {
  echo "charybdis: cannot build for $TARGET: Deno's own runtime cannot be downloaded here, and the borrowed one is for this machine" >&2
  exit 1
}
flags=$(sed -n "s/^$name *: *//p" .make/permissions)
mkdir -p bin .toolchain/deps
# shellcheck disable=SC2086 -- flags are several words
"$deno" compile --quiet --no-prompt --no-code-cache ${NO_CHECK:-} $map ${TARGET:+--target "$TARGET"} $flags --output "$output.new" "$source"
if [ -z "${TARGET:-}" ]; then
  "./$output.new" --version >/dev/null || { rm -f "$output.new"; echo "charybdis: $name was compiled but does not start" >&2; exit 1; }
fi
# Copied, not only moved: Deno writes the file in small pieces, and so it would lie in the system's page cache. Of a copy, in large
# ones, 25 processes that work at once are delayed half as much.
cp "$output.new" "$output.copied"
rm "$output.new"
mv "$output.copied" "$output"
included=$(printf '%s\n' "$flags" | tr ' ' '\n' | sed -n '/^--include$/{n;p;}')
for root in "$source" $included; do "$deno" info --json $map "$root"; done | tr ',{' '\n\n' | sed -n 's/^ *"local": *"\(.*\)"$/\1/p' | grep "^$PWD/" |
  sed "s#^$PWD/##" | sort -u >".toolchain/deps/$name.list"
{
  printf '%s:' "$output"
  while read -r file; do printf ' %s' "$file"; done <".toolchain/deps/$name.list"
  echo
  # A module that is gone must not stop make: what imported it changed, and that is enough to build again.
  while read -r file; do printf '%s:\n' "$file"; done <".toolchain/deps/$name.list"
} >".toolchain/deps/$name.d"
rm ".toolchain/deps/$name.list"
echo "charybdis: built $output, $(($(wc -c <"$output") / 1000000)) MB"
