/**
 * The search for a linearization.
 *
 * It is Wing and Gong's backtracking ("Testing and verifying concurrent objects", 1993). Operations are linearized just
 * in time before a return and configurations are remembered, as in Lowe ("Testing for linearizability", 2017), with an
 * undo list as in Porcupine. Callers partition by object first (Horn and Kroening, 2015).
 *
 * Three rules keep the search small. A read-only operation that is possible is placed at once, because it changes
 * nothing. After an overwrite, every pending overwrite is *shadowed*: it may have happened just before, so it may
 * return, and it can still be used. Equal optional operations are interchangeable; the mode says how exactly the search
 * remembers which ones it used.
 *
 * The README of the checkers says more about the modes.
 */

import { valueAt } from "../columns.ts";
import type { CheckControl } from "../result.ts";
import { Configurations } from "./configurations.ts";
import { EMPTY, Multisets } from "./multisets.ts";
import type { Schedule } from "./schedule.ts";

/** An object as the search needs it. Small numbers represent states and operations. */
export interface SearchModel {
  /** The initial state. */
  readonly initial: number;
  /** Returns the state after an operation, or -1 if the state does not allow it. */
  step(state: number, operation: number): number;
  /** The members of each class of equal optional operations, in the order of their calls. */
  readonly optional: readonly (readonly number[])[];
  /**
   * Returns the optional operations that can be useful. The default is all that are available.
   *
   * @param unplaced the required operations that are not yet placed
   * @param available returns true if a class has an unused member
   */
  candidates?(unplaced: readonly number[], available: (optional: number) => boolean): OptionalOperations;
  /** Returns true if every state allows an operation and it leads to the same state from all of them. */
  overwrites?(operation: number): boolean;
  /** Returns the approximate memory that the remembered states take. */
  memoryBytes?(): number;
}

/** Classes of optional operations: those that overwrite, and the others by the state that allows them. */
export interface OptionalOperations {
  readonly overwriting: readonly number[];
  from(state: number): readonly number[];
}

/** The limits of a search. */
export interface SearchLimits {
  /**
   * The bytes for remembered configurations.
   *
   * @default {536_870_912}
   */
  readonly memoryBytesMax?: number;
  /**
   * The number of attempts to place an operation and of comparisons with remembered configurations.
   *
   * @default {20_000_000}
   */
  readonly stepsMax?: number;
}

/**
 * The treatment of optional operations.
 *
 * `exact`: each is used at most once. If two configurations differ only in the operations they used, the one
 * that used a subset covers the other.
 *
 * `underApproximate`: the same, but one configuration covers another if it used fewer. An order that is found exists,
 * but some orders are not found.
 *
 * `overApproximate`: each may be used any number of times. If no order is found, none exists.
 */
export type SearchMode = "exact" | "underApproximate" | "overApproximate";

/** The result of a search. */
export interface SearchResult {
  /** `linearizable`; `stuck` if no order exists; or the limit that ended the search. */
  readonly end: "linearizable" | "stuck" | "memory" | "steps" | "stopped";
  /** The number of returns that some order explains. If stuck, no order explains the next one. */
  readonly satisfied: number;
  /** The last operations of the longest prefix that was placed, in an order that explains it. */
  readonly tail: readonly number[];
  /** The number of operations in this prefix. */
  readonly placed: number;
  /** If stuck: the states in which the unexplained return was due. */
  readonly states: readonly number[];
  readonly steps: number;
  readonly configurations: number;
}

const MEMORY_BYTES_MAX = 512 * 1024 * 1024;
const STEPS_MAX = 20_000_000;
const TAIL_MAX = 32;
const STEPS_BETWEEN_LOOKS = 4096;
const SHADOWED = 2 ** 30;
const NO_OPTIONAL: OptionalOperations = { overwriting: [], from: () => [] };

/** Searches for an order of all required and any optional operations that the model allows. */
export function search(
  plan: Schedule,
  model: SearchModel,
  options: { readonly limits?: SearchLimits; readonly control?: CheckControl; readonly mode?: SearchMode } =
    {},
): SearchResult {
  return new Search(plan, model, options).run();
}

