/** A cluster whose nodes are processes, over pipes. */

import { LINE_LENGTH_MAX, LineSplitter } from "../protocol/lines.ts";
import type { Cluster, NodeFault } from "../sim/cluster.ts";
import { spawnProblem } from "./executable.ts";
import { Guardian } from "./guardian.ts";
import { StartError } from "./run.ts";

/** How much may wait for a node that does not read, before what comes for it is lost. */
export const INPUT_BYTES_MAX = 64 * 1024 * 1024;
/** How much of a node's last output is kept, to be shown when it fails. */
const TAIL_LENGTH = 2000;
/** How long the last output of a node that ended is waited for. */
const LAST_WORDS_MS = 300;
/** How long a node may take to end after its stdin was closed. */
const STOP_MS = 500;

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
}

class NodeProcess {
  readonly child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  #lines = "";
  #writing = false;
  #waiting = 0;
  /** Whether it was ended on purpose. */
  expected = false;
  ended = false;
  overflowed = false;
  stdoutTail = "";
  stderrTail = "";

  constructor(child: Deno.ChildProcess) {
    this.child = child;
    this.#writer = child.stdin.getWriter();
    this.#writer.closed.catch(() => {}); // a node that closed its stdin, or died: its end is noticed elsewhere
  }

  /** Whether the line was taken. */
  write(line: string): boolean {
    if (this.ended || this.#waiting + this.#lines.length > INPUT_BYTES_MAX) {
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

  async close(): Promise<void> {
    await this.#writer.close().catch(() => {});
  }

  signal(signal: Deno.Signal): void {
    if (this.ended) return;
    try {
      this.child.kill(signal);
    } catch {
      // it ended just now
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
        this.#lines = ""; // the pipe is closed; the process's end says why
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
  readonly #guardian = new Guardian();
  #stopping = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** Starts the node's process. Throws what the system says when it cannot be started. */
  start(id: string): void {
    const { bin, args } = this.#options;
    this.kill(id);
    const child = spawn(id, bin, args(id));
    this.#guardian.watch(child.pid);
    const node = new NodeProcess(child);
    this.#nodes.set(id, node);
    const read = Promise.all([this.#readStdout(id, node), this.#readStderr(id, node)]);
    child.status.then(async (status) => {
      node.ended = true;
      if (node.expected || this.#stopping) return;
      // What it wrote last is still in the pipes; a child of its own may keep them open for longer.
      await Promise.race([read, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))]);
      this.#ended(id, node, status);
    });
  }

  deliver(id: string, line: string): boolean {
    const node = this.#nodes.get(id);
    if (node === undefined) return false;
    const before = node.overflowed;
    const taken = node.write(line);
    if (node.overflowed && !before) {
      const text = `does not read its stdin: more than ${INPUT_BYTES_MAX >> 20} MiB wait for it`;
      this.#options.fault({ node: id, kind: "stuck", text });
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

  /** The last that a node wrote, for a message about its failure. */
  lastWords(id: string): string {
    const node = this.#nodes.get(id);
    return node === undefined ? "" : lastWords(node);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const nodes = [...this.#nodes.values()];
    for (const node of nodes) {
      node.expected = true;
      node.signal("SIGCONT");
      node.close();
    }
    // A node may take the end of its stdin as its own; one that does not is killed.
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, STOP_MS);
    await Promise.race([late, Promise.all(nodes.map((node) => node.child.status))]);
    clearTimeout(timer);
    for (const node of nodes) node.signal("SIGKILL");
    await Promise.all(nodes.map((node) => node.child.status));
    this.#nodes.clear();
    this.#guardian.stop();
  }

  /** Ends everything at once, without waiting. */
  abandon(): void {
    this.#stopping = true;
    for (const node of this.#nodes.values()) {
      node.expected = true;
      node.signal("SIGKILL");
    }
    this.#guardian.stop();
  }

  #ended(id: string, node: NodeProcess, status: Deno.CommandStatus): void {
    const how = status.signal === null ? `with exit status ${status.code}` : `by ${status.signal}`;
    this.#options.fault({ node: id, kind: "ended", text: `ended ${how}. ${lastWords(node)}` });
  }

  async #readStdout(id: string, node: NodeProcess): Promise<void> {
    const splitter = new LineSplitter();
    let unfinished = 0; // bytes
    try {
      for await (const chunk of node.child.stdout) {
        const lines = splitter.push(chunk);
        const before = lines.length > 0 ? 0 : unfinished;
        unfinished = before + chunk.length;
        if (before <= LINE_LENGTH_MAX && unfinished > LINE_LENGTH_MAX) {
          const text = `wrote more than ${
            LINE_LENGTH_MAX >> 20
          } MiB without a line's end: a message is one line`;
          this.#options.fault({ node: id, kind: "stray", text });
        }
        for (const line of lines) {
          node.stdoutTail = line;
          if (!node.expected) this.#options.send(id, line);
        }
      }
    } catch {
      // the pipe broke with its process
    }
    for (const line of splitter.end()) if (!node.expected) this.#options.send(id, line);
  }

  async #readStderr(id: string, node: NodeProcess): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of node.child.stderr) {
        node.stderrTail = (node.stderrTail + decoder.decode(chunk, { stream: true })).slice(-TAIL_LENGTH);
        this.#options.stderr(id, chunk);
      }
    } catch {
      // the pipe broke with its process
    }
  }
}

function spawn(id: string, bin: string, args: readonly string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(bin, { args: [...args], stdin: "piped", stdout: "piped", stderr: "piped" })
      .spawn();
  } catch (error) {
    throw new StartError(id, `node ${id}: ${bin} ${spawnProblem(error)}`);
  }
}

function lastWords({ stderrTail, stdoutTail }: NodeProcess): string {
  const parts = [
    ...(stderrTail.trim() === "" ? [] : [`The end of its stderr:\n${indent(stderrTail.trim())}`]),
    ...(stdoutTail === "" ? [] : [`Its last line on stdout:\n${indent(stdoutTail.slice(0, TAIL_LENGTH))}`]),
  ];
  return parts.length === 0 ? "It wrote nothing." : parts.join("\n");
}

function indent(text: string): string {
  return text.split("\n").map((line) => `    ${line}`).join("\n");
}
