/**
 * The one seam between a node and the outside. A node reaches time, randomness, the network, its disk and its log by these
 * five interfaces alone; `stdio.ts` has the real ones, the simulator virtual ones, and each can be made faulty by itself.
 */

/** Cancels the operation. Safe to call more than once, or after completion. */
export type Cancel = () => void;

/** Monotonic time and timers. */
export interface Clock {
  /** Milliseconds since some fixed moment, with fractions; never goes back. */
  now(): number;
  /** Calls `fire` once, `delayMs` (at least 0) from now. */
  after(delayMs: number, fire: () => void): Cancel;
}

/** Random numbers. */
export interface Random {
  /** A double, uniform in [0, 1). */
  next(): number;
  /** A whole number, uniform in [0, bound). */
  below(bound: number): number;
  /** 128 random bits as 32 hexadecimal digits. */
  id(): string;
}

type Fields = Readonly<Record<string, unknown>>;

/** The sender. The output of a turn is flushed at its end, after the sync of the storage. */
export interface Transport {
  /** Hands over one encoded message (a line without its end). */
  send(line: string): void;
  /**
   * Hands over one message that is not encoded. Present only if the receiver is in this process and neither side changes the
   * message later.
   */
  sendMessage?(message: { readonly src: string; readonly dest: string; readonly body: Fields }): void;
}

/** The node's log for readers, one line per entry. */
export interface Log {
  /** Writes one line; line ends inside it are escaped. */
  line(text: string): void;
}

/**
 * A small durable store: a map, and logs of records with consecutive indexes. Everything is durable once `sync` has
 * returned, nothing before; the host syncs at the end of each turn, before anything that the turn sent leaves. A store is
 * checked as a whole when it is opened.
 */
export interface Storage {
  /** The value last put under `key`. */
  get(key: string): string | undefined;
  /** Stores `value` under `key`, and replaces a previous value. */
  put(key: string, value: string): void;
  /** Removes the value under `key`, if there is one. */
  remove(key: string): void;
  /** Adds a record to the end of a log and returns its index: one more than the last, or 0. */
  append(log: string, value: string): number;
  /** The records of a log, oldest first. */
  read(log: string): Iterable<{ readonly index: number; readonly value: string }>;
  /** Removes the records from index `from` on, so that the next append gets that index. */
  truncate(log: string, from: number): void;
  /** Removes the records before index `before`. The others keep their indexes. */
  discard(log: string, before: number): void;
  /** Makes all previous changes durable. The host calls it at the end of each turn. */
  sync(): void;
}

/**
 * A store that lacks something which was acknowledged, or may lack it: a file is damaged, cut short or missing.
 *
 * @example
 * ```ts
 * import type { Node } from "@charybdis/charybdis";
 *
 * export function rejoining(node: Node): void {
 *   const damage = node.replaceDamagedStorage();
 *   if (damage !== undefined) node.log(`${damage.file} is damaged; the other nodes know what was in it`);
 * }
 * ```
 */
export class DamagedStoreError extends Error {
  /** The file with the damage. */
  readonly file: string;
  /** The damage: a verb and what follows. */
  readonly problem: string;

  /** The file and the problem: a verb and its objects. */
  constructor(file: string, problem: string) {
    super(`the store is damaged: ${file} ${problem}`);
    this.name = "DamagedStoreError";
    this.file = file;
    this.problem = problem;
  }
}

/** All that a node sees of the world. */
export interface Host {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly log: Log;
  /**
   * Opens the node's store; undefined when it was started without one. Called once, right after `init`. Throws
   * {@linkcode DamagedStoreError} if the store must not be served from.
   */
  openStorage(nodeId: string): Storage | undefined;
  /** Sets a damaged store aside, and opens an empty one in its place. */
  replaceStorage(nodeId: string): Storage;
  /** Registers a part of the node's state by name. Present only where the states of a run are recorded. */
  watch?(name: string, value: () => unknown): void;
  /** Ends the node at once with a non-zero status, because an invariant is broken. */
  fail(error: unknown): void;
}
