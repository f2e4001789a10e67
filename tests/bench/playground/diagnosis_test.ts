import { assertEquals, assertMatch } from "@std/assert";
import { diagnose, type Diagnosis } from "../../../lib/bench/playground/browser/diagnosis.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { jobOfTest } from "../../../lib/bench/worker/job.ts";
import { isInSlice } from "../../seeds.ts";

const worker = new BenchWorker();

Deno.test.afterAll(() => worker.stop());

async function diagnosisOf(body: string): Promise<Diagnosis | undefined> {
  const code =
    `import { type Node } from "@charybdis/charybdis";\nexport function program(node: Node): void {\n${body}\n}\n`;
  const parsed = parseTest("--virtual -w echo --node-count 2 --rate 10 --time-limit 2".split(" "));
  const job = { ...jobOfTest(parsed, { seed: 1, keepMessages: false, keepHistory: "always" }), code };
  return diagnose(await worker.run(job));
}

Deno.test({
  name: "a node that does not work is explained in one sentence",
  // The worker outlives the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: explained,
});

async function explained(): Promise<void> {
  const said = async (body: string) => (await diagnosisOf(body))?.text ?? "";
  assertEquals(await diagnosisOf('node.on("echo", ({ echo }) => ({ echo }));'), undefined);
  assertMatch(await said('node.on("other", () => ({}));'), /refuses them all.*node\.on/);
  assertMatch(await said('node.on("echo", () => new Promise(() => {}));'), /No request was answered/);
  assertMatch(
    await said('node.on("echo", () => { setTimeout(() => {}, 1); return {}; });'),
    /^n\d: .*node\.after.* more times\.$/,
  );
  assertMatch(await said('node.on("echo", () => { fetch("x"); return {}; });'), /node\.send or node\.rpc/);
}

Deno.test({
  name: "a node whose events take no time is explained in one sentence",
  ignore: !isInSlice(0, 3),
  // The worker outlives the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const flood = await diagnosisOf(
      'node.on("echo", () => { const again = () => node.after(0, again); again(); return {}; });',
    );
    assertMatch(flood?.text ?? "", /^n\d: .*events.* node\.after and a delay\.$/);
  },
});
