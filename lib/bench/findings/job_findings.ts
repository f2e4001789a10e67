/** Findings of a run that a worker executed. Tested by `tests/bench/sweep/findings_test.ts`. */

import { parseHistory } from "../../checkers/parse.ts";
import type { JobResult } from "../worker/job.ts";
import type { TestOptions } from "../run/options.ts";
import type { Finding } from "./finding.ts";
import { findingsOf } from "./findings.ts";

/** Returns the findings of a run, with causes if its history and messages were kept. */
export function findingsOfJob(
  test: Pick<TestOptions, "nodes" | "concurrency">,
  { result, history, messages, logs }: Pick<JobResult, "result" | "history" | "messages" | "logs">,
): readonly Finding[] {
  return findingsOf(result, parseHistory(history ?? [], { cutOff: "drop" }), {
    nodes: test.nodes,
    concurrency: test.concurrency,
    messages,
    logs: [...logs ?? []].map(([node, lines]) => [node, lines.join("\n")] as const),
  });
}

/** Returns the decisive findings of a verdict in a few words: `lost elements (5 times), wrong sums`. */
export function namesOf(findings: readonly Finding[]): string {
  return findings.filter(({ severity }) => severity === "invalid").map(({ description, count }) => {
    const name = description.title.charAt(0).toLowerCase() + description.title.slice(1);
    return count > 1 ? `${name} (${count} times)` : name;
  }).join(", ");
}
