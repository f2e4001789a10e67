/** What a learner is taught: a file to begin from, exercises that it grows through, and hints for each. */

import type { Declaration } from "../../protocol/message.ts";

/** One exercise: a challenge of `grade`, told to somebody who has not solved it yet. */
export interface Exercise {
  /** The challenge's id: 1, 3d, … */
  readonly id: string;
  /** What is asked, and why it is not easy: paragraphs. */
  readonly task: readonly string[];
  /** From a nudge to nearly the answer. */
  readonly hints: readonly string[];
}

/** The exercises of one workload. They share a file: each begins where the one before it ended. */
export interface Lesson {
  readonly workload: string;
  /** The file's name in the learner's folder. */
  readonly file: string;
  /** What clients send. */
  readonly messages: readonly Declaration<unknown, unknown>[];
  /** What the file holds at first: it runs, and fails. */
  readonly template: string;
  readonly exercises: readonly Exercise[];
  /** The files of this project to read in the end: the node first. */
  readonly solution: readonly string[];
}
