import { assertEquals, assertMatch } from "@std/assert";
import { diagnose, type Diagnosis } from "../../../lib/bench/playground/browser/diagnosis.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { jobOfTest } from "../../../lib/bench/worker/job.ts";

async function diagnosisOf(body: string): Promise<Diagnosis | undefined> {
  const code =
    `import { type Node } from "@charybdis/charybdis";\nexport function program(node: Node): void {\n${body}\n}\n`;
  const parsed = parseTest("--virtual -w echo --node-count 2 --rate 10 --time-limit 2".split(" "));
  const worker = new BenchWorker();
  try {
    return diagnose(
      await worker.run({
        ...jobOfTest(parsed, { seed: 1, keepMessages: false, keepHistory: "always" }),
        code,
      }),
    );
  } finally {
    worker.stop();
  }
}

Deno.test("a node that does not work is explained in one sentence", async () => {
  const said = async (body: string) => (await diagnosisOf(body))?.text ?? "";
  assertEquals(await diagnosisOf('node.on("echo", ({ echo }) => ({ echo }));'), undefined);
  assertMatch(await said('node.on("other", () => ({}));'), /refuses them all.*node\.on/);
  assertMatch(await said('node.on("echo", () => new Promise(() => {}));'), /No request was answered/);
  assertMatch(
    await said('node.on("echo", () => { setTimeout(() => {}, 1); return {}; });'),
    /^n\d: .*node\.after.* more times\.$/,
  );
  assertMatch(await said('node.on("echo", () => { fetch("x"); return {}; });'), /node\.send or node\.rpc/);
  assertMatch(
    await said(
      'node.on("x", ({ i }) => { for (const p of node.peers) { node.send(p, { type: "x" }); node.send(p, { type: "x" }); } });' +
        'node.on("echo", ({ echo }) => { node.send(node.peers[0] ?? "", { type: "x" }); return { echo }; });',
    ),
    /messages|at once|floods/,
  );
});
