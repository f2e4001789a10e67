/** A failed run in short: its cause in one sentence, and one picture. Tested by `tests/bench/report/digest_test.ts`. */

import { causeSentence } from "../findings/cause_sentence.ts";
import type { Finding } from "../findings/finding.ts";
import type { ReportData } from "./data/report_data.ts";
import { viewText } from "./html/elements.ts";
import { openingPicture } from "./html/opening_picture.ts";
import { clip } from "./html/text.ts";

/** The maximum number of characters of the evidence. */
const EVIDENCE_MAX = 1500;

/** A failed run in short. */
export interface RunDigest {
  /** The title of the most severe finding that makes the run invalid; empty if there is none. */
  readonly title: string;
  /** The sentences about the first case of that finding; empty if there is none. */
  readonly evidence: string;
  /** The cause in one sentence; empty if it is unknown. */
  readonly cause: string;
  /** The picture as SVG; empty if the run has no messages and operations to show. */
  readonly picture: string;
}

/** Returns a run in short, from the parts of its report. */
export function digestOf(
  { data, findings }: { readonly data: ReportData; readonly findings: readonly Finding[] },
): RunDigest {
  const picture = openingPicture(data);
  const decisive = findings.find(({ severity }) => severity === "invalid");
  return {
    title: decisive?.description.title ?? "",
    evidence: clip(decisive?.examples[0]?.sentences.join("\n") ?? "", EVIDENCE_MAX),
    cause: causeSentence(findings) ?? "",
    picture: picture === null ? "" : viewText(picture),
  };
}
