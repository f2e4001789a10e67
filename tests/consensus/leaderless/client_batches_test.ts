import { assertEquals } from "@std/assert";
import { ClientBatches } from "../../../lib/consensus/leaderless/client_batches.ts";

const SETTINGS = { requestTimeoutMs: 100, pendingMax: 3, batchIntervalMs: 0 };

Deno.test("a batch holds all requests since the last one, and their results go back to them", () => {
  const clients = new ClientBatches(SETTINGS, 0);
  assertEquals(clients.submit("a", 0), 1);
  assertEquals(clients.submit("b", 0), 2);
  assertEquals(clients.takeBatch(() => "n0.1", 0), ["a", "b"]);
  assertEquals(clients.takeBatch(() => "n0.2", 0), undefined);
  clients.settle("n0.1", ["A", "B"]);
  assertEquals(clients.takeCompleted(), [
    { id: 1, outcome: { kind: "result", result: "A" } },
    { id: 2, outcome: { kind: "result", result: "B" } },
  ]);
  assertEquals(clients.pending, 0);
});

Deno.test("the requests of an instance that became no operation are proposed again", () => {
  const clients = new ClientBatches(SETTINGS, 0);
  clients.submit("a", 0);
  clients.takeBatch(() => "n0.1", 0);
  clients.settle("n0.1", undefined);
  assertEquals(clients.takeBatch(() => "n0.2", 1), ["a"]);
});

Deno.test("a request that times out is not proposed, and a late result is dropped", () => {
  const clients = new ClientBatches(SETTINGS, 0);
  assertEquals(clients.submit("a", 0), 1);
  clients.takeBatch(() => "n0.1", 0);
  clients.submit("b", 50);
  clients.expire(100);
  clients.settle("n0.1", ["A"]);
  assertEquals(clients.takeCompleted(), [{ id: 1, outcome: { kind: "timed_out" } }]);
  clients.expire(150);
  assertEquals(clients.takeBatch(() => "n0.2", 150), undefined);
});

Deno.test("requests beyond the limit are refused, and batches keep their interval", () => {
  const clients = new ClientBatches({ ...SETTINGS, batchIntervalMs: 10 }, 0);
  assertEquals(clients.nextBatchAt, Infinity);
  assertEquals([1, 2, 3, 4].map((each) => clients.submit(each, 0)), [1, 2, 3, undefined]);
  for (let i = 1; clients.takeBatch(() => `n0.${i}`, 0) !== undefined; i++) {
    clients.settle(`n0.${i}`, [null, null, null]);
    clients.submit("more", 0);
  }
  assertEquals(clients.nextBatchAt, 10);
  assertEquals(clients.takeBatch(() => "n0.9", 10), ["more"]);
});
