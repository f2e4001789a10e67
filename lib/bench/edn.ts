/** Reads a history that Jepsen wrote: `history.edn`, a map an operation. */

import { parseEDNString } from "edn-data";
import { type Event, type History, NEMESIS } from "../checkers/history.ts";
import { HistoryError, parseHistory } from "../checkers/parse.ts";
import { isObject } from "../protocol/schema.ts";
import type { WorkloadName } from "../checkers/workloads.ts";
import { reasonOf } from "./bench_error.ts";

/** Reads a `history.edn`. Throws `HistoryError` with the number of the line that is wrong. */
export function parseEdnHistory(text: string, options: { readonly workload?: WorkloadName } = {}): History {
  const lines = text.split("\n");
  const json: string[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    json.push(JSON.stringify(eventOf(line, i + 1, json.length)));
  }
  return parseHistory(json, options);
}

function eventOf(line: string, number: number, index: number): Event {
  let value: unknown;
  try {
    // Records are written with their type in front, such as #jepsen.history.Op{…}; the map is what counts.
    value = parseEDNString(line.replace(/^#[A-Za-z.]+\s*(?=\{)/, ""), {
      mapAs: "object",
      keywordAs: "string",
      setAs: "array",
      listAs: "array",
    });
  } catch (error) {
    throw new HistoryError(number, `this is not EDN: ${reasonOf(error)}`);
  }
  if (!isObject(value)) throw new HistoryError(number, "an event is a map");
  const { index: given, time, process, type, f, value: of, ...rest } = value;
  return {
    ...Object.fromEntries(Object.entries(rest).map(([key, each]) => [key.replace(/\?$/, ""), each])),
    index: typeof given === "number" ? given : index,
    time: typeof time === "number" ? time : index,
    process: process === NEMESIS || typeof process === "number" ? process : NEMESIS,
    type: type === "invoke" || type === "ok" || type === "fail" || type === "info" ? type : "info",
    f: String(f),
    value: of ?? null,
  };
}
