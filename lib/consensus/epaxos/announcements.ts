/**
 * Announcements: they put instances that conflict into one order before they are proposed.
 *
 * Two instances that are proposed at about the same time meet at other nodes in different orders. Each then gains the other as a dependency,
 * and loses its fast path; under steady conflicts the dependencies reach ever newer instances. So a node that knows an open conflict
 * announces its instance, with a time at which the announcement has reached all nodes, and proposes it at that time. Its dependencies are
 * then all that were announced for earlier times, and no node has to add one. The idea is that of timestamps in Tempo and Accord, and of
 * TOQ (Tollman, Park, Ousterhout, "EPaxos Revisited", NSDI 2021).
 *
 * An announcement promises nothing: safety does not depend on clocks, or on whether one arrives.
 *
 * Tested by `tests/consensus/epaxos/announcements_test.ts`.
 */

import type { NodeId } from "../types.ts";
import { conflict, type EpaxosCore, type Instance, type Uses } from "./core.ts";
import { compareIds, coordinatorOf, numberOf } from "../leaderless/instance_ids.ts";
import type { InstanceId } from "../leaderless/types.ts";
import type { Part } from "./types.ts";

/**
 * The age of an open instance at which later conflicting ones wait, as a multiple of the longest delay. Usually it is executed after three.
 */
const OVERDUE_REACHES = 4;

/**
 * The age up to which an instance may race with others that are not known, as a share of the longest delay. It is below 1, so that a client
 * which goes from node to node with each operation does not race with itself.
 */
const RECENT_REACHES = 0.75;

interface Announcement {
  readonly id: InstanceId;
  readonly coordinator: NodeId;
  /** The time at which it is proposed, by the fastest clock. */
  readonly at: number;
  readonly uses: Uses;
  /** The time at which it is forgotten, because its coordinator may have failed. */
  readonly expiresAt: number;
}

/** The announced instances that this node has not seen proposed. */
export class Announcements {
  readonly #core: EpaxosCore;
  readonly #open = new Map<InstanceId, Announcement>();

  constructor(core: EpaxosCore) {
    this.#core = core;
  }

  /**
   * Returns the time in ms for which an instance must be announced; 0 if it can be proposed at once, because the open instances that
   * conflict are known at all nodes by now; Infinity if it must wait, because one is overdue. Without the wait, dependencies could reach
   * ever newer instances where delays vary much.
   */
  noticeMs(uses: Uses): number {
    const { keys, executed, config, now, open, unexecuted } = this.#core;
    const isAnnounced = this.#open.values().some((other) => conflict(uses, other.uses));
    const newestAt = keys.newestOfOthersAt(uses, { self: config.id, executed });
    if (!isAnnounced && newestAt === -Infinity) return 0;
    const reachMs = this.#core.clocks.reachMs(now);
    const isOverdue = (other: Instance) =>
      now - other.knownAt > OVERDUE_REACHES * reachMs && conflict(uses, other.uses);
    if (reachMs > 0 && (open.values().some(isOverdue) || unexecuted.values().some(isOverdue))) {
      return Infinity;
    }
    return isAnnounced || now - newestAt < RECENT_REACHES * reachMs ? reachMs : 0;
  }

  /** Announces an instance of this node. */
  announce(id: InstanceId, uses: Uses, noticeMs: number): void {
    const at = this.#clock + noticeMs;
    this.#add({ id, at, uses });
    this.#core.broadcast({ type: "announce", id, at, uses: [...uses] });
  }

  onAnnounce({ id, at, uses }: Part & { readonly type: "announce" }): void {
    if (this.#core.isStable(id) || this.#core.executed.has(id)) return;
    const instance = this.#core.instances.get(id);
    if (instance === undefined || instance.phase === "unknown") this.#add({ id, at, uses: new Map(uses) });
  }

  #add({ id, at, uses }: Pick<Announcement, "id" | "at" | "uses">): void {
    const { now, config } = this.#core;
    this.#open.set(id, { id, coordinator: coordinatorOf(id), at, uses, expiresAt: now + config.recoveryMs });
  }

  /** The time by the fastest clock. */
  get #clock(): number {
    return this.#core.now + this.#core.clocks.behindMs;
  }

  /** The time at which this node must propose an announced instance. */
  get deadline(): number {
    let at = Infinity;
    for (const each of this.#open.values()) {
      if (each.coordinator === this.#core.config.id) at = Math.min(at, each.at);
    }
    return at - this.#core.clocks.behindMs;
  }

  /** Returns this node's instances whose time has come, in order. */
  due(): InstanceId[] {
    const clock = this.#clock;
    const own = [...this.#open.values()].filter(({ coordinator, at }) =>
      coordinator === this.#core.config.id && at <= clock
    );
    return own.sort((a, b) => a.at - b.at || compareIds(a.id, b.id)).map(({ id }) => id);
  }

  /** Adds the announced instances with an earlier time than an announced one of this node. */
  extend(deps: Record<NodeId, number>, instance: Instance): void {
    const own = this.#open.get(instance.id);
    if (own === undefined) return;
    for (const { id, coordinator, at, uses } of this.#open.values()) {
      const isEarlier = at < own.at || (at === own.at && compareIds(id, own.id) < 0);
      if (!isEarlier || !conflict(uses, instance.uses)) continue;
      deps[coordinator] = Math.max(deps[coordinator] ?? 0, numberOf(id));
    }
  }

  /** Forgets an instance, because it was proposed. */
  proposed(id: InstanceId): void {
    this.#open.delete(id);
  }

  /** Forgets the instances that were not proposed in time. */
  expire(): void {
    for (const { id, expiresAt, coordinator } of this.#open.values()) {
      if (this.#core.now >= expiresAt && coordinator !== this.#core.config.id) this.#open.delete(id);
    }
  }
}
