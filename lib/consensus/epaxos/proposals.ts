/**
 * The instances of a node's requests: those of a turn form one. Those that conflict with open instances of others form a second one, which
 * is announced first. Tested by `tests/consensus/epaxos/simulation_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import { TokenBucket } from "../token_bucket.ts";
import type { Agreement } from "./agreement.ts";
import type { Announcements } from "./announcements.ts";
import type { EpaxosCore, Instance, Uses } from "./core.ts";
import { instanceId } from "../leaderless/instance_ids.ts";
import type { PendingRequests } from "../leaderless/pending_requests.ts";
import type { InstanceId } from "../leaderless/types.ts";

/** Time in ms after which requests that wait are considered again. */
const HELD_MS = 20;

/** Proposes requests in instances. */
export class Proposals {
  /** The number of this node's last instance. */
  number = 0;
  readonly #core: EpaxosCore;
  readonly #requests: PendingRequests;
  readonly #agreement: Agreement;
  readonly #announcements: Announcements;
  readonly #tokens: TokenBucket;
  /** The requests that wait for open instances. */
  readonly #held: number[] = [];
  #heldUntil = Infinity;

  constructor(
    core: EpaxosCore,
    { requests, agreement, announcements }: {
      readonly requests: PendingRequests;
      readonly agreement: Agreement;
      readonly announcements: Announcements;
    },
  ) {
    this.#core = core;
    this.#requests = requests;
    this.#agreement = agreement;
    this.#announcements = announcements;
    this.#tokens = new TokenBucket(core.config.batchIntervalMs, core.now);
  }

  /** The time at which {@linkcode Proposals.propose} must be called next. */
  get deadline(): number {
    const batchAt = this.#requests.hasUnproposed ? this.#tokens.nextTokenAt : Infinity;
    const heldAt = this.#held.length === 0 ? Infinity : Math.max(this.#heldUntil, this.#tokens.nextTokenAt);
    return Math.min(batchAt, heldAt, this.#announcements.deadline);
  }

  /** Proposes the requests of a turn, and the announced instances whose time has come. */
  propose(): void {
    for (const id of this.#announcements.due()) this.#begin(id);
    const { now } = this.#core;
    if (!this.#tokens.hasToken(now)) return;
    const held = now >= this.#heldUntil ? this.#held.splice(0) : [];
    const free: number[] = [];
    const contended: number[] = [];
    let noticeMs = 0;
    for (const id of [...this.#requests.pendingOf(held), ...this.#requests.takeUnproposed()]) {
      const eachMs = this.#announcements.noticeMs(this.#usesOf([id]));
      if (eachMs === Infinity) this.#hold(id);
      else (eachMs === 0 ? free : contended).push(id);
      if (eachMs !== Infinity) noticeMs = Math.max(noticeMs, eachMs);
    }
    if (free.length + contended.length === 0) return;
    this.#tokens.take(now);
    if (free.length > 0) this.#begin(this.#open(free));
    if (contended.length === 0) return;
    const id = this.#open(contended);
    this.#announcements.announce(id, this.#usesOf(contended), noticeMs);
  }

  #usesOf(requests: readonly number[]): Uses {
    return this.#core.usesOf(this.#requests.commandsOf(requests));
  }

  #hold(id: number): void {
    if (this.#held.length === 0) this.#heldUntil = this.#core.now + HELD_MS;
    this.#held.push(id);
  }

  /** Names an instance. An announced one is not stored, so that others may know one that this node has forgotten. */
  #open(requests: readonly number[]): InstanceId {
    const { config, executed, instances } = this.#core;
    let id: InstanceId;
    do id = instanceId(config.id, ++this.number); while (executed.has(id) || instances.has(id));
    this.#requests.assign(id, requests);
    return id;
  }

  #begin(id: InstanceId): void {
    const requests = this.#requests.requestsOf(id);
    if (requests !== undefined) {
      const pending = this.#requests.pendingOf(requests); // some may have timed out since the announcement
      this.#requests.assign(id, pending);
      this.#agreement.propose(id, this.#requests.commandsOf(pending), this.#announcements);
    }
    this.#announcements.proposed(id);
  }

  /** Completes the requests of an instance of this node. Those of one that became no operation are proposed again. */
  settle({ id, commands = null, ballot }: Instance, results: readonly Json[]): void {
    const again = this.#core.rules.mayProposeAgain({ commands, ballot });
    this.#requests.settle(id, again ? undefined : results);
  }
}
