/** A lesson: a file to start from, the exercises that extend it, and hints for each. */

import type { Challenge } from "../grade/challenges.ts";
import type { DocumentedMessage } from "../workloads/workload.ts";

/** One exercise: a challenge, explained to a learner who has not solved it yet. */
export interface Exercise {
  /** The challenge's id: 1, 3d, … */
  readonly id: string;
  /** The challenge, if it is not one of Fly.io's. */
  readonly challenge?: Challenge;
  /** The task and its difficulty, in paragraphs. */
  readonly task: readonly string[];
  /** Hints, from a nudge to nearly the answer. */
  readonly hints: readonly string[];
}

/** The exercises of one workload. They share a file: each exercise continues the previous one. */
export interface Lesson {
  readonly workload: string;
  /** File name of the workload in the learner's folder; absent if the workload is built in. */
  readonly workloadFile?: string;
  /** File name in the learner's folder. */
  readonly file: string;
  /** Requests that clients send. */
  readonly messages: readonly DocumentedMessage[];
  /** Initial content of the file, which runs and fails. */
  readonly template: string;
  readonly exercises: readonly Exercise[];
  /** Files of this project to read at the end, the node first. */
  readonly solution: readonly string[];
  /** The correction of a template with a planted mistake. */
  readonly fix?: Fix;
}

/** The correction of a mistake. */
export interface Fix {
  /** Parts of the text and their replacements. Each part occurs once. */
  readonly changes: ReadonlyArray<readonly [before: string, after: string]>;
  /** The mistake and its consequence. */
  readonly reason: string;
}
