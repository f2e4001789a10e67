import { assertEquals } from "@std/assert";
import {
  checkKafka,
  type History,
  readKafkaHistory,
  realtimeLag,
  toJepsen,
} from "../../../lib/checkers/mod.ts";
import { historyOf } from "../simulated.ts";
import { assign, poll, send, txn } from "./drafts.ts";

Deno.test("a poll's lag is the time since its last message was known not to be the last", () => {
  const history: History = historyOf([
    ...assign(0, "x"), // at 0 and 1 ms
    ...poll(0, { x: [] }),
    ...send(0, "x", "a", 0), // acknowledged at 5 ms
    ...poll(0, { x: [] }), // invoked at 6 ms: behind since 5
    ...txn(1, "ok", ["send", "x", [2, "c"]], ["send", "x", [3, "d"]]), // at 9 ms all below 3 is known to exist
    ...poll(0, {}), // at 10 ms: still behind since 5
    ...poll(0, { x: [[0, "a"], [1, "b"]] }), // at 12 ms: behind since 9
    ...assign(0, "x", "y"),
    ...poll(0, {}), // at 16 ms: x is kept, y has nothing yet
    ...assign(0, "y"),
    ...assign(0, "x"),
    ...poll(0, {}), // at 22 ms: x was revoked and starts again
    ...txn(0, "ok", ["poll", { x: [[0, "a"], [1, "b"]] }], ["poll", { x: [[2, "c"], [3, "d"]] }]),
    ...send(1, "x", "b", null),
  ]);
  const { operations } = readKafkaHistory(history);
  const lags = realtimeLag(operations).filter(({ process }) => process === 0);
  assertEquals(
    lags.map(({ time, key, lag }) => [time / 1e6, key, lag / 1e6]),
    [[2, "x", 0], [6, "x", 1], [10, "x", 5], [12, "x", 3], [16, "x", 7], [16, "y", 0], [22, "x", 17], [
      24,
      "x",
      0,
    ]],
  );
  assertEquals(toJepsen(checkKafka(history))["worst-realtime-lag"], {
    time: 0.022,
    process: 0,
    key: "x",
    lag: 0.017,
  });
});

Deno.test("a send without an offset gives the process no lag on its key", () => {
  const history = historyOf([
    ...send(1, "x", "a", 5),
    ...txn(0, "ok", ["send", "x", "b"], ["poll", {}]),
    ...poll(0, {}),
  ]);
  assertEquals(realtimeLag(readKafkaHistory(history).operations), []);
});
