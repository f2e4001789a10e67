/** The data in the playground's page, and the ids under which it is there. Tested by `tests/bench/playground/page_test.ts`. */

import type { WorkloadName } from "../../checkers/workloads.ts";
import type { NodeMember } from "./node_reference.ts";

/** The ids of the page's inert elements. */
export const PAGE_IDS = {
  data: "play-data",
  worker: "worker-script",
  plots: "plot-script",
  report: "report-script",
} as const;

/** The data that the page's script reads. */
export interface PageData {
  /** The source of each built-in node. */
  readonly sources: Readonly<Record<WorkloadName, string>>;
  readonly nodeMembers: readonly NodeMember[];
  readonly version: string;
}
