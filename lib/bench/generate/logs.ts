/** Histories of logs (the workload kafka) with one anomaly each. Tested by `tests/bench/generate/generate_test.ts`. */

import type { SeededRandom } from "../../sim/random.ts";
import type { Script, ScriptedOperation } from "./script.ts";

/** The key of the anomaly. */
const X = "x";

type Message = readonly [offset: number, message: number];

function send(message: number, offset: number, more: Partial<ScriptedOperation> = {}): ScriptedOperation {
  return { f: "send", value: [["send", X, message]], result: [["send", X, [offset, message]]], ...more };
}

function poll(messages: readonly Message[], more: Partial<ScriptedOperation> = {}): ScriptedOperation {
  return { f: "poll", value: [["poll"]], result: [["poll", { [X]: messages }]], ...more };
}

const ONE: Script = [[send(1, 0)]];
const THREE: Script = [[send(1, 0)], [send(2, 1)], [send(3, 2)]];
const ALL = poll([[0, 1], [1, 2], [2, 3]]);

/** The anomalies of logs. */
export const LOG_ANOMALIES: Readonly<Record<string, Script>> = {
  "inconsistent-offsets": [[send(1, 0), send(2, 0)], [poll([[0, 1]])], [poll([[0, 2]])]],
  "duplicate": [...ONE, [poll([[0, 1]])], [poll([[1, 1]])]],
  // A lost message is also one that no poll has returned, so that "unseen" names it, too.
  "lost-write": [...THREE, [poll([[0, 1]])], [poll([[2, 3]])]],
  "unseen": [...THREE, [poll([[0, 1], [1, 2]])]],
  "nonmonotonic-poll": [...THREE, [poll([[0, 1], [1, 2]], { session: "a" })], [
    poll([[0, 1]], { session: "a" }),
  ], [ALL]],
  "poll-skip": [...THREE, [ALL], [poll([[0, 1]], { session: "a" })], [poll([[2, 3]], { session: "a" })]],
  "int-poll-skip": [...THREE, [ALL], [poll([[0, 1], [2, 3]])]],
  "int-nonmonotonic-poll": [...THREE, [ALL], [poll([[1, 2], [0, 1]])]],
  "nonmonotonic-send": [[send(1, 1, { session: "a" })], [send(2, 0, { session: "a" })], [
    poll([[0, 2], [1, 1]]),
  ]],
  // Without the acknowledged send, Jepsen would call the polled message unseen, too.
  "G1a": [[send(2, 1)], [send(1, 0, { type: "fail" }), poll([[0, 1], [1, 2]])]],
};

/** Returns sends and polls without any anomaly, to a log of their own. */
export function serialLog(random: SeededRandom, count: number): Script {
  const key = "z";
  const log: Message[] = [];
  const pollAll = (): ScriptedOperation => ({
    f: "poll",
    value: [["poll"]],
    // An empty list for a key of which nothing is ever polled ends Jepsen's analysis.
    result: [["poll", log.length === 0 ? {} : { [key]: [...log] }]],
  });
  const operations = Array.from({ length: count }, (_, n): readonly ScriptedOperation[] => {
    if (random.chance(0.5)) {
      const offset = log.push([log.length, n]) - 1;
      return [{ f: "send", value: [["send", key, n]], result: [["send", key, [offset, n]]] }];
    }
    return [pollAll()];
  });
  return [...operations, [pollAll()]];
}
