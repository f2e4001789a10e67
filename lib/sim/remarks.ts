/**
 * Odd things that nodes did, collected next to the verdict and without any influence on it.
 *
 * Tested by `tests/sim/message_router_test.ts`.
 */

/** The kinds of remarks. After a line of the first group, Maelstrom reads no further output of the node. */
export type RemarkKind =
  // refused
  | "not-json"
  | "malformed-message"
  | "unknown-source"
  | "unknown-destination"
  | "line-too-long"
  // accepted
  | "loose-json"
  | "foreign-source"
  | "odd-message-id"
  | "odd-error-code"
  | "before-init"
  | "unawaited-reply"
  | "late-reply"
  | "unanswered-request"
  | "input-backlog"
  | "network-server"
  | "process-limit";

/** One thing that a node did. */
export interface Observation {
  readonly kind: RemarkKind;
  readonly node: string;
  /** The reason, in words. */
  readonly problem: string;
  /** The number of the node's line on stdout, from 1; absent where no single line is meant. */
  readonly lineNumber?: number;
  readonly line?: string;
}

/** One example of a remark, kept as evidence. */
export interface RemarkExample {
  readonly lineNumber?: number;
  readonly problem: string;
  /** The line, cut to a readable length. */
  readonly line?: string;
}

/** Everything of one kind that a node did. */
export interface Remark {
  readonly kind: RemarkKind;
  readonly node: string;
  readonly count: number;
  /** True if Maelstrom stops reading the node at such a line; this test then did the same. */
  readonly stopsReading: boolean;
  /** The first examples. */
  readonly examples: readonly RemarkExample[];
}

/** The number of examples that are kept of each kind and node; the others are counted. */
export const REMARK_EXAMPLES_MAX = 10;
/** The number of characters of a line that are kept. */
const LINE_LENGTH_SHOWN = 500;

const STOP_READING: ReadonlySet<RemarkKind> = new Set<RemarkKind>([
  "not-json",
  "malformed-message",
  "unknown-source",
  "unknown-destination",
  "line-too-long",
]);

/** Returns true if Maelstrom reads no further output of a node after such a line. */
export function stopsReading(kind: RemarkKind): boolean {
  return STOP_READING.has(kind);
}

interface RemarkGroup {
  readonly kind: RemarkKind;
  readonly node: string;
  count: number;
  readonly examples: RemarkExample[];
}

/** Collects remarks in bounded memory. */
export class RemarkCollector {
  readonly #byKey = new Map<string, RemarkGroup>();

  /** Adds one observation. */
  add({ kind, node, problem, lineNumber, line }: Observation): void {
    const key = `${kind} ${node}`;
    let collected = this.#byKey.get(key);
    if (collected === undefined) this.#byKey.set(key, collected = { kind, node, count: 0, examples: [] });
    collected.count++;
    if (collected.examples.length >= REMARK_EXAMPLES_MAX) return;
    collected.examples.push({
      problem,
      ...(lineNumber === undefined ? {} : { lineNumber }),
      ...(line === undefined ? {} : { line: clip(line) }),
    });
  }

  /** The remarks so far, in the order in which their first examples came. */
  get remarks(): readonly Remark[] {
    return [...this.#byKey.values()].map(({ kind, node, count, examples }) => ({
      kind,
      node,
      count,
      stopsReading: stopsReading(kind),
      examples: [...examples],
    }));
  }
}

/** Copies a part of a line, so that a kept example does not keep a line of megabytes in memory. */
function clip(line: string): string {
  if (line.length <= LINE_LENGTH_SHOWN) return line;
  return `${JSON.parse(JSON.stringify(line.slice(0, LINE_LENGTH_SHOWN)))}… (${line.length} characters)`;
}
