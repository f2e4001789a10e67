/** Limits of the store's files, so that no node can fill a disk. Tested by `tests/bench/storm_test.ts`. */

/** The default maximum size of each file of the store, in MB. */
export const FILE_LIMIT_MB = 64;
/** The history's limit, as a multiple of that of other files: a history without its end proves nothing. */
const HISTORY_FACTOR = 4;

/** The reason why the bench ended a run early. */
export type EarlyEnd =
  | {
    readonly kind: "storm";
    readonly text: string;
    /** The number of messages between nodes, and of operations that started. */
    readonly messages: number;
    readonly operations: number;
    /** The most frequent type of message. */
    readonly type: string;
    /** The nodes that forward such messages in a cycle, the first one again at the end. Empty if none exists. */
    readonly circle: readonly string[];
  }
  | { readonly kind: "history-limit" | "workload-error" | "unsupported-fault"; readonly text: string }
  /** With `--fail-fast`: the run cannot pass any more, or no operation got a reply. */
  | { readonly kind: "certain" | "no-reply"; readonly text: string };

/** Ends a run whose answers to clients exceed the limit of the history. */
export class HistoryLimit {
  readonly #lengthMax: number;
  readonly #end: (reason: EarlyEnd) => void;
  readonly #limitMb: number;
  #length = 0;

  constructor(fileLimitMb: number, end: (reason: EarlyEnd) => void) {
    this.#limitMb = HISTORY_FACTOR * fileLimitMb;
    this.#lengthMax = charactersOf(this.#limitMb);
    this.#end = end;
  }

  /** Adds the length of an answer. */
  add(length: number): void {
    this.#length += length;
    if (this.#length <= this.#lengthMax) return;
    const text = `The run ended because its history would exceed ${this.#limitMb} MB. ` +
      "Request fewer operations, or raise --file-limit-mb.";
    this.#end({ kind: "history-limit", text });
  }
}

/** Converts MB to a number of characters, nearly all of which are ASCII. */
export function charactersOf(megabytes: number): number {
  return megabytes * 1_000_000;
}
