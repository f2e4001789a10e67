/** Grades the submissions of a class. Tested by `tests/bench/grade/batch_test.ts`. */

import { createHash } from "node:crypto";
import { ArgumentError } from "../../runtime/settings.ts";
import { programName } from "../cli/program_name.ts";
import { BenchError } from "../errors.ts";
import { plural } from "../format.ts";
import { Interruption, SIGNAL_STATUS } from "../run/interruption.ts";
import { EXIT } from "../exit_status.ts";
import { requireSandbox } from "../sandbox/sandbox.ts";
import { ensureFolder, isFile, writeText } from "../store/files.ts";
import { parseShard, type Shard } from "../sweep/shards.ts";
import { say, styleFor } from "../terminal/output.ts";
import { WorkerPool } from "../worker/pool.ts";
import { durationText } from "./duration.ts";
import { addGrade, gradesFileName, type GradesHead, readGrades, startGrades } from "./grades_file.ts";
import type { Grading } from "./grading_file.ts";
import { writeOutputs } from "./outputs/write_outputs.ts";
import { type ClassOptions, gradeStudent } from "./student.ts";
import type { StudentResult } from "./student_result.ts";
import { findSubmissions, type Submission } from "./submissions/stage.ts";

/** The default folder of the results. */
const OUT_DEFAULT = "grades";
/** The environment variable with the secret of a class. */
const SECRET_VARIABLE = "CHARYBDIS_SECRET";
/** The maximum number of names in a list. */
const NAMES_MAX = 10;
/** The width of a student's name in the table. */
const NAME_WIDTH = 24;

/** The options of the command. */
export interface SubmissionOptions {
  readonly submissions: string;
  readonly out: string | undefined;
  readonly build: string | undefined;
  readonly budget: number | undefined;
  readonly secret: string | undefined;
  readonly failFast: boolean;
  readonly sandbox: boolean;
  readonly sandboxRead: readonly string[];
  readonly resume: boolean;
  readonly shard: string | undefined;
  readonly keepRuns: boolean;
  readonly jobs: number;
  readonly map: ReadonlyArray<readonly [id: string, path: string]>;
  readonly nodeArgs: ReadonlyArray<readonly [id: string, args: readonly string[]]>;
}

/** Grades all submissions of a folder, and returns the exit status. */
export async function gradeSubmissions(grading: Grading, options: SubmissionOptions): Promise<number> {
  const { out = OUT_DEFAULT, build, map, nodeArgs, sandboxRead } = options;
  const shard = options.shard === undefined
    ? { index: 1, total: 1 }
    : parseShard(options.shard, (name) => Deno.env.get(name));
  const submissions = findSubmissions(options.submissions).filter((_, i) =>
    i % shard.total === shard.index - 1
  );
  const tools = options.sandbox ? await requireSandbox() : undefined;
  ensureFolder(out);
  const given = options.secret ?? grading.secret ?? Deno.env.get(SECRET_VARIABLE);
  if (given === undefined && shard.total > 1) {
    throw new ArgumentError(
      `--shard needs a secret that all shards share. Give it by --secret, by ${SECRET_VARIABLE} or in the grading file`,
    );
  }
  const secret = given ?? keptSecret(out);
  const identity = [grading.challenges, secret, build ?? "", map, nodeArgs];
  const head: GradesHead = {
    grading: createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 16),
    students: submissions.map(({ student }) => student),
    shard,
  };
  const path = `${out}/${gradesFileName(shard)}`;
  using _interruption = new Interruption(); // also between the runs, until the outputs are written
  const kept = openGrades(path, { head, resume: options.resume });
  const workers = new WorkerPool();
  const batch = new Batch(submissions, {
    path,
    kept,
    options: {
      grading,
      secret,
      out,
      tools,
      readable: sandboxRead.map(realPath),
      hidden: [options.submissions, out, "."].map(realPath),
      build,
      budgetS: options.budget,
      failFast: options.failFast,
      keepRuns: options.keepRuns,
      jobs: options.jobs,
      map: Object.fromEntries(map),
      nodeArguments: new Map(nodeArgs),
      workers,
    },
  });
  const { results, signal } = await batch.run().finally(() => workers.stop());
  finish(out, { shard, results, head });
  return signal === undefined ? statusOf(results) : SIGNAL_STATUS[signal];
}

/** Returns the exit status of a class: see the command's usage. */
function statusOf(results: readonly StudentResult[]): number {
  if (results.some(({ problem }) => problem !== "")) return EXIT.unknown;
  return results.every(({ challenges }) => challenges.every(({ passed }) => passed))
    ? EXIT.valid
    : EXIT.invalid;
}

/** Returns the secret that an earlier grading into this folder drew, or a new one. */
function keptSecret(out: string): string {
  const path = `${out}/secret.txt`;
  if (isFile(path)) return Deno.readTextFileSync(path).trim();
  const secret = crypto.randomUUID();
  writeText(path, `${secret}\n`);
  return secret;
}

