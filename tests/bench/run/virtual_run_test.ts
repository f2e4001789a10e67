import { StartError } from "../../../lib/bench/errors.ts";
import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FAULT_KINDS } from "../../../lib/bench/nemesis/faults.ts";
import { invariant } from "../../../lib/protocol/errors.ts";
import type { Node } from "../../../lib/runtime/node.ts";
import { soaking } from "../../seeds.ts";
import { virtualRun } from "../support/virtual_run.ts";

function echo(node: Node): void {
  node.on("echo", ({ echo }) => ({ echo: String(echo) }));
}

Deno.test("the same seed gives the same history and messages, another seed gives others", async () => {
  const line = "-w broadcast --node-count 3 --rate 50 --time-limit 3 --latency 20 --latency-dist exponential";
  const [first, again, other] = await Promise.all([7, 7, 8].map((seed) => virtualRun(line, { seed })));
  assertEquals(again?.history, first?.history);
  assertEquals(again?.messages, first?.messages);
  assertNotEquals(JSON.stringify(other?.history), JSON.stringify(first?.history));
});

/** The faults that every node survives. A run whose nodes do not support changes of the membership ends. */
const BORNE_FAULTS = FAULT_KINDS.filter((kind) => kind !== "membership");

for (const workload of ["broadcast", "unique-ids"]) {
  Deno.test(`${workload}: two runs with every fault and the same seed give equal bytes`, async () => {
    const faults = BORNE_FAULTS.join(",");
    const line =
      `-w ${workload} --nemesis ${faults} --nemesis-interval 0.3 --rate 60 --time-limit 2 --latency 10`;
    for (let seed = 0; seed < (soaking ? 200 : 8); seed++) {
      const [a, b] = [await virtualRun(line, { seed }), await virtualRun(line, { seed })];
      const bytes = (run: typeof a) =>
        JSON.stringify([run.history, run.messages, run.logs, run.observations]);
      assertEquals(bytes(a), bytes(b), `seed ${seed}`);
    }
  });
}

Deno.test("an echo run counts one request and one reply per operation, and no server message", async () => {
  const { observations, result, history } = await virtualRun(
    "-w echo --node-count 2 --rate 100 --time-limit 1",
    {
      seed: 1,
    },
  );
  const operations = history.filter(({ type }) => type === "invoke").length;
  assertEquals(history.filter(({ type }) => type === "ok").length, operations);
  const setup = 2 * 2; // init and its reply, for each node
  assertEquals(observations.counts.clients.sent, 2 * operations + setup);
  assertEquals(observations.counts.servers.sent, 0);
  assertEquals(result.valid, true);
});

Deno.test("operations start at the configured rate, at random times", async () => {
  const { history } = await virtualRun("-w echo --node-count 5 --concurrency 20 --rate 200 --time-limit 10", {
    seed: 3,
  });
  const times = history.filter(({ type }) => type === "invoke").map(({ time }) => time / 1e6);
  assert(Math.abs(times.length - 2000) < 100, `${times.length} operations`);
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  assert(Math.max(...gaps) <= 10.001 && Math.min(...gaps) < 0.2, "uniform in 0…2/rate");
});

Deno.test("an unanswered operation is indeterminate after 5 s, and its process is replaced", async () => {
  const silent = (node: Node) => node.on("echo", () => undefined);
  const { history } = await virtualRun("-w echo --node-count 1 --concurrency 2 --rate 10 --time-limit 12", {
    seed: 1,
    program: silent,
  });
  const first = history.find(({ process, type }) => process === 0 && type !== "invoke");
  const invoked = history.find(({ process }) => process === 0);
  assertEquals(first?.type, "info");
  assertEquals(first?.error, "net-timeout");
  assertEquals((first?.time ?? 0) - (invoked?.time ?? 0), 5e9);
  assertEquals([...new Set(history.map(({ process }) => process))].sort(), [0, 1, 2, 3, 4, 5]);
});

Deno.test("a late reply reaches a client that is kept, and silences a node whose client was replaced", async () => {
  const late = (type: string, reply: object) => (node: Node) => {
    let count = 0;
    node.on(type, async () => {
      const id = count++;
      if (id === 0) await new Promise<void>((resolve) => void node.after(6000, resolve));
      return { ...reply, id };
    });
  };
  const line = "--node-count 1 --concurrency 2 --rate 5 --time-limit 10";
  const kept = await virtualRun(`-w unique-ids ${line}`, { seed: 1, program: late("generate", {}) });
  assertEquals(kept.result.remarks?.map(({ kind }) => kind), ["unawaited-reply"]);
  assertEquals(kept.result.stats["info-count"], 1);
  const replaced = await virtualRun(`-w echo ${line}`, { seed: 1, program: late("echo", { echo: "" }) });
  assertEquals(replaced.result.remarks?.map(({ kind }) => kind), ["unknown-destination"]);
});

Deno.test("faults are in the history, end before the final reads, and the nodes recover", async () => {
  const line =
    "-w broadcast --node-count 5 --rate 20 --time-limit 5 --latency 5 --nemesis-interval 0.5 --nemesis ";
  for (const kind of BORNE_FAULTS) {
    const { history } = await virtualRun(line + kind, { seed: 2, storage: true });
    const nemesis = history.filter(({ process }) => process === "nemesis");
    const names = [...new Set(nemesis.map(({ f }) => f))];
    assertEquals(names.length, 2, kind);
    assertEquals(nemesis[0]?.time, 0, `${kind} begins at once`);
    assertEquals(nemesis.length % 4, 0, `${kind}: each start has its stop, with two events each`);
    assertEquals(nemesis.at(-1)?.f, names[1], `${kind} ends`);
    const final = history.findIndex((event) => event.final === true);
    assert(final > 0 && history.lastIndexOf(nemesis.at(-1) ?? history[0] as never) < final, kind);
    assert(
      (history[final]?.time ?? 0) - (nemesis.at(-1)?.time ?? 0) >= 10e9,
      `${kind}: ten seconds of recovery`,
    );
  }
});

