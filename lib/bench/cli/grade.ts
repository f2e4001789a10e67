/**
 * The command `charybdis grade`, which runs every challenge's lines and prints one table.
 *
 * Tested by `tests/bench/grade/grade_test.ts`.
 */

import {
  ArgumentError,
  choice,
  custom,
  describeSettings,
  flag,
  list,
  number,
  parseSettings,
  repeated,
  text,
  unknownName,
} from "../../runtime/settings.ts";
import { say, styleFor } from "../terminal/output.ts";
import { optionsOf } from "../cluster/executable.ts";
import { isFile, writeText } from "../store/files.ts";
import { type EndSignal, SIGNAL_STATUS } from "../run/interruption.ts";
import { plural } from "../format.ts";
import { type GivenOptions, makeTest, printTest } from "../run/command_line.ts";
import { STORE_DEFAULT } from "../store/run_store.ts";
import { WorkerPool } from "../worker/pool.ts";
import { runTest } from "./test.ts";
import { EXIT } from "../run/verdict.ts";
import { type Challenge, CHALLENGES, type ChallengeTest } from "../grade/challenges.ts";
import { type Grade, gradeChallenge, gradeToJson, type RunWithResult } from "../grade/grade.ts";
import { findMaelstrom, runMaelstrom } from "../grade/maelstrom.ts";
import { tableHead, tableRow } from "../grade/table.ts";
import { parseResult } from "../store/parse_result.ts";

/** Lines wait for their clients most of the time, so that a CPU suffices for several. */
const JOBS_PER_CPU = 3;

const settings = {
  only: list<string>([], {
    syntax: "ID,…",
    description: `Challenges to grade: ${CHALLENGES.map(({ id }) => id).join(", ")}; 3 means all of 3.`,
    parse: (given) => given === "" ? undefined : given,
  }),
  binDir: text({
    syntax: "DIR",
    description: "Folder with the executables, named like the workloads. Default: bin.",
  }),
  map: list<readonly [string, string]>([], {
    syntax: "ID=FILE,…",
    description: "Executable of a challenge, instead of the one in the folder: 3d=./mine.",
    parse: (given) => {
      const [id = "", file = ""] = given.split(/=(.*)/s);
      return id === "" || file === "" ? undefined : [id, file];
    },
  }),
  nodeArgs: repeated<NodeArguments>({
    syntax: 'ID="…"',
    description:
      'Arguments for the nodes of a challenge: 3e="--max-latency-ms 1900". Repeatable. Executables ' +
      "made with this library do not need it.",
    parse: (given) => {
      const [id = "", line = ""] = given.split(/=(.*)/s);
      return id === "" ? undefined : [id, line.split(/\s+/).filter((word) => word !== "")];
    },
  }),
  jobs: number(Math.min(16, JOBS_PER_CPU * navigator.hardwareConcurrency), {
    min: 1,
    max: 16,
    whole: true,
    description: "Number of lines that run at a time. Lines whose latencies are judged always run alone.",
  }),
  repeat: number(1, {
    min: 1,
    max: 1000,
    whole: true,
    description: "Number of runs per line. A challenge passes if all of its runs pass.",
  }),
  seed: custom({
    syntax: "0…2^53",
    description:
      "Seed of all random draws, incremented with each repetition. Default: a random seed per run.",
    parse: (given) => /^\d+$/.test(given) && Number.isSafeInteger(Number(given)) ? Number(given) : undefined,
  }),
  virtual: flag(false, { description: "Runs the built-in nodes in virtual time, instead of executables." }),
  bench: choice("charybdis", {
    options: ["charybdis", "maelstrom"],
    description: "Test bench: this one, or real Maelstrom.",
  }),
  store: text({ syntax: "DIR", description: "Directory for results. Default: store." }),
  json: text({
    syntax: "FILE",
    description: "File for the grades as JSON; - means stdout, without a table.",
  }),
  help: flag(false, { description: "Shows this." }),
} as const;

type Values = ReturnType<typeof parseSettings<typeof settings>>;

/** The arguments that the command line gives to the nodes of each challenge. */
type NodeArguments = readonly [id: string, args: readonly string[]];

