/** Remarks in words: each kind in a short phrase, and what Maelstrom does with such a line. */

import { plural } from "../format.ts";
import type { Remark, RemarkKind } from "../../sim/remarks.ts";

/** A phrase for each kind, as the predicate of a sentence about the node. */
export const REMARK_PHRASES: Readonly<Record<RemarkKind, string>> = {
  "not-json": "wrote a line that is not JSON",
  "malformed-message": "wrote a line that is not a message",
  "unknown-source": "sent a message in the name of a node that does not exist",
  "unknown-destination": "sent a message to a node or client that does not exist",
  "line-too-long": "wrote a line that is too long",
  "foreign-source": "sent a message in another node's name",
  "odd-message-id": "sent a message whose msg_id or in_reply_to is not an integer",
  "before-init": "sent a message before it answered init",
  "unawaited-reply": "sent a reply that its client does not wait for",
  "late-reply": "sent a reply to a client that has given up",
  "unanswered-request": "sent a service a request that it does not know",
  "input-backlog": "does not read its stdin",
};

/** The number of examples that a summary shows of one remark. */
const EXAMPLES_SHOWN_MAX = 1;

/** Returns the lines that tell a person about one remark. */
export function describeRemark({ kind, node, count, stopsReading, examples }: Remark): string[] {
  const consequence = stopsReading
    ? "; Maelstrom reads nothing more of a node after such a line, and neither did this test"
    : "";
  return [
    `node ${node} ${REMARK_PHRASES[kind]} (${plural(count, "time")})${consequence}`,
    ...examples.slice(0, EXAMPLES_SHOWN_MAX).flatMap(({ lineNumber, problem, line }) => [
      `  ${lineNumber === undefined ? "" : `line ${lineNumber}: `}${problem}`,
      ...(line === undefined ? [] : [`  ${line}`]),
    ]),
  ];
}
