import { assertEquals } from "@std/assert";
import { ClientRequests } from "../../lib/consensus/client_requests.ts";

const settings = { resendMs: 100, timeoutMs: 1000, forwardedMax: 2, pendingMax: 5 };
const leader = { leader: "b", term: 1 };

function requests(): ClientRequests {
  const made = new ClientRequests("a.1", settings);
  made.onRegistered(7);
  return made;
}

const take = (made: ClientRequests, now: number, to = leader) => made.drain(to, { from: "a", now });

Deno.test("what came in one turn travels in as few messages as the limit allows", () => {
  const made = requests();
  for (let i = 0; i < 3; i++) made.submit(i, { kind: "write", now: 0 });
  assertEquals(take(made, 0).map(({ requests, seq }) => [seq, requests.length]), [[1, 2], [2, 1]]);
  assertEquals(take(made, 0), []);
});

Deno.test("requests wait while nobody leads, and for a session if they may change something", () => {
  const made = new ClientRequests("a.1", settings);
  made.submit("w", { kind: "write", now: 0 });
  made.submit("r", { kind: "read", now: 0 });
  assertEquals(made.drain(undefined, { from: "a", now: 0 }), []);
  assertEquals(take(made, 0).map(({ register, requests }) => [register, requests.length]), [[true, 1]]);
  made.onRegistered(9);
  assertEquals(take(made, 1).map(({ session, requests }) => [session, requests]), [[9, [[1, 1, "w"]]]]);
});

Deno.test("what is not answered is sent again, also to the next leader", () => {
  const made = requests();
  made.submit("w", { kind: "write", now: 0 });
  take(made, 0);
  assertEquals(take(made, 99), []);
  assertEquals(take(made, 150)[0]?.requests, [[1, 2, "w"]]);
  assertEquals(take(made, 151, { leader: "c", term: 2 })[0]?.requests, [[1, 3, "w"]]);
});

Deno.test("an answer without the log is dropped once there was a second copy", () => {
  const made = requests();
  made.submit("cas", { kind: "conditional", now: 0 });
  take(made, 0);
  take(made, 150);
  made.complete([1, 1, { kind: "result", result: "failed" }]);
  assertEquals(made.takeAnswers(), []);
  made.complete([1, 0, { kind: "result", result: "done" }]);
  assertEquals(made.takeAnswers(), [{ id: 1, outcome: { kind: "result", result: "done" } }]);
});

Deno.test("a read is done with the answer to any of its copies", () => {
  const made = requests();
  made.submit("r", { kind: "read", now: 0 });
  take(made, 0);
  take(made, 150);
  made.complete([1, 1, { kind: "result", result: 5 }]);
  assertEquals(made.takeAnswers(), [{ id: 1, outcome: { kind: "result", result: 5 } }]);
});

Deno.test("a request is given up after its time, and the next ones say so to the leader", () => {
  const made = requests();
  made.submit("old", { kind: "write", now: 0 });
  take(made, 0);
  take(made, 1000);
  assertEquals(made.takeAnswers(), [{ id: 1, outcome: { kind: "timed_out" } }]);
  made.submit("new", { kind: "write", now: 1000 });
  assertEquals(take(made, 1000)[0]?.lowestPending, 2);
});

Deno.test("past the limit requests are refused", () => {
  const made = requests();
  for (let i = 0; i < 5; i++) made.submit(i, { kind: "write", now: 0 });
  assertEquals(made.submit(5, { kind: "write", now: 0 }), undefined);
});

Deno.test("when the session has expired, what was sent in it is not sent in another", () => {
  const made = requests();
  made.submit("sent", { kind: "write", now: 0 });
  take(made, 0);
  made.submit("unsent", { kind: "write", now: 1 });
  made.complete([1, 0, { kind: "expired" }]);
  assertEquals(made.takeAnswers(), [{ id: 1, outcome: { kind: "unknown" } }]);
  assertEquals(take(made, 2).map(({ register, requests }) => [register, requests.length]), [[true, 0]]);
  made.onRegistered(20);
  made.onRegistered(7); // late: it is the one that has expired
  assertEquals(take(made, 3).map(({ session, requests }) => [session, requests]), [[20, [[2, 1, "unsent"]]]]);
});
