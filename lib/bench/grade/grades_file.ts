/**
 * The file of results, `grades.jsonl`: a line about the grading, then one line per student as it is graded.
 *
 * Tested by `tests/bench/grade/batch_test.ts`.
 */

import { array, literal, natural, object, string } from "../../protocol/schema.ts";
import { BenchError, reasonOf } from "../errors.ts";
import type { Shard } from "../sweep/shards.ts";
import { VERSION } from "../version.ts";
import { asStudentResult, type StudentResult } from "./student_result.ts";

/** The version of the file's format. */
const FORMAT = 1;

/** The first line of the file. */
export interface GradesHead {
  /** Identifies challenges, points, lines, secret and build, which are equal in all shards. */
  readonly grading: string;
  /** The students of this file. */
  readonly students: readonly string[];
  readonly shard: Shard;
}

/** The contents of a file. */
export interface GradesFile extends GradesHead {
  readonly results: readonly StudentResult[];
}

const headSchema = object({
  format: literal(FORMAT),
  charybdis: string,
  grading: string,
  students: array(string),
  shard: object({ index: natural, total: natural }),
});

/** Returns the name of the file of a shard. */
export function gradesFileName({ index, total }: Shard): string {
  return total === 1 ? "grades.jsonl" : `grades-${index}-of-${total}.jsonl`;
}

/** Starts a file. Throws `BenchError` if it cannot be written. */
export function startGrades(path: string, head: GradesHead): void {
  write(path, { format: FORMAT, charybdis: VERSION, ...head }, { append: false });
}

/** Adds the result of a student. */
export function addGrade(path: string, result: StudentResult): void {
  write(path, result, { append: true });
}

function write(path: string, value: unknown, { append }: { readonly append: boolean }): void {
  try {
    Deno.writeTextFileSync(path, `${JSON.stringify(value)}\n`, { append });
  } catch (error) {
    throw new BenchError(`cannot write ${path}: ${reasonOf(error)}`);
  }
}

/** Reads a file; undefined if it does not exist. A last line that is cut off is ignored. Throws `BenchError`. */
export function readGrades(path: string): GradesFile | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new BenchError(`cannot read ${path}: ${reasonOf(error)}`);
  }
  const [first, ...rest] = text.split("\n").slice(0, -1).map(parsed);
  if (!headSchema.is(first)) {
    throw new BenchError(`${path} is not a file of grades: ${headSchema.problem(first, "line 1")}`);
  }
  const results = rest.map((value, i) => {
    const result = asStudentResult(value);
    if (result === undefined) throw new BenchError(`${path}, line ${i + 2}: not the result of a student`);
    return result;
  });
  const { grading, students, shard } = first;
  return { grading, students, shard, results };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Returns the files of grades in a folder, of all shards. */
export function gradesIn(directory: string): GradesFile[] {
  let names: string[];
  try {
    names = [...Deno.readDirSync(directory)].map(({ name }) => name);
  } catch {
    return [];
  }
  return names.filter((name) => /^grades(-\d+-of-\d+)?\.jsonl$/.test(name)).sort()
    .flatMap((name) => readGrades(`${directory}/${name}`) ?? []);
}
