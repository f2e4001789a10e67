import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { ENGINES, type KeyWorkload } from "../../../../lib/bench/tradeoff/consensus/engines.ts";
import { CLIENT_TIMEOUT_MS, Load, type LoadOptions } from "../../../../lib/bench/tradeoff/consensus/load.ts";
import type { Envelope } from "../../../../lib/sim/envelope.ts";
import { Delivery } from "../../../../lib/sim/message_router.ts";
import { SeededRandom } from "../../../../lib/sim/random.ts";
import { VirtualClock } from "../../../../lib/sim/virtual_clock.ts";

const { workload } = ENGINES.raft;
const { workload: lists } = ENGINES.accord;

/** The body of a reply, or none. */
type Server = (request: Envelope["body"]) => Envelope["body"] | undefined;

/** Runs a load of two clients against a server for some time, and then until nothing is pending. */
function loaded(
  { server, latencyMs = 10, seconds = 10, workload: used = workload, ...options }: Partial<LoadOptions> & {
    readonly server: Server;
    readonly workload?: KeyWorkload;
    readonly latencyMs?: number;
    readonly seconds?: number;
  },
): { readonly load: Load; readonly requests: readonly Envelope[] } {
  const clock = new VirtualClock();
  const receivers = new Map<string, (delivery: Delivery) => boolean>();
  const requests: Envelope[] = [];
  const load = new Load({ rate: 100, conflictShare: 0.5, readShare: 0.5, ...options }, {
    clock,
    random: new SeededRandom(1),
    workload: used,
    nodes: ["n0", "n1"],
    attach: (client, receive) => void receivers.set(client, receive),
    send: (message) => {
      requests.push(message);
      const reply = server(message.body);
      if (reply === undefined) return;
      const body = { ...reply, in_reply_to: message.body["msg_id"] };
      const delivery = new Delivery(0, { src: message.dest, dest: message.src, body }, true);
      clock.after(latencyMs, () => void receivers.get(message.src)?.(delivery));
    },
  });
  load.start();
  clock.after(seconds * 1000, () => load.end());
  while (clock.step());
  return { load, requests };
}

/** Returns a correct server: one map. */
function store(): Server {
  const values = new Map<unknown, unknown>();
  return ({ type, key, value }) => {
    if (type === "write") {
      values.set(key, value);
      return { type: "write_ok" };
    }
    return values.has(key)
      ? { type: "read_ok", value: values.get(key) }
      : { type: "error", code: 20, text: "" };
  };
}

Deno.test("clients send at their rate; given shares of operations read, and use the common key", () => {
  const { load, requests } = loaded({ server: store(), readShare: 0.2, seconds: 30 });
  assert(load.isIdle);
  assertAlmostEquals(load.operations.length, 3000, 200);
  const share = (matches: (request: Envelope) => boolean) =>
    requests.filter(matches).length / requests.length;
  assertAlmostEquals(share(({ body }) => body["key"] === "hot"), 0.5, 0.05);
  assertAlmostEquals(share(({ body, src }) => String(body["key"]).startsWith(`${src}:`)), 0.5, 0.05);
  const reads = load.operations.filter(({ f }) => f === "read").length / load.operations.length;
  assert(reads > 0.12 && reads < 0.22, `${reads}`); // a first operation on a key writes
  const written = requests.filter(({ body }) => body["type"] === "write").map(({ body }) => body["value"]);
  assertEquals(new Set(written).size, written.length);
  assertEquals(workload.judge(load.history), true);
});

Deno.test("clients do not wait for replies, and give up after their timeout", () => {
  const { load } = loaded({ server: () => undefined, seconds: 4 });
  assertAlmostEquals(load.operations.length, 400, 80);
  for (const { outcome, startMs, endMs = NaN } of load.operations) {
    assertEquals(outcome, "info");
    assertAlmostEquals(endMs - startMs, CLIENT_TIMEOUT_MS, 1e-6);
  }
  const processes = load.history.filter(({ type }) => type === "invoke").map(({ process }) => process);
  assertEquals(new Set(processes).size, processes.length);
});

Deno.test("a reply after the timeout changes nothing", () => {
  const { load } = loaded({ server: store(), latencyMs: CLIENT_TIMEOUT_MS + 1, seconds: 2 });
  assert(load.operations.length > 0 && load.isIdle);
  assert(load.operations.every(({ outcome }) => outcome === "info"));
  assertEquals(load.history.length, 2 * load.operations.length);
});

Deno.test("a definite error is a failure, and any other one is indeterminate", () => {
  const outcomes = (code: number) => {
    const { load } = loaded({ server: () => ({ type: "error", code, text: "" }), seconds: 1 });
    return [...new Set(load.operations.map(({ outcome }) => outcome))];
  };
  assertEquals([outcomes(11), outcomes(0), outcomes(13)], [["fail"], ["info"], ["info"]]);
});

Deno.test("stale reads, and reads that miss an acknowledged write, are not linearizable", () => {
  const first = new Map<unknown, unknown>();
  const stale: Server = ({ type, key, value }) => {
    if (type === "write") {
      if (!first.has(key)) first.set(key, value);
      return { type: "write_ok" };
    }
    return { type: "read_ok", value: first.get(key) };
  };
  assertEquals(workload.judge(loaded({ server: stale }).load.history), false);
  const forgetful: Server = ({ type }) =>
    type === "write" ? { type: "write_ok" } : { type: "error", code: 20, text: "" };
  assertEquals(workload.judge(loaded({ server: forgetful }).load.history), false);
});

Deno.test("the client of an ended node sends nothing more", () => {
  const { load } = loaded({ server: store(), seconds: 0.001 });
  load.endClient("n0");
  load.start();
  assertEquals(load.operations.length, 0);
});

Deno.test("transactions of one operation are judged, and a read that lacks an append is wrong", () => {
  const server = (keeps: (element: unknown) => boolean): Server => {
    const values = new Map<unknown, unknown[]>();
    return ({ txn }) => {
      assert(Array.isArray(txn) && txn.length === 1);
      const [[f, key, element]] = txn;
      const list = values.get(key) ?? [];
      if (f === "r") return { type: "txn_ok", txn: [["r", key, [...list]]] };
      if (keeps(element)) values.set(key, [...list, element]);
      return { type: "txn_ok", txn };
    };
  };
  const verdict = (keeps: (element: unknown) => boolean) =>
    lists.judge(loaded({ server: server(keeps), workload: lists, seconds: 5 }).load.history);
  assertEquals([verdict(() => true), verdict((element) => element !== 40)], [true, false]);
});
