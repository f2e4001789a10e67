#!/bin/sh
# compile.sh OUTPUT SOURCE: compiles one executable, checks that it starts, and records its sources.
# Reads DENO, IMPORT_MAP and DENORT from .toolchain/env.mk; TARGET cross-compiles.
set -eu
# Disk space for an executable and its copy, see below.
SPACE_MB=250
cd "$(dirname "$0")/.."
output=$1 source=$2 name=$(basename "$1")
value() { sed -n "s/^$1 := //p" .toolchain/env.mk; }
deno=$(value DENO)
map=$(value IMPORT_MAP)
denort=$(value DENORT)
export DENO_DIR="${DENO_DIR:-$PWD/.toolchain/cache}" DENO_NO_UPDATE_CHECK=1 DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-system}"
borrowed=
[ -z "$denort" ] || [ -n "${DENORT_BIN:-}" ] || { borrowed=yes && export DENORT_BIN="$denort"; }
[ -z "$borrowed" ] || [ -z "${TARGET:-}" ] || {
  echo "charybdis: cannot build for $TARGET: Deno's own runtime cannot be downloaded here, and the borrowed one is for this machine" >&2
  exit 1
}
flags=$(sed -n "s/^$name *: *//p" .make/permissions)
# A newer V8 may lack one of its options, which only make the executable faster.
tuned=
for option in $(printf '%s\n' "$flags" | sed -n 's/.*--v8-flags=\([^ ]*\).*/\1/p' | tr , ' '); do
  ! "$deno" eval --v8-flags="$option" 0 2>/dev/null || tuned=${tuned:+$tuned,}$option
done
flags=$(printf '%s\n' "$flags" | sed "s/--v8-flags=[^ ]*/${tuned:+--v8-flags=$tuned}/")
mkdir -p bin .toolchain/deps
# Uses a unique name until the file is complete, because two makes may build the same executable at the same time.
new=$output.new.$$ list=.toolchain/deps/$name.list.$$ joined=.toolchain/joined.$$
trap 'rm -rf "$new" "$new.copied" "$list" "$list.d" "$joined"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
free=$(df -Pk bin | awk 'NR == 2 { print int($4 / 1024) }')
[ "$free" -ge "$SPACE_MB" ] || {
  echo "charybdis: cannot build $output: that needs $SPACE_MB MB temporarily, and the disk has $free MB left. Free some space." >&2
  exit 1
}
# The bench includes the playground's page, whose modules are joined here.
pages=
if [ "$name" = charybdis ]; then
  # shellcheck disable=SC2086
  "$deno" run --quiet --no-check --allow-all $map lib/bench/playground/bundle.ts .toolchain/playground/index.html
  gzip -9nf .toolchain/playground/index.html
  pages="lib/bench/playground/browser/start.ts lib/bench/playground/worker/worker.ts"
fi
# An executable reads all its files when it starts, so those that no program needs are left out: the types and the source maps of
# libraries, and amaro's second copy of itself.
unread() {
  for library in amaro @dagrejs preact preact-render-to-string uplot; do
    find "$DENO_DIR"/npm/*/"$library" -name lib -path '*/amaro/*' -o -name '*.map' -o -name '*.d.*ts'
  done 2>/dev/null
}
set --
while IFS= read -r file; do
  [ -z "$file" ] || set -- "$@" --exclude "$file"
done <<FILES
$(unread)
FILES
# shellcheck disable=SC2086
[ -n "${NO_CHECK:-}" ] || "$deno" check --quiet $map "$source"
# A node starts faster as one file than as its modules, which the map names in errors. Without the bundler, which Deno installs
# from npm, a node is compiled from its modules.
program=$source
if [ "$name" != charybdis ]; then
  mkdir -p "$joined" .toolchain/joined
  # shellcheck disable=SC2086
  if "$deno" bundle --quiet $map --sourcemap=linked --output "$joined/$name.js" "$source" >/dev/null 2>&1; then
    mv "$joined/$name.js.map" "$joined/$name.js" .toolchain/joined
    program=.toolchain/joined/$name.js
    set -- "$@" --include "$program.map"
  else
    echo "charybdis: deno bundle failed, so $output will start a little more slowly" >&2
  fi
fi
# shellcheck disable=SC2086 -- flags are several words
"$deno" compile --quiet --no-prompt --no-code-cache --no-check $map ${TARGET:+--target "$TARGET"} $flags "$@" --output "$new" "$program"
if [ -z "${TARGET:-}" ]; then
  "./$new" --version >/dev/null || { rm -f "$new"; echo "charybdis: $name was compiled but does not start" >&2; exit 1; }
fi
# Copies the file before moving it. Deno writes the file in small pieces, which stay small in the system's page cache. The
# copy is written in large pieces, which halves the delay of 25 processes that run at once.
cp "$new" "$new.copied"
mv "$new.copied" "$output"
included=$(printf '%s\n' "$flags" | tr ' ' '\n' | sed -n '/^--include$/{n;/\.ts$/p;}')
for root in "$source" $included $pages; do "$deno" info --json $map "$root"; done | tr ',{' '\n\n' | sed -n 's/^ *"local": *"\(.*\)"$/\1/p' | grep "^$PWD/" |
  sed "s#^$PWD/##" | sort -u >"$list"
{
  printf '%s:' "$output"
  while read -r file; do printf ' %s' "$file"; done <"$list"
  echo
  # A missing module must not stop make. A change of its importer is enough reason to build again.
  while read -r file; do printf '%s:\n' "$file"; done <"$list"
} >"$list.d"
mv "$list.d" ".toolchain/deps/$name.d"
echo "charybdis: built $output, $(($(wc -c <"$output") / 1000000)) MB"
