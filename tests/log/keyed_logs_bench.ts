/** A long log: appending to it, and reading a page out of its middle. */

import { KeyedLogs } from "../../lib/log/keyed/keyed_logs.ts";

const MESSAGES = 1_000_000;
const BATCH = 1000;

/** Fills a log as one of two nodes does, which acknowledge in batches. */
function filled(messages: number): KeyedLogs {
  const logs = new KeyedLogs({ node: 0, nodeCount: 2, nodeOf: Number });
  for (let index = 1; index <= messages; index++) {
    logs.deliver(logs.entry("k", `message ${index}`), { origin: "0", index });
    if (index % BATCH === 0) logs.acknowledged("1", { origin: "0", upTo: index });
  }
  return logs;
}

const logs = filled(MESSAGES);
let from = 0;

Deno.bench("a page of 1000 messages out of a million", () => {
  from = (from + 999_983) % (2 * MESSAGES);
  logs.poll({ k: from });
});

Deno.bench("100,000 messages sent, acknowledged and made stable", () => {
  if (filled(100_000).outstanding > 0) throw new Error("not all were acknowledged");
});
