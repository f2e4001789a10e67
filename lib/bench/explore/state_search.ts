/**
 * A search through every state of a system, each of which is visited once: for systems that show all of their state.
 *
 * Sleep sets keep independent steps from being tried in both orders. A state that is reached again is left, unless steps were asleep
 * at the earlier visits that are not asleep now (Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems",
 * LNCS 1032, 1996).
 *
 * Tested by `tests/bench/explore/state_search_test.ts`.
 */

import { murmur3 } from "../../sim/random.ts";
import { depend, type Execution, type SearchOptions, type SearchResult, type Step } from "./search.ts";

/** An execution that shows its state. */
export interface StatefulExecution<T> extends Execution<T> {
  /** Returns a text that is equal for two executions whose continuations and outcomes are equal. */
  stateText(): string;
  /** Returns the content of a step that can happen now, which is equal for equal steps in equal states. */
  labelOf(id: string): string;
}

/** The result of a search through states. */
export interface StateSearchResult extends SearchResult {
  /** The number of different states. */
  readonly states: number;
}

/** The settings of a search through states. */
export type StateSearchOptions<T> =
  & Pick<SearchOptions<T>, "visit" | "stopped" | "stepsMax">
  & { readonly begin: () => Promise<StatefulExecution<T>> };

/** A state of the current execution. Steps are known by their labels. */
interface Frame {
  /** The steps to be tried after the current one. */
  readonly left: { readonly id: string; readonly label: string }[];
  readonly sleep: Map<string, Step>;
  chosen: { readonly id: string; readonly label: string };
  step: Step | undefined;
}

/** Runs a search through states. */
export async function searchStates<T>(options: StateSearchOptions<T>): Promise<StateSearchResult> {
  const { stepsMax = Infinity } = options;
  const frames: Frame[] = [];
  const states = new States();
  let [schedules, pruned, depth] = [0, 0, 0];
  let isCut = false;
  const counts = () => ({ schedules, pruned, depth, states: states.count });
  for (;;) {
    const execution = await options.begin();
    for (const frame of frames.slice(0, -1)) await execution.execute(frame.chosen.id);
    const last = frames.at(-1);
    const isOver = last !== undefined && !await advance(last, execution);
    if (isOver) frames.pop();
    const end = isOver ? "known" : await complete(execution, frames, { states, stepsMax });
    depth = Math.max(depth, frames.length);
    if (end === "known") pruned++;
    else {
      isCut ||= end === "cut";
      states.visit(execution.stateText(), new Set());
      schedules++;
      const outcome = await execution.finish();
      if (!options.visit(outcome, frames.map(({ chosen }) => chosen.id))) {
        return { ...counts(), exhausted: false };
      }
    }
    if (!backTrack(frames)) return { ...counts(), exhausted: !isCut };
    if (options.stopped(counts())) return { ...counts(), exhausted: false };
  }
}

/** Takes steps until the state is known, or no step changes it. Returns the reason for the end. */
async function complete<T>(
  execution: StatefulExecution<T>,
  frames: Frame[],
  { states, stepsMax }: { readonly states: States; readonly stepsMax: number },
): Promise<"known" | "ended" | "cut"> {
  for (;;) {
    if (execution.enabled().length === 0) return "ended";
    if (frames.length >= stepsMax) return "cut";
    const frame = nextFrame(execution, frames.at(-1), states);
    if (frame === undefined) return "known";
    frames.push(frame);
    if (await advance(frame, execution)) continue;
    frames.pop();
    return "ended";
  }
}

/**
 * Takes the chosen step of a state, or the next one if it changes nothing: its message stays on its way, and is tried again where its
 * receiver is in another state. Returns false if no step is left.
 */
async function advance<T>(frame: Frame, execution: StatefulExecution<T>): Promise<boolean> {
  for (;;) {
    frame.step = await execution.execute(frame.chosen.id);
    if (frame.step.isIdle !== true) return true;
    frame.sleep.set(frame.chosen.label, frame.step);
    const next = frame.left.shift();
    if (next === undefined) return false;
    frame.chosen = next;
  }
}

/** Returns the state of an execution with the steps to be tried; undefined if all of them are known. */
function nextFrame<T>(
  execution: StatefulExecution<T>,
  last: Frame | undefined,
  states: States,
): Frame | undefined {
  const sleep = sleepAfter(last);
  const known = states.visit(execution.stateText(), new Set(sleep.keys()));
  const steps = new Map(execution.enabled().map((id) => [execution.labelOf(id), id]));
  const left = [...steps].filter(([label]) => !sleep.has(label) && (known === undefined || known.has(label)))
    .map(([label, id]) => ({ id, label }));
  const chosen = left.shift();
  return chosen && { left, sleep, chosen, step: undefined };
}

/** Returns the sleeping steps after a state: those that do not depend on its step. */
function sleepAfter(frame: Frame | undefined): Map<string, Step> {
  const step = frame?.step;
  if (frame === undefined || step === undefined) return new Map();
  return new Map([...frame.sleep].filter(([, asleep]) => !depend(asleep, step)));
}

/** Moves to the next step of the last state that has one. Returns false at the end. */
function backTrack(frames: Frame[]): boolean {
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    if (frame.step !== undefined) frame.sleep.set(frame.chosen.label, frame.step);
    const next = frame.left.shift();
    if (next !== undefined) {
      frame.chosen = next;
      return true;
    }
    frames.pop();
  }
  return false;
}

/** The states that were visited, by 64 bits of a hash, with the steps that were asleep at all visits. */
class States {
  readonly #asleep = new Map<string, ReadonlySet<string>>();

  get count(): number {
    return this.#asleep.size;
  }

  /** Notes a visit. Returns the steps that were asleep at all earlier ones; undefined at the first one. */
  visit(text: string, asleep: ReadonlySet<string>): ReadonlySet<string> | undefined {
    const key = `${murmur3(text, 1)} ${murmur3(text, 2)}`;
    const known = this.#asleep.get(key);
    this.#asleep.set(key, known === undefined ? asleep : known.intersection(asleep));
    return known;
  }
}
