/** Recorded histories with the verdicts of Jepsen's own checkers: where they are kept, and how to read them. */

import { type History, isWorkload, parseHistory, type WorkloadName } from "../../lib/checkers/mod.ts";

/** A recorded run: its history, and the results of Jepsen's checkers. */
export interface RecordedRun {
  readonly name: string;
  readonly workload: WorkloadName;
  readonly availability: "total" | number | null;
  readonly history: History;
  /** The result map, some examples left out; `crashed: true` where a node's crash left none. */
  readonly expected: Readonly<Record<string, unknown>>;
}

/** A history made by a simulated store, judged by one of Jepsen's checkers directly. */
export interface GeneratedCase {
  readonly name: string;
  readonly history: History;
  readonly options: Readonly<Record<string, unknown>>;
  readonly valid: unknown;
  readonly result: Readonly<Record<string, unknown>>;
  /** The index of the operation that no linearization satisfies, if there is one. */
  readonly failedIndex: number | null;
}

const FIXTURES = new URL("../fixtures/histories/", import.meta.url);

/** True if this test process may read files. Otherwise tests with recorded histories are skipped. */
export const canRead = Deno.permissions.querySync({ name: "read" }).state === "granted";

/** A folder of further recordings to check, laid out as `runs/NAME/` and `generated/FAMILY.jsonl.gz`, if one is named. */
export function furtherRecordings(): string | null {
  if (Deno.permissions.querySync({ name: "env", variable: "CHARYBDIS_ORACLE" }).state !== "granted") {
    return null;
  }
  return Deno.env.get("CHARYBDIS_ORACLE") ?? null;
}

/** The recorded runs of a workload that the project carries. */
export async function recordedRuns(workload: WorkloadName): Promise<RecordedRun[]> {
  return (await gunzipLines(new URL(`${workload}.jsonl.gz`, FIXTURES))).map((line) => {
    const run = record(JSON.parse(line));
    return {
      name: String(run["name"]),
      workload,
      availability: availabilityOf(run["availability"]),
      history: parseHistory(lines(run["history"]), { workload }),
      expected: record(run["expected"]),
    };
  });
}

/** The generated cases of a family (`register`, `set`) that the project carries. */
export async function generatedCases(family: string): Promise<GeneratedCase[]> {
  return (await gunzipLines(new URL(`generated-${family}.jsonl.gz`, FIXTURES))).map(generatedCase);
}

/** The recorded runs in a folder, those of the workloads that `wanted` names. */
export async function runsIn(folder: string, wanted: ReadonlySet<WorkloadName>): Promise<RecordedRun[]> {
  const runs: RecordedRun[] = [];
  const names = [...Deno.readDirSync(`${folder}/runs`)].map(({ name }) => name).sort();
  for (const name of names) {
    const test = record(JSON.parse(await Deno.readTextFile(`${folder}/runs/${name}/test.json`)));
    const workload = String(test["workload"]);
    if (!isWorkload(workload) || !wanted.has(workload)) continue;
    const history = await gunzipLines(`${folder}/runs/${name}/history.jsonl.gz`).catch(() => null);
    if (history === null) continue;
    const results = await gunzipLines(`${folder}/runs/${name}/results.json.gz`);
    const expected = record(JSON.parse(results.join("\n")));
    runs.push({
      name,
      workload,
      availability: availabilityOf(test["availability"]),
      history: parseHistory(history, { workload }),
      expected,
    });
  }
  return runs;
}

/** The generated cases of a family in a folder; none if it has no such family. */
export async function casesIn(folder: string, family: string): Promise<GeneratedCase[]> {
  const cases = await gunzipLines(`${folder}/generated/${family}.jsonl.gz`).catch(() => []);
  return cases.map(generatedCase);
}

/** An object, whatever it was. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function generatedCase(line: string): GeneratedCase {
  const found = record(JSON.parse(line));
  const failed = record(found["failed_op"])["index"];
  return {
    name: `${found["mode"]} ${found["case"]}`,
    history: parseHistory(lines(found["history"])),
    options: record(found["options"]),
    valid: found["valid"],
    result: record(found["result"]),
    failedIndex: typeof failed === "number" ? failed : null,
  };
}

function lines(history: unknown): string[] {
  return Array.isArray(history) ? history.map((event: unknown) => JSON.stringify(event)) : [];
}

function availabilityOf(value: unknown): "total" | number | null {
  return value === "total" || typeof value === "number" ? value : null;
}

async function gunzipLines(path: string | URL): Promise<string[]> {
  const file = await Deno.open(path);
  const text = await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).text();
  return text.split("\n").filter((line) => line !== "");
}
