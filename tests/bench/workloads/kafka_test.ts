import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import type { Event } from "../../../lib/checkers/history.ts";
import { checkKafka } from "../../../lib/checkers/kafka/mod.ts";
import { kafkaWorkload } from "../../../lib/bench/workloads/kafka/workload.ts";
import type { Client, Operation } from "../../../lib/bench/workloads/operations.ts";
import { CODE, RpcError } from "../../../lib/protocol/errors.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";
import { forSeeds } from "../../seeds.ts";
import { asked, drive, invocations, options, type Server, share } from "./drive.ts";
import { logServer } from "./servers.ts";
import { toJepsen } from "../../../lib/checkers/mod.ts";

type Pairs = Readonly<Record<string, readonly (readonly [offset: number, msg: unknown])[]>>;

const CONTEXT = { process: 0, random: new SeededRandom(0) };
const POLL: Operation = { f: "poll", value: [["poll"]] };

function client(): Client {
  return kafkaWorkload.client(options(), CONTEXT);
}

/** Returns the recorded micro-operation of a poll or a send. */
function micro({ value }: Event): readonly unknown[] {
  return Array.isArray(value) && Array.isArray(value[0]) ? value[0] : [];
}

/** Returns the result of each successful poll. */
function polls(history: readonly Event[]): { readonly event: Event; readonly msgs: Pairs }[] {
  return history.filter(({ type, f }) => type === "ok" && f === "poll")
    .map((event) => ({ event, msgs: micro(event)[1] as Pairs }));
}

function acknowledged(history: readonly Event[]): string[] {
  return history.filter(({ type, f }) => type === "ok" && f === "send").map((event) => {
    const [, key, [offset, msg] = []] = micro(event) as [string, string, [number, unknown]?];
    return `${key}/${offset}: ${msg}`;
  });
}

function dropFirst(msgs: Pairs): Pairs {
  return Object.fromEntries(Object.entries(msgs).map(([key, pairs]) => [key, pairs.slice(1)]));
}

function keep(
  msgs: Pairs,
  holds: (pair: Pairs[string][number]) => boolean,
  message: (pair: Pairs[string][number]) => unknown = ([, msg]) => msg,
): Pairs {
  return Object.fromEntries(
    Object.entries(msgs).map((
      [key, pairs],
    ) => [key, pairs.filter(holds).map((pair) => [pair[0], message(pair)] as const)]),
  );
}

/** Splits a history at the first assignment from the start. */
function split(history: readonly Event[]): { readonly main: Event[]; readonly final: Event[] } {
  const at = history.findIndex(({ extra }) =>
    typeof extra === "object" && extra !== null && !("unseen" in extra)
  );
  return { main: history.slice(0, at), final: history.slice(at) };
}

Deno.test("half of the operations are sends and half polls; one in 64 follows an assignment", () => {
  const history = drive(kafkaWorkload, options(), {
    seed: 1,
    operations: 10_000,
    server: logServer(),
    stepMs: 0.5,
  });
  const all = invocations(split(history).main);
  const [sends, polls, assigns] = ["send", "poll", "assign"].map((f) => share(all, (each) => each.f === f));
  assertAlmostEquals(sends ?? 0, 0.49, 0.02);
  assertAlmostEquals(polls ?? 0, 0.49, 0.02);
  assertAlmostEquals(assigns ?? 0, 1 / 65, 0.004);
});

Deno.test("each client crashes about every 30 s, the first client at the start", () => {
  const history = drive(kafkaWorkload, options(), {
    seed: 2,
    operations: 8000,
    server: logServer(),
    stepMs: 20,
  });
  const { main } = split(history);
  const crashes = main.filter(({ type, f }) => type === "invoke" && f === "crash");
  const seconds = (main.at(-1)?.time ?? 0) / 1e9;
  assertAlmostEquals(crashes.length / seconds, 10 / 30, 0.05);
  assertLess(crashes[0]?.time ?? Infinity, 1e9);
});

Deno.test("a third of the assignments include keys that were sent and never polled", () => {
  const history = drive(kafkaWorkload, options(), {
    seed: 3,
    operations: 20_000,
    server: logServer(),
    mainOnly: true,
  });
  const assigns = invocations(history).filter(({ f }) => f === "assign");
  assertAlmostEquals(share(assigns, ({ extra }) => extra !== undefined), 1 / 3, 0.09);
  for (const { value, extra } of assigns) {
    assert(Array.isArray(value));
    assertEquals(new Set(value).size, value.length);
    if (extra === undefined) assertEquals(value.length, 1);
    else for (const key of Object.keys((extra as { unseen: object }).unseen)) assert(value.includes(key));
  }
});

