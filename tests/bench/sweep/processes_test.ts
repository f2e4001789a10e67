/** Sweeps, merges and replays as processes, as a CI job starts them. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { folderTest } from "../../folder.ts";
import { writeProgram } from "../../program.ts";

/** A node that counts from the same start after a restart. */
const FORGETFUL = `
import type { Node } from "@charybdis/charybdis";

export function forgetful(node: Node): void {
  let count = 0;
  node.on("generate", () => ({ id: \`\${node.id}-\${count++}\` }));
}
`;

interface Ended {
  readonly code: number;
  readonly stdout: string;
}

async function charybdis(...args: readonly string[]): Promise<Ended> {
  const { code, stdout } = await new Deno.Command("bin/charybdis", {
    args: [...args],
    stdin: "null",
    stderr: "null",
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout) };
}

/** Sweeps in one process, and in four shards. Returns both results as JSON. */
async function sweepWholeAndSharded(
  directory: string,
  args: readonly string[],
): Promise<{ readonly whole: Ended; readonly merged: Ended; readonly shards: readonly Ended[] }> {
  const sweep = (store: string, ...more: readonly string[]) =>
    charybdis(
      "sweep",
      ...args,
      "--keep-going",
      "--jobs",
      "1",
      "--json",
      "--store",
      `${directory}/${store}`,
      ...more,
    );
  const whole = await sweep("whole");
  const shards = await Promise.all([1, 2, 3, 4].map((i) => sweep(`share-${i}`, "--shard", `${i}/4`)));
  const merged = await charybdis("merge", "--json", ...[1, 2, 3, 4].map((i) => `${directory}/share-${i}`));
  return { whole, merged, shards };
}

folderTest(
  "four shards merge to the verdict, counts and coverage of the whole sweep",
  async (directory) => {
    const { whole, merged, shards } = await sweepWholeAndSharded(
      directory,
      ["-w", "broadcast", "--seeds", "1..10", "--faults", "all", "--time-limit", "3"],
    );
    assertEquals([whole.code, merged.code, ...shards.map(({ code }) => code)], [0, 0, 0, 0, 0, 0]);
    const { "missing-shards": missing, ...result } = JSON.parse(merged.stdout);
    assertEquals([missing, result["seeds"]], [[], 10]);
    assertEquals(result, JSON.parse(whole.stdout));

    const incomplete = await charybdis("merge", "--json", `${directory}/share-1`, `${directory}/share-3`);
    assertEquals([incomplete.code, JSON.parse(incomplete.stdout)["missing-shards"]], [2, [2, 4]]);
  },
  { permissions: ["run"], slices: 3 },
);

folderTest("a run that the history's limit ends is unknown, and replays byte for byte", async (store) => {
  const line = ["-w", "broadcast", "--node-count", "2", "--rate", "1000", "--time-limit", "9"];
  // Seed 100 runs with messages as objects and as text.
  const { code, stdout } = await charybdis(
    ...["sweep", ...line, "--seeds", "100", "--jobs", "1", "--file-limit-mb", "1", "--store", store],
  );
  assertEquals(code, 2);
  assertStringIncludes(stdout, "The run ended because its history would exceed 4 MB.");
  assertStringIncludes(stdout, "none is invalid; unknown: 1");
  const replayed = await charybdis("replay", `${store}/broadcast/latest/case.json`);
  assertStringIncludes(replayed.stdout, "identical to the recorded one, byte for byte");
}, { permissions: ["run"], slices: 3 });

/** Returns a program for /bin/sh that replies to `init`, and to other requests with the body of their type. */
function shellNode(replies: Readonly<Record<string, string>>): string {
  const cases = Object.entries({ init: '"type":"init_ok"', ...replies }).map(([type, body]) =>
    `*'"type":"${type}"'*) body='${body}' ;;`
  );
  return `#!/bin/sh
while read -r line; do
  field() { printf '%s' "$line" | sed -n "s/.*\\"$1\\": *\\"\\{0,1\\}\\([^\\",}]*\\).*/\\1/p"; }
  case "$line" in
    ${cases.join("\n    ")}
  esac
  printf '{"src":"%s","dest":"%s","body":{%s,"in_reply_to":%s}}\\n' "$(field dest)" "$(field src)" "$body" "$(field msg_id)"
done
`;
}

