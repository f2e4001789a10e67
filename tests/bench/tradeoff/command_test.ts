/** `charybdis tradeoff` as it is used: wrong arguments, and the compiled executable. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { tradeoffCommand } from "../../../lib/bench/cli/tradeoff.ts";
import { folderTest } from "../../folder.ts";

const BIN = new URL("../../../bin/charybdis", import.meta.url).pathname;

Deno.test("a wrong argument is reported, and no run starts", async () => {
  const wrong: readonly (readonly [args: string, says: string])[] = [
    ["--max-latency-ms 300,5", "--max-latency-ms must be MS,…, but is 300,5"],
    ["--strategies hub,tree9", "--strategies must be STRATEGY,…, but is hub,tree9"],
    ["--node-count 1", "--node-count must be 2…1000"],
    ["--node-counts 5,x", "--node-counts must be N,N,…"],
    ["--node-counts 5,10 --node-count 5", "--node-count and --node-counts exclude each other"],
    ["--rate 0", "--rate must be 1…100000"],
    ["--time-limit 0", "--time-limit must be 1…3600"],
    ["--seeds 9..1", "--seeds 9..1 is reversed"],
    ["--seeds 1..9999", "--seeds names more than 1000 seeds"],
    ["--intervals 5", "unknown option --intervals"],
    ["hub", "unexpected argument: hub"],
  ];
  for (const [args, says] of wrong) {
    let said = "nothing";
    try {
      await tradeoffCommand(args.split(" "));
    } catch (error) {
      said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
    assertStringIncludes(said, `ArgumentError: ${says}`);
  }
});

async function tradeoff(
  cwd: string,
  ...args: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(BIN, {
    args: ["tradeoff", ...args],
    cwd,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const [said, progress] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: said ?? "", stderr: progress ?? "" };
}

const SMALL =
  "--node-count 4 --rate 50 --latency 20 --time-limit 2 --seeds 1 --strategies hub --max-latency-ms 100,800";

folderTest(
  "`tradeoff` prints a table, writes a page, and prints the same data as JSON",
  async (directory) => {
    const shown = await tradeoff(directory, ...SMALL.split(" "));
    assertEquals([shown.code, shown.stderr], [0, ""]);
    const lines = shown.stdout.trimEnd().split("\n");
    assertStringIncludes(lines[0] ?? "", "4 nodes, 50 operations/s for 2 s, 20 ms from node to node");
    assertEquals(lines.filter((conditions) => conditions.startsWith("hub ")).length, 2);
    assertEquals(lines.at(-1), "plots in store/tradeoff.html");
    assertStringIncludes(
      Deno.readTextFileSync(`${directory}/store/tradeoff.html`),
      "Gossip interval and latency",
    );

    const json = await tradeoff(directory, ...SMALL.split(" "), "--json", "--output", "other.html");
    assertEquals([json.code, json.stderr], [0, ""]);
    const { conditions, measurements, page } = JSON.parse(json.stdout);
    assertEquals([conditions, page], [
      { rate: 50, "latency-ms": 20, "time-limit-s": 2, seeds: [1] },
      "other.html",
    ]);
    assertEquals(
      measurements.map((
        measurement: Record<string, unknown>,
      ) => [measurement["strategy"], measurement["fan-out"], measurement["max-latency-ms"]]),
      [
        ["hub", 3, 100],
        ["hub", 3, 800],
      ],
    );
    for (const measurement of measurements) {
      assert(
        measurement["msgs-per-op"] >= measurement.frontier / 2 && measurement["stable-latency-ms"]["1"] > 0,
        json.stdout,
      );
      assertEquals(measurement.valid, true);
    }
    assert(Deno.statSync(`${directory}/other.html`).size > 10_000);
  },
  { permissions: ["run"], slices: 3 },
);

folderTest("`tradeoff --node-counts` writes its own page", async (directory) => {
  const { code, stdout } = await tradeoff(
    directory,
    ..."--node-counts 2,4 --rate 50 --time-limit 2 --seeds 1 --max-latency-ms 300".split(" "),
  );
  assertEquals(code, 0, stdout);
  assertStringIncludes(stdout, "plots in store/tradeoff-nodes.html");
  assertStringIncludes(
    Deno.readTextFileSync(`${directory}/store/tradeoff-nodes.html`),
    "Cost of a growing cluster",
  );
}, { permissions: ["run"], slices: 3 });
