/** The lessons that go beyond Fly.io's challenges: each can be solved, and its starting point does not pass. */

import { assert, assertEquals } from "@std/assert";
import { runAttempt } from "../../../lib/bench/learn/attempt.ts";
import { fixLines } from "../../../lib/bench/learn/explain.ts";
import { type Assignment, ASSIGNMENTS } from "../../../lib/bench/learn/lessons/mod.ts";
import { examplePath } from "../../../lib/bench/run/example_files.ts";
import { loadWorkload } from "../../../lib/bench/run/workload_file.ts";
import { PLANTED_LESSONS } from "../../../lib/bench/learn/lessons/planted.ts";
import { folderTest } from "../../folder.ts";
import { soaking } from "../../seeds.ts";

const FURTHER = ASSIGNMENTS.filter(({ exercise }) => exercise.challenge !== undefined);
const REPEAT = soaking ? 10 : 1;

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
    challenge,
    node: { module },
    nodeArguments: [],
    seed: 1,
    repeat,
    shrinkMsMax: 1,
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

for (const assignment of FURTHER) {
  const { exercise, lesson } = assignment;
  const { id } = exercise;
  const { template, fix } = lesson;
  folderTest(`exercise ${id}: the solution passes`, async (directory) => {
    assert(await solves(assignment, directory, { text: solutionOf(assignment) }));
  }, { permissions: ["env"] });
  // The exercises of a lesson have one starting point.
  if (!soaking && exercise !== lesson.exercises[0]) continue;
  // A planted mistake needs as many seeds as a learner's check has.
  folderTest(`exercise ${id}: the starting point does not pass`, async (directory) => {
    assertEquals(
      await solves(assignment, directory, { text: template, repeat: fix === undefined ? 1 : 10 }),
      false,
    );
  }, { permissions: ["env"] });
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
