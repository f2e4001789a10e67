/**
 * The requests of a node's clients at an engine without a leader, until each has a result or its time is over.
 *
 * A request waits to be proposed, then belongs to an instance, and waits again if that became no operation.
 *
 * Tested by `tests/consensus/leaderless/pending_requests_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import type { CompletedRequest } from "../client_requests.ts";
import type { InstanceId } from "./types.ts";

/** The settings of requests. */
export interface PendingRequestSettings {
  /** The time in ms after which a request times out. */
  readonly requestTimeoutMs: number;
  /** Requests that can be pending at a time. */
  readonly pendingMax: number;
}

interface Request {
  readonly command: Json;
  readonly expiresAt: number;
}

/** The pending requests of one node's clients. */
export class PendingRequests {
  readonly #settings: PendingRequestSettings;
  readonly #requests = new Map<number, Request>(); // oldest first
  readonly #inInstance = new Map<InstanceId, readonly number[]>();
  #unproposed: number[] = [];
  #completed: CompletedRequest[] = [];
  #last = 0;

  constructor(settings: PendingRequestSettings) {
    this.#settings = settings;
  }

  /** The number of requests that are not completed. */
  get size(): number {
    return this.#requests.size;
  }

  /** True if a request waits to be proposed. */
  get hasUnproposed(): boolean {
    return this.#unproposed.length > 0;
  }

  /** Adds a request and returns its id; undefined if too many are pending. */
  submit(command: Json, now: number): number | undefined {
    if (this.#requests.size >= this.#settings.pendingMax) return undefined;
    const id = ++this.#last;
    this.#requests.set(id, { command, expiresAt: now + this.#settings.requestTimeoutMs });
    this.#unproposed.push(id);
    return id;
  }

  /** Returns the requests that wait to be proposed. The caller proposes them from now on. */
  takeUnproposed(): readonly number[] {
    const unproposed = this.#unproposed;
    this.#unproposed = [];
    return unproposed;
  }

  /** Returns those of some requests that are not completed. */
  pendingOf(ids: readonly number[]): readonly number[] {
    return ids.filter((id) => this.#requests.has(id));
  }

  /** Returns the commands of those of some requests that are not completed. */
  commandsOf(ids: readonly number[]): readonly Json[] {
    return ids.flatMap((id) => {
      const request = this.#requests.get(id);
      return request === undefined ? [] : [request.command];
    });
  }

  /** Records that requests belong to an instance, whose commands are theirs. */
  assign(instance: InstanceId, ids: readonly number[]): void {
    this.#inInstance.set(instance, ids);
  }

  /** Returns the requests of an instance; undefined if it has none of this node's clients. */
  requestsOf(instance: InstanceId): readonly number[] | undefined {
    return this.#inInstance.get(instance);
  }

  /** Completes the requests of an instance. Without results, it became no operation, and its requests wait again. */
  settle(instance: InstanceId, results: readonly Json[] | undefined): void {
    const ids = this.#inInstance.get(instance) ?? [];
    this.#inInstance.delete(instance);
    if (results === undefined) {
      this.#unproposed.push(...this.pendingOf(ids));
      return;
    }
    for (const [i, id] of ids.entries()) {
      if (!this.#requests.has(id)) continue;
      this.#complete({ id, outcome: { kind: "result", result: results[i] ?? null } });
    }
  }

  /** Completes the requests whose time is over. */
  expire(now: number): void {
    const before = this.#requests.size;
    for (const [id, { expiresAt }] of this.#requests) {
      if (now < expiresAt) break; // requests have one timeout, so that older ones expire first
      this.#complete({ id, outcome: { kind: "timed_out" } });
    }
    if (this.#requests.size < before) this.#unproposed = [...this.pendingOf(this.#unproposed)];
  }

  /** Returns the requests that were completed since the last call. */
  takeCompleted(): CompletedRequest[] {
    const completed = this.#completed;
    this.#completed = [];
    return completed;
  }

  #complete(completed: CompletedRequest): void {
    this.#requests.delete(completed.id);
    this.#completed.push(completed);
  }
}