Deno.test("messages count up from 1 per key, and a key is retired after its last message", () => {
  const history = drive(kafkaWorkload, options({ keyCount: 3, maxWritesPerKey: 5 }), {
    seed: 4,
    operations: 2000,
    server: logServer(),
  });
  const sent = new Map<unknown, number>();
  for (const event of invocations(history).filter(({ f }) => f === "send")) {
    const [, key, msg] = micro(event);
    assertEquals(msg, (sent.get(key) ?? 0) + 1);
    sent.set(key, Number(msg));
  }
  assertEquals(Math.max(...sent.values()), 5);
  assert(sent.size > 100);
});

Deno.test("against correct logs, every process polls each key in order, without gaps, to the end", () =>
  forSeeds({ slice: 3, full: 100 }, (_, seed) => {
    const history = drive(kafkaWorkload, options(), {
      seed,
      operations: 3000,
      server: logServer(),
      lostReplies: [0, 0.01, 0.1][seed % 3] ?? 0,
    });
    const next = new Map<string, number>();
    for (const event of history) {
      if (event.type !== "ok") continue;
      if (event.f === "assign") {
        for (const id of next.keys()) if (id.startsWith(`${event.process} `)) next.delete(id);
      }
      if (event.f !== "poll") continue;
      for (const [key, pairs] of Object.entries(micro(event)[1] as Pairs)) {
        const id = `${event.process} ${key}`;
        for (const [offset] of pairs) {
          assertEquals(offset, next.get(id) ?? offset, `process ${event.process} at key ${key}`);
          next.set(id, offset + 1);
        }
      }
    }
    const read = new Set(
      polls(split(history).final).flatMap(({ msgs }) =>
        Object.entries(msgs).flatMap(([key, pairs]) =>
          pairs.map(([offset, msg]) => `${key}/${offset}: ${msg}`)
        )
      ),
    );
    for (const message of acknowledged(history)) assert(read.has(message), message);
    const { valid, "bad-error-types": bad } = toJepsen(checkKafka(history));
    assertEquals([valid, bad], [true, []]);
  }));

Deno.test("a log that skips, loses or repeats messages is invalid", () => {
  const skipping = (msgs: Pairs, count: number) => count % 3 === 0 ? { msgs: dropFirst(msgs) } : { msgs };
  const losing = (msgs: Pairs) => ({ msgs: keep(msgs, ([offset]) => offset % 7 !== 3) });
  const repeating = (msgs: Pairs) => ({
    msgs: keep(msgs, () => true, ([, msg]) => Math.min(Number(msg), 5)),
  });
  for (const [kind, change] of Object.entries({ skipping, losing, repeating })) {
    const logs = logServer();
    let count = 0;
    const wrong: Server = (body) => {
      const reply = logs(body);
      return body.type === "poll" ? change(reply["msgs"] as Pairs, ++count) : reply;
    };
    const history = drive(kafkaWorkload, options(), { seed: 8, operations: 2000, server: wrong });
    assertEquals(toJepsen(checkKafka(history)).valid, false, kind);
  }
});

Deno.test("finally each client crashes, is assigned all keys from the start, and polls to the end", () => {
  const history = drive(kafkaWorkload, options({ concurrency: 3 }), {
    seed: 5,
    operations: 200,
    server: logServer({ pollMax: 2 }),
  });
  const { main, final } = split(history);
  assertEquals(final[0]?.extra, { "seek-to-beginning?": true });
  const keys = final[0]?.value;
  assert(Array.isArray(keys));
  assertEquals(keys, keys.toSorted((a, b) => a - b));
  const sequences = new Map<number, string[]>();
  for (const { process, f } of invocations([...main.slice(-6), ...final])) {
    const thread = Number(process) % 3;
    sequences.set(thread, [...sequences.get(thread) ?? [], f]);
  }
  for (const [thread, sequence] of sequences) {
    const crash = sequence.lastIndexOf("crash");
    assertEquals(sequence[crash + 1], "assign", `thread ${thread}: ${sequence}`);
    const rest = sequence.slice(crash + 2);
    assert(rest.length >= 8 && rest.every((f) => f === "poll"), `16 messages, two at a time: ${rest}`);
  }
  assertEquals(final.find(({ f }) => f === "poll")?.extra, { "poll-ms": 1000 });
});

