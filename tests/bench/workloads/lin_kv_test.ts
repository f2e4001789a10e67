import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import type { Event } from "../../../lib/checkers/history.ts";
import { checkLinKv } from "../../../lib/checkers/linearizable/mod.ts";
import { linKvWorkload } from "../../../lib/bench/workloads/lin_kv.ts";
import { CODE, RpcError } from "../../../lib/protocol/errors.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";
import { forSeeds } from "../../seeds.ts";
import { asked, drive, invocations, options, type Server, share } from "./drive.ts";
import { keyValueServer } from "./servers.ts";

const CONTEXT = { process: 0, random: new SeededRandom(0) };

function keyOf({ value }: Event): number {
  return Array.isArray(value) ? Number(value[0]) : NaN;
}

Deno.test("keys of a correct store are linearizable, also if replies are lost", () =>
  forSeeds({ slice: 3, full: 300 }, (_, seed) => {
    const history = drive(linKvWorkload, options({ concurrency: 20 }), {
      seed,
      operations: 1500,
      server: keyValueServer(),
      lostReplies: [0, 0.01, 0.1][seed % 3] ?? 0,
    });
    assertEquals(checkLinKv(history).valid, true);
  }));

Deno.test("a store that loses every twentieth write is invalid", () => {
  const server = keyValueServer();
  let writes = 0;
  const forgetful: Server = (body) => body.type === "write" && ++writes % 20 === 0 ? {} : server(body);
  const history = drive(linKvWorkload, options(), { seed: 1, operations: 1000, server: forgetful });
  assertEquals(checkLinKv(history).valid, false);
});

Deno.test("the first n threads read; of the others, one writes per two that compare and set", () => {
  const nodes = ["n1", "n2"];
  const history = drive(linKvWorkload, options({ nodes, concurrency: 8 }), {
    seed: 2,
    operations: 8000,
    server: keyValueServer(),
  });
  const all = invocations(history);
  for (const key of [0, 1]) {
    const mine = all.filter((event) => keyOf(event) === key);
    assertAlmostEquals(mine.length / all.length, 0.5, 0.05);
    const reads = key === 0 ? 0.5 : 0; // as in Jepsen, whose later groups have no readers
    assertAlmostEquals(share(mine, ({ f }) => f === "read"), reads, 0.05);
    assertAlmostEquals(share(mine, ({ f }) => f === "write"), (1 - reads) / 3, 0.03);
    assertAlmostEquals(share(mine, ({ f }) => f === "cas"), 2 * (1 - reads) / 3, 0.05);
    for (const { process, f } of mine) {
      assert(Math.floor(Number(process) / 4) === key, `process ${process} works on key ${key}`);
      assertEquals(Number(process) < 2, f === "read");
    }
  }
  const given = all.flatMap(({ value }) => Array.isArray(value) ? [value[1]].flat() : []).filter((each) =>
    each !== null
  );
  assertEquals([...new Set(given)].sort(), [0, 1, 2, 3, 4]);
});

Deno.test("a key is replaced after more than 20 processes have used it", () => {
  const history = drive(linKvWorkload, options(), {
    seed: 3,
    operations: 3000,
    server: keyValueServer(),
    lostReplies: 0.1,
  });
  const processes = new Map<number, Set<unknown>>();
  const order: number[] = [];
  for (const event of invocations(history)) {
    const key = keyOf(event);
    if (order.at(-1) !== key) order.push(key);
    processes.set(key, (processes.get(key) ?? new Set()).add(event.process));
  }
  assert(order.length > 5);
  assertEquals(order, order.map((_, at) => at)); // one group: one key after the other, never back
  for (const [key, touched] of processes) {
    assert(touched.size <= 20, `${touched.size} processes at key ${key}`);
  }
});

Deno.test("with many nodes, a key is kept for a while although more than 20 processes use it", () => {
  const nodes = Array.from({ length: 15 }, (_, i) => `n${i}`);
  const history = drive(linKvWorkload, options({ nodes, concurrency: 30 }), {
    seed: 4,
    operations: 500,
    server: keyValueServer(),
  });
  assertEquals(new Set(history.map(keyOf)), new Set([0]));
});

Deno.test("a number of clients that is not a multiple of twice the nodes is refused", () => {
  const problem = (concurrency: number) => linKvWorkload.problem?.(options({ concurrency }));
  assertEquals(problem(10), undefined);
  assertEquals(problem(30), undefined);
  assertStringIncludes(problem(5) ?? "", "multiple of 10, such as 2n, not 5");
  assertStringIncludes(problem(15) ?? "", "multiple of 10, such as 4n, not 15");
});

Deno.test("requests follow the protocol, and their timeout grows with the latency", () => {
  const request = (f: string, value: unknown, latencyMs = 0) =>
    asked(linKvWorkload.client(options({ latencyMs }), CONTEXT).invoke({ f, value }));
  assertEquals(request("read", [7, null]), { body: { type: "read", key: 7 }, timeoutMs: 1000 });
  assertEquals(request("write", [7, 3], 100), {
    body: { type: "write", key: 7, value: 3 },
    timeoutMs: 1000,
  });
  assertEquals(request("cas", [7, [3, 4]], 250), {
    body: { type: "cas", key: 7, from: 3, to: 4 },
    timeoutMs: 2500,
  });
});

Deno.test("a value contains its key, and a completed read its result", () => {
  const steps = linKvWorkload.client(options(), CONTEXT).invoke({ f: "read", value: [7, null] });
  steps.next();
  assertEquals(steps.next({ type: "read_ok", in_reply_to: 1, value: 3 }), { done: true, value: [7, 3] });
  const writing = linKvWorkload.client(options(), CONTEXT).invoke({ f: "cas", value: [7, [3, 4]] });
  writing.next();
  assertEquals(writing.next({ type: "cas_ok", in_reply_to: 1 }), { done: true, value: [7, [3, 4]] });
});

Deno.test("an indeterminate error fails a read, but leaves a write or cas indeterminate", () => {
  const failure = (f: string, code: number) =>
    linKvWorkload.recordFailure?.(new RpcError(code, code === CODE.timeout ? "" : "no"), {
      f,
      value: [0, null],
    });
  assertEquals(failure("read", CODE.timeout), { type: "fail", error: "net-timeout" });
  assertEquals(failure("read", CODE.crash), { type: "fail", error: ["crash", "no"] });
  assertEquals(failure("write", CODE.timeout), { type: "info", error: "net-timeout" });
  assertEquals(failure("cas", CODE.crash), { type: "info", error: ["crash", "no"] });
  assertEquals(failure("cas", CODE.preconditionFailed), {
    type: "fail",
    error: ["precondition-failed", "no"],
  });
});
