/**
 * The command `charybdis fuzz`, which sweeps seeds with any executable in real time.
 *
 * Tested by `tests/bench/sweep/processes_test.ts`.
 */

import { SEEDS_STATUSES } from "./exit_statuses.ts";
import type { Event } from "../../checkers/history.ts";
import {
  ArgumentError,
  describeSettings,
  flag,
  number,
  parseSettings,
  text,
} from "../../runtime/settings.ts";
import { caseOf, jobOf, verdictForSweep } from "../replay/case.ts";
import { say } from "../terminal/output.ts";
import { findExecutable, optionsOf } from "../cluster/executable.ts";
import { countOperations, type JobResult } from "../worker/job.ts";
import { type EndSignal, Interruption, SIGNAL_STATUS } from "../run/interruption.ts";
import { needDisk } from "../nemesis/faults.ts";
import { splitArguments } from "../run/node_arguments.ts";
import { OPTION_ALIASES, type TestOptions, testOptions, testSettings } from "../run/options.ts";
import { plural } from "../format.ts";
import type { Schedule } from "../run/schedule.ts";
import { shrink } from "../replay/shrink.ts";
import { eventLine } from "../store/format.ts";
import { STORE_DEFAULT } from "../store/run_store.ts";
import { EXIT } from "../exit_status.ts";
import { unjudged } from "../run/verdict.ts";
import { runProcesses } from "../run/process_run.ts";
import { keepFailure, sayShrunk, sayVerdict } from "../sweep/failures.ts";
import { decisiveKinds, finalsNeeded, hasSameFailure } from "../sweep/shrink_run.ts";
import { seedsSetting } from "../sweep/settings.ts";
import { explicitOptions, randomizeOptions } from "../sweep/random_options.ts";
import { BenchWorker } from "../worker/handle.ts";
import { startWatchdog } from "../worker/watchdog.ts";
import { registeredWorkload } from "../workloads/registry.ts";

