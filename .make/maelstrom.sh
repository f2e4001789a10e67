#!/bin/sh
# Fetches Maelstrom's release under .toolchain/. `charybdis grade --bench maelstrom` finds it by MAELSTROM.
set -eu
cd "$(dirname "$0")/.."
. ./.make/versions
dir=$PWD/.toolchain/maelstrom
url=https://github.com/jepsen-io/maelstrom/releases/download/v$MAELSTROM_VERSION/maelstrom.tar.bz2
if [ ! -x "$dir/maelstrom" ]; then
  command -v curl >/dev/null || { echo "charybdis: curl is needed to fetch $url" >&2; exit 1; }
  mkdir -p "$dir.new"
  curl -fsSL "$url" -o "$dir.tar.bz2" || { rm -rf "$dir.new"; echo "charybdis: cannot fetch $url: GitHub does not answer here" >&2; exit 1; }
  tar -xjf "$dir.tar.bz2" -C "$dir.new" --strip-components 1
  rm "$dir.tar.bz2"
  mv "$dir.new" "$dir"
fi
command -v java >/dev/null || echo "charybdis: Maelstrom needs Java, but PATH has none. Install Java" >&2
echo "charybdis: Maelstrom $MAELSTROM_VERSION is in $dir. To grade with it:"
echo "  MAELSTROM=$dir bin/charybdis grade --bench maelstrom"
