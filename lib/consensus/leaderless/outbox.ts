/** The parts of messages that a node sends at the end of its turn. Tested by `tests/consensus/leaderless/outbox_test.ts`. */

import type { NodeId } from "../types.ts";

/** Time in ms that a part waits at most for a message to ride with. */
const RIDING_MS = 50;

interface Riding<Part> {
  readonly parts: Part[];
  readonly sendAt: number;
}

/** Collects parts per node. */
export class Outbox<Part> {
  readonly #parts = new Map<NodeId, Part[]>();
  readonly #riding = new Map<NodeId, Riding<Part>>();

  /** Sends a part with the message of this turn. */
  send(to: NodeId, part: Part): void {
    const parts = this.#parts.get(to);
    if (parts === undefined) this.#parts.set(to, [part]);
    else parts.push(part);
  }

  /** Sends a part with the next message, or after a while if there is none. */
  sendLater(to: NodeId, part: Part, now: number): void {
    const riding = this.#riding.get(to);
    if (riding === undefined) this.#riding.set(to, { parts: [part], sendAt: now + RIDING_MS });
    else riding.parts.push(part);
  }

  /** The time at which parts no longer wait for a message. */
  get deadline(): number {
    let deadline = Infinity;
    for (const { sendAt } of this.#riding.values()) deadline = Math.min(deadline, sendAt);
    return deadline;
  }

  /** Returns the parts of the messages that are due, and forgets them. */
  take(now: number): ReadonlyMap<NodeId, readonly Part[]> {
    for (const [node, { parts, sendAt }] of this.#riding) {
      if (!this.#parts.has(node) && now < sendAt) continue;
      this.#riding.delete(node);
      for (const part of parts) this.send(node, part);
    }
    const taken = new Map(this.#parts);
    this.#parts.clear();
    return taken;
  }
}
