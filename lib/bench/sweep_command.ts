/** `charybdis sweep`: the same test under many seeds, in virtual time. */

import { mergeValidity, type Validity } from "../checkers/result.ts";
import { describeSettings, flag, number, parsed, parseSettings, text } from "../runtime/settings.ts";
import { say, styleFor } from "./console.ts";
import type { JobResult, VirtualJob } from "./job.ts";
import { ALL_FAULTS, FAULT_KINDS, type FaultKind } from "./nemesis.ts";
import { parseFaults, type TestOptions, testOptions, testSettings } from "./options.ts";
import { fileHead, makeRunStore } from "./store.ts";
import { summarize } from "./summary.ts";
import { exitStatus } from "./verdict.ts";
import { BenchWorker } from "./workers.ts";
import { STORE_DEFAULT } from "./test_command.ts";

const PROGRESS_MS = 1000;

/** What a sweep's test is like where the command line says nothing: short, busy, and often disturbed. */
const defaults = {
  timeLimit: { ...testSettings.timeLimit, default: 10 },
  rate: { ...testSettings.rate, default: 50 },
  latency: { ...testSettings.latency, default: 10 },
  nemesisInterval: { ...testSettings.nemesisInterval, default: 2 },
} as const;

const { nemesis: _nemesis, ...shape } = testSettings;

const settings = {
  ...shape,
  ...defaults,
  seeds: parsed<{ readonly from: number; readonly to: number }>({
    form: "A..B",
    about: "The seeds, both ends included. Default: 1..100.",
    parse: parseSeeds,
  }),
  faults: parsed<readonly FaultKind[]>({
    form: "none|all|FAULT,…",
    about: `The faults that are injected: none (the default), all (${ALL_FAULTS.join(", ")}), or some of ${
      FAULT_KINDS.join(", ")
    }.`,
    parse: parseFaults,
  }),
  jobs: number(navigator.hardwareConcurrency, {
    min: 1,
    max: 256,
    whole: true,
    about: "How many run at a time.",
  }),
  keepGoing: flag(false, { about: "Does not stop at the first seed that is not valid." }),
  node: text({ form: "MODULE", about: "A node's module, in place of the built-in one." }),
  noData: flag(false, { about: "Gives nodes no disk, even when they are killed." }),
  store: text({ form: "DIR", about: "Where failing runs are kept. Default: store." }),
  json: flag(false, { about: "Prints the result as JSON, and nothing else, on stdout." }),
  help: flag(false, { about: "Shows this." }),
} as const;

/** What a sweep found. */
export interface SweepResult {
  /** How many seeds were run. */
  readonly seeds: number;
  /** The seeds whose run was invalid. */
  readonly invalid: readonly number[];
  /** The seeds of which nothing could be said. */
  readonly unknown: readonly number[];
  /** How many operations clients began, over all seeds. */
  readonly operations: number;
}

/** Runs the command and returns its exit status. */
export async function sweepCommand(args: readonly string[]): Promise<number> {
  const cut = args.indexOf("--");
  const nodeArguments = cut < 0 ? [] : args.slice(cut + 1);
  const values = parseSettings(settings, cut < 0 ? args : args.slice(0, cut), { alias: { w: "workload" } });
  if (values.help) {
    say(usage());
    return 0;
  }
  const test: TestOptions = { ...testOptions({ ...values, nemesis: [] }), faults: values.faults ?? [] };
  const { from, to } = values.seeds ?? { from: 1, to: 100 };
  const began = performance.now();
  const found = await sweep({
    seeds: { from, to },
    jobs: values.jobs,
    keepGoing: values.keepGoing,
    job: (seed) => ({
      kind: "virtual",
      test,
      seed,
      nodeArguments,
      module: values.node,
      storage: test.faults.includes("kill") && !values.noData,
      keepHistory: "invalid",
      keepMessages: false,
    }),
    progress: (done, result) => progress(done, { of: to - from + 1, began, operations: result.operations }),
  });
  const { failures, ...result } = found;
  for (const [seed, failure] of failures) {
    keepFailure({ seed, failure, test, argv: args, nodeArguments, values });
  }
  const seconds = (performance.now() - began) / 1000;
  if (values.json) say(JSON.stringify(result));
  else say(describe(result, seconds));
  const verdicts: Validity[] = [result.invalid.length === 0, result.unknown.length === 0 || "unknown"];
  return exitStatus(mergeValidity(verdicts));
}

