/**
 * Challenge 5: logs in the manner of Kafka, one a key. Any node takes any message and gives it an offset; polls show each
 * log in order, and nothing is ever inserted below what was shown.
 *
 * Guarantee: every send, poll, commit and list is answered at once, whatever is cut off. Offsets of a key grow and are
 * unique over the cluster: every n-th number on one of n nodes. Messages that were acknowledged appear everywhere as soon as
 * nodes can talk, in order and without skip. A poll shows what every node is known to have passed: on the other of two nodes
 * after one batch, on the node that took the message after the next. While a node is cut off or dead, nothing newer than the
 * cut is shown to anybody, for as long as it does not return: sends go on, and are shown after the heal. With `--data DIR` a
 * kill of any or all nodes loses nothing acknowledged. Without it, a killed node takes along what it took and had not yet
 * handed on (up to a batch, more while it is cut off), and the offsets of these may be given again. It first asks the others
 * what they know, so that those of all other messages are not; if it cannot reach them, it goes on without after half a
 * second, and only then something may come to stand below what was shown. `--acks all` waits for every other node's
 * receipt: what was acknowledged then survives all kills but that of every node, and nothing is while one is away.
 *
 * Idea: an offset is a Lamport time of its key, of which each node has its own residues (`lib/log/keyed/keyed_log.ts`); a node's
 * messages travel as its log, in which it also acknowledges the others' (`lib/log/causal/causal_order.ts`), by rounds
 * through a hub. Messages: 2n - 2 a batch whatever the rate, none when nothing is outstanding: between two nodes 15 a
 * second, 0.016 per operation of 5b and 5c; `--max-latency-ms` trades them for the time until a message is shown.
 * Source: https://fly.io/dist-sys/5a/ to 5c; Mao, Junqueira, Marzullo: "Mencius" (OSDI 2008); Lamport's clocks (1978).
 */

import { choice, CODE, type Node, RpcError, serve, type Values } from "../lib/mod.ts";
import { disseminate } from "../lib/gossip/driver.ts";
import { causalLogSettings, nodeOf, openCausalLog } from "../lib/log/causal/driver.ts";
import { COMMITS_SUFFIX, CommittedOffsets } from "../lib/log/keyed/committed_offsets.ts";
import { KeyedLogs } from "../lib/log/keyed/keyed_logs.ts";
import { commitOffsets, listCommittedOffsets, poll, send } from "../lib/protocol/kafka.ts";

/** How many sends may wait for everybody's acknowledgement; past it, the next one is refused with code 11. */
const WAITING_SENDS_MAX = 100_000;

/** What may be set. */
export const settings = {
  ...causalLogSettings,
  acks: choice("local", {
    of: ["local", "all"],
    about: "When a send is acknowledged: at once, or when every node has it.",
  }),
} as const;

/** Keeps a log for each key, and how far each was processed. */
export function kafka(node: Node, values: Values<typeof settings>): void {
  const seatOf = new Map(node.ids.map((id, i) => [id, i]));
  const logs = new KeyedLogs({
    node: node.ids.indexOf(node.id),
    nodes: node.ids.length,
    nodeOf: (origin) => seatOf.get(nodeOf(origin)),
  });
  const waiting: { readonly index: number; readonly send: () => void }[] = [];
  const sendWaiting = () => {
    const upTo = logs.acknowledgedByAll(log.origin);
    while (waiting[0] !== undefined && waiting[0].index <= upTo) waiting.shift()?.send();
  };
  let commits = new CommittedOffsets("", () => {});
  const log = openCausalLog(node, {
    disseminate: (replica, incarnation) => disseminate(node, { ...values, replica, incarnation }),
    deliver: (entry, from) => logs.deliver(entry, from),
    acknowledged: (by, known) => {
      logs.acknowledged(by, known);
      if (waiting.length > 0) node.after(0, sendWaiting);
    },
    beside: (incarnation) => {
      commits = openCommits(node, incarnation);
      return { replica: commits, has: (origin) => origin.endsWith(COMMITS_SUFFIX) };
    },
  });

  const append = (key: string, msg: Parameters<typeof logs.entry>[1]) => {
    if (waiting.length >= WAITING_SENDS_MAX) {
      throw new RpcError(CODE.temporarilyUnavailable, `${waiting.length} sends wait for other nodes already`);
    }
    const entry = logs.entry(key, msg);
    const index = log.append(entry);
    const reply = { offset: entry[1][0] };
    if (values.acks === "local" || node.peers.length === 0) return reply;
    const deferred = node.deferReply<typeof reply>();
    waiting.push({ index, send: () => deferred.send(reply) });
    return deferred.promise;
  };
  node.on(send, ({ key, msg }) => {
    const ready = log.catchUp();
    return ready === undefined ? append(key, msg) : ready.then(() => append(key, msg));
  });
  node.on(poll, ({ offsets }) => ({ msgs: logs.poll(offsets) }));
  node.on(commitOffsets, ({ offsets }) => {
    let grown = false;
    for (const [key, offset] of Object.entries(offsets)) grown = commits.commit(key, offset) || grown;
    if (grown) log.changed();
    return {};
  });
  node.on(listCommittedOffsets, ({ keys }) => ({
    offsets: Object.fromEntries(keys.flatMap((key) => {
      const offset = commits.get(key);
      return offset === undefined ? [] : [[key, offset]];
    })),
  }));
}

/** The commits that the node's store holds, as changes of its present life. */
function openCommits(node: Node, incarnation: string): CommittedOffsets {
  const { storage } = node;
  const keys = new Set([...storage?.read("committed keys") ?? []].map(({ value }) => value));
  const commits = new CommittedOffsets(`${node.id}.${incarnation}${COMMITS_SUFFIX}`, (key, offset) => {
    if (storage === undefined) return;
    if (!keys.has(key)) storage.append("committed keys", key);
    keys.add(key);
    storage.put(`committed ${key}`, String(offset));
  });
  for (const key of keys) commits.commit(key, Number(storage?.get(`committed ${key}`)));
  return commits;
}

if (import.meta.main) {
  await serve(kafka, {
    about: "Keeps an append-only log for each key: any node takes any message, and none waits for another.",
    settings,
    storage: true,
  });
}
