/**
 * The subjects of the page: a node of the project as an example, or an exercise of a lesson.
 *
 * Tested by `tests/bench/playground/lesson_test.ts`.
 */

import { isWorkload, type WorkloadName, WORKLOADS } from "../../../checkers/workloads.ts";
import { type Assignment, ASSIGNMENTS } from "../../learn/lessons/mod.ts";
import { EXAMPLES } from "../examples.ts";

/** A subject. */
export interface Subject {
  readonly workload: WorkloadName;
  /** The code to start from. */
  readonly source: string;
  /** The options of its first run. */
  readonly args: readonly string[];
  /** The name under which its code is kept. The exercises of a lesson share theirs. */
  readonly draft: string;
  /** Absent for a node of the project. */
  readonly assignment?: Assignment;
}

/** The value of an exercise in the list of subjects. */
const LESSON = "lesson ";

/** Returns the value of an exercise in the list. */
export function valueOf(lesson: string): string {
  return LESSON + lesson;
}

/** Returns the values and names of the list: the nodes, then the exercises. */
export function subjectNames(): Readonly<
  Record<"nodes" | "lessons", readonly (readonly [string, string])[]>
> {
  const nodes = WORKLOADS.filter(isWorkload).map((name) => [name, name] as const);
  // The page has the built-in workloads only.
  const builtIn = ASSIGNMENTS.filter(({ lesson }) => lesson.workloadFile === undefined);
  const lessons = builtIn.map(({ exercise: { id }, challenge: { title } }) =>
    [valueOf(id), `${id} ${title}`] as const
  );
  return { nodes, lessons };
}

/** Returns the subject of a value in the list; undefined if there is none. */
export function subjectOf(value: string, sources: Readonly<Record<string, string>>): Subject | undefined {
  if (isWorkload(value)) {
    return { workload: value, source: sources[value] ?? "", args: EXAMPLES[value].args, draft: value };
  }
  const assignment = ASSIGNMENTS.find(({ exercise }) => valueOf(exercise.id) === value);
  if (assignment === undefined || !isWorkload(assignment.challenge.workload)) return undefined;
  const { challenge, lesson } = assignment;
  return {
    workload: assignment.challenge.workload,
    source: lesson.template,
    args: optionsOf(challenge.lines[0]?.arguments ?? []),
    draft: lesson.file,
    assignment,
  };
}

/** Returns the arguments of a test without its workload. */
export function optionsOf(args: readonly string[]): readonly string[] {
  return args.filter((word, i) => word !== "-w" && args[i - 1] !== "-w");
}
