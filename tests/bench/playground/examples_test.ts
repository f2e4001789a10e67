import { assertEquals } from "@std/assert";
import { WORKLOADS } from "../../../lib/checkers/workloads.ts";
import { OFFERED } from "../../../lib/bench/cluster/module/offered.ts";
import { argsOf, EXAMPLES } from "../../../lib/bench/playground/examples.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { jobOfTest } from "../../../lib/bench/worker/job.ts";
import { sliceOf } from "../../seeds.ts";

Deno.test("the playground offers each module that a node of this project imports", () => {
  const folder = new URL("../../../nodes/", import.meta.url);
  const missing = [...Deno.readDirSync(folder)].flatMap(({ name }) => {
    const text = Deno.readTextFileSync(new URL(name, folder));
    return [...text.matchAll(/^import .*? from "([^"]+)";$/gm)].map(([, path = ""]) => path).filter((path) =>
      !OFFERED.has(path)
    );
  });
  assertEquals(missing, []);
});

for (const workload of sliceOf(WORKLOADS, 4)) {
  Deno.test(`each thing to try with ${workload} has the verdict that it promises`, async () => {
    const worker = new BenchWorker();
    const source = Deno.readTextFileSync(
      new URL(`../../../nodes/${workload.replaceAll("-", "_")}.ts`, import.meta.url),
    );
    try {
      const example = EXAMPLES[workload];
      for (const each of example.tries) {
        const parsed = parseTest(["--virtual", "-w", workload, ...argsOf(example, each)]);
        const { interventions = [], edit } = each;
        const job = jobOfTest(parsed, {
          seed: 1,
          keepMessages: false,
          keepHistory: "invalid",
          interventions,
        });
        if (edit !== undefined) assertEquals(source.split(edit[0]).length, 2, edit[0]);
        const code = edit === undefined ? {} : { code: source.replace(...edit) };
        const { result } = await worker.run({ ...job, ...code });
        assertEquals(result.valid, each.valid, each.text);
      }
    } finally {
      worker.stop();
    }
  });
}
