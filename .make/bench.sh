#!/bin/sh
# The work of `make bench`: `deno bench` on every *_bench.ts, then whole processes, with medians of runs in turn:
#   lines per second  bin/echo, `deno run` of the same source, and Node's readline, each on the same file through a pipe
#   start             from exec to init_ok, against a bare compiled hello-world (exec to its line)
#   peak memory       of bin/echo over the whole file, if /usr/bin/time can report it
# Compare figures within a run only, because machines and their other load differ. RUNS (default 5), LINES (default 1000000).
set -eu
cd "$(dirname "$0")/.."
value() { sed -n "s/^$1 := //p" .toolchain/env.mk; }
deno=$(value DENO)
map=$(value IMPORT_MAP)
denort=$(value DENORT)
runs=${RUNS:-5} count=${LINES:-1000000}
export DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-system}"
[ -z "$denort" ] || export DENORT_BIN="$denort"
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT

# shellcheck disable=SC2086 -- the map is a flag or empty
"$deno" bench --quiet --no-check --allow-all $map

cat >"$box/measure.ts" <<'TS'
/** Times commands in turn, so that other load affects all alike, and prints their medians. */
const [runs, ...commands] = Deno.args;
const init = '{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]}}\n';

/** Returns the ms from exec to the first bytes of stdout. */
async function start(path: string): Promise<number> {
  const from = performance.now();
  const child = new Deno.Command(path, { stdin: "piped", stdout: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(init)).catch(() => {});
  const reader = child.stdout.getReader();
  await reader.read();
  const took = performance.now() - from;
  await writer.close().catch(() => {});
  await reader.cancel();
  await child.status;
  return took;
}

/** Returns the ms that a line of sh takes. */
async function whole(script: string): Promise<number> {
  const from = performance.now();
  const { success } = await new Deno.Command("/bin/sh", { args: ["-c", script], stdout: "null" }).output();
  if (!success) throw new Error(`failed: ${script}`);
  return performance.now() - from;
}

const times = commands.map(() => [] as number[]);
for (let run = 0; run < Number(runs); run++) {
  for (const [i, command] of commands.entries()) {
    times[i]?.push(await (command.includes(" ") ? whole(command) : start(command)));
  }
}
for (const each of times) console.log(each.sort((a, b) => a - b)[each.length >> 1]?.toFixed(1));
TS
measure() { "$deno" run --quiet --no-check --allow-all --no-config "$box/measure.ts" "$@"; }

echo
echo "Lines per second: $count echo requests through a pipe, medians of $runs runs in turn"
awk -v count="$count" 'BEGIN {
  printf "{\"src\":\"c0\",\"dest\":\"n1\",\"body\":{\"type\":\"init\",\"msg_id\":1,\"node_id\":\"n1\",\"node_ids\":[\"n1\"]}}\n"
  for (i = 0; i < count; i++)
    printf "{\"id\":%d,\"src\":\"c1\",\"dest\":\"n1\",\"body\":{\"type\":\"echo\",\"msg_id\":%d,\"echo\":\"Please echo %d and some padding to get it long\"}}\n", i, i + 2, i
}' >"$box/requests"
cat >"$box/readline.js" <<'JS'
// The simplest node for Node.js.
const lines = require("readline").createInterface({ input: process.stdin });
let count = 0;
function reply(request, body) {
  const { src, dest, body: { msg_id } } = request;
  process.stdout.write(JSON.stringify({ src: dest, dest: src, body: { ...body, in_reply_to: msg_id, msg_id: count++ } }) + "\n");
}
lines.on("line", (line) => {
  const request = JSON.parse(line);
  if (request.body.type === "init") reply(request, { type: "init_ok" });
  else reply(request, { type: "echo_ok", echo: request.body.echo });
});
JS
set -- "cat $box/requests | bin/echo" "cat $box/requests | $deno run --quiet --no-check --no-prompt $map nodes/echo.ts"
names="bin/echo
deno run nodes/echo.ts"
if command -v node >/dev/null; then
  set -- "$@" "cat $box/requests | node $box/readline.js"
  names="$names
node, readline"
fi
measure "$runs" "$@" >"$box/times"
echo "$names" | paste "$box/times" - | awk -F '\t' -v count="$count" '
  NR == 1 { first = $1 }
  { printf "  %-24s %9.0f lines/s  %6.2f s  %5.2f of bin/echo'\''s time\n", $2, count / $1 * 1000, $1 / 1000, $1 / first }'

echo
echo "Start, ms from exec to the first answer: medians of $((runs * 4 + 1)) runs in turn"
printf 'console.log("hello");\n' >"$box/hello.ts"
"$deno" compile --quiet --no-config --no-check --no-prompt --no-code-cache --output "$box/hello" "$box/hello.ts"
measure "$((runs * 4 + 1))" "$box/hello" "$PWD/bin/echo" "$PWD/bin/unique-ids" >"$box/times"
printf 'hello-world, compiled\nbin/echo\nbin/unique-ids\n' | paste "$box/times" - | awk -F '\t' '
  NR == 1 { first = $1 }
  { printf "  %-24s %7.1f ms  %5.2f of the hello-world'\''s\n", $2, $1, $1 / first }'

echo
echo "Size and peak memory"
for name in echo unique-ids; do echo "  bin/$name $(($(wc -c <bin/$name) / 1000000)) MB"; done
if [ -x /usr/bin/time ] && /usr/bin/time -f %M true 2>/dev/null; then
  for each in "1000" "$count"; do
    head -n "$each" "$box/requests" | /usr/bin/time -f "  bin/echo, $each requests: peak %M KB" bin/echo 2>&1 >/dev/null
  done
fi
