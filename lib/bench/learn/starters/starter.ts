/**
 * A starting point for an exercise in some language: files that run, answer every request, and leave the task open.
 *
 * Tested by `tests/bench/learn/starters_test.ts`.
 */

import type { Lesson } from "../lesson.ts";

/** A file of a starter. */
export interface StarterFile {
  /** The path in the learner's folder. */
  readonly path: string;
  readonly text: string;
  /** True if the file is a script that is run directly. */
  readonly isScript?: boolean;
}

/** The files of a starter, and how to run them. */
export interface Starter {
  readonly files: readonly StarterFile[];
  /** The path of the file that the learner edits. */
  readonly source: string;
  /** The executable in the learner's folder, once it is built. */
  readonly executable: string;
  /** The command that builds the executable, in the learner's folder; undefined if there is nothing to build. */
  readonly build?: string;
}

/** A language of starters. */
export interface Language {
  /** The name on the command line. */
  readonly id: string;
  /** The name for people, and what must be installed. */
  readonly title: string;
  readonly starterOf: (lesson: Lesson) => Starter;
}

/** A request, and a reply that is well-formed but empty. */
export interface Stub {
  readonly type: string;
  /** The meaning of the request, in a sentence. */
  readonly description: string;
  /** The body of the reply without its ids, as JSON. */
  readonly reply: string;
  /** The lines of a comment that names the task. One stub of a lesson has any: the first whose reply has fields. */
  readonly task: readonly string[];
}

const TASK = ["To do: this reply is empty. Do what the exercise asks for."];

/** Returns a stub for each request of a lesson. */
export function stubsOf({ messages }: Pick<Lesson, "messages">): readonly Stub[] {
  const main = messages.find(({ example }) => Object.keys(Object(example?.reply)).length > 0);
  return messages.map((message) => {
    const { type, description, example } = message;
    const body = { type: `${type}_ok`, ...Object(emptied(example?.reply ?? {}, 0)) };
    return {
      type,
      description,
      reply: JSON.stringify(body),
      task: message === main ? TASK : [],
    };
  });
}

/** Returns a value of the same form without content. The fields of the reply itself stay. */
function emptied(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) return [];
  if (typeof value === "object" && value !== null) {
    if (depth > 0) return {};
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, emptied(field, depth + 1)]));
  }
  if (typeof value === "number") return 0;
  return typeof value === "string" ? "" : value;
}

/** Returns a file name without its extension. */
export function stemOf({ file }: Lesson): string {
  return file.replace(/\.ts$/, "");
}
