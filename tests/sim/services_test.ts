import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../lib/sim/random.ts";
import { LWW_REPLICAS, SEQUENTIAL_STATES, type ServiceBody, services } from "../../lib/sim/services.ts";

/** Returns a service that answers everything it is asked here; no answer reads as an empty body. */
function service(name: string, seed = 1): (src: string, body: ServiceBody) => ServiceBody {
  const found = services(new SeededRandom(seed)).get(name);
  assert(found !== undefined);
  return (src, body) => found(src, body) ?? {};
}

const read = (key: string): ServiceBody => ({ type: "read", key });
const write = (key: string, value: number): ServiceBody => ({ type: "write", key, value });
const cas = (key: string, from: number, to: number, more = {}): ServiceBody => ({
  type: "cas",
  key,
  from,
  to,
  ...more,
});

Deno.test("every store supports read, write and cas with the protocol's error codes", () => {
  for (const name of ["lin-kv", "seq-kv", "lww-kv"]) {
    const ask = (body: ServiceBody) => service(name)("n1", body);
    assertEquals(ask(read("x"))["code"], 20, name);
    assertEquals(ask(cas("x", 1, 2))["code"], 20, name);
    assertEquals(ask({ type: "read" })["code"], 20, name); // a missing key is null, which does not exist
    assertEquals(ask({ type: "snapshot" }), {}, name);
  }
  const lin = service("lin-kv");
  assertEquals(lin("n1", write("x", 1)), { type: "write_ok" });
  assertEquals(lin("n2", read("x")), { type: "read_ok", value: 1 });
  assertEquals(lin("n2", cas("x", 2, 3))["code"], 22);
  assertEquals(lin("n2", cas("x", 1, 3)), { type: "cas_ok" });
  assertEquals(lin("n1", read("x")), { type: "read_ok", value: 3 });
});

Deno.test("a cas creates a key with create_if_not_exists, but not in lww-kv", () => {
  assertEquals(service("lin-kv")("n1", cas("x", 1, 2, { create_if_not_exists: true }))["type"], "cas_ok");
  assertEquals(service("seq-kv")("n1", cas("x", 1, 2, { create_if_not_exists: true }))["type"], "cas_ok");
  assertEquals(service("lww-kv")("n1", cas("x", 1, 2, { create_if_not_exists: true }))["code"], 20);
});

Deno.test("lin-tso counts up from 0", () => {
  const tso = service("lin-tso");
  assertEquals([0, 1, 2].map(() => tso("n1", { type: "ts" })["ts"]), [0, 1, 2]);
});

Deno.test("keys and values are any JSON", () => {
  const lin = service("lin-kv");
  lin("n1", { type: "write", key: { a: [1] }, value: { b: 1, c: [null] } });
  assertEquals(lin("n1", { type: "read", key: { a: [1] } })["value"], { b: 1, c: [null] });
  assertEquals(
    lin("n1", { type: "cas", key: { a: [1] }, from: { c: [null], b: 1 }, to: 1 })["type"],
    "cas_ok",
  );
});

Deno.test("seq-kv serves states at most 32 old, and never older than those that the client changed", () => {
  let stale = 0, back = 0;
  for (let seed = 0; seed < 50; seed++) {
    const seq = service("seq-kv", seed);
    const read32 = (client: string) =>
      Array.from({ length: 32 }, () => Number(seq(client, read("x"))["value"]));
    for (let i = 0; i <= 100; i++) seq(i === 90 ? "reader" : "writer", write("x", i));
    const values = read32("reader");
    assertEquals(values, values.toSorted((a, b) => a - b), "after a recent write, reads go forward");
    assert(Math.min(...values) >= 90);
    const others = read32("other"); // as in Maelstrom, its index is older than the 32 states at first
    assert(Math.min(...others) > 100 - SEQUENTIAL_STATES);
    if (others.some((value, i) => value < (others[i - 1] ?? 0))) back++;
    if (others.some((value) => value < 100)) stale++;
    assertEquals(others.at(-1), 100, "reads alone bring a client to the newest state");
    assertEquals(seq("writer", read("x"))["value"], 100, "who wrote sees its write");
  }
  assert(stale > 40 && back > 10, `${stale} stale, ${back} went back`);
});

Deno.test("seq-kv: a change shows its client the newest state; a stale write may change nothing", () => {
  let lost = 0;
  for (let seed = 0; seed < 200; seed++) {
    const seq = service("seq-kv", seed);
    for (const value of [1, 2]) seq("a", write("x", value));
    seq("b", write("y", 1));
    assertEquals(seq("b", read("x"))["value"], 2);
    // c has seen nothing, so that this may be served from the state in which x was 1, where it changes nothing.
    assertEquals(seq("c", write("x", 1)), { type: "write_ok" });
    if (seq("a", write("z", 1)) && seq("a", read("x"))["value"] === 2) lost++;
  }
  assert(lost > 0 && lost < 200, `${lost} of 200 writes did nothing`);
});

Deno.test("the two replicas of lww-kv never exchange values", () => {
  for (let seed = 0; seed < 50; seed++) {
    const lww = service("lww-kv", seed);
    for (let i = 0; i < 10; i++) lww("n1", write("x", i));
    const values = Array.from({ length: 100 }, () => lww("n1", read("x"))["value"]);
    assertEquals(new Set(values.slice(80)), new Set(values), `seed ${seed}`);
    assertEquals(new Set(values).size, LWW_REPLICAS);
    assert(values.includes(9));
  }
});
