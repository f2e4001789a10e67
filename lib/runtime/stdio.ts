/**
 * The real host: stdin, stdout, stderr, the system's clock and random numbers. It is the only file of its layer that accesses the system.
 *
 * Tested by `tests/runtime/host_test.ts`.
 */

import { LINE_LENGTH_MAX, LineSplitter } from "../protocol/lines.ts";
import {
  type Clock,
  DamagedStoreError,
  type Host,
  type Log,
  type Random,
  type Storage,
  type Transport,
} from "./host.ts";
import { Runtime } from "./node.ts";

/** The number of bytes that are read at once: the size of a Linux pipe. */
const READ_BYTES = 64 * 1024;
/** The number of output bytes that may wait for a reader before the node stops reading its own input. */
export const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;
/** The maximum length of a logged line, in UTF-16 units. A longer line is cut. */
const LOG_LENGTH_MAX = 4096;
/** Time in ms that an ending node waits for its handlers, and after SIGTERM or SIGINT for a blocked reader. */
const SHUTDOWN_TIMEOUT_MS = 2000;
/** The longest delay of a system timer, in ms: 24.8 days. A longer timer would fire at once. */
const DELAY_MS_MAX = 2 ** 31 - 1;
/** The interval of polling for what cannot be awaited, in ms. */
const POLL_MS = 1;

/** The owner of the store to open, and the destination of log lines about it. */
export interface StorageOptions {
  readonly nodeId: string;
  readonly log: (line: string) => void;
}

/** Opens stores. */
export interface OpenStorage {
  /** Opens the store of a node. Throws {@linkcode DamagedStoreError} if it must not be served from. */
  open(options: StorageOptions): Storage;
  /** Sets a damaged store aside, and opens an empty one in its place. */
  replace(options: StorageOptions): Storage;
}

/** Options of {@linkcode runStdio}. */
export interface StdioOptions {
  readonly openStorage?: OpenStorage | undefined;
}

/** The system's monotonic clock. */
export class StdioClock implements Clock {
  now(): number {
    return performance.now();
  }

  after(delayMs: number, fire: () => void): () => void {
    const timer = setTimeout(fire, Math.min(delayMs, DELAY_MS_MAX));
    return () => clearTimeout(timer);
  }
}

/** The system's random numbers: `next` suffices for timing, and `id` for unique names. */
export class SystemRandom implements Random {
  next(): number {
    return Math.random();
  }

  below(bound: number): number {
    return Math.floor(Math.random() * bound);
  }

  id(): string {
    return Array.from(
      crypto.getRandomValues(new Uint8Array(16)),
      (byte) => byte.toString(16).padStart(2, "0"),
    ).join("");
  }
}

/** Writes some of the bytes, and resolves to how many. */
export type Write = (bytes: Uint8Array) => Promise<number>;

/** Writes to stdout: output is collected during a turn, then written at once, in the background. */
export class StdoutWriter implements Transport {
  readonly #encoder = new TextEncoder();
  #lines = ""; // sent, but what that rests on may not be stored yet
  #ready = ""; // may leave
  #writing: Promise<void> | undefined;
  #flushAsked = false;
  #waitingBytes = 0;
  readonly #write: Write;
  readonly #flush: () => void;
  readonly #closed: (error: unknown) => void;

  /** `flush` is called after output outside of a turn, `closed` if output cannot be written. */
  constructor(
    options: {
      readonly write: Write;
      readonly flush: () => void;
      readonly closed: (error: unknown) => void;
    },
  ) {
    this.#write = options.write;
    this.#flush = options.flush;
    this.#closed = options.closed;
  }

