/** The result of one student, as a line of grades.jsonl. Tested by `tests/bench/grade/batch_test.ts`. */

import { array, boolean, double, literal, object, schema, string, union } from "../../protocol/schema.ts";
import type { Infer } from "../../protocol/schema.ts";

const figure = schema<number | null>(
  "a number or null",
  (value, path) => value === null ? undefined : double.problem(value, path),
);

const runSchema = object({
  arguments: array(string),
  nodeArguments: array(string),
  seed: figure,
  valid: union(boolean, literal("unknown")),
  seconds: double,
  /** The reason for a missing verdict; empty if there is one. */
  error: string,
});

const challengeSchema = object({
  id: string,
  title: string,
  passed: boolean,
  points: double,
  pointsMax: double,
  credit: union(literal("full"), literal("over-bound"), literal("without-partitions"), literal("none")),
  messagesPerOperation: figure,
  medianMs: figure,
  longestMs: figure,
  availability: figure,
  reasons: array(string),
  /** The kind of the failure in a few words; empty if it passed. */
  failure: string,
  /** The cause of the failure in one sentence; empty if it passed. */
  cause: string,
  /** Behavior that no correct node shows, and the part of it that a sandbox observed. */
  remarks: array(string),
  contained: array(string),
  /** The names of the picture and the report in the student's folder; empty if there are none. */
  picture: string,
  report: string,
  runs: array(runSchema),
});

const studentSchema = object({
  student: string,
  points: double,
  pointsMax: double,
  /** The reason why the submission could not be graded; empty if it was. */
  problem: string,
  seconds: double,
  challenges: array(challengeSchema),
});

/** The result of one challenge of a student. */
export type ChallengeResult = Infer<typeof challengeSchema>;

/** The result of one student. */
export type StudentResult = Infer<typeof studentSchema>;

/** Returns a value as a student's result; undefined if it is not one. */
export function asStudentResult(value: unknown): StudentResult | undefined {
  return studentSchema.is(value) ? value : undefined;
}

/** Returns a challenge's id and title; one of them if a challenge of a grading file has no title of its own. */
export function nameOf({ id, title }: Pick<ChallengeResult, "id" | "title">): string {
  return title === id ? id : `${id} ${title}`;
}
