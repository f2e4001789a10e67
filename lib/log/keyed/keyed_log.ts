/**
 * The log of one key, to which several nodes append without coordination. Node i of n assigns offsets ≡ i (mod n), each above
 * all offsets that it has seen for the key. This is a Lamport clock in which every node has its own residue class, like the
 * slots of Mencius (Mao, Junqueira, Marzullo: "Mencius", OSDI 2008). An offset is *stable* when every other node is known to
 * have seen it or a higher one, because no node will then assign a lower one. Readers see only stable messages.
 *
 * Tested by `tests/log/keyed_log_test.ts`.
 */

import { invariant } from "../../protocol/errors.ts";
import type { Json } from "../../protocol/schema.ts";

/** A message and its offset, as a poll returns them. */
export type OffsetMessage = readonly [offset: number, message: Json];

/** The index of this node, and the number of nodes. */
export interface NodeIndex {
  /** The index of this node, from 0. */
  readonly node: number;
  readonly nodeCount: number;
}

/** One node's copy of the log of one key. */
export class KeyedLog {
  readonly #self: NodeIndex;
  readonly #stable: OffsetMessage[] = [];
  readonly #unstable: Queue[]; // by the node that assigned the offset
  readonly #watermarks: number[]; // by node: it will assign only higher offsets
  #highest = -1;

  constructor(self: NodeIndex) {
    this.#self = self;
    this.#unstable = Array.from({ length: self.nodeCount }, () => new Queue());
    this.#watermarks = Array.from({ length: self.nodeCount }, () => -1);
  }

  /** The highest offset that this node has seen. */
  get highest(): number {
    return this.#highest;
  }

  /** The offset of this node's next message. */
  get next(): number {
    const { node, nodeCount } = this.#self;
    const least = this.#highest + 1;
    return least + ((node - least) % nodeCount + nodeCount) % nodeCount; // plant: reused-offset
  }

  /** The stable messages, by increasing offset. */
  get stable(): readonly OffsetMessage[] {
    return this.#stable;
  }

  /** The number of messages that are not stable yet. */
  get unstableCount(): number {
    return this.#unstable.reduce((sum, { length }) => sum + length, 0);
  }

  /** Adds a message that a node assigned an offset to. */
  add(message: OffsetMessage, node: number): void {
    const [offset] = message;
    if (offset > this.#highest) this.#highest = offset;
    const last = this.#stable.at(-1);
    if (last !== undefined && offset <= last[0]) this.#insertLate(message);
    else this.#unstable[node]?.insert(message);
    this.#watermarks[node] = Math.max(offset, this.#watermarks[node] ?? -1);
    this.#promoteStable();
  }

  /** Records that a node has seen the log up to an offset. */
  advance(node: number, offset: number): void {
    if (offset <= (this.#watermarks[node] ?? Infinity)) return;
    this.#watermarks[node] = offset;
    this.#promoteStable();
  }

  /** Returns the index of the first stable message at or above an offset. */
  indexOf(offset: number): number {
    const last = this.#stable.at(-1);
    // Most readers have read everything.
    return last === undefined || last[0] < offset ? this.#stable.length : lowerBound(this.#stable, offset);
  }

  /** Moves messages that have become stable. This node itself assigns only offsets above all that it has seen. */
  #promoteStable(): void {
    let bound = Infinity;
    for (let i = 0; i < this.#watermarks.length; i++) {
      if (i !== this.#self.node) bound = Math.min(bound, this.#watermarks[i] ?? -1); // plant: unstable-order
    }
    for (;;) {
      let first: Queue | undefined;
      let lowest = bound;
      for (const queue of this.#unstable) {
        const offset = queue.head?.[0] ?? Infinity;
        if (offset <= lowest && offset < Infinity) [first, lowest] = [queue, offset];
      }
      const message = first?.take();
      if (message === undefined) return;
      const last = this.#stable.at(-1)?.[0] ?? -1;
      invariant(message[0] >= last, () => `offset ${message[0]} became stable after ${last}`);
      this.#stable.push(message);
    }
  }

  /** Inserts a message below stable ones: a node that lost its memory may assign an offset that it has assigned before. */
  #insertLate(message: OffsetMessage): void {
    this.#stable.splice(this.indexOf(message[0] + 1), 0, message);
  }
}

/** Messages by increasing offset. Taking one does not move the rest, because a long partition leaves many to take at once. */
class Queue {
  #messages: OffsetMessage[] = [];
  #taken = 0;

  get length(): number {
    return this.#messages.length - this.#taken;
  }

  get head(): OffsetMessage | undefined {
    return this.#messages[this.#taken];
  }

  take(): OffsetMessage | undefined {
    const { head } = this;
    if (head === undefined) return undefined;
    this.#taken++;
    if (this.#taken >= this.length) { // at least half of the array is unused
      this.#messages = this.#messages.slice(this.#taken);
      this.#taken = 0;
    }
    return head;
  }

  /** Inserts from the end, where nearly all messages belong. */
  insert(message: OffsetMessage): void {
    let at = this.#messages.length;
    while (at > this.#taken && (this.#messages[at - 1]?.[0] ?? 0) > message[0]) at--;
    if (at === this.#messages.length) this.#messages.push(message);
    else this.#messages.splice(at, 0, message);
  }
}

function lowerBound(messages: readonly OffsetMessage[], offset: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((messages[middle]?.[0] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
