import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  checkKafka,
  type Event,
  type JepsenResult,
  type KafkaOptions,
  readKafkaHistory,
  toJepsen,
} from "../../lib/checkers/mod.ts";
import { assign, poll, type Polled, send, txn } from "./kafka/drafts.ts";
import { type Draft, historyOf, randomOf } from "./simulated.ts";

function check(drafts: readonly (readonly Draft[])[], options?: KafkaOptions): JepsenResult {
  return toJepsen(checkKafka(historyOf(drafts.flat()), options));
}

function types(drafts: readonly (readonly Draft[])[], options?: KafkaOptions): unknown {
  return check(drafts, options)["error-types"];
}

function first(result: JepsenResult, type: string): Readonly<Record<string, unknown>> {
  const found = result[type];
  assert(typeof found === "object" && found !== null && "errs" in found && Array.isArray(found.errs), type);
  return found.errs[0];
}

const FOUR = [send(0, "x", "a", 1), send(0, "x", "b", 2), send(0, "x", "c", 3), send(0, "x", "d", 4)];
const ALL: Polled = { x: [[1, "a"], [2, "b"], [3, "c"], [4, "d"]] };

Deno.test("sends that are polled in order are valid at any distance of offsets", () => {
  const history = [
    send(0, "x", 1, 7),
    send(0, "x", 2, 5_000_000_000),
    send(1, "y", 1, 0),
    poll(2, { x: [[7, 1], [5_000_000_000, 2]], y: [[0, 1]] }),
  ];
  assertEquals([check(history).valid, types(history)], [true, []]);
});

Deno.test("an unpolled write below the highest polled offset is lost and unseen", () => {
  const result = check([...FOUR, poll(2, { x: [[1, "a"]] }), poll(1, { x: [[1, "a"], [4, "d"]] })]);
  assertEquals(result["bad-error-types"], ["int-poll-skip", "lost-write", "unseen"]);
  const { writer, "max-read": reader, ...rest } = first(result, "lost-write");
  assertEquals(rest, { key: "x", value: "b", index: 1, "max-read-index": 3 });
  assertEquals([(writer as Event).index, (reader as Event).index], [3, 11]);
  const { unseen, messages } = result["unseen"] as Record<string, unknown>;
  assertEquals([unseen, messages], [{ x: 2 }, { x: ["b", "c"] }]);
});

Deno.test("an indeterminate write is lost only if another of its messages was polled", () => {
  const doubtful = txn(0, "info", ["send", "x", "a"], ["send", "y", [0, "b"]]);
  const later = [send(1, "y", "c", null), poll(2, { y: [[1, "c"]] })];
  assertEquals(types([doubtful, ...later, poll(3, {})]), []);
  assertEquals(types([doubtful, ...later, poll(3, { x: [[0, "a"]] }), poll(3, {})]), ["lost-write"]);
});

Deno.test("an acknowledged message that was overwritten at its offset is lost", () => {
  const result = check([
    send(0, "x", "a", 0),
    send(0, "x", "b", 0),
    send(0, "x", "c", 2),
    poll(0, {
      x: [[0, "b"], [2, "c"]],
    }),
  ]);
  assert((result["error-types"] as string[]).includes("inconsistent-offsets"));
  assertEquals(first(result, "lost-write")["value"], "a");
  assertEquals(first(result, "inconsistent-offsets"), { key: "x", offset: 0, index: 0, values: ["a", "b"] });
});

Deno.test("the message used for an offset does not depend on the order of sends", () => {
  const [one, two] = [{ n: 1 }, { n: 2 }];
  for (const [before, after] of [[one, two], [two, one]]) {
    const there = [send(0, "x", before, 2), send(0, "x", after, 2)];
    const result = check([...FOUR, ...there, poll(1, { x: [[1, "a"], [3, "c"]] })]);
    assertEquals(first(result, "int-poll-skip")["skipped"], [one]);
  }
});

