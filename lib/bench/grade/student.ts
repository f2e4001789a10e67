/** Grades one student's submission. Tested by `tests/bench/grade/batch_test.ts`. */

import type { NodeSandbox } from "../cluster/process_cluster.ts";
import { type EndSignal, Interruption } from "../run/interruption.ts";
import type { SandboxTools } from "../sandbox/bubblewrap.ts";
import { NODE_LIMITS, totalMemoryMb } from "../sandbox/limits.ts";
import { launchIn, makeReachableFolder } from "../sandbox/sandbox.ts";
import { describeRemark, SANDBOX_REMARKS } from "../findings/remark_descriptions.ts";
import { parseResult } from "../store/parse_result.ts";
import type { Remark } from "../../sim/remarks.ts";
import { ensureFolder, writeText } from "../store/files.ts";
import type { WorkerPool } from "../worker/pool.ts";
import { durationText } from "./duration.ts";
import type { Grade, RunWithResult } from "./grade.ts";
import type { GradedChallenge, Grading } from "./grading_file.ts";
import { ownArguments, runLine } from "./line_run.ts";
import { measure } from "./measure_again.ts";
import { pointsOf } from "./points.ts";
import { type ChallengeRun, gradeAll, type GradedRuns, type PlannedRun, withoutResult } from "./run_lines.ts";
import { seedOf } from "./seeds.ts";
import type { ChallengeResult, StudentResult } from "./student_result.ts";
import { buildSubmission } from "./submissions/build.ts";
import { type FoundProgram, programFor, readStudentFile, type StudentFile } from "./submissions/programs.ts";
import { type StagedSubmission, stageSubmission, type Submission } from "./submissions/stage.ts";
import { SubmissionError } from "./submissions/staged_folder.ts";

/** The folder of the runs, inside the folder of the results. */
const STORE = "store";
/** The time limit of a build without a budget, in seconds. */
const BUILD_TIMEOUT_S = 600;

/** The settings of a class. */
export interface ClassOptions {
  readonly grading: Grading;
  readonly secret: string;
  /** The folder of the results. */
  readonly out: string;
  /** The tools of the sandbox; undefined if programs run with the rights of the bench. */
  readonly tools: SandboxTools | undefined;
  readonly readable: readonly string[];
  readonly hidden: readonly string[];
  readonly build: string | undefined;
  readonly budgetS: number | undefined;
  readonly failFast: boolean;
  readonly keepRuns: boolean;
  readonly jobs: number;
  /** By challenge, the path of the program inside a submission. */
  readonly map: Readonly<Record<string, string>>;
  readonly nodeArguments: ReadonlyMap<string, readonly string[]>;
  readonly workers: WorkerPool;
}

/** A student's result, or the signal that ended the grading. */
export interface GradedStudent {
  readonly result: StudentResult;
  readonly signal: EndSignal | undefined;
}

/** The folder of the students' feedback, inside the folder of the results. */
export const FEEDBACK = "students";

/** Returns the name of a student's folder of feedback, relative to the folder of the results. */
export function feedbackFolder(student: string): string {
  return `${FEEDBACK}/${student}`;
}

/** Grades a submission. A submission that cannot be graded has a problem and no points. */
export async function gradeStudent(submission: Submission, options: ClassOptions): Promise<GradedStudent> {
  const began = performance.now();
  const work = makeReachableFolder(options.tools);
  Deno.chmodSync(work, 0o755); // a privileged bench runs programs as another user
  const interruption = new Interruption();
  let challenges: readonly ChallengeResult[] = [];
  let problem = "";
  let signal: EndSignal | undefined;
  try {
    const prepared = await interruption.orSignal(prepare(submission, work, options));
    interruption.end();
    signal = interruption.signal;
    if (prepared !== undefined) {
      const graded = await new StudentGrading(submission.student, { ...prepared, began, options }).run();
      signal = graded.signal;
      challenges = graded.challenges;
    }
  } catch (error) {
    if (!(error instanceof SubmissionError)) throw error;
    problem = error.message;
  } finally {
    interruption.end();
    Deno.removeSync(work, { recursive: true });
  }
  const result = {
    student: submission.student,
    points: challenges.reduce((sum, { points }) => sum + points, 0),
    pointsMax: options.grading.challenges.reduce((sum, { points }) => sum + points, 0),
    problem,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    challenges,
  };
  return { result, signal };
}

/** A submission that is ready to run. */
interface Prepared {
  readonly staged: StagedSubmission;
  readonly own: StudentFile;
}

