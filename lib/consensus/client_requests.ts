/**
 * Requests of a node's own clients, until they have a result. They are forwarded to the current leader, again to the next leader,
 * and time out. All requests of one turn travel in one message.
 *
 * A request may be sent several times; the log applies it once (`sessions.ts`). A conditional request may be answered without the
 * log ("it would change nothing"). That result is valid only if the request was never sent a second time, because the second copy
 * may be in the log and change something there. So the leader answers second copies from the log alone, and this file drops the
 * first copy's result once there is a second copy. A read takes whichever result comes first.
 */

import type { Json } from "../protocol/schema.ts";
import type { SessionOutcome } from "./sessions.ts";
import type { NodeId } from "./types.ts";

/** The effect that a command can have, which decides how it is executed. */
export type CommandKind =
  /** Changes nothing. */
  | "read"
  /** Changes something. */
  | "write"
  /** Can turn out to change nothing, such as a compare-and-set that fails. */
  | "conditional";

/** A forwarded request. `attempt` counts from 1 how often it was sent. */
export type ForwardedRequest = readonly [serial: number, attempt: number, command: Json];

/** The requests that a turn forwards to the leader. */
export interface Forward {
  readonly type: "forward";
  readonly from: NodeId;
  readonly to: NodeId;
  /** The name of the sender's incarnation. */
  readonly client: string;
  /** The term in which the receiver is expected to lead. In any other term it ignores the message. */
  readonly term: number;
  /** The number of the message, counted by the client, so that a duplicate is ignored. */
  readonly seq: number;
  /** The client's session, or 0 if it has none yet. */
  readonly session: number;
  /** True if the client asks for a session. */
  readonly register: boolean;
  /** The lowest serial whose result the client still wants. */
  readonly lowestPending: number;
  readonly requests: readonly ForwardedRequest[];
}

/** The leader's results of a {@linkcode Forward}, one message per turn. */
export interface ForwardReply {
  readonly type: "forward_ok";
  readonly from: NodeId;
  readonly to: NodeId;
  readonly client: string;
  /** The requested session, or 0. */
  readonly session: number;
  readonly results: readonly ForwardedResult[];
}

/** The result of one request. `attempt` is 0 if the result comes from the log, and then it is final. */
export type ForwardedResult = readonly [serial: number, attempt: number, outcome: SessionOutcome];

/** The final outcome of a request. */
export type RequestOutcome =
  | { readonly kind: "result"; readonly result: Json }
  /** No result arrived in time. The command may have been applied, or may still be. */
  | { readonly kind: "timed_out" }
  /** The result is lost. The command may have been applied. */
  | { readonly kind: "unknown" };

/** A request with its outcome. */
export interface CompletedRequest {
  readonly id: number;
  readonly outcome: RequestOutcome;
}

/** Settings of {@linkcode ClientRequests}. Times are in ms. */
export interface ClientRequestSettings {
  /** The time without a result after which a request is sent again. */
  readonly resendMs: number;
  /** The time after which a request times out. */
  readonly timeoutMs: number;
  /** Requests per message. */
  readonly forwardedMax: number;
  /** Pending requests. Above it, new ones are refused. */
  readonly pendingMax: number;
}

interface PendingRequest {
  readonly command: Json;
  readonly kind: CommandKind;
  readonly expiresAt: number;
  attempt: number;
  sentAt: number;
}

/** The leader that requests are forwarded to. */
export interface Destination {
  readonly leader: NodeId;
  readonly term: number;
}

/** The pending requests of one node's clients. */
export class ClientRequests {
  readonly #client: string;
  readonly #settings: ClientRequestSettings;
  readonly #pending = new Map<number, PendingRequest>(); // by serial, oldest first
  #completed: CompletedRequest[] = [];
  #unsent: number[] = [];
  #nextSerial = 1;
  #seq = 0;
  #session = 0;
  #registerSent = { at: -Infinity, term: -1 };
  #knownTerm = -1;
  #nextScanAt = Infinity;

