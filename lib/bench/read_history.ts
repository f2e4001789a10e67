/** Reads the history of a run, in whichever form it was recorded. */

import type { History } from "../checkers/history.ts";
import { HistoryError, parseHistory } from "../checkers/parse.ts";
import type { WorkloadName } from "../checkers/workloads.ts";
import { ArgumentError } from "../runtime/settings.ts";
import { parseEdnHistory } from "./edn.ts";
import { BenchError, reasonOf } from "./bench_error.ts";

/**
 * Reads a `history.jsonl` of this bench or a `history.edn` of Jepsen's. Throws `ArgumentError` when the file cannot be
 * read, and `BenchError` with the line and the reason when it is not a history of that workload. An interrupted run's last
 * line may be cut off.
 */
export function readHistory(
  path: string,
  { workload, interrupted }: { readonly workload: WorkloadName; readonly interrupted: boolean },
): History {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new ArgumentError(`there is no ${path}: check takes a history's file, or the folder of a run`);
    }
    throw new ArgumentError(`cannot read ${path}: ${reasonOf(error)}`);
  }
  try {
    if (path.endsWith(".edn")) return parseEdnHistory(text, { workload });
    return parseHistory(text, { workload, cutOff: interrupted ? "drop" : "error" });
  } catch (error) {
    if (error instanceof HistoryError) throw new BenchError(`${path}, ${error.message}`);
    throw error;
  }
}