async function prepare(submission: Submission, work: string, options: ClassOptions): Promise<Prepared> {
  const { build, tools, readable, hidden, budgetS = BUILD_TIMEOUT_S } = options;
  const source = await stageSubmission(submission, `${work}/source`);
  const staged = build === undefined || source.isSingle ? source : await buildSubmission(source, {
    command: build,
    tools,
    readable,
    hidden,
    timeoutS: Math.min(budgetS, BUILD_TIMEOUT_S),
    target: `${work}/built`,
  });
  return { staged, own: readStudentFile(staged) };
}

/** The grading of one prepared submission. */
class StudentGrading {
  readonly #student: string;
  readonly #staged: StagedSubmission;
  readonly #own: StudentFile;
  readonly #options: ClassOptions;
  readonly #deadline: number;
  readonly #folder: string;
  readonly #store: string;
  readonly #sandbox: NodeSandbox | undefined;
  readonly #programs: ReadonlyMap<GradedChallenge, FoundProgram>;
  /** By program, the reason why it did not start. */
  readonly #notStarted = new Map<string, string>();
  readonly #arguments = new Map<GradedChallenge, readonly string[]>();

  constructor(student: string, { staged, own, began, options }: Prepared & {
    readonly began: number;
    readonly options: ClassOptions;
  }) {
    const { grading, map, tools, readable, hidden, budgetS = Infinity, out } = options;
    this.#student = student;
    this.#staged = staged;
    this.#own = own;
    this.#options = options;
    this.#deadline = began + budgetS * 1000;
    this.#folder = `${out}/${feedbackFolder(student)}`;
    this.#store = `${out}/${STORE}/${student}`;
    this.#programs = new Map(
      grading.challenges.map((each) => [each, programFor(each, staged, { map, own })]),
    );
    const access = { folder: staged.folder, readable, hidden, limits: NODE_LIMITS };
    this.#sandbox = tools && {
      launch: launchIn(tools, access),
      totalMb: totalMemoryMb(),
      processes: NODE_LIMITS.processes,
    };
  }

  /** Runs all lines. */
  async run(): Promise<
    { readonly challenges: readonly ChallengeResult[]; readonly signal: EndSignal | undefined }
  > {
    const { grading, jobs, keepRuns } = this.#options;
    ensureFolder(this.#folder);
    for (const challenge of grading.challenges) {
      this.#arguments.set(challenge, await this.#argumentsOf(challenge));
    }
    const { grades, signal } = await gradeAll(grading.challenges, {
      jobs,
      run: (planned) => this.#runPlanned(planned),
      keyOf: ({ challenge, line, repetition }) =>
        JSON.stringify([this.#binOf(challenge), line.arguments, this.#arguments.get(challenge), repetition]),
      skip: (planned, done) => this.#skip(planned, done),
    });
    const challenges = grades.map((graded) => this.#resultOf(graded));
    if (!keepRuns) removeIfExists(`${this.#options.out}/${STORE}`);
    return { challenges, signal };
  }

  #binOf(challenge: GradedChallenge): string | undefined {
    const program = this.#programs.get(challenge);
    return program?.kind === "found" ? `${this.#staged.folder}/${program.path}` : undefined;
  }

  async #argumentsOf(challenge: GradedChallenge): Promise<readonly string[]> {
    const { id, workload } = challenge;
    const given = this.#options.nodeArguments.get(id);
    if (given !== undefined) return given;
    const own = this.#own.arguments[id] ?? this.#own.arguments[workload];
    if (own !== undefined) return own.split(/\s+/).filter((word) => word !== "");
    const bin = this.#binOf(challenge);
    return bin === undefined ? [] : await ownArguments(challenge, bin, this.#sandbox?.launch);
  }

  async #runPlanned({ challenge, line, repetition }: PlannedRun): Promise<ChallengeRun> {
    const { secret, workers, failFast } = this.#options;
    const bin = this.#binOf(challenge) ?? "";
    const run = () =>
      runLine(line, {
        bin,
        nodeArguments: this.#arguments.get(challenge) ?? [],
        seed: seedOf(secret, { student: this.#student, line: line.arguments, repetition }),
        store: this.#store,
        workers,
        more: { failFast },
        reports: "failed",
        sandbox: this.#sandbox,
      });
    const isMeasured = challenge.exclusive && line.providesMetrics;
    const ran = isMeasured ? await measure(run, { bounds: challenge.bounds, loadPerCpu }) : await run();
    if (ran.run.problem === "not-started") this.#notStarted.set(bin, ran.run.error ?? "");
    return ran;
  }

  /** Returns a run that is not started: it has no program, no time, or no effect on the points. */
  #skip({ challenge, line }: PlannedRun, done: readonly RunWithResult[]): RunWithResult | undefined {
    const { budgetS = 0, failFast } = this.#options;
    const program = this.#programs.get(challenge);
    if (program?.kind !== "found") {
      const error = program?.problem ?? "there is no program";
      return withoutResult(line, { problem: "no-executable", error });
    }
    if (performance.now() > this.#deadline) {
      const error = `not run: the submission's time of ${durationText(budgetS)} was used up`;
      return withoutResult(line, { problem: "budget", error });
    }
    if (!failFast) return undefined;
    const notStarted = this.#notStarted.get(this.#binOf(challenge) ?? "");
    if (notStarted !== undefined) return withoutResult(line, { problem: "not-started", error: notStarted });
    const isFaulty = (run: RunWithResult) =>
      challenge.lines.find((each) => each.arguments.join(" ") === run.arguments.join(" "))?.options
        .nemesis !== undefined;
    const earnsPart = challenge.partial.withoutPartitions !== undefined && line.options.nemesis === undefined;
    const isLost = done.some((run) => run.valid !== true && !(earnsPart && isFaulty(run)));
    return isLost ? withoutResult(line, { problem: "skipped" }) : undefined;
  }

  #resultOf(graded: GradedRuns): ChallengeResult {
    const { challenge, grade, runs } = graded;
    const failed = runs.find(({ valid, problem }) => valid !== true && problem !== "skipped");
    const digest = failed?.report?.digest;
    const name = (end: string) => `challenge-${challenge.id}.${end}`;
    if (digest !== undefined && digest.picture !== "") {
      writeText(`${this.#folder}/${name("svg")}`, digest.picture);
    }
    if (failed?.report !== undefined) {
      Deno.copyFileSync(failed.report.path, `${this.#folder}/${name("html")}`);
    }
    return {
      id: challenge.id,
      title: challenge.title,
      passed: grade.passed,
      ...pointsOf(graded),
      pointsMax: challenge.points,
      messagesPerOperation: grade.messagesPerOperation,
      medianMs: grade.stableLatencyMs?.median ?? null,
      longestMs: grade.stableLatencyMs?.longest ?? null,
      availability: grade.availability,
      reasons: [
        ...grade.reasons.map(({ text }) => text),
        ...(digest === undefined || digest.evidence === "" ? [] : [digest.evidence]),
      ],
      failure: grade.passed ? "" : failureOf(failed, grade),
      cause: grade.passed ? "" : digest?.cause || firstLine(grade.reasons[0]?.text ?? ""),
      ...remarksOf(runs),
      picture: digest === undefined || digest.picture === "" ? "" : name("svg"),
      report: failed?.report === undefined ? "" : name("html"),
      runs: runs.map(({ arguments: args, nodeArguments, seed = null, valid, seconds, error = "" }) => ({
        arguments: args,
        nodeArguments,
        seed,
        valid,
        seconds,
        error,
      })),
    };
  }
}

function removeIfExists(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Returns what nodes did that a correct node does not do, and what of it only a sandbox sees. */
function remarksOf(runs: readonly RunWithResult[]): Pick<ChallengeResult, "remarks" | "contained"> {
  const remarks = runs.flatMap(({ result }) => result === undefined ? [] : parseResult(result).remarks);
  const textsOf = (
    all: readonly Remark[],
  ) => [...new Set(all.flatMap((remark) => describeRemark(remark)[0] ?? []))];
  return {
    remarks: textsOf(remarks),
    contained: textsOf(remarks.filter(({ kind }) => SANDBOX_REMARKS.has(kind))),
  };
}

/** The kinds of runs without a verdict, in a few words. */
const PROBLEMS: Readonly<Record<NonNullable<RunWithResult["problem"]>, string>> = {
  "no-executable": "No program",
  "not-started": "The program did not start",
  "interrupted": "Interrupted",
  "budget": "Out of time",
  "skipped": "",
};

/** Returns the number of processes that run or wait, of the last minute, per CPU. */
function loadPerCpu(): number {
  return (Deno.loadavg()[0] ?? 0) / navigator.hardwareConcurrency;
}

/** Returns the kind of a failure in a few words. */
function failureOf(failed: RunWithResult | undefined, { reasons }: Grade): string {
  if (failed === undefined) {
    return firstLine(reasons[0]?.kind === "bound" ? "A figure is not below its bound" : "");
  }
  if (failed.problem !== undefined) return PROBLEMS[failed.problem];
  return failed.report?.digest.title || "No verdict";
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
