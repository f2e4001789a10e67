/** A queue: every element that was enqueued is dequeued once (Jepsen's total-queue). */

import {
  anyThread,
  call,
  type Event,
  type Generator,
  judgment,
  natural,
  rpc,
  show,
  type Workload,
} from "@charybdis/charybdis/workload";

const enqueue = rpc("enqueue", {
  description: "Adds an element.",
  request: { element: natural },
  reply: {},
  example: { request: { element: 1 }, reply: {} },
});
const dequeue = rpc("dequeue", {
  description: "Takes an element. Error 20 if the queue is empty.",
  request: {},
  reply: { element: natural },
  example: { request: {}, reply: { element: 1 } },
});

export const queue: Workload = {
  name: "queue",
  description: "a queue from which each element is taken once",
  messages: [enqueue, dequeue],
  operations: ["enqueue", "dequeue"],
  generator: () => {
    let next = 0;
    return anyThread((random) =>
      random.chance(0.5) ? { f: "enqueue", value: next++ } : { f: "dequeue", value: null }
    );
  },
  finalGenerator: ({ concurrency }) => drain(concurrency),
  client: () => ({
    *invoke({ f, value }) {
      if (f === "dequeue") return (yield* call(dequeue, {})).element;
      yield* call(enqueue, { element: Number(value) });
      return value;
    },
  }),
  judge: (history) => {
    const of = (f: string, type: Event["type"]) =>
      history.filter((event) => event.f === f && event.type === type);
    const taken = Map.groupBy(of("dequeue", "ok"), ({ value }) => value);
    const attempted = new Set(of("enqueue", "invoke").map(({ value }) => value));
    const missing = of("enqueue", "ok").filter(({ value }) => !taken.has(value));
    const repeated = [...taken].filter(([, events]) => events.length > 1);
    const unexpected = [...taken].filter(([element]) => !attempted.has(element));
    // A dequeue without an answer may have taken an element.
    const unanswered = of("dequeue", "info").length;
    const recovered = of("enqueue", "info").filter(({ value }) => taken.has(value)).length;
    return judgment([
      {
        name: "lost",
        severity: missing.length > unanswered ? "invalid" : "info",
        examples: missing.map((event) => ({
          text: `Element ${show(event.value)} was enqueued, and never dequeued.`,
          events: [event],
        })),
      },
      {
        name: "duplicated",
        title: "Elements that were dequeued twice",
        meaning: "More than one client took the same element.",
        cause: "Two nodes take the head of the queue at the same time, without compare-and-set.",
        examples: repeated.map(([element, events]) => ({
          text: `Element ${show(element)} was dequeued ${events.length} times.`,
          events,
        })),
      },
      {
        name: "unexpected",
        title: "Elements that were never enqueued",
        meaning: "A dequeue returned an element that no client added.",
        cause: "The node returns other data than elements.",
        examples: unexpected.map(([element, events]) => ({ text: `Element ${show(element)}.`, events })),
      },
    ], { figures: { "taken-count": taken.size, "recovered-count": recovered } });
  },
};

/** Each thread dequeues until the queue is empty. */
function drain(concurrency: number): Generator {
  const left = new Set(Array.from({ length: concurrency }, (_, thread) => thread));
  return {
    next: ({ free }) => {
      const thread = free.find((each) => left.has(each));
      if (thread !== undefined) return { f: "dequeue", value: null, final: true, thread };
      return left.size === 0 ? undefined : "pending";
    },
    update: ({ type }, thread) => void (type !== "invoke" && type !== "ok" && left.delete(thread)),
  };
}
