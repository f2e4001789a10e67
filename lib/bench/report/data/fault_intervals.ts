/** Converts the nemesis' events to intervals of active faults. */

import { type History, NEMESIS } from "../../../checkers/history.ts";
import { isObject } from "../../../protocol/schema.ts";
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
  const open = new Map<string, { from: number; nodes: readonly string[]; text: string }>();
  const bands: FaultBand[] = [];
  const close = (kind: string, to: number) => {
    const band = open.get(kind);
    open.delete(kind);
    if (band !== undefined && bands.length < BANDS_MAX) bands.push({ kind, ...band, to });
  };
  for (const { process, f, value, time } of history) {
    if (process !== NEMESIS) continue;
    const { kind, begins } = kindOf(f);
    if (kind === undefined) continue;
    const at = microseconds(time);
    if (!begins) {
      close(kind, at);
      continue;
    }
    const known = open.get(kind);
    // The first of the two events has the request, the second one the result.
    open.set(kind, {
      from: known?.from ?? at,
      nodes: nodesOf(kind, value),
      text: clip([known?.text ?? "", textOf(value)].filter((part) => part !== "").join(": "), TEXT_MAX),
    });
  }
  for (const kind of [...open.keys()]) close(kind, endUs);
  return bands.sort((a, b) => a.from - b.from);
}

function kindOf(f: string): { readonly kind: string | undefined; readonly begins: boolean } {
  if (f === "kill" || f === "start") return { kind: "kill", begins: f === "kill" };
  if (f === "pause" || f === "resume") return { kind: "pause", begins: f === "pause" };
  const [, word, kind] = /^(start|stop)-(.+)$/.exec(f) ?? [];
  return { kind, begins: word === "start" };
}

/** Returns the nodes of a fault. A partition affects all nodes, so its minority is not listed. */
function nodesOf(kind: string, value: unknown): readonly string[] {
  if (kind !== "kill" && kind !== "pause" && kind !== "slow") return [];
  return isObject(value) ? Object.keys(value) : [];
}

function textOf(value: unknown): string {
  if (Array.isArray(value) && value[0] === "isolated" && isObject(value[1])) return cutText(value[1]);
  return typeof value === "string" ? value : valueJson(value, TEXT_MAX);
}

/** Describes a partition. Nodes that are cut off from the same peers are grouped. */
function cutText(cuts: Readonly<Record<string, unknown>>): string {
  const groups = new Map<string, string[]>();
  for (const [node, from] of Object.entries(cuts)) {
    const others = Array.isArray(from) ? from.map(String).join(" ") : "";
    groups.set(others, [...groups.get(others) ?? [], node]);
  }
  return [...groups].map(([others, nodes]) =>
    `${nodes.join(" ")} hear${others === "" ? " all" : ` nothing from ${others}`}`
  )
    .join("; ");
}
