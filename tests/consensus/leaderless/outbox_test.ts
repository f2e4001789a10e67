import { assertEquals } from "@std/assert";
import { Outbox } from "../../../lib/consensus/leaderless/outbox.ts";

Deno.test("a part that can wait rides with the next message to its node", () => {
  const outbox = new Outbox<string>();
  outbox.sendLater("n1", "commit", 0);
  outbox.sendLater("n2", "commit", 10);
  assertEquals([...outbox.take(20)], []);
  outbox.send("n1", "vote");
  assertEquals([...outbox.take(30)], [["n1", ["vote", "commit"]]]);
});

Deno.test("a part is sent alone if no message takes it along", () => {
  const outbox = new Outbox<string>();
  assertEquals(outbox.deadline, Infinity);
  outbox.sendLater("n1", "first", 0);
  outbox.sendLater("n1", "second", 40);
  assertEquals(outbox.deadline, 50);
  assertEquals([...outbox.take(50)], [["n1", ["first", "second"]]]);
  assertEquals([[...outbox.take(60)], outbox.deadline], [[], Infinity]);
});
