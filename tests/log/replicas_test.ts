import { assert, assertEquals } from "@std/assert";
import type { Replica } from "../../lib/gossip/replica.ts";
import { CompositeReplica } from "../../lib/log/composite_replica.ts";
import { CommittedOffsets } from "../../lib/log/keyed/committed_offsets.ts";
import { OriginLogs } from "../../lib/log/origin_logs.ts";
import { BYTES_PER_CREDIT, SizeLimitedLogs } from "../../lib/log/size_limited_logs.ts";
import { estimateJsonBytes } from "../../lib/log/json_size.ts";
import { forSeeds } from "../seeds.ts";

/** Sends one replica the changes it lacks, at most `sizeMax` per origin. Returns true if it lacked any. */
function pass(from: Replica, to: Replica, sizeMax: number): boolean {
  let lacked = false;
  for (const [origin, count] of from.vector) {
    const after = to.vector.get(origin) ?? 0;
    if (after >= count) continue;
    const { payload, upTo } = from.delta(origin, after, sizeMax);
    assert(upTo > after, "a delta has at least one change");
    to.merge(origin, JSON.parse(JSON.stringify(payload)));
    assertEquals(to.vector.get(origin), upTo);
    lacked = true;
  }
  return lacked;
}

Deno.test("commits merge by maximum in any order of arrival, and none is lost", async () => {
  await forSeeds({ slice: 50, full: 5000 }, (random) => {
    const replicas = ["a", "b", "c"].map((name) => new CommittedOffsets(name, () => {}));
    const highest = new Map<string, number>();
    for (let i = 0; i < 60; i++) {
      const replica = random.pick(replicas);
      if (random.chance(0.5)) {
        const [key, offset] = [random.pick(["k", "l", "m"]), random.below(100)];
        replica.commit(key, offset);
        highest.set(key, Math.max(offset, highest.get(key) ?? 0));
      } else pass(random.pick(replicas), replica, 1 + random.below(3));
    }
    const round = () =>
      replicas.map((to) => replicas.map((from) => pass(from, to, 2)).includes(true)).includes(true);
    while (round());
    for (const replica of replicas) {
      for (const [key, offset] of highest) assertEquals(replica.get(key), offset);
    }
  });
});

Deno.test("the size of commits depends on the number of keys, not of commits", () => {
  const commits = new CommittedOffsets("a", () => {});
  for (let offset = 0; offset < 1000; offset++) commits.commit("k", offset);
  assertEquals(commits.delta("a", 0, 10), { payload: [0, 1000, ["k", 999]], upTo: 1000, size: 1 });
  assertEquals(commits.commit("k", 5), false);
});

Deno.test("a summary of commits has the latest keys, with their highest offsets", () => {
  const commits = new CommittedOffsets("a", () => {});
  assertEquals(commits.summary(2), {});
  for (const [key, offset] of [["k", 1], ["l", 2], ["m", 3], ["k", 9], ["l", 1], ["l", 4]] as const) {
    commits.commit(key, offset);
  }
  assertEquals(commits.summary(2), { l: 4, m: 3 });
  assertEquals(commits.summary(5), { k: 9, l: 4, m: 3 });
});

Deno.test("commits with a gap and malformed commits change nothing", () => {
  const commits = new CommittedOffsets("a", () => {});
  for (
    const payload of [null, [], [1, 2, ["k", 1]], [0, 0, ["k", 1]], [0, 1, ["k", -1]], [0, 1, ["k"]], [
      0,
      0.5,
    ]]
  ) {
    commits.merge("b", payload);
  }
  assertEquals([commits.get("k"), [...commits.vector]], [undefined, []]);
});

Deno.test("a large entry counts as many changes, and a delta has at least one entry", () => {
  const logs = new OriginLogs({ origin: "a", deliver: () => {} });
  const limited = new SizeLimitedLogs(logs);
  for (let i = 0; i < 10; i++) logs.append("x".repeat(10 * BYTES_PER_CREDIT - 2));
  assertEquals(limited.delta("a", 0, 35).upTo, 3);
  assertEquals(limited.delta("a", 3, 1).upTo, 4);
  assertEquals(limited.delta("a", 9, 1000), {
    payload: [9, "x".repeat(10 * BYTES_PER_CREDIT - 2)],
    upTo: 10,
    size: 10,
  });
  assertEquals(limited.merge("b", [0, "x", "y"]), logs.vector.get("b"), "the count that it reached");
});

Deno.test("the estimated size is near the length of the JSON", () => {
  for (
    const value of ["", "abc", [1, 2, "x"], { a: [null, true], b: "y".repeat(100) }, [["k", [12, "message"]]]]
  ) {
    const length = JSON.stringify(value).length;
    assert(
      Math.abs(estimateJsonBytes(value) - length) <= 8 + length,
      `${JSON.stringify(value)} is estimated at ${estimateJsonBytes(value)}`,
    );
    assert(estimateJsonBytes(value) >= length / 2);
  }
});

Deno.test("a composite replica passes each origin to the replica that it belongs to", () => {
  const logs = new OriginLogs({ origin: "a", deliver: () => {} });
  const commits = new CommittedOffsets("a+", () => {});
  const composite = new CompositeReplica([logs, commits], (origin) => origin.endsWith("+") ? commits : logs);
  logs.append("x");
  commits.commit("k", 4);
  composite.merge("b+", [0, 3, ["k", 7]]);
  composite.merge("b", [0, "y"]);
  assertEquals(Object.fromEntries(composite.vector), { "a": 1, "a+": 1, "b": 1, "b+": 3 });
  assertEquals(["a", "a+", "b", "b+"].map((origin) => composite.isOwn(origin)), [true, true, false, false]);
  assertEquals(composite.delta("b", 0, 9).payload, [0, "y"]);
  assertEquals(commits.get("k"), 7);
  const { vector } = composite;
  assertEquals([vector.size, vector.get("b+"), vector.has("a"), vector.has("c")], [4, 3, true, false]);
  assertEquals([[...vector.keys()].sort(), [...vector.values()].sort()], [["a", "a+", "b", "b+"], [
    1,
    1,
    1,
    3,
  ]]);
  const visited: string[] = [];
  vector.forEach((count, origin) => visited.push(`${origin} ${count}`));
  assertEquals(visited.sort(), ["a 1", "a+ 1", "b 1", "b+ 3"]);
  logs.append("y");
  assertEquals(new Map(vector.entries()).get("a"), 2, "the vector is a live view");
});
