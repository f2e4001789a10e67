/**
 * Turns a result into findings, each with the events that prove it.
 *
 * Tested by `tests/bench/findings/summaries_test.ts`.
 */

import type { History } from "../../checkers/history.ts";
import { describeAnomaly } from "./anomaly_descriptions.ts";
import { clientErrors, echoes } from "./answer_findings.ts";
import { CauseFinder } from "./causes/find_cause.ts";
import type { RecordedRun } from "./causes/run_view.ts";
import { parseResult } from "../store/parse_result.ts";
import type { ParsedResult, ParsedWorkload } from "../store/parsed_result.ts";
import type { Draft } from "./draft.ts";
import { EXAMPLES_SHOWN_MAX, type Finding } from "./finding.ts";
import { loggedExceptions, neverSucceeded, nodeFindings, wholeTest } from "./run_findings.ts";
import {
  checkErrors,
  counters,
  ids,
  isolation,
  logs,
  newer,
  registers,
  sets,
  violations,
} from "./workload_findings.ts";

/** Settings of the search for causes in a run. */
export type RunParts = Omit<RecordedRun, "history"> & {
  /** The ends of the nodes' logs. */
  readonly logs?: ReadonlyArray<readonly [node: string, end: string]>;
  /** The finder of causes, if it exists already. */
  readonly finder?: CauseFinder | undefined;
};

/**
 * Returns all findings of a result map, the most severe first. With `run`, finds the cause of each case that makes the run invalid,
 * from the run's operations and messages.
 */
export function findingsOf(map: unknown, history: History, run?: RunParts): Finding[] {
  const result = parseResult(map);
  const finder = run === undefined ? undefined : run.finder ?? new CauseFinder({ ...run, history });
  const { workload } = result;
  const drafts: Draft[] = [
    ...nodeFindings(result),
    ...workloadDrafts(workload, history),
    ...wholeTest(result, history),
    ...clientErrors(result, history, toldOf(result)),
    ...loggedExceptions(result, run?.logs ?? []),
    ...newer(workload),
  ];
  const order = { invalid: 0, unknown: 1, info: 2 } as const;
  drafts.sort((a, b) =>
    order[a.severity ?? "invalid"] - order[b.severity ?? "invalid"] ||
    Number(FOLLOWS.has(a.name)) - Number(FOLLOWS.has(b.name))
  );
  return drafts.map(({ name, description, severity = "invalid", count, examples }, i) => ({
    id: `finding-${i + 1}`,
    name,
    description: { ...describeAnomaly(name), ...description },
    severity,
    count,
    examples: examples.slice(0, EXAMPLES_SHOWN_MAX).map((one) => ({
      ...one,
      ...(finder === undefined || one.subject === undefined || severity === "info"
        ? {}
        : { cause: finder.causeOf(one.subject) }),
    })),
  }));
}

/** Returns the findings of a workload's checker, or of the several that judge it together. */
function workloadDrafts(workload: ParsedWorkload, history: History): Draft[] {
  return [
    ...isolation(workload),
    ...logs(workload),
    ...registers(workload),
    ...sets(workload, history),
    ...counters(workload),
    ...ids(workload, history),
    ...echoes(workload, history),
    ...violations(workload),
    ...checkErrors(workload),
    ...workload.parts.flatMap((part) => workloadDrafts(part, history)),
  ];
}

/** Findings that follow from other findings or add little to them. They come last within their severity. */
const FOLLOWS: ReadonlySet<string> = new Set(["empty-transaction-graph", "unseen", "never-succeeded"]);

/** Returns the operations whose errors other findings report. */
function toldOf(result: ParsedResult): ReadonlySet<string> {
  const wrongEchoes = result.workload.echo === undefined ? [] : ["echo"];
  return new Set([...neverSucceeded(result).map(([f]) => f), ...wrongEchoes]);
}
