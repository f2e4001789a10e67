/**
 * Challenge 3: broadcast. A value handed to one node is to be known to every node.
 *
 * Guarantee: a value that was acknowledged is known everywhere as soon as messages pass, whatever was lost, doubled,
 * overtaken or cut off in between; a kill loses what no other node had yet received. Idea: each node sends a new value
 * straight to every other, and again until the other has said that it has it. Messages: 2(n - 1) for each value.
 * Source: https://fly.io/dist-sys/3a/ to 3e.
 */

import { type Json, type Node, serve } from "../lib/mod.ts";
import { broadcast as request, read, topology } from "../lib/protocol/broadcast.ts";
import { oneWay } from "../lib/protocol/message.ts";
import { array, json } from "../lib/protocol/schema.ts";

/** How long a value waits for its receipt before it is sent again. */
const RETRY_MS = 500;

const news = oneWay("news", {
  about: "Values that the sender was handed.",
  request: { values: array(json) },
});
const receipt = oneWay("receipt", {
  about: "Values that the sender has received.",
  request: { values: array(json) },
});

/** Spreads each value to every node. */
export function broadcast(node: Node): void {
  const known = new Map<string, Json>();
  const unacknowledged = new Map(node.peers.map((peer) => [peer, new Map<string, Json>()]));
  const keyOf = (value: Json) => JSON.stringify(value);

  node.on(topology, () => ({}));
  node.on(read, () => ({ messages: [...known.values()] }));
  node.on(request, ({ message }) => {
    const key = keyOf(message);
    if (known.has(key)) return {};
    known.set(key, message);
    for (const [peer, waiting] of unacknowledged) {
      waiting.set(key, message);
      node.send(peer, { type: news.type, values: [message] });
    }
    return {};
  });
  node.on(news, ({ values }, from) => {
    for (const value of values) known.set(keyOf(value), value);
    node.send(from, { type: receipt.type, values });
  });
  node.on(receipt, ({ values }, from) => {
    for (const value of values) unacknowledged.get(from)?.delete(keyOf(value));
  });
  node.every(RETRY_MS, () => {
    for (const [peer, waiting] of unacknowledged) {
      if (waiting.size > 0) node.send(peer, { type: news.type, values: [...waiting.values()] });
    }
  });
}

if (import.meta.main) {
  await serve(broadcast, { about: "Makes each value that it is handed known to every node." });
}
