/** Recorded and generated histories with the verdicts of Elle 0.2.2, and how ours compare. */

import type { Event } from "../../../lib/checkers/history.ts";
import { checkListAppend, checkRwRegister, type ElleResult } from "../../../lib/checkers/elle/mod.ts";
import { typesOf } from "./findings.ts";

/** A history and what Elle says of it. */
export interface OracleCase {
  /** `append/17`, `runs/append-si`. */
  readonly name: string;
  readonly family: string;
  readonly mode: string;
  readonly workload: "txn-list-append" | "txn-rw-register";
  readonly consistencyModels: readonly string[];
  readonly wfrKeys: boolean;
  readonly sequentialKeys: boolean;
  readonly linearizableKeys: boolean;
  readonly history: readonly Event[];
  /** `threw`: Elle ended with an exception. */
  readonly valid: boolean | "unknown" | "threw";
  readonly types: readonly string[];
  readonly not: readonly string[];
  readonly alsoNot: readonly string[];
}

/** The comparison of our verdict with Elle's. */
export interface Comparison {
  readonly case: OracleCase;
  readonly result: ElleResult;
  readonly sameValidity: boolean;
  /** Validity, anomaly types, and the models ruled out. */
  readonly same: boolean;
}

/** Runs the check of a case and compares the verdicts. */
export function compare(oracle: OracleCase): Comparison {
  const { consistencyModels, wfrKeys, sequentialKeys, linearizableKeys } = oracle;
  const result = oracle.workload === "txn-list-append"
    ? checkListAppend(oracle.history, { consistencyModels })
    : checkRwRegister(oracle.history, { consistencyModels, wfrKeys, sequentialKeys, linearizableKeys });
  const sameValidity = result.valid === oracle.valid;
  const same = sameValidity && sameList(typesOf(result), oracle.types) &&
    sameList(result.not, oracle.not) && sameList(result.alsoNot, oracle.alsoNot);
  return { case: oracle, result, sameValidity, same };
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

/** Cases from lines of JSON, as the oracle has them; a line may name its own family. */
export function parseCases(text: string, family = ""): OracleCase[] {
  return text.split("\n").filter((line) => line !== "").map((line) => {
    const json = JSON.parse(line);
    return {
      name: json.name ?? `${family}/${json.case}`,
      family: family === "" ? json.family : family,
      mode: json.mode,
      workload: json.workload,
      consistencyModels: json.options["consistency-models"],
      wfrKeys: json.options["wfr-keys"] ?? false,
      sequentialKeys: json.options["sequential-keys"] ?? false,
      linearizableKeys: json.options["linearizable-keys"] ?? false,
      history: json.history,
      valid: json.valid,
      types: json.types ?? [],
      not: json.not ?? [],
      alsoNot: json.also_not ?? [],
    };
  });
}

/** One run of Maelstrom as a case, from its three files. */
export function runCase(name: string, files: { test: string; results: string; history: string }): OracleCase {
  const test = JSON.parse(files.test);
  const results = JSON.parse(files.results);
  const workload = results.workload ?? {};
  return {
    name: `runs/${name}`,
    family: `runs ${test.workload}`,
    mode: (test.bin_args ?? [])[0] ?? "",
    workload: test.workload,
    consistencyModels: test.consistency_models,
    wfrKeys: true,
    sequentialKeys: false,
    linearizableKeys: false,
    history: files.history.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)),
    valid: workload.valid ?? "threw",
    types: workload["anomaly-types"] ?? [],
    not: workload.not ?? [],
    alsoNot: workload["also-not"] ?? [],
  };
}

/** The text of a gzipped file. */
export async function gunzip(path: string | URL): Promise<string> {
  const file = await Deno.open(path);
  return await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).text();
}

/** Every transactional case in a folder of the oracle's layout. */
export async function* oracleCases(folder: string): AsyncGenerator<OracleCase> {
  for (const family of ["append", "append-rt", "wr", "wr-rt"]) {
    yield* parseCases(await gunzip(`${folder}/generated/${family}.jsonl.gz`), family);
  }
  const names: string[] = [];
  for await (const entry of Deno.readDir(`${folder}/runs`)) {
    if (entry.name.startsWith("append-") || entry.name.startsWith("wr-")) names.push(entry.name);
  }
  for (const name of names.sort()) {
    const run = `${folder}/runs/${name}`;
    yield runCase(name, {
      test: await Deno.readTextFile(`${run}/test.json`),
      results: await gunzip(`${run}/results.json.gz`),
      history: await gunzip(`${run}/history.jsonl.gz`),
    });
  }
}

/** Writes a line to stdout. */
export async function printLine(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${text}\n`));
}
