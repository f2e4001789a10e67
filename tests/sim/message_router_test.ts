import { assert, assertEquals } from "@std/assert";
import { Network } from "../../lib/sim/network.ts";
import { withNetworkId } from "../../lib/sim/envelope.ts";
import type { SeededRandom } from "../../lib/sim/random.ts";
import { SeededRandom as Random } from "../../lib/sim/random.ts";
import { type Observation, REMARK_EXAMPLES_MAX, RemarkCollector } from "../../lib/sim/remarks.ts";
import { VirtualClock } from "../../lib/sim/virtual_clock.ts";
import { IN_FLIGHT_MAX, type LateReplies, MessageRouter } from "../../lib/sim/message_router.ts";
import { forSeeds } from "../seeds.ts";
import { deliveryOf } from "./delivery.ts";

/** A network of two nodes and a client, which keeps what each received and what was remarked. */
class Fixture {
  readonly received = new Map<string, string[]>();
  readonly observed: Observation[] = [];
  readonly router: MessageRouter;

  constructor(lateReplies: LateReplies = "refuse") {
    this.router = new MessageRouter({
      clock: new VirtualClock(),
      network: new Network({ dist: "constant", meanMs: 0 }, new Random(1)),
      journal: { sent: () => {}, received: () => {}, dropped: () => {}, duplicated: () => {} },
      observe: (observation) => this.observed.push(observation),
      deliverSynchronously: true,
      lateReplies,
    });
    for (const id of ["n1", "n2", "c1"]) {
      const lines: string[] = [];
      this.received.set(id, lines);
      this.router.attach(id, ({ id: networkId, line }) => lines.push(withNetworkId(line, networkId)) > 0);
    }
    this.router.sendLine("n1", '{"src":"n1","dest":"c1","body":{"type":"init_ok","in_reply_to":1}}');
  }

  kinds(): string[] {
    return this.observed.map(({ kind }) => kind);
  }
}

/** Returns a random JSON text, with numbers that no double holds. */
function randomJson(random: SeededRandom, depth = 0): string {
  const kind = random.below(depth > 3 ? 6 : 8);
  const inner = () => Array.from({ length: random.below(4) }, () => randomJson(random, depth + 1));
  switch (kind) {
    case 0:
      return "null";
    case 1:
      return random.pick(["true", "false"]);
    case 2:
      return String(random.below(1000) - 500);
    case 3:
      return random.pick([
        "12345678901234567890",
        "-9223372036854775808",
        "1.0",
        "-0.0",
        "1e400",
        "0.1",
        "1E-7",
      ]);
    case 4:
      return JSON.stringify(random.pick(["", "ü", "\u2028", "\u0000", '"', "\\", "😀", "n1", "1.0"]));
    case 5:
      return `"${random.id()}"`;
    case 6:
      return `[${inner().join(random.pick([",", " , "]))}]`;
    default:
      return `{${inner().map((value, i) => `"k${i}":${value}`).join(",")}}`;
  }
}

Deno.test("a body between two servers arrives byte for byte", async () => {
  await forSeeds({ slice: 200, full: 5000 }, (random) => {
    const fixture = new Fixture();
    const fields = Array.from(
      { length: random.below(5) },
      (_, i) => `"${random.pick(["type", "msg_id", "in_reply_to", "x"])}${i}":${randomJson(random)}`,
    );
    const ids = random.chance(0.5)
      ? []
      : [`"msg_id":${randomJson(random)}`, `"in_reply_to":${randomJson(random)}`];
    const body = `{${[...ids, ...fields].join(",")}}`;
    fixture.router.sendLine("n1", `{"src":"n1","dest":"n2","body":${body}}`);
    assertEquals(fixture.received.get("n2"), [`{"id":1,"src":"n1","dest":"n2","body":${body}}`]);
    assert(fixture.kinds().every((kind) => kind === "odd-message-id"));
  });
});

Deno.test("the network replaces the sender's id, and an absent body is an empty object", () => {
  const fixture = new Fixture();
  for (
    const line of [
      '{"id":77,"src":"n1","dest":"n2","body":{"type":"x","v":1.0}}',
      '{"src":"n1","dest":"n2","body":null}',
      '{"src":"n1","dest":"n2"}',
    ]
  ) fixture.router.sendLine("n1", line);
  assertEquals(fixture.received.get("n2"), [
    '{"id":1,"src":"n1","dest":"n2","body":{"type":"x","v":1.0}}',
    '{"id":2,"src":"n1","dest":"n2","body":{}}',
    '{"id":3,"src":"n1","dest":"n2","body":{}}',
  ]);
});

