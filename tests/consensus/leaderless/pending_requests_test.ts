import { assertEquals } from "@std/assert";
import { PendingRequests } from "../../../lib/consensus/leaderless/pending_requests.ts";

const SETTINGS = { requestTimeoutMs: 100, pendingMax: 3 };

/** Assigns all requests that wait to an instance, and returns their commands. */
function propose(requests: PendingRequests, instance: string) {
  const ids = requests.takeUnproposed();
  requests.assign(instance, ids);
  return requests.commandsOf(ids);
}

Deno.test("an instance takes all requests since the last one, and their results go back to them", () => {
  const requests = new PendingRequests(SETTINGS);
  assertEquals([requests.submit("a", 0), requests.submit("b", 0)], [1, 2]);
  assertEquals(propose(requests, "n0.1"), ["a", "b"]);
  assertEquals(requests.hasUnproposed, false);
  assertEquals(requests.requestsOf("n0.1"), [1, 2]);
  requests.settle("n0.1", ["A", "B"]);
  assertEquals(requests.takeCompleted(), [
    { id: 1, outcome: { kind: "result", result: "A" } },
    { id: 2, outcome: { kind: "result", result: "B" } },
  ]);
  assertEquals([requests.size, requests.requestsOf("n0.1")], [0, undefined]);
});

Deno.test("the requests of an instance that became no operation are proposed again", () => {
  const requests = new PendingRequests(SETTINGS);
  requests.submit("a", 0);
  propose(requests, "n0.1");
  requests.submit("b", 50);
  requests.settle("n0.1", undefined);
  assertEquals(propose(requests, "n0.2"), ["b", "a"]);
});

Deno.test("a request that times out is not proposed, and a late result is dropped", () => {
  const requests = new PendingRequests(SETTINGS);
  requests.submit("a", 0);
  propose(requests, "n0.1");
  requests.submit("b", 50);
  requests.expire(100);
  requests.settle("n0.1", ["A"]);
  assertEquals(requests.takeCompleted(), [{ id: 1, outcome: { kind: "timed_out" } }]);
  assertEquals(requests.hasUnproposed, true);
  requests.expire(150);
  assertEquals(requests.takeCompleted(), [{ id: 2, outcome: { kind: "timed_out" } }]);
  assertEquals([requests.hasUnproposed, requests.takeUnproposed()], [false, []]);
});

Deno.test("a request that times out before its instance became no operation is not proposed again", () => {
  const requests = new PendingRequests(SETTINGS);
  requests.submit("a", 0);
  propose(requests, "n0.1");
  requests.expire(100);
  requests.settle("n0.1", undefined);
  assertEquals(requests.hasUnproposed, false);
});

Deno.test("requests beyond the limit are refused", () => {
  const requests = new PendingRequests(SETTINGS);
  assertEquals([1, 2, 3, 4].map((each) => requests.submit(each, 0)), [1, 2, 3, undefined]);
  requests.expire(100);
  assertEquals(requests.submit(5, 100), 4);
});
