/** The verdict: the anomalies to report, the validity of the history, and the models that it rules out. */

import type { Validity } from "../result.ts";
import { implyingAnomalies, OWN_ANOMALIES, UNKNOWN_ANOMALIES } from "./anomalies.ts";
import { CYCLE_EXISTS_MODELS } from "./cycle_exists.ts";
import type { ElleExample } from "./examples.ts";
import { anomaliesProhibitedBy, boundary, modelsRuledOutBy, requireModels } from "./models.ts";

/** The releases of Elle that differ in what they find. Maelstrom has 0.2.2. */
export const ELLE_VERSIONS = ["0.2.2", "0.2.7"] as const;

/** A release of Elle. */
export type ElleVersion = (typeof ELLE_VERSIONS)[number];

/** The expectation that decides the verdict on a history. */
export interface Expectation {
  /**
   * The release of Elle whose findings decide the verdict.
   *
   * @default {"0.2.2"}
   */
  readonly elle?: ElleVersion;
  /**
   * The models that must hold: any of `CONSISTENCY_MODELS`.
   *
   * @default {["strict-serializable"]}
   */
  readonly consistencyModels?: readonly string[];
  /**
   * Further anomalies that the history must not contain, with all that imply one of them.
   *
   * @default {[]}
   */
  readonly anomalies?: readonly string[];
}

/** An anomaly that Elle 0.2.2 does not find, and that does not count in its verdict. */
export interface NewerFinding {
  /** `internal`: a read of null, then of a value. `thin-air-read`: a read of a value that has no write. */
  readonly kind: "internal" | "thin-air-read";
  /** The first release of Elle that finds it; `null` if no release does. */
  readonly elle: ElleVersion | null;
  /** The number of cases. */
  readonly count: number;
  /** At most `EXAMPLES_MAX` of the cases. */
  readonly examples: readonly ElleExample[];
}

/** A reported anomaly. */
export interface ElleAnomaly {
  /** Its name, as Elle has it. */
  readonly type: string;
  /** The number of cases. */
  readonly count: number;
  /** At most `EXAMPLES_MAX` of the cases; none for `empty-transaction-graph`. */
  readonly examples: readonly ElleExample[];
}

/** The result of {@linkcode checkListAppend} and {@linkcode checkRwRegister}. */
export interface ElleResult {
  /** The checker. */
  readonly kind: "elle";
  /** True if the expected models may hold; `unknown` if too little could be established. */
  readonly valid: Validity;
  /** The anomalies that were found, by name. */
  readonly anomalies: readonly ElleAnomaly[];
  /** The weakest models that the history rules out. */
  readonly not: readonly string[];
  /** The stronger models that it therefore rules out, too. */
  readonly alsoNot: readonly string[];
  /** The anomalies that Elle 0.2.2 does not find, unless they count in the verdict. */
  readonly newerFindings: readonly NewerFinding[];
  /** Oddities that change no verdict. */
  readonly warnings: readonly string[];
}

/** The number of examples that are kept of each anomaly. All cases are counted. */
export const EXAMPLES_MAX = 100;

/** The anomalies found so far. */
export class Findings {
  readonly #examples = new Map<string, ElleExample[]>();
  readonly #counts = new Map<string, number>();
  readonly #newer = new Map<NewerFinding["kind"], ElleExample[]>();
  readonly #newerCounts = new Map<NewerFinding["kind"], number>();
  readonly #elle: ElleVersion;
  readonly warnings: string[] = [];

  constructor({ elle = "0.2.2" }: { readonly elle?: ElleVersion } = {}) {
    this.#elle = elle;
  }

  /** True if findings that Elle 0.2.2 lacks are part of the verdict. */
  get countsNewer(): boolean {
    return this.#elle !== "0.2.2";
  }

  /** Counts a case. `example` is called only while fewer than `EXAMPLES_MAX` are kept. */
  add(anomaly: string, example?: () => ElleExample): void {
    const count = this.#counts.get(anomaly) ?? 0;
    this.#counts.set(anomaly, count + 1);
    if (example === undefined || count >= EXAMPLES_MAX) return;
    const examples = this.#examples.get(anomaly);
    if (examples === undefined) this.#examples.set(anomaly, [example()]);
    else examples.push(example());
  }

  /** Counts a case that Elle 0.2.2 does not find. It is part of the verdict only with a newer release of Elle. */
  addNewer(kind: NewerFinding["kind"], example: () => ElleExample): void {
    if (this.countsNewer) return this.add(kind, example);
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

  examples(anomaly: string): readonly ElleExample[] {
    return this.#examples.get(anomaly) ?? [];
  }

  count(anomaly: string): number {
    return this.#counts.get(anomaly) ?? 0;
  }
}

/**
 * Returns the anomalies that make the history invalid.
 *
 * @throws {RangeError} for an unknown model
 */
export function prohibitedAnomalies(expectation: Expectation): Set<string> {
  const models = expectation.consistencyModels ?? ["strict-serializable"];
  requireModels(models);
  const prohibited = anomaliesProhibitedBy(models);
  for (const anomaly of implyingAnomalies(expectation.anomalies ?? [])) prohibited.add(anomaly);
  for (const anomaly of OWN_ANOMALIES) prohibited.add(anomaly);
  return prohibited;
}

/** Returns the result for these findings. */
export function verdict(findings: Findings, prohibited: ReadonlySet<string>): ElleResult {
  const types = findings.types();
  const unknown: readonly string[] = UNKNOWN_ANOMALIES;
  const relevant = types.filter((type) => prohibited.has(type) || unknown.includes(type));
  const ruledOut = modelsRuledOutBy(relevant.filter((type) => !CYCLE_EXISTS_MODELS.has(type)));
  const reported = relevant.filter((type) => !ruledOut.has(CYCLE_EXISTS_MODELS.get(type) ?? ""));
  // Anomalies that are not prohibited still decide which models are ruled out, if any anomaly is reported.
  const { not, alsoNot } = reported.length === 0 ? { not: [], alsoNot: [] } : boundary(types);
  return {
    kind: "elle",
    valid: relevant.some((type) => prohibited.has(type)) ? false : reported.length > 0 ? "unknown" : true,
    anomalies: reported.map((type) => ({
      type,
      count: findings.count(type),
      examples: findings.examples(type),
    })),
    not,
    alsoNot,
    newerFindings: findings.newer(),
    warnings: findings.warnings,
  };
}

/** Returns the result of a check that was stopped: at best `unknown`, with the anomalies found so far. */
export function stopped(findings: Findings, prohibited: ReadonlySet<string>): ElleResult {
  findings.warnings.push("the check was stopped before its end");
  const result = verdict(findings, prohibited);
  return result.valid === true ? { ...result, valid: "unknown" } : result;
}
