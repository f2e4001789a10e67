/** The clocks of an explored cluster keep their bound, and show every order of deadlines that the bound allows. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { ExploredTimers } from "../../../lib/bench/explore/timers.ts";
import { explore } from "../../../lib/bench/explore/explore.ts";
import { RpcError } from "../../../lib/protocol/errors.ts";
import type { Generator } from "../../../lib/bench/workloads/operations.ts";
import type { Node } from "../../../lib/runtime/node.ts";
import { forSeeds } from "../../seeds.ts";
import { scopeOf, stopped } from "./scopes.ts";

const NODES = ["n0", "n1", "n2"];

function timersOf(drift: number, delays: Readonly<Record<string, number>>): ExploredTimers {
  const timers = new ExploredTimers({ nodes: NODES, drift });
  for (const [node, delayMs] of Object.entries(delays)) {
    timers.start({ name: node, node, delayMs, fire: () => {} });
  }
  return timers;
}

Deno.test("without drift, all clocks show the deadline of the last timer", () => {
  const timers = timersOf(0, { n0: 0.1, n1: 0.3 });
  assertEquals(timers.take("n1").advancesTime, true);
  assertEquals(NODES.map((node) => timers.read(node)), [0.3, 0.3, 0.3]);
  assertEquals(timers.take("n0").advancesTime, false, "the timer is late");
});

Deno.test("a timer that fires shows its deadline, and the other clocks the least that they can", () => {
  const timers = timersOf(0.05, { n0: 105 });
  assertEquals(timers.take("n0").advancesTime, true);
  assertEquals([timers.nowMs, timers.read("n0")], [100, 105]);
  assertAlmostEquals(timers.read("n1"), 95);
});

Deno.test("a second fast clock needs no more time, unless it was read", () => {
  const fast = timersOf(0.05, { n0: 105, n1: 104 });
  fast.take("n0");
  assertEquals([fast.take("n1").advancesTime, fast.nowMs, fast.read("n1")], [false, 100, 104]);
  const bound = timersOf(0.05, { n0: 105, n1: 104 });
  bound.take("n0");
  assertAlmostEquals(bound.read("n1"), 95);
  assertEquals(bound.take("n1").advancesTime, true);
  assertAlmostEquals(bound.nowMs, 100 + 9 / 1.05);
});

Deno.test("clocks never run faster or slower than their bound, nor back", async () => {
  await forSeeds({ slice: 200, full: 5000 }, (random) => {
    const drift = random.next() / 2;
    const timers = new ExploredTimers({ nodes: NODES, drift });
    const seen = new Map<string, { ownMs: number; trueMs: number }>();
    for (let i = 0; i < 30; i++) {
      const node = random.pick(NODES);
      const before = seen.get(node) ?? { ownMs: 0, trueMs: 0 };
      if (random.chance(0.2)) timers.pass(timers.nowMs + random.next());
      const next = timers.nextOf(node);
      if (next !== undefined && random.chance(0.5)) timers.take(next.name);
      else timers.start({ name: `${i}`, node, delayMs: random.next(), fire: () => {} });
      const [ownMs, trueMs] = [timers.read(node), timers.nowMs];
      const [own, passed] = [ownMs - before.ownMs, trueMs - before.trueMs];
      assert(
        own >= passed * (1 - drift) - 1e-9 && own <= passed * (1 + drift) + 1e-9,
        `${own} in ${passed} ms`,
      );
      if (next !== undefined && !timers.get(next.name)) assert(ownMs >= next.atMs, "no timer fires early");
      seen.set(node, { ownMs, trueMs });
    }
  });
});

/**
 * A register at the second node, which holds a lease of 100 ms. The other one takes over when its own timer, which is longer by a factor,
 * fires.
 */
function leased(factor: number) {
  return (node: Node) => {
    const holdsFirst = node.id === "n1";
    const fromMs = node.now();
    let hasTakenOver = false;
    let value: number | undefined;
    if (holdsFirst) node.send("n0", { type: "lease" });
    node.on("lease", () => {
      node.after(100 * factor, () => void (hasTakenOver = true));
    });
    const check = () => {
      const holds = holdsFirst ? node.now() - fromMs < 100 : hasTakenOver;
      if (!holds) throw new RpcError(11, "the other node holds the register");
    };
    node.on("write", (body) => {
      check();
      value = Number(body["value"]);
      return {};
    });
    node.on("read", () => {
      check();
      if (value === undefined) throw new RpcError(20, "absent");
      return { value };
    });
  };
}

/** Writes and reads at the second node, and writes at the other. */
function writesAndRead(): Generator {
  let count = 0;
  return {
    next: ({ free: [thread = 0] }) => {
      const f = thread === 1 && count > 1 ? "read" : "write";
      return { f, value: [0, f === "read" ? null : ++count], thread };
    },
  };
}

async function failureOf(factor: number, clockDrift: number): Promise<readonly string[] | undefined> {
  const program = leased(factor);
  const scope = scopeOf("lin-kv", {
    nodes: 2,
    operationCount: 3,
    program,
    settleMs: 0,
    bounds: { timeouts: 1 },
  });
  const { failing, exhausted, hasSucceeded } = await explore({
    ...scope,
    clockDrift,
    test: { ...scope.test, concurrency: 2 },
    workload: { ...scope.workload, generator: writesAndRead },
  }, { stopped });
  assert(hasSucceeded && (exhausted || failing !== undefined));
  return failing?.steps;
}

Deno.test("a lease breaks by clocks of different rates, unless the other node waits for longer", async () => {
  assertEquals(await failureOf(1, 0), undefined, "equal clocks keep the lease");
  assert(await failureOf(1, 0.05), "a slow clock serves a stale read");
  assert(await failureOf(1.05, 0.05), "the other clock is fast, too");
  assertEquals(await failureOf(1.05 / 0.95 * 1.0001, 0.05), undefined, "both errors are allowed for");
  assert(await failureOf(0.99, 0), "a wait that is too short needs no drift");
});
