/**
 * Explains a run of a node that does not work, in a sentence: where it threw, that it never answers, or that it floods.
 *
 * Tested by `tests/bench/playground/diagnosis_test.ts`.
 */

import { isHandlerFailure } from "../../../runtime/handler_failure.ts";
import { parseResult } from "../../store/parse_result.ts";
import type { JobResult } from "../../worker/job.ts";
import type { CodePlace } from "../worker/messages.ts";
import { MODULE_NAME, placeIn } from "../worker/places.ts";

/** A sentence, with the place in the code if it has one. */
export interface Diagnosis {
  readonly text: string;
  readonly place?: CodePlace | undefined;
}

/** The alternative to an action of a node, by the kind of its fault or of the run's early end. */
const ADVICE: Readonly<Record<string, string>> = {
  stuck: ". Return from each handler, and continue later with node.after and a delay.",
  stray: ". Await node.rpc or a promise that a handler settles, and use node.after for delays.",
  storm: " Forward a message only if it tells the node something new.",
};

function adviceFor(kind: string): string {
  return Object.hasOwn(ADVICE, kind) ? ADVICE[kind] ?? "" : "";
}

/** Returns why the node of a run does not work; undefined if it answers. */
export function diagnose({ result, logs }: Pick<JobResult, "result" | "logs">): Diagnosis | undefined {
  const { nodeFaults, earlyEnd, stats, caveats } = parseResult(result);
  const [fault] = nodeFaults;
  if (fault !== undefined) {
    const { node, kind, text } = fault;
    return { text: `${node}: ${text}${adviceFor(kind)}`, place: placeIn(text, MODULE_NAME) };
  }
  const thrown = thrownIn(logs ?? new Map());
  if (thrown !== undefined) return thrown;
  if (earlyEnd !== undefined) {
    return { text: `${caveats[0]?.text ?? "The run ended early."}${adviceFor(earlyEnd)}` };
  }
  const { okCount, failCount, infoCount } = stats;
  if (okCount > 0 || failCount + infoCount === 0) return undefined;
  return {
    text: failCount > 0
      ? "No request succeeded: the node refuses them all. Handle each type of request with node.on."
      : "No request was answered in time. A handler must return the fields of its reply, or a promise that is settled.",
  };
}

/** Returns the first error that a handler threw, with the number of errors. */
function thrownIn(logs: ReadonlyMap<string, readonly string[]>): Diagnosis | undefined {
  const failures = [...logs].flatMap(([node, lines]) =>
    lines.filter((line) => isHandlerFailure(line)).map((line) => ({ node, line }))
  );
  const [first] = failures;
  if (first === undefined) return undefined;
  const said = first.line.replace(/^[\d.]+ /, "").split("\n")[0] ?? "";
  const more = failures.length > 1 ? `, and ${failures.length - 1} more times` : "";
  return { text: `${first.node}: ${said}${more}.`, place: placeIn(first.line, MODULE_NAME) };
}
