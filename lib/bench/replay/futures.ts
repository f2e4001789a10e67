/**
 * Draws the futures of a recorded case, and describes their outcome with the events of the recorded run.
 *
 * Tested by `tests/bench/replay/inevitability_test.ts`.
 */

import { NEMESIS } from "../../checkers/history.ts";
import { parseHistory } from "../../checkers/parse.ts";
import { isObject, show } from "../../protocol/schema.ts";
import { BenchError } from "../errors.ts";
import { firedAt, STEP_MS } from "../explore/step_names.ts";
import { plural } from "../format.ts";
import { decisiveKinds, hasSameFailure } from "../sweep/shrink_run.ts";
import type { JobResult, JobRunner } from "../worker/job.ts";
import { type FailureCase, jobOf } from "./case.ts";
import { findInevitability, type Futures, type Inevitability, type Jump, shareOf } from "./inevitability.ts";

/** An event of the recorded run. */
interface RunEvent {
  readonly atMs: number;
  readonly text: string;
  /** True for a start or end of a fault. */
  readonly isFault: boolean;
}

/** A jump of the share of failing futures, in words. */
export interface ToldJump extends Jump {
  readonly sentence: string;
  /** The events between the two moments. */
  readonly between: readonly string[];
}

/** The share of failing futures by moment, with its jumps in words. */
export interface ToldInevitability extends Omit<Inevitability, "jumps"> {
  readonly jumps: readonly ToldJump[];
  /** The conclusion without a jump; undefined with one. */
  readonly conclusion: string | undefined;
  /** The description of a future: the parts that it keeps, and those that it draws again. */
  readonly drawn: string;
}

const DRAWN_IN_RUN =
  "A future repeats the run up to a moment, keeps the operations, and draws latencies, losses, faults and " +
  "the nodes' random numbers again from there on.";
const DRAWN_IN_EXPLORATION =
  "A future repeats the schedule up to a moment, keeps the operations and the nodes' random numbers, and draws each later step " +
  "at random from those that are possible. A step takes 1 ms.";

/** The number of moments in the main phase besides those of its events. */
const EVEN_TIMES = 8;

/** Draws the futures of a case that fails. `ran` is its run with messages. Rejects with {@linkcode BenchError}. */
export async function inevitabilityOf(
  recorded: FailureCase,
  ran: JobResult,
  { count, workers, progress }: {
    /** The number of futures per moment. */
    readonly count: number;
    readonly workers: readonly JobRunner[];
    readonly progress?: (drawn: number) => void;
  },
): Promise<ToldInevitability> {
  const signs = decisiveKinds(recorded.failure);
  if (!hasSameFailure(ran, signs)) {
    throw new BenchError(
      "the case does not fail in the recorded way any more. Find it again with a sweep",
    );
  }
  let seed = 0;
  const draw = async (atMs: number, wanted: number) => {
    let left = wanted;
    let failed = 0;
    await Promise.all(workers.map(async (worker) => {
      while (left > 0) {
        left--;
        const job = { ...jobOf(recorded), form: "objects" as const, redraw: { atMs, seed: ++seed } };
        if (hasSameFailure(await worker.run(job), signs)) failed++;
        progress?.(seed);
      }
    }));
    return failed;
  };
  const events = eventsOf(ran, recorded.exploration?.steps);
  const found = await findInevitability(momentsOf(recorded, events), { count, draw });
  return {
    ...found,
    jumps: found.jumps.map((jump) => ({ ...jump, ...jumpText(jump, events) })),
    conclusion: found.jumps.length > 0 ? undefined : conclusionOf(found),
    drawn: recorded.exploration === undefined ? DRAWN_IN_RUN : DRAWN_IN_EXPLORATION,
  };
}

/** Returns the moments from which futures can differ, in order of time. */
function momentsOf({ test, exploration }: FailureCase, events: readonly RunEvent[]): number[] {
  if (exploration !== undefined) {
    return Array.from({ length: (exploration.steps?.length ?? 0) + 1 }, (_, i) => (i + 1) * STEP_MS);
  }
  const endMs = (events.at(-1)?.atMs ?? 0) + 1;
  const mainMs = Math.min(test.timeLimitS * 1000, endMs);
  const even = Array.from({ length: EVEN_TIMES }, (_, i) => i / EVEN_TIMES * mainMs);
  return [...new Set([...even, ...events.map(({ atMs }) => atMs), endMs])].sort((a, b) => a - b);
}