Deno.test("a send that may not have happened does not conflict", () => {
  const conflict = [txn(0, "info", ["send", "x", [0, 1]], ["send", "y", 1]), send(1, "x", 2, 0)];
  assertEquals(types([...conflict, poll(2, { x: [[0, 2]] })]), []);
  assertEquals(
    types([...conflict, poll(2, { x: [[0, 2]], y: [[5, 1]] }), poll(2, {})]),
    ["inconsistent-offsets", "lost-write"],
  );
});

Deno.test("a skip within a poll or between polls is invalid", () => {
  const within = check([...FOUR, poll(1, { x: [[1, "a"], [3, "c"]] }), poll(2, ALL)]);
  assertEquals(within["bad-error-types"], ["int-poll-skip"]);
  const { op: _, ...skip } = first(within, "int-poll-skip");
  assertEquals(skip, { key: "x", values: ["a", "c"], delta: 2, skipped: ["b"] });
  const between = check([...FOUR, poll(1, { x: [[1, "a"]] }), poll(1, { x: [[4, "d"]] }), poll(2, ALL)]);
  assertEquals(between["bad-error-types"], ["poll-skip"]);
  assertEquals(first(between, "poll-skip")["skipped"], ["b", "c"]);
});

Deno.test("a poll that goes back or repeats a message is invalid", () => {
  assertEquals(types([...FOUR, poll(1, { x: [[1, "a"], [2, "b"], [1, "a"]] }), poll(2, ALL)]), [
    "int-nonmonotonic-poll",
  ]);
  assertEquals(types([...FOUR, poll(1, ALL), poll(1, { x: [[4, "d"]] })]), ["nonmonotonic-poll"]);
});

Deno.test("a consumer loses its position if it gives up the key or restarts", () => {
  const back = { x: [[1, "a"]] } as const;
  assertEquals(types([...FOUR, poll(1, ALL), assign(1, "y"), assign(1, "x"), poll(1, back)]), []);
  assertEquals(types([...FOUR, poll(1, ALL), assign(1, "x", "y"), poll(1, back)]), ["nonmonotonic-poll"]);
  assertEquals(types([...FOUR, poll(1, ALL), poll(9, back)]), []);
});

Deno.test("with subscribe, skips and steps back between polls are expected", () => {
  const history = [...FOUR, poll(1, { x: [[1, "a"]] }), poll(1, { x: [[4, "d"]] }), poll(2, ALL)];
  const result = check(history, { subVia: ["subscribe"] });
  assertEquals([result.valid, result["error-types"], result["bad-error-types"]], [true, ["poll-skip"], []]);
});

Deno.test("rebalanced keys may jump within a poll", () => {
  const polled = poll(1, { x: [[1, "a"], [3, "c"]] }).map((draft) => ({
    ...draft,
    "rebalance-log": [{ keys: ["x"] }],
  }));
  assertEquals(types([...FOUR, polled, poll(2, ALL)]), []);
});

Deno.test("offsets of one process ascend within a transaction and between two", () => {
  const polled = poll(1, { x: [[1, "a"], [2, "b"]] });
  assertEquals(types([send(0, "x", "b", 2), send(0, "x", "a", 1), polled]), ["nonmonotonic-send"]);
  assertEquals(types([txn(0, "ok", ["send", "x", [2, "b"]], ["send", "x", [1, "a"]]), polled]), [
    "int-nonmonotonic-send",
  ]);
  const apart = check([
    txn(0, "ok", ["send", "x", [1, "a"]], ["send", "x", [3, "c"]]),
    send(2, "x", "b", 2),
    poll(1, { x: [[1, "a"], [2, "b"], [3, "c"]] }),
  ]);
  assertEquals([apart["error-types"], apart.valid], [["int-send-skip"], true]);
});

