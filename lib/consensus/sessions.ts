/**
 * Client sessions (§6.3): a command that was proposed twice, because its lowestPending answer was lost, is applied once. They are
 * part of the replicated state: every server keeps the same ones, and snapshots carry them.
 */

import type { Json } from "../protocol/schema.ts";

/** What the log holds for clients. */
export type SessionCommand =
  | { readonly kind: "register"; readonly client: string }
  | {
    readonly kind: "command";
    /** The index of the entry that registered the client. */
    readonly session: number;
    /** Counts the client's commands; it may have seenMany under way. */
    readonly serial: number;
    /** The lowest serial that the client still wants an answer to: what is below was answered, or given up. */
    readonly lowestPending: number;
    readonly command: Json;
  };

/** Whether an entry's command is one of these. */
export function isSessionCommand(value: unknown): value is SessionCommand {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  if (value.kind === "register") return "client" in value && typeof value.client === "string";
  return value.kind === "command" && "command" in value &&
    "session" in value && typeof value.session === "number" &&
    "serial" in value && typeof value.serial === "number" &&
    "lowestPending" in value && typeof value.lowestPending === "number";
}

/** What became of a command. */
export type SessionOutcome =
  | { readonly kind: "registered"; readonly session: number }
  | { readonly kind: "result"; readonly result: Json }
  /** The client had given it up; it was not applied now, and may have been before. */
  | { readonly kind: "abandoned" }
  /** The session is not known any more; it was not applied now, and may have been before. */
  | { readonly kind: "expired" };

interface Session {
  readonly client: string;
  lowestPending: number;
  readonly results: Map<number, Json>;
}

/** A session as a snapshot holds it: id, client, lowestPending, [serial, result]… */
export type SessionRecord = readonly [number, string, number, readonly (readonly [number, Json])[]];

/** All sessions, the one used least recently lowestPending. */
export class Sessions {
  readonly #max: number;
  readonly #sessions = new Map<number, Session>();
  readonly #byClient = new Map<string, number>();

  /** Past `max` sessions, the one that was used least recently expires; the same on every server. */
  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Does what the entry at `index` says; `apply` is called at most once, and once only for each session and serial. */
  execute(index: number, entry: SessionCommand, apply: (command: Json) => Json): SessionOutcome {
    if (entry.kind === "register") {
      return { kind: "registered", session: this.#register(index, entry.client) };
    }
    const session = this.#sessions.get(entry.session);
    if (session === undefined) return { kind: "expired" };
    this.#touch(entry.session, session);
    if (entry.serial < session.lowestPending) return { kind: "abandoned" };
    this.#forget(session, entry.lowestPending);
    const known = session.results.get(entry.serial);
    if (known !== undefined) return { kind: "result", result: known };
    if (entry.serial < session.lowestPending) return { kind: "abandoned" };
    const result = apply(entry.command);
    session.results.set(entry.serial, result);
    return { kind: "result", result };
  }

  /** The outcome of a command that was applied already; undefined if it was not. */
  outcome(id: number, serial: number): SessionOutcome | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return { kind: "expired" };
    if (serial < session.lowestPending) return { kind: "abandoned" };
    const result = session.results.get(serial);
    return result === undefined ? undefined : { kind: "result", result };
  }

  /** For a snapshot. */
  toRecords(): SessionRecord[] {
    return [...this.#sessions].map((
      [id, { client, lowestPending, results }],
    ) => [id, client, lowestPending, [...results]]);
  }

  /** Takes the sessions of a snapshot instead of these. */
  restore(records: readonly SessionRecord[]): void {
    this.#sessions.clear();
    this.#byClient.clear();
    for (const [id, client, lowestPending, results] of records) {
      this.#sessions.set(id, { client, lowestPending, results: new Map(results) });
      this.#byClient.set(client, id);
    }
  }

  #register(index: number, client: string): number {
    const known = this.#byClient.get(client);
    if (known !== undefined) {
      const session = this.#sessions.get(known);
      if (session !== undefined) this.#touch(known, session);
      return known;
    }
    this.#sessions.set(index, { client, lowestPending: 0, results: new Map() });
    this.#byClient.set(client, index);
    if (this.#sessions.size > this.#max) {
      const [[oldest, { client: expired }] = [0, { client: "" }]] = this.#sessions;
      this.#sessions.delete(oldest);
      this.#byClient.delete(expired);
    }
    return index;
  }

  #touch(id: number, session: Session): void {
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
  }

  #forget(session: Session, lowestPending: number): void {
    if (lowestPending <= session.lowestPending) return;
    for (let serial = session.lowestPending; serial < lowestPending; serial++) session.results.delete(serial);
    session.lowestPending = lowestPending;
  }
}
