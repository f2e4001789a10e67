/** Verdicts in words of one's own: anomalies with the events that prove them. */

import type { Event } from "./history.ts";
import type { Validity } from "./result.ts";

/** A case of an anomaly. */
export interface AnomalyExample {
  /** The case in one or more sentences. */
  readonly text: string;
  /** The events that prove the case. Reports show them, and search the messages for the cause. */
  readonly events?: readonly Event[];
}

/** An anomaly that a checker found. */
export interface Anomaly {
  /** A short name, which runs that fail alike share: `lost`. */
  readonly name: string;
  /** A title for reports. Reports have titles for the names of the built-in checkers, such as `lost` and `G1a`. */
  readonly title?: string;
  /** The meaning of the anomaly, in one or two sentences. */
  readonly meaning?: string;
  /** The usual cause, in a sentence. */
  readonly cause?: string;
  /**
   * The number of cases.
   *
   * @default the number of examples
   */
  readonly count?: number;
  /** Some cases, the clearest first. */
  readonly examples: readonly AnomalyExample[];
  /**
   * The effect on the verdict: invalid, unknown, or none (`info`).
   *
   * @default {"invalid"}
   */
  readonly severity?: "invalid" | "unknown" | "info";
}

/** The result of {@linkcode judgment}. */
export interface Judgment {
  /** The checker. */
  readonly kind: "judgment";
  /** False if an anomaly is invalid; otherwise `unknown` if there is a warning or an unknown anomaly. */
  readonly valid: Validity;
  /** The anomalies that have cases. */
  readonly anomalies: readonly Anomaly[];
  /** Further figures by name, for `results.json`. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** The reason why the verdict proves nothing; `null` if it proves something. */
  readonly warning: string | null;
}

/**
 * Returns the verdict that anomalies amount to. Those without a case do not count.
 *
 * @param options.figures further figures by name, for `results.json`
 * @param options.warning the reason why the verdict proves nothing, such as a history without any read
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type History, judgment } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "roll", value: null },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "roll", value: 7 },
 * ];
 * const impossible = history.filter(({ type, value }) => type === "ok" && Number(value) > 6);
 * const result = judgment([{
 *   name: "impossible",
 *   examples: impossible.map((event) => ({ text: `A die showed ${event.value}.`, events: [event] })),
 * }]);
 * assertEquals([result.valid, result.anomalies[0]?.examples.length], [false, 1]);
 * ```
 */
export function judgment(
  anomalies: readonly Anomaly[],
  { figures = {}, warning = null }: {
    readonly figures?: Readonly<Record<string, unknown>>;
    readonly warning?: string | null;
  } = {},
): Judgment {
  const found = anomalies.filter(({ count, examples }) => (count ?? examples.length) > 0);
  const has = (severity: Anomaly["severity"]) =>
    found.some((anomaly) => (anomaly.severity ?? "invalid") === severity);
  const valid = has("invalid") ? false : warning !== null || has("unknown") ? "unknown" : true;
  return { kind: "judgment", valid, anomalies: found, figures, warning };
}
