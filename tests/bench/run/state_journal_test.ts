import { assert, assertEquals } from "@std/assert";
import { loadProgram } from "../../../lib/bench/cluster/builtin_nodes.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { StateLines } from "../../../lib/bench/run/state_journal.ts";
import { runVirtual } from "../../../lib/bench/run/virtual_run.ts";
import { type Event, NEMESIS } from "../../../lib/checkers/history.ts";
import { WORKLOADS } from "../../../lib/checkers/workloads.ts";
import { soaking } from "../../seeds.ts";

for (const workload of WORKLOADS) {
  Deno.test(`${workload}: a recorded run has the history of the same run without a record`, async () => {
    const line =
      `-w ${workload} --node-count 3 --rate 60 --time-limit 3 --latency 10 --nemesis kill,partition`;
    const { test } = parseTest(["--virtual", ...line.split(" "), "--nemesis-interval", "0.5"]);
    const program = await loadProgram({ workload, args: [] });
    for (let seed = 1; seed <= (soaking ? 20 : 2); seed++) {
      const lines: string[] = [];
      const run = async (isRecorded: boolean) => {
        const history: Event[] = [];
        await runVirtual({
          test,
          seed,
          program,
          storage: true,
          record: (event) => history.push(event),
          ...(isRecorded ? { states: (now) => new StateLines(now, (line) => lines.push(line)) } : {}),
        });
        return history;
      };
      assertEquals(await run(true), await run(false), `seed ${seed}`);
      const killed = (await run(false)).some(({ process, f }) => process === NEMESIS && f === "kill");
      if (killed) assert(lines.some((line) => line.includes('"event":"ended"')));
      if (workload !== "echo") assert(lines.some((line) => line.includes('"set":')), "nodes watch something");
    }
  });
}
