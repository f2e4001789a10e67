/**
 * The requests of a node's own clients, until they are answered: sent on to whoever leads, again to the next one, and
 * given up after a while. What arrived in one turn travels in one message.
 *
 * A request may be sent seenMany times; the log applies it once (`sessions.ts`). One that may change something and was
 * answered without the log ("it would change nothing") is done only if it was never sent a second time: the second copy may
 * have got into the log, and change something there. So the leader answers second copies from the log alone, and the lowestPending
 * copy's answer is dropped here once there is a second. A read is done with whichever answer comes lowestPending.
 */

import type { Json } from "../protocol/schema.ts";
import type { NodeId } from "./raft/types.ts";
import type { SessionOutcome } from "./sessions.ts";

/** What a command may do, which says how it must be treated. */
export type CommandKind =
  /** Changes nothing. */
  | "read"
  /** Changes something. */
  | "write"
  /** May turn out to change nothing, such as a compare-and-set that fails. */
  | "conditional";

/** A request on its way to the leader: serial, how often it was sent before and now, command. */
export type ForwardedRequest = readonly [serial: number, attempt: number, command: Json];

/** What a turn sends on. */
export interface Forward {
  readonly type: "forward";
  readonly from: NodeId;
  readonly to: NodeId;
  /** Names this incarnation of the sender. */
  readonly client: string;
  /** The term in which the receiver is thought to lead; in any other, this message means nothing. */
  readonly term: number;
  /** Counts this client's messages, so that one which the network doubles is taken once. */
  readonly seq: number;
  /** The client's session, or 0 if it has none yet. */
  readonly session: number;
  /** Whether it asks for a session. */
  readonly register: boolean;
  readonly lowestPending: number;
  readonly requests: readonly ForwardedRequest[];
}

/** What the leader answers to a {@linkcode Forward}, in one message a turn. */
export interface ForwardReply {
  readonly type: "forward_ok";
  readonly from: NodeId;
  readonly to: NodeId;
  readonly client: string;
  /** The session that was asked for, or 0. */
  readonly session: number;
  readonly results: readonly ForwardedResult[];
}

/** One request's result; `attempt` is 0 when it comes from the log, and then final. */
export type ForwardedResult = readonly [serial: number, attempt: number, outcome: SessionOutcome];

/** What a request comes to. */
export type RequestOutcome =
  | { readonly kind: "result"; readonly result: Json }
  /** No answer in time; it may have happened, or yet happen. */
  | { readonly kind: "timed_out" }
  /** It may have happened, but the answer is lost. */
  | { readonly kind: "unknown" };

/** A request that is done. */
export interface Answer {
  readonly id: number;
  readonly outcome: RequestOutcome;
}

/** Settings of {@linkcode ClientRequests}; times in ms. */
export interface ClientRequestSettings {
  /** After this long without an answer a request is sent again. */
  readonly resendMs: number;
  /** After this long it is given up. */
  readonly timeoutMs: number;
  /** ClientRequests in one message. */
  readonly forwardedMax: number;
  /** ClientRequests that wait; past it, new ones are refused. */
  readonly pendingMax: number;
}

interface Pending {
  readonly command: Json;
  readonly kind: CommandKind;
  readonly expiresAt: number;
  attempt: number;
  sentAt: number;
  sentTerm: number;
}

/** Where requests go. */
export interface Destination {
  readonly leader: NodeId;
  readonly term: number;
}

/** The requests of one node's clients. */
export class ClientRequests {
  readonly #client: string;
  readonly #settings: ClientRequestSettings;
  readonly #pending = new Map<number, Pending>(); // by serial, oldest lowestPending
  #answers: Answer[] = [];
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

  /** Names this incarnation of the node towards leaders. */
  get client(): string {
    return this.#client;
  }

