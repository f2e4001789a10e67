/**
 * The channel between a simulation and the worker of a module: JSON messages in shared memory, one side at a time.
 * Each side blocks while it waits, because a turn of a simulated node is synchronous.
 *
 * Tested by `tests/bench/cluster/module_test.ts`.
 */

// Captured here, because the module's globals lack these names, and a module could replace its globals.
const { load, store, notify, wait } = Atomics;
const { parse, stringify } = JSON;
const clock = performance;

/** The maximum number of bytes per part. Longer messages are split into parts. */
const PART_LENGTH = 1024 * 1024;
/** The maximum length of a message, in bytes. */
const MESSAGE_LENGTH_MAX = 256 * 1024 * 1024;
/** The number of checks for the other side's turn before the thread sleeps. */
const SPINS = 5000;

/** Header fields: the side whose turn it is, bytes of this part, 1 if more parts follow, the reason why the module's worker ended,
 * and the number of passed turns. */
const TURN = 0, LENGTH = 1, MORE = 2, ENDED = 3, PASSED = 4;
const HEADER_LENGTH = 5;

/** The two sides, as the header encodes them. */
const SIDES = { simulation: 0, module: 1 } as const;

/** The reason why the module's worker ended. */
export type EndReason = "timeout" | "memory";
const REASONS: readonly (EndReason | undefined)[] = [undefined, "timeout", "memory"];

/** The error thrown when the other side does not answer. */
export class ChannelEnded extends Error {
  readonly reason: EndReason;

  constructor(reason: EndReason) {
    super(`the module's worker was ended: ${reason}`);
    this.name = "ChannelEnded";
    this.reason = reason;
  }
}

/** Allocates the memory of a channel. */
export function channelMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * HEADER_LENGTH + PART_LENGTH);
}

/** Marks a channel as ended, so that the simulation stops waiting. */
export function endChannel(memory: SharedArrayBuffer, reason: EndReason): void {
  const header = new Int32Array(memory, 0, HEADER_LENGTH);
  store(header, ENDED, REASONS.indexOf(reason));
  notify(header, TURN);
}

/** Returns the reason why a channel ended; undefined if it is open. */
export function endReason(memory: SharedArrayBuffer): EndReason | undefined {
  return REASONS[load(new Int32Array(memory, 0, HEADER_LENGTH), ENDED)];
}

/** Returns a number that changes whenever the module answers; undefined while it is idle. */
export function moduleTurn(memory: SharedArrayBuffer): number | undefined {
  const header = new Int32Array(memory, 0, HEADER_LENGTH);
  return load(header, TURN) === SIDES.module ? load(header, PASSED) : undefined;
}

/** One side of a channel. The simulation sends first. */
export class ModuleChannel {
  readonly #memory: SharedArrayBuffer;
  readonly #header: Int32Array;
  readonly #part: Uint8Array;
  readonly #me: number;
  readonly #timeoutMs: number;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();

  /** Creates a side that waits for at most `timeoutMs`, or forever without it. */
  constructor(memory: SharedArrayBuffer, side: keyof typeof SIDES, timeoutMs = Infinity) {
    this.#memory = memory;
    this.#header = new Int32Array(memory, 0, HEADER_LENGTH);
    this.#part = new Uint8Array(memory, 4 * HEADER_LENGTH);
    this.#me = SIDES[side];
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a value. It must be this side's turn. Throws `ChannelEnded`. */
  send(value: unknown): void {
    const bytes = this.#encoder.encode(stringify(value));
    let from = 0;
    do {
      if (from > 0) this.#wait();
      const part = bytes.subarray(from, from + PART_LENGTH);
      from += part.length;
      this.#part.set(part);
      this.#header[LENGTH] = part.length;
      this.#header[MORE] = from < bytes.length ? 1 : 0;
      this.#pass();
    } while (from < bytes.length);
  }

  /** Waits for the other side's value. Throws `ChannelEnded`, or `SyntaxError` if the value is not JSON. */
  receive(): unknown {
    const parts: string[] = [];
    let length = 0;
    for (;;) {
      this.#wait();
      const partLength = Math.max(0, Math.min(this.#header[LENGTH] ?? 0, PART_LENGTH));
      length += partLength;
      if (length > MESSAGE_LENGTH_MAX) throw this.#end("memory");
      const more = this.#header[MORE] === 1;
      parts.push(this.#decoder.decode(this.#part.slice(0, partLength), { stream: more }));
      if (!more) return parse(parts.length === 1 ? parts[0] ?? "" : parts.join(""));
      this.#pass();
    }
  }

  #pass(): void {
    this.#header[PASSED] = (this.#header[PASSED] ?? 0) + 1;
    store(this.#header, TURN, 1 - this.#me);
    notify(this.#header, TURN);
  }

  #wait(): void {
    const other = 1 - this.#me;
    for (let i = 0; i < SPINS; i++) if (load(this.#header, TURN) !== other) return;
    const deadline = clock.now() + this.#timeoutMs;
    while (load(this.#header, TURN) === other) {
      const reason = endReason(this.#memory);
      if (reason !== undefined) throw new ChannelEnded(reason);
      const leftMs = deadline - clock.now();
      if (leftMs <= 0) throw this.#end("timeout");
      wait(this.#header, TURN, other, leftMs);
    }
  }

  #end(reason: EndReason): ChannelEnded {
    endChannel(this.#memory, reason);
    return new ChannelEnded(reason);
  }
}
