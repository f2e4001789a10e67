/** The lessons that go beyond Fly.io's challenges: each can be solved, and its starting point does not pass. */

import { assert, assertEquals } from "@std/assert";
import { runAttempt } from "../../../lib/bench/learn/attempt.ts";
import { fixLines } from "../../../lib/bench/learn/explain.ts";
import { type Assignment, ASSIGNMENTS } from "../../../lib/bench/learn/lessons/mod.ts";
import type { Challenge } from "../../../lib/bench/grade/challenges.ts";
import { printTest } from "../../../lib/bench/run/command_line.ts";
import { examplePath } from "../../../lib/bench/run/example_files.ts";
import { loadWorkload } from "../../../lib/bench/run/workload_file.ts";
import { PLANTED_LESSONS } from "../../../lib/bench/learn/lessons/planted.ts";
import { folderTest } from "../../folder.ts";
import { isInSlice, soaking } from "../../seeds.ts";

const FURTHER = ASSIGNMENTS.filter(({ exercise }) => exercise.challenge !== undefined);
const REPEAT = soaking ? 10 : 1;

/** The time limit of a run and the mean time between faults, in seconds, without CHARYBDIS_SOAK. */
const SHORT = { timeLimit: 5, nemesisInterval: 1.5 } as const;

/** Returns a challenge with its tests cut short, with as many faults as in a full test. */
function shortened(full: Challenge): Challenge {
  const lines = full.lines.map((line) => {
    const { nemesis = [] } = line.options;
    const { timeLimit, nemesisInterval } = SHORT;
    const options = { ...line.options, timeLimit, ...(nemesis.length === 0 ? {} : { nemesisInterval }) };
    return { ...line, options, arguments: printTest(options) };
  });
  return { ...full, lines };
}

/** Returns true if a module's text solves an exercise. */
async function solves(
  { challenge, lesson }: Assignment,
  directory: string,
  { text, repeat = REPEAT }: { readonly text: string; readonly repeat?: number },
): Promise<boolean> {
  const module = `${directory}/${lesson.file}`;
  if (lesson.workloadFile !== undefined) await loadWorkload(examplePath(`workloads/${lesson.workloadFile}`));
  Deno.writeTextFileSync(module, text);
  const attempted = await runAttempt({
    challenge: soaking || repeat > 1 ? challenge : shortened(challenge),
    node: { module },
    nodeArguments: [],
    seed: 1,
    repeat,
    shrinkMsMax: 0,
    store: `${directory}/store`,
  });
  assert(attempted.kind === "tried");
  return attempted.solved;
}

/** Returns the text of a lesson's solution. */
function solutionOf({ lesson: { fix, template, solution } }: Assignment): string {
  if (fix === undefined) return Deno.readTextFileSync(solution[0] ?? "");
  return fix.changes.reduce((text, [before, after]) => text.replace(before, () => after), template);
}

/** Returns true for the last exercise of a lesson, whose solution also solves the earlier ones. */
function isLast({ exercise, lesson }: Assignment): boolean {
  return exercise === lesson.exercises.at(-1);
}

for (const [index, assignment] of FURTHER.entries()) {
  const { exercise, lesson } = assignment;
  const { id } = exercise;
  const { template, fix } = lesson;
  folderTest(`exercise ${id}: the solution passes`, async (directory) => {
    assert(await solves(assignment, directory, { text: solutionOf(assignment) }));
  }, { permissions: ["env"], ignore: !isInSlice(index, 6) || (!soaking && !isLast(assignment)) });
  // The exercises of a lesson have one starting point.
  if (!soaking && exercise !== lesson.exercises[0]) continue;
  // A planted mistake needs as many seeds as a learner's check has.
  folderTest(`exercise ${id}: the starting point does not pass`, async (directory) => {
    assertEquals(
      await solves(assignment, directory, { text: template, repeat: fix === undefined ? 1 : 10 }),
      false,
    );
  }, { permissions: ["env"], ignore: !isInSlice(index + 3, 6) });
}

for (const { file, template, fix } of PLANTED_LESSONS) {
  Deno.test(`${file}: each changed part occurs once, and its correction is shown`, () => {
    assert(fix !== undefined);
    const shown = fixLines(fix);
    for (const [before, after] of fix.changes) {
      assertEquals(template.split(before).length, 2, before);
      for (const line of after.trimEnd().split("\n")) assert(shown.includes(`+ ${line}`), line);
    }
  });
}
