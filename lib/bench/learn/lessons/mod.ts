/** All lessons: Fly.io's challenges in their order, then those that go further. */

import { ArgumentError, unknownName } from "../../../runtime/settings.ts";
import { type Challenge, CHALLENGES } from "../../grade/challenges.ts";
import type { Exercise, Lesson } from "../lesson.ts";
import { broadcastLesson } from "./broadcast.ts";
import { echoLesson } from "./echo.ts";
import { EXAMPLE_LESSONS } from "./examples.ts";
import { gCounterLesson } from "./g_counter.ts";
import { kafkaLesson } from "./kafka.ts";
import { linKvLesson } from "./lin_kv.ts";
import { PLANTED_LESSONS } from "./planted.ts";
import { txnListAppendLesson } from "./txn_list_append.ts";
import { txnRwRegisterLesson } from "./txn_rw_register.ts";
import { uniqueIdsLesson } from "./unique_ids.ts";

/** All lessons. */
export const LESSONS: readonly Lesson[] = [
  echoLesson,
  uniqueIdsLesson,
  broadcastLesson,
  gCounterLesson,
  kafkaLesson,
  txnRwRegisterLesson,
  txnListAppendLesson,
  linKvLesson,
  ...PLANTED_LESSONS,
  ...EXAMPLE_LESSONS,
];

/** An exercise, its lesson, and the challenge that tests it. */
export interface Assignment {
  readonly exercise: Exercise;
  readonly lesson: Lesson;
  readonly challenge: Challenge;
}

/** All exercises, in their order. */
export const ASSIGNMENTS: readonly Assignment[] = LESSONS.flatMap((lesson) =>
  lesson.exercises.flatMap((exercise) => {
    const challenge = exercise.challenge ?? CHALLENGES.find(({ id }) => id === exercise.id);
    return challenge === undefined ? [] : [{ exercise, lesson, challenge }];
  })
);

/** Returns the exercise with an id. Throws `ArgumentError` that names the nearest one. */
export function assignmentOf(id: string): Assignment {
  const found = ASSIGNMENTS.find(({ exercise }) => exercise.id === id);
  if (found !== undefined) return found;
  const parts = ASSIGNMENTS.map(({ exercise }) => exercise.id);
  const within = parts.filter((each) => id !== "" && each.startsWith(id));
  if (within.length > 0) throw new ArgumentError(`exercise ${id} has parts: ${within.join(", ")}`);
  throw unknownName("exercise", id, parts);
}
