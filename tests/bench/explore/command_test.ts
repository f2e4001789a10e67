/** `charybdis explore` as a user runs it. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { folderTest } from "../../folder.ts";
import { stageText } from "../../../lib/bench/explore/stages.ts";
import { PLANTED_LESSONS } from "../../../lib/bench/learn/lessons/planted.ts";

const BIN = new URL("../../../bin/charybdis", import.meta.url).pathname;

async function charybdis(
  directory: string,
  ...args: readonly string[]
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(BIN, {
    args: [...args],
    cwd: directory,
    stdin: "null",
  }).output();
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
}

folderTest("an exhausted exploration is valid, with the number of schedules", async (directory) => {
  const { code, out } = await charybdis(directory, "explore", "-w", "unique-ids", "--json");
  assertEquals(code, 0);
  const { valid, stages } = JSON.parse(out);
  assertEquals([valid, stages.length], [true, 3]);
  assertEquals([stages[2].schedules, stages[2].exhausted], [6, true]);
  assertEquals([...Deno.readDirSync(directory)], [], "nothing is stored");
}, { permissions: ["run"], slices: 6 });

folderTest("a bound that is reached makes the verdict unknown", async (directory) => {
  const { code, out } = await charybdis(
    directory,
    "explore",
    "-w",
    "unique-ids",
    "--max-schedules",
    "2",
    "--json",
  );
  assertEquals([code, JSON.parse(out).valid], [2, "unknown"]);
}, { permissions: ["run"], slices: 6 });

Deno.test("a stage in which no schedule ran to its end does not read like a result", () => {
  const nothing = { operations: 3, schedules: 0, pruned: 21, depth: 4, exhausted: false, seconds: 3 };
  assertEquals(stageText(nothing, 2), "3 operations: no schedule ran to its end (21 pruned, 3.0 s)");
  assertStringIncludes(
    stageText({ ...nothing, schedules: 1 }, 2),
    "the first 1 schedule and 21 pruned, not all",
  );
});

folderTest("a failing schedule is kept, and replays to the byte", async (directory) => {
  const [planted] = PLANTED_LESSONS;
  Deno.writeTextFileSync(`${directory}/node.ts`, planted?.template ?? "");
  const args = [
    "explore",
    "-w",
    "unique-ids",
    "--module",
    "node.ts",
    "--crashes",
    "1",
    "--operations",
    "4",
    "--no-data",
  ];
  const { code, out } = await charybdis(directory, ...args);
  assertEquals(code, 1, out);
  const folder = `${directory}/store/unique-ids/latest`;
  const recorded = JSON.parse(Deno.readTextFileSync(`${folder}/case.json`));
  assertEquals(recorded.exploration.steps.filter((step: string) => step.startsWith("crash")).length, 1);
  assert(Deno.statSync(`${folder}/report.html`).size > 1000);
  assert(Deno.statSync(`${folder}/messages.jsonl`).size > 100);
  const before = Deno.readTextFileSync(`${folder}/history.jsonl`);
  const again = await charybdis(directory, "replay", `${folder}/case.json`);
  assertEquals(again.code, 1, again.err);
  assertStringIncludes(again.out, "identical to the recorded one, byte for byte");
  assertEquals(Deno.readTextFileSync(`${folder}/history.jsonl`), before);

  const section = '<section id="inevitability">';
  assert(!Deno.readTextFileSync(`${folder}/report.html`).includes(section));
  const futures = await charybdis(directory, "replay", folder, "--inevitable", "--futures", "4");
  assertStringIncludes(futures.out, "draws each later step at random");
  for (const command of ["replay", "report"]) {
    await charybdis(directory, command, folder);
    assertStringIncludes(Deno.readTextFileSync(`${folder}/report.html`), section, command);
  }
}, { permissions: ["run"], slices: 6 });

/** Returns the source of a node for which the type of a request has this handler. */
function nodeOf(handlers: string): string {
  return `import type { Node } from "@charybdis/charybdis";
export function node(node: Node): void {
  ${handlers}
}
`;
}

folderTest("a node that answers nothing right is not called correct", async (directory) => {
  Deno.writeTextFileSync(`${directory}/node.ts`, nodeOf("void node;"));
  const { code, out } = await charybdis(
    directory,
    "explore",
    "-w",
    "lin-kv",
    "--module",
    "node.ts",
    "--json",
  );
  assertEquals([code, JSON.parse(out).valid], [2, "unknown"]);
}, { permissions: ["run"], slices: 6 });