/** Starts the file of results, or takes up an earlier one. Returns the results that it has. */
function openGrades(
  path: string,
  { head, resume }: { readonly head: GradesHead; readonly resume: boolean },
): readonly StudentResult[] {
  const earlier = resume ? readGrades(path) : undefined;
  if (earlier !== undefined && earlier.grading !== head.grading) {
    throw new ArgumentError(
      `--resume: ${path} has grades of other challenges, points or settings. Repeat the earlier options, or choose another --out`,
    );
  }
  if (!resume && (readGrades(path)?.results.length ?? 0) > 0) {
    throw new ArgumentError(
      `${path} has grades already. Take them up with --resume, or choose another --out`,
    );
  }
  const kept = (earlier?.results ?? []).filter(({ student }) => head.students.includes(student));
  startGrades(path, head);
  for (const result of kept) addGrade(path, result);
  return kept;
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    throw new ArgumentError(`there is no folder ${path}`);
  }
}

/** Grades submissions one by one, and shows the progress. */
class Batch {
  readonly #submissions: readonly Submission[];
  readonly #results: StudentResult[];
  readonly #path: string;
  readonly #options: ClassOptions;
  readonly #style = styleFor("stdout");

  constructor(submissions: readonly Submission[], { path, kept, options }: {
    readonly path: string;
    readonly kept: readonly StudentResult[];
    readonly options: ClassOptions;
  }) {
    this.#submissions = submissions;
    this.#results = [...kept];
    this.#path = path;
    this.#options = options;
  }

  async run(): Promise<
    Pick<Awaited<ReturnType<typeof gradeStudent>>, "signal"> & { readonly results: readonly StudentResult[] }
  > {
    const known = new Set(this.#results.map(({ student }) => student));
    const left = this.#submissions.filter(({ student }) => !known.has(student));
    if (known.size > 0) say(`${plural(known.size, "submission")} graded earlier, ${left.length} left.`);
    const began = performance.now();
    for (const [i, submission] of left.entries()) {
      const { result, signal } = await gradeStudent(submission, this.#options);
      if (signal !== undefined) {
        say(
          `Interrupted by ${signal}: ${this.#results.length} of ${this.#submissions.length} were graded. Continue with --resume.`,
        );
        return { results: this.#results, signal };
      }
      this.#results.push(result);
      addGrade(this.#path, result);
      say(this.#row(result));
      this.#sayRest({ done: i + 1, left: left.length - i - 1, seconds: (performance.now() - began) / 1000 });
    }
    return { results: this.#results, signal: undefined };
  }

  #row({ student, points, pointsMax, seconds, problem, challenges }: StudentResult): string {
    const failed = challenges.filter(({ passed }) => !passed).map(({ id }) => id);
    const hasPassed = problem === "" && failed.length === 0;
    const rest = hasPassed ? "all passed" : problem === "" ? `failed ${listOf(failed, " ")}` : problem;
    const line = `${student.padEnd(NAME_WIDTH)} ${`${points}/${pointsMax}`.padStart(9)} ${
      durationText(seconds).padStart(12)
    }  ${rest.split("\n")[0]}`;
    return hasPassed ? this.#style.good(line) : this.#style.bad(line);
  }

  #sayRest(
    { done, left, seconds }: { readonly done: number; readonly left: number; readonly seconds: number },
  ): void {
    if (left === 0) return;
    const restS = seconds / done * left;
    const at = new Date(Date.now() + restS * 1000).toTimeString().slice(0, 5);
    say(`${left} of ${this.#submissions.length} left, about ${durationText(restS)}, until ${at}`, "stderr");
  }
}

/** Returns a list of names, shortened if it is long. */
function listOf(names: readonly string[], separator: string): string {
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : "";
  return `${names.slice(0, NAMES_MAX).join(separator)}${more}`;
}

/** Writes the outputs of a whole class; those of a shard are written when the shards are joined. */
function finish(
  out: string,
  { shard, results, head }: {
    readonly shard: Shard;
    readonly results: readonly StudentResult[];
    readonly head: GradesHead;
  },
): void {
  if (shard.total > 1) {
    say(
      `Shard ${shard.index} of ${shard.total} is in ${out}. To join all shards: ${programName()} merge ${out}`,
    );
    return;
  }
  joinGrades(out, [{ ...head, results }]);
}

/** Joins files of grades and writes all outputs. Returns the exit status. Throws `BenchError` if they do not belong together. */
export function joinGrades(
  out: string,
  files: ReadonlyArray<GradesHead & { readonly results: readonly StudentResult[] }>,
): number {
  const [first] = files;
  const other = files.find(({ grading, shard }) =>
    grading !== first?.grading || shard.total !== first.shard.total
  );
  if (first === undefined || other !== undefined) {
    throw new BenchError(
      "the shards belong to different gradings: their challenges, secret or options differ",
    );
  }
  const byStudent = new Map(files.flatMap(({ results }) => results).map((each) => [each.student, each]));
  const results = [...byStudent.values()];
  const missing = files.flatMap(({ students }) => students).filter((student) => !byStudent.has(student));
  const missingShards = Array.from({ length: first.shard.total }, (_, i) => i + 1).filter((index) =>
    !files.some(({ shard }) => shard.index === index)
  );
  writeOutputs(out, { results, missing });
  const passed = results.filter(({ points, pointsMax }) => points === pointsMax).length;
  say(`${plural(results.length, "submission")} graded, ${passed} with all points. See ${out}/index.html`);
  if (missing.length > 0) {
    say(`Not graded: ${listOf(missing, ", ")}`);
  }
  if (missingShards.length > 0) say(`Missing shards: ${missingShards.join(", ")}`);
  return missing.length + missingShards.length > 0 ? EXIT.unknown : statusOf(results);
}
