/**
 * Draws the share of failing futures by moment, with its jumps.
 *
 * Tested by `tests/bench/replay/inevitability_test.ts`.
 */

import type { ToldInevitability } from "../../replay/futures.ts";
import { shareOf } from "../../replay/inevitability.ts";
import { element, type View } from "./elements.ts";

const WIDTH = 900;
const HEIGHT = 220;
const LEFT = 56;
const RIGHT = 36;
const TOP = 14;
const BOTTOM = 30;
/** The shares with a line and a label. */
const SHARES = [0, 0.5, 1] as const;
/** The maximum number of moments with a label. */
const TIMES_MAX = 8;

/** Returns the section about the futures of a case; nothing if none were drawn. */
export function inevitabilityView(inevitability: ToldInevitability | undefined): View {
  if (inevitability === undefined) return null;
  const { jumps, conclusion, drawn } = inevitability;
  return element(
    "section",
    { id: "inevitability" },
    element("h2", {}, "Inevitability"),
    element(
      "p",
      {},
      `Share of the futures that fail in the same way. ${drawn}`,
    ),
    ...jumps.map(({ sentence, between, before }) =>
      element(
        "div",
        { class: "cause" },
        element("p", {}, element("b", {}, sentence)),
        element(
          "ul",
          {},
          ...between.map((text) =>
            element("li", { "data-time-us": String(Math.round(before.atMs * 1000)) }, text)
          ),
        ),
      )
    ),
    conclusion === undefined ? null : element("p", {}, element("b", {}, conclusion)),
    chart(inevitability),
  );
}

/** Draws the moments at equal distances, because those around a jump are close together. */
function chart({ moments, jumps }: ToldInevitability): View {
  const x = (index: number) => LEFT + index / Math.max(1, moments.length - 1) * (WIDTH - LEFT - RIGHT);
  const y = (share: number) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  const description = jumps.length === 0 ? "no jump" : jumps.map(({ sentence }) => sentence).join(" ");
  const labelStep = Math.ceil(moments.length / TIMES_MAX);
  return element(
    "svg",
    {
      class: "futures",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      width: WIDTH,
      height: HEIGHT,
      role: "img",
      "aria-label": `Share of failing futures by moment: ${description}`,
    },
    ...SHARES.flatMap((share) => [
      element("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(share), y2: y(share) }),
      element("text", { x: LEFT - 8, y: y(share) + 4, "text-anchor": "end" }, `${share * 100} %`),
    ]),
    ...jumps.map(({ after }) => {
      const at = x(moments.findIndex(({ atMs }) => atMs === after.atMs));
      return element("line", { class: "bound", x1: at, x2: at, y1: TOP, y2: HEIGHT - BOTTOM });
    }),
    element("polyline", {
      class: "share",
      points: moments.map((each, i) => `${x(i).toFixed(1)},${y(shareOf(each)).toFixed(1)}`).join(" "),
    }),
    ...moments.flatMap((each, i) => [
      element(
        "circle",
        { class: "value", cx: x(i), cy: y(shareOf(each)), r: 4 },
        element("title", {}, `${each.atMs.toFixed(2)} ms: ${each.failed} of ${each.count} futures fail`),
      ),
      i % labelStep === 0
        ? element(
          "text",
          { x: x(i), y: HEIGHT - 8, "text-anchor": i === 0 ? "start" : "middle" },
          `${each.atMs.toFixed(1)} ms`,
        )
        : null,
    ]),
  );
}
