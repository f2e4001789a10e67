/**
 * Texts for remarks: a short phrase for each kind, and the consequence on Maelstrom.
 *
 * Tested by `tests/bench/findings/summaries_test.ts`.
 */

import { plural } from "../format.ts";
import type { Remark, RemarkKind } from "../../sim/remarks.ts";

/** A phrase for each kind, as the predicate of a sentence about the node. */
export const REMARK_PHRASES: Readonly<Record<RemarkKind, string>> = {
  "not-json": "wrote a line that is not JSON",
  "malformed-message": "wrote a line that is not a message",
  "unknown-source": "sent a message with the src of a node that does not exist",
  "unknown-destination": "sent a message to a node or client that does not exist",
  "line-too-long": "wrote a line that is too long",
  "loose-json": "wrote a line of which Maelstrom reads the first object, and nothing after it",
  "foreign-source": "sent a message with another node's src",
  "odd-message-id": "sent a message whose msg_id or in_reply_to is not an integer",
  "odd-error-code":
    "sent an error whose code is not an integer, which Maelstrom takes for an unknown, indefinite error",
  "before-init": "sent a message before it answered init",
  "unawaited-reply": "sent a reply that its client does not expect",
  "late-reply": "sent a reply after its client's timeout",
  "unanswered-request": "sent a service an unknown request",
  "input-backlog": "does not read its stdin",
  "network-server": "opened a server on a network port",
  "process-limit": "started as many processes as it may",
};

/** The kinds that a sandbox observes. */
export const SANDBOX_REMARKS: ReadonlySet<RemarkKind> = new Set<RemarkKind>([
  "network-server",
  "process-limit",
]);

/** Maximum number of examples in a remark's summary. */
const EXAMPLES_SHOWN_MAX = 1;

/** Returns the lines that describe one remark. */
export function describeRemark({ kind, node, count, stopsReading, examples }: Remark): string[] {
  const consequence = stopsReading
    ? "; after such a line, Maelstrom ignores the node's output, and so did this test"
    : "";
  return [
    `node ${node} ${REMARK_PHRASES[kind]} (${plural(count, "time")})${consequence}`,
    ...examples.slice(0, EXAMPLES_SHOWN_MAX).flatMap(({ lineNumber, problem, line }) => [
      `  ${lineNumber === undefined ? "" : `line ${lineNumber}: `}${problem}`,
      ...(line === undefined ? [] : [`  ${line}`]),
    ]),
  ];
}