class Search {
  readonly #plan: Schedule;
  readonly #model: SearchModel;
  readonly #control: CheckControl;
  readonly #mode: SearchMode;
  readonly #memoryBytesMax: number;
  readonly #stepsMax: number;
  readonly #sets = new Multisets();
  readonly #configurations: Configurations;

  // The current configuration: the due return, the state, the used optional operations, and the placed pending ones.
  #due = 0;
  #state: number;
  #used = EMPTY; // a multiset; in mode underApproximate a count
  /** By slot: the placed operations, then (from word `#shadowedFrom`) the shadowed ones. */
  readonly #bits: Int32Array;
  readonly #shadowedFrom: number;
  /** By class of optional operations: the number that is placed. */
  readonly #usedCount: Int32Array;
  /**
   * The placed operations in order: an operation, plus `SHADOWED` if it returned shadowed, or ~class if optional.
   * Truncated to undo.
   */
  readonly #trail: number[] = [];

  // The configurations to return to, in columns, and the moves that each still has. The best move is the last.
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
    model: SearchModel,
    options: { readonly limits?: SearchLimits; readonly control?: CheckControl; readonly mode?: SearchMode },
  ) {
    const { limits = {}, control = {}, mode = "exact" } = options;
    this.#plan = plan;
    this.#model = model;
    this.#control = control;
    this.#mode = mode;
    this.#memoryBytesMax = limits.memoryBytesMax ?? MEMORY_BYTES_MAX;
    this.#stepsMax = limits.stepsMax ?? STEPS_MAX;
    this.#state = model.initial;
    this.#shadowedFrom = plan.words;
    this.#bits = new Int32Array(plan.words * 2);
    this.#usedCount = new Int32Array(model.optional.length);
    this.#configurations = new Configurations(plan.words * 2, {
      memoryBytesMax: this.#memoryBytesMax,
      covers: (used, known) => mode === "exact" ? this.#sets.contains(used, known) : known <= used,
    });
  }

  run(): SearchResult {
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
        if (this.#control.stopped?.() === true) return this.#outcome("stopped");
        this.#control.progress?.(this.#deepest / returns);
        if ((this.#model.memoryBytes?.() ?? 0) > this.#memoryBytesMax) return this.#outcome("memory");
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
    const bit = valueAt(this.#plan.slot, operation);
    return (valueAt(this.#bits, bit >>> 5) & (1 << (bit & 31))) !== 0;
  }

  #isShadowed(operation: number): boolean {
    const bit = valueAt(this.#plan.slot, operation);
    return (valueAt(this.#bits, this.#shadowedFrom + (bit >>> 5)) & (1 << (bit & 31))) !== 0;
  }

  #place(operation: number): void {
    const bit = valueAt(this.#plan.slot, operation);
    this.#bits[bit >>> 5] = valueAt(this.#bits, bit >>> 5) | (1 << (bit & 31));
    this.#trail.push(operation);
  }

  /** Places the reads that the state allows, and passes every return whose operation is placed. */
  #advance(): void {
    const { returning, slot, reads, readsStart } = this.#plan;
    while (this.#due < returning.length) {
      const end = valueAt(readsStart, this.#due + 1);
      for (let i = valueAt(readsStart, this.#due); i < end; i++) {
        const read = valueAt(reads, i);
        if (!this.#isPlaced(read) && this.#model.step(this.#state, read) >= 0) this.#place(read);
      }
      const operation = valueAt(returning, this.#due);
      if (!this.#isPlaced(operation)) return;
      const bit = valueAt(slot, operation);
      this.#clear(bit >>> 5, bit & 31);
      this.#clear(this.#shadowedFrom + (bit >>> 5), bit & 31);
      this.#due++;
    }
  }

  #clear(word: number, bit: number): void {
    this.#bits[word] = valueAt(this.#bits, word) & ~(1 << bit);
  }

  #apply(move: number): void {
    const model = this.#model;
    if (move >= SHADOWED) {
      this.#place(move - SHADOWED);
      this.#trail[this.#trail.length - 1] = move;
      return;
    }
    const member = this.#memberOf(move);
    this.#state = model.step(this.#state, member);
    if (model.overwrites?.(member) === true) this.#shadowPending();
    if (move >= 0) {
      const bit = valueAt(this.#plan.slot, move);
      this.#clear(this.#shadowedFrom + (bit >>> 5), bit & 31);
      this.#place(move);
      return;
    }
    this.#usedCount[~move] = valueAt(this.#usedCount, ~move) + 1;
    if (this.#mode === "exact") this.#used = this.#sets.add(this.#used, ~move);
    else if (this.#mode === "underApproximate") this.#used++;
    this.#trail.push(move);
  }

  /** Returns the operation that a move places. Any member represents a class of equal optional operations. */
  #memberOf(move: number): number {
    return move >= 0 ? move : this.#model.optional[~move]?.[0] ?? 0;
  }

  /** Shadows every pending overwrite that is not placed, because it may have happened just before the current one. */
  #shadowPending(): void {
    const { pending, pendingStart, slot } = this.#plan;
    for (let i = valueAt(pendingStart, this.#due), end = valueAt(pendingStart, this.#due + 1); i < end; i++) {
      const operation = valueAt(pending, i);
      if (this.#isPlaced(operation) || this.#model.overwrites?.(operation) !== true) continue;
      const bit = valueAt(slot, operation);
      const word = this.#shadowedFrom + (bit >>> 5);
      this.#bits[word] = valueAt(this.#bits, word) | (1 << (bit & 31));
    }
  }

  #restore(top: number): void {
    const words = this.#bits.length;
    this.#due = this.#stackDue[top] ?? 0;
    this.#state = this.#stackState[top] ?? 0;
    this.#used = this.#stackUsed[top] ?? EMPTY;
    for (let w = 0; w < words; w++) this.#bits[w] = this.#stackBits[top * words + w] ?? 0;
    const length = this.#stackTrail[top] ?? 0;
    while (this.#trail.length > length) {
      const placed = this.#trail.pop() ?? 0;
      if (placed < 0) this.#usedCount[~placed] = valueAt(this.#usedCount, ~placed) - 1;
    }
  }

  #push(): void {
    this.#stackDue.push(this.#due);
    this.#stackState.push(this.#state);
    this.#stackUsed.push(this.#used);
    for (const word of this.#bits) this.#stackBits.push(word);
    this.#stackMoves.push(this.#moves.length);
    this.#stackTrail.push(this.#trail.length);
    if (this.#due > this.#deepest) {
      this.#deepest = this.#due;
      this.#tail.length = 0; // filled only if the search returns to this configuration
    }
    this.#pushMoves();
  }

  #pop(): void {
    const length = this.#stackTrail.pop() ?? 0;
    if (this.#stackDue.pop() === this.#deepest && this.#tail.length === 0) this.#keepTail(length);
    this.#stackState.pop();
    this.#stackUsed.pop();
    this.#stackBits.length -= this.#bits.length;
    this.#stackMoves.pop();
  }

  #keepTail(length: number): void {
    this.#placed = length;
    this.#tail = this.#trail.slice(Math.max(0, length - 4 * TAIL_MAX), length)
      .filter((placed) => placed < SHADOWED)
      .slice(-TAIL_MAX);
  }

  /** Pushes the possible moves. The due operation is the last, after those that make it possible, after all others. */
  #pushMoves(): void {
    const { returning, pending, pendingStart, reads, readsStart } = this.#plan;
    const model = this.#model;
    const due = this.#due;
    const state = this.#state;
    const wanted = valueAt(returning, due);
    const unplaced = this.#unplaced;
    unplaced.length = 0;
    for (let i = valueAt(readsStart, due), end = valueAt(readsStart, due + 1); i < end; i++) {
      if (!this.#isPlaced(valueAt(reads, i))) unplaced.push(valueAt(reads, i));
    }
    for (let i = valueAt(pendingStart, due + 1) - 1, start = valueAt(pendingStart, due); i >= start; i--) {
      if (!this.#isPlaced(valueAt(pending, i))) unplaced.push(valueAt(pending, i));
    }
    const optional = this.#candidates();
    const candidates = [...optional.overwriting, ...optional.from(state)].map((index) => ~index);
    for (const operation of unplaced) candidates.push(operation);
    const enabling: number[] = [];
    for (const move of candidates) {
      if (move === wanted) continue;
      const member = this.#memberOf(move);
      const next = model.step(state, member);
      if (next < 0 || (move < 0 && next === state)) continue; // an optional operation that changes nothing is useless
      if (model.step(next, wanted) >= 0 && model.overwrites?.(wanted) !== true) enabling.push(move);
      else if (model.overwrites?.(member) !== true || this.#isWanted(next, optional)) {
        this.#moves.push(move);
      }
    }
    for (const move of enabling) this.#moves.push(move);
    const next = model.step(state, wanted);
    if (this.#isShadowed(wanted)) {
      if (this.#isWanted(next, optional)) this.#moves.push(SHADOWED + wanted, wanted);
      else this.#moves.push(wanted, SHADOWED + wanted);
    } else if (next >= 0) this.#moves.push(wanted);
  }

  /**
   * Returns true if a state allows an operation that is not an overwrite. Only then is an overwrite that leads to it
   * useful.
   */
  #isWanted(state: number, optional: OptionalOperations): boolean {
    const model = this.#model;
    for (const operation of this.#unplaced) {
      if (model.overwrites?.(operation) !== true && model.step(state, operation) >= 0) return true;
    }
    return optional.from(state).length > 0;
  }

  /** Returns the optional operations to try. */
  #candidates(): OptionalOperations {
    const model = this.#model;
    if (model.optional.length === 0) return NO_OPTIONAL;
    const available = (index: number): boolean => {
      const next = model.optional[index]
        ?.[this.#mode === "overApproximate" ? 0 : valueAt(this.#usedCount, index)];
      return next !== undefined && valueAt(this.#plan.firstReturn, next) <= this.#due;
    };
    if (model.candidates !== undefined) return model.candidates(this.#unplaced, available);
    const all = model.optional.map((_, index) => index).filter(available);
    const overwrites = (index: number): boolean => model.overwrites?.(this.#memberOf(~index)) === true;
    const others = all.filter((index) => !overwrites(index));
    return {
      overwriting: all.filter(overwrites),
      from: (state) => others.filter((index) => model.step(state, this.#memberOf(~index)) >= 0),
    };
  }

  #outcome(end: SearchResult["end"]): SearchResult {
    if (end !== "stuck" && this.#tail.length === 0) this.#keepTail(this.#trail.length);
    return {
      end,
      satisfied: end === "linearizable" ? this.#plan.returning.length : this.#deepest,
      tail: this.#tail.map((placed) => placed >= 0 ? placed : this.#model.optional[~placed]?.[0] ?? 0),
      placed: this.#placed,
      states: end === "stuck" ? this.#statesAt(this.#deepest) : [],
      steps: this.#steps,
      configurations: this.#configurations.size,
    };
  }

  /**
   * Returns the states that were possible when a return was due: those reached, and those after a pending overwrite.
   */
  #statesAt(due: number): number[] {
    const { pending, pendingStart, returning } = this.#plan;
    const states = new Set<number>();
    this.#configurations.each(due, (state, bits) => {
      states.add(state);
      this.#bits.set(bits);
      for (let i = valueAt(pendingStart, due), end = valueAt(pendingStart, due + 1); i < end; i++) {
        const operation = valueAt(pending, i);
        const free = operation !== returning[due] && !this.#isPlaced(operation);
        if (free && this.#model.overwrites?.(operation) === true) {
          states.add(this.#model.step(state, operation));
        }
      }
    });
    return [...states];
  }
}
