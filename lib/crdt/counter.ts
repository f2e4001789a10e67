/**
 * A counter that goes up and down, as a state that merges: per origin, the sum of its increments and the sum of its
 * decrements, both of which only grow (PN-Counter: Shapiro, Preguiça, Baquero, Zawirski, "A comprehensive study of convergent
 * and commutative replicated data types", 2011, section 3.1.3). Only origins that changed are sent (delta state: Almeida,
 * Shoker, Baquero, "Delta state replicated data types", 2018).
 *
 * The state of an origin is encoded as `[version, plus, minus]`; the version counts its changes.
 */

import type { Delta, Replica, Vector } from "../gossip/replica.ts";
import type { Json } from "../protocol/schema.ts";

/** The part of one origin. */
export interface CounterState {
  readonly version: number;
  /** The sum of all increments, from 0. */
  readonly plus: number;
  /** The sum of all decrements, from 0. */
  readonly minus: number;
}

const ZERO: CounterState = { version: 0, plus: 0, minus: 0 };

/** One node's copy of a counter. Sums are exact: a sum that a double cannot represent exactly (from 2^53 on) is refused. */
export class Counter implements Replica {
  readonly #states = new Map<string, CounterState>();
  readonly #vector = new Map<string, number>();
  readonly origin: string;

  /** `origin` is the part that this node writes. No other node or previous incarnation without memory may write it. */
  constructor(origin: string) {
    this.origin = origin;
  }

  get vector(): Vector {
    return this.#vector;
  }

  isOwn(origin: string): boolean {
    return origin === this.origin;
  }

  /** The parts of all origins. */
  get states(): ReadonlyMap<string, CounterState> {
    return this.#states;
  }

  /** The sum over all origins; undefined if it is outside ±(2^53 - 1). */
  get value(): number | undefined {
    return this.#sumWith(0);
  }

  /** Adds `delta` to this node's part. Returns false, and adds nothing, if a sum would leave ±(2^53 - 1). */
  add(delta: number): boolean {
    const state = this.#states.get(this.origin) ?? ZERO;
    const { version } = state;
    const plus = state.plus + Math.max(0, delta);
    const minus = state.minus + Math.max(0, -delta);
    if (!Number.isSafeInteger(plus) || !Number.isSafeInteger(minus)) return false;
    if (this.#sumWith(delta) === undefined) return false;
    if (delta !== 0) this.#set(this.origin, { version: version + 1, plus, minus });
    return true;
  }

  delta(origin: string, _after: number, _sizeMax: number): Delta {
    const { version, plus, minus } = this.#states.get(origin) ?? ZERO;
    return { payload: [version, plus, minus], upTo: version, size: 1 };
  }

  merge(origin: string, payload: unknown): number {
    if (!isTriple(payload)) return 0;
    const [version, plus, minus] = payload;
    if (version > (this.#vector.get(origin) ?? 0)) this.#set(origin, { version, plus, minus }); // plant: ignored-decrement
    return version;
  }

  /** Returns all parts as JSON, for `restore`. */
  encode(): Json {
    return Object.fromEntries(
      [...this.#states].map(([origin, { version, plus, minus }]) => [origin, [version, plus, minus]]),
    );
  }

  /** Merges parts that `encode` returned. */
  restore(encoded: object): void {
    for (const [origin, payload] of Object.entries(encoded)) this.merge(origin, payload);
  }

  #set(origin: string, state: CounterState): void {
    this.#states.set(origin, state);
    this.#vector.set(origin, state.version);
  }

  #sumWith(delta: number): number | undefined {
    let sum = BigInt(delta); // intermediate sums may exceed the exact range of doubles
    for (const { plus, minus } of this.#states.values()) sum += BigInt(plus) - BigInt(minus);
    const value = Number(sum);
    return Number.isSafeInteger(value) ? value : undefined;
  }
}

function isTriple(payload: unknown): payload is [number, number, number] {
  return Array.isArray(payload) && payload.length === 3 &&
    payload.every((part) => Number.isSafeInteger(part) && part >= 0);
}
