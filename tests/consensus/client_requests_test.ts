import { assertEquals } from "@std/assert";
import { ClientRequests } from "../../lib/consensus/client_requests.ts";

const settings = { resendMs: 100, timeoutMs: 1000, forwardedMax: 2, pendingMax: 5 };
const leader = { leader: "b", term: 1 };

function requests(): ClientRequests {
  const made = new ClientRequests("a.1", settings);
  made.onRegistered(7);
  return made;
}

const take = (made: ClientRequests, now: number, to = leader) => made.drain(to, "a", now);

Deno.test("the requests of one turn travel in as few messages as the limit allows", () => {
  const made = requests();
  for (let i = 0; i < 3; i++) made.submit(i, "write", 0);
  assertEquals(take(made, 0).map(({ requests, seq }) => [seq, requests.length]), [[1, 2], [2, 1]]);
  assertEquals(take(made, 0), []);
});

Deno.test("requests wait for a leader, and those that can change something wait for a session", () => {
  const made = new ClientRequests("a.1", settings);
  made.submit("w", "write", 0);
  made.submit("r", "read", 0);
  assertEquals(made.drain(undefined, "a", 0), []);
  assertEquals(take(made, 0).map(({ register, requests }) => [register, requests.length]), [[true, 1]]);
  made.onRegistered(9);
  assertEquals(take(made, 1).map(({ session, requests }) => [session, requests]), [[9, [[1, 1, "w"]]]]);
});

Deno.test("a request that expires without a leader is not kept for the next one", () => {
  const made = requests();
  made.submit("w", "write", 0);
  assertEquals(made.hasUnsent, true);
  made.drain(undefined, "a", 1000);
  assertEquals(made.takeCompleted(), [{ id: 1, outcome: { kind: "timed_out" } }]);
  assertEquals(made.hasUnsent, false);
});

Deno.test("a request without a result is sent again, also to the next leader", () => {
  const made = requests();
  made.submit("w", "write", 0);
  take(made, 0);
  assertEquals(take(made, 99), []);
  assertEquals(take(made, 150)[0]?.requests, [[1, 2, "w"]]);
  assertEquals(take(made, 151, { leader: "c", term: 2 })[0]?.requests, [[1, 3, "w"]]);
});

Deno.test("a result without the log is dropped after the request was sent a second time", () => {
  const made = requests();
  made.submit("cas", "conditional", 0);
  take(made, 0);
  take(made, 150);
  made.complete([1, 1, { kind: "result", result: "failed" }]);
  assertEquals(made.takeCompleted(), []);
  made.complete([1, 0, { kind: "result", result: "done" }]);
  assertEquals(made.takeCompleted(), [{ id: 1, outcome: { kind: "result", result: "done" } }]);
});

Deno.test("a read is completed by the result of any of its copies", () => {
  const made = requests();
  made.submit("r", "read", 0);
  take(made, 0);
  take(made, 150);
  made.complete([1, 1, { kind: "result", result: 5 }]);
  assertEquals(made.takeCompleted(), [{ id: 1, outcome: { kind: "result", result: 5 } }]);
});

Deno.test("a request times out, and later messages tell the leader that it is not pending", () => {
  const made = requests();
  made.submit("old", "write", 0);
  take(made, 0);
  take(made, 1000);
  assertEquals(made.takeCompleted(), [{ id: 1, outcome: { kind: "timed_out" } }]);
  made.submit("new", "write", 1000);
  assertEquals(take(made, 1000)[0]?.lowestPending, 2);
});

Deno.test("requests above the limit are refused", () => {
  const made = requests();
  for (let i = 0; i < 5; i++) made.submit(i, "write", 0);
  assertEquals(made.submit(5, "write", 0), undefined);
});

Deno.test("requests sent in an expired session are not sent in another one", () => {
  const made = requests();
  made.submit("sent", "write", 0);
  take(made, 0);
  made.submit("unsent", "write", 1);
  made.complete([1, 0, { kind: "expired" }]);
  assertEquals(made.takeCompleted(), [{ id: 1, outcome: { kind: "unknown" } }]);
  assertEquals(take(made, 2).map(({ register, requests }) => [register, requests.length]), [[true, 0]]);
  made.onRegistered(20);
  made.onRegistered(7); // late: that session has expired
  assertEquals(take(made, 3).map(({ session, requests }) => [session, requests]), [[20, [[2, 1, "unsent"]]]]);
});

Deno.test("a request times out at its time, between two checks of what must be sent again", () => {
  const made = new ClientRequests("a.1", { ...settings, timeoutMs: 170 });
  made.submit("w", "write", 0);
  for (let now = 0; now < 170; now = made.deadline) {
    made.drain(undefined, "a", now);
    assertEquals(made.takeCompleted(), []);
  }
  assertEquals(made.deadline, 170);
  made.drain(undefined, "a", 170);
  assertEquals(made.takeCompleted(), [{ id: 1, outcome: { kind: "timed_out" } }]);
});
