/** Upper bounds of a run's figures, as the challenges have them and as `test` accepts them. */

/** Upper bounds. A figure must be below its bound. */
export interface Bounds {
  /** Messages between servers per operation. */
  readonly msgsPerOp?: number;
  /** Median and largest stable latency, in ms. */
  readonly medianMs?: number;
  readonly maxMs?: number;
}

/** The figures that have bounds; `null` if a run does not have the figure. */
export interface BoundedFigures {
  readonly messagesPerOperation: number | null;
  readonly stableLatencyMs: { readonly median: number; readonly longest: number } | null;
}

/** A figure that is not below its bound. */
export interface ExceededBound {
  readonly figure: keyof Bounds;
  readonly value: number | null;
  readonly bound: number;
}

/** The names of the figures in sentences. */
const FIGURE_NAMES: Readonly<Record<keyof Bounds, string>> = {
  msgsPerOp: "messages per operation",
  medianMs: "median stable latency in ms",
  maxMs: "largest stable latency in ms",
};

/** Returns the figures that are not below their bounds. An unknown figure exceeds its bound. */
export function exceededBounds(bounds: Bounds, figures: BoundedFigures): readonly ExceededBound[] {
  const { messagesPerOperation, stableLatencyMs } = figures;
  const over = (figure: keyof Bounds, value: number | null): ExceededBound[] => {
    const bound = bounds[figure];
    return bound === undefined || (value !== null && value < bound) ? [] : [{ figure, value, bound }];
  };
  return [
    ...over("msgsPerOp", messagesPerOperation),
    ...over("medianMs", stableLatencyMs?.median ?? null),
    ...over("maxMs", stableLatencyMs?.longest ?? null),
  ];
}

/** Returns an exceeded bound as a sentence without a period. */
export function describeExceeded({ figure, value, bound }: ExceededBound): string {
  const name = FIGURE_NAMES[figure];
  return value === null ? `${name} is unknown` : `${name} is ${value}, not under ${bound}`;
}
