/**
 * Sequential consistency of a history, by a model of its operations (Lamport, "How to make a multiprocessor computer that
 * correctly executes multiprocess programs", 1979). The search goes through the operations of all processes at once, and
 * remembers the configurations that it has seen.
 *
 * Tested by `tests/checkers/models_test.ts`.
 */

import type { Event, History } from "./history.ts";
import { type Judgment, judgment } from "./judgment.ts";
import { type ModelCall, modelCalls, type ModelOperation } from "./linearizable/history_model.ts";
import { type Model, REFUSED } from "./linearizable/model.ts";
import { emptyHistoryWarning } from "./operations.ts";
import type { CheckControl } from "./result.ts";
import { type ValueKey, valueKey, valueText } from "./value_key.ts";

/** The options of {@linkcode checkSequential}. */
export interface SequentialOptions {
  /**
   * The number of attempts to place an operation, after which the verdict is `unknown`.
   *
   * @default {1_000_000}
   */
  readonly stepsMax?: number;
  /** The callbacks by which a long check is followed and ended. */
  readonly control?: CheckControl;
}

const STEPS_MAX = 1_000_000;
const STEPS_BETWEEN_LOOKS = 4096;
const EVENTS_SHOWN_MAX = 8;

/**
 * Checks that a history is sequentially consistent: one order explains all operations, in which those of each process
 * have their own order. Unlike in a linearizable history, an operation may take effect after it has completed.
 *
 * The parts of a model (`Model.partition`) are searched together, because a history whose parts are sequentially consistent
 * need not be so as a whole.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import {
 *   checkModel, checkSequential, type History, type Model, type ModelOperation, REFUSED,
 * } from "@charybdis/charybdis/checkers";
 *
 * const register: Model<unknown, ModelOperation, unknown> = {
 *   initial: () => null,
 *   step: (state, { f, value }, output) =>
 *     f === "write" ? value : output === undefined || output === state ? state : REFUSED,
 *   isReadOnly: ({ f }) => f === "read",
 * };
 * // A read of the old value, after another process has written.
 * const stale: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "write", value: 1 },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "write", value: 1 },
 *   { index: 2, time: 2000000, process: 1, type: "invoke", f: "read", value: null },
 *   { index: 3, time: 3000000, process: 1, type: "ok", f: "read", value: null },
 * ];
 * assertEquals([checkModel(stale, register).valid, checkSequential(stale, register).valid], [false, true]);
 * ```
 */
export function checkSequential<State>(
  history: History,
  model: Model<State, ModelOperation, unknown>,
  { stepsMax = STEPS_MAX, control = {} }: SequentialOptions = {},
): Judgment {
  const search = new SequentialSearch(modelCalls(history), model);
  const end = search.run(stepsMax, control);
  const warning = emptyHistoryWarning(history);
  const figures = { "placed-count": search.placedMax };
  if (end === "found") return judgment([], { figures, warning });
  const events = search.blocked.slice(0, EVENTS_SHOWN_MAX);
  const placed = `An order that respects each process explains ${search.placedMax} operations`;
  if (end === "limit") {
    const text = `${placed}, and the search for a longer one ended at its limit.`;
    return judgment([{ name: "check-error", severity: "unknown", examples: [{ text }] }], {
      figures,
      warning,
    });
  }
  const next = events.map(({ process, f, value }) => `${f}(${valueText(value)}) of process ${process}`);
  const text = `${placed}. None explains more: then come ${
    next.join(", ")
  }, and the state allows none of them.`;
  return judgment([{
    name: "not-sequential",
    title: "Not sequentially consistent",
    meaning:
      "No single order of all operations explains their results and has each process' operations in its order.",
    cause:
      "Two nodes apply the same writes in different orders, or a client sees an older state than before.",
    examples: [{ text, events }],
  }], { figures, warning });
}

/** One configuration: the number of placed operations of each process, and the states of the model's parts. */
interface Configuration<State> {
  readonly placed: readonly number[];
  /** Each in a list of its own, because a state may be undefined. Parts in their initial state may be absent. */
  readonly states: ReadonlyMap<ValueKey, readonly [State]>;
}

class SequentialSearch<State> {
  readonly #processes: readonly (readonly ModelCall[])[];
  readonly #model: Model<State, ModelOperation, unknown>;
  readonly #seen = new Set<string>();
  /** The largest number of operations that some order explains. */
  placedMax = 0;
  /** The next operations of the processes when most were placed. */
  blocked: readonly Event[] = [];

  constructor(calls: readonly ModelCall[], model: Model<State, ModelOperation, unknown>) {
    const byProcess = new Map<Event["process"], ModelCall[]>();
    for (const call of calls) {
      const { process } = call.input.invoke;
      const own = byProcess.get(process);
      if (own === undefined) byProcess.set(process, [call]);
      else own.push(call);
    }
    this.#processes = [...byProcess.values()];
    this.#model = model;
  }

  run(stepsMax: number, { stopped }: CheckControl): "found" | "none" | "limit" {
    const open: Configuration<State>[] = [{ placed: this.#processes.map(() => 0), states: new Map() }];
    let steps = 0;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (this.#isComplete(at)) return "found";
      if (++steps > stepsMax || (steps % STEPS_BETWEEN_LOOKS === 0 && stopped?.() === true)) return "limit";
      // The earliest operation is tried first, because most nodes answer nearly in real time.
      for (const each of this.#successors(at)) {
        const key = this.#keyOf(each);
        if (this.#seen.has(key)) continue;
        this.#seen.add(key);
        open.push(each);
      }
    }
    return "none";
  }

  /** Returns true if only indeterminate operations are left, which may never have happened. */
  #isComplete({ placed }: Configuration<State>): boolean {
    const count = placed.reduce((sum, each) => sum + each, 0);
    const left = this.#processes.flatMap((calls, i) => calls[placed[i] ?? 0] ?? []);
    if (count >= this.placedMax) {
      this.placedMax = count;
      this.blocked = left.map(({ input }) => input.completion ?? input.invoke);
    }
    return left.every(({ returned }) => returned === null);
  }

  /** Returns the configurations after one more operation. A read-only one that is possible comes first, and alone. */
  #successors({ placed, states }: Configuration<State>): Configuration<State>[] {
    const found: { readonly next: Configuration<State>; readonly called: number }[] = [];
    for (const [i, calls] of this.#processes.entries()) {
      const call = calls[placed[i] ?? 0];
      if (call === undefined) continue;
      const part = this.#model.partition?.(call.input) ?? null;
      const [state] = states.get(part) ?? [this.#model.initial()];
      const to = this.#model.step(state, call.input, call.output);
      if (to === REFUSED) continue;
      const next = {
        placed: placed.map((count, process) => process === i ? count + 1 : count),
        states: new Map([...states, [part, [to]] as const]),
      };
      if (this.#model.isReadOnly?.(call.input) === true) return [next];
      found.push({ next, called: call.called });
    }
    return found.sort((a, b) => b.called - a.called).map(({ next }) => next);
  }

  #keyOf({ placed, states }: Configuration<State>): string {
    const parts = [...states].map(([part, [state]]) => `${part}=${this.#stateKey(state)}`).sort();
    return `${placed.join(",")} ${parts.join(" ")}`;
  }

  #stateKey(state: State): ValueKey {
    return this.#model.stateKey?.(state) ?? valueKey(state);
  }
}
