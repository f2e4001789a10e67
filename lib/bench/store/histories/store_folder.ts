/**
 * Finds the history and the workload in the folder of a run of this bench or of Maelstrom.
 *
 * Tested by `tests/bench/store/histories/other_histories_test.ts`.
 */

import { isWorkload, type WorkloadName } from "../../../checkers/workloads.ts";
import { ArgumentError } from "../../../runtime/settings.ts";
import { testSettings } from "../../run/options.ts";
import { isFile } from "../files.ts";
import { chunksOf, linesOf } from "./text_chunks.ts";

/** The files that may hold a run's history, the most exact first. */
const HISTORY_FILES = ["history.jsonl", "history.edn", "history.txt", "jepsen.log"] as const;
/** The number of leading lines of Jepsen's log that contain the command line. */
const LOG_LINES_READ = 100;
/** Match the lines of Jepsen's log for the start of a run, its end, and a failure after either. */
const STARTED = /jepsen\.core\b.*Running test:$/;
const ENDED = /jepsen\.core\b.*Run complete, writing$/;
const CRASHED = /jepsen\.core\b.*Test crashed!$/;

/** Returns the path of the history in a folder. Throws `ArgumentError` if there is none. */
export function historyIn(folder: string): string {
  const name = HISTORY_FILES.find((each) => isFile(`${folder}/${each}`));
  if (name !== undefined) return `${folder}/${name}`;
  throw new ArgumentError(`${folder} does not contain a history: expected ${HISTORY_FILES.join(", ")}`);
}

/**
 * Returns the reason why the run of a folder without results cannot be called valid, by Jepsen's log: it crashed, as it does when a
 * node crashes, or it was killed, which also leaves no history. Returns undefined if there is none.
 */
export function missingEnd(folder: string): string | undefined {
  const log = `${folder}/jepsen.log`;
  if (isFile(`${folder}/results.edn`) || !isFile(log)) return undefined;
  const history = historyIn(folder);
  const advice = `To judge its operations alone, check ${history}`;
  let hasStarted = false;
  let hasEnded = history !== log;
  for (const line of linesOf(chunksOf(log))) {
    if (CRASHED.test(line)) return `The run crashed, as ${log} says. ${advice}`;
    hasStarted ||= STARTED.test(line);
    hasEnded ||= ENDED.test(line);
  }
  return hasStarted && !hasEnded ? `The run did not end, as ${log} shows. ${advice}` : undefined;
}

/** The options of a run of Maelstrom that decide its verdict, as far as its folder shows them. */
export interface MaelstromRun {
  readonly workload?: WorkloadName;
  readonly availability?: number | "total" | null;
  readonly consistencyModels?: readonly string[];
}

/**
 * Returns the options of a run of Maelstrom: from the command line in its log, or else the workload alone from its parent
 * folder, since the store has a folder for each workload.
 */
export function runOfMaelstrom(folder: string): MaelstromRun {
  const logged = runInLog(`${folder}/jepsen.log`);
  if (logged !== undefined) return logged;
  try {
    const parent = Deno.realPathSync(folder).split("/").at(-2) ?? "";
    return isWorkload(parent) ? { workload: parent } : {};
  } catch {
    return {};
  }
}

function runInLog(path: string): MaelstromRun | undefined {
  if (!isFile(path)) return undefined;
  let number = 0;
  for (const line of linesOf(chunksOf(path))) {
    if (++number > LOG_LINES_READ) break;
    const option = (names: string, value: string) =>
      new RegExp(`(?:^|\\s)(?:${names})[\\s=]+["']?(${value})(?=["'\\s]|$)`).exec(line)?.[1];
    const workload = option("-w|--workload", "[\\w-]+");
    if (workload === undefined || !isWorkload(workload)) continue;
    const availability = testSettings.availability.parse(option("--availability", "[^\\s\"']+") ?? "");
    const models = option("--consistency-models", "[\\w-]+(?:\\s*,\\s*[\\w-]+)*");
    return {
      workload,
      ...(availability === undefined ? {} : { availability }),
      ...(models === undefined ? {} : { consistencyModels: models.split(/\s*,\s*/) }),
    };
  }
  return undefined;
}
