/** Synthetic runs for tests of reports: a broadcast whose messages are known exactly. */

import { STORE_FORMAT } from "../../../lib/bench/store/format.ts";
import { checkHistory } from "../../../lib/checkers/check_history.ts";
import type { Event } from "../../../lib/checkers/history.ts";
import { historyToJepsen } from "../../../lib/checkers/jepsen.ts";
import type { RunRecord } from "../../../lib/bench/store/run_record.ts";

/** Options of the sample run. */
export interface SampleOptions {
  readonly nodes?: number;
  /** The number of broadcast values, one per 10 ms. */
  readonly values?: number;
  /** Values that reach no node and are lost. */
  readonly lost?: ReadonlySet<number>;
  /** A message of a hostile node. */
  readonly hostile?: string;
  /** A partition's time, in ms. */
  readonly partition?: readonly [from: number, to: number];
}

const LATENCY_MS = 20;

/**
 * Each value goes from client to node, and on to every other node with 20 ms of latency; at the end each node is read. With n
 * nodes each value takes n + 1 messages.
 */
export function sampleRun(options: SampleOptions = {}): RunRecord {
  const { nodes: count = 5, values = 20, lost = new Set(), hostile, partition } = options;
  const nodes = Array.from({ length: count }, (_, i) => `n${i}`);
  const history: Event[] = [];
  const messages: string[] = ['{"time":100000000,"event":"began"}'];
  let id = 0;
  const event = (ms: number, rest: Omit<Event, "index" | "time">) =>
    void history.push({ index: history.length, time: Math.round(ms * 1e6), ...rest } as Event);
  const send = (
    ms: number,
    latencyMs: number,
    message: Readonly<Record<string, unknown>>,
    deliveryStatus = "received",
  ) => {
    const at = (time: number) => Math.round((time + 100) * 1e6); // the messages' clock began 100 ms earlier
    messages.push(`{"time":${at(ms)},"id":${id},"event":"sent","message":${JSON.stringify(message)}}`);
    messages.push(`{"time":${at(ms + latencyMs)},"id":${id},"event":"${deliveryStatus}"}`);
    id++;
  };
  if (partition !== undefined) {
    const [from] = partition;
    event(from, { process: "nemesis", type: "info", f: "start-partition", value: "one" });
    event(from, {
      process: "nemesis",
      type: "info",
      f: "start-partition",
      value: ["isolated", { n0: ["n1"] }],
    });
  }
  for (let value = 0; value < values; value++) {
    const ms = value * 10;
    const to = value % count;
    const process = to;
    event(ms, { process, type: "invoke", f: "broadcast", value });
    send(ms, 0, {
      src: `c${to}`,
      dest: nodes[to],
      body: { type: "broadcast", message: value, msg_id: value + 1 },
    });
    for (const node of nodes) {
      if (node === nodes[to]) continue;
      const body = {
        type: "forward",
        message: value,
        ...(value === 0 && hostile !== undefined ? { hostile } : {}),
      };
      send(ms + 1, LATENCY_MS, { src: nodes[to], dest: node, body }, lost.has(value) ? "lost" : "received");
    }
    send(ms + 2, 0, {
      src: nodes[to],
      dest: `c${to}`,
      body: { type: "broadcast_ok", in_reply_to: value + 1 },
    });
    event(ms + 2, { process, type: "ok", f: "broadcast", value });
  }
  const end = values * 10 + 100;
  if (partition !== undefined) {
    event(end, { process: "nemesis", type: "info", f: "stop-partition", value: null });
    event(end, { process: "nemesis", type: "info", f: "stop-partition", value: "network-healed" });
  }
  const kept = Array.from({ length: values }, (_, value) => value).filter((value) => !lost.has(value));
  for (const process of nodes.keys()) {
    event(end + process, { process, type: "invoke", f: "read", value: null, final: true });
    event(end + process + 0.5, { process, type: "ok", f: "read", value: kept, final: true });
  }
  const test = {
    workload: "broadcast",
    nodes,
    concurrency: count,
    rate: 100,
    timeLimitS: 1,
    latency: { dist: "constant", meanMs: LATENCY_MS },
    faults: partition === undefined ? [] : ["partition"],
  };
  return {
    workload: "broadcast",
    name: "2026-11-25T10:00:00.000Z",
    head: {
      format: STORE_FORMAT,
      charybdis: "test",
      test,
      argv: ["-w", "broadcast", "--virtual"],
      seed: 7,
      virtual: true,
      state: "done",
    },
    result: {
      ...historyToJepsen(checkHistory("broadcast", history)),
      net: { valid: true, servers: { "msg-count": id, "msgs-per-op": 4 } },
    },
    history,
    messages,
    logs: hostile === undefined ? [] : [["n0", hostile]],
  };
}
