#!/bin/sh
# The last part of `make soak`: format, lint, types and tests with the oldest supported Deno, with the one that npm-only
# machines get, and with the newest 2.x, each installed from npm. The executables are those that `make` built.
# Arguments go to `deno test`. With open network access, the workflow's matrix does the same, executables included.
set -u
cd "$(dirname "$0")/.."
. ./.make/versions
command -v npm >/dev/null || { echo "charybdis: npm is missing, so other versions of Deno are not tested"; exit 0; }
newest=$(npm view "deno@<$DENO_BELOW" version --json 2>/dev/null | tr -d '[]", ' | grep -E '^[0-9.]+$' |
  sort -t. -k1,1n -k2,2n -k3,3n | tail -n 1)
failed=
for version in $(printf '%s\n' "$DENO_MIN" "$DENO_NPM" "${newest:-$DENO_NEWEST}" | uniq); do
  deno=$(sh .make/toolchain.sh install "$version") || { failed="$failed $version"; continue; }
  echo
  echo "With Deno $version:"
  CHARYBDIS_SOAK='' DENO=$deno sh .make/test.sh "$@" || failed="$failed $version"
done
[ "${newest:-$DENO_NEWEST}" = "$DENO_NEWEST" ] ||
  echo "charybdis: tested with $newest, which is newer than DENO_NEWEST in .make/versions ($DENO_NEWEST). Update it there"
[ -z "$failed" ] || { echo "charybdis: failed with Deno$failed" >&2; exit 1; }