Deno.test("only the first object of a line counts, and strings may hold control characters", () => {
  const sent = '{"src":"n1","dest":"n2","body":{"text":"}\\"{","v":1.0}}';
  const others = [sent, " # sent", "}", ",", "\f", "\0"].map((rest) => [sent + rest, sent] as const);
  const controls = [..."\t\0\f"].map((char) =>
    [sent.replace("}", char), sent.replace("}", JSON.stringify(char).slice(1, -1))] as const
  );
  for (const [line, received] of [...others, ...controls]) {
    const fixture = new Fixture();
    fixture.router.sendLine("n1", line);
    fixture.router.sendLine("n1", sent);
    const lines = [received, sent].map((each, i) => withNetworkId(each, i + 1));
    assertEquals(fixture.received.get("n2"), lines);
    assertEquals(fixture.kinds(), ["loose-json"]);
  }
});

Deno.test("messages and their bodies may be lists of pairs instead of objects", () => {
  const pairs = [
    [
      '{"src":"n1","dest":"n2","body":[["type","read"],["key",1.0,2],["empty"]]}',
      '"type":"read","key":1.0,"empty":null',
    ],
    ['[["src","n1"],["dest","n2"],["body",[["a",1],["a",[["b",2]]]]]]', '"a":[["b",2]]'],
    ['{"src":"n1","dest":"n2","body":""}', ""],
    ['[["src","n1"],["dest","n2"]]', ""],
    ['{"src":"n1","dest":"n2","body":["type",null,[5,6]]}', '"null":6'],
  ];
  for (const [line = "", body = ""] of pairs) {
    const fixture = new Fixture();
    fixture.router.sendLine("n1", line);
    assertEquals(fixture.received.get("n2"), [`{"id":1,"src":"n1","dest":"n2","body":{${body}}}`]);
    assertEquals(fixture.kinds(), []);
  }
});

Deno.test("after a line that Maelstrom refuses, a node is not read until it restarts", () => {
  const refused: ReadonlyArray<readonly [line: string, kind: string]> = [
    ["", "not-json"],
    ["debug: hello", "not-json"],
    ["[1]", "malformed-message"],
    ['{"src":"n1","dest":"n2","body":[1]}', "malformed-message"],
    ['{"src":"n1","dest":"n2","body":[{"type":"read"}]}', "malformed-message"],
    ['[["src","n1"],["dest","n2"],[5,null]]', "malformed-message"],
    ['{"src":"n1","dest":"n2","body":"text"}', "malformed-message"],
    ['{"src":"n1","dest":7,"body":{}}', "malformed-message"],
    ['{"src":"n1","dest":"n2","body":{},"ts":1}', "malformed-message"],
    ['{"src":"n1","dest":"n2","body":{},"id":null}', "malformed-message"],
    ['{"src":"n1","dest":"n2","body":{},"id":1.0}', "malformed-message"],
    ['{"src":"n7","dest":"n2","body":{}}', "unknown-source"],
    ['{"src":"n1","dest":"n7","body":{}}', "unknown-destination"],
  ];
  for (const [line, kind] of refused) {
    const fixture = new Fixture();
    const good = '{"src":"n1","dest":"n2","body":{"type":"x"}}';
    fixture.router.sendLine("n1", line);
    fixture.router.sendLine("n1", good);
    assertEquals(fixture.received.get("n2"), [], line);
    assertEquals(fixture.kinds(), [kind]);
    assertEquals(fixture.observed[0]?.lineNumber, 2);
    fixture.router.attach("n1", () => true);
    fixture.router.sendLine("n1", good);
    assertEquals(fixture.received.get("n2")?.length, 1);
  }
});

Deno.test("a foreign src, output before init and unusual ids are delivered with a remark", () => {
  const fixture = new Fixture();
  fixture.router.sendLine("n2", '{"src":"n2","dest":"n1","body":{"type":"x"}}');
  fixture.router.sendLine("n1", '{"src":"c1","dest":"n2","body":{"type":"x"}}');
  fixture.router.sendLine("n1", '{"src":"n1","dest":"n2","body":{"msg_id":null}}');
  assertEquals(fixture.kinds(), ["before-init", "foreign-source", "odd-message-id"]);
  assertEquals(fixture.received.get("n2")?.length, 2);
});

Deno.test("an error whose code is not an integer is delivered to its client with a remark", () => {
  for (const code of ["", '"code":"11",', '"code":null,', '"code":11.5,', '"code":11,', '"code":1001,']) {
    const fixture = new Fixture();
    const error = (dest: string) =>
      `{"src":"n1","dest":"${dest}","body":{"type":"error",${code}"in_reply_to":1}}`;
    fixture.router.sendLine("n1", error("c1"));
    fixture.router.sendLine("n1", error("n2"));
    assertEquals(fixture.kinds(), /:1\d+,/.test(code) ? [] : ["odd-error-code"], code);
    assertEquals([fixture.received.get("c1")?.length, fixture.received.get("n2")?.length], [2, 1]);
  }
});