Deno.test("a message at two offsets is a duplicate", () => {
  const result = check([send(0, "x", 1, 0), poll(1, { x: [[0, 1], [4, 1]] })]);
  assertEquals(first(result, "duplicate"), { key: "x", value: 1, count: 2, offsets: [0, 4] });
});

Deno.test("a poll of a failed or uncommitted send is invalid", () => {
  const aborted = check([
    [
      { process: 0, type: "invoke", f: "send", value: [["send", "x", 2]] },
      { process: 0, type: "fail", f: "send", value: [["send", "x", 2]], error: ["abort", ""] },
    ],
    poll(1, { x: [[0, 2]] }),
    poll(1, {}),
  ]);
  assertEquals(aborted["bad-error-types"], ["G1a"]);
  assertEquals((first(aborted, "G1a")["writer"] as Event).index, 1);
  const own = txn(0, "ok", ["send", "x", [0, 1]], ["poll", { x: [[0, 1]] }]);
  assertEquals(types([own, poll(1, { x: [[0, 1]] })]), ["precommitted-read"]);
});

Deno.test("the message of a precommitted read is the one that Jepsen names", () => {
  const polled = { x: [[0, 3], [1, 4]] } as const;
  const own = txn(0, "ok", ["send", "x", [0, 3]], ["send", "x", [1, 4]], ["poll", polled]);
  assertEquals(first(check([own, poll(1, polled)]), "precommitted-read")["value"], 4);
});

Deno.test("polled messages that no operation sent make the result unknown", () => {
  const result = check([send(0, "x", 1, 0), poll(1, { x: [[0, 1], [1, 99]] })]);
  assertEquals(result.valid, "unknown");
  assertEquals(first(result, "no-writer-of-value")["value"], 99);
});

Deno.test("a key of which polls return lists but no message makes the result unknown", () => {
  const empty = check([send(0, "x", 1, 0), poll(1, { x: [[0, 1]], y: [] })]);
  assertEquals([empty.valid, empty["error-types"]], ["unknown", []]);
  assertEquals(empty["nothing-polled"], { count: 1, errs: [{ key: "y" }] });
  const never = check([send(0, "x", 1, 0), poll(1, { x: [] })]);
  assertEquals([never.valid, never["bad-error-types"]], ["unknown", ["unseen"]]);
  assertEquals(check([send(0, "x", 1, 0), poll(1, { x: [] }), poll(1, { x: [[0, 1]] })]).valid, true);
  // Without a list, nothing is known about the key.
  assertEquals(check([send(0, "x", 1, 0), poll(1, { x: [[0, 1]] })]).valid, true);
  assertEquals(
    check([txn(0, "info", ["poll", { y: [] }]), send(0, "x", 1, 0), poll(1, { x: [[0, 1]] })]).valid,
    true,
  );
});

Deno.test("messages of the last poll are unseen if nothing else is known about their key", () => {
  const sent = [send(0, "x", 1, null), poll(1, { x: [[0, 1]] })];
  const late = check(sent);
  assertEquals([late.valid, late["error-types"]], [false, ["unseen"]]);
  assertEquals(check([...sent, poll(1, {})]).valid, true);
  assertEquals(check([...sent, poll(2, { x: [] })]).valid, true);
});

Deno.test("operations that read from each other are G1c, with a reason per step", () => {
  const result = check([
    send(2, "w", 0, 0), // which is polled as well
    txn(0, "ok", ["send", "x", [0, 1]], ["poll", { w: [[0, 0]], y: [[0, 2]] }]),
    txn(1, "ok", ["send", "y", [0, 2]], ["poll", { x: [[0, 1]] }]),
  ]);
  assertEquals(result["bad-error-types"], ["G1c", "PL-2-cycle-exists"]);
  assertEquals(first(result, "PL-2-cycle-exists"), {
    type: "PL-2-cycle-exists",
    not: "read-committed",
    "scc-size": 2,
    scc: [3, 5],
  });
  const steps = first(result, "G1c")["steps"] as { type: string; because: string }[];
  assertEquals(steps.map(({ type }) => type), ["wr", "wr"]);
  assertStringIncludes(steps[0]?.because ?? "", "which the one at");
});

