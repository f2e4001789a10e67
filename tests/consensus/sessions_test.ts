import { assertEquals } from "@std/assert";
import { Sessions } from "../../lib/consensus/mod.ts";

function counting() {
  let count = 0;
  return () => ++count;
}

const register = (client: string) => ({ kind: "register", client } as const);
const command = (session: number, serial: number, lowestPending = 1) =>
  ({ kind: "command", session, serial, lowestPending, command: null }) as const;

Deno.test("a command that is proposed twice is applied once, with the same result twice", () => {
  const sessions = new Sessions(10);
  const apply = counting();
  assertEquals(sessions.execute(1, register("a"), apply), { kind: "registered", session: 1 });
  assertEquals(sessions.execute(2, command(1, 1), apply), { kind: "result", result: 1 });
  assertEquals(sessions.execute(3, command(1, 2), apply), { kind: "result", result: 2 });
  assertEquals(sessions.execute(4, command(1, 1), apply), { kind: "result", result: 1 });
  assertEquals(apply(), 3);
});

Deno.test("a command that its client has abandoned is not applied", () => {
  const sessions = new Sessions(10);
  const apply = counting();
  sessions.execute(1, register("a"), apply);
  sessions.execute(2, command(1, 5, 4), apply);
  assertEquals(sessions.execute(3, command(1, 3), apply), { kind: "abandoned" });
  assertEquals(sessions.execute(4, command(1, 4), apply), { kind: "result", result: 2 });
});

Deno.test("a client that registers twice has one session", () => {
  const sessions = new Sessions(10);
  const apply = counting();
  sessions.execute(1, register("a"), apply);
  assertEquals(sessions.execute(2, register("a"), apply), { kind: "registered", session: 1 });
  assertEquals(sessions.size, 1);
});

Deno.test("the least recently used session expires, and its commands are not applied", () => {
  const sessions = new Sessions(2);
  const apply = counting();
  sessions.execute(1, register("a"), apply);
  sessions.execute(2, register("b"), apply);
  sessions.execute(3, command(1, 1), apply);
  sessions.execute(4, register("c"), apply);
  assertEquals(sessions.execute(5, command(2, 1), apply), { kind: "expired" });
  assertEquals(sessions.execute(6, command(1, 1), apply), { kind: "result", result: 1 });
});

Deno.test("sessions survive a snapshot, with their order of use", () => {
  const sessions = new Sessions(2);
  const apply = counting();
  sessions.execute(1, register("a"), apply);
  sessions.execute(2, register("b"), apply);
  sessions.execute(3, command(1, 1), apply);
  const copy = new Sessions(2);
  copy.restore(JSON.parse(JSON.stringify(sessions.toRecords())));
  copy.execute(4, register("c"), apply);
  assertEquals(copy.execute(5, command(2, 1), apply), { kind: "expired" });
  assertEquals(copy.execute(6, command(1, 1), apply), { kind: "result", result: 1 });
});
