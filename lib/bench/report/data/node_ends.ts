/** Finds when nodes exited unexpectedly. Tested by `tests/bench/report/story_test.ts`. */

import type { ParsedResult } from "../../store/parsed_result.ts";
import type { MessageColumns } from "./report_data.ts";
import type { RecordedStates } from "./state_columns.ts";

/**
 * Returns, for each node with an unexpected exit, its time: the recorded one, else that of the node's last message or log line. It is
 * absent if nothing of the node is recorded.
 */
export function nodeEnds(
  { nodeFaults }: Pick<ParsedResult, "nodeFaults">,
  { nodes, messages, recorded }: {
    readonly nodes: readonly string[];
    readonly messages: MessageColumns | null;
    readonly recorded: RecordedStates | undefined;
  },
): Record<string, number> {
  const ends: Record<string, number> = {};
  for (const { kind, node } of nodeFaults) {
    if (kind !== "ended") continue;
    const known = recorded?.ends.get(nodes.indexOf(node)) ??
      Math.max(lastMessage(messages, node), lastLine(recorded, nodes.indexOf(node)));
    if (known > -Infinity) ends[node] = known;
  }
  return ends;
}

function lastMessage(messages: MessageColumns | null, node: string): number {
  const actor = messages?.actors.indexOf(node) ?? -1;
  let last = -Infinity;
  if (messages === null || actor < 0) return last;
  for (let row = 0; row < messages.sent.length; row++) {
    if (messages.src[row] === actor) last = Math.max(last, messages.sent[row] ?? last);
    if (messages.dest[row] === actor && messages.deliveryStatus[row] === 0) {
      last = Math.max(last, messages.resolved[row] ?? last);
    }
  }
  return last;
}

function lastLine(recorded: RecordedStates | undefined, node: number): number {
  const { logs } = recorded ?? {};
  return logs?.at[logs.node.lastIndexOf(node)] ?? -Infinity;
}