folderTest(
  "a node that never answers fails the bound on progress, and passes without one",
  async (directory) => {
    Deno.writeTextFileSync(`${directory}/node.ts`, nodeOf('node.on("echo", () => new Promise(() => {}));'));
    const args = ["explore", "-w", "echo", "--module", "node.ts"];
    const stuck = await charybdis(directory, ...args);
    assertEquals(stuck.code, 1, stuck.out);
    assertStringIncludes(stuck.out, "No progress after the faults");
    const unchecked = await charybdis(directory, ...args, "--progress-within", "0", "--json");
    assertEquals([unchecked.code, JSON.parse(unchecked.out).valid], [2, "unknown"]);
  },
  { permissions: ["run"], slices: 6 },
);

folderTest("an invariant that is not checked leaves the verdict unknown", async (directory) => {
  Deno.writeTextFileSync(`${directory}/wrong.ts`, 'export const wrong = () => { throw new Error("no"); };');
  Deno.writeTextFileSync(`${directory}/unseen.ts`, "export const unseen = () => undefined;");
  for (const [name, workload] of [["wrong", "unique-ids"], ["unseen", "echo"]]) {
    const line = `explore -w ${workload} --invariant ${name}.ts --node-count 1 --operations 1`;
    const { code, out } = await charybdis(directory, ...line.split(" "));
    assertEquals(code, 2, out);
    assertStringIncludes(out, "Unchecked invariant");
  }
}, { permissions: ["run"], slices: 6 });

folderTest("a line that Maelstrom refuses is a finding", async (directory) => {
  Deno.writeTextFileSync(
    `${directory}/node.ts`,
    `export const program = (node) =>
      node.on("echo", ({ echo }) => {
        node.send("n0", { type: "odd", toJSON: () => 5 });
        return { echo };
      });`,
  );
  const line = "explore -w echo --module node.ts --node-count 1 --operations 1";
  const { code, out } = await charybdis(directory, ...line.split(" "));
  assertEquals(code, 1, out);
  assertStringIncludes(out, "node n0 wrote a line that Maelstrom refuses: body must be an object");
}, { permissions: ["run"], slices: 6 });

folderTest("a violated invariant is a finding", async (directory) => {
  Deno.writeTextFileSync(`${directory}/never.ts`, "export const never = () => 'a state changed';\n");
  const args = ["explore", "-w", "lin-kv", "--operations", "1", "--invariant", "never.ts"];
  const { code, out } = await charybdis(directory, ...args);
  assertEquals(code, 1, out);
  assertStringIncludes(out, "never: a state changed");
  const again = await charybdis(directory, "replay", `${directory}/store/lin-kv/latest`);
  assertEquals(again.code, 1, again.err);
  assertStringIncludes(again.out, "identical to the recorded one, byte for byte");
}, { permissions: ["run"], slices: 6 });

folderTest("a sample of random schedules states its guarantee", async (directory) => {
  const args = ["explore", "-w", "lin-kv", "--operations", "6", "--timeouts", "2", "--sample", "50"];
  const { code, out } = await charybdis(directory, ...args, "--json");
  assertEquals(code, 0, out);
  const { stages: [stage] } = JSON.parse(out);
  assertEquals([stage.operations, stage.schedules, stage.exhausted], [6, 50, false]);
  assert(stage.probability > 0 && stage.probability < 1);
}, { permissions: ["run"], slices: 6 });

folderTest("a sample finds the same schedule on any number of cores", async (directory) => {
  const [planted] = PLANTED_LESSONS;
  Deno.writeTextFileSync(`${directory}/node.ts`, planted?.template ?? "");
  const found = await Promise.all(["1", "3"].map(async (jobs) => {
    const args = ["explore", "-w", "unique-ids", "--module", "node.ts", "--no-data", "--sample", "400"];
    const bounds = ["--operations", "5", "--crashes", "1", "--seed", "3", "--jobs", jobs, "--store", jobs];
    const { code, out } = await charybdis(directory, ...args, ...bounds, "--json");
    assertEquals(code, 1, out);
    const { steps, stages } = JSON.parse(out);
    return [steps, stages[0].schedules];
  }));
  assertEquals(found[0], found[1]);
}, { permissions: ["run"], slices: 6 });

