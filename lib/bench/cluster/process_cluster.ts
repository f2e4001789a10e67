/** A cluster whose nodes are processes, over pipes. */

import { StartError } from "../errors.ts";
import { setImmediate } from "node:timers";
import { LINE_LENGTH_MAX, LineSplitter } from "../../protocol/lines.ts";
import type { Cluster, NodeFault } from "../../sim/cluster.ts";
import { withNetworkId } from "../../sim/envelope.ts";
import type { Observation } from "../../sim/remarks.ts";
import type { Delivery } from "../../sim/message_router.ts";
import { type Launch, spawnNode } from "./executable.ts";
import { type MemoryUse, SandboxWatch } from "../sandbox/watch.ts";
import { describeEnd, describeOutput } from "../findings/node_output.ts";
import { ChildReaper } from "./child_reaper.ts";
import { INPUT_LENGTH_MAX, NodeInput } from "./node_input.ts";

/** The number of characters of a node's last output that are kept, to show when it fails. */
const TAIL_LENGTH = 2000;
/** The byte that ends a line. */
const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** Timeout for the last output of a node that ended, in ms. */
const FINAL_OUTPUT_WAIT_MS = 300;
/** Timeout for a node to end after its stdin closes, in ms. */
const STOP_TIMEOUT_MS = 500;
/** The memory that the machine must have left while sandboxed nodes run, in MB. */
const MEMORY_LEFT_MB = 256;
/** Maximum time for uninterrupted reading of output, in ms. After it, timers, signals and other nodes get a turn. */
const READ_MS_MAX = 5;

/** The settings and callbacks of a cluster of processes. */
export interface ProcessOptions {
  readonly bin: string;
  /** The arguments of a node's process. */
  readonly args: (node: string) => readonly string[];
  /** Receives a line that a node wrote to stdout. */
  readonly send: (node: string, line: string) => void;
  /** Receives output that a node wrote to stderr. */
  readonly stderr: (node: string, chunk: Uint8Array) => void;
  readonly fault: (fault: NodeFault) => void;
  readonly observe: (observation: Observation) => void;
  /** The sandbox of the nodes; undefined if they run without one. */
  readonly sandbox: NodeSandbox | undefined;
}

/** The sandbox in which each node of a cluster runs. */
export interface NodeSandbox {
  readonly launch: Launch;
  /** The memory that all nodes may use together, in MB. */
  readonly totalMb: number;
  /** The number of processes and threads that a node may have. */
  readonly processes: number;
}

/** A node's process and its descendants. They form a session, so that a signal reaches all of them. */
class NodeProcess {
  readonly child: Deno.ChildProcess;
  readonly input: NodeInput;
  /** True if the bench is ending the process on purpose. */
  expected = false;
  stdoutTail = "";
  /** The unfinished last line of stdout, cut to the length of a tail. */
  unfinished = "";
  stderrTail = "";