  constructor(client: string, settings: ClientRequestSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  /** The name of this node's incarnation. */
  get client(): string {
    return this.#client;
  }

  /** The session at the leader; 0 if there is none yet. */
  get session(): number {
    return this.#session;
  }

  /** The number of pending requests. */
  get pending(): number {
    return this.#pending.size;
  }

  /** True if there is something to forward to a leader now. */
  get hasUnsent(): boolean {
    return this.#session !== 0 && this.#unsent.length > 0;
  }

  /** The time at which {@linkcode ClientRequests.drain} must be called next. */
  get deadline(): number {
    return this.#nextScanAt;
  }

  /** Adds a request and returns its serial; undefined if too many are pending. */
  submit(command: Json, kind: CommandKind, now: number): number | undefined {
    if (this.#pending.size >= this.#settings.pendingMax) return undefined;
    const serial = this.#nextSerial++;
    const expiresAt = now + this.#settings.timeoutMs;
    this.#pending.set(serial, { command, kind, expiresAt, attempt: 0, sentAt: -Infinity });
    this.#unsent.push(serial);
    this.#nextScanAt = Math.min(this.#nextScanAt, expiresAt, now + this.#settings.resendMs / 2);
    return serial;
  }

  /** Records this client's session. */
  onRegistered(session: number): void {
    if (this.#session === 0) this.#session = session;
  }

  /** Handles a result: from the log (`attempt` 0), or of one attempt without the log. */
  complete([serial, attempt, outcome]: ForwardedResult): void {
    const request = this.#pending.get(serial);
    if (request === undefined) return;
    if (attempt !== 0 && attempt !== request.attempt && request.kind !== "read") return;
    if (outcome.kind === "expired") return this.#expireSession();
    this.#done(serial, outcome.kind === "result" ? outcome : { kind: "unknown" });
  }

  /** Returns the requests that were completed since the last call. */
  takeCompleted(): CompletedRequest[] {
    const completed = this.#completed;
    this.#completed = [];
    return completed;
  }

  /** Returns the messages to send to the current leader, and times out requests that have waited too long. */
  drain(to: Destination | undefined, from: NodeId, now: number): Forward[] {
    if (now >= this.#nextScanAt) this.#scan(now);
    if (to === undefined) return [];
    if (to.term !== this.#knownTerm) { // a new leader knows nothing of the requests that the last one received
      this.#knownTerm = to.term;
      this.#unsent = [...this.#pending.keys()];
    }
    if (this.#unsent.length === 0) return [];
    const { requests, waitsForSession } = this.#takeUnsent(now);
    const { at, term } = this.#registerSent;
    const register = waitsForSession && (term !== to.term || now - at >= this.#settings.resendMs);
    if (register) this.#registerSent = { at: now, term: to.term };
    return this.#forwards(requests, register, from, to);
  }

  /** Takes what can be sent now. Without a session, only reads can. */
  #takeUnsent(now: number): { readonly requests: ForwardedRequest[]; readonly waitsForSession: boolean } {
    const requests: ForwardedRequest[] = [];
    const waiting: number[] = [];
    for (const serial of this.#unsent) {
      const request = this.#pending.get(serial);
      if (request === undefined) continue;
      if (request.kind !== "read" && this.#session === 0) {
        waiting.push(serial);
        continue;
      }
      request.attempt++;
      request.sentAt = now;
      requests.push([serial, request.attempt, request.command]);
    }
    this.#unsent = waiting;
    return { requests, waitsForSession: waiting.length > 0 };
  }

  #forwards(
    requests: readonly ForwardedRequest[],
    register: boolean,
    from: NodeId,
    to: Destination,
  ): Forward[] {
    const forwards: Forward[] = [];
    const { forwardedMax } = this.#settings;
    const [lowestPending = this.#nextSerial] = this.#pending.keys();
    for (let start = 0; start < requests.length || (register && start === 0); start += forwardedMax) {
      forwards.push({
        type: "forward",
        from,
        to: to.leader,
        client: this.#client,
        term: to.term,
        seq: ++this.#seq,
        session: this.#session,
        register: register && start === 0,
        lowestPending,
        requests: requests.slice(start, start + forwardedMax),
      });
    }
    return forwards;
  }

  #scan(now: number): void {
    const { resendMs } = this.#settings;
    const resent: number[] = [];
    for (const [serial, request] of this.#pending) {
      if (now >= request.expiresAt) this.#done(serial, { kind: "timed_out" });
      else if (request.attempt > 0 && now - request.sentAt >= resendMs) resent.push(serial);
    }
    const unsent = new Set([...resent, ...this.#unsent]);
    this.#unsent = [...unsent].filter((serial) => this.#pending.has(serial));
    const [oldest] = this.#pending.values(); // requests have one timeout, so that older ones expire first
    this.#nextScanAt = oldest === undefined ? Infinity : Math.min(oldest.expiresAt, now + resendMs / 2);
  }

  /** Handles the end of the session: requests sent in it may have been applied, and must not be sent in another one. */
  #expireSession(): void {
    this.#session = 0;
    for (const [serial, { kind, attempt }] of this.#pending) {
      if (kind !== "read" && attempt > 0) this.#done(serial, { kind: "unknown" });
    }
  }

  #done(serial: number, outcome: RequestOutcome): void {
    this.#pending.delete(serial);
    this.#completed.push({ id: serial, outcome });
  }
}
