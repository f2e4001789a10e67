/** The lines of challenges 3 and 4 in virtual time, and the figures that they are judged by. */

import { ALL_FAULTS } from "../../lib/bench/nemesis.ts";
import type { Event } from "../../lib/checkers/history.ts";
import type { Result } from "../../lib/checkers/result.ts";
import type { Node } from "../../lib/runtime/node.ts";
import { parseSettings, type Settings, type Values } from "../../lib/runtime/settings.ts";
import { type VirtualRun, virtualRun } from "../bench/virtual_run.ts";

/** 25 nodes, 100 operations a second for 20 seconds, 100 ms from node to node. */
export const LINE_3D = "-w broadcast --node-count 25 --time-limit 20 --rate 100 --latency 100";

/** What is said of a run. */
export interface Figures {
  readonly valid: unknown;
  /** Messages that involve no client, per operation. */
  readonly messagesPerOperation: number;
  /** Ms from the moment that a value was known to the last read that missed it; 0 for a workload without. */
  readonly medianMs: number;
  readonly maxMs: number;
  /** Ms from an operation's beginning to its answer, the longest. */
  readonly operationMsMax: number;
  /** How many of the operations were additions, which is what is spread. */
  readonly additionShare: number;
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
    additionShare: invoked.filter(({ f }) => f !== "read").length / invoked.length,
  };
}

/** Runs a line with a seed and says its figures. */
export async function lineFigures(
  line: string,
  options: { readonly seed: number; readonly program: (node: Node) => void },
): Promise<Figures> {
  return figures(await virtualRun(line, options));
}

/**
 * Runs a node under all faults at once and returns what the workload's checker found wrong, if anything. (A run in which all
 * nodes were dead nearly all the time is no concern of the node's.)
 */
export async function underAllFaults(
  workload: string,
  options: {
    readonly seed: number;
    readonly program: (node: Node) => void;
    readonly without?: readonly string[];
  },
): Promise<string | undefined> {
  const faults = ALL_FAULTS.filter((fault) => options.without?.includes(fault) !== true).join(",");
  const line =
    `-w ${workload} --time-limit 12 --rate 40 --latency 10 --nemesis ${faults} --nemesis-interval 2`;
  const { result } = await virtualRun(line, { ...options, storage: true });
  if (result.workload.valid === false) return JSON.stringify(result.workload).slice(0, 500);
  return result.nodes === undefined ? undefined : JSON.stringify(result.nodes).slice(0, 500);
}

function longestOperation(history: readonly Event[]): number {
  const begun = new Map<unknown, number>();
  let longest = 0;
  for (const { process, type, time } of history) {
    if (process === "nemesis") continue;
    if (type === "invoke") begun.set(process, time);
    else longest = Math.max(longest, (time - (begun.get(process) ?? time)) / 1e6);
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
