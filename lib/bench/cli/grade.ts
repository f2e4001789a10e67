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
  kebab,
  list,
  number,
  parseSettings,
  repeated,
  text,
  unknownName,
} from "../../runtime/settings.ts";
import { say, styleFor } from "../terminal/output.ts";
import { isFile, writeText } from "../store/files.ts";
import { Interruption, SIGNAL_STATUS } from "../run/interruption.ts";
import { plural } from "../format.ts";
import { STORE_DEFAULT } from "../store/run_store.ts";
import { WorkerPool } from "../worker/pool.ts";
import { EXIT } from "../exit_status.ts";
import { gradeSubmissions } from "../grade/batch.ts";
import { type Challenge, CHALLENGES } from "../grade/challenges.ts";
import { parseDuration } from "../grade/duration.ts";
import { type Grade, gradeToJson } from "../grade/grade.ts";
import { describeGrading, type Grading, plainGrading, readGrading } from "../grade/grading_file.ts";
import { ownArguments, runLine } from "../grade/line_run.ts";
import { findMaelstrom } from "../grade/maelstrom.ts";
import { type ChallengeRun, gradeAll, type PlannedRun, withoutResult } from "../grade/run_lines.ts";
import { tableHead, tableRow } from "../grade/table.ts";

/** Lines wait for their clients most of the time, so that a CPU suffices for several. */
const JOBS_PER_CPU = 4;

