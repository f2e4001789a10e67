import { assert, assertEquals } from "@std/assert";
import { KeyedLog } from "../../lib/log/keyed/keyed_log.ts";
import { KeyedLogs, type SendEntry } from "../../lib/log/keyed/keyed_logs.ts";
import { pages } from "../../lib/log/keyed/poll_pages.ts";
import { forSeeds } from "../seeds.ts";

Deno.test("each node assigns offsets of its own residue class, above all that it has seen", () => {
  const logs = [0, 1, 2].map((node) => new KeyedLog({ node, nodeCount: 3 }));
  assertEquals(logs.map(({ next }) => next), [0, 1, 2]);
  for (const log of logs) log.add([4, "x"], 1);
  assertEquals(logs.map(({ next }) => next), [6, 7, 5]);
});

Deno.test("a message is stable once every other node has seen its offset", () => {
  const log = new KeyedLog({ node: 0, nodeCount: 3 });
  log.add([3, "own"], 0);
  log.advance(1, 3);
  assertEquals(log.stable, []);
  log.advance(2, 2);
  assertEquals(log.stable, []);
  log.add([2, "other"], 2);
  assertEquals(log.stable, [[2, "other"]]);
  log.advance(2, 5);
  assertEquals([log.stable, log.unstableCount], [[[2, "other"], [3, "own"]], 0]);
});

Deno.test("a summary of logs has the latest keys, with their highest or stable offsets", () => {
  const logs = new KeyedLogs({ node: 0, nodeCount: 3, nodeOf: Number });
  assertEquals(logs.summary(2, "highest"), {});
  for (const [i, key] of ["k", "l", "m", "k"].entries()) {
    logs.deliver(logs.entry(key, i), { origin: "1", index: i + 1 });
  }
  assertEquals(Object.keys(logs.summary(2, "highest")), ["l", "m"]);
  assertEquals(logs.summary(2, "stable"), { l: -1, m: -1 });
  logs.acknowledged("2", { origin: "1", upTo: 4 });
  assertEquals(logs.summary(5, "stable"), logs.summary(5, "highest"));
});

Deno.test("with two nodes, a message is stable at its receiver at once", () => {
  const log = new KeyedLog({ node: 0, nodeCount: 2 });
  log.add([1, "x"], 1);
  assertEquals(log.stable, [[1, "x"]]);
});

Deno.test("an offset that was assigned twice is inserted at its place among stable messages", () => {
  const log = new KeyedLog({ node: 0, nodeCount: 2 });
  for (const offset of [1, 3, 5]) log.add([offset, offset], 1);
  log.add([3, "again"], 1);
  assertEquals(log.stable.map(([, message]) => message), [1, 3, "again", 5]);
});

Deno.test("an offset that was assigned twice is inserted at its place among unstable messages", () => {
  const log = new KeyedLog({ node: 0, nodeCount: 3 });
  for (const offset of [1, 4, 7]) log.add([offset, offset], 1);
  log.add([4, "again"], 1);
  assertEquals([log.stable, log.unstableCount], [[], 4]);
  log.advance(2, 8);
  assertEquals(log.stable.map(([, message]) => message), [1, 4, "again", 7]);
});

Deno.test("many messages that become stable at once keep their order", () => {
  const log = new KeyedLog({ node: 0, nodeCount: 2 });
  for (let i = 0; i < 10_000; i++) log.add([2 * i, i], 0);
  assertEquals(log.unstableCount, 10_000);
  for (let upTo = 0; upTo < 20_000; upTo += 1234) log.advance(1, upTo);
  log.advance(1, 20_000);
  assertEquals(log.stable.map(([, i]) => i), Array.from({ length: 10_000 }, (_, i) => i));
});

