/** A feed in causal order: who sees a post also sees, before it, all that its author had seen. */

import {
  anyThread,
  array,
  call,
  type Event,
  judgment,
  natural,
  rpc,
  show,
  type Workload,
} from "@charybdis/charybdis/workload";

const post = rpc("post", {
  description: "Adds a post to the feed.",
  request: { id: natural },
  reply: {},
  example: { request: { id: 3 }, reply: {} },
});
const feed = rpc("feed", {
  description: "Asks for all posts that the node knows, in their order.",
  request: {},
  reply: { ids: array(natural) },
  example: { request: {}, reply: { ids: [1, 3] } },
});

export const sequencer: Workload = {
  name: "sequencer",
  description: "a feed whose posts appear in causal order",
  messages: [post, feed],
  operations: ["post", "read"],
  generator: () => {
    let next = 0;
    return anyThread((random) =>
      random.chance(0.3) ? { f: "post", value: next++ } : { f: "read", value: null }
    );
  },
  client: () => ({
    *invoke({ f, value }) {
      if (f === "read") return (yield* call(feed, {})).ids;
      yield* call(post, { id: Number(value) });
      return value;
    },
  }),
  judge: (history) => {
    /** The posts that the author of each post had seen or written before it. */
    const causes = new Map<unknown, { readonly event: Event; readonly seen: ReadonlySet<unknown> }>();
    const sessions = new Map<Event["process"], Set<unknown>>();
    const reads = history.filter(({ f, type }) => f === "read" && type === "ok");
    const lost: { readonly text: string; readonly events: readonly Event[] }[] = [];
    for (const event of history) {
      const { process, f, type, value } = event;
      const seen = sessions.get(process) ?? new Set();
      sessions.set(process, seen);
      if (f === "post" && type === "invoke") causes.set(value, { event, seen: new Set(seen) });
      if (f === "post" && type === "ok") seen.add(value);
      if (f !== "read" || type !== "ok" || !Array.isArray(value)) continue;
      const missing = [...seen].find((id) => !value.includes(id));
      if (missing !== undefined) {
        lost.push({ text: `Process ${process} no longer saw post ${show(missing)}.`, events: [event] });
      }
      for (const id of value) seen.add(id);
    }
    const early = reads.flatMap((read) => {
      const ids: readonly unknown[] = Array.isArray(read.value) ? read.value : [];
      const position = new Map(ids.map((id, i) => [id, i]));
      return ids.flatMap((id, i) => {
        const { event, seen } = causes.get(id) ?? {};
        const cause = [...seen ?? []].find((each) => (position.get(each) ?? Infinity) > i);
        if (event === undefined || cause === undefined) return [];
        const text = `Process ${read.process} saw post ${show(id)} without post ${
          show(cause)
        } before it, which its author had seen.`;
        return [{ text, events: [event, read] }];
      });
    });
    return judgment([
      {
        name: "effect-before-cause",
        title: "An effect without its cause",
        meaning: "A feed shows a post, but not, before it, all that its author had seen.",
        cause: "Nodes send posts on as they come, without what they depend on.",
        examples: early,
      },
      {
        name: "session",
        title: "A session went back",
        meaning: "A process did not see a post that it had seen or written before.",
        cause: "The node acknowledges a post before its own feed has it, or forgets posts.",
        examples: lost,
      },
    ], { warning: reads.length === 0 ? "No read succeeded: nothing was checked." : null });
  },
};
