/**
 * Client sessions (dissertation §6.3): a command that is proposed twice, because its first reply was lost, is applied once.
 * Sessions are part of the replicated state, so every server has the same ones and snapshots contain them.
 */

import type { Json } from "../protocol/schema.ts";

/** A command in the log, as clients send it. */
export type SessionCommand =
  | { readonly kind: "register"; readonly client: string }
  | {
    readonly kind: "command";
    /** The index of the entry that registered the client. */
    readonly session: number;
    /** The number of the command, counted by the client. Several may be pending. */
    readonly serial: number;
    /** The lowest serial whose result the client still wants. Lower ones have a result or were abandoned. */
    readonly lowestPending: number;
    readonly command: Json;
  };

/** Returns true if an entry's command is a session command. */
export function isSessionCommand(value: unknown): value is SessionCommand {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  if (value.kind === "register") return "client" in value && typeof value.client === "string";
  return value.kind === "command" && "command" in value &&
    "session" in value && typeof value.session === "number" &&
    "serial" in value && typeof value.serial === "number" &&
    "lowestPending" in value && typeof value.lowestPending === "number";
}

/** The outcome of a command in a session. */
export type SessionOutcome =
  | { readonly kind: "registered"; readonly session: number }
  | { readonly kind: "result"; readonly result: Json }
  /** The client had abandoned the command. It was not applied now, but may have been earlier. */
  | { readonly kind: "abandoned" }
  /** The session has expired. The command was not applied now, but may have been earlier. */
  | { readonly kind: "expired" };

interface Session {
  readonly client: string;
  lowestPending: number;
  readonly results: Map<number, Json>;
}

/** A session in a snapshot. */
export type SessionRecord = readonly [
  id: number,
  client: string,
  lowestPending: number,
  results: readonly (readonly [serial: number, result: Json])[],
];

/** Returns true if a value from a snapshot is a session. */
export function isSessionRecord(value: unknown): value is SessionRecord {
  if (!Array.isArray(value)) return false;
  const [id, client, lowestPending, results] = value;
  return typeof id === "number" && typeof client === "string" && typeof lowestPending === "number" &&
    Array.isArray(results) &&
    results.every((each) => Array.isArray(each) && each.length === 2 && typeof each[0] === "number");
}

/** All sessions, the least recently used one first. */
export class Sessions {
  readonly #max: number;
  readonly #sessions = new Map<number, Session>();
  readonly #byClient = new Map<string, number>();

  /** Above `max` sessions, the least recently used one expires. It is the same one on every server. */
  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Executes the entry at `index`. Calls `apply` at most once for each session and serial. */
  execute(index: number, entry: SessionCommand, apply: (command: Json) => Json): SessionOutcome {
    if (entry.kind === "register") {
      return { kind: "registered", session: this.#register(index, entry.client) };
    }
    const session = this.#sessions.get(entry.session);
    if (session === undefined) return { kind: "expired" };
    this.#touch(entry.session, session);
    if (entry.serial < session.lowestPending) return { kind: "abandoned" };
    this.#discardResults(session, entry.lowestPending);
    const known = session.results.get(entry.serial);
    if (known !== undefined) return { kind: "result", result: known }; // plant: applies-twice
    if (entry.serial < session.lowestPending) return { kind: "abandoned" };
    const result = apply(entry.command);
    session.results.set(entry.serial, result);
    return { kind: "result", result };
  }

  /** Returns the outcome of a command that was applied already; undefined if it was not. */
  outcome(id: number, serial: number): SessionOutcome | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return { kind: "expired" };
    if (serial < session.lowestPending) return { kind: "abandoned" };
    const result = session.results.get(serial);
    return result === undefined ? undefined : { kind: "result", result };
  }

  /** Returns all sessions for a snapshot. */
  toRecords(): SessionRecord[] {
    return [...this.#sessions].map((
      [id, { client, lowestPending, results }],
    ) => [id, client, lowestPending, [...results]]);
  }

  /** Replaces all sessions by those of a snapshot. */
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
    if (this.#sessions.size > this.#max) this.#expireOldest();
    return index;
  }

  #expireOldest(): void {
    for (const [id, { client }] of this.#sessions) {
      this.#sessions.delete(id);
      this.#byClient.delete(client);
      return;
    }
  }

  #touch(id: number, session: Session): void {
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
  }

  #discardResults(session: Session, lowestPending: number): void {
    if (lowestPending <= session.lowestPending) return;
    for (let serial = session.lowestPending; serial < lowestPending; serial++) session.results.delete(serial);
    session.lowestPending = lowestPending;
  }
}
