/** The real host: stdin, stdout, stderr, the system's clock and chance. The only file of its room that touches the system. */

import { LINE_LENGTH_MAX, LineSplitter } from "../protocol/lines.ts";
import type { Clock, Host, Log, Random, Storage, Transport } from "./host.ts";
import { Runtime } from "./node.ts";

/** How much is read at once; the size of a Linux pipe. */
const READ_BYTES = 64 * 1024;
/** How much output may wait for a reader before the node stops reading its own input. */
export const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;
/** How long a node that was told to end may go on writing to a reader that does not read. */
const LINGER_MS = 2000;

/** Opens the store of a node, given its id. */
export type OpenStorage = (nodeId: string) => Storage;

/** How to run on stdin and stdout. */
export interface StdioOptions {
  readonly openStorage?: OpenStorage | undefined;
}

class StdioClock implements Clock {
  now(): number {
    return performance.now();
  }

  after(delayMs: number, fire: () => void): () => void {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  }
}

class SystemRandom implements Random {
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

/** What is to be written to stdout: gathered over a turn, then written at once, in the background. */
class Output implements Transport {
  readonly #encoder = new TextEncoder();
  #lines = "";
  #writing: Promise<void> | undefined;
  #flushAsked = false;
  #waitingBytes = 0;
  readonly #flush: () => void;
  readonly #closed: () => void;

  constructor(options: { readonly flush: () => void; readonly closed: () => void }) {
    this.#flush = options.flush;
    this.#closed = options.closed;
  }

  send(line: string): void {
    this.#lines += line + "\n";
    if (this.#flushAsked) return;
    // What is sent inside a turn is flushed at its end; this catches what is sent after an await.
    this.#flushAsked = true;
    queueMicrotask(this.#flush);
  }

  /** Whether so much waits that no more should be read. */
  get congested(): boolean {
    return this.#waitingBytes + this.#lines.length > OUTPUT_BYTES_MAX;
  }

  /** Resolves when all that was sent is written. */
  get written(): Promise<void> {
    return this.#writing ?? Promise.resolve();
  }

  flush(): void {
    this.#flushAsked = false;
    if (this.#lines !== "" && this.#writing === undefined) this.#writing = this.#write();
  }

  async #write(): Promise<void> {
    while (this.#lines !== "") {
      let rest = this.#encoder.encode(this.#lines);
      this.#lines = "";
      try {
        while (rest.length > 0) {
          this.#waitingBytes = rest.length;
          rest = rest.subarray(await Deno.stdout.write(rest));
        }
      } catch { // nobody reads any more: there is nobody to tell
        this.#lines = "";
        this.#closed();
      }
      this.#waitingBytes = 0;
    }
    this.#writing = undefined;
  }
}

class StderrLog implements Log {
  readonly #encoder = new TextEncoder();

  line(text: string): void {
    const bytes = this.#encoder.encode(`${text.replaceAll(/[\r\n]+/g, "\\n ")}\n`);
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
  let storage: Storage | undefined;
  const endTurn = () => {
    storage?.sync();
    output.flush();
  };
  const output = new Output({ flush: endTurn, closed: () => Deno.exit(0) });
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
    openStorage: (nodeId) => storage = options.openStorage?.(nodeId),
    fail: (error) => {
      log.line(`fatal: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
      Deno.exit(1);
    },
  };
  const runtime = new Runtime(host, start);

  const finish = async (): Promise<never> => {
    runtime.stop();
    setTimeout(() => Deno.exit(0), LINGER_MS);
    while (runtime.unfinished > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    endTurn();
    await output.written;
    Deno.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, finish);
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    host.fail(event.reason);
  });

  const splitter = new LineSplitter();
  const buffer = new Uint8Array(READ_BYTES);
  let dropped = 0;
  for (;;) {
    const count = await Deno.stdin.read(buffer);
    if (count === null) break;
    for (const line of splitter.push(buffer.subarray(0, count))) runtime.receive(line);
    if (splitter.dropped > dropped) {
      dropped = splitter.dropped;
      log.line(`left out a line of more than ${LINE_LENGTH_MAX} characters`);
    }
    endTurn();
    while (output.congested) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  for (const line of splitter.end()) runtime.receive(line);
  return finish();
}
