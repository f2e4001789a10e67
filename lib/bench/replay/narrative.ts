/**
 * A description of a run in words: its events in order, in about a dozen lines where possible.
 *
 * Tested by `tests/bench/sweep/findings_test.ts`.
 */

import type { Event } from "../../checkers/history.ts";
import { NEMESIS } from "../../checkers/history.ts";
import { show } from "../../protocol/schema.ts";
import type { FailureCase } from "./case.ts";
import { RunView } from "../findings/causes/run_view.ts";
import { plural } from "../format.ts";

/** The maximum number of lines shown of a long run: the first and the last ones. */
const LINES_MAX = 40;

/** Returns the description of a case and its history. Clients have the names in its messages, if those were kept. */
export function narrate(
  { test, nodeArguments }: FailureCase,
  history: readonly Event[],
  messages?: readonly string[],
): string[] {
  const { nodes, latency, concurrency } = test;
  const run = new RunView({ history, nodes, concurrency, messages });
  const head = `${plural(nodes.length, "node")} (${nodes.join(", ")})` +
    `${latency.meanMs === 0 ? ", no latency" : `, latency ${latency.meanMs} ms`}` +
    `${nodeArguments.length === 0 ? "" : `, arguments ${nodeArguments.join(" ")}`}:`;
  const lines: string[] = [];
  for (let i = 0; i < history.length; i++) {
    const event = history[i];
    if (event === undefined) continue;
    const at = `${(event.time / 1e6).toFixed(1).padStart(9)} ms  `;
    if (event.process === NEMESIS) {
      // The history records each fault when it is requested and when it is done. Only the latter matters.
      const done = history[i + 1];
      if (done?.process === NEMESIS && done.f === event.f) i++;
      lines.push(`${at}${event.f}: ${show(done?.value ?? event.value)}`);
      continue;
    }
    const error = event.error === undefined ? "" : ` (${show(event.error)})`;
    const client = run.clientOf(event);
    const what = `${event.f} ${show(event.value)}`;
    const said = {
      invoke: `${client} asks ${run.nodeOf(event.process) ?? "?"}: ${what}`,
      ok: `${client} ok: ${what}`,
      fail: `${client} failed: ${what}${error}`,
      info: `${client} indeterminate: ${what}${error}`,
    }[event.type];
    lines.push(`${at}${said}`);
  }
  if (lines.length <= LINES_MAX) return [head, ...lines];
  const half = LINES_MAX / 2;
  return [
    head,
    ...lines.slice(0, half),
    `           … ${lines.length - LINES_MAX} lines …`,
    ...lines.slice(-half),
  ];
}
