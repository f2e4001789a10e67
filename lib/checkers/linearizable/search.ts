/**
 * Is there an order? The search for a linearization: Wing and Gong's backtracking ("Testing and verifying concurrent
 * objects", 1993), linearizing just in time before a return and remembering configurations as Lowe does ("Testing for
 * linearizability", 2017), with an undo list as in Porcupine. Partition by object first (Horn and Kroening, 2015).
 *
 * Two more observations keep it small. A read-only operation that can happen now may as well: it changes nothing and is
 * out of the way. An operation that is pending for ever is optional, and equal ones can stand for each other; `spending`
 * says how exactly the search remembers which of them it spent.
 */

import type { Watch } from "../result.ts";
import { Configurations } from "./configurations.ts";
import { EMPTY, Multisets } from "./multisets.ts";
import type { Schedule } from "./schedule.ts";

/** An object as the search sees it: states and operations are small numbers. */
export interface Machine {
  /** The first state. */
  readonly initial: number;
  /** The state after an operation, or -1 if the state does not allow it. */
  step(state: number, operation: number): number;
  /** By class of equal optional operations: its members, in the order of their calls. */
  readonly optional: readonly (readonly number[])[];
  /**
   * The classes of optional operations that are worth trying in a state, given the required operations that are still to
   * be placed. All that are available, where the machine does not know better.
   */
  worthTrying?(
    state: number,
    unplaced: readonly number[],
    available: (optional: number) => boolean,
  ): number[];
  /** About how much memory the states take that it had to remember. */
  memoryBytes?(): number;
}

/** What a search may use. */
export interface Limits {
  /** For remembered configurations. Half a gigabyte unless given. */
  readonly memoryBytesMax?: number;
  /** Attempts to place an operation, and comparisons with what is remembered. Twenty million unless given. */
  readonly stepsMax?: number;
}

/**
 * How optional operations are spent. `exactly`: each at most once; of two configurations that differ only in that, the
 * thriftier can do all that the other can. `hastily`: likewise, but configurations are compared by how many they spent,
 * not by which, so an order that is found is one, and one may be missed. `freely`: as often as one likes, so that no order
 * means that there is none.
 */
export type Spending = "exactly" | "hastily" | "freely";

/** What a search found. */
export interface Outcome {
  /** `linearizable`; `stuck`: there is no order; or which limit ended it. */
  readonly end: "linearizable" | "stuck" | "memory" | "steps" | "stopped";
  /** How many returns some order satisfies. If stuck, the next one is what none satisfies. */
  readonly satisfied: number;
  /** The last operations of the longest prefix that was placed, in an order that satisfies it. */
  readonly tail: readonly number[];
  /** How many operations that prefix has. */
  readonly placed: number;
  /** If stuck: the states in which the return that none satisfies was due. */
  readonly states: readonly number[];
  readonly steps: number;
  readonly configurations: number;
}

const MEMORY_BYTES_MAX = 512 * 1024 * 1024;
const STEPS_MAX = 20_000_000;
const TAIL_MAX = 32;
const STEPS_BETWEEN_LOOKS = 4096;

/** Searches for an order of all required, and any optional, operations that the machine allows. */
export function search(
  plan: Schedule,
  machine: Machine,
  options: { readonly limits?: Limits; readonly watch?: Watch; readonly spending?: Spending } = {},
): Outcome {
  return new Search(plan, machine, options).run();
}

class Search {
  readonly #plan: Schedule;
  readonly #machine: Machine;
  readonly #watch: Watch;
  readonly #spending: Spending;
  readonly #memoryBytesMax: number;
  readonly #stepsMax: number;
  readonly #sets = new Multisets();
  readonly #configurations: Configurations;

  // The configuration at hand: which return is due, the state, what was spent, and what is placed among the pending.
  #due = 0;
  #state: number;
  #used = EMPTY; // a multiset, or how many, by the manner of spending
  readonly #bits: Int32Array;
  /** By class of optional operations: how many are placed. */
  readonly #spent: Int32Array;
  /** All that is placed, in order: an operation, or ~class of optional ones. Cut back to undo. */
  readonly #trail: number[] = [];

  // The configurations to come back to, in columns, and the moves that each still has; the best move comes last.
  readonly #stackDue: number[] = [];
  readonly #stackState: number[] = [];
  readonly #stackUsed: number[] = [];
  readonly #stackBits: number[] = [];
  readonly #stackMoves: number[] = [];
  readonly #stackTrail: number[] = [];
  readonly #moves: number[] = [];

