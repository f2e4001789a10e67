/** The bootstrap of a node without a disk: it learns what the others know before it writes. */

import { CODE, RpcError } from "../protocol/errors.ts";
import { rpc } from "../protocol/message.ts";
import { natural, record } from "../protocol/schema.ts";
import type { Node } from "../runtime/node.ts";
import type { Replica, Vector } from "./composite_replica.ts";

/** The time without progress after which the bootstrap is abandoned, in ms. */
const NO_PROGRESS_MS = 500;
/** The time for which writes wait for the bootstrap, in ms. Later ones are refused with code 11, so that clients retry. */
const WRITES_WAIT_MS = 1000;

const known = rpc("known", {
  description: "The counts of all origins that a node knows. Sent by a node that starts without a disk.",
  request: {},
  reply: { known: record(natural) },
});

/** The configuration of {@linkcode Bootstrap}. */
export interface BootstrapOptions {
  readonly replica: Replica;
  /** True if the node writes a new log, because it has no stored one. */
  readonly isNew: boolean;
  /** The time after the start at which it asks the others, in ms, unless a write makes it ask earlier. */
  readonly quietMs: number;
}

/**
 * The bootstrap of one node. A node without a disk may have run before: the others know what it wrote then, and rely on what
 * it acknowledged. So it asks each of them for its vector, and waits until it has everything. It does not wait for nodes that
 * do not reply, nor longer than {@linkcode NO_PROGRESS_MS} without progress.
 */
export class Bootstrap {
  readonly #node: Node;
  readonly #replica: Replica;
  readonly #goal = new Map<string, number>();
  readonly #unanswered: Set<string>;
  readonly #done = Promise.withResolvers<void>();
  #waiting: Promise<void> | undefined;
  #askedAt: number | undefined;
  #cancelTimeout = () => {};

  constructor(node: Node, { replica, isNew, quietMs }: BootstrapOptions) {
    this.#node = node;
    this.#replica = replica;
    this.#unanswered = new Set(node.peers);
    node.on(known, () => ({ known: Object.fromEntries(replica.vector) }));
    if (!isNew || node.peers.length === 0) return;
    this.#waiting = this.#done.promise;
    node.after(quietMs, () => this.#askAll());
  }

  /**
   * Call before each write. Returns undefined if the node may write now, or a promise that resolves when it may.
   *
   * @throws {RpcError} With code 11 if the bootstrap takes longer than a client should wait.
   */
  ready(): Promise<void> | undefined {
    if (this.#waiting === undefined) return undefined;
    this.#askAll();
    if (this.#node.now() - (this.#askedAt ?? 0) <= WRITES_WAIT_MS) return this.#waiting;
    throw new RpcError(CODE.temporarilyUnavailable, "this node is still learning what the others know");
  }

  /** Call after something was learned. Ends the bootstrap if that was everything, and restarts its timeout otherwise. */
  progress(): void {
    if (this.#waiting === undefined || this.#unanswered.size > 0) return;
    if (reaches(this.#replica.vector, this.#goal)) return this.#end();
    this.#cancelTimeout();
    this.#cancelTimeout = this.#node.after(NO_PROGRESS_MS, () => this.#end());
  }

  #askAll(): void {
    if (this.#askedAt !== undefined) return;
    this.#askedAt = this.#node.now();
    for (const peer of this.#node.peers) this.#ask(peer);
  }

  async #ask(peer: string): Promise<void> {
    try {
      const reply = await this.#node.rpc(peer, { type: known.type }, { timeoutMs: NO_PROGRESS_MS });
      if (!known.replyBody.is(reply)) return;
      for (const [origin, count] of Object.entries(reply.known)) {
        this.#goal.set(origin, Math.max(this.#goal.get(origin) ?? 0, count));
      }
    } catch { // it is down, or has not started yet
    } finally {
      this.#unanswered.delete(peer);
      this.progress();
    }
  }

  #end(): void {
    this.#cancelTimeout();
    this.#waiting = undefined;
    this.#node.after(0, () => {
      this.#done.resolve();
      return this.#done.promise; // so that the waiting writes run within this turn
    });
  }
}

function reaches(vector: Vector, goal: Vector): boolean {
  for (const [origin, count] of goal) if ((vector.get(origin) ?? 0) < count) return false;
  return true;
}