const settings = {
  ...testSettings,
  bin: text({ syntax: "FILE", description: "Executable that runs a node." }),
  seeds: seedsSetting,
  shrinkTries: number(20, {
    min: 0,
    max: 10_000,
    whole: true,
    description: "Maximum number of smaller runs tried to shrink a failing run.",
  }),
  repeat: number(3, {
    min: 1,
    max: 100,
    whole: true,
    description: "Number of attempts per smaller run before it counts as passing.",
  }),
  noData: flag(false, { description: "Gives nodes no disk, even when they are killed." }),
  store: text({ syntax: "DIR", description: "Directory for failing runs. Default: store." }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Runs the command and returns its exit status. */
export async function fuzzCommand(args: readonly string[]): Promise<number> {
  const { own, nodeArguments } = splitArguments(args);
  const given = new Set<string>();
  const values = parseSettings(settings, own, { alias: OPTION_ALIASES, given });
  if (values.help) {
    say(usage());
    return 0;
  }
  if (values.bin === undefined) {
    throw new ArgumentError("--bin FILE is missing: the executable that runs a node");
  }
  const bin = findExecutable(values.bin);
  const base = testOptions(values, { lenient: !given.has("concurrency") });
  const fixed = explicitOptions(given);
  const stores = !values.noData && needDisk(base.faults) && (await optionsOf(bin)).has("--data");
  const { from, to } = values.seeds ?? { from: 1, to: 10 };
  let inconclusive = 0;
  const interruption = new Interruption();
  const worker = new BenchWorker();
  const runner = { bin, nodeArguments, stores, interruption, worker };
  try {
    for (let seed = from; seed <= to; seed++) {
      const test = randomizeOptions(base, { seed, fixed, concurrency: values.concurrency });
      const ran = await runSeed(runner, { test, seed });
      if (interruption.signal !== undefined) {
        return interrupted(interruption.signal, { tried: seed - from, of: to - from + 1 });
      }
      const verdict = verdictForSweep(ran.result);
      say(`seed ${seed}: ${plural(ran.operations, "operation")}, ${inWord(verdict)}`, "stderr");
      if (verdict === "inconclusive") inconclusive++;
      if (verdict === true || verdict === "inconclusive") continue;
      await report({ runner, test, seed, ran, args, values });
      if (interruption.signal !== undefined) return SIGNAL_STATUS[interruption.signal];
      return verdict === false ? EXIT.invalid : EXIT.unknown;
    }
    const little = inconclusive === 0
      ? ""
      : `; ${inconclusive} inconclusive, because too few operations succeeded`;
    say(`${plural(to - from + 1, "seed")}: none is invalid${little}`);
    return EXIT.valid;
  } finally {
    worker.stop();
  }
}

/** Prints the progress at the time of a signal, and returns the exit status. */
function interrupted(
  signal: EndSignal,
  { tried, of }: { readonly tried: number; readonly of: number },
): number {
  say(`Interrupted by ${signal}: ${tried} of ${plural(of, "seed")} were tried, and none is invalid.`);
  return SIGNAL_STATUS[signal];
}

function inWord(verdict: ReturnType<typeof verdictForSweep>): string {
  if (verdict === "inconclusive") return "inconclusive";
  return verdict === true ? "valid" : verdict === false ? "invalid" : verdict;
}

interface Runner {
  readonly bin: string;
  readonly nodeArguments: readonly string[];
  /** True if nodes get a directory for their state. */
  readonly stores: boolean;
  readonly interruption: Interruption;
  /** Judges the runs, within the limits of a check. */
  readonly worker: BenchWorker;
}

async function runSeed(
  { bin, nodeArguments, stores, interruption, worker }: Runner,
  { test, seed, schedule }: {
    readonly test: TestOptions;
    readonly seed: number;
    readonly schedule?: Schedule;
  },
): Promise<JobResult> {
  const history: Event[] = [];
  const began = performance.now();
  const folder = Deno.makeTempDirSync({ prefix: "charybdis-" });
  const path = `${folder}/history.jsonl`;
  const { source } = registeredWorkload(test.workload);
  const watchdog = source && startWatchdog(source, { name: `seed ${seed}`, temporary: folder });
  try {
    const observations = await runProcesses({
      test,
      seed,
      bin,
      args: () => stores ? [...nodeArguments, "--data", `${folder}/data`] : nodeArguments,
      schedule,
      record: (event) => history.push(event),
      stderr: () => {},
      entered: watchdog?.entered,
      interruptible: (interrupt) => void interruption.asked.then(interrupt),
    });
    const lines = history.map(eventLine);
    Deno.writeTextFileSync(path, lines.map((line) => `${line}\n`).join(""));
    const judged = observations.interrupted
      ? undefined
      : await interruption.orSignal(worker.run({ kind: "judge", test, observations, path }));
    return {
      result: judged?.result ?? unjudged("the run was interrupted"),
      history: lines,
      faultSchedule: observations.faultSchedule,
      operations: countOperations(history),
      tookMs: performance.now() - began,
      checkMs: 0,
      events: 0,
      ...(judged?.hasHung === true ? { hasHung: true } : {}),
    };
  } finally {
    watchdog?.stop();
    Deno.removeSync(folder, { recursive: true });
  }
}

/**
 * Shrinks by repetition. In real time the choices do not determine a run, so each candidate gets several attempts to fail.
 */
async function report({ runner, test, seed, ran, args, values }: {
  readonly runner: Runner;
  readonly test: TestOptions;
  readonly seed: number;
  readonly ran: JobResult;
  readonly args: readonly string[];
  readonly values: {
    readonly store: string | undefined;
    readonly shrinkTries: number;
    readonly repeat: number;
  };
}): Promise<void> {
  const { nodeArguments, stores: storage } = runner;
  const job = jobOf({ test, seed, nodeArguments, storage });
  const whole = caseOf(job, ran);
  const signs = decisiveKinds(whole.failure);
  let last = ran;
  const { smallest, tries } = await shrink(whole, async (candidate) => {
    for (let i = 0; i < values.repeat; i++) {
      const tried = await runSeed(runner, { ...candidate, seed });
      if (runner.interruption.signal !== undefined) return false;
      if (hasSameFailure(tried, signs)) {
        last = tried;
        return true;
      }
    }
    return false;
  }, {
    // A run whose verdict is unknown shows no failure that a smaller run could share.
    triesMax: ran.hasHung || whole.failure.length === 0 ? 0 : values.shrinkTries,
    finalsMin: finalsNeeded(signs),
    stopped: () => runner.interruption.signal !== undefined,
    progress: (count, { schedule }) =>
      say(
        `shrinking: ${plural(count, "attempt")}, ${plural(schedule.operations.length, "operation")}`,
        "stderr",
      ),
  });
  const shrunk = { recorded: { ...whole, ...smallest }, ran: last, tries };
  const kept = keepFailure(values.store ?? STORE_DEFAULT, { ...shrunk, command: "fuzz", argv: args });
  sayShrunk(job, shrunk);
  sayVerdict(shrunk, kept.directory);
}

function usage(): string {
  return [
    "Usage: charybdis fuzz -w WORKLOAD --bin FILE --seeds A..B [options] [-- arguments of the node]",
    "",
    "Runs an executable in real time with the operations and faults of each seed, and stops at the first that is",
    "not valid. A seed does not determine a process, so a smaller run counts as failing if it fails in one of several attempts.",
    "",
    describeSettings(settings),
    "",
    SEEDS_STATUSES,
  ].join("\n");
}