const settings = {
  only: list<string>([], {
    syntax: "ID,…",
    description: `Challenges to grade: ${
      CHALLENGES.map(({ id }) => id).join(", ")
    }. 3 means all of 3, and broadcast all with that workload; also in --map and --node-args.`,
    parse: (given) => given === "" ? undefined : given,
  }),
  binDir: text({
    syntax: "DIR",
    description: "Folder with the executables, named like the workloads. Default: bin.",
  }),
  map: list<readonly [string, string]>([], {
    syntax: "ID=FILE,…",
    description: "Executable of a challenge, instead of the one in the folder: 3=./all,3d=./other.",
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
  grading: text({
    syntax: "FILE",
    description:
      "Grading file: challenges, points, bounds, lines of your own. Default: one point per challenge.",
  }),
  submissions: text({
    syntax: "DIR",
    description: "Grades every student's submission in a folder: a folder, an archive or a program each.",
  }),
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

type Values = ReturnType<typeof parseSettings<typeof settings & typeof submissionSettings>>;

/** The arguments that the command line gives to the nodes of each challenge. */
type NodeArguments = readonly [id: string, args: readonly string[]];

/** The options of `--submissions`. */
const submissionSettings = {
  out: text({ syntax: "DIR", description: "Folder for grades and feedback. Default: grades." }),
  build: text({ syntax: "COMMAND", description: "Command for /bin/sh that builds each submission first." }),
  budget: custom({
    syntax: "8m",
    description: "Time per submission, after which no further line starts. Default: no limit.",
    parse: parseDuration,
  }),
  secret: text({
    syntax: "TEXT",
    description:
      "Text from which the seeds of each student are drawn. Default: CHARYBDIS_SECRET, or a random one, kept in " +
      "DIR/secret.txt.",
  }),
  failFast: flag(true, { description: "Ends a line as soon as its failure is certain." }),
  sandbox: flag(true, { description: "Runs builds and nodes under bubblewrap, without network and rights." }),
  sandboxRead: list<string>([], {
    syntax: "DIR,…",
    description: "Additional folders that sandboxed programs can read, such as that of a language.",
    parse: (given) => given === "" ? undefined : given,
  }),
  resume: flag(false, {
    description: "Takes up an interrupted grading: students with a grade are not graded again.",
  }),
  shard: text({
    syntax: "I/N",
    description: "Shard of the students: 3/16, or auto. `merge` joins the shards.",
  }),
  keepRuns: flag(false, { description: "Keeps all files of all runs, not only the reports of failed ones." }),
} as const;

const all = { ...settings, ...submissionSettings } as const;
const SUBMISSION_KEYS = Object.keys(submissionSettings) as (keyof typeof submissionSettings)[];

/** Runs the command and returns its exit status: see its usage. */
export async function gradeCommand(args: readonly string[]): Promise<number> {
  const given = new Set<string>();
  const parsed = parseSettings(all, args, { given });
  if (parsed.help) {
    say(usage());
    return 0;
  }
  requireCompatible(parsed, given);
  const grading = await gradingOf(parsed);
  const values = {
    ...parsed,
    map: pairPerChallenge(parsed.map, grading),
    nodeArgs: pairPerChallenge(parsed.nodeArgs, grading),
  };
  if (values.submissions !== undefined) {
    return await gradeSubmissions(grading, { ...values, submissions: values.submissions });
  }
  const maelstrom = values.bench === "maelstrom" ? findMaelstrom() : undefined;
  using _interruption = new Interruption(); // also between the lines, until the table is complete
  const began = performance.now();
  const quiet = values.json === "-";
  const style = styleFor("stdout");
  if (!quiet) say(tableHead(style));
  const workers = new WorkerPool();
  const { grades: graded, signal } = await gradeAll(grading.challenges, {
    jobs: values.virtual ? Math.min(values.jobs, navigator.hardwareConcurrency) : values.jobs,
    virtual: values.virtual,
    run: (planned) => runPlanned(planned, { values, maelstrom, workers }),
    keyOf: ({ challenge, line, repetition }) =>
      JSON.stringify([
        executableOf(challenge, values),
        line.arguments,
        givenArguments(challenge, values) ?? challenge.nodeArguments,
        repetition,
      ]),
    graded: ({ challenge, grade }) => {
      if (!quiet) say(tableRow(challenge, grade, style));
    },
  }).finally(() => workers.stop());
  const grades = graded.map(({ grade }) => grade);
  const report = JSON.stringify({ challenges: grades.map(gradeToJson) }, undefined, 1);
  if (quiet) say(report);
  else {
    if (values.json !== undefined) writeText(values.json, `${report}\n`);
    say(closing({ grades, seconds: (performance.now() - began) / 1000 }));
  }
  if (signal !== undefined) {
    if (!quiet) {
      say(`Interrupted by ${signal}: ${grades.length} of ${grading.challenges.length} were graded.`);
    }
    return SIGNAL_STATUS[signal];
  }
  if (grades.some(isMissing)) return EXIT.unknown;
  return grades.every(({ passed }) => passed) ? EXIT.valid : EXIT.invalid;
}

/** Throws `ArgumentError` if an option would be ignored because of another one. `given` are the keys that have a value. */
function requireCompatible(values: Values, given: ReadonlySet<string>): void {
  const ignored = (keys: readonly (keyof Values)[]) =>
    keys.find((key) => given.has(key) || all[key].default !== values[key]);
  const name = (key: keyof Values) => `--${all[key].default === true ? "no-" : ""}${kebab(key)}`;
  if (values.submissions === undefined) {
    const key = ignored(SUBMISSION_KEYS);
    if (key !== undefined) throw new ArgumentError(`${name(key)} needs --submissions`);
  } else {
    const key = ignored(["virtual", "binDir", "bench", "store", "json", "seed"]);
    if (key !== undefined) {
      throw new ArgumentError(
        `--submissions and ${
          name(key)
        } exclude each other: each student's own nodes run, and --out names the folder of the results`,
      );
    }
  }
  const key = values.virtual ? ignored(["map", "binDir", "bench"]) : undefined;
  if (key !== undefined) {
    throw new ArgumentError(
      `--virtual and ${name(key)} exclude each other: only the built-in nodes run in virtual time`,
    );
  }
}

/** Returns the chosen challenges with their points. */
async function gradingOf({ grading: path, only, repeat }: Values): Promise<Grading> {
  const grading = path === undefined
    ? plainGrading(CHALLENGES, { repeat })
    : await readGrading(path, { repeat });
  const { challenges } = grading;
  if (only.length === 0) return grading;
  const wanted = new Set(only.flatMap((name) => idsOf(name, challenges)));
  return { ...grading, challenges: challenges.filter(({ id }) => wanted.has(id)) };
}

type Named = Pick<Challenge, "id" | "workload">;

/** Returns the ids of the challenges that a name means: one, those of a number, or those with a workload. */
function idsOf(name: string, challenges: readonly Named[]): string[] {
  const meant = challenges.filter(({ id, workload }) =>
    id === name || workload === name || (/^\d$/.test(name) && id.startsWith(name))
  );
  if (meant.length === 0) throw unknownName("challenge", name, namesOf(challenges));
  return meant.map(({ id }) => id);
}

function namesOf(challenges: readonly Named[]): Set<string> {
  return new Set([...challenges.map(({ id }) => id), ...challenges.map(({ workload }) => workload)]);
}

/** Returns one pair per challenge. The pair that names a challenge itself comes last, and so takes precedence. */
function pairPerChallenge<T>(
  pairs: ReadonlyArray<readonly [name: string, value: T]>,
  { challenges }: Grading,
): ReadonlyArray<readonly [id: string, value: T]> {
  const known = [...CHALLENGES, ...challenges];
  const expanded = pairs.flatMap(([name, value]) =>
    idsOf(name, known).map((id) => ({ id, value, isExact: id === name }))
  ).sort((a, b) => Number(a.isExact) - Number(b.isExact));
  return [...new Map(expanded.map(({ id, value }) => [id, value]))];
}

async function runPlanned(
  { challenge, line, repetition }: PlannedRun,
  { values, maelstrom, workers }: {
    readonly workers: WorkerPool;
    readonly values: Values;
    readonly maelstrom: string | undefined;
  },
): Promise<ChallengeRun> {
  const { id } = challenge;
  const path = executableOf(challenge, values);
  const given = givenArguments(challenge, values);
  if (!values.virtual && !isFile(path)) {
    const error = `executable not found: ${path}. Build it with make, or name yours with --map or --bin-dir`;
    const nodeArguments = given ?? challenge.nodeArguments;
    return { run: withoutResult(line, { problem: "no-executable", error, nodeArguments }) };
  }
  const bin = values.virtual ? undefined : path;
  const name = `${id}${line.providesMetrics ? "" : "-faults"}`;
  return await runLine(line, {
    bin,
    nodeArguments: given ?? await ownArguments(challenge, bin),
    seed: values.seed === undefined ? undefined : values.seed + repetition,
    store: values.store ?? STORE_DEFAULT,
    workers,
    maelstrom: maelstrom === undefined ? undefined : { command: maelstrom, name },
  });
}

function executableOf({ id, workload }: Challenge, { map, binDir = "bin" }: Values): string {
  return Object.fromEntries(map)[id] ?? `${binDir}/${workload}`;
}

/** Returns the arguments that the command line gives to the nodes of a challenge; undefined if it gives none. */
function givenArguments({ id }: Challenge, { nodeArgs }: Values): readonly string[] | undefined {
  return nodeArgs.find(([each]) => each === id)?.[1];
}

function isMissing({ runs }: Grade): boolean {
  return runs.some(({ problem }) => problem === "no-executable");
}

function closing(
  { grades, seconds }: { readonly grades: readonly Grade[]; readonly seconds: number },
): string {
  const passed = grades.filter((grade) => grade.passed).length;
  const given = grades.flatMap(({ id, runs }) => {
    const [run] = runs;
    const args = run === undefined || run.problem === "no-executable" ? [] : run.nodeArguments;
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
    "       charybdis grade --submissions DIR --out DIR [options]",
    "",
    "Runs the lines of every Fly.io challenge and prints which challenges pass.",
    describeSettings(settings),
    "",
    "Options with --submissions:",
    describeSettings(submissionSettings),
    "",
    "The grading file is JSON, with these fields:",
    describeGrading(),
    "",
    "Exit status: 0 all passed, 1 one failed, 2 an executable is missing or a submission cannot be graded,",
    "254 wrong arguments, 255 the bench failed,",
    "129, 130 or 143 ended by SIGHUP, SIGINT or SIGTERM.",
  ].join("\n");
}