Deno.test("a message that is polled before its send was invoked is G1c-realtime", () => {
  const result = check([poll(1, { x: [[0, 1]] }), send(0, "x", 1, 0)]);
  assertEquals(result["error-types"], ["G1c-realtime", "strong-PL-2-cycle-exists"]);
  const steps = first(result, "G1c-realtime")["steps"] as { type: string }[];
  assertEquals(steps.map(({ type }) => type).sort(), ["realtime", "wr"]);
});

Deno.test("a send that is pending at the end may be polled", () => {
  const sendInFlight = send(0, "x", 1, 1).slice(0, 1);
  const others = [send(2, "x", 0, 0), poll(1, { x: [[0, 0], [1, 1]] })];
  assertEquals([check([sendInFlight, ...others]).valid, check(others).valid], [true, "unknown"]);
});

Deno.test("real-time order passes through unrelated operations", () => {
  const [asked = [], acknowledged = []] = send(2, "y", 1, 0).map((draft) => [draft]);
  const early = poll(1, { x: [[0, 1]] });
  const late = [...send(0, "x", 1, 0), ...poll(3, { y: [[0, 1]] })];
  const realtime = ["G1c-realtime", "strong-PL-2-cycle-exists"];
  assertEquals(types([asked, early, acknowledged, late]), realtime);
  assertEquals(types([early, asked, acknowledged, late]), realtime);
});

Deno.test("a cycle is found in a random history exactly if an operation must precede itself", () => {
  const counts = { cyclic: 0, empty: 0 };
  for (let seed = 0; seed < 2000; seed++) {
    const operations = randomOperations(seed);
    const drafts = operations.flatMap(({ from, to, drafts: [invoked, completed] }) => [
      { at: from, draft: invoked },
      ...(completed === undefined ? [] : [{ at: to, draft: completed }]),
    ]).sort((a, b) => a.at - b.at).map(({ draft }) => draft);
    const found = types([drafts]) as readonly string[];
    const { isCyclic, isEmpty } = mustPrecede(operations);
    assertEquals(found.some((type) => type.startsWith("G1c")), isCyclic, `seed ${seed}`);
    assertEquals(found.includes("empty-transaction-graph"), isEmpty, `seed ${seed}`);
    counts.cyclic += Number(isCyclic);
    counts.empty += Number(isEmpty);
  }
  assert(counts.cyclic > 200 && counts.empty > 200, JSON.stringify(counts));
});

/** An operation, with the times of its invocation and completion. */
interface Timed {
  readonly from: number;
  readonly to: number;
  /** The invocation, and the completion unless the operation is pending at the end. */
  readonly drafts: readonly [Draft, Draft?];
  readonly sent: readonly number[];
  readonly polled: readonly number[];
}

/** Returns up to six operations at random times. Each message is its own offset. */
function randomOperations(seed: number): Timed[] {
  const random = randomOf(seed);
  const count = 2 + Math.floor(random() * 5);
  return Array.from({ length: count }, (_, process) => {
    const from = random();
    const to = from + random() * (1 - from);
    const sent = random() < 0.5 ? [process] : [];
    const polled = sent.length === 0 || random() < 0.2 ? [Math.floor(random() * count)] : [];
    const value = [
      ...sent.map((each) => ["send", "x", [each, each]]),
      ...polled.map((each) => ["poll", { x: [[each, each]] }]),
    ];
    const type = random() < 0.2 ? "info" : "ok";
    const invoked = {
      process,
      type: "invoke",
      f: "txn",
      value: sent.map((each) => ["send", "x", each]),
    } as const;
    const isPending = random() < 0.1;
    return { from, to, drafts: isPending ? [invoked] : [invoked, { ...invoked, type, value }], sent, polled };
  });
}

