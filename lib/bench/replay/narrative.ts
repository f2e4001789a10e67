/** A run in words: what happened, in the order in which it did, in a dozen lines where that is possible. */

import type { Event } from "../../checkers/history.ts";
import { NEMESIS } from "../../checkers/history.ts";
import { show } from "../../protocol/schema.ts";
import type { Case } from "./case.ts";
import { RunView } from "../findings/causes/run_view.ts";
import { plural } from "../format.ts";

/** How many lines are shown of a long run: the first and the last ones. */
const LINES_MAX = 40;

/** Returns the story of a case: the history that it makes, with clients named as in its messages, if those were kept. */
export function inWords(
  { test, nodeArguments }: Case,
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
      // Each fault is asked for and then done; what was done is what matters.
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
