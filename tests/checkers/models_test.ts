import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  checkModel,
  type Event,
  type History,
  type Model,
  type ModelOperation,
  REFUSED,
} from "../../lib/checkers/mod.ts";

/** Returns a history from events `process type f value`. */
function history(...events: readonly (readonly [number, Event["type"], string, unknown])[]): History {
  return events.map(([process, type, f, value], index) => ({
    index,
    time: index * 1_000_000,
    process,
    type,
    f,
    value,
  }));
}

/** Registers by key, with values `[key, value]`. */
const registers: Model<unknown, ModelOperation, unknown> = {
  initial: () => null,
  step: (state, { f, value }, output) => {
    const [, written] = pair(value);
    if (f === "write") return written;
    return output === undefined || pair(output)[1] === state ? state : REFUSED;
  },
  partition: ({ value }) => String(pair(value)[0]),
  isReadOnly: ({ f }) => f === "read",
};

function pair(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

Deno.test("checkModel explains a stale read with its part, its events and the possible states", () => {
  const stale = history(
    [0, "invoke", "write", ["x", 1]],
    [0, "ok", "write", ["x", 1]],
    [1, "invoke", "read", ["y", null]],
    [1, "ok", "read", ["y", null]],
    [2, "invoke", "read", ["x", null]],
    [2, "ok", "read", ["x", null]],
  );
  const { valid, anomalies: [found] } = checkModel(stale, registers);
  assertEquals([valid, found?.name, found?.examples.length], [false, "not-linearizable", 1]);
  const [example] = found?.examples ?? [];
  assertStringIncludes(example?.text ?? "", 'Part "x": no order of the operations explains read');
  assertStringIncludes(example?.text ?? "", "can only have been 1");
  assertEquals(example?.events?.map(({ index }) => index), [1, 5]);
});

Deno.test("checkModel leaves out failed operations, and lets indeterminate ones happen or not", () => {
  const after = (type: Event["type"], seen: unknown) =>
    checkModel(
      history(
        [0, "invoke", "write", ["x", 1]],
        [0, type, "write", ["x", 1]],
        [1, "invoke", "read", ["x", null]],
        [1, "ok", "read", ["x", seen]],
      ),
      registers,
    ).valid;
  assertEquals([after("fail", null), after("fail", 1)], [true, false]);
  assertEquals([after("info", null), after("info", 1)], [true, true]);
  assertEquals([after("ok", null), after("ok", 1)], [false, true]);
});

Deno.test("checkModel is unknown, and says what it found, at a limit or without any operation", () => {
  const writes = history(...[0, 1, 2, 3, 4, 5].map((n) => [n, "invoke", "write", ["x", n]] as const));
  const concurrent = [
    ...writes,
    ...writes.map((event, i) => ({ ...event, index: i + writes.length, type: "ok" as const })),
  ];
  const limited = checkModel(concurrent, registers, { limits: { stepsMax: 1 } });
  assertEquals([limited.valid, limited.anomalies[0]?.name], ["unknown", "check-error"]);
  assertEquals(checkModel([], registers).valid, "unknown");
});

Deno.test("a model that changes its states or depends on more than its arguments is refused", () => {
  const one = history([0, "invoke", "push", 1], [0, "ok", "push", 1]);
  const changing: Model<unknown[], ModelOperation, unknown> = {
    initial: () => [],
    step: (state, { value }) => {
      state.push(value);
      return [...state];
    },
  };
  assertThrows(() => checkModel(one, changing), TypeError, "changes its states");
  let calls = 0;
  const counting: Model<number, ModelOperation, unknown> = { initial: () => 0, step: () => calls++ };
  assertThrows(() => checkModel(one, counting), TypeError, "is not deterministic");
});
