/** Limits of the store's files, so that no node fills a disk. */

/** How large each file of the store may become, in MB, unless an option says otherwise. */
export const FILE_LIMIT_MB = 64;
/** The history's limit, as a multiple of that of other files: without its end nothing is proven. */
const HISTORY_FACTOR = 4;

/** The reason for which the bench ended a run before its time. */
export type EarlyEnd =
  | {
    readonly kind: "storm";
    readonly text: string;
    /** The number of messages between nodes, and that of operations that began. */
    readonly messages: number;
    readonly operations: number;
    /** The type of most messages. */
    readonly type: string;
    /** The nodes that pass such messages on, each to the next one; the first one again at the end. Empty if there is no circle. */
    readonly circle: readonly string[];
  }
  | { readonly kind: "history-limit"; readonly text: string };

/** Ends a run whose clients have been answered more than a history may hold. */
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
    const text = `The run was ended because its history would be larger than ${this.#limitMb} MB. ` +
      "Ask less of the nodes, or raise --file-limit-mb.";
    this.#end({ kind: "history-limit", text });
  }
}

/** Returns the number of characters, nearly all of which are ASCII, in so many MB. */
export function charactersOf(megabytes: number): number {
  return megabytes * 1_000_000;
}
