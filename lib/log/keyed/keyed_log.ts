/**
 * One key's log, to which several nodes append without asking one another. Node i of n gives out offsets ≡ i (mod n), each
 * above all that it has seen of the key: a Lamport clock of which every node has its own residues, as Mencius gives its
 * servers their slots (Mao, Junqueira, Marzullo: "Mencius", OSDI 2008). An offset is *stable* when every other node is known
 * to have passed it, for then nobody will ever give out a lower one: readers are shown stable messages alone.
 */

import type { Json } from "../../protocol/schema.ts";

/** A message and its offset, as a poll shows it. */
export type Placed = readonly [offset: number, message: Json];

/** Which node of how many this is. */
export interface Seat {
  /** From 0. */
  readonly node: number;
  readonly nodes: number;
}

/** See the file's head. */
export class KeyedLog {
  readonly #seat: Seat;
  readonly #stable: Placed[] = [];
  readonly #unstable: Queue[]; // by the node that sent it
  readonly #passed: number[]; // by node: it gives out nothing up to there any more
  #highest = -1;

  constructor(seat: Seat) {
    this.#seat = seat;
    this.#unstable = Array.from({ length: seat.nodes }, () => new Queue());
    this.#passed = Array.from({ length: seat.nodes }, () => -1);
  }

  /** The highest offset that was seen. */
  get highest(): number {
    return this.#highest;
  }

  /** The offset for this node's next message. */
  get next(): number {
    const { node, nodes } = this.#seat;
    const least = this.#highest + 1;
    return least + ((node - least) % nodes + nodes) % nodes;
  }

  /** The stable messages, offsets growing. */
  get stable(): readonly Placed[] {
    return this.#stable;
  }

  /** How many messages are not stable yet. */
  get unstableCount(): number {
    return this.#unstable.reduce((sum, { length }) => sum + length, 0);
  }

  /** Takes in a message of a node. */
  add(placed: Placed, node: number): void {
    const [offset] = placed;
    if (offset > this.#highest) this.#highest = offset;
    const last = this.#stable.at(-1);
    if (last !== undefined && offset <= last[0]) this.#insertLate(placed);
    else this.#unstable[node]?.insert(placed);
    this.#passed[node] = Math.max(offset, this.#passed[node] ?? -1);
    this.#settle();
  }

  /** A node is known to have seen the key's log up to an offset. */
  pass(node: number, offset: number): void {
    if (offset <= (this.#passed[node] ?? Infinity)) return;
    this.#passed[node] = offset;
    this.#settle();
  }

  /** The place of the first stable message at an offset or beyond. */
  indexOf(offset: number): number {
    return lowerBound(this.#stable, offset);
  }

  /** Moves on what has become stable. This node itself has passed whatever it has seen. */
  #settle(): void {
    let bound = Infinity;
    for (let i = 0; i < this.#passed.length; i++) {
      if (i !== this.#seat.node) bound = Math.min(bound, this.#passed[i] ?? -1);
    }
    for (;;) {
      let first: Queue | undefined;
      let lowest = bound;
      for (const queue of this.#unstable) {
        const offset = queue.head?.[0] ?? Infinity;
        if (offset <= lowest && offset < Infinity) [first, lowest] = [queue, offset];
      }
      const placed = first?.take();
      if (placed === undefined) return;
      this.#stable.push(placed);
    }
  }

  /** A node that has forgotten what it had seen may give out an offset anew that was passed long ago. */
  #insertLate(placed: Placed): void {
    this.#stable.splice(this.indexOf(placed[0] + 1), 0, placed);
  }
}

/** Messages by growing offset. A long cut fills it with what then leaves all at once, so nothing is moved up at each step. */
class Queue {
  #messages: Placed[] = [];
  #taken = 0;

  get length(): number {
    return this.#messages.length - this.#taken;
  }

  get head(): Placed | undefined {
    return this.#messages[this.#taken];
  }

  take(): Placed | undefined {
    const { head } = this;
    if (head === undefined) return undefined;
    this.#taken++;
    if (this.#taken >= this.length) { // at least half of it is gone
      this.#messages = this.#messages.slice(this.#taken);
      this.#taken = 0;
    }
    return head;
  }

  /** Inserts from the end, where nearly all belong. */
  insert(placed: Placed): void {
    let at = this.#messages.length;
    while (at > this.#taken && (this.#messages[at - 1]?.[0] ?? 0) > placed[0]) at--;
    if (at === this.#messages.length) this.#messages.push(placed);
    else this.#messages.splice(at, 0, placed);
  }
}

function lowerBound(messages: readonly Placed[], offset: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((messages[middle]?.[0] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
