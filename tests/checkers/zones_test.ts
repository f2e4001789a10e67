import { assertEquals } from "@std/assert";
import { checkLinKv, checkRegister, type Event } from "../../lib/checkers/mod.ts";
import { checkZones } from "../../lib/checkers/linearizable/zones.ts";
import type { RegisterAction, RegisterOperation } from "../../lib/checkers/linearizable/register.ts";
import { type Draft, historyOf, randomOf } from "./simulated.ts";
import { forSeeds } from "../seeds.ts";

const INITIAL = 0;

/** A random history of a register in which each value is written once; some reads are stale, or from the future. */
function uniqueWrites(seed: number): Event[] {
  const random = randomOf(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const clients = 1 + below(4);
  const processes = Array.from({ length: clients }, (_, client) => client);
  const busy = new Array<Draft | null>(clients).fill(null);
  const written = [null, 1, 2].slice(0, 1 + below(3));
  const drafts: Draft[] = [];
  let next = 3;
  for (let left = 3 + below(12); left > 0 || busy.some((draft) => draft !== null);) {
    const client = below(clients);
    const process = processes[client] ?? 0;
    const draft = busy[client] ?? null;
    if (draft === null) {
      if (left-- <= 0) continue;
      const isWrite = below(2) === 0;
      const value = isWrite ? next++ : null;
      if (value !== null) written.push(value);
      const invoke: Draft = { process, type: "invoke", f: isWrite ? "write" : "read", value };
      busy[client] = invoke;
      drafts.push(invoke);
      continue;
    }
    busy[client] = null;
    const inDoubt = below(8) === 0;
    if (inDoubt) processes[client] = process + clients;
    const read = written[Math.max(0, written.length - 1 - below(4))];
    const value = draft.f === "write" || inDoubt ? draft.value : read;
    drafts.push({ ...draft, type: inDoubt ? "info" : "ok", value });
  }
  return historyOf(drafts);
}

function operationsOf(history: readonly Event[]): RegisterOperation[] {
  const numbers = new Map<unknown, number>([[null, INITIAL]]);
  const number = (value: unknown): number => {
    const known = numbers.get(value) ?? numbers.size;
    numbers.set(value, known);
    return known;
  };
  return history.filter(({ type }) => type === "invoke").flatMap((invoke): RegisterOperation[] => {
    const end = history.find(({ process, type, index }) =>
      process === invoke.process && type !== "invoke" && index > invoke.index
    );
    const isOk = end?.type === "ok";
    const value = isOk ? end.value : invoke.value;
    if (invoke.f === "read" && (!isOk || value === null)) return [];
    const action: RegisterAction = { kind: invoke.f === "read" ? "read" : "write", value: number(value) };
    return [{ action, called: invoke.index, returned: isOk ? end.index : null }];
  });
}

Deno.test("zones give the verdicts of the search on registers whose values are written once", async () => {
  const verdicts = { true: 0, false: 0 };
  await forSeeds({ slice: 2_000, full: 50_000 }, (_, seed) => {
    const history = uniqueWrites(seed);
    const { valid } = checkRegister(history);
    const { kind } = checkZones(operationsOf(history), INITIAL);
    assertEquals(kind, valid === true ? "linearizable" : "impossible");
    verdicts[valid === true ? "true" : "false"]++;
  });
  assertEquals([verdicts.true > 200, verdicts.false > 200], [true, true]); // both kinds came up
});

Deno.test("zones are inapplicable to a cas and to a value that is written twice", () => {
  const write = (value: number, at: number): RegisterOperation => ({
    action: { kind: "write", value },
    called: at,
    returned: at + 1,
  });
  assertEquals(checkZones([write(1, 0), write(1, 2)], INITIAL), { kind: "inapplicable" });
  const cas: RegisterOperation = { action: { kind: "cas", from: 0, to: 1 }, called: 0, returned: 1 };
  assertEquals(checkZones([cas], INITIAL), { kind: "inapplicable" });
});

/** All writes are called before the first returns; then `read` is read. */
function crowd(writes: number, options: { readonly read: number; readonly repeat: boolean }): Event[] {
  const drafts = Array.from({ length: writes }, (_, i): Draft => ({
    process: i,
    type: "invoke",
    f: "write",
    value: ["k", options.repeat ? i % 100 : i],
  }));
  return historyOf([
    ...drafts,
    ...drafts.map((draft): Draft => ({ ...draft, type: "ok" })),
    { process: 0, type: "invoke", f: "read", value: ["k", null] },
    { process: 0, type: "ok", f: "read", value: ["k", options.read] },
  ]);
}

Deno.test("100,000 concurrent writes on one key are judged", () => {
  assertEquals(checkLinKv(crowd(100_000, { read: 7, repeat: false })).valid, true);
  assertEquals(checkLinKv(crowd(100_000, { read: -1, repeat: false })).valid, false);
  assertEquals(checkLinKv(crowd(100_000, { read: -1, repeat: true })).valid, false);
  assertEquals(checkLinKv(crowd(100_000, { read: 7, repeat: true })).valid, "unknown");
});
