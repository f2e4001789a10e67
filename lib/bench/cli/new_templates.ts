/** The files that `charybdis new workload` writes. Tested by `tests/bench/cli/new_test.ts`. */

/** Returns a workload of that name: a shelf with a value per key, which must be linearizable. */
export function workloadTemplate(name: string): string {
  return `/** Workload ${name}: a value per key, which all nodes share. Change it into a question of your own. */

import {
  anyThread,
  call,
  checkModel,
  json,
  type Model,
  type ModelOperation,
  natural,
  REFUSED,
  rpc,
  string,
  type Workload,
} from "@charybdis/charybdis/workload";

const KEYS = ["a", "b", "c"];

// The requests that a node receives, and their replies. The type of a reply is put_ok, get_ok.
const put = rpc("put", {
  description: "Sets the value of a key.",
  request: { key: string, value: natural },
  reply: {},
  example: { request: { key: "a", value: 1 }, reply: {} },
});
const get = rpc("get", {
  description: "Asks for the value of a key, which is null at first.",
  request: { key: string },
  reply: { value: json },
  example: { request: { key: "a" }, reply: { value: 1 } },
});

// The right behavior, one operation after the other. The value of an operation is [key, value].
const model: Model<unknown, ModelOperation, unknown> = {
  initial: () => null,
  step: (state, { f, value }, output) => {
    if (f === "put") return pairOf(value)[1];
    return output === undefined || pairOf(output)[1] === state ? state : REFUSED;
  },
  partition: ({ value }) => pairOf(value)[0],
  isReadOnly: ({ f }) => f === "get",
};

/** The workload. Generators draw all random numbers from their arguments, so that a seed determines a run. */
export const workload: Workload = {
  name: "${name}",
  description: "a value per key, which all nodes share",
  messages: [put, get],
  operations: ["put", "get"],
  generator: () => {
    let next = 0;
    return anyThread((random) => {
      const key = random.pick(KEYS);
      return random.chance(0.5) ? { f: "put", value: [key, ++next] } : { f: "get", value: [key, null] };
    });
  },
  client: () => ({
    *invoke({ f, value: given }) {
      const [key, value] = pairOf(given);
      if (f === "get") return [key, (yield* call(get, { key })).value];
      yield* call(put, { key, value: Number(value) });
      return given;
    },
  }),
  judge: (history, options) => checkModel(history, model, options),
};

function pairOf(value: unknown): readonly [key: string, value: unknown] {
  return Array.isArray(value) ? [String(value[0]), value[1]] : ["", null];
}
`;
}

/** Returns a node that answers the workload's requests. */
export function nodeTemplate(name: string): string {
  return `/**
 * A node for the workload ${name}: the values are in Maelstrom's service lin-kv. It is right under partitions, lost messages and
 * pauses. A sweep with --faults duplicate finds its mistake: a write that arrives twice may overwrite a later one.
 */

import { type Node, serve } from "@charybdis/charybdis";
import { kvClient } from "@charybdis/charybdis/clients";

/** Runs the node. */
export function node(node: Node): void {
  const store = kvClient(node, { service: "lin-kv" });
  node.on("put", async ({ key, value }) => {
    await store.write(String(key), Number(value));
    return {};
  });
  node.on("get", async ({ key }) => ({ value: await store.read(String(key)) ?? null }));
}

if (import.meta.main) await serve(node);
`;
}