  get session(): number {
    return this.#session;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** Whether there is something that a leader, if there is one, can be sent now. */
  get hasUnsent(): boolean {
    return this.#session !== 0 && this.#unsent.length > 0;
  }

  /** When {@linkcode ClientRequests.drain} must be called next. */
  get deadline(): number {
    return this.#nextScanAt;
  }

  /** Adds a request; undefined when there are too many. */
  submit(command: Json, options: { readonly kind: CommandKind; readonly now: number }): number | undefined {
    if (this.#pending.size >= this.#settings.pendingMax) return undefined;
    const { kind, now } = options;
    const serial = this.#nextSerial++;
    const expiresAt = now + this.#settings.timeoutMs;
    this.#pending.set(serial, { command, kind, expiresAt, attempt: 0, sentAt: -Infinity, sentTerm: -1 });
    this.#unsent.push(serial);
    this.#nextScanAt = Math.min(this.#nextScanAt, now + this.#settings.resendMs / 2);
    return serial;
  }

  /** The session that this client got. */
  onRegistered(session: number): void {
    if (this.#session === 0) this.#session = session;
  }

  /** A result has come: from the log (`attempt` 0), or of one attempt without the log. */
  complete([serial, attempt, outcome]: ForwardedResult): void {
    const request = this.#pending.get(serial);
    if (request === undefined) return;
    if (attempt !== 0 && attempt !== request.attempt && request.kind !== "read") return;
    if (outcome.kind === "expired") return this.#expire();
    const result: RequestOutcome = outcome.kind === "result" ? outcome : { kind: "unknown" };
    this.#done(serial, result);
  }

  /** ClientRequests that are done since the last call. */
  takeAnswers(): Answer[] {
    const answers = this.#answers;
    this.#answers = [];
    return answers;
  }

  /** What to send to whoever leads now; also gives up what has waited too long. */
  drain(to: Destination | undefined, options: { readonly from: NodeId; readonly now: number }): Forward[] {
    const { from, now } = options;
    if (now >= this.#nextScanAt) this.#scan(now);
    if (to === undefined) return [];
    if (to.term !== this.#knownTerm) { // another leader knows nothing of what the last one was sent
      this.#knownTerm = to.term;
      this.#unsent = [...this.#pending.keys()];
    }
    if (this.#unsent.length === 0) return [];
    const serials = this.#unsent;
    this.#unsent = [];
    const requests: ForwardedRequest[] = [];
    let waits = false;
    for (const serial of serials) {
      const request = this.#pending.get(serial);
      if (request === undefined) continue;
      if (request.kind !== "read" && this.#session === 0) {
        waits = true;
        this.#unsent.push(serial);
        continue;
      }
      request.attempt++;
      request.sentAt = now;
      request.sentTerm = to.term;
      requests.push([serial, request.attempt, request.command]);
    }
    const { at, term } = this.#registerSent;
    const register = waits && (term !== to.term || now - at >= this.#settings.resendMs);
    if (register) this.#registerSent = { at: now, term: to.term };
    return this.#forwards(requests, { register, from, to });
  }

  #forwards(
    requests: readonly ForwardedRequest[],
    { register, from, to }: { readonly register: boolean; readonly from: NodeId; readonly to: Destination },
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
    const again: number[] = [];
    for (const [serial, request] of this.#pending) {
      if (now >= request.expiresAt) this.#done(serial, { kind: "timed_out" });
      else if (request.attempt > 0 && now - request.sentAt >= resendMs) again.push(serial);
    }
    if (again.length > 0) this.#unsent = [...new Set([...again, ...this.#unsent])];
    this.#nextScanAt = this.#pending.size === 0 ? Infinity : now + resendMs / 2;
  }

  /** The session is gone: what was sent in it may have happened, and must not be sent in another one. */
  #expire(): void {
    this.#session = 0;
    for (const [serial, { kind, attempt }] of this.#pending) {
      if (kind !== "read" && attempt > 0) this.#done(serial, { kind: "unknown" });
    }
  }

  #done(serial: number, outcome: RequestOutcome): void {
    this.#pending.delete(serial);
    this.#answers.push({ id: serial, outcome });
  }
}