/** Compares all pairs: true if an operation must precede itself, and if none must precede another. */
function mustPrecede(all: readonly Timed[]): { readonly isCyclic: boolean; readonly isEmpty: boolean } {
  const operations = all.filter(({ drafts }) => drafts[1] !== undefined);
  const precedes = operations.map((a) =>
    operations.map((b) =>
      (a !== b && b.polled.some((each) => a.sent.includes(each))) ||
      (a.drafts[1]?.type === "ok" && a.to < b.from)
    )
  );
  const isEmpty = !precedes.flat().includes(true);
  operations.forEach((_, through) => {
    for (const row of precedes) {
      if (row[through] === true) {
        row.forEach((known, to) => row[to] = known || precedes[through]?.[to] === true);
      }
    }
  });
  return { isCyclic: precedes.some((row, at) => row[at]), isEmpty };
}

Deno.test("sends in the order of the log are G0 only with wwDeps", () => {
  const history = [
    txn(0, "ok", ["send", "x", [0, 1]], ["send", "y", [1, 2]]),
    txn(1, "ok", ["send", "x", [1, 2]], ["send", "y", [0, 1]]),
    poll(2, { x: [[0, 1], [1, 2]], y: [[0, 1], [1, 2]] }),
  ];
  assertEquals(types(history), []);
  const result = check(history, { wwDeps: true });
  assertEquals(result["error-types"], ["G0", "PL-1-cycle-exists"]);
  assertEquals([result["bad-error-types"], result.valid], [[], true]);
});

Deno.test("with wwDeps, a send depends on the send before it in the log, and not on the next", () => {
  const polls = (value: string) => ["poll", { y: [[0, value]] }];
  // The first one sends the first message of x, and polls what the second one sends.
  const first = txn(0, "ok", ["send", "x", [0, "a"]], polls("c"));
  const second = txn(1, "ok", ["send", "x", [1, "b"]], ["send", "y", [0, "c"]]);
  const read = poll(2, { x: [[0, "a"], [1, "b"]] });
  const concurrent = [first[0], second[0], second[1], first[1], ...read].filter((each) => each !== undefined);
  assertEquals(types([concurrent]), []);
  assertEquals(types([concurrent], { wwDeps: true }), ["G1c", "PL-2-cycle-exists"]);
  // In the other order of the log, nothing contradicts.
  const swapped = [
    ...txn(1, "ok", ["send", "x", [0, "b"]], ["send", "y", [0, "c"]]),
    ...txn(0, "ok", ["send", "x", [1, "a"]], polls("c")),
    ...poll(2, { x: [[0, "b"], [1, "a"]] }),
  ];
  assertEquals(types([swapped], { wwDeps: true }), []);
});

Deno.test("with wwDeps, only the last of several sends of a message depends on the send before it", () => {
  const history = [
    send(0, "x", "b", 1),
    send(1, "x", "a", 0),
    poll(1, { x: [[0, "a"]] }),
  ];
  assertEquals(types(history, { wwDeps: true }), ["G0-realtime", "strong-PL-1-cycle-exists", "unseen"]);
  assertEquals(types([...history, send(2, "x", "b", 1)], { wwDeps: true }), ["unseen"]);
});

Deno.test("an offset may be a large integer, or null where a send has none", () => {
  const large = 2n ** 60n;
  const polled = (...pairs: readonly unknown[]): Draft[] => [
    { process: 0, type: "invoke", f: "poll", value: [["poll"]] },
    { process: 0, type: "ok", f: "poll", value: [["poll", { x: pairs }]] },
  ];
  const sent = (message: string, offset: bigint): Draft[] => [
    { process: 1, type: "invoke", f: "send", value: [["send", "x", message]] },
    { process: 1, type: "ok", f: "send", value: [["send", "x", [offset, message]]] },
  ];
  const sends = [sent("a", large), sent("b", large + 1n)];
  assertEquals(types([...sends, polled([large, "a"], [large + 1n, "b"])]), []);
  assertEquals(types([...sends, polled([large, "b"], [large + 1n, "a"])]), [
    "duplicate",
    "inconsistent-offsets",
  ]);
  const { malformed } = readKafkaHistory(historyOf([...sends, polled([null, "a"], [0.5, "b"])].flat()));
  assertEquals(malformed.map(({ because }) => because), ['[0.5,"b"] in key "x" is not [offset, message]']);
});

