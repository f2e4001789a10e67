/**
 * Challenge 5: append-only logs like Kafka's, one per key. Any node accepts any message and assigns it an offset. Polls return
 * each log in order, and no message is ever inserted below one that was returned.
 *
 * Guarantee: every request is answered at once under any partition. Offsets of a key increase and are unique in the cluster:
 * a node out of n uses every n-th number. Acknowledged messages appear at every node as soon as messages pass, in order and
 * without gaps. A poll returns only messages that every node is known to be past. With two nodes, a message appears at the
 * other node after one batch, and at its own node after the next. While a node is down or partitioned away, messages are
 * accepted, but appear only after it has returned. With `--data DIR`, killing any or all nodes loses nothing acknowledged.
 * Without it, killing a node loses messages that it accepted but had not yet sent (up to one batch; more during a partition),
 * and their offsets may be reused. The restarted node first learns what the others know, so it reuses no other offset. If it
 * cannot reach them for half a second, it continues without; only then may a message appear below one that was returned.
 * `--acks all` waits until every node has a message: it then survives unless all nodes are killed, and no message is
 * acknowledged while a node is down.
 *
 * Idea: an offset is a Lamport time of its key, and each node has its own residue class (`lib/log/keyed/keyed_log.ts`). The
 * messages of a node travel as its log, in which it also acknowledges the other logs (`lib/log/causal/causal_order.ts`).
 *
 * Cost: 2n - 2 messages per batch at any rate, none when nothing is outstanding. Two nodes need 15 messages per second, which
 * is 0.016 per operation of 5b and 5c. A higher `--max-latency-ms` needs fewer, and messages appear later.
 * Source: https://fly.io/dist-sys/5a/ to 5c; Mao, Junqueira, Marzullo: "Mencius" (OSDI 2008); Lamport's clocks (1978).
 */

import { choice, CODE, type Node, RpcError, serve, type Values } from "../lib/mod.ts";
import { disseminate } from "../lib/gossip/driver.ts";
import { CausalLog, causalLogSettings, nodeOf } from "../lib/log/causal/driver.ts";
import { newIncarnation } from "../lib/log/driver.ts";
import { COMMITS_SUFFIX, CommittedOffsets } from "../lib/log/keyed/committed_offsets.ts";
import { KeyedLogs } from "../lib/log/keyed/keyed_logs.ts";
import { commitOffsets, listCommittedOffsets, poll, send } from "../lib/protocol/kafka.ts";

/** The number of sends that may wait for acknowledgements. Further ones are refused with code 11. */
const WAITING_SENDS_MAX = 100_000;

/** The number of the latest keys that the record of a run shows. */
const KEYS_WATCHED_MAX = 16;

/** The settings. */
export const settings = {
  ...causalLogSettings,
  acks: choice("local", {
    options: ["local", "all"],
    description: "When a send is acknowledged: at once (local), or once every node has it (all).",
  }),
} as const;

/** Keeps a log and a committed offset for each key. */
export function kafka(node: Node, values: Values<typeof settings>): void {
  const indexOf = new Map(node.ids.map((id, i) => [id, i]));
  const logs = new KeyedLogs({
    node: node.ids.indexOf(node.id),
    nodeCount: node.ids.length,
    nodeOf: (origin) => indexOf.get(nodeOf(origin)),
  });
  const waiting: { readonly index: number; readonly send: () => void }[] = [];
  let isSendPlanned = false;
  const sendWaiting = () => {
    isSendPlanned = false;
    const upTo = logs.acknowledgedByAll(log.origin);
    const ready = waiting.findIndex(({ index }) => index > upTo);
    for (const { send } of waiting.splice(0, ready < 0 ? waiting.length : ready)) send();
  };
  const incarnation = newIncarnation(node);
  const commits = openCommits(node, incarnation);
  const log = new CausalLog(node, {
    incarnation,
    disseminate: (replica, incarnation) => disseminate(node, { ...values, replica, incarnation }),
    deliver: (entry, from) => logs.deliver(entry, from),
    acknowledged: (by, known) => {
      logs.acknowledged(by, known);
      if (waiting.length === 0 || isSendPlanned) return;
      isSendPlanned = true; // once per message, which can carry any number of acknowledgements
      node.after(0, sendWaiting);
    },
    extraReplica: { replica: commits, has: (origin) => origin.endsWith(COMMITS_SUFFIX) },
  });

  node.watch("highest offsets", () => logs.summary(KEYS_WATCHED_MAX, "highest"));
  node.watch("stable offsets", () => logs.summary(KEYS_WATCHED_MAX, "stable"));
  node.watch("committed", () => commits.summary(KEYS_WATCHED_MAX));
  node.watch("waiting sends", () => waiting.length);
  const append = (key: string, msg: Parameters<typeof logs.entry>[1]) => {
    if (waiting.length >= WAITING_SENDS_MAX) {
      throw new RpcError(
        CODE.temporarilyUnavailable,
        `${waiting.length} sends are already waiting for other nodes`,
      );
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
    const ready = log.ready();
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

/** Opens the committed offsets. Stored ones become changes of this incarnation. Keys are stored as JSON, which holds any text. */
function openCommits(node: Node, incarnation: string): CommittedOffsets {
  const { storage } = node;
  const names = new Set([...storage?.read("committed keys") ?? []].map(({ value }) => value));
  const commits = new CommittedOffsets(`${node.id}.${incarnation}${COMMITS_SUFFIX}`, (key, offset) => {
    if (storage === undefined) return;
    const name = JSON.stringify(key);
    if (!names.has(name)) storage.append("committed keys", name);
    names.add(name);
    storage.put(`committed ${name}`, String(offset));
  });
  for (const name of names) commits.commit(JSON.parse(name), Number(storage?.get(`committed ${name}`)));
  return commits;
}

if (import.meta.main) {
  await serve(kafka, {
    description:
      "Keeps an append-only log for each key. Any node accepts any message, and no node waits for another.",
    settings,
    storage: true,
  });
}