Deno.test("a reply to a departed client silences the node as in Maelstrom, or is dropped", () => {
  const late = '{"src":"n1","dest":"c1","body":{"type":"read_ok","in_reply_to":9}}';
  const good = '{"src":"n1","dest":"n2","body":{"type":"x"}}';
  for (
    const [lateReplies, kind, delivered] of [["refuse", "unknown-destination", 0], [
      "drop",
      "late-reply",
      1,
    ]] as const
  ) {
    const fixture = new Fixture(lateReplies);
    fixture.router.detach("c1");
    fixture.router.sendLine("n1", late);
    fixture.router.sendLine("n1", good);
    assertEquals(fixture.kinds(), [kind]);
    assertEquals(fixture.received.get("n2")?.length, delivered);
  }
});

Deno.test("the problem of a malformed message names the field, and what is wrong with it", () => {
  for (
    const [line, problem] of [
      ['{"dest":"n2","body":{}}', "src is missing"],
      ['{"src":"n1","dest":7,"body":{}}', "dest must be a string, but is 7"],
    ] as const
  ) {
    const fixture = new Fixture();
    fixture.router.sendLine("n1", line);
    assertEquals(fixture.observed.map((each) => each.problem), [problem]);
  }
});

Deno.test("too many messages in flight, or too long ones, are reported", () => {
  for (const [length, count] of [[10, IN_FLIGHT_MAX], [64 * 1024 * 1024, 1]] as const) {
    const overflows: number[] = [];
    const clock = new VirtualClock();
    const router = new MessageRouter({
      clock,
      network: new Network({ dist: "constant", meanMs: 100 }, new Random(1)),
      journal: { sent: () => {}, received: () => {}, dropped: () => {}, duplicated: () => {} },
      observe: () => {},
      deliverSynchronously: true,
      lateReplies: "refuse",
      overflow: (inFlight) => overflows.push(inFlight),
    });
    for (const id of ["n1", "n2"]) router.attach(id, () => true);
    const line = `{"src":"n1","dest":"n2","body":{"text":"${"x".repeat(length)}"}}`;
    for (let i = 0; i < count; i++) router.sendLine("n1", line);
    clock.step(); // one arrives
    router.sendLine("n1", line);
    assertEquals(overflows, []);
    router.sendLine("n1", line);
    assertEquals(overflows, [count + 1]);
  }
});

Deno.test("the length of a message without a text is close to that of its text", () => {
  for (
    const body of [
      { type: "read_ok", in_reply_to: 12345, messages: Array.from({ length: 1000 }, (_, i) => i) },
      { type: "gossip", deltas: ["n1", "some text", "n2", "other text"], direct: true, ack: null },
      { type: "poll_ok", msgs: { k1: [[1000, 7], [1001, 8]], k2: [] } },
    ]
  ) {
    const delivery = deliveryOf({ src: "n1", dest: "c12", body });
    const { length } = delivery;
    const ratio = length / delivery.line.length;
    assert(ratio > 0.7 && ratio < 1.3, `${length} for ${delivery.line.length}`);
  }
});

Deno.test("a remark shows its line, cut if it is long", () => {
  const collector = new RemarkCollector();
  collector.add({ kind: "not-json", node: "n1", problem: "no JSON", lineNumber: 7, line: "debug" });
  collector.add({ kind: "unanswered-request", node: "n1", problem: "no reply" });
  assertEquals(collector.remarks.map(({ examples }) => examples), [
    [{ problem: "no JSON", lineNumber: 7, line: "debug" }],
    [{ problem: "no reply" }],
  ]);
  const long = new RemarkCollector();
  long.add({ kind: "not-json", node: "n1", problem: "no JSON", line: "x".repeat(501) });
  assertEquals(long.remarks[0]?.examples[0]?.line, `${"x".repeat(500)}… (501 characters)`);
});

Deno.test("a million remarks take bounded memory: ten per kind are kept, the others counted", () => {
  const collector = new RemarkCollector();
  const line = "x".repeat(100_000);
  for (let i = 0; i < 1_000_000; i++) {
    collector.add({ kind: "not-json", node: "n1", problem: "no JSON", lineNumber: i, line });
  }
  const [remark] = collector.remarks;
  assertEquals([remark?.count, remark?.examples.length], [1_000_000, REMARK_EXAMPLES_MAX]);
  assert((remark?.examples[0]?.line?.length ?? 0) < 600);
});

Deno.test("the remark on a second init_ok says that the node has answered before", () => {
  const { router, observed } = new Fixture();
  router.detach("c1");
  router.sendLine("n1", '{"src":"n1","dest":"c1","body":{"type":"init_ok","in_reply_to":1}}');
  const reason = 'dest "c1" is a client that is gone, since the node has answered init before';
  assertEquals(observed.map(({ kind, problem }) => [kind, problem]), [["unknown-destination", reason]]);
});
