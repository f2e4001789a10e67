/** The requests of a node's clients: batches to propose, results and timeouts. Tested by `tests/consensus/leaderless/client_batches_test.ts`. */

import type { Json } from "../../protocol/schema.ts";
import type { CompletedRequest } from "../client_requests.ts";
import { TokenBucket } from "../token_bucket.ts";
import type { InstanceId } from "./types.ts";

/** The settings of requests. */
export interface ClientBatchSettings {
  readonly requestTimeoutMs: number;
  /** Requests that can be pending at a time. */
  readonly pendingMax: number;
  /** Average interval in ms between batches; 0: one batch per turn. */
  readonly batchIntervalMs: number;
}

interface Request {
  readonly command: Json;
  readonly expiresAt: number;
}

/** Collects requests into batches, one per instance, and completes them. */
export class ClientBatches {
  readonly #settings: ClientBatchSettings;
  readonly #tokens: TokenBucket;
  readonly #requests = new Map<number, Request>();
  readonly #inInstance = new Map<InstanceId, readonly number[]>();
  #unproposed: number[] = [];
  #completed: CompletedRequest[] = [];
  #last = 0;

  constructor(settings: ClientBatchSettings, now: number) {
    this.#settings = settings;
    this.#tokens = new TokenBucket(settings.batchIntervalMs, now);
  }

  /** The number of requests that are not completed. */
  get pending(): number {
    return this.#requests.size;
  }

  /** The time at which the next batch is due. */
  get nextBatchAt(): number {
    return this.#unproposed.length === 0 ? Infinity : this.#tokens.nextTokenAt;
  }

  /** Adds a request and returns its id; undefined if too many are pending. */
  submit(command: Json, now: number): number | undefined {
    if (this.#requests.size >= this.#settings.pendingMax) return undefined;
    const id = ++this.#last;
    this.#requests.set(id, { command, expiresAt: now + this.#settings.requestTimeoutMs });
    this.#unproposed.push(id);
    return id;
  }

  /** Returns the commands of the next batch, which belong to an instance from now on; undefined if none is due. */
  takeBatch(nextInstance: () => InstanceId, now: number): readonly Json[] | undefined {
    const batch = this.#unproposed.flatMap((id) => {
      const request = this.#requests.get(id);
      return request === undefined ? [] : [{ id, command: request.command }];
    });
    if (batch.length === 0 || !this.#tokens.hasToken(now)) {
      this.#unproposed = batch.map(({ id }) => id);
      return undefined;
    }
    this.#tokens.take(now);
    this.#unproposed = [];
    this.#inInstance.set(nextInstance(), batch.map(({ id }) => id));
    return batch.map(({ command }) => command);
  }

  /** Completes the requests of an instance. Without results, it became no operation, and its requests are proposed again. */
  settle(instance: InstanceId, results: readonly Json[] | undefined): void {
    const ids = this.#inInstance.get(instance);
    if (ids === undefined) return;
    this.#inInstance.delete(instance);
    if (results === undefined) {
      this.#unproposed.push(...ids);
      return;
    }
    for (const [i, id] of ids.entries()) {
      if (this.#requests.delete(id)) {
        this.#completed.push({ id, outcome: { kind: "result", result: results[i] ?? null } });
      }
    }
  }

  /** Completes the requests whose time is over. */
  expire(now: number): void {
    for (const [id, { expiresAt }] of this.#requests) {
      if (now < expiresAt) return; // requests have one timeout, so that older ones expire first
      this.#requests.delete(id);
      this.#completed.push({ id, outcome: { kind: "timed_out" } });
    }
  }

  /** Returns the requests that were completed since the last call. */
  takeCompleted(): CompletedRequest[] {
    const completed = this.#completed;
    this.#completed = [];
    return completed;
  }
}
