/**
 * Runs each job twice, and finds the first event in which the runs differ.
 *
 * The first run takes place in a worker that has run other seeds, and the second one in a new worker. If they differ, a third
 * run in a new worker tells state that survives a run from time and randomness of the machine.
 *
 * Tested by `tests/bench/sweep/determinism_test.ts`.
 */

import { isObject } from "../../protocol/schema.ts";
import { findApis } from "../cluster/module/unsupported_apis.ts";
import type { Job, JobResult, JobRunner, VirtualJob } from "../worker/job.ts";

/** An event that differs between two runs of a seed. */
export interface Difference {
  readonly seed: number;
  readonly where: "history" | "messages";
  /** The number of the line in the history or in the messages, from 1. */
  readonly line: number;
  /** The virtual time of the event, in ms. */
  readonly timeMs: number;
  /** The event in each run; undefined in a run that has no more events. */
  readonly events: readonly [first: string | undefined, second: string | undefined];
  /** `kept` if two runs in new workers agree, so that only a worker with earlier runs differs; else `machine`. */
  readonly source: "kept" | "machine";
}

/** Runs each job twice. Collects the differences, and returns the first result. */
export class TwiceRunner implements JobRunner {
  readonly #makeWorker: () => JobRunner;
  readonly #worker: JobRunner;
  readonly #found: (difference: Difference) => void;
  #fresh: JobRunner | undefined;

  constructor(makeWorker: () => JobRunner, found: (difference: Difference) => void) {
    this.#makeWorker = makeWorker;
    this.#worker = makeWorker();
    this.#found = found;
  }

  async run(job: Job): Promise<JobResult> {
    if (job.kind === "judge") return await this.#worker.run(job);
    const whole: VirtualJob = { ...job, form: "text", keepHistory: "always", keepMessages: true };
    const first = await this.#worker.run(whole);
    const second = await this.#runFresh(whole);
    const difference = firstDifference(first, second);
    if (difference !== undefined) {
      const isKept = firstDifference(second, await this.#runFresh(whole)) === undefined;
      this.#found({ ...difference, seed: job.seed, source: isKept ? "kept" : "machine" });
    }
    return first;
  }

  async #runFresh(job: VirtualJob): Promise<JobResult> {
    this.#fresh = this.#makeWorker();
    try {
      return await this.#fresh.run(job);
    } finally {
      this.#fresh.stop();
    }
  }

  stop(): void {
    this.#worker.stop();
    this.#fresh?.stop();
  }
}

type Found = Omit<Difference, "seed" | "source">;

/** Returns the earliest event that differs between two runs. */
export function firstDifference(
  first: Pick<JobResult, "history" | "messages">,
  second: Pick<JobResult, "history" | "messages">,
): Found | undefined {
  const began = (first.messages ?? []).findIndex((line) => line.endsWith(BEGAN));
  const beganMs = began < 0 ? 0 : timeOf(first.messages?.[began]);
  const found = [
    ...differenceOf("messages", first.messages, { other: second.messages, beganMs: 0 }),
    ...differenceOf("history", first.history, { other: second.history, beganMs }),
  ];
  return found.sort((a, b) => a.timeMs - b.timeMs)[0];
}

/** The end of the line of messages.jsonl from which the history's times count. */
const BEGAN = '"event":"began"}';

function differenceOf(
  where: Difference["where"],
  one: readonly string[] = [],
  { other = [], beganMs }: { readonly other?: readonly string[] | undefined; readonly beganMs: number },
): Found[] {
  const length = Math.max(one.length, other.length);
  let at = 0;
  while (at < length && one[at] === other[at]) at++;
  if (at === length) return [];
  const timeMs = beganMs + Math.min(timeOf(one[at]), timeOf(other[at]));
  return [{ where, line: at + 1, timeMs, events: [one[at], other[at]] }];
}

/** Returns the time of a line in ms; infinite without a line. */
function timeOf(line: string | undefined): number {
  const event: unknown = line === undefined ? undefined : JSON.parse(line);
  return isObject(event) && typeof event["time"] === "number" ? event["time"] / 1e6 : Infinity;
}

/** A source file that may have caused a difference. */
export interface SourceFile {
  readonly kind: "node" | "workload";
  readonly name: string;
  readonly text: string;
}

/** Describes a difference, with the code that probably caused it. */
export function describeDifference(
  { seed, where, line, timeMs, events: [first, second], source }: Difference,
  sources: readonly SourceFile[],
): string[] {
  const uses = sources.flatMap((file) =>
    findApis(file.text, source).map((use) => {
      const instead = source === "machine" && file.kind === "workload" ? WORKLOAD_INSTEAD : use.instead;
      return `  ${file.name}:${use.line}: ${use.name.replaceAll(/\s+/g, " ")}: ${instead}.`;
    })
  );
  const [one, other] = shortened(first, second);
  return [
    `Two runs of seed ${seed} differ first at ${timeMs.toFixed(1)} ms, in line ${line} of the ${where}:`,
    `  first:  ${one}`,
    `  second: ${other}`,
    source === "kept"
      ? "Two runs in new workers agree, so state of an earlier run changed the first one."
      : "Two runs in new workers differ too, so a run depends on the machine: its clock, randomness or speed.",
    ...(uses.length === 0
      ? [
        sources.length === 0
          ? "No file of yours took part: the fault is in a built-in node or in the bench."
          : "No known API was found in the source. Look for orders, times or random numbers from outside.",
      ]
      : ["Probable causes:", ...uses]),
  ];
}

/** The replacement of the machine's time and randomness in a workload. */
const WORKLOAD_INSTEAD = "use the random numbers and the time that the generator receives";

/** The maximum number of characters shown of an event, and those before its first difference. */
const SHOWN_MAX = 300;
const SHOWN_BEFORE = 100;

/** Cuts long lines around their first difference. */
function shortened(first: string | undefined, second: string | undefined): [string, string] {
  const one = first ?? "";
  const other = second ?? "";
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  const from = one.length <= SHOWN_MAX && other.length <= SHOWN_MAX ? 0 : Math.max(0, at - SHOWN_BEFORE);
  const cut = (line: string | undefined, whole: string) =>
    line === undefined
      ? "nothing: the run has ended"
      : `${from > 0 ? "…" : ""}${whole.slice(from, from + SHOWN_MAX)}${
        whole.length > from + SHOWN_MAX ? "…" : ""
      }`;
  return [cut(first, one), cut(second, other)];
}