Deno.test("every node shows a prefix of the final log, for random writes and acknowledgements", async () => {
  await forSeeds({ slice: 50, full: 5000 }, (random) => {
    const nodes = 2 + random.below(3);
    const sites = Array.from({ length: nodes }, (_, node) => ({
      logs: new KeyedLogs({ node, nodeCount: nodes, nodeOf: Number }),
      known: Array.from({ length: nodes }, () => 0),
    }));
    const history: { entry?: SendEntry; ack?: [of: number, upTo: number] }[][] = sites.map(() => []);
    const take = (reader: number, author: number): boolean => { // one entry of the author's log, if there is one
      const site = sites[reader];
      const item = history[author]?.[site?.known[author] ?? 0];
      if (site === undefined || item === undefined) return false;
      if (item.ack !== undefined && (site.known[item.ack[0]] ?? 0) < item.ack[1]) return false;
      const index = site.known[author] = (site.known[author] ?? 0) + 1;
      if (item.entry !== undefined) site.logs.deliver(item.entry, { origin: String(author), index });
      else if (item.ack !== undefined) {
        site.logs.acknowledged(String(author), { origin: String(item.ack[0]), upTo: item.ack[1] });
      }
      return true;
    };
    const shown: string[] = [];
    const show = (node: number) => {
      const page = sites[node]?.logs.poll({ k: 0 })["k"] ?? [];
      shown.push(page.map(([offset, message]) => `${offset}=${message};`).join(""));
    };
    for (let step = 0; step < 150; step++) {
      const node = random.below(nodes);
      const other = random.below(nodes);
      const site = sites[node];
      if (site === undefined) continue;
      if (other !== node && random.chance(0.7)) {
        if (take(node, other)) {
          history[node]?.push({ ack: [other, site.known[other] ?? 0] });
          take(node, node);
        }
      } else {
        history[node]?.push({ entry: site.logs.entry("k", step) });
        take(node, node);
      }
      show(node);
    }
    for (let round = 0; round < 3; round++) { // all nodes learn everything, and then that all have
      for (let reader = 0; reader < nodes; reader++) {
        for (let pass = 0; pass < nodes; pass++) { // some entries wait for entries of other logs
          for (let author = 0; author < nodes; author++) while (take(reader, author));
        }
        for (let author = 0; author < nodes; author++) {
          if (author === reader) continue;
          history[reader]?.push({ ack: [author, sites[reader]?.known[author] ?? 0] });
          take(reader, reader);
        }
      }
    }
    for (let node = 0; node < nodes; node++) show(node);
    const longest = shown.reduce((a, b) => a.length >= b.length ? a : b);
    for (const log of shown) assert(longest.startsWith(log), `${log} is not a prefix of ${longest}`);
    const sends = history.flat().filter(({ entry }) => entry !== undefined).length;
    assertEquals(longest.split(";").length - 1, sends, "all messages are shown in the end");
  });
});

Deno.test("sends that all nodes have acknowledged are dropped", () => {
  const logs = new KeyedLogs({ node: 0, nodeCount: 3, nodeOf: Number });
  for (let i = 1; i <= 100; i++) logs.deliver(logs.entry("k", i), { origin: "0", index: i });
  assertEquals(logs.outstanding, 100);
  logs.acknowledged("1", { origin: "0", upTo: 80 });
  assertEquals([logs.outstanding, logs.acknowledgedByAll("0")], [100, 0]);
  logs.acknowledged("2", { origin: "0", upTo: 30 });
  assertEquals([logs.outstanding, logs.acknowledgedByAll("0")], [70, 30]);
  logs.acknowledged("2", { origin: "0", upTo: 100 });
  logs.acknowledged("1", { origin: "0", upTo: 100 });
  assertEquals([logs.outstanding, logs.acknowledgedByAll("0")], [0, 100]);
  logs.deliver(["k", [301, "another's"]], { origin: "1", index: 1 });
  assertEquals(logs.outstanding, 1);
  logs.acknowledged("2", { origin: "1", upTo: 1 });
  assertEquals(logs.outstanding, 0, "its author and this node have it anyway");
});

function stableLog(messages: readonly string[]): KeyedLog {
  const log = new KeyedLog({ node: 0, nodeCount: 1 });
  messages.forEach((message, i) => log.add([i, message], 0));
  return log;
}

Deno.test("a page has a maximum number of messages, and the next page continues it", () => {
  const log = stableLog(Array.from({ length: 25 }, (_, i) => `${i}`));
  const limits = { messagesMax: 10, bytesMax: 1e6 };
  const sizes = [0, 10, 20, 25].map((from) => pages([["k", log, from]], limits)["k"]?.length);
  assertEquals(sizes, [10, 10, 5, undefined]);
});

Deno.test("bytes are divided among keys, so one large message does not exclude the others", () => {
  const large = stableLog(["x".repeat(10_000), "y"]);
  const small = stableLog(Array.from({ length: 100 }, () => "z".repeat(90)));
  const limits = { messagesMax: 1000, bytesMax: 12_000 };
  const page = pages([["large", large, 0], ["small", small, 0]], limits);
  assertEquals(page["large"]?.length, 1);
  assert((page["small"]?.length ?? 0) >= 10);
  const none = pages([["large", large, 0], ["large2", large, 0], ["small", small, 0]], {
    ...limits,
    bytesMax: 100,
  });
  assertEquals([none["large"]?.length, none["large2"]?.length], [1, undefined], "there is always one");
});