/** Runs the command and returns its exit status: see its usage. */
export async function gradeCommand(args: readonly string[]): Promise<number> {
  const values = parseSettings(settings, args);
  if (values.help) {
    say(usage());
    return 0;
  }
  const challenges = chosen(values.only);
  for (const [id] of [...values.map, ...values.nodeArgs]) {
    if (!CHALLENGES.some((each) => each.id === id)) throw unknownId(id);
  }
  const maelstrom = values.bench === "maelstrom" ? findMaelstrom() : undefined;
  const began = performance.now();
  const quiet = values.json === "-";
  const style = styleFor("stdout");
  if (!quiet) say(tableHead(style));
  const workers = new WorkerPool();
  const { grades, signal } = await gradeAll(challenges, {
    jobs: values.virtual ? Math.min(values.jobs, navigator.hardwareConcurrency) : values.jobs,
    repeat: values.repeat,
    run: (challenge, line, repetition) =>
      runChallengeTest(challenge, line, { values, maelstrom, repetition, workers }),
    graded: (challenge, grade) => {
      if (!quiet) say(tableRow(challenge, grade, style));
    },
  }).finally(() => workers.stop());
  const report = JSON.stringify({ challenges: grades.map(gradeToJson) }, undefined, 1);
  if (quiet) say(report);
  else {
    if (values.json !== undefined) writeText(values.json, `${report}\n`);
    say(closing({ grades, seconds: (performance.now() - began) / 1000 }));
  }
  if (signal !== undefined) {
    if (!quiet) say(`Interrupted by ${signal}: ${grades.length} of ${challenges.length} were graded.`);
    return SIGNAL_STATUS[signal];
  }
  if (grades.some(isMissing)) return EXIT.unknown;
  return grades.every(({ passed }) => passed) ? EXIT.valid : EXIT.invalid;
}

function chosen(only: readonly string[]): readonly Challenge[] {
  if (only.length === 0) return CHALLENGES;
  for (const id of only) if (!CHALLENGES.some((each) => each.id.startsWith(id))) throw unknownId(id);
  return CHALLENGES.filter(({ id }) =>
    only.some((wanted) => id === wanted || (/^\d$/.test(wanted) && id.startsWith(wanted)))
  );
}

function unknownId(id: string): ArgumentError {
  return unknownName("challenge", id, CHALLENGES.map((each) => each.id));
}

/**
 * Runs all lines, several at a time except those that need the whole machine. Grades each challenge in order, as soon as it and
 * the previous ones are done. A line that two challenges share with the same arguments runs once.
 */
async function gradeAll(challenges: readonly Challenge[], { jobs, repeat, run, graded }: {
  readonly jobs: number;
  readonly repeat: number;
  readonly run: (challenge: Challenge, line: ChallengeTest, repetition: number) => Promise<ChallengeRun>;
  readonly graded: (challenge: Challenge, grade: Grade) => void;
}): Promise<{ readonly grades: readonly Grade[]; readonly signal: EndSignal | undefined }> {
  const once = new Map<string, Promise<RunWithResult>>();
  let signal: EndSignal | undefined;
  const queue: Array<{ readonly exclusive: boolean; readonly start: () => Promise<void> }> = [];
  const runs = new Map(challenges.map((challenge) => [
    challenge,
    challenge.lines.flatMap((line) =>
      Array.from({ length: repeat }, (_, repetition) => ({ line, repetition }))
    ).map((
      { line, repetition },
    ) => {
      const key = JSON.stringify([challenge.workload, line.arguments, challenge.nodeArguments, repetition]);
      let promise = once.get(key);
      if (promise === undefined) {
        const { promise: made, resolve } = Promise.withResolvers<RunWithResult>();
        once.set(key, promise = made);
        const start = async () => {
          if (signal !== undefined) return resolve(notStarted(line));
          const ran = await run(challenge, line, repetition);
          signal ??= ran.signal;
          resolve(ran.run);
        };
        queue.push({ exclusive: challenge.exclusive && line.providesMetrics, start });
      }
      return promise;
    }),
  ]));
  const working = (async () => {
    const others = queue.filter(({ exclusive }) => !exclusive);
    await Promise.all(Array.from({ length: jobs }, async () => {
      for (let next = others.shift(); next !== undefined; next = others.shift()) {
        await next.start();
      }
    }));
    for (const { exclusive, start } of queue) if (exclusive) await start();
  })();
  const grades: Grade[] = [];
  for (const challenge of challenges) {
    const done = await Promise.all(runs.get(challenge) ?? []);
    // A challenge that a signal interrupted has no grade.
    if (done.some(({ problem }) => problem === "interrupted")) continue;
    const grade = gradeChallenge(challenge, done, { repeat });
    grades.push(grade);
    graded(challenge, grade);
  }
  await working;
  return { grades, signal };
}

/** A run of a line, and the signal that ended it, if any. */
interface ChallengeRun {
  readonly run: RunWithResult;
  readonly signal?: EndSignal | undefined;
}