  constructor(child: Deno.ChildProcess) {
    this.child = child;
    this.input = new NodeInput(child.stdin);
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
}

/** A cluster whose nodes are processes. A process that ends by itself is a fault. */
export class ProcessCluster implements Cluster {
  readonly #options: ProcessOptions;
  readonly #nodes = new Map<string, NodeProcess>();
  readonly #reaper = new ChildReaper();
  readonly #watch: SandboxWatch | undefined;
  #stopping = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
    const { sandbox } = options;
    if (sandbox === undefined) return;
    this.#watch = new SandboxWatch({
      totalMb: sandbox.totalMb,
      processes: sandbox.processes,
      crowded: (node) =>
        options.observe({
          kind: "process-limit",
          node,
          problem: `it has ${sandbox.processes} processes and threads, and can start no more`,
        }),
      leftMb: MEMORY_LEFT_MB,
      exceeded: (node, memory) => this.#exceeded(node, memory),
      listens: (node, port) =>
        options.observe({
          kind: "network-server",
          node,
          problem: `it listens on TCP port ${port}, which nothing outside its sandbox can reach`,
        }),
    });
  }

  /** Starts the node's process. Throws `StartError` with the system's reason if the process cannot start. */
  start(id: string): void {
    const { bin, args, sandbox } = this.#options;
    this.kill(id);
    const started = spawnNode([bin, ...args(id)], this.#reaper.environment, sandbox?.launch);
    if (started.kind === "refused") throw new StartError(id, `node ${id}: ${bin} ${started.problem}`);
    const node = new NodeProcess(started.child);
    this.#reaper.watch(node.child.pid);
    this.#watch?.add(id, node.child.pid);
    this.#nodes.set(id, node);
    const read = Promise.all([this.#readStdout(id, node), this.#readStderr(id, node)]);
    node.child.status.then(async (status) => {
      node.input.ended = true;
      if (node.expected || this.#stopping) return this.#reap(node);
      // The process's last output is still in the pipes. A child process may keep them open for longer.
      await Promise.race([read, new Promise((resolve) => setTimeout(resolve, FINAL_OUTPUT_WAIT_MS))]);
      this.#reap(node);
      this.#ended(id, node, status);
    });
  }

  deliver(id: string, { id: messageId, line }: Delivery): boolean {
    const node = this.#nodes.get(id);
    if (node === undefined) return false;
    const before = node.input.overflowed;
    const taken = node.input.write(withNetworkId(line, messageId));
    if (node.input.overflowed && !before) {
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
    this.#watch?.stop();
    const nodes = [...this.#nodes.values()];
    for (const node of nodes) {
      node.expected = true;
      node.signal("SIGCONT");
      node.input.close();
    }
    // A node may end by itself when its stdin ends. The cluster kills a node that does not.
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, STOP_TIMEOUT_MS);
    await Promise.race([late, Promise.all(nodes.map((node) => node.child.status))]);
    clearTimeout(timer);
    for (const node of nodes) node.signal("SIGKILL");
    await Promise.all(nodes.map((node) => node.child.status));
    this.#nodes.clear();
    await this.#reaper.stop();
  }

  /** Ends all nodes at once, without waiting for further output. */
  async killAll(): Promise<void> {
    this.#stopping = true;
    for (const node of this.#nodes.values()) {
      node.expected = true;
      node.signal("SIGKILL");
    }
    await this.#reaper.stop();
  }

  /** Ends the node that uses most of the memory. */
  #exceeded(id: string, { usedMb, totalMb, leftMb }: MemoryUse): void {
    this.kill(id);
    const text =
      `used ${usedMb} MB of memory when all nodes together used ${totalMb} MB and the machine had ` +
      `${leftMb} MB left. The sandbox ended it`;
    this.#options.fault({ node: id, kind: "limit", text });
  }

  /** Kills the processes that a node's process left running. */
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
    const splitter = new LineSplitter({ likeMaelstrom: true });
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
        const rest = chunk.subarray(Math.max(chunk.lastIndexOf(NEWLINE), chunk.lastIndexOf(RETURN)) + 1)
          .subarray(0, TAIL_LENGTH);
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

/** Reads a pipe until it ends or breaks. */
async function* chunksOf(pipe: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pipe;
  } catch {
    // the process's exit reports the reason
  }
}

/** Interrupts reads of a pipe that always has data, because a read that resolves at once never lets timers run. */
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

/** Copies the end of a text, so that it does not keep a line of several megabytes in memory. */
function tailOf(text: string): string {
  return text.length <= TAIL_LENGTH ? text : JSON.parse(JSON.stringify(text.slice(0, TAIL_LENGTH)));
}

function lastOutput({ input, stderrTail, stdoutTail, unfinished }: NodeProcess): string {
  return describeOutput({ isRunning: !input.ended, stderr: stderrTail, stdout: stdoutTail, unfinished });
}
