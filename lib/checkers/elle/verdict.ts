/** From anomalies to a result map: what is reported, whether the history is valid, and which models it rules out. */

import type { Result, Validity } from "../result.ts";
import { implyingAnomalies, OWN_ANOMALIES, UNKNOWN_ANOMALIES } from "./anomalies.ts";
import { CYCLE_EXISTS_MODELS } from "./cycle_exists.ts";
import { anomaliesProhibitedBy, boundary, modelsRuledOutBy, requireModels } from "./models.ts";

/** The releases of Elle that differ in what they find. Maelstrom has 0.2.2. */
export const ELLE_VERSIONS = ["0.2.2", "0.2.7"] as const;

/** A release of Elle. */
export type ElleVersion = (typeof ELLE_VERSIONS)[number];

/** What the history must not hold. */
export interface Expectation {
  /** The release whose findings make the verdict: 0.2.2, Maelstrom's, unless given. With 0.2.7 newer findings count, too. */
  readonly elle?: ElleVersion;
  /** Models that should hold; any of `CONSISTENCY_MODELS`. Default: strict-serializable. */
  readonly consistencyModels?: readonly string[];
  /** Further anomalies that must not be there, with all that imply them. */
  readonly anomalies?: readonly string[];
}

/** An anomaly that Elle 0.2.2 does not find, and that therefore stands beside its verdict. */
export interface NewerFinding {
  /** `internal`: a read of nil, then of a value. `thin-air-read`: a read of a value that has no write. */
  readonly kind: "internal" | "thin-air-read";
  /** The release of Elle that finds it; `null` if no release does. */
  readonly elle: ElleVersion | null;
  /** The number of times it was found. */
  readonly count: number;
  /** At most `EXAMPLES_MAX` of them. */
  readonly examples: readonly unknown[];
}

/** A result in the form of Elle's result map; keys as there, without question marks. */
export interface ElleResult extends Result {
  /** Whether the models asked for may hold; `unknown` if too little could be established. */
  readonly valid: Validity;
  /** The names of the anomalies reported, sorted. */
  readonly "anomaly-types": readonly string[];
  /** By name, examples of each: at most `EXAMPLES_MAX`. */
  readonly anomalies: Readonly<Record<string, readonly unknown[] | true>>;
  /** By name, how many of each there are. */
  readonly "anomaly-counts": Readonly<Record<string, number>>;
  /** The weakest models that the history rules out … */
  readonly not: readonly string[];
  /** … and the stronger ones, which fall with them. */
  readonly "also-not": readonly string[];
  /** Anomalies that Maelstrom's Elle does not find; they change no verdict unless a newer Elle was asked for. */
  readonly "newer-findings"?: readonly NewerFinding[];
  /** Oddities that change no verdict. */
  readonly warnings?: readonly string[];
}

/** Examples kept of each anomaly; all are counted. */
export const EXAMPLES_MAX = 100;

/** Anomalies as they are found. */
export class Findings {
  readonly #examples = new Map<string, unknown[]>();
  readonly #counts = new Map<string, number>();
  readonly #newer = new Map<NewerFinding["kind"], unknown[]>();
  readonly #newerCounts = new Map<NewerFinding["kind"], number>();
  readonly #elle: ElleVersion;
  readonly warnings: string[] = [];

  constructor({ elle = "0.2.2" }: { readonly elle?: ElleVersion } = {}) {
    this.#elle = elle;
  }

  /** Counts one more; `example` is only called while few are kept. */
  add(anomaly: string, example: () => unknown): void {
    const count = this.#counts.get(anomaly) ?? 0;
    this.#counts.set(anomaly, count + 1);
    if (count >= EXAMPLES_MAX) return;
    const examples = this.#examples.get(anomaly);
    if (examples === undefined) this.#examples.set(anomaly, [example()]);
    else examples.push(example());
  }

  /** Counts an anomaly that Elle 0.2.2 does not find. It is part of the verdict only if a newer Elle was asked for. */
  addNewer(kind: NewerFinding["kind"], example: () => unknown): void {
    if (this.#elle !== "0.2.2") return this.add(kind, example);
    const count = this.#newerCounts.get(kind) ?? 0;
    this.#newerCounts.set(kind, count + 1);
    if (count >= EXAMPLES_MAX) return;
    const examples = this.#newer.get(kind);
    if (examples === undefined) this.#newer.set(kind, [example()]);
    else examples.push(example());
  }

  newer(): NewerFinding[] {
    return [...this.#newerCounts].map(([kind, count]) => ({
      kind,
      elle: kind === "internal" ? "0.2.7" : null,
      count,
      examples: this.#newer.get(kind) ?? [],
    }));
  }

  has(anomaly: string): boolean {
    return this.#counts.has(anomaly);
  }

  types(): string[] {
    return [...this.#counts.keys()].sort();
  }

  examples(anomaly: string): readonly unknown[] {
    return this.#examples.get(anomaly) ?? [];
  }

  count(anomaly: string): number {
    return this.#counts.get(anomaly) ?? 0;
  }
}

/** The anomalies that make the history invalid under this expectation. Throws a RangeError at an unknown model. */
export function prohibitedAnomalies(expectation: Expectation): Set<string> {
  const models = expectation.consistencyModels ?? ["strict-serializable"];
  requireModels(models);
  const prohibited = anomaliesProhibitedBy(models);
  for (const anomaly of implyingAnomalies(expectation.anomalies ?? [])) prohibited.add(anomaly);
  for (const anomaly of OWN_ANOMALIES) prohibited.add(anomaly);
  return prohibited;
}

/** The result map of these findings. */
export function verdict(findings: Findings, prohibited: ReadonlySet<string>): ElleResult {
  const types = findings.types();
  const unknown: readonly string[] = UNKNOWN_ANOMALIES;
  const relevant = types.filter((type) => prohibited.has(type) || unknown.includes(type));
  const ruledOut = modelsRuledOutBy(relevant.filter((type) => !CYCLE_EXISTS_MODELS.has(type)));
  const reported = relevant.filter((type) => !ruledOut.has(CYCLE_EXISTS_MODELS.get(type) ?? ""));
  // What is not prohibited still helps to draw the line, as long as something is reported at all.
  const { not, alsoNot } = reported.length === 0 ? { not: [], alsoNot: [] } : boundary(types);
  const warnings = findings.warnings;
  const newer = findings.newer();
  return {
    valid: relevant.some((type) => prohibited.has(type)) ? false : reported.length > 0 ? "unknown" : true,
    "anomaly-types": reported,
    anomalies: Object.fromEntries(
      reported.map((type) => [type, type === "empty-transaction-graph" ? true : findings.examples(type)]),
    ),
    "anomaly-counts": Object.fromEntries(reported.map((type) => [type, findings.count(type)])),
    not,
    "also-not": alsoNot,
    ...(newer.length > 0 ? { "newer-findings": newer } : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

/** The result of a check that was stopped: what was found stands, but nothing says that there is no more. */
export function stopped(findings: Findings, prohibited: ReadonlySet<string>): ElleResult {
  findings.warnings.push("the check was stopped before its end");
  const result = verdict(findings, prohibited);
  return result.valid === true ? { ...result, valid: "unknown" } : result;
}
