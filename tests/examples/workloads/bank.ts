/** A bank: transfers between accounts. Each read of all balances is a snapshot, so that the sum never changes. */

import {
  anyThread,
  array,
  call,
  eachThread,
  type Event,
  type History,
  integer,
  judgment,
  natural,
  object,
  rpc,
  type SeededRandom,
  show,
  type Workload,
} from "@charybdis/charybdis/workload";

const ACCOUNTS = 5;
const INITIAL_BALANCE = 20;
const AMOUNT_MAX = 5;

const transfer = rpc("transfer", {
  description: "Moves an amount. Error 22 if the balance does not suffice.",
  request: { from: natural, to: natural, amount: natural },
  reply: {},
  example: { request: { from: 0, to: 3, amount: 5 }, reply: {} },
});
const balances = rpc("balances", {
  description: `Asks for the balances of all ${ACCOUNTS} accounts, which begin with ${INITIAL_BALANCE}.`,
  request: {},
  reply: { balances: array(integer) },
  example: { request: {}, reply: { balances: [15, 20, 20, 25, 20] } },
});

const moves = object({ from: natural, to: natural, amount: natural });

function randomTransfer(random: SeededRandom) {
  const from = random.below(ACCOUNTS);
  const to = (from + 1 + random.below(ACCOUNTS - 1)) % ACCOUNTS;
  return { f: "transfer", value: { from, to, amount: 1 + random.below(AMOUNT_MAX) } };
}

export const bank: Workload = {
  name: "bank",
  description: "transfers between accounts, whose sum never changes",
  messages: [transfer, balances],
  operations: ["transfer", "read"],
  generator: () =>
    anyThread((random) => random.chance(0.5) ? randomTransfer(random) : { f: "read", value: null }),
  finalGenerator: ({ concurrency }) => eachThread({ f: "read", value: null, final: true }, concurrency),
  client: () => ({
    *invoke({ f, value }) {
      if (f === "read") return (yield* call(balances, {})).balances;
      if (!moves.is(value)) throw new TypeError(`not a transfer: ${show(value)}`);
      yield* call(transfer, value);
      return value;
    },
  }),
  judge: (history) => {
    const reads = history.filter(({ f, type }) => f === "read" && type === "ok");
    return judgment([
      {
        name: "wrong-total",
        title: "The sum of the balances changed",
        meaning:
          "A read saw a transfer in one account only. Transfers must be atomic, and reads be snapshots.",
        cause:
          "A read does not exclude concurrent transfers, or two transfers overwrite each other's balances.",
        examples: casesOf(reads, (sum) => sum !== ACCOUNTS * INITIAL_BALANCE),
      },
      {
        name: "negative-balance",
        title: "A balance is negative",
        meaning: "A transfer took more than the account had.",
        cause: "The balance is checked before another transfer from the account takes effect.",
        examples: casesOf(reads, (_, each) => each.some((balance) => balance < 0)),
      },
    ], { warning: reads.length === 0 ? "No read succeeded: nothing was checked." : null });
  },
};

function casesOf(reads: History, isWrong: (sum: number, balances: readonly number[]) => boolean) {
  return reads.flatMap((event: Event) => {
    const read = Array.isArray(event.value) ? event.value.map(Number) : [];
    const sum = read.reduce((total, balance) => total + balance, 0);
    if (!isWrong(sum, read)) return [];
    return [{ text: `Process ${event.process} read ${read.join(", ")}: ${sum} in total.`, events: [event] }];
  });
}
