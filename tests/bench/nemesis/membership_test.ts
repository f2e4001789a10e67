import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadProgram } from "../../../lib/bench/cluster/builtin_nodes.ts";
import { leavingMax } from "../../../lib/bench/nemesis/faults/membership.ts";
import { loadInvariants } from "../../../lib/bench/invariants/registry.ts";
import { exitStatus } from "../../../lib/bench/exit_status.ts";
import type { Node } from "../../../lib/runtime/node.ts";
import { settings } from "../../../nodes/lin_kv.ts";
import { folderTest } from "../../folder.ts";
import { plant } from "../../scenarios/planted/plant.ts";
import { virtualRun } from "../support/virtual_run.ts";
import { longTest } from "../../seeds.ts";

const LINE =
  "-w lin-kv --rate 20 --time-limit 10 --latency 5 --nemesis-interval 0.7 --invariant raft --nemesis ";

/** Returns the least number of voters that a node showed. */
function fewestVoters(states: readonly string[]): number {
  const rows: { readonly set?: { readonly voters?: readonly string[] } }[] = states.map((line) =>
    JSON.parse(line)
  );
  return Math.min(...rows.flatMap(({ set }) => set?.voters === undefined ? [] : [set.voters.length]));
}

Deno.test("a majority of the nodes, and two, are not asked to leave", () => {
  assertEquals([1, 2, 3, 4, 5, 6, 7].map(leavingMax), [0, 0, 1, 1, 2, 2, 3]);
});

longTest("nodes leave and join under lin-kv, and every invariant of Raft holds", async () => {
  await loadInvariants("raft");
  for (const [nodes, fewest] of [[3, 2], [5, 3]] as const) {
    const { result, history, states } = await virtualRun(`${LINE}membership --node-count ${nodes}`, {
      seed: 1,
    });
    assertEquals(result.valid, true);
    const [effect] = result.faults ?? [];
    assert(effect !== undefined && (effect.messages ?? 0) > 10, `${effect?.messages} changes`);
    assertEquals(fewestVoters(states), fewest);
    const joined = history.filter(({ f }) => f === "joined-membership");
    assert(joined.length > 8, `${joined.length / 2} nodes joined`);
  }
});

Deno.test("nodes leave and join while others are killed and partitioned", async () => {
  await loadInvariants("raft");
  for (let seed = 1; seed <= 2; seed++) {
    const { result } = await virtualRun(`${LINE}membership,kill,partition --node-count 5`, {
      seed,
      storage: true,
    });
    assert(result.valid === true || result.stats.valid === false, `seed ${seed}`);
    assertEquals([result.workload.valid, result.invariants?.valid], [true, true], `seed ${seed}`);
  }
});

Deno.test("two runs with the same seed give equal bytes", async () => {
  const [a, b] = await Promise.all(
    [1, 2].map(() => virtualRun(`${LINE}membership --node-count 3`, { seed: 4 })),
  );
  assertEquals([a?.history, a?.messages, a?.logs], [b?.history, b?.messages, b?.logs]);
});

for (const [workload, args] of [["broadcast", []], ["lin-kv", ["--consensus", "epaxos"]]] as const) {
  Deno.test(`a run of ${[workload, ...args].join(" ")} says that its nodes do not support it`, async () => {
    const { result } = await virtualRun(
      `-w ${workload} --node-count 3 --rate 10 --time-limit 5 --nemesis membership`,
      { seed: 1, program: await loadProgram({ workload, args }) },
    );
    assertEquals([result.valid, result["early-end"]?.kind], ["unknown", "unsupported-fault"]);
    assertEquals(exitStatus(result.valid), 2);
    assertStringIncludes(result.caveats?.[0]?.text ?? "", "does not support changes of the membership");
  });
}

/** Returns lin-kv with a mistake: a copy of its files in a folder, in one of which a text is replaced. */
async function withMistake(
  directory: string,
  { file, from, to }: { readonly file: string; readonly from: string; readonly to: string },
): Promise<(node: Node) => void> {
  const module = plant(directory, { workload: "lin-kv" });
  const path = `${directory}/${file}`;
  const parts = Deno.readTextFileSync(path).split(from);
  assertEquals(parts.length, 2, `${from} occurs once`);
  Deno.writeTextFileSync(path, parts.join(to));
  const { linKv } = await import(module);
  const values = Object.fromEntries(
    Object.entries(settings).map(([name, { default: value }]) => [name, value]),
  );
  return (node) => linKv(node, values);
}

folderTest(
  "a sweep finds a removed node that is not told so, because it serves no client",
  async (directory) => {
    const program = await withMistake(directory, {
      file: "lib/consensus/raft/outsider.ts",
      from: 'if (type !== "pre_vote" &&',
      to: "if (type !== undefined &&",
    });
    const line =
      "-w lin-kv --node-count 3 --rate 10 --time-limit 6 --progress-within 10 --nemesis membership";
    const { result } = await virtualRun(`${line} --nemesis-interval 3`, { seed: 1, program });
    assertEquals(result.liveness?.valid, false);
    const right = await virtualRun(`${line} --nemesis-interval 3`, { seed: 1 });
    assertEquals(right.result.liveness?.valid, true);
  },
  { slices: 2 },
);
