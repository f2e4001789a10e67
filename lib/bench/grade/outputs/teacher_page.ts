/** The teacher's page: every student and challenge, and what failed most. Tested by `tests/bench/grade/pages_test.ts`. */

import { plural } from "../../format.ts";
import { scriptOf } from "../../report/html/browser_bundle.ts";
import { element, pageText, scriptViews, type View } from "../../report/html/elements.ts";
import { policyOf } from "../../report/html/policy.ts";
import { head } from "../../report/html/report_page.ts";
import { numberText } from "../../report/html/text.ts";
import { VERSION } from "../../version.ts";
import { durationText } from "../duration.ts";
import { feedbackFolder } from "../student.ts";
import { type ChallengeResult, nameOf, type StudentResult } from "../student_result.ts";
import { type ChallengeFigures, classFigures } from "./class_figures.ts";
import { failedMost } from "./files.ts";
import * as sortTable from "./sort_table.ts";

/** The maximum number of kinds of failures shown per challenge. */
const KINDS_MAX = 3;

/** Returns the page as self-contained HTML. `missing` are the students without a result. */
export function teacherPage(results: readonly StudentResult[], missing: readonly string[]): string {
  const figures = classFigures(results);
  const scripts = [scriptOf([sortTable], "sortTables();")];
  const max = Math.max(0, ...results.map(({ pointsMax }) => pointsMax));
  const sorted = results.map(({ points }) => points).sort((a, b) => a - b);
  const facts = [
    plural(results.length, "submission"),
    `median ${numberText(sorted[Math.floor(sorted.length / 2)] ?? 0)} of ${plural(max, "point", numberText)}`,
    `${durationText(results.reduce((sum, { seconds }) => sum + seconds, 0))} of grading`,
  ];
  return pageText(
    element(
      "html",
      { lang: "en" },
      head("Grades", policyOf(scripts, "form-action 'none'")),
      element(
        "body",
        {},
        element(
          "main",
          {},
          element("h1", { style: "padding-top: 22px" }, "Grades"),
          element("p", { class: "dim" }, `${facts.join(", ")}.`),
          missing.length === 0 ? null : element("p", {}, `Not graded yet: ${missing.join(", ")}.`),
          gradesTable(results, figures),
          failuresView(figures),
          containedView(results),
          element("footer", {}, `Made by charybdis ${VERSION}. Each name links to the student's feedback.`),
        ),
        ...scriptViews(scripts),
      ),
    ),
  );
}

function gradesTable(results: readonly StudentResult[], figures: readonly ChallengeFigures[]): View {
  const heads = ["student", "points", ...figures.map(({ id }) => id), "time"];
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "group", "aria-label": "Table of grades" },
    element(
      "table",
      { class: "sortable" },
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          ...heads.map((name, i) =>
            element(
              "th",
              { scope: "col", title: figures[i - 2]?.title },
              element("button", { type: "button" }, name),
            )
          ),
        ),
      ),
      element("tbody", {}, ...results.map((result) => studentRow(result, figures))),
    ),
  );
}

function studentRow(
  { student, points, pointsMax, problem, seconds, challenges }: StudentResult,
  figures: readonly ChallengeFigures[],
): View {
  const byId = new Map(challenges.map((each) => [each.id, each]));
  const link = element("a", { href: `${feedbackFolder(encodeURIComponent(student))}/index.html` }, student);
  return element(
    "tr",
    {},
    element("th", { scope: "row", "data-key": student }, link),
    element("td", { "data-key": points }, `${numberText(points)} of ${numberText(pointsMax)}`),
    ...(problem === ""
      ? figures.map(({ id }) => challengeCell(byId.get(id)))
      : [element("td", { colspan: figures.length, title: problem }, problem.split("\n")[0] ?? "")]),
    element("td", { "data-key": seconds, "style": "white-space: nowrap" }, durationText(seconds)),
  );
}

function challengeCell(result: ChallengeResult | undefined): View {
  if (result === undefined) return element("td", {}, "–");
  const { passed, points, cause } = result;
  const [tone, mark] = passed ? ["good", "✓"] : points > 0 ? ["unsure", "✗"] : ["invalid", "✗"];
  const text = passed ? mark : points > 0 ? `${mark} ${numberText(points)}` : mark;
  return element(
    "td",
    { class: tone, "data-key": points, title: passed ? undefined : cause },
    element("b", { style: "color: var(--tone)" }, text),
  );
}

/** Lists what the sandbox contained, for the teacher to look at. */
function containedView(results: readonly StudentResult[]): View {
  const found = results.flatMap(({ student, challenges }) =>
    challenges.flatMap(({ id, contained }) => contained.map((text) => `${student}, ${id}: ${text}`))
  );
  if (found.length === 0) return null;
  return element(
    "section",
    {},
    element("h2", {}, "Contained by the sandbox"),
    element("ul", { class: "notes" }, ...found.map((text) => element("li", {}, text))),
  );
}

function failuresView(figures: readonly ChallengeFigures[]): View {
  const failed = failedMost(figures);
  if (failed.length === 0) return null;
  return element(
    "section",
    {},
    element("h2", {}, "Most frequent failures"),
    element(
      "ul",
      { class: "notes" },
      ...failed.map(({ passed, tried, failures, ...challenge }) =>
        element(
          "li",
          {},
          element("b", {}, nameOf(challenge)),
          `: ${passed} of ${tried} passed. `,
          failures.slice(0, KINDS_MAX).map(([kind, count]) => `${kind} (${count})`).join("; "),
        )
      ),
    ),
  );
}
