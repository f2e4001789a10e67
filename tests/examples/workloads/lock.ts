/** A lock with leases and fencing tokens: one holder at a time, and later holders have larger tokens. */

import {
  call,
  judgment,
  natural,
  pairOperations,
  type RecordedOperation,
  rpc,
  type Workload,
} from "@charybdis/charybdis/workload";

/** The time after which a lock is free again although its holder has not released it. */
const LEASE_MS = 1000;

const acquire = rpc("acquire", {
  description: `Takes the lock for ${LEASE_MS} ms, unless another client holds it (error 11).`,
  request: {},
  reply: { token: natural },
  example: { request: {}, reply: { token: 7 } },
});
const release = rpc("release", {
  description: "Gives the lock back. Error 22 if the token is not that of the holder.",
  request: { token: natural },
  reply: {},
  example: { request: { token: 7 }, reply: {} },
});

export const lock: Workload = {
  name: "lock",
  description: "a lock that one client holds at a time, with fencing tokens",
  messages: [acquire, release],
  operations: ["acquire", "release"],
  generator: () => {
    const tokens = new Map<number, unknown>();
    return {
      next: ({ free, random }) => {
        const thread = random.pick(free);
        const held = tokens.get(thread);
        return held === undefined
          ? { f: "acquire", value: null, thread }
          : { f: "release", value: held, thread };
      },
      update: ({ f, type, value }, thread) => {
        if (f === "acquire" && type === "ok") tokens.set(thread, value);
        if (f === "release" && type !== "invoke") tokens.delete(thread);
      },
    };
  },
  client: () => ({
    *invoke({ f, value }) {
      if (f === "acquire") return (yield* call(acquire, {})).token;
      yield* call(release, { token: Number(value) });
      return value;
    },
  }),
  judge: (history) => {
    const operations = pairOperations(history);
    const holds = operations.filter(({ invoke, completion }) =>
      invoke.f === "acquire" && completion?.type === "ok"
    ).map((operation) => holdOf(operation, operations));
    const pairs = holds.flatMap((a) => holds.filter((b) => b !== a).map((b) => [a, b] as const));
    const both = pairs.filter(([a, b]) => a.from < b.called && b.from < a.until);
    const old = pairs.filter(([a, b]) => a.from < b.called && b.token <= a.token);
    return judgment([
      {
        name: "two-holders",
        title: "Two holders at once",
        meaning:
          "A client was given the lock while another held it: before its release, and within its lease.",
        cause: "Two nodes grant the lock without agreement.",
        examples: both.map(([a, b]) => ({
          text: `Token ${b.token} was granted while token ${a.token} held the lock.`,
          events: [a.event, b.event],
        })),
      },
      {
        name: "old-token",
        title: "A token that does not increase",
        meaning: "A later holder has a token that is not larger, so that a store cannot tell an old holder.",
        cause: "Tokens come from a counter that two nodes have, or that a restart resets.",
        examples: old.map(([a, b]) => ({
          text: `Token ${b.token} was granted after token ${a.token}.`,
          events: [a.event, b.event],
        })),
      },
    ], { warning: holds.length === 0 ? "No client acquired the lock: nothing was checked." : null });
  },
};

/** The time in which a client surely holds the lock, in ns. */
function holdOf({ invoke, completion }: RecordedOperation, operations: readonly RecordedOperation[]) {
  const event = completion ?? invoke;
  const released = operations.find((each) =>
    each.invoke.f === "release" && each.invoke.value === event.value
  );
  const until = Math.min(invoke.time + LEASE_MS * 1e6, released?.invoke.time ?? Infinity);
  return { token: Number(event.value), called: invoke.time, from: event.time, until, event };
}