folderTest("a case with a malformed exploration is refused", async (directory) => {
  const head = { format: 2, charybdis: "0.1.0", test: { nodes: ["n0"] }, seed: 1, nodeArguments: [] };
  Deno.writeTextFileSync(`${directory}/case.json`, JSON.stringify({ ...head, exploration: { steps: [1] } }));
  const { code, err } = await charybdis(directory, "replay", "case.json");
  assertEquals(code, 255);
  assertStringIncludes(err, "is not a case");
}, { permissions: ["run"], slices: 6 });

folderTest(
  "an exploration at its limit continues with --resume, and then removes its file",
  async (directory) => {
    const first = await charybdis(directory, "explore", "-w", "unique-ids", "--max-schedules", "2");
    assertEquals(first.code, 2);
    assertStringIncludes(first.out, "explore --resume store/explore.json");
    const file = `${directory}/store/explore.json`;
    const saved = JSON.parse(Deno.readTextFileSync(file));
    assert(saved.seconds > 0);
    Deno.writeTextFileSync(file, JSON.stringify({ ...saved, seconds: 100 }));
    const args = ["explore", "--resume", "store/explore.json", "--max-schedules", "100", "--json"];
    const { code, out } = await charybdis(directory, ...args);
    assertEquals(code, 0, out);
    const { valid, stages } = JSON.parse(out);
    assertEquals([valid, stages.map((stage: { schedules: number }) => stage.schedules)], [true, [1, 2, 6]]);
    assert(stages.some(({ seconds }: { seconds: number }) => seconds > 100), "the time of both runs counts");
    assertEquals([...Deno.readDirSync(`${directory}/store`)], []);
  },
  { permissions: ["run"], slices: 6 },
);

folderTest("the shards of an exploration are merged", async (directory) => {
  for (const shard of ["1/2", "2/2"]) {
    const args = ["explore", "-w", "unique-ids", "--shard", shard];
    assertEquals((await charybdis(directory, ...args)).code, 0);
    const { code, out } = await charybdis(directory, "merge", "store");
    assertEquals(code, shard === "1/2" ? 2 : 0, out);
    assertStringIncludes(out, "3 operations: all 6 schedules");
  }
}, { permissions: ["run"], slices: 6 });

folderTest("the shards of random schedules are merged", async (directory) => {
  const own = ["-w", "unique-ids", "--operations", "2", "--sample", "9"];
  for (const shard of ["1/2", "2/2"]) {
    const ran = await charybdis(directory, "explore", ...own, "--shard", shard);
    assertEquals(ran.code, 0, ran.out);
    assertStringIncludes(ran.out, `shard ${shard}: ${shard === "1/2" ? 4 : 5} random schedules`);
    const { code, out } = await charybdis(directory, "merge", "store");
    assertEquals(code, shard === "1/2" ? 2 : 0, out);
    assertStringIncludes(out, `${shard === "1/2" ? 4 : 9} random schedules. A failure of depth 2`);
  }
}, { permissions: ["run"] });

folderTest("a node that watches all of its state is searched by states", async (directory) => {
  const node = nodeOf(`const seen = new Set<number>();
  node.watch("seen", () => [...seen].sort());
  node.on("topology", () => ({}));
  node.on("broadcast", ({ message }) => {
    seen.add(Number(message));
    for (const peer of node.peers) node.send(peer, { type: "gossip", message });
    return {};
  });
  node.on("gossip", ({ message }) => void seen.add(Number(message)));
  node.on("read", () => ({ messages: [...seen] }));`);
  Deno.writeTextFileSync(`${directory}/node.ts`, node);
  const args = ["explore", "-w", "broadcast", "--module", "node.ts", "--operations", "2", "--states"];
  const { code, out } = await charybdis(directory, ...args);
  assertEquals(code, 0, out);
  assertStringIncludes(out, "2 operations: all ");
  assertStringIncludes(out, " states: no anomaly");
  for (const fault of ["--drops", "--partitions"]) {
    const lossy = await charybdis(directory, ...args, fault, "1");
    assertEquals(lossy.code, 1, lossy.out);
    const again = await charybdis(directory, "replay", "store/broadcast/latest");
    assertStringIncludes(again.out, "identical to the recorded one, byte for byte");
  }
}, { permissions: ["run"], slices: 6 });
