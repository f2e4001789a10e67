/** Converts the nemesis' events to intervals of active faults. Tested by `tests/bench/report/columns_test.ts`. */

import { type History, NEMESIS } from "../../../checkers/history.ts";
import { isObject } from "../../../protocol/schema.ts";
import { definitionOf, readSwitch } from "../../nemesis/faults.ts";
import { microseconds } from "./operation_columns.ts";
import type { FaultBand } from "./report_data.ts";
import { clip, valueJson } from "../html/text.ts";

/** Maximum number of bands in a report. Later ones are not drawn. */
const BANDS_MAX = 2000;
const TEXT_MAX = 300;

/**
 * Returns the bands: `start-X` … `stop-X`, `kill` … `start`, `pause` … `resume`. A fault without an end lasts until
 * the end of the run.
 */
export function faultBands(history: History, endUs: number): FaultBand[] {
  const open = new Map<string, Omit<FaultBand, "kind" | "to">>();
  const bands: FaultBand[] = [];
  const close = (kind: string, to: number) => {
    const band = open.get(kind);
    open.delete(kind);
    if (band !== undefined && bands.length < BANDS_MAX) bands.push({ kind, ...band, to });
  };
  for (const { process, f, value, time } of history) {
    if (process !== NEMESIS) continue;
    const read = readSwitch(f);
    if (read === undefined) continue;
    const { kind, starts } = read;
    const at = microseconds(time);
    if (!starts) {
      close(kind, at);
      continue;
    }
    const known = open.get(kind);
    // A partition affects all nodes, so its minority is not listed.
    const named = definitionOf(kind)?.band.nodes ?? "all";
    // The first of the two events has the request, the second one the result.
    open.set(kind, {
      from: known?.from ?? at,
      nodes: named === "all" || !isObject(value) ? [] : Object.keys(value),
      ...(named === "down" ? { isDown: true } : {}),
      ...cutsOf(value),
      ...ratesOf(value),
      text: clip([known?.text ?? "", textOf(kind, value)].filter((part) => part !== "").join(": "), TEXT_MAX),
    });
  }
  for (const kind of [...open.keys()]) close(kind, endUs);
  return bands.sort((a, b) => a.from - b.from);
}

function cutsOf(value: unknown): Pick<FaultBand, "cuts"> {
  if (!Array.isArray(value) || value[0] !== "isolated" || !isObject(value[1])) return {};
  const cuts: Record<string, readonly string[]> = {};
  for (const [node, from] of Object.entries(value[1])) {
    if (Array.isArray(from) && from.length > 0) cuts[node] = from.map(String);
  }
  return { cuts };
}

function ratesOf(value: unknown): Pick<FaultBand, "rates"> {
  if (!isObject(value)) return {};
  const rates: Record<string, number> = {};
  for (const [node, clock] of Object.entries(value)) {
    if (isObject(clock) && typeof clock["rate"] === "number") rates[node] = clock["rate"];
  }
  return Object.keys(rates).length === 0 ? {} : { rates };
}

function textOf(kind: string, value: unknown): string {
  const text = definitionOf(kind)?.band.text?.(value);
  return text ?? (typeof value === "string" ? value : valueJson(value, TEXT_MAX));
}