Deno.test("a negative offset is not part of the log", () => {
  const twice = check([send(0, "x", "a", 0), poll(0, { x: [[-1, "a"]] }), poll(0, { x: [[0, "a"]] })]);
  assertEquals([twice.valid, twice["error-types"]], [false, ["nonmonotonic-poll"]]);
  assertEquals(types([send(0, "x", "a", 0), poll(0, { x: [[-1, "a"]] })]), []);
});

Deno.test("a check reports its progress after each part but the last", () => {
  const parts: number[] = [];
  checkKafka(historyOf(FOUR.flat()), { control: { progress: (part) => parts.push(part) } });
  assertEquals(parts, [0.2, 0.4, 0.6, 0.8]);
});

Deno.test("duplicates are found at offsets with several messages", () => {
  const messages = Array.from({ length: 10 }, (_, i) => i);
  const result = check(messages.flatMap((i) => [send(0, "x", i, 0), poll(1, { x: [[1, i]] })]));
  assertEquals(
    (result["duplicate"] as { errs: { value: unknown }[] }).errs.map(({ value }) => value).sort(),
    messages,
  );
  assertEquals(
    (result["inconsistent-offsets"] as { errs: { values: unknown }[] }).errs.map(({ values }) => values),
    [
      messages,
      messages,
    ],
  );
});

Deno.test("offsets of failed transactions count if polled, not if sent", () => {
  const result = check([
    send(0, "x", 0, 1),
    txn(0, "fail", ["send", "x", [2, 1]]),
    txn(1, "fail", ["poll", { x: [[11, 0], [12, 1]] }]),
  ]);
  assertEquals((result["duplicate"] as { errs: unknown }).errs, [{
    key: "x",
    value: 0,
    count: 2,
    offsets: [1, 11],
  }]);
});

Deno.test("a failed transaction does not move the consumer", () => {
  const history = [
    ...FOUR,
    poll(1, { x: [[1, "a"]] }),
    txn(1, "fail", ["poll", { x: [[2, "b"], [3, "c"]] }]),
  ];
  const good = [...history, txn(1, "info", ["poll", { x: [[2, "b"], [3, "c"]] }]), poll(2, ALL)];
  assertEquals(types(good), []);
  const skipping = check([...history, txn(1, "fail", ["poll", { x: [[4, "d"]] }]), poll(2, ALL)]);
  assertEquals(first(skipping, "poll-skip")["skipped"], ["b", "c"]);
});

Deno.test("an offset is known if only polls contain it", () => {
  const unknownOffsets = txn(0, "info", ["send", "y", "d"], ["send", "y", "b"], ["send", "y", "c"]);
  const result = check([unknownOffsets, poll(1, { y: [[2, "b"], [3, "c"], [4, "d"]] })]);
  const { values, delta } = first(result, "int-nonmonotonic-send");
  assertEquals([values, delta], [["d", "b"], -2]);
});

Deno.test("a history without any dependency between its operations is invalid, as in Jepsen", () => {
  const empty = check([assign(0, "x")]);
  assertEquals(empty["bad-error-types"], ["empty-transaction-graph"]);
  assertEquals(empty["empty-transaction-graph"], { count: 1, errs: true });
});

Deno.test("each cause of an indeterminate operation is listed once", () => {
  const result = check([send(0, "x", 1, null), send(1, "x", 2, null), poll(2, { x: [[0, 1]] })]);
  assertEquals(result["info-txn-causes"], ["net-timeout"]);
});
