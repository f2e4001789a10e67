/** An election: at most one leader per term, and in the end one that all nodes name. */

import {
  anyThread,
  call,
  eachThread,
  type Event,
  judgment,
  natural,
  rpc,
  string,
  tuple,
  type Workload,
} from "@charybdis/charybdis/workload";

const leader = rpc("leader", {
  description: "Asks for the current leader and its term. Error 11 if the node knows none.",
  request: {},
  reply: { leader: string, term: natural },
  example: { request: {}, reply: { leader: "n3", term: 7 } },
});

const answer = tuple(natural, string);
const ASK = { f: "ask", value: null };

export const election: Workload = {
  name: "leader",
  description: "an election of at most one leader per term, and of one in the end",
  messages: [leader],
  operations: ["ask"],
  generator: () => anyThread(() => ASK),
  finalGenerator: ({ concurrency }) => eachThread({ ...ASK, final: true }, concurrency),
  client: () => ({
    *invoke() {
      const { leader: named, term } = yield* call(leader, {});
      return [term, named];
    },
  }),
  judge: (history) => {
    const answers = history.flatMap((event) => {
      const [term, name] = event.type === "ok" && answer.is(event.value) ? event.value : [0, ""];
      return name === "" ? [] : [{ event, term, name }];
    });
    const terms = [...Map.groupBy(answers, ({ term }) => term)].map(([term, of]) => firstByName(term, of));
    const final = answers.filter(({ event }) => event.final === true);
    const atEnd = firstByName(final[0]?.term ?? 0, final);
    const naming = new Set(answers.map(({ event }) => event));
    const silent = history.filter((event) =>
      event.final === true && event.type !== "invoke" && !naming.has(event)
    );
    return judgment([
      {
        name: "two-leaders",
        title: "Two leaders in one term",
        meaning: "Nodes named different leaders for the same term.",
        cause: "Two nodes start the same term without the votes of a majority or a compare-and-set.",
        examples: terms.filter(({ events }) => events.length > 1),
      },
      {
        name: "no-agreement",
        title: "No leader in the end",
        meaning: "After the recovery, nodes name different leaders, or none.",
        cause: "The election does not start again after a partition has healed.",
        examples: [
          ...(atEnd.events.length > 1 ? [{ ...atEnd, text: `In the end: ${atEnd.text}` }] : []),
          ...silent.slice(0, 1).map((event) => ({
            text: "A node named no leader in the end.",
            events: [event],
          })),
        ],
      },
    ], {
      figures: { "term-count": terms.length },
      warning: answers.length === 0 ? "No node named a leader: nothing was checked." : null,
    });
  },
};

/** Returns the first answer with each name. */
function firstByName(term: number, answers: readonly { readonly name: string; readonly event: Event }[]) {
  const first = new Map(answers.toReversed().map(({ name, event }) => [name, event]));
  return { text: `Term ${term}: ${[...first.keys()].sort().join(" and ")}.`, events: [...first.values()] };
}
