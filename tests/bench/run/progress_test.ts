import { assert, assertEquals } from "@std/assert";
import { findingsOfJob } from "../../../lib/bench/findings/job_findings.ts";
import { failureKinds } from "../../../lib/bench/replay/case.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { LinkCounts, sameAs } from "../../../lib/bench/run/progress.ts";
import { parseResult } from "../../../lib/bench/store/parse_result.ts";
import { parseSweep, planSweep } from "../../../lib/bench/sweep/plan.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { jobOfTest, type JobResult } from "../../../lib/bench/worker/job.ts";
import { folderTest } from "../../folder.ts";

/** Runs unique-ids under partitions on a module. */
async function run(folder: string, body: string, workload = "unique-ids"): Promise<JobResult> {
  const module = `${folder}/node.ts`;
  await Deno.writeTextFile(
    module,
    `import { type Node, RpcError } from "@charybdis/charybdis";\nexport function program(node: Node): void {\n${body}\n}\n`,
  );
  const line = `--virtual -w ${workload} --module ${module} --node-count 2 --rate 20 --time-limit 3 ` +
    "--faults partition --nemesis-interval 0.3 --progress-within 5";
  const worker = new BenchWorker();
  try {
    const custom = parseTest(line.split(" "));
    const ran = await worker.run(jobOfTest(custom, { seed: 1, keepMessages: true, keepHistory: "always" }));
    for (const { examples } of findingsOfJob(custom.test, ran)) {
      for (const { sentences } of examples) assert(sentences.length > 0);
    }
    return ran;
  } finally {
    worker.stop();
  }
}

/** A node that answers while it has the token, which it passes on every 70 ms. */
const passesToken = (retransmits: boolean) => `
  let token = node.id === node.ids[0] ? 1 : 0;
  let passed = 0;
  const pass = (number) => node.send(node.peers[0] ?? "", { type: "token", number });
  node.on("token", ({ number }) => {
    if (Number(number) > Math.max(token, passed)) token = Number(number);
  });
  node.every(70, () => {
    if (token > passed) pass(passed = token + 1);
    else if (${retransmits}) pass(passed);
  });
  node.on("generate", () => {
    if (token <= passed) throw new RpcError(11, "another node has the token");
    return { id: node.id + "-" + node.random.id() };
  });`;

folderTest("a node that waits forever for a lost token makes no progress", async (folder) => {
  const ran = await run(folder, passesToken(false));
  const { liveness } = parseResult(ran.result);
  assertEquals([ran.result.valid, liveness.valid], [false, false]);
  assertEquals([...failureKinds(ran.result)].includes("no-progress"), true);
  assertEquals(liveness.stuck.map(({ node, error, links }) => [node, error?.slice(0, 8), links]), [
    ["n0", "error 11", []],
    ["n1", "error 11", []],
  ]);
});

folderTest("the same node with retransmits makes progress", async (folder) => {
  const ran = await run(folder, passesToken(true));
  assertEquals([ran.result.valid, parseResult(ran.result).liveness.valid], [true, true]);
});

folderTest("nodes that answer but never agree make no progress", async (folder) => {
  const body = `
  const seen = new Set();
  node.on("topology", () => ({}));
  node.on("broadcast", ({ message }) => { seen.add(message); return {}; });
  node.on("read", () => ({ messages: [...seen] }));`;
  const ran = await run(folder, body, "broadcast");
  const { liveness } = parseResult(ran.result);
  assertEquals(liveness.valid, false);
  assert(liveness.stuck.every(({ answer }) => answer !== undefined));
  assertEquals([...failureKinds(ran.result)], ["lost"], "a loss counts before the missing agreement");
});

Deno.test("answers agree if they contain the same values equally often, in any order", () => {
  const isSame = sameAs([3, 1, "1", { a: 1 }, 1]);
  assertEquals(
    [[1, { a: 1 }, 1, "1", 3], [3, 1, "1", { a: 1 }, "1"], [3, 1, "1", { a: 1 }], 3].map(isSame),
    [true, false, false, false],
  );
  assertEquals([7, "7", [7]].map(sameAs(7)), [true, false, false]);
});

Deno.test("links count from their start, and name first the peer that sent nothing back", () => {
  const links = new LinkCounts();
  const send = (src: string, dest: string, type: string) => links.sent({ src, dest, body: { type } });
  send("n0", "n3", "early");
  links.start();
  for (const dest of ["n1", "n2", "n2", "c3"]) send("n0", dest, "vote");
  send("n1", "n0", "vote_ok");
  assertEquals(links.of("n0"), [
    { peer: "n2", sent: 2, received: 0, types: ["vote"] },
    { peer: "n1", sent: 1, received: 1, types: ["vote"] },
  ]);
});

Deno.test("a sweep checks progress by default, and 0 turns the check off", () => {
  const withinOf = (line: string) => planSweep(parseSweep(line.split(" "))).job(1).test.progressWithinS;
  assertEquals(withinOf("-w lin-kv"), 10);
  assertEquals(withinOf("-w lin-kv --progress-within 3"), 3);
  assertEquals(withinOf("-w lin-kv --progress-within 0"), undefined);
});
