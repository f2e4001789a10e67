/**
 * Evidence next to the picture: the last words of nodes that exited, and malformed replies field by field.
 *
 * Tested by `tests/bench/report/evidence_test.ts`.
 */

import type { LastWords, ReplyDifference, ReportData } from "../data/report_data.ts";
import { element, table, type View } from "./elements.ts";
import { seconds } from "./text.ts";

/** Maximum number of shown replies. */
const REPLIES_SHOWN_MAX = 5;

/** Returns the last words of nodes, and the differences of replies. */
export function evidenceView(data: Pick<ReportData, "lastWords" | "replies" | "nodes" | "operations">): View {
  return [
    ...data.lastWords.map((words) => lastWordsView(words, data.nodes)),
    ...data.replies.slice(0, REPLIES_SHOWN_MAX).map((reply) => replyView(reply, data.operations)),
  ];
}

function lastWordsView({ node, at, reason, lines }: LastWords, nodes: readonly string[]): View {
  const name = nodes[node] ?? "?";
  const title = at < 0 ? `${name} exited` : `${name} exited at ${seconds(at)}`;
  return element(
    "div",
    { class: "panel evidence" },
    at < 0 ? element("h3", {}, title) : element(
      "h3",
      {},
      element("button", { "type": "button", "data-at-us": at, "data-actor": node }, title),
    ),
    reason.length === 0 ? null : element("pre", { tabindex: "0" }, reason.join("\n")),
    lines.length === 0 ? null : element(
      "details",
      { open: reason.length === 0 },
      element("summary", {}, "The end of its log"),
      element("pre", { tabindex: "0" }, lines.join("\n")),
    ),
  );
}

function replyView(
  { operation, fields }: ReplyDifference,
  { names, f, end }: ReportData["operations"],
): View {
  const name = names[f[operation] ?? 0] ?? "?";
  const at = end[operation] ?? -1;
  return element(
    "div",
    { class: "panel evidence" },
    element(
      "h3",
      {},
      element(
        "button",
        { "type": "button", "data-operation": operation },
        `Reply to ${name}${at < 0 ? "" : ` at ${seconds(at)}`}`,
      ),
    ),
    table(`Reply to ${name}, field by field`, {
      heads: ["field", "expected", "got"],
      rows: fields.map((field) =>
        element(
          "tr",
          { class: field.isEqual ? undefined : "differs" },
          element("th", { scope: "row" }, field.name),
          element("td", {}, field.expected === "" ? "–" : field.expected),
          element("td", {}, `${field.isEqual ? "" : "✗ "}${field.got === "" ? "missing" : field.got}`),
        )
      ),
    }),
  );
}