function conclusionOf({ moments }: Inevitability): string {
  const [first] = moments;
  return first !== undefined && shareOf(first) === 1
    ? "All futures fail from the start on: the operations alone make the failure inevitable."
    : "The share has no jump: no single event made the failure inevitable.";
}

/** Returns the messages, operations and faults of a run since the start of its history, in order of time. */
function eventsOf({ history = [], messages = [] }: JobResult, steps: readonly string[] = []): RunEvent[] {
  const events: RunEvent[] = steps.flatMap((step, i) => {
    const node = firedAt(step);
    return node === undefined
      ? []
      : [{ atMs: (i + 1) * STEP_MS, text: `a timer of ${node} fires`, isFault: false }];
  });
  const recorded = parseHistory(history, { cutOff: "drop" });
  for (const [i, { time, process, type, f, value }] of recorded.entries()) {
    const isFault = process === NEMESIS;
    // The history records each fault when it is requested and when it is done. Only the latter matters.
    if (isFault && recorded[i + 1]?.process === NEMESIS && recorded[i + 1]?.f === f) continue;
    const text = isFault ? `${f}: ${show(value)}` : `an operation (${type}): ${f} ${show(value)}`;
    events.push({ atMs: time / 1e6, text, isFault });
  }
  const texts = new Map<unknown, string>();
  const lines = messages.map((line): unknown => JSON.parse(line)).filter(isObject);
  const began = Number(lines.find(({ event }) => event === "began")?.["time"] ?? 0);
  for (const { time, id, event, message } of lines) {
    if (isObject(message)) {
      texts.set(id, `${message["src"]} to ${message["dest"]}: ${show(message["body"])}`);
    }
    const atMs = (Number(time) - began) / 1e6;
    if (atMs >= 0 && texts.has(id)) {
      events.push({ atMs, text: `message ${event}, ${texts.get(id)}`, isFault: false });
    }
  }
  return events.sort((a, b) => a.atMs - b.atMs);
}

/** The maximum number of events that are named at a jump. */
const EVENTS_SHOWN_MAX = 4;

function jumpText(
  { before, after }: Jump,
  events: readonly RunEvent[],
): Pick<ToldJump, "sentence" | "between"> {
  const between = events.filter(({ atMs }) => atMs >= before.atMs && atMs < after.atMs);
  const important = [...between.filter(({ isFault }) => isFault), ...between.filter((each) => !each.isFault)];
  return {
    sentence: `From ${time(after)} on, ${portion(after)} futures fail; at ${time(before)}, ${
      portion(before)
    }.`,
    between: [...new Set(important.map(({ text }) => text))].slice(0, EVENTS_SHOWN_MAX),
  };
}

function portion({ failed, count }: Futures): string {
  return `${failed} of ${count}`;
}

function time({ atMs }: Futures): string {
  return `${atMs.toFixed(2)} ms`;
}

/** The width of a bar of the plot in characters. */
const BAR_WIDTH = 30;

/** Returns the share of failing futures by moment as lines of text. */
export function describeInevitability(
  { moments, jumps, conclusion, drawn: what }: ToldInevitability,
): string[] {
  const drawn = moments.reduce((sum, { count }) => sum + count, 0);
  return [
    `Share of the futures that fail in the same way (${plural(drawn, "run")}). ${what}`,
    ...moments.map((each) =>
      `${time(each).padStart(14)}  ${"█".repeat(Math.round(shareOf(each) * BAR_WIDTH)).padEnd(BAR_WIDTH)}  ${
        portion(each)
      }`
    ),
    ...jumps.flatMap(({ sentence, between }) => [
      sentence,
      ...(between.length === 0 ? [] : ["Between the two moments:"]),
      ...between.map((text) => `  ${text}`),
    ]),
    ...(conclusion === undefined ? [] : [conclusion]),
  ];
}
