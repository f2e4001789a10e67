/** Completions for the members of `node` and the messages of a workload. Tested by `tests/bench/playground/page_test.ts`. */

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { findWorkload } from "../../workloads/registry.ts";
import type { DocumentedMessage } from "../../workloads/workload.ts";
import { init } from "../../../protocol/init.ts";
import type { NodeMember } from "../node_reference.ts";

/** Returns the source of completions. `workload` is read at each use. */
export function completionsOf(
  members: readonly NodeMember[],
  workload: () => string,
): (context: CompletionContext) => CompletionResult | null {
  const ofNode = members.map((member) => completionOf(member));
  return (context) => {
    const member = context.matchBefore(/\bnode\.\w*$/);
    if (member !== null) return { from: member.from + "node.".length, options: ofNode, validFor: /^\w*$/ };
    const type = context.matchBefore(/(\bon\(\s*|\btype:\s*)["'][\w-]*$/);
    if (type === null) return null;
    const found = findWorkload(workload());
    const messages = found === undefined ? [] : [init, ...found.workload.messages];
    const from = type.from + type.text.search(/["']/) + 1;
    return { from, options: messages.flatMap(messageCompletions), validFor: /^[\w-]*$/ };
  };
}

function completionOf({ name, signature, description }: NodeMember): Completion {
  return {
    label: name,
    type: signature.includes("(") ? "method" : "property",
    info: `${signature}\n\n${description}`,
  };
}

function messageCompletions({ type, description, request, reply, example }: DocumentedMessage): Completion[] {
  const shown = example === undefined
    ? []
    : [`Example: ${JSON.stringify({ type, ...example.request })}`, `Reply: ${JSON.stringify(example.reply)}`];
  const info = [description, `Request: ${request.description}`, `Reply: ${reply.description}`, ...shown].join(
    "\n",
  );
  return [{ label: type, type: "constant", detail: "request", info }];
}
