/** Runs the bench as a user does, and measures the effects of an attack. */

const BENCH = new URL("../../bin/charybdis", import.meta.url).pathname;
/** The interval between memory samples, in ms. */
const SAMPLE_MS = 50;
/** The interval between looks for the state in which a signal is sent, in ms. */
const REACH_MS = 2;
/** The number of characters of output that are kept. */
const OUTPUT_KEPT = 100_000;
/** The maximum time to wait for the bench, in seconds. */
const WAIT_S = 120;

/** The number of looks, every 100 ms, after which a process counts as one that remains. */
const ORPHAN_LOOKS = 200;

/** A run of the bench, measured. */
export interface BenchRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
  /** The largest resident memory of the bench and of its own processes that lived at once, in MB. */
  readonly memoryMb: number;
  /** The number of remaining processes. */
  readonly orphans: number;
}

/** Options of a run of the bench. */
export interface BenchRunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly clearEnv?: boolean;
  /** A command of /bin/sh that runs the bench, as `"$@"`. */
  readonly shell?: string;
  /** Sends a signal this many ms after the start, or later, once `reached` returns true. */
  readonly signal?: {
    readonly name: Deno.Signal;
    readonly afterMs: number;
    readonly reached?: () => boolean;
  };
}

/** Runs the bench with these arguments. Linux only: /proc is read. */
export async function runBench(args: readonly string[], options: BenchRunOptions = {}): Promise<BenchRun> {
  const mark = crypto.randomUUID();
  const began = performance.now();
  const command = ["-c", options.shell ?? 'exec "$@"', "bench", BENCH, ...args];
  const child = new Deno.Command("/bin/sh", {
    args: command,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { ...options.env, ATTACK_MARK: mark, NO_COLOR: "1" },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.clearEnv === undefined ? {} : { clearEnv: options.clearEnv }),
  }).spawn();
  let memoryMb = 0;
  const sampler = setInterval(() => memoryMb = Math.max(memoryMb, benchMb(child.pid)), SAMPLE_MS);
  const timers = [setTimeout(() => child.kill("SIGKILL"), WAIT_S * 1000)];
  if (options.signal !== undefined) {
    const { name, afterMs, reached = () => true } = options.signal;
    const trySignal = () => {
      if (reached()) child.kill(name);
      else timers.push(setTimeout(trySignal, REACH_MS));
    };
    timers.push(setTimeout(trySignal, afterMs));
  }
  const [stdout, stderr, status] = await Promise.all([read(child.stdout), read(child.stderr), child.status]);
  const seconds = (performance.now() - began) / 1000;
  clearInterval(sampler);
  for (const timer of timers) clearTimeout(timer);
  return { code: status.code, stdout, stderr, seconds, memoryMb, orphans: await orphansOf(mark) };
}

/** Reads a stream and returns its last characters. */
async function read(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text = (text + decoder.decode(chunk, { stream: true })).slice(-OUTPUT_KEPT);
  }
  return text;
}

/** Returns the sum of the largest resident memory of the bench, and of those of its children that are the bench as well. */
function benchMb(pid: number): number {
  const children = textOf(`/proc/${pid}/task/${pid}/children`).split(" ").filter((child) => child !== "");
  const own = children.filter((child) => textOf(`/proc/${child}/cmdline`).startsWith(BENCH));
  return [String(pid), ...own].reduce((sum, each) => {
    const [, kb] = /VmHWM:\s+(\d+)/.exec(textOf(`/proc/${each}/status`)) ?? [];
    return sum + Math.round(Number(kb ?? 0) / 1024);
  }, 0);
}

/** Returns the text of a file of /proc; empty if its process has ended. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

async function orphansOf(mark: string): Promise<number> {
  // The reaper needs a moment after a kill of the bench, and more on a busy machine.
  for (let attempt = 0; attempt < ORPHAN_LOOKS; attempt++) {
    const { stdout } = await new Deno.Command("/bin/sh", {
      args: ["-c", `grep -ls "ATTACK_MARK=${mark}" /proc/[0-9]*/environ | wc -l`],
    }).output();
    const count = Number(new TextDecoder().decode(stdout).trim());
    if (count === 0 || attempt === ORPHAN_LOOKS - 1) return count;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return 0;
}

/** Prints a measurement of an attack among the tests' results. */
export function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}
