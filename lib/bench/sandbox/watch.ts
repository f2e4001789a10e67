/**
 * Watches the processes of sandboxes from outside: their memory in total, and servers that they open.
 *
 * Tested by `tests/bench/sandbox/watch_test.ts`.
 */

/** Interval between two looks at the processes, in ms. */
const INTERVAL_MS = 1000;
/** The state of a listening socket in /proc/net/tcp. */
const LISTENING = "0A";
/** The size of a page of memory, in MB. */
const PAGE_MB = 4096 / 2 ** 20;
/** The maximum number of reported ports of a node. */
const PORTS_MAX = 4;

/** A process, as /proc/PID/stat describes it. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly memoryMb: number;
  readonly threads: number;
}

/** The callbacks of a watch. */
export interface WatchOptions {
  /** The memory that all sandboxes may use together, in MB. */
  readonly totalMb: number;
  /** The memory that the machine must have left, in MB. Files in memory count here alone. */
  readonly leftMb: number;
  /** The number of processes and threads that one sandbox may have. */
  readonly processes: number;
  /** Called for the node that uses most memory when all use too much, or when the machine has too little left. */
  readonly exceeded: (node: string, memory: MemoryUse) => void;
  /** Called once for a node that has as many processes and threads as it may. */
  readonly crowded: (node: string) => void;
  /** Called once per port on which a node's sandbox listens. */
  readonly listens: (node: string, port: number) => void;
}

/** The use of memory at a look, in MB. */
export interface MemoryUse {
  readonly usedMb: number;
  readonly totalMb: number;
  /** The memory that the machine has left. */
  readonly leftMb: number;
}

/** Watches sandboxes until `stop`. */
export class SandboxWatch {
  readonly #options: WatchOptions;
  readonly #roots = new Map<string, number>();
  readonly #ports = new Map<string, Set<number>>();
  readonly #crowded = new Set<string>();
  readonly #timer: ReturnType<typeof setInterval>;
  #looks = 0;
  #isLooking = false;
  #isStopped = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#timer = setInterval(async () => {
      if (this.#isLooking) return;
      this.#isLooking = true;
      // A machine without free processes cannot be inspected; the limits of the sandbox hold nevertheless.
      await this.#look().catch(() => {});
      this.#isLooking = false;
    }, INTERVAL_MS);
  }

  /** Adds a node's sandbox by its outermost process. Replaces an earlier one. */
  add(node: string, pid: number): void {
    this.#roots.set(node, pid);
  }

  /** Ends the watch. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const text = await outputOf("grep MemAvailable /proc/meminfo; cat /proc/[0-9]*/stat");
    if (this.#isStopped) return;
    const stats = text.split("\n").flatMap((line) => parseStat(line) ?? []);
    const trees = treesOf([...this.#roots.values()], stats);
    const used = [...this.#roots].map(([node, root]) => {
      const tree = trees.get(root) ?? [];
      return { node, tree, memoryMb: tree.reduce((sum, { memoryMb }) => sum + memoryMb, 0) };
    });
    const totalMb = used.reduce((sum, { memoryMb }) => sum + memoryMb, 0);
    const [most] = used.toSorted((a, b) => b.memoryMb - a.memoryMb);
    const leftMb = availableMb(text);
    if (most !== undefined && (totalMb > this.#options.totalMb || leftMb < this.#options.leftMb)) {
      this.#roots.delete(most.node);
      const [usedMb, all, left] = [most.memoryMb, totalMb, leftMb].map(Math.round);
      this.#options.exceeded(most.node, { usedMb: usedMb ?? 0, totalMb: all ?? 0, leftMb: left ?? 0 });
    }
    for (const { node, tree } of used) {
      const threads = tree.reduce((sum, { threads }) => sum + threads, 0);
      if (threads < this.#options.processes || this.#crowded.has(node)) continue;
      this.#crowded.add(node);
      this.#options.crowded(node);
    }
    // Reading the sockets of a sandbox takes several ms, so that each look inspects only one.
    const turn = used[this.#looks++ % used.length];
    const last = turn?.tree.at(-1); // the first process is outside the sandbox
    if (turn !== undefined && last !== undefined && turn.tree.length > 1) {
      await this.#lookForServers(turn.node, last.pid);
    }
  }

  async #lookForServers(node: string, pid: number): Promise<void> {
    const tables = ["tcp", "tcp6"].map((table) => `/proc/${pid}/net/${table}`).join(" ");
    const known = this.#ports.get(node) ?? new Set();
    this.#ports.set(node, known);
    const found = listeningPorts(await outputOf(`grep -hs ' ${LISTENING} ' ${tables}`));
    for (const port of this.#isStopped ? [] : found) {
      if (known.has(port) || known.size >= PORTS_MAX) continue;
      known.add(port);
      this.#options.listens(node, port);
    }
  }
}

/** Returns each root's process and its descendants. */
export function treesOf(
  roots: readonly number[],
  stats: readonly ProcessStat[],
): ReadonlyMap<number, readonly ProcessStat[]> {
  const byPid = new Map(stats.map((stat) => [stat.pid, stat]));
  const byParent = Map.groupBy(stats, ({ parent }) => parent);
  return new Map(roots.map((root) => {
    const own = byPid.get(root);
    const tree = own === undefined ? [] : [own];
    for (let i = 0; i < tree.length; i++) tree.push(...byParent.get(tree[i]?.pid ?? -1) ?? []);
    return [root, tree];
  }));
}

/** Returns the ports in lines of /proc/net/tcp. */
export function listeningPorts(text: string): number[] {
  return text.split("\n").flatMap((line) => {
    const [, port] = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) /.exec(line) ?? [];
    return port === undefined ? [] : [parseInt(port, 16)];
  });
}

/** Returns the memory that a machine has left, in MB, from the text of /proc/meminfo; without limit if it is not there. */
export function availableMb(text: string): number {
  const [, kb] = /^MemAvailable: +(\d+) kB$/m.exec(text) ?? [];
  return kb === undefined ? Infinity : Number(kb) / 1024;
}

/** Returns a process from the text of /proc/PID/stat; undefined if the process has gone. */
export function parseStat(text: string): ProcessStat | undefined {
  const [, pid, rest] = /^(\d+) \(.*\) (.*)$/s.exec(text) ?? []; // the name may contain spaces and parentheses
  const fields = rest?.split(" ") ?? [];
  if (pid === undefined) return undefined;
  return {
    pid: Number(pid),
    parent: Number(fields[1]),
    memoryMb: Number(fields[21]) * PAGE_MB,
    threads: Number(fields[17]),
  };
}

/** Returns the output of a shell command. Deno itself reads /proc only with all permissions. */
async function outputOf(script: string): Promise<string> {
  const { stdout } = await new Deno.Command("/bin/sh", { args: ["-c", script], cwd: "/", stderr: "null" })
    .output();
  return new TextDecoder().decode(stdout);
}
