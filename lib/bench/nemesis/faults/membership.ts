/**
 * The fault `membership`: some nodes leave the membership of the cluster, and join it again later. The nodes do that themselves, when they
 * are asked by the requests `leave` and `join`.
 *
 * At least a majority of all nodes, and two, are not asked to leave. After a request without a reply, the node counts as one that left
 * until it confirms that it joined.
 *
 * Tested by `tests/bench/nemesis/membership_test.ts`.
 */

import { CODE, isDefinite, RpcError } from "../../../protocol/errors.ts";
import { join, leave } from "../../../protocol/membership.ts";
import { isObject } from "../../../protocol/schema.ts";
import { call } from "../../workloads/operations.ts";
import { defineFault, type Switched } from "../fault.ts";
import type { FaultTarget } from "../fault_target.ts";

const kind = "membership";

/** The event of a node that joined. */
const JOINED = `joined-${kind}`;

/** Timeout of a request, in ms. Nodes should reply earlier, with error 0 if they cannot tell the outcome. */
const REQUEST_TIMEOUT_MS = 3000;
/** Time after which a request to join is sent again, in ms. */
const RETRY_MS = 300;
/** The minimum number of nodes that stay. */
const STAYING_MIN = 2;

/** The state of a node that was asked to leave, as far as its replies tell. */
type NodeState = "leaving" | "left" | "unknown" | "joining";

export const membership = defineFault({
  name: kind,
  description:
    "lets nodes leave the membership and join it again, which lin-kv and txn-list-append with Raft support",
  isInAll: false, // most nodes do not support it
  affected: "committed",
  counted: "change",
  band: {
    nodes: "affected",
    text: (value) =>
      isObject(value) ? Object.entries(value).map(([node, state]) => `${node} ${state}`).join(", ") : "",
  },
  source: (target) => {
    const changes = new MembershipChanges(target);
    return {
      draw: (random) => {
        const order = random.shuffle(target.nodes);
        const share = random.next();
        return { start: () => changes.leave(order, share), stop: () => changes.joinAll() };
      },
      affectedCount: () => changes.committedCount,
    };
  },
});

/** Returns the maximum number of nodes that may be outside the membership at a time. */
export function leavingMax(nodeCount: number): number {
  return Math.max(0, nodeCount - Math.max(STAYING_MIN, Math.floor(nodeCount / 2) + 1));
}

/** The requests of one run. */
class MembershipChanges {
  readonly #target: FaultTarget;
  /** The nodes that may be outside the membership. */
  readonly #outside = new Map<string, NodeState>();
  #committedCount = 0;

  constructor(target: FaultTarget) {
    this.#target = target;
  }

  /** The number of changes that nodes confirmed. */
  get committedCount(): number {
    return this.#committedCount;
  }

  /** Asks the first nodes of an order to leave: a share of those that may. */
  leave(order: readonly string[], share: number): Switched {
    const { nodes, dead } = this.#target;
    const max = leavingMax(nodes.length);
    const room = Math.min(1 + Math.floor(share * max), max - this.#outside.size);
    const leaving = order.filter((node) => !dead.has(node) && !this.#outside.has(node)).slice(0, room);
    for (const node of leaving) this.#askToLeave(node);
    return { asked: leaving, done: this.#states(), nodes: leaving };
  }

  /** Asks all nodes that may be outside to join, until they confirm it. */
  joinAll(): Switched {
    const asked = [...this.#outside.keys()];
    for (const [node, state] of this.#outside) {
      if (state !== "joining") this.#askToJoin(node, state === "left");
    }
    return { asked, done: this.#states() };
  }

  async #askToLeave(node: string): Promise<void> {
    this.#outside.set(node, "leaving");
    const outcome = await this.#target.services.request(
      node,
      call(leave, {}, { timeoutMs: REQUEST_TIMEOUT_MS }),
    );
    const code = "error" in outcome ? codeOf(outcome.error) : undefined;
    if (code === undefined) this.#committedCount++;
    if (code === CODE.notSupported) return this.#endRun(node);
    if (this.#outside.get(node) !== "leaving") return; // it was asked to join meanwhile
    if (code === undefined) this.#outside.set(node, "left");
    else if (isDefinite(code)) this.#outside.delete(node);
    else this.#outside.set(node, "unknown");
    this.#report(`start-${kind}`, node, this.#states());
  }

  async #askToJoin(node: string, hasLeft: boolean): Promise<void> {
    this.#outside.set(node, "joining");
    const outcome = await this.#target.services.request(
      node,
      call(join, {}, { timeoutMs: REQUEST_TIMEOUT_MS }),
    );
    const code = "error" in outcome ? codeOf(outcome.error) : undefined;
    if (code === CODE.notSupported) return this.#endRun(node);
    if (code !== undefined) {
      return this.#target.services.after(RETRY_MS, () => void this.#askToJoin(node, hasLeft));
    }
    if (hasLeft) this.#committedCount++;
    this.#outside.delete(node);
    this.#report(JOINED, node, { [node]: "joined" });
  }

  /** Records what became of a node, as two events like a switch of a fault. */
  #report(f: string, node: string, done: unknown): void {
    this.#target.services.record(f, [node]);
    this.#target.services.record(f, done);
  }

  #endRun(node: string): void {
    this.#target.services.endRun(
      `${node} does not support changes of the membership: it answers leave and join with error ${CODE.notSupported}. ` +
        `Leave ${kind} out of --nemesis, or test nodes that support it.`,
    );
  }

  #states(): Readonly<Record<string, NodeState>> {
    return Object.fromEntries(this.#outside);
  }
}

function codeOf(error: unknown): number {
  return error instanceof RpcError ? error.code : CODE.crash;
}