  readonly #unplaced: number[] = []; // scratch
  #steps = 0;
  #deepest = 0;
  #tail: number[] = [];
  #placed = 0;

  constructor(
    plan: Schedule,
    machine: Machine,
    options: { readonly limits?: Limits; readonly watch?: Watch; readonly spending?: Spending },
  ) {
    const { limits = {}, watch = {}, spending = "exactly" } = options;
    this.#plan = plan;
    this.#machine = machine;
    this.#watch = watch;
    this.#spending = spending;
    this.#memoryBytesMax = limits.memoryBytesMax ?? MEMORY_BYTES_MAX;
    this.#stepsMax = limits.stepsMax ?? STEPS_MAX;
    this.#state = machine.initial;
    this.#bits = new Int32Array(plan.words);
    this.#spent = new Int32Array(machine.optional.length);
    this.#configurations = new Configurations(plan.words, {
      memoryBytesMax: this.#memoryBytesMax,
      covers: (used, known) => spending === "exactly" ? this.#sets.contains(used, known) : known <= used,
    });
  }

  run(): Outcome {
    const returns = this.#plan.returning.length;
    this.#advance();
    if (this.#due === returns) return this.#outcome("linearizable");
    this.#remember();
    this.#push();
    for (;;) {
      const top = this.#stackDue.length - 1;
      if (top < 0) return this.#outcome("stuck");
      const move = this.#moves.length === this.#stackMoves[top] ? undefined : this.#moves.pop();
      if (move === undefined) {
        this.#pop();
        continue;
      }
      this.#restore(top);
      this.#apply(move);
      this.#advance();
      if (this.#due === returns) return this.#outcome("linearizable");
      if (++this.#steps % STEPS_BETWEEN_LOOKS === 0) {
        if (this.#watch.stopped?.() === true) return this.#outcome("stopped");
        this.#watch.progress?.(this.#deepest / returns);
        if ((this.#machine.memoryBytes?.() ?? 0) > this.#memoryBytesMax) return this.#outcome("memory");
      }
      if (this.#steps + this.#configurations.comparisons > this.#stepsMax) return this.#outcome("steps");
      const addition = this.#remember();
      if (addition === "full" || this.#sets.bytes > this.#memoryBytesMax) return this.#outcome("memory");
      if (addition === "new") this.#push();
    }
  }

  #remember(): ReturnType<Configurations["add"]> {
    return this.#configurations.add(this.#due, this.#state, { used: this.#used, bits: this.#bits });
  }

  #isPlaced(operation: number): boolean {
    const bit = this.#plan.slot[operation] ?? 0;
    return ((this.#bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
  }

  #place(operation: number): void {
    const bit = this.#plan.slot[operation] ?? 0;
    this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
    this.#trail.push(operation);
  }

  /** Places the reads that the state allows, and passes every return whose operation is placed. */
  #advance(): void {
    const { returning, slot, reads, readsStart } = this.#plan;
    while (this.#due < returning.length) {
      const end = readsStart[this.#due + 1] ?? 0;
      for (let i = readsStart[this.#due] ?? 0; i < end; i++) {
        const read = reads[i] ?? 0;
        if (!this.#isPlaced(read) && this.#machine.step(this.#state, read) >= 0) this.#place(read);
      }
      const operation = returning[this.#due] ?? 0;
      if (!this.#isPlaced(operation)) return;
      const bit = slot[operation] ?? 0;
      this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] ?? 0) & ~(1 << (bit & 31));
      this.#due++;
    }
  }

  #apply(move: number): void {
    if (move >= 0) {
      this.#state = this.#machine.step(this.#state, move);
      this.#place(move);
      return;
    }
    const optional = ~move;
    this.#state = this.#machine.step(this.#state, this.#machine.optional[optional]?.[0] ?? 0);
    this.#spent[optional] = (this.#spent[optional] ?? 0) + 1;
    if (this.#spending === "exactly") this.#used = this.#sets.add(this.#used, optional);
    else if (this.#spending === "hastily") this.#used++;
    this.#trail.push(move);
  }

  #restore(top: number): void {
    const words = this.#plan.words;
    this.#due = this.#stackDue[top] ?? 0;
    this.#state = this.#stackState[top] ?? 0;
    this.#used = this.#stackUsed[top] ?? EMPTY;
    for (let w = 0; w < words; w++) this.#bits[w] = this.#stackBits[top * words + w] ?? 0;
    const length = this.#stackTrail[top] ?? 0;
    while (this.#trail.length > length) {
      const placed = this.#trail.pop() ?? 0;
      if (placed < 0) this.#spent[~placed] = (this.#spent[~placed] ?? 0) - 1;
    }
  }

  #push(): void {
    this.#stackDue.push(this.#due);
    this.#stackState.push(this.#state);
    this.#stackUsed.push(this.#used);
    for (const word of this.#bits) this.#stackBits.push(word);
    this.#stackMoves.push(this.#moves.length);
    this.#stackTrail.push(this.#trail.length);
    if (this.#due > this.#deepest || this.#placed === 0) {
      this.#deepest = this.#due;
      this.#placed = this.#trail.length;
      this.#tail.length = 0; // filled when the search comes back to here, which it need not
    }
    this.#pushMoves();
  }

  #pop(): void {
    const length = this.#stackTrail.pop() ?? 0;
    if (this.#stackDue.pop() === this.#deepest && this.#tail.length === 0) this.#keepTail(length);
    this.#stackState.pop();
    this.#stackUsed.pop();
    this.#stackBits.length -= this.#plan.words;
    this.#stackMoves.pop();
  }

  #keepTail(length: number): void {
    this.#placed = length;
    this.#tail = this.#trail.slice(Math.max(0, length - TAIL_MAX), length);
  }

  /** Pushes what can be placed now: the operation that is due, before it what lets it happen, before that the rest. */
  #pushMoves(): void {
    const { returning, pending, pendingStart, reads, readsStart } = this.#plan;
    const machine = this.#machine;
    const due = this.#due;
    const state = this.#state;
    const wanted = returning[due] ?? 0;
    const unplaced = this.#unplaced;
    unplaced.length = 0;
    for (let i = readsStart[due] ?? 0, end = readsStart[due + 1] ?? 0; i < end; i++) {
      if (!this.#isPlaced(reads[i] ?? 0)) unplaced.push(reads[i] ?? 0);
    }
    for (let i = (pendingStart[due + 1] ?? 0) - 1, start = pendingStart[due] ?? 0; i >= start; i--) {
      if (!this.#isPlaced(pending[i] ?? 0)) unplaced.push(pending[i] ?? 0);
    }
    const candidates = this.#worthTrying();
    for (const operation of unplaced) candidates.push(operation);
    const enabling: number[] = [];
    for (const move of candidates) {
      if (move === wanted) continue;
      const next = machine.step(state, move >= 0 ? move : machine.optional[~move]?.[0] ?? 0);
      if (next < 0 || (move < 0 && next === state)) continue; // an optional one that changes nothing is only wasted
      if (machine.step(next, wanted) >= 0) enabling.push(move);
      else this.#moves.push(move);
    }
    for (const move of enabling) this.#moves.push(move);
    if (machine.step(state, wanted) >= 0) this.#moves.push(wanted);
  }

  /** The optional operations to try, as moves. */
  #worthTrying(): number[] {
    const { optional, worthTrying } = this.#machine;
    if (optional.length === 0) return [];
    const available = (index: number): boolean => {
      const next = optional[index]?.[this.#spending === "freely" ? 0 : this.#spent[index] ?? 0];
      return next !== undefined && (this.#plan.firstReturn[next] ?? 0) <= this.#due;
    };
    const classes = worthTrying === undefined
      ? optional.map((_, index) => index).filter(available)
      : worthTrying(this.#state, this.#unplaced, available);
    return classes.map((index) => ~index);
  }

  #outcome(end: Outcome["end"]): Outcome {
    if (end !== "stuck" && this.#tail.length === 0) this.#keepTail(this.#trail.length);
    return {
      end,
      satisfied: end === "linearizable" ? this.#plan.returning.length : this.#deepest,
      tail: this.#tail.map((placed) => placed >= 0 ? placed : this.#machine.optional[~placed]?.[0] ?? 0),
      placed: this.#placed,
      states: end === "stuck" ? this.#configurations.statesAt(this.#deepest) : [],
      steps: this.#steps,
      configurations: this.#configurations.size,
    };
  }
}
