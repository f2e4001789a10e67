/** `charybdis tradeoff --consensus` as it is used: wrong arguments, and the compiled executable. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { tradeoffCommand } from "../../../../lib/bench/cli/tradeoff.ts";
import { asksForConsensus } from "../../../../lib/bench/cli/tradeoff_consensus.ts";
import { folderTest } from "../../../folder.ts";

const BIN = new URL("../../../../bin/charybdis", import.meta.url).pathname;

Deno.test("a wrong argument is reported, and no run starts", async () => {
  const wrong: readonly (readonly [args: string, says: string])[] = [
    ["--consensus paxos", "--consensus must be ENGINE,…, but is paxos"],
    ["--consensus raft,zab", "--consensus must be ENGINE,…, but is raft,zab"],
    ["--consensus --rate 0", "--rate must be 1…10000"],
    ["--consensus raft --latency 0", "--latency must be 1…1000"],
    ["--consensus raft --time-limit 1", "--time-limit must be 2…600"],
    ["--consensus raft --reads 101", "--reads must be 0…100"],
    ["--consensus=raft --seeds 9..1", "--seeds 9..1 is reversed"],
    ["--seeds 1..9999 --consensus", "--seeds names more than 1000 seeds"],
    ["--consensus --strategies hub", "unknown option --strategies"],
    ["--consensus raft epaxos", "unexpected argument: epaxos"],
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

Deno.test("the option alone chooses this comparison, with or without a value", () => {
  assert(asksForConsensus(["--consensus"]));
  assert(asksForConsensus(["--json", "--consensus=raft"]));
  assert(!asksForConsensus(["--strategies", "hub"]));
});

const SMALL = "--rate 10 --latency 20 --time-limit 2 --seeds 1";

async function tradeoff(
  cwd: string,
  args: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(BIN, {
    args: ["tradeoff", ...args.split(" ")],
    cwd,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const [said = "", progress = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: said, stderr: progress };
}

folderTest("`tradeoff --consensus` prints tables and writes a page", async (directory) => {
  const { code, stdout, stderr } = await tradeoff(directory, `${SMALL} --consensus raft`);
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.filter((line) => line.startsWith("Raft ")).length, 12);
  assertMatch(stdout, /^first node dies [^]*^first node dies /m);
  assertEquals(lines.at(-1), "plots in store/tradeoff-consensus.html");
  assertStringIncludes(
    Deno.readTextFileSync(`${directory}/store/tradeoff-consensus.html`),
    "Consensus engines side by side",
  );
}, { permissions: ["run"], slices: 3 });

folderTest("`tradeoff --consensus ENGINE --json` prints the figures of that engine", async (directory) => {
  const { code, stdout } = await tradeoff(directory, `--consensus epaxos ${SMALL} --json --output page.html`);
  assertEquals(code, 0, stdout);
  const { conditions, measurements, page } = JSON.parse(stdout);
  assertEquals([conditions["latency-ms"], conditions.seeds, page], [20, [1], "page.html"]);
  assertEquals(measurements.length, 19);
  const [first] = measurements;
  assertEquals([first.engine, first.network, first.scenario, first.valid], [
    "epaxos",
    "uniform",
    "steady",
    true,
  ]);
  assert(first["write-latency-ms"]["0.5"] >= 40 && first.nodes.length === 5, stdout);
  const [death] = measurements.filter((each: Record<string, unknown>) => each["scenario"] === "leader-dies");
  assertEquals(death.nodes[0], null);
  assert(Deno.statSync(`${directory}/page.html`).size > 10_000);
}, { permissions: ["run"], slices: 3 });