/** Runs seeds on several workers. Without `keepGoing`, none begins after the first that is not valid. */
export async function sweep(options: {
  readonly seeds: { readonly from: number; readonly to: number };
  readonly jobs: number;
  readonly keepGoing: boolean;
  readonly job: (seed: number) => VirtualJob;
  readonly progress?: (done: number, result: SweepResult) => void;
}): Promise<SweepResult & { readonly failures: ReadonlyMap<number, JobResult> }> {
  const { seeds: { from, to }, keepGoing } = options;
  const failures = new Map<number, JobResult>();
  const invalid: number[] = [];
  const unknown: number[] = [];
  let next = from;
  let seeds = 0;
  let operations = 0;
  const summary = () => ({
    seeds,
    operations,
    invalid: [...invalid].sort(order),
    unknown: [...unknown].sort(order),
  });
  const work = async () => {
    const worker = new BenchWorker();
    try {
      while (next <= to && (keepGoing || failures.size === 0)) {
        const seed = next++;
        const result = await worker.run(options.job(seed));
        seeds++;
        operations += result.operations;
        if (result.result.valid === false) invalid.push(seed);
        if (result.result.valid === "unknown") unknown.push(seed);
        if (result.result.valid !== true) failures.set(seed, result);
        options.progress?.(seeds, summary());
      }
    } finally {
      worker.stop();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, to - from + 1) }, work));
  return { ...summary(), failures };
}

function order(a: number, b: number): number {
  return a - b;
}

let shown = 0;

function progress(
  done: number,
  { of, began, operations }: { readonly of: number; readonly began: number; readonly operations: number },
): void {
  const now = performance.now();
  if (now - shown < PROGRESS_MS) return;
  shown = now;
  const perMinute = done / (now - began) * 60_000;
  const leftS = (of - done) / perMinute * 60;
  say(
    `${done} of ${of} seeds, ${operations} operations, ${perMinute.toFixed(0)} seeds/min, ${
      leftS.toFixed(0)
    } s left`,
    "stderr",
  );
}

function keepFailure({ seed, failure, test, argv, nodeArguments, values }: {
  readonly seed: number;
  readonly failure: JobResult;
  readonly test: TestOptions;
  readonly argv: readonly string[];
  readonly nodeArguments: readonly string[];
  readonly values: { readonly store: string | undefined; readonly json: boolean };
}): void {
  const started = new Date();
  const store = makeRunStore(values.store ?? STORE_DEFAULT, { workload: test.workload, started });
  const head = {
    ...fileHead(),
    argv,
    test,
    nodeArguments,
    seed,
    virtual: true,
    started: started.toISOString(),
  };
  store.writeJson("test.json", { ...head, state: "done", valid: failure.result.valid });
  store.writeJson("results.json", failure.result);
  store.writeText("history.jsonl", (failure.history ?? []).map((line) => `${line}\n`).join(""));
  for (const [node, lines] of failure.logs ?? []) {
    store.writeText(`node-logs/${node}.log`, `${lines.join("\n")}\n`);
  }
  if (values.json) return;
  const lines = summarize(failure.result, { test, style: styleFor("stdout"), seed, store: store.directory });
  for (const line of [...lines, ""]) say(line);
}

function describe({ seeds, invalid, unknown, operations }: SweepResult, seconds: number): string {
  const rate = `${(seeds / seconds * 60).toFixed(0)} seeds a minute`;
  const bad = invalid.length === 0 ? "none is invalid" : `invalid: ${invalid.join(", ")}`;
  const unsure = unknown.length === 0 ? "" : `; unknown: ${unknown.join(", ")}`;
  return `${seeds} seeds, ${operations} operations, ${seconds.toFixed(1)} s (${rate}): ${bad}${unsure}`;
}

function parseSeeds(given: string): { readonly from: number; readonly to: number } | undefined {
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(given);
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  return from <= to && Number.isSafeInteger(to) ? { from, to } : undefined;
}

function usage(): string {
  return [
    "Usage: charybdis sweep -w WORKLOAD --seeds A..B [options] [-- arguments of the node]",
    "",
    "Runs a built-in node under many seeds in virtual time, and stops at the first that is not valid.",
    describeSettings(settings),
  ].join("\n");
}
