/**
 * The requests of a node's clients, until they have a result: those of a turn form an instance. Those that conflict with open instances of
 * others form a second one, which is announced first. Tested by `tests/consensus/epaxos/simulation_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import type { CompletedRequest } from "../client_requests.ts";
import { TokenBucket } from "../token_bucket.ts";
import type { Agreement } from "./agreement.ts";
import type { Announcements } from "./announcements.ts";
import type { EpaxosCore, Instance } from "./core.ts";
import { instanceId } from "../leaderless/instance_ids.ts";
import type { InstanceId } from "../leaderless/types.ts";

/** Time in ms after which requests that wait are considered again. */
const HELD_MS = 20;

interface Request {
  readonly command: Json;
  readonly expiresAt: number;
}

/** The requests, and the instances in which they are. */
export class Proposals {
  /** The number of this node's last instance. */
  number = 0;
  readonly #core: EpaxosCore;
  readonly #agreement: Agreement;
  readonly #announcements: Announcements;
  readonly #tokens: TokenBucket;
  readonly #requests = new Map<number, Request>();
  readonly #inInstance = new Map<InstanceId, readonly number[]>();
  readonly #unproposed: number[] = [];
  /** The requests that wait for open instances. */
  readonly #held: number[] = [];
  #heldUntil = Infinity;
  #completed: CompletedRequest[] = [];
  #nextRequest = 1;

  constructor(core: EpaxosCore, agreement: Agreement, announcements: Announcements) {
    this.#core = core;
    this.#agreement = agreement;
    this.#announcements = announcements;
    this.#tokens = new TokenBucket(core.config.batchIntervalMs, core.now);
  }

  /** The number of requests without a result. */
  get pending(): number {
    return this.#requests.size;
  }

  /** The time at which {@linkcode Proposals.propose} must be called next. */
  get deadline(): number {
    const batchAt = this.#unproposed.length === 0 ? Infinity : this.#tokens.nextTokenAt;
    const heldAt = this.#held.length === 0 ? Infinity : Math.max(this.#heldUntil, this.#tokens.nextTokenAt);
    return Math.min(batchAt, heldAt, this.#announcements.deadline);
  }

  /** Adds a request and returns its id; undefined if too many are pending. */
  submit(command: Json, now: number): number | undefined {
    const { pendingMax, requestTimeoutMs } = this.#core.config;
    if (this.#requests.size >= pendingMax) return undefined;
    const id = this.#nextRequest++;
    this.#requests.set(id, { command, expiresAt: now + requestTimeoutMs });
    this.#unproposed.push(id);
    return id;
  }

  /** Proposes the requests of a turn, and the announced instances whose time has come. */
  propose(): void {
    for (const id of this.#announcements.due()) this.#begin(id);
    const { now } = this.#core;
    if (!this.#tokens.hasToken(now)) return;
    if (now >= this.#heldUntil) this.#unproposed.unshift(...this.#held.splice(0));
    if (this.#unproposed.length === 0) return;
    const free: number[] = [];
    const contended: number[] = [];
    let noticeMs = 0;
    for (const id of this.#unproposed.splice(0)) {
      if (!this.#requests.has(id)) continue;
      const eachMs = this.#announcements.noticeMs(this.#core.usesOf(this.#commandsOf([id])));
      if (eachMs === Infinity) this.#hold(id);
      else (eachMs === 0 ? free : contended).push(id);
      if (eachMs !== Infinity) noticeMs = Math.max(noticeMs, eachMs);
    }
    if (free.length + contended.length === 0) return;
    this.#tokens.take(now);
    if (free.length > 0) this.#begin(this.#open(free));
    if (contended.length === 0) return;
    const id = this.#open(contended);
    this.#announcements.announce(id, this.#core.usesOf(this.#commandsOf(contended)), noticeMs);
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
    this.#inInstance.set(id, requests);
    return id;
  }

  #begin(id: InstanceId): void {
    const requests = this.#inInstance.get(id);
    if (requests !== undefined) {
      const pending = requests.filter((each) => this.#requests.has(each));
      this.#inInstance.set(id, pending);
      this.#agreement.propose(id, this.#commandsOf(pending), this.#announcements);
    }
    this.#announcements.proposed(id);
  }

  #commandsOf(requests: readonly number[]): Json[] {
    return requests.flatMap((id) => {
      const request = this.#requests.get(id);
      return request === undefined ? [] : [request.command];
    });
  }

  /** Completes the requests of an instance of this node. Those of one that became no operation are proposed again. */
  settle(instance: Instance, results: readonly Json[]): void {
    const { id, commands = null, ballot } = instance;
    const requests = this.#inInstance.get(id);
    if (requests === undefined) return;
    this.#inInstance.delete(id);
    if (this.#core.rules.mayProposeAgain({ commands, ballot })) {
      this.#unproposed.push(...requests);
      return;
    }
    for (const [i, request] of requests.entries()) {
      if (!this.#requests.has(request)) continue;
      this.#complete({ id: request, outcome: { kind: "result", result: results[i] ?? null } });
    }
  }

  /** Completes the requests whose time is over. */
  expire(): void {
    for (const [id, { expiresAt }] of this.#requests) {
      if (this.#core.now >= expiresAt) this.#complete({ id, outcome: { kind: "timed_out" } });
    }
  }

  #complete(completed: CompletedRequest): void {
    this.#requests.delete(completed.id);
    this.#completed.push(completed);
  }

  /** Returns the requests that were completed since the last call. */
  takeCompleted(): CompletedRequest[] {
    const completed = this.#completed;
    this.#completed = [];
    return completed;
  }
}
