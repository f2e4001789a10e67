/** The limits of a sandboxed program. Tested by `tests/bench/sandbox/bubblewrap_test.ts`. */

/** Upper bounds on what the processes of one sandbox may use. */
export interface SandboxLimits {
  /** Processes and threads. */
  readonly processes: number;
  /** Memory of one process, in MB, without shared memory. */
  readonly memoryMb: number;
  /** CPU time of one process, in seconds. */
  readonly cpuS: number;
  /** Size of one file, in MB. */
  readonly fileMb: number;
  /** Size of /tmp, of the home and of shared memory, in MB each. */
  readonly temporaryMb: number;
}

/** The limits of a node. Runtimes such as V8 and the JVM reserve more than half a GB per process. */
export const NODE_LIMITS: SandboxLimits = {
  processes: 256,
  memoryMb: 2048,
  cpuS: 600,
  fileMb: 64,
  temporaryMb: 64,
};

/** The limits of a build. Compilers need more than nodes. */
export const BUILD_LIMITS: SandboxLimits = {
  processes: 1024,
  memoryMb: 4096,
  cpuS: 900,
  fileMb: 1024,
  temporaryMb: 2048,
};

/** The fraction of the machine's memory that all nodes of a run may use together. */
const TOTAL_PART = 0.75;

/** Returns the memory that all nodes of a run may use together, in MB. */
export function totalMemoryMb(): number {
  return Math.floor(Deno.systemMemoryInfo().total * TOTAL_PART / 2 ** 20);
}