/** Returns the run of a line that a signal prevented. */
function notStarted(line: ChallengeTest): RunWithResult {
  const base = {
    arguments: line.arguments,
    nodeArguments: [],
    store: null,
    seconds: 0,
    result: undefined,
  };
  return { ...base, valid: "unknown", problem: "interrupted" };
}

async function runChallengeTest(
  challenge: Challenge,
  line: ChallengeTest,
  { values, maelstrom, repetition, workers }: {
    readonly workers: WorkerPool;
    readonly values: Values;
    readonly maelstrom: string | undefined;
    readonly repetition: number;
  },
): Promise<ChallengeRun> {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 100) / 10;
  const store = values.store ?? STORE_DEFAULT;
  const bin = Object.fromEntries(values.map)[challenge.id] ??
    `${values.binDir ?? "bin"}/${challenge.workload}`;
  const nodeArguments = await nodeArgumentsOf(challenge, { bin, values });
  const base = { arguments: line.arguments, nodeArguments };
  try {
    if (!values.virtual && !isFile(bin)) {
      return {
        run: {
          ...base,
          valid: "unknown",
          store: null,
          seconds: 0,
          problem: "no-executable",
          error:
            `executable not found: ${bin}. Build it with make, or name yours with --map ${challenge.id}=FILE`,
          result: undefined,
        },
      };
    }
    if (maelstrom !== undefined) {
      const directory = `${store}/maelstrom/${challenge.id}${line.providesMetrics ? "" : "-faults"}`;
      const ran = await runMaelstrom(maelstrom, {
        ...base,
        directory,
        bin: Deno.realPathSync(bin),
        nodeArguments,
      });
      const { valid = "unknown" } = parseResult(ran.result);
      return {
        run: {
          ...base,
          valid,
          ...ran,
          seconds: seconds(),
        },
      };
    }
    const options: GivenOptions = {
      ...line.options,
      ...(values.virtual ? { virtual: true } : { bin }),
      seed: values.seed === undefined ? undefined : values.seed + repetition,
      store,
    };
    const tested = await runTest(makeTest(options, nodeArguments), printTest(options, nodeArguments), {
      workers,
      quiet: true,
    });
    const { result, signal } = tested;
    return {
      signal,
      run: {
        ...base,
        valid: result.valid,
        store: tested.store?.directory ?? null,
        seconds: seconds(),
        ...(signal === undefined ? {} : { problem: "interrupted", error: `ended by ${signal}` }),
        ...(result.faults === undefined ? {} : { faults: result.faults }),
        result,
      },
    };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      run: {
        ...base,
        valid: "unknown",
        store: null,
        seconds: seconds(),
        error: error.message,
        result: undefined,
      },
    };
  }
}

/**
 * Returns the arguments of a challenge's nodes: those of the command line, or else the challenge's own. The latter suit only
 * this project's nodes, so an executable gets them only if it includes this library and its help lists each option.
 */
async function nodeArgumentsOf(
  { id, nodeArguments }: Challenge,
  { bin, values }: { readonly bin: string; readonly values: Values },
): Promise<readonly string[]> {
  const given = values.nodeArgs.find(([each]) => each === id);
  if (given !== undefined) return given[1];
  if (values.virtual || nodeArguments.length === 0 || !isFile(bin)) return nodeArguments;
  const known = await optionsOf(bin);
  return nodeArguments.every((arg) => !arg.startsWith("--") || known.has(arg)) ? nodeArguments : [];
}

function isMissing({ runs }: Grade): boolean {
  return runs.some(({ problem }) => problem === "no-executable");
}

function closing(
  { grades, seconds }: { readonly grades: readonly Grade[]; readonly seconds: number },
): string {
  const passed = grades.filter((grade) => grade.passed).length;
  const given = grades.flatMap(({ id, runs }) => {
    const args = runs[0]?.nodeArguments ?? [];
    return args.length === 0 ? [] : [`${id}: -- ${args.join(" ")}`];
  });
  return [
    ...(given.length === 0
      ? []
      : [`Extra arguments of nodes (pass them to Maelstrom as well): ${given.join("; ")}.`]),
    `${passed} of ${plural(grades.length, "challenge")} passed in ${seconds.toFixed(0)} s.`,
  ].join("\n");
}

function usage(): string {
  return [
    "Usage: charybdis grade [options]",
    "",
    "Runs the lines of every Fly.io challenge and prints which challenges pass.",
    describeSettings(settings),
    "",
    "Exit status: 0 all passed, 1 one failed, 2 an executable is missing, 254 wrong arguments, 255 the bench failed,",
    "129, 130 or 143 ended by SIGHUP, SIGINT or SIGTERM.",
  ].join("\n");
}
