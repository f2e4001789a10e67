/** A cluster whose nodes are processes, over pipes. */

import { setImmediate } from "node:timers";
import { LINE_LENGTH_MAX, LineSplitter } from "../../protocol/lines.ts";
import type { Cluster, NodeFault } from "../../sim/cluster.ts";
import { withNetworkId } from "../../sim/envelope.ts";
import type { Observation } from "../../sim/remarks.ts";
import type { Delivery } from "../../sim/world.ts";
import { spawnNode } from "./executable.ts";
import { describeEnd, describeOutput } from "../findings/node_output.ts";
import { ChildReaper } from "./child_reaper.ts";
import { StartError } from "../run/test_run.ts";

/** The number of characters that may wait for a node that does not read; what comes for it after that is lost. */
export const INPUT_LENGTH_MAX = 64 * 1024 * 1024;
/** The number of characters of a node's last output that are kept, to be shown when it fails. */
const TAIL_LENGTH = 2000;
/** The byte that ends a line. */
const NEWLINE = 0x0a;
/** How long the last output of a node that ended is waited for, in ms. */
const FINAL_OUTPUT_WAIT_MS = 300;
/** How long a node may take to end after its stdin was closed, in ms. */
const STOP_TIMEOUT_MS = 500;
/** How long output is read without a break, in ms: timers, signals and other nodes get their turn after that. */
const READ_MS_MAX = 5;

/** What a cluster of processes needs. */
export interface ProcessOptions {
  readonly bin: string;
  /** The arguments of a node's process. */
  readonly args: (node: string) => readonly string[];
  /** Takes a line that a node wrote to stdout. */
  readonly send: (node: string, line: string) => void;
  /** Takes what a node wrote to stderr. */
  readonly stderr: (node: string, chunk: Uint8Array) => void;
  readonly fault: (fault: NodeFault) => void;
  readonly observe: (observation: Observation) => void;
}

/** A node's process and all that it started: they form a session, so that a signal reaches every one of them. */
class NodeProcess {
  readonly child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  #lines = "";
  #writing = false;
  #waiting = 0;
  /** True if it is ended on purpose. */
  expected = false;
  ended = false;
  overflowed = false;
  stdoutTail = "";
  /** What stdout holds after its last line, cut to the length of a tail. */
  unfinished = "";
  stderrTail = "";

  constructor(child: Deno.ChildProcess) {
    this.child = child;
    this.#writer = child.stdin.getWriter();
    this.#writer.closed.catch(() => {}); // a node that closed its stdin, or died: its end is noticed elsewhere
  }

  /** Queues a line for the node's stdin; returns false if it is lost. */
  write(line: string): boolean {
    if (this.ended || this.#waiting + this.#lines.length > INPUT_LENGTH_MAX) {
      this.overflowed = !this.ended;
      return false;
    }
    this.#lines += line + "\n";
    if (!this.#writing) {
      this.#writing = true;
      queueMicrotask(() => this.#flush()); // what comes in one turn is one write
    }
    return true;
  }

  async closeInput(): Promise<void> {
    await this.#writer.close().catch(() => {});
  }

  /** Signals every process of the group. */
  signal(signal: Deno.Signal): void {
    try {
      if (Deno.build.os === "windows") this.child.kill(signal);
      else Deno.kill(-this.child.pid, signal);
    } catch {
      // every process of the group has ended
    }
  }

  async #flush(): Promise<void> {
    while (this.#lines !== "" && !this.ended) {
      const bytes = this.#encoder.encode(this.#lines);
      this.#lines = "";
      this.#waiting = bytes.length;
      try {
        await this.#writer.write(bytes);
      } catch {
        this.#lines = ""; // the pipe is closed; the process's end tells the reason
      }
      this.#waiting = 0;
    }
    this.#writing = false;
  }
}