  /** Takes a line for the next write. */
  send(line: string): void {
    this.#lines += line + "\n";
    if (this.#flushAsked) return;
    // A turn flushes its output at its end; this flushes output after an await.
    this.#flushAsked = true;
    queueMicrotask(this.#flush);
  }

  /** True if the waiting output exceeds the limit, so that no input should be read. */
  get hasBackpressure(): boolean {
    return this.#waitingBytes + this.#ready.length + this.#lines.length > OUTPUT_BYTES_MAX;
  }

  /** Resolves when all output is written. */
  get written(): Promise<void> {
    return this.#writing ?? Promise.resolve();
  }

  /** Writes the waiting output: the state that it depends on is durable. */
  flush(): void {
    this.#flushAsked = false;
    this.#ready += this.#lines;
    this.#lines = "";
    if (this.#ready !== "" && this.#writing === undefined) this.#writing = this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    while (this.#ready !== "") {
      let rest = this.#encoder.encode(this.#ready);
      this.#ready = "";
      try {
        while (rest.length > 0) {
          this.#waitingBytes = rest.length;
          rest = rest.subarray(await this.#write(rest));
        }
      } catch (error) {
        this.#ready = "";
        this.#closed(error);
      }
      this.#waitingBytes = 0;
    }
    this.#writing = undefined;
  }
}

/** Sleeps by the system's clock. */
function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/**
 * Reads from stdin. A non-blocking stdin reports EWOULDBLOCK when empty, so the read is retried. A non-blocking stdout cannot be
 * retried, because a failed write does not report how many bytes it wrote; it ends the node.
 */
async function readStdin(buffer: Uint8Array): Promise<number | null> {
  for (;;) {
    try {
      return await Deno.stdin.read(buffer);
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await sleep(POLL_MS);
    }
  }
}

class StderrLog implements Log {
  readonly #encoder = new TextEncoder();

  line(text: string): void {
    const cut = text.length > LOG_LENGTH_MAX ? `${text.slice(0, LOG_LENGTH_MAX)}…` : text;
    const bytes = this.#encoder.encode(`${cut.replaceAll(/[\r\n]+/g, "\\n ")}\n`);
    try {
      Deno.stderr.writeSync(bytes);
    } catch {
      // a log that cannot be written must not stop the node
    }
  }
}

/**
 * Runs a program on stdin and stdout until stdin ends, stdout closes, or SIGTERM or SIGINT comes; then ends the process.
 * The exit status is 0, or 1 after a broken invariant.
 */
export async function runStdio(
  start: ConstructorParameters<typeof Runtime>[1],
  options: StdioOptions = {},
): Promise<never> {
  const log = new StderrLog();
  const exitWithError = (what: string, error: unknown): never => {
    log.line(`fatal: ${what}: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  };
  let storage: Storage | undefined;
  const endTurn = () => {
    try {
      storage?.sync();
    } catch (error) { // this turn must send nothing: the state it depends on may not be durable
      exitWithError("the store cannot be written", error);
    }
    output.flush();
  };
  const output = new StdoutWriter({
    write: (bytes) => Deno.stdout.write(bytes),
    flush: endTurn,
    closed: (error) => {
      if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0); // the reader is gone
      exitWithError("stdout cannot be written", error);
    },
  });
  const keep = (open: (opener: OpenStorage, given: StorageOptions) => Storage, nodeId: string) => {
    if (options.openStorage === undefined) return undefined;
    try {
      return storage = open(options.openStorage, { nodeId, log: (line) => log.line(line) });
    } catch (error) {
      if (error instanceof DamagedStoreError) throw error; // the program may be able to continue without it
      return exitWithError("state cannot be kept", error);
    }
  };
  const clock = new StdioClock();
  const host: Host = {
    clock: {
      now: () => clock.now(),
      after: (delayMs, fire) =>
        clock.after(delayMs, () => {
          fire();
          endTurn();
        }),
    },
    random: new SystemRandom(),
    transport: output,
    log,
    openStorage: (nodeId) => keep((opener, given) => opener.open(given), nodeId),
    replaceStorage: (nodeId) => {
      const replaced = keep((opener, given) => opener.replace(given), nodeId);
      return replaced ?? exitWithError("state cannot be kept", "the node was started without a store");
    },
    fail: (error) => {
      if (error instanceof DamagedStoreError) {
        return exitWithError(
          "nothing is served",
          `${error.message}. Put both files back as they were, or remove both to start empty.`,
        );
      }
      log.line(`fatal: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
      Deno.exit(1);
    },
  };
  const runtime = new Runtime(host, start);

  const shutDown = async (): Promise<never> => {
    runtime.drain();
    const deadline = clock.now() + SHUTDOWN_TIMEOUT_MS;
    while (runtime.unfinished > 0 && clock.now() < deadline) await sleep(POLL_MS);
    runtime.stop();
    endTurn();
    await output.written;
    Deno.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => {
      setTimeout(() => Deno.exit(0), SHUTDOWN_TIMEOUT_MS);
      shutDown();
    });
  }
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    runtime.onUnhandledError(event.reason);
  });

  const splitter = new LineSplitter();
  const buffer = new Uint8Array(READ_BYTES);
  let dropped = 0;
  for (;;) {
    const count = await readStdin(buffer).catch((error) => exitWithError("stdin cannot be read", error));
    if (count === null) break;
    const lines = splitter.push(buffer.subarray(0, count));
    for (const line of lines) runtime.receive(line, splitter.suspect);
    if (splitter.dropped > dropped) {
      dropped = splitter.dropped;
      log.line(`left out a line of more than ${LINE_LENGTH_MAX} characters`);
    }
    endTurn();
    while (output.hasBackpressure) await sleep(POLL_MS);
  }
  for (const line of splitter.end()) runtime.receive(line);
  return shutDown();
}
