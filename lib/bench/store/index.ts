/** Lists the runs in a store. Tested by `tests/bench/report/serve_test.ts`. */

import { isObject } from "../../protocol/schema.ts";
import { readJson } from "./files.ts";
import { stateOf } from "./run_state.ts";
import { isPlainName, type RunName } from "./paths.ts";
import { parseResult } from "./parse_result.ts";

/** The maximum number of listed runs; the newest are listed. */
export const RUNS_LISTED_MAX = 1000;

/** A run in the list. */
export interface RunSummary extends RunName {
  /** The verdict; `undefined` while the run is in progress, or if it was ended. */
  readonly valid: unknown;
  readonly state: string;
  readonly nodes: number;
  readonly faults: string;
  readonly rate: number | undefined;
  readonly operations: number | undefined;
  readonly msgsPerOp: number | undefined;
  readonly medianMs: number | undefined;
  readonly maxMs: number | undefined;
  readonly latencyMs: number | undefined;
  readonly checkMs: number | undefined;
  /** The duration of the whole run. */
  readonly seconds: number | undefined;
  readonly virtual: boolean;
  readonly arguments: string;
}

/** Reads the store, and caches runs that have ended. */
export class StoreIndex {
  readonly #store: string;
  readonly #known = new Map<string, { readonly changed: number; readonly summary: RunSummary }>();

  constructor(store: string) {
    this.#store = store;
  }

  /** Returns all runs, the newest first. Skips folders that are not runs. */
  list(): RunSummary[] {
    return runsIn(this.#store).slice(0, RUNS_LISTED_MAX).flatMap((name) => this.summary(name) ?? []);
  }

  /** Returns one run; `undefined` if it cannot be read. */
  summary(name: RunName): RunSummary | undefined {
    const folder = `${this.#store}/${name.workload}/${name.time}`;
    try {
      const changed = Deno.statSync(`${folder}/test.json`).mtime?.getTime() ?? 0;
      const known = this.#known.get(folder);
      // The bench of a run that is recorded as running may have died.
      if (known?.changed === changed && known.summary.state !== "running") return known.summary;
      const head = readJson(`${folder}/test.json`) ?? {};
      const summary = summaryOf(name, head, readJson(`${folder}/results.json`) ?? {});
      this.#known.set(folder, { changed, summary });
      return summary;
    } catch {
      return undefined;
    }
  }
}

/** Returns the names of all runs in a store, the newest first. */
export function runsIn(store: string): RunName[] {
  const names = foldersOf(store).flatMap((workload) =>
    foldersOf(`${store}/${workload}`).map((time): RunName => ({ workload, time }))
  );
  return names.sort((a, b) => a.time < b.time ? 1 : a.time > b.time ? -1 : a.workload < b.workload ? -1 : 1);
}

function foldersOf(path: string): string[] {
  try {
    // Links (`latest`) would list runs a second time.
    return [...Deno.readDirSync(path)].filter(({ isDirectory, name }) => isDirectory && isPlainName(name))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

type ResultMap = Readonly<Record<string, unknown>>;

function summaryOf(name: RunName, head: ResultMap, map: unknown): RunSummary {
  const { valid, stats, servers, workload } = parseResult(map);
  const test = isObject(head["test"]) ? head["test"] : {};
  return {
    ...name,
    valid: head["valid"] ?? valid,
    state: stateOf(head),
    nodes: Array.isArray(test["nodes"]) ? test["nodes"].length : 0,
    faults: Array.isArray(test["faults"]) ? test["faults"].join(", ") : "",
    rate: getNumber(test, "rate"),
    operations: stats.count,
    msgsPerOp: servers?.perOperation,
    medianMs: workload.set?.stableLatencies?.median,
    maxMs: workload.set?.stableLatencies?.longest,
    latencyMs: getNumber(test, "latency", "meanMs"),
    checkMs: getNumber(head, "checkMs"),
    seconds: getNumber(head, "seconds"),
    virtual: head["virtual"] === true,
    arguments: Array.isArray(head["argv"]) ? head["argv"].join(" ") : "",
  };
}

/** Returns the number at a path of nested keys in a map; undefined if there is none. */
function getNumber(map: unknown, ...path: readonly string[]): number | undefined {
  let value = map;
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return typeof value === "number" ? value : undefined;
}