Deno.test("final polls end after 10 s if a message is lost", () => {
  const logs = logServer();
  const lossy: Server = (body) =>
    body.type === "poll" && body["offsets"] !== undefined ? { msgs: {} } : logs(body);
  const history = drive(kafkaWorkload, options(), { seed: 6, operations: 100, server: lossy });
  const { final } = split(history);
  const lasted = ((final.at(-1)?.time ?? 0) - (final[0]?.time ?? 0)) / 1e9;
  assertAlmostEquals(lasted, 10, 0.2);
  const perThread = invocations(final).filter(({ f }) => f === "poll").length / 10;
  assertAlmostEquals(perThread, 10 / 0.2, 8); // every 200 ms on average
});

Deno.test("without any sent message, there are no final polls", () => {
  const refusing: Server = () => {
    throw new RpcError(CODE.temporarilyUnavailable, "no");
  };
  const history = drive(kafkaWorkload, options(), { seed: 7, operations: 100, server: refusing });
  assertEquals(invocations(history).length, 100);
});

Deno.test("a client polls from its last position, and commits within the same operation", () => {
  const one = client();
  const assign = one.invoke({ f: "assign", value: ["3", "5"] });
  assertEquals(asked(assign).body, { type: "list_committed_offsets", keys: ["3", "5"] });
  assertEquals(
    assign.next({ type: "list_committed_offsets_ok", in_reply_to: 1, offsets: { "5": 7 } }),
    { done: true, value: ["3", "5"] },
  );
  const first = one.invoke(POLL);
  assertEquals(asked(first).body, { type: "poll", offsets: { "3": 0, "5": 7 } });
  const msgs = { "3": [[0, 1], [4, 2]], "5": [] };
  assertEquals(asked(first, { type: "poll_ok", in_reply_to: 2, msgs }).body, {
    type: "commit_offsets",
    offsets: { "3": 4 },
  });
  assertEquals(first.next({ type: "commit_offsets_ok", in_reply_to: 3 }), {
    done: true,
    value: [["poll", msgs]],
  });
  const second = one.invoke(POLL);
  assertEquals(asked(second).body, { type: "poll", offsets: { "3": 5, "5": 7 } });
  assertEquals(second.next({ type: "poll_ok", in_reply_to: 4, msgs: {} }), {
    done: true,
    value: [["poll", {}]],
  });
});

Deno.test("a key that remains assigned keeps its position, and a removed key is not polled", () => {
  const one = client();
  const first = one.invoke({ f: "assign", value: ["1", "2"] });
  asked(first);
  first.next({ type: "list_committed_offsets_ok", in_reply_to: 1, offsets: { "1": 9, "2": 9 } });
  const second = one.invoke({ f: "assign", value: ["2", "4"] });
  asked(second);
  second.next({ type: "list_committed_offsets_ok", in_reply_to: 2, offsets: { "2": 20 } });
  assertEquals(asked(one.invoke(POLL)).body, { type: "poll", offsets: { "2": 9, "4": 0 } });
});

Deno.test("an assignment from the start sends no request", () => {
  const one = client();
  const assign = one.invoke({ f: "assign", value: ["1"], extra: { "seek-to-beginning?": true } });
  assertEquals(assign.next(), { done: true, value: ["1"] });
  assertEquals(asked(one.invoke(POLL)).body, { type: "poll", offsets: { "1": 0 } });
});

Deno.test("a completed send has its offset", () => {
  const steps = client().invoke({ f: "send", value: [["send", "3", 14]] });
  assertEquals(asked(steps).body, { type: "send", key: "3", msg: 14 });
  assertEquals(steps.next({ type: "send_ok", in_reply_to: 1, offset: 5 }), {
    done: true,
    value: [["send", "3", [5, 14]]],
  });
});

Deno.test("a crash is indeterminate without an error; only a failed assignment is definite", () => {
  const crash: Operation = { f: "crash", value: null };
  try {
    client().invoke(crash).next();
    throw new TypeError("the client did not crash");
  } catch (error) {
    assertEquals(kafkaWorkload.recordFailure?.(error, crash), { type: "info" });
  }
  const failure = (f: string, code: number) =>
    kafkaWorkload.recordFailure?.(new RpcError(code, ""), { f, value: null });
  assertEquals(failure("assign", CODE.timeout), { type: "fail", error: "net-timeout" });
  assertEquals(failure("poll", CODE.timeout), { type: "info", error: "net-timeout" });
  assertEquals(failure("send", CODE.temporarilyUnavailable), {
    type: "fail",
    error: ["temporarily-unavailable", ""],
  });
});
