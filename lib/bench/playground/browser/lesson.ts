/**
 * An exercise in the page: its task, its messages, its hints, and the check of its tests.
 *
 * Tested by `tests/bench/playground/lesson_test.ts`.
 */

/// <reference lib="dom" />

import { exampleLines } from "../../cli/message_reference.ts";
import type { ChallengeTest } from "../../grade/challenges.ts";
import type { Assignment } from "../../learn/lessons/mod.ts";
import { variationOf } from "../../learn/variation.ts";
import { make } from "../../report/browser/details.ts";
import { makeTest } from "../../run/command_line.ts";
import { jobOfTest, type VirtualJob } from "../../worker/job.ts";
import { optionsOf } from "./subject.ts";
import type { SeedPlan } from "./sweep_panel.ts";

/** The number of seeds of a check, the first of them with the test as it is. */
const CHECK_SEEDS = 10;

/** The actions of an exercise. */
export interface LessonActions {
  readonly check: () => void;
  /** Sets the options of a test. */
  readonly use: (args: readonly string[]) => void;
}

/** Shows an exercise in an element. */
export function showLesson(
  parent: HTMLElement,
  { exercise, lesson, challenge }: Assignment,
  actions: LessonActions,
): void {
  const check = make("button", { type: "button", class: "primary", id: "check" }, "Check");
  check.addEventListener("click", actions.check);
  const tests = make("ol", {});
  for (const line of challenge.lines) {
    const options = optionsOf(line.arguments);
    const use = make(
      "button",
      { type: "button", title: "Use these options" },
      options.join(" ") || "defaults",
    );
    use.addEventListener("click", () => actions.use(options));
    const item = make("li", {});
    item.append(use);
    tests.append(item);
  }
  const messages = lesson.messages.flatMap(exampleLines).join("\n");
  parent.replaceChildren(
    make("h2", {}, `${exercise.id} ${challenge.title}`),
    ...exercise.task.map((text) => paragraph(text)),
    hidden("Messages", make("pre", { tabindex: "0" }, messages)),
    ...exercise.hints.map((hint, i) => hidden(`Hint ${i + 1}`, paragraph(hint))),
    ...lesson.fix === undefined ? [] : [hidden("The mistake", paragraph(lesson.fix.reason))],
    make("h2", {}, challenge.lines.length === 1 ? "The test" : "The tests"),
    tests,
    check,
  );
}

/** Returns a paragraph. Text between backquotes is code. */
function paragraph(text: string): HTMLElement {
  const made = make("p", {});
  made.append(...text.split("`").map((part, i) => i % 2 === 1 ? make("code", {}, part) : part));
  return made;
}

function hidden(title: string, content: HTMLElement): HTMLElement {
  const made = make("details", {});
  made.append(make("summary", {}, title), content);
  return made;
}

/** A test of an exercise: its own run, then further seeds. */
export interface LessonTest {
  readonly job: VirtualJob;
  readonly plan: SeedPlan;
}

/** Returns the tests of an exercise, with its bounds. Throws `ArgumentError` if the options are wrong. */
export function testsOf({ challenge }: Assignment, code: string): readonly LessonTest[] {
  return challenge.lines.map((line, i) => {
    // Figures have bounds in the test itself only: each variation has other latencies.
    const open = { ...jobOf(line, {}), code, keepMessages: false, keepHistory: "invalid" } as const;
    return {
      job: { ...jobOf(line, line.providesMetrics ? challenge.bounds : {}), code },
      plan: {
        name: challenge.lines.length === 1 ? "" : `Test ${i + 1}: `,
        seeds: Array.from({ length: CHECK_SEEDS - 1 }, (_, seed) => seed + 2),
        job: (seed) => variationOf(open, line, seed),
      },
    };
  });
}

function jobOf(
  line: ChallengeTest,
  { total, msgsPerOp, medianMs, maxMs }: Assignment["challenge"]["bounds"],
): VirtualJob {
  const parsed = makeTest({
    ...line.options,
    virtual: true,
    availability: total === true ? "total" : line.options.availability,
    maxMsgsPerOp: msgsPerOp,
    maxMedianMs: medianMs,
    maxLatencyMs: maxMs,
  });
  return jobOfTest(parsed, { seed: 1, keepMessages: true, keepHistory: "always" });
}
