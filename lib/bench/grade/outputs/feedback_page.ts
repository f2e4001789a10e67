/** A student's page of feedback. Tested by `tests/bench/grade/pages_test.ts`. */

import { element, pageText, raw, table, type View } from "../../report/html/elements.ts";
import { policyOf } from "../../report/html/policy.ts";
import { head } from "../../report/html/report_page.ts";
import { clip, numberText } from "../../report/html/text.ts";
import { plural } from "../../format.ts";
import { VERSION } from "../../version.ts";
import { type ChallengeResult, nameOf, type StudentResult } from "../student_result.ts";
import type { ChallengeFigures } from "./class_figures.ts";

/** The maximum number of characters shown of a reason, which may quote a node's output. */
const REASON_MAX = 2000;

/** The reasons for points of a challenge that did not pass. */
const CREDITS: Readonly<Record<ChallengeResult["credit"], string>> = {
  "full": "",
  "over-bound": "All runs are valid, but a figure is not below its bound.",
  "without-partitions": "The runs without faults are valid.",
  "none": "",
};

/** Returns the page as self-contained HTML. `pictureOf` returns the picture of a challenge as SVG. */
export function feedbackPage(
  result: StudentResult,
  { figures, pictureOf }: {
    readonly figures: readonly ChallengeFigures[];
    readonly pictureOf: (challenge: ChallengeResult) => string;
  },
): string {
  const { student, points, pointsMax, problem, challenges } = result;
  const byId = new Map(figures.map((each) => [each.id, each]));
  const failed = challenges.filter(({ passed }) => !passed);
  return pageText(
    element(
      "html",
      { lang: "en" },
      head(`Feedback: ${student}`, policyOf([], "form-action 'none'")),
      element(
        "body",
        {},
        element(
          "main",
          {},
          element(
            "h1",
            { style: "padding-top: 22px" },
            `${student}: ${numberText(points)} of ${plural(pointsMax, "point", numberText)}`,
          ),
          problem === "" ? null : problemView(problem),
          challenges.length === 0 ? null : summaryTable(challenges, byId),
          ...failed.map((each) => failureView(each, pictureOf(each))),
          remarksView(challenges),
          element("footer", {}, `Made by charybdis ${VERSION}.`),
        ),
      ),
    ),
  );
}

function problemView(problem: string): View {
  const [first = "", ...rest] = problem.split("\n");
  return element(
    "section",
    { class: "card invalid" },
    element("h2", {}, "The submission could not be graded"),
    element("p", {}, first),
    rest.length === 0 ? null : element("pre", { tabindex: "0" }, rest.join("\n")),
  );
}

function summaryTable(
  challenges: readonly ChallengeResult[],
  figures: ReadonlyMap<string, ChallengeFigures>,
): View {
  return table("Table of challenges", {
    heads: [
      "challenge",
      "result",
      "points",
      "messages per operation",
      "median latency, ms",
      "longest, ms",
      "class",
    ],
    rows: challenges.map((each) => {
      const { id, passed, points, pointsMax, messagesPerOperation, medianMs, longestMs } = each;
      const own = figures.get(id);
      return element(
        "tr",
        {},
        element(
          "th",
          { scope: "row" },
          passed ? nameOf(each) : element("a", { href: `#c-${id}` }, nameOf(each)),
        ),
        element(
          "td",
          { class: passed ? "good" : "invalid", style: "white-space: nowrap" },
          element("b", { style: "color: var(--tone)" }, passed ? "✓ passed" : "✗ not passed"),
        ),
        element("td", {}, `${numberText(points)} of ${numberText(pointsMax)}`),
        figureCell(messagesPerOperation, own?.messagesPerOperation),
        figureCell(medianMs, own?.medianMs),
        figureCell(longestMs, own?.longestMs),
        element(
          "td",
          { style: "white-space: nowrap" },
          own === undefined ? "" : `${own.passed} of ${own.tried} passed`,
        ),
      );
    }),
  });
}

/** Returns a figure, and the class's median. */
function figureCell(value: number | null, median: number | null | undefined): View {
  if (value === null) return element("td", {}, "");
  const of = median === null || median === undefined ? "" : ` (class ${numberText(median)})`;
  return element("td", {}, numberText(value), element("span", { class: "dim" }, of));
}

function remarksView(challenges: readonly ChallengeResult[]): View {
  const all = challenges.filter(({ remarks }) => remarks.length > 0);
  if (all.length === 0) return null;
  return element(
    "section",
    {},
    element("h2", {}, "Remarks"),
    element(
      "p",
      { class: "dim" },
      "Behavior that a correct node does not show. It does not change the grade.",
    ),
    element(
      "ul",
      { class: "notes" },
      ...all.flatMap(({ id, remarks }) =>
        remarks.map((remark) => element("li", {}, element("b", {}, id), ` ${remark}`))
      ),
    ),
  );
}

function failureView(challenge: ChallengeResult, picture: string): View {
  const { id, cause, reasons, credit, points, report, runs } = challenge;
  const failedRun = runs.find(({ valid }) => valid !== true);
  const command = failedRun === undefined || failedRun.seed === null ? undefined : [
    "charybdis test",
    ...failedRun.arguments,
    `--seed ${failedRun.seed} --bin YOUR_PROGRAM`,
    ...(failedRun.nodeArguments.length === 0 ? [] : ["--", ...failedRun.nodeArguments]),
  ].join(" ");
  return element(
    "section",
    { class: "card invalid", id: `c-${id}` },
    element("h2", { style: "margin-top: 0" }, nameOf(challenge)),
    element("p", { class: "cause-line" }, cause),
    points === 0 ? null : element("p", {}, `${plural(points, "point", numberText)}: ${CREDITS[credit]}`),
    // the picture was rendered by this program, with all texts escaped
    picture === "" ? null : raw("div", { class: "diagram", tabindex: "0" }, picture),
    report === "" ? null : element("p", {}, element("a", { href: report }, "Play the run")),
    reasons.every((reason) => reason === cause)
      ? null
      : element("pre", { tabindex: "0" }, clip(reasons.join("\n"), REASON_MAX)),
    command === undefined ? null : element(
      "details",
      {},
      element("summary", { class: "dim" }, "Run it again"),
      element("pre", { tabindex: "0" }, command),
    ),
  );
}
