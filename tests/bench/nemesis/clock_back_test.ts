import { assert, assertEquals } from "@std/assert";
import { folderTest } from "../../folder.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { jobOfTest, type JobResult } from "../../../lib/bench/worker/job.ts";
import { NodeClock } from "../../../lib/sim/node_clock.ts";
import { VirtualClock } from "../../../lib/sim/virtual_clock.ts";

Deno.test("a clock that jumps back delays its timers, and stops at its origin", () => {
  const base = new VirtualClock();
  const clock = new NodeClock(base);
  const fired: number[] = [];
  base.after(100, () => clock.jumpBack(40));
  clock.after(150, () => fired.push(base.now()));
  base.after(120, () => fired.push(clock.now()));
  while (base.step());
  assertEquals(fired, [80, 190]);
  clock.jumpBack(1e9);
  assertEquals(clock.now(), 0);
});

/** A node that answers with its time, and notes when it went back. */
const MODULE = `
import type { Node } from "@charybdis/charybdis";

export function clocks(node: Node): void {
  let last = 0;
  node.on("generate", () => {
    if (node.now() < last) node.log("the time went back");
    last = Math.max(last, node.now());
    return { id: node.random.id() };
  });
}
`;

async function run(faults: string, folder: string): Promise<JobResult> {
  const module = `${folder}/node.ts`;
  Deno.writeTextFileSync(module, MODULE);
  const line = `--virtual -w unique-ids --module ${module} --node-count 3 --rate 50 --time-limit 10 ` +
    `--faults ${faults} --nemesis-interval 1`;
  const worker = new BenchWorker();
  try {
    const job = jobOfTest(parseTest(line.split(" ")), {
      seed: 1,
      keepMessages: false,
      keepHistory: "always",
    });
    return await worker.run(job);
  } finally {
    worker.stop();
  }
}

folderTest("nodes see their time go back under the fault, and never without it", async (folder) => {
  const back = await run("clock-back", folder);
  assertEquals(back.result.valid, true);
  const lines = [...back.logs?.values() ?? []].flat().filter((line) => line.includes("went back"));
  assert(lines.length > 2, `${lines.length} jumps`);
  const plain = await run("clock", folder);
  assertEquals([...plain.logs?.values() ?? []].flat().filter((line) => line.includes("went back")), []);
});
