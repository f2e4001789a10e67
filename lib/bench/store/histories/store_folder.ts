/**
 * Finds the history and the workload in the folder of a run of this bench or of Maelstrom.
 *
 * Tested by `tests/bench/store/histories/other_histories_test.ts`.
 */

import { isWorkload, type WorkloadName } from "../../../checkers/workloads.ts";
import { ArgumentError } from "../../../runtime/settings.ts";
import { isFile } from "../files.ts";
import { chunksOf, linesOf } from "./text_chunks.ts";

/** The files that may hold a run's history, the most exact first. */
const HISTORY_FILES = ["history.jsonl", "history.edn", "history.txt", "jepsen.log"] as const;
/** The number of leading lines of Jepsen's log that contain the command line. */
const LOG_LINES_READ = 100;

/** Returns the path of the history in a folder. Throws `ArgumentError` if there is none. */
export function historyIn(folder: string): string {
  const name = HISTORY_FILES.find((each) => isFile(`${folder}/${each}`));
  if (name !== undefined) return `${folder}/${name}`;
  throw new ArgumentError(`${folder} does not contain a history: expected ${HISTORY_FILES.join(", ")}`);
}

/**
 * Returns the workload of a run of Maelstrom, if the folder identifies it: by the command line in its log, or by its parent
 * folder, since the store has a folder for each workload.
 */
export function workloadOfFolder(folder: string): WorkloadName | undefined {
  const logged = workloadInLog(`${folder}/jepsen.log`);
  if (logged !== undefined) return logged;
  try {
    const parent = Deno.realPathSync(folder).split("/").at(-2) ?? "";
    return isWorkload(parent) ? parent : undefined;
  } catch {
    return undefined;
  }
}

function workloadInLog(path: string): WorkloadName | undefined {
  if (!isFile(path)) return undefined;
  let number = 0;
  for (const line of linesOf(chunksOf(path))) {
    if (++number > LOG_LINES_READ) break;
    const name = /(?:^|\s)(?:-w|--workload)[\s=]+["']?([\w-]+)/.exec(line)?.[1];
    if (name !== undefined && isWorkload(name)) return name;
  }
  return undefined;
}
