import { assert, assertEquals } from "@std/assert";
import { TokenBucket } from "../../lib/consensus/token_bucket.ts";

/** When batches go, if something to send arrives every `eachMs` and waits where it must. */
function batches({ everyMs, eachMs, count }: Record<"everyMs" | "eachMs" | "count", number>): number[] {
  const bucket = new TokenBucket(everyMs, 0);
  const sent: number[] = [];
  for (let i = 0; i < count; i++) {
    if (!bucket.hasToken(i * eachMs)) continue;
    bucket.take(i * eachMs);
    sent.push(i * eachMs);
  }
  return sent;
}

Deno.test("who has little to send never waits", () => {
  assertEquals(batches({ everyMs: 8, eachMs: 8, count: 1000 }).length, 1000);
});

Deno.test("who has much to send gathers: a few at once, then one batch each interval", () => {
  const sent = batches({ everyMs: 8, eachMs: 1, count: 1000 });
  assertEquals(sent.slice(0, 4), [0, 1, 2, 3]);
  assert(sent.length >= 125 && sent.length <= 130, `${sent.length} batches in a second`);
});

Deno.test("without an interval nothing is gathered", () => {
  assertEquals(batches({ everyMs: 0, eachMs: 0, count: 1000 }).length, 1000);
});

Deno.test("when it is not ready, it says when it will be", () => {
  const bucket = new TokenBucket(8, 0);
  for (let i = 0; i < 4; i++) bucket.take(0);
  assertEquals([bucket.hasToken(7.9), bucket.nextTokenAt, bucket.hasToken(8)], [false, 8, true]);
});