Deno.test("a single node has no entry in the topology line, and no neighbors in the others", async () => {
  for (const [topology, expected] of [["line", "{}"], ["grid", '{"n0":[]}'], ["tree", '{"n0":[]}']]) {
    const line = `-w broadcast --node-count 1 --topology ${topology} --time-limit 1`;
    const { messages } = await virtualRun(line, { seed: 1 });
    assert(messages.some((each) => each.includes(`"topology":${expected}`)), topology);
  }
});

Deno.test("a blocked link drops messages between nodes, not those of clients", async () => {
  const { messages, history } = await virtualRun(
    "-w broadcast --node-count 5 --rate 50 --time-limit 5 --latency 5 --nemesis partition --nemesis-interval 100",
    { seed: 5 },
  );
  assert(messages.some((line) => line.includes('"event":"cut"')));
  assert(history.filter(({ type }) => type === "ok").length > 200);
});

Deno.test("a killed node restarts without its memory and gets init again", async () => {
  const counts = (node: Node) => {
    let count = 0;
    node.on("generate", () => ({ id: `${node.id} ${count++}` }));
  };
  const line =
    "-w unique-ids --node-count 1 --concurrency 1000 --rate 100 --time-limit 5 --nemesis kill --nemesis-interval 0.5";
  const { result } = await virtualRun(line, { seed: 4, program: counts });
  assertEquals(result.valid, false, "it counts from 0 again");
  assert(Number(result.workload["duplicated-count"]) > 0);
  const { result: right } = await virtualRun(line, { seed: 4 });
  assertEquals(right.workload.valid, true);
});

Deno.test("a killed node's disk keeps all synced writes, thus all acknowledged ones", async () => {
  const stored = (node: Node) => {
    node.on("generate", () => {
      const count = Number(node.storage?.get("count") ?? 0);
      node.storage?.put("count", String(count + 1));
      return { id: count };
    });
  };
  for (let seed = 0; seed < 10; seed++) {
    const { result } = await virtualRun(
      "-w unique-ids --node-count 1 --concurrency 1000 --rate 200 --time-limit 5 --nemesis kill --nemesis-interval 0.3",
      { seed, program: stored, storage: true },
    );
    assertEquals(result.workload.valid, true, `seed ${seed}`);
    assert(Number(result.workload["acknowledged-count"]) > 20, `seed ${seed}`);
  }
});

Deno.test("a broken invariant makes the run invalid and is reported with its node", async () => {
  const broken = (node: Node) => {
    echo(node);
    node.after(500, () => invariant(node.id !== "n1", "the sky is above"));
  };
  const { result } = await virtualRun("-w echo --node-count 3 --rate 20 --time-limit 2", {
    seed: 1,
    program: broken,
  });
  assertEquals(result.valid, false);
  const [fault] = result.nodes?.["faults"] as Array<{ node: string; kind: string; text: string }>;
  assertEquals([fault?.node, fault?.kind], ["n1", "ended"]);
  assertStringIncludes(fault?.text ?? "", "the sky is above");
});

Deno.test("a node that sends to an unknown id is no longer read; one that throws at start is named", async () => {
  const lost = (node: Node) => {
    echo(node);
    node.after(100, () => node.send("n7", { type: "hello" }));
  };
  const { result } = await virtualRun("-w echo --node-count 1 --rate 20 --time-limit 1", {
    seed: 1,
    program: lost,
  });
  const [remark] = result.remarks ?? [];
  assertEquals([remark?.kind, remark?.node, remark?.count], ["unknown-destination", "n0", 1]);
  assertEquals(remark?.examples[0]?.problem, 'dest "n7" does not exist');
  assert(Number(result.stats["info-count"]) > 0); // what it answered after that was not read
  const error = await assertRejects(
    () =>
      virtualRun("-w echo --node-count 1 --time-limit 1", {
        seed: 1,
        program: () => {
          throw new Error("no such thing");
        },
      }),
    StartError,
  );
  assertStringIncludes(error.message, "no such thing");
});

Deno.test("a node that ends at the setup fails the start, with its reason", async () => {
  const frail = (node: Node) => {
    node.on("topology", () => invariant(false, "no topology is known"));
  };
  const error = await assertRejects(
    () => virtualRun("-w broadcast --node-count 2 --time-limit 1", { seed: 1, program: frail }),
    StartError,
  );
  assertStringIncludes(error.message, "no topology is known");
});

Deno.test("asynchronous handlers and service calls run in virtual time", async () => {
  const proxy = (node: Node) => {
    node.on("echo", async ({ echo }) => {
      await node.rpc("lin-kv", { type: "write", key: node.id, value: echo });
      const { value } = await node.rpc("lin-kv", { type: "read", key: node.id });
      return { echo: String(value) };
    });
  };
  const { result, history } = await virtualRun(
    "-w echo --node-count 3 --concurrency 3 --rate 50 --latency 10 --handover 0 --time-limit 2",
    {
      seed: 1,
      program: proxy,
    },
  );
  assertEquals(result.workload.valid, true);
  const [invoke] = history;
  const ok = history.find(({ process, type }) => process === invoke?.process && type === "ok");
  assertEquals((ok?.time ?? 0) - (invoke?.time ?? 0), 40e6, "two round trips of 10 ms each way");
});
