/** The stdin of a node's process. Tested by `tests/bench/cluster/node_input_test.ts`. */

/** The maximum number of characters queued for a node that does not read. Later messages are lost. */
export const INPUT_LENGTH_MAX = 64 * 1024 * 1024;
/**
 * The number of writes of which the last one leaves the end of its line to another. Maelstrom writes each message and
 * the end of its line apart. A node reads about 1 in 100 of them apart, and fails if it takes each read for a message.
 */
const SPLIT_EVERY = 100;
/** The time between the two parts of a split write, in ms. */
const SPLIT_MS = 1;

/** Writes lines to a node's stdin, in one write per turn. */
export class NodeInput {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  #lines = "";
  #writing = false;
  #waiting = 0;
  #writes = 0;
  /** True if the process has ended. */
  ended = false;
  /** True if a line was lost because too much waits. */
  overflowed = false;

  constructor(stdin: WritableStream<Uint8Array>) {
    this.#writer = stdin.getWriter();
    this.#writer.closed.catch(() => {}); // a node closed its stdin or died: the exit handler reports it
  }

  /** Queues a line. Returns false if the line is lost. */
  write(line: string): boolean {
    if (this.ended || this.#waiting + this.#lines.length > INPUT_LENGTH_MAX) {
      this.overflowed = !this.ended;
      return false;
    }
    this.#lines += line + "\n";
    if (!this.#writing) {
      this.#writing = true;
      queueMicrotask(() => this.#flush());
    }
    return true;
  }

  /** Closes the node's stdin. */
  async close(): Promise<void> {
    await this.#writer.close().catch(() => {});
  }

  async #flush(): Promise<void> {
    while (this.#lines !== "" && !this.ended) {
      const bytes = this.#encoder.encode(this.#lines);
      this.#lines = "";
      this.#waiting = bytes.length;
      try {
        if (++this.#writes % SPLIT_EVERY === 0) {
          await this.#writer.write(bytes.subarray(0, -1));
          await new Promise((resolve) => setTimeout(resolve, SPLIT_MS));
          await this.#writer.write(bytes.subarray(-1));
        } else {
          await this.#writer.write(bytes);
        }
      } catch {
        this.#lines = ""; // the pipe is closed; the process's exit reports the reason
      }
      this.#waiting = 0;
    }
    this.#writing = false;
  }
}
