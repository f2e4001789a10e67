/** The tests of challenges 3 and 4 in virtual time, with the metrics of their bounds. */

import { assert, assertEquals } from "@std/assert";
import { ALL_FAULTS } from "../../lib/bench/nemesis/faults.ts";
import type { Event } from "../../lib/checkers/history.ts";
import type { JepsenResult as Result } from "../../lib/checkers/result.ts";
import type { Node } from "../../lib/runtime/node.ts";
import { parseSettings, type Settings, type Values } from "../../lib/runtime/settings.ts";
import { type VirtualRun, virtualRun } from "../bench/support/virtual_run.ts";
import { forSeeds } from "../seeds.ts";

/** 25 nodes, 100 operations per second for 20 seconds, 100 ms from node to node. */
export const LINE_3D = "-w broadcast --node-count 25 --time-limit 20 --rate 100 --latency 100";

/** The maximum latency of an operation without messages between nodes: two hand-overs of maximum length. */
export const ANSWERED_AT_ONCE_MS = 40;

/** The metrics of a run. */
export interface Figures {
  readonly valid: unknown;
  /** Messages that involve no client, per operation. */
  readonly messagesPerOperation: number;
  /** Ms from the moment that a value was known to the last read that missed it; 0 for a workload without. */
  readonly medianMs: number;
  readonly maxMs: number;
  /** The longest time from an operation's start to its reply, in ms. */
  readonly operationMsMax: number;
  /** The fraction of operations that were additions. Only these are disseminated. */
  readonly additionFraction: number;
}

/** The program of a node with its settings as given. */
export function bound<S extends Settings>(
  program: (node: Node, values: Values<S>) => void,
  { settings, args = [] }: { readonly settings: S; readonly args?: readonly string[] },
): (node: Node) => void {
  const values = parseSettings(settings, args);
  return (node) => program(node, values);
}

/** The figures of a run. */
export function figures({ result, history }: VirtualRun): Figures {
  const servers = part(result.net, "servers");
  const latencies = part(result.workload, "stable-latencies");
  const invoked = history.filter(({ type, process }) => type === "invoke" && process !== "nemesis");
  return {
    valid: result.valid,
    messagesPerOperation: number(servers["msgs-per-op"]),
    medianMs: number(latencies["0.5"]),
    maxMs: number(latencies["1"]),
    operationMsMax: longestOperation(history),
    additionFraction: invoked.filter(({ f }) => f !== "read").length / invoked.length,
  };
}

/** Runs a test with a seed and returns its metrics. */
export async function lineFigures(
  line: string,
  options: { readonly seed: number; readonly program: (node: Node) => void },
): Promise<Figures> {
  return figures(await virtualRun(line, options));
}

/** The minimum fraction of successful operations over many runs. The others find no node or lose their reply. */
const SERVED_MIN = 0.8;

/**
 * Runs a node under all faults at once, seed by seed. Fails on the first run in which a value is wrong or a node broke an
 * invariant, and if too few operations succeeded over all. (In single runs all nodes are dead nearly all the time.)
 */
export async function underAllFaults(
  workload: string,
  { program, ...seeds }: {
    readonly program: (node: Node) => void;
    readonly slice: number;
    readonly full: number;
  },
): Promise<void> {
  const line =
    `-w ${workload} --time-limit 12 --rate 40 --latency 10 --nemesis ${ALL_FAULTS} --nemesis-interval 2`;
  let operations = 0;
  let served = 0;
  await forSeeds(seeds, async (_random, seed) => {
    const { result } = await virtualRun(line, { seed, program, storage: true });
    assert(result.workload.valid !== false, JSON.stringify(result.workload).slice(0, 500));
    assertEquals(result.nodes, undefined);
    operations += number(result.stats["count"]);
    served += number(result.stats["ok-count"]);
  });
  assert(served >= SERVED_MIN * operations, `only ${served} of ${operations} operations succeeded`);
}

function longestOperation(history: readonly Event[]): number {
  const started = new Map<unknown, number>();
  let longest = 0;
  for (const { process, type, time } of history) {
    if (process === "nemesis") continue;
    if (type === "invoke") started.set(process, time);
    else longest = Math.max(longest, (time - (started.get(process) ?? time)) / 1e6);
  }
  return longest;
}

function part(result: Result, key: string): Readonly<Record<string, unknown>> {
  const value: unknown = Reflect.get(result, key);
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
