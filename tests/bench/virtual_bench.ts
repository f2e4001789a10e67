/**
 * Benchmarks of virtual time: `deno bench` gives ms per run. Run as a program, it prints the speed relative to
 * real time, the median over many seeds in one process, and where the time goes.
 */

import type { Event } from "../../lib/checkers/history.ts";
import { parseTest } from "../../lib/bench/run/options.ts";
import { loadProgram } from "../../lib/bench/cluster/builtin_nodes.ts";
import { judge } from "../../lib/bench/run/verdict.ts";
import { runVirtual } from "../../lib/bench/run/virtual_run.ts";

const LINES: Readonly<Record<string, string>> = {
  "echo, 5 nodes, 100 ops/s": "-w echo --node-count 5 --rate 100 --time-limit 20",
  "broadcast, the 3d line": "-w broadcast --node-count 25 --rate 100 --latency 100 --time-limit 20",
  "kafka, the 5b line": "-w kafka --node-count 2 --concurrency 2n --time-limit 20 --rate 1000",
  "lin-kv, 5 nodes, 100 ops/s": "-w lin-kv --node-count 5 --concurrency 10 --rate 100 --time-limit 20",
};

/** The warm-up that is not counted: V8 needs about thirty runs of 3d to optimize. */
const WARM_UP_MS = 4000;

interface Took {
  readonly runMs: number;
  readonly checkMs: number;
  readonly virtualMs: number;
  readonly events: number;
}

async function once(line: string, seed: number): Promise<Took> {
  const { test } = parseTest(["--virtual", ...line.split(" ")]);
  const program = await loadProgram({ workload: test.workload, args: [] });
  const history: Event[] = [];
  const began = performance.now();
  const observations = await runVirtual({
    test,
    seed,
    program,
    storage: false,
    record: (event) => history.push(event),
  });
  const ran = performance.now();
  const { valid } = judge(history, { test, observations });
  if (valid !== true) throw new Error(`${line}, seed ${seed}: ${valid}`);
  const { virtualMs, events } = observations;
  return { runMs: ran - began, checkMs: performance.now() - ran, virtualMs, events };
}

let seed = 0;
for (const [name, line] of Object.entries(LINES)) {
  Deno.bench(`virtual: ${name}`, { group: "virtual", warmup: 5, n: 20 }, async () => {
    await once(line, ++seed);
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

if (import.meta.main) {
  const seeds = Number(Deno.args[0] ?? 20);
  const write = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
  for (const [name, line] of Object.entries(LINES)) {
    const warmAt = performance.now() + WARM_UP_MS;
    for (let i = 1000; performance.now() < warmAt; i++) await once(line, i);
    const took: Took[] = [];
    for (let i = 0; i < seeds; i++) took.push(await once(line, i));
    const factor = median(took.map(({ runMs, checkMs, virtualMs }) => virtualMs / (runMs + checkMs)));
    const part = (of: (each: Took) => number) => median(took.map(of)).toFixed(1);
    const perSecond = median(took.map(({ events, runMs }) => events / runMs * 1000));
    write(
      `${name.padEnd(28)} ${factor.toFixed(0)} × real time: run ${part(({ runMs }) => runMs)} ms, check ` +
        `${part(({ checkMs }) => checkMs)} ms, ${Math.round(perSecond / 1000)}k events/s`,
    );
  }
}