/** Nodes as processes. A process that ends by itself is a fault. */
export class ProcessCluster implements Cluster {
  readonly #options: ProcessOptions;
  readonly #nodes = new Map<string, NodeProcess>();
  readonly #reaper = new ChildReaper();
  #stopping = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** Starts the node's process. Throws `StartError` with the system's reason if it cannot be started. */
  start(id: string): void {
    const { bin, args } = this.#options;
    this.kill(id);
    const started = spawnNode(bin, args(id), this.#reaper.environment);
    if (started.kind === "refused") throw new StartError(id, `node ${id}: ${bin} ${started.problem}`);
    const node = new NodeProcess(started.child);
    this.#reaper.watch(node.child.pid);
    this.#nodes.set(id, node);
    const read = Promise.all([this.#readStdout(id, node), this.#readStderr(id, node)]);
    node.child.status.then(async (status) => {
      node.ended = true;
      if (node.expected || this.#stopping) return this.#reap(node);
      // What it wrote last is still in the pipes; a child of its own may keep them open for longer.
      await Promise.race([read, new Promise((resolve) => setTimeout(resolve, FINAL_OUTPUT_WAIT_MS))]);
      this.#reap(node);
      this.#ended(id, node, status);
    });
  }

  deliver(id: string, { id: messageId, line }: Delivery): boolean {
    const node = this.#nodes.get(id);
    if (node === undefined) return false;
    const before = node.overflowed;
    const taken = node.write(withNetworkId(line, messageId));
    if (node.overflowed && !before) {
      const problem = `it does not read its stdin: ${
        INPUT_LENGTH_MAX >> 20
      } MiB wait for it, and more is lost`;
      this.#options.observe({ kind: "input-backlog", node: id, problem });
    }
    return taken;
  }

  kill(id: string): void {
    const node = this.#nodes.get(id);
    if (node === undefined) return;
    this.#nodes.delete(id);
    node.expected = true;
    node.signal("SIGKILL");
  }

  pause(id: string): void {
    this.#nodes.get(id)?.signal("SIGSTOP");
  }

  resume(id: string): void {
    this.#nodes.get(id)?.signal("SIGCONT");
  }

  /** Returns the last output of a node, for a message about its failure. */
  lastOutput(id: string): string {
    const node = this.#nodes.get(id);
    return node === undefined ? "" : lastOutput(node);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const nodes = [...this.#nodes.values()];
    for (const node of nodes) {
      node.expected = true;
      node.signal("SIGCONT");
      node.closeInput();
    }
    // A node may end by itself when its stdin ends; one that does not is killed.
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, STOP_TIMEOUT_MS);
    await Promise.race([late, Promise.all(nodes.map((node) => node.child.status))]);
    clearTimeout(timer);
    for (const node of nodes) node.signal("SIGKILL");
    await Promise.all(nodes.map((node) => node.child.status));
    this.#nodes.clear();
    await this.#reaper.stop();
  }

  /** Ends everything at once, without waiting for what the nodes would still write. */
  async killAll(): Promise<void> {
    this.#stopping = true;
    for (const node of this.#nodes.values()) {
      node.expected = true;
      node.signal("SIGKILL");
    }
    await this.#reaper.stop();
  }

  /** Ends what a node's process left behind. */
  #reap(node: NodeProcess): void {
    node.signal("SIGKILL");
    this.#reaper.forget(node.child.pid);
  }

  #ended(id: string, node: NodeProcess, status: Deno.CommandStatus): void {
    this.#options.fault({
      node: id,
      kind: "ended",
      text: `ended ${describeEnd(status)}. ${lastOutput(node)}`,
    });
  }

  async #readStdout(id: string, node: NodeProcess): Promise<void> {
    const splitter = new LineSplitter();
    const breaks = new ReadingBreaks();
    const decoder = new TextDecoder();
    let unfinished = 0; // bytes
    for await (const chunk of chunksOf(node.child.stdout)) {
      const lines = splitter.push(chunk);
      const before = lines.length > 0 ? 0 : unfinished;
      unfinished = before + chunk.length;
      if (before <= LINE_LENGTH_MAX && unfinished > LINE_LENGTH_MAX) {
        const problem = `more than ${LINE_LENGTH_MAX >> 20} MiB without a line's end: a message is one line`;
        this.#options.observe({ kind: "line-too-long", node: id, problem });
      }
      for (const line of lines) {
        if (!node.expected) this.#options.send(id, line);
        if (breaks.isDue()) await breaks.take();
      }
      node.stdoutTail = tailOf(lines.at(-1) ?? node.stdoutTail);
      if (lines.length > 0) node.unfinished = "";
      if (node.unfinished.length < TAIL_LENGTH) {
        const rest = chunk.subarray(chunk.lastIndexOf(NEWLINE) + 1).subarray(0, TAIL_LENGTH);
        node.unfinished += decoder.decode(rest);
      }
      if (breaks.isDue()) await breaks.take();
    }
    for (const line of splitter.end()) if (!node.expected) this.#options.send(id, line);
  }

  async #readStderr(id: string, node: NodeProcess): Promise<void> {
    const decoder = new TextDecoder();
    const breaks = new ReadingBreaks();
    for await (const chunk of chunksOf(node.child.stderr)) {
      node.stderrTail = (node.stderrTail + decoder.decode(chunk, { stream: true })).slice(-TAIL_LENGTH);
      this.#options.stderr(id, chunk);
      if (breaks.isDue()) await breaks.take();
    }
  }
}

/** Reads a pipe to its end, or until it breaks with its process. */
async function* chunksOf(pipe: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pipe;
  } catch {
    // the process's end tells the reason
  }
}

/** Interrupts the reading of a pipe that always has more, because a read that is ready at once never lets timers run. */
class ReadingBreaks {
  #since = performance.now();

  isDue(): boolean {
    return performance.now() - this.#since > READ_MS_MAX;
  }

  async take(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}

/** Copies the end of a text, so that it does not keep a line of megabytes in memory. */
function tailOf(text: string): string {
  return text.length <= TAIL_LENGTH ? text : JSON.parse(JSON.stringify(text.slice(0, TAIL_LENGTH)));
}

function lastOutput({ ended, stderrTail, stdoutTail, unfinished }: NodeProcess): string {
  return describeOutput({ isRunning: !ended, stderr: stderrTail, stdout: stdoutTail, unfinished });
}
