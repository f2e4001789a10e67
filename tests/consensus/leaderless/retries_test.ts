import { assertEquals } from "@std/assert";
import { ExecutedExchange } from "../../../lib/consensus/leaderless/executed_exchange.ts";
import { fetchMissing, recoveryWaitMs, type Retried } from "../../../lib/consensus/leaderless/retries.ts";

const NODES = ["n0", "n1", "n2"];

Deno.test("nodes recover an instance one after the other, its coordinator first", () => {
  const waitMs = (id: string) =>
    recoveryWaitMs({
      id,
      nodes: NODES,
      incarnation: id,
      thrifty: true,
      retryMs: 10,
      recoveryMs: 300,
      requestTimeoutMs: 1000,
      pendingMax: 10,
      batchIntervalMs: 1,
      snapshotRecords: 10,
    }, { instance: "n1.7", random: 0.5 });
  assertEquals(NODES.map(waitMs), [550, 350, 450]);
});

Deno.test("a missing instance is fetched unless it is committed or was asked for lately", () => {
  const exchange = new ExecutedExchange("n0", NODES);
  const instances = new Map<string, Retried>();
  const known = (id: string, phase: string, sentAt: number) =>
    instances.set(id, { id, phase, sentAt, progressAt: 0 });
  known("n1.1", "unknown", -Infinity);
  known("n1.2", "committed", -Infinity);
  known("n1.3", "preaccepted", 95);
  known("n1.4", "preaccepted", 90);
  const fetched: string[] = [];
  const fetchAt = (now: number) =>
    fetchMissing(
      { exchange, now, retryMs: 10, send: (to, { id }) => void fetched.push(`${id} from ${to}`) },
      {
        from: "n2",
        executed: { n1: 4 },
        instanceOf: (id) => instances.get(id) ?? { id, phase: "unknown", sentAt: now, progressAt: now },
      },
    );
  fetchAt(100);
  assertEquals(fetched.splice(0), ["n1.1 from n2", "n1.4 from n2"]);
  fetchAt(105);
  assertEquals(fetched, ["n1.3 from n2"]);
});
