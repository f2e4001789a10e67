/** The content of lessons: every challenge, and only what a learner can use. */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { CHALLENGES } from "../../../lib/bench/grade/challenges.ts";
import { assignmentOf, ASSIGNMENTS, LESSONS } from "../../../lib/bench/learn/lessons/mod.ts";
import { ArgumentError } from "../../../lib/runtime/settings.ts";

const readable = Deno.permissions.querySync({ name: "read" }).state === "granted";

Deno.test("each challenge has an exercise, in the same order and with the same workload", () => {
  const ids = ASSIGNMENTS.map(({ exercise }) => exercise.id);
  assertEquals(ids.slice(0, CHALLENGES.length), CHALLENGES.map(({ id }) => id));
  assertEquals(new Set(ids).size, ids.length);
  assertEquals(ids.length, LESSONS.flatMap(({ exercises }) => exercises).length);
  for (const { lesson, challenge } of ASSIGNMENTS) assertEquals(lesson.workload, challenge.workload);
});

Deno.test("every exercise has a task and several hints", () => {
  for (const { exercise } of ASSIGNMENTS) {
    assert(exercise.task.length > 0 && exercise.hints.length >= 2, exercise.id);
    for (const text of [...exercise.task, ...exercise.hints]) assertMatch(text, /.{20}/s);
  }
});

Deno.test("every file that a solution names exists", { ignore: !readable }, () => {
  for (const { solution } of LESSONS) for (const path of solution) assert(Deno.statSync(path).isFile, path);
});

Deno.test("an unknown exercise id suggests the closest one, or its parts", () => {
  assertEquals(assignmentOf("3d").challenge.title, "Broadcast, efficient I");
  assertThrows(() => assignmentOf("3"), ArgumentError, "exercise 3 has parts: 3a, 3b, 3c, 3d, 3e");
  assertThrows(() => assignmentOf("7x"), ArgumentError, "unknown exercise 7x");
});