folderTest(
  "a failure in a shard also fails in the whole sweep, and replays byte for byte",
  async (directory) => {
    const node = `${directory}/forgetful.ts`;
    Deno.writeTextFileSync(node, FORGETFUL);
    const { whole, merged, shards } = await sweepWholeAndSharded(
      directory,
      [
        "-w",
        "unique-ids",
        "--seeds",
        "1..4",
        "--faults",
        "kill,loss",
        "--module",
        node,
        "--shrink-tries",
        "10",
      ],
    );
    const { "missing-shards": _none, ...result } = JSON.parse(merged.stdout);
    assertEquals(result, JSON.parse(whole.stdout));
    assert(result["invalid"].length > 0 && result["invalid"].length < 4, `${result["invalid"]}`);
    assertEquals([whole.code, merged.code], [1, 1]);
    assert(shards.some(({ code }) => code === 0), "no share is valid");

    const runs = `${directory}/whole/unique-ids`;
    const [kept] = [...Deno.readDirSync(runs)].filter(({ isDirectory }) => isDirectory);
    const path = `${runs}/${kept?.name}/case.json`;
    const first = await charybdis("replay", path);
    assertEquals(first.code, 1);
    assertStringIncludes(first.stdout, "kill");
    assertStringIncludes(first.stdout, "The history is identical to the recorded one, byte for byte.");
    assertEquals(await charybdis("replay", path), first);
    await charybdis("report", `${runs}/${kept?.name}`);
    const page = Deno.readTextFileSync(`${runs}/${kept?.name}/report.html`);
    assertStringIncludes(page, "charybdis replay case.json");

    const recorded = JSON.parse(Deno.readTextFileSync(path));
    Deno.writeTextFileSync(path, JSON.stringify({ ...recorded, historyCrc: recorded.historyCrc + 1 }));
    assertStringIncludes(
      (await charybdis("replay", path)).stdout,
      "The history differs from the recorded one",
    );
  },
  { permissions: ["run"], slices: 3 },
);

folderTest(
  "fuzz reports an executable with wrong replies, and keeps its run without a case",
  async (directory) => {
    const bin = `${directory}/forgetful.sh`;
    writeProgram(bin, shellNode({ generate: '"type":"generate_ok","id":1' }));
    const { code, stdout } = await charybdis(
      ...["fuzz", "-w", "unique-ids", "--bin", bin, "--seeds", "1", "--store", `${directory}/store`],
      ...["--node-count", "1", "--concurrency", "2", "--rate", "20", "--time-limit", "1", "--latency", "0"],
      ...["--shrink-tries", "0"],
    );
    assertEquals(code, 1, stdout);
    assertStringIncludes(stdout, "seed 1, shrunk in ");
    assertStringIncludes(stdout, "Duplicate ids");
    const runs = `${directory}/store/unique-ids`;
    const [kept] = [...Deno.readDirSync(runs)].filter(({ isDirectory }) => isDirectory);
    const head = JSON.parse(Deno.readTextFileSync(`${runs}/${kept?.name}/test.json`));
    assertEquals([head.command, head.virtual], ["fuzz", false]);
    const again = await charybdis("replay", `${runs}/${kept?.name}`);
    assertEquals(again.code, 254);
  },
  { permissions: ["run"], slices: 3 },
);

folderTest(
  "fuzz keeps a read after the recovery, without which a correct node can lose a value, too",
  async (directory) => {
    const bin = `${directory}/empty.sh`;
    writeProgram(
      bin,
      shellNode({
        topology: '"type":"topology_ok"',
        broadcast: '"type":"broadcast_ok"',
        read: '"type":"read_ok","messages":[]',
      }),
    );
    const { code, stdout } = await charybdis(
      ...["fuzz", "-w", "broadcast", "--bin", bin, "--seeds", "1", "--store", `${directory}/store`],
      ...["--node-count", "2", "--concurrency", "2", "--rate", "20", "--time-limit", "1", "--latency", "0"],
      ...["--shrink-tries", "1", "--repeat", "1"],
    );
    assertEquals(code, 1, stdout);
    assertStringIncludes(stdout, "Lost elements");
    assertMatch(stdout, /1\d{4}\.\d ms +process \d asks n\d: read/);
  },
  { permissions: ["run"], slices: 6 },
);
