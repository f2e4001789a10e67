import { assert, assertEquals } from "@std/assert";
import { TokenBucket } from "../../lib/consensus/token_bucket.ts";

/** Returns the times at which tokens are taken, if one is needed every `eachMs` and skipped unless it is there. */
function taken(intervalMs: number, eachMs: number, count: number): number[] {
  const bucket = new TokenBucket(intervalMs, 0);
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    if (!bucket.hasToken(i * eachMs)) continue;
    bucket.take(i * eachMs);
    times.push(i * eachMs);
  }
  return times;
}

Deno.test("TokenBucket: below the rate, nothing is delayed", () => {
  assertEquals(taken(8, 8, 1000).length, 1000);
});

Deno.test("TokenBucket: above the rate, a burst passes at once, then one per interval", () => {
  const times = taken(8, 1, 1000);
  assertEquals(times.slice(0, 4), [0, 1, 2, 3]);
  assert(times.length >= 125 && times.length <= 130, `${times.length} tokens in a second`);
});

Deno.test("TokenBucket: without an interval, nothing is delayed", () => {
  assertEquals(taken(0, 0, 1000).length, 1000);
});

Deno.test("TokenBucket: without a token, nextTokenAt is the time of the next one", () => {
  const bucket = new TokenBucket(8, 0);
  for (let i = 0; i < 4; i++) bucket.take(0);
  assertEquals([bucket.hasToken(7.9), bucket.nextTokenAt, bucket.hasToken(8)], [false, 8, true]);
});

Deno.test("TokenBucket: a token taken in advance returns the time to wait for it", () => {
  const bucket = new TokenBucket(0.5, 0, 2);
  assertEquals([bucket.take(0), bucket.take(0), bucket.take(0), bucket.take(0)], [0, 0, 0.5, 1]);
  assertEquals(bucket.take(1.5), 0);
});
