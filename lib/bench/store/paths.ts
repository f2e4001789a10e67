/**
 * Maps requests of browsers to files of the store, and to nothing outside it.
 *
 * Tested by `tests/bench/report/serve_test.ts`.
 */

import { isFile } from "./files.ts";

/** A run, by the names of its folders. */
export interface RunName {
  readonly workload: string;
  readonly time: string;
}

/** The files of a run that are shown, with descriptions; each node's log is shown as well. */
const FILES: Readonly<Record<string, string>> = {
  "history.jsonl": "text/plain; charset=utf-8",
  "messages.jsonl": "text/plain; charset=utf-8",
  "states.jsonl": "text/plain; charset=utf-8",
  "results.json": "application/json",
  "results.edn": "text/plain; charset=utf-8",
  "test.json": "application/json",
  "case.json": "application/json",
  "report.html": "text/html; charset=utf-8",
};

/** Matches the name of one folder: no separators, no hidden or parent folders. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name) && !name.includes("..");
}

/** Parses `workload/time`; `undefined` if the text is not the name of a run. */
export function runName(text: string): RunName | undefined {
  const [workload = "", time = "", ...more] = text.split("/");
  return more.length === 0 && isPlainName(workload) && isPlainName(time) ? { workload, time } : undefined;
}

/**
 * Returns the real path of a run's folder, or `undefined` if the store does not contain it. Follows links, but only within
 * the store.
 */
export function runFolder(store: string, { workload, time }: RunName): string | undefined {
  return insideStore(store, `${store}/${workload}/${time}`);
}

/** Returns the names of the files of a run that are shown. */
export function runFiles(store: string, run: RunName): string[] {
  const folder = runFolder(store, run);
  if (folder === undefined) return [];
  const logs = namesIn(`${folder}/node-logs`).map((name) => `node-logs/${name}`);
  return [...Object.keys(FILES), ...logs].filter((file) => runFile(store, { run, file }) !== undefined);
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name)
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  } catch {
    return [];
  }
}

/** Returns the time of a run's folder as a date: `2026-11-28 19:12:02`; the name itself if it is not a time. */
export function dateOf(time: string): string {
  const [, date, hours, minutes, seconds] = /^(\d{8})T(\d\d)(\d\d)(\d\d)/.exec(time) ?? [];
  if (date === undefined) return time;
  return `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)} ${hours}:${minutes}:${seconds}`;
}

/** Returns the real path of a run's file and its type; `undefined` if it is unknown, absent, or outside the store. */
export function runFile(
  store: string,
  { run, file }: { readonly run: RunName; readonly file: string },
): { readonly path: string; readonly type: string } | undefined {
  const [, log] = /^node-logs\/([^/]+\.log)$/.exec(file) ?? [];
  const type = log !== undefined && isPlainName(log)
    ? "text/plain; charset=utf-8"
    : Object.hasOwn(FILES, file)
    ? FILES[file]
    : undefined;
  const path = insideStore(store, `${store}/${run.workload}/${run.time}/${file}`);
  // Reading a pipe in the store would block.
  return type === undefined || path === undefined || !isFile(path) ? undefined : { path, type };
}

function insideStore(store: string, path: string): string | undefined {
  try {
    const root = Deno.realPathSync(store);
    const real = Deno.realPathSync(path);
    return real.startsWith(`${root}/`) ? real : undefined;
  } catch {
    return undefined;
  }
}
