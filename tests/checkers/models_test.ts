import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  checkModel,
  checkRwRegister,
  checkSequential,
  type Event,
  type History,
  type Model,
  type ModelCall,
  modelCalls,
  type ModelOperation,
  nondeterministic,
  REFUSED,
  together,
} from "../../lib/checkers/mod.ts";
import { SeededRandom } from "../../lib/sim/random.ts";

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
  assertEquals(
    limited.anomalies[0]?.examples[0]?.text,
    'Part "x": the search reached its limit of steps, after it had found an order of 2 operations.',
  );
  assertEquals(checkModel([], registers).valid, "unknown");
});

Deno.test("checkModel names each operation with its argument, its answer and its process", () => {
  const counter: Model<number, ModelOperation, unknown> = {
    initial: () => 0,
    step: (sum, { f, value }, output) =>
      f === "add" ? sum + Number(value) : output === undefined || output === sum ? sum : REFUSED,
  };
  const textOf = (events: History) => checkModel(events, counter).anomalies[0]?.examples[0]?.text ?? "";
  const adds = [3, 4].flatMap((n) =>
    [[n, "invoke", "add", n], [n, "ok", "add", n], [n, "invoke", "get", null], [n, "ok", "get", 0]] as const
  );
  assertStringIncludes(textOf(history(...adds)), "explains get() → 0 by process 3.");
  assertStringIncludes(
    textOf(history([1, "invoke", "get", 5], [1, "ok", "get", 5])),
    "no order of the operations explains get(5) by process 1.",
  );
});

Deno.test("a model's read-only operations are placed without a search", () => {
  const readers = Array.from({ length: 20 }, (_, i) => i);
  const concurrent = history(
    ...readers.map((i) => [i, "invoke", "read", null] as const),
    ...[1, 2].flatMap((n) => [[100, "invoke", "write", n], [100, "ok", "write", n]] as const),
    ...[[100, "invoke", "read", null], [100, "ok", "read", 1]] as const,
    ...readers.map((i) => [i, "ok", "read", 1 + i % 2] as const),
  );
  assertEquals(checkModel(concurrent, register, { limits: { stepsMax: 100 } }).valid, false);
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
  const growing: Model<Set<unknown>, ModelOperation, unknown> = {
    initial: () => new Set(),
    step: (state, { value }) => state.add(value),
  };
  assertThrows(() => checkModel(one, growing), TypeError, "changes its states");
  let calls = 0;
  const counting: Model<number, ModelOperation, unknown> = { initial: () => 0, step: () => calls++ };
  assertThrows(() => checkModel(one, counting), TypeError, "is not deterministic");
});

Deno.test("a state may be anything that a model returns: undefined, null, NaN, a map, a set", () => {
  const verdictsOf = <State>(events: History, model: Model<State, ModelOperation, unknown>) => [
    checkModel(events, model).valid,
    checkSequential(events, model).valid,
  ];
  const written = (value: unknown, { initial, seen = value }: { initial: unknown; seen?: unknown }) =>
    verdictsOf(
      history(
        [0, "invoke", "write", value],
        [0, "ok", "write", value],
        [0, "invoke", "read", null],
        [0, "ok", "read", seen],
      ),
      { ...register, initial: () => initial },
    );
  assertEquals(written(1, { initial: undefined }), [true, true]);
  assertEquals(written(1, { initial: NaN }), [true, true]);
  assertEquals(written(null, { initial: 0 }), [true, true]);
  assertEquals(written(null, { initial: 0, seen: 0 }), [false, false]);

  const added = history(
    ...[true, true].flatMap((isNew) => [[0, "invoke", "add", "x"], [0, "ok", "add", isNew]] as const),
  );
  const set: Model<ReadonlySet<unknown>, ModelOperation, unknown> = {
    initial: () => new Set(),
    step: (state, { value }, output) => output === !state.has(value) ? new Set([...state, value]) : REFUSED,
  };
  const map: Model<ReadonlyMap<unknown, boolean>, ModelOperation, unknown> = {
    initial: () => new Map(),
    step: (state, { value }, output) =>
      output === !state.has(value) ? new Map([...state, [value, true]]) : REFUSED,
  };
  for (const [count, valid] of [[2, true], [4, false]] as const) {
    assertEquals(verdictsOf(added.slice(0, count), set), [valid, valid]);
    assertEquals(verdictsOf(added.slice(0, count), map), [valid, valid]);
  }
});

/** Operations of a register without keys. */
const register: Model<unknown, ModelOperation, unknown> = {
  initial: () => null,
  step: (state, { f, value }, output) =>
    f === "write" ? value : output === undefined || output === state ? state : REFUSED,
  isReadOnly: ({ f }) => f === "read",
};

/** Returns a random history of `processes` processes, each with a few reads and writes, some of them indeterminate. */
function randomHistory(random: SeededRandom, processes: number): History {
  const left = Array.from({ length: processes }, () => 1 + random.below(3));
  const open = new Map<number, { readonly f: string; readonly value: unknown }>();
  const ended = new Set<number>();
  const events: (readonly [number, Event["type"], string, unknown])[] = [];
  let written = 0;
  for (;;) {
    const able = left.flatMap((count, process) => count > 0 && !ended.has(process) ? [process] : []);
    if (able.length === 0) return history(...events);
    const process = random.pick(able);
    const operation = open.get(process);
    if (operation === undefined) {
      const started = random.chance(0.5) ? { f: "write", value: ++written } : { f: "read", value: null };
      open.set(process, started);
      events.push([process, "invoke", started.f, started.value]);
      continue;
    }
    open.delete(process);
    left[process] = (left[process] ?? 0) - 1;
    const { f, value } = operation;
    if (f === "write" && random.chance(0.2)) {
      ended.add(process);
      events.push([process, "info", f, value]);
    } else {
      const read = random.below(written + 1);
      events.push([process, "ok", f, f === "read" ? (read === 0 ? null : read) : value]);
    }
  }
}

/** Returns true if some order of the calls that `mayPrecede` allows explains them. Tries all orders. */
function hasOrder(
  calls: readonly ModelCall[],
  mayPrecede: (first: ModelCall, others: readonly ModelCall[]) => boolean,
  state: unknown = null,
): boolean {
  if (calls.every(({ returned }) => returned === null)) return true;
  return calls.some((call) => {
    const others = calls.filter((other) => other !== call);
    if (!mayPrecede(call, others)) return false;
    const next = register.step(state, call.input, call.output);
    return next !== REFUSED && hasOrder(others, mayPrecede, next);
  });
}

const inProcessOrder = (call: ModelCall, others: readonly ModelCall[]) =>
  others.every((other) =>
    other.input.invoke.process !== call.input.invoke.process || other.called > call.called
  );
const inRealTime = (call: ModelCall, others: readonly ModelCall[]) =>
  others.every(({ returned }) => returned === null || returned > call.called);

const SEEDS = Array.from({ length: 400 }, (_, seed) => seed);

Deno.test("checkSequential and checkModel agree with all orders of random histories", () => {
  const verdicts = new Map<string, number>();
  for (const seed of SEEDS) {
    const random = new SeededRandom(seed);
    const each = randomHistory(random, 2 + random.below(2));
    const calls = modelCalls(each);
    const isSequential = hasOrder(calls, inProcessOrder);
    const isLinearizable = hasOrder(calls, inRealTime);
    const found = [checkSequential(each, register), checkModel(each, register)].map((
      { valid },
    ) => valid === "unknown" ? true : valid); // nothing succeeded
    assertEquals(found, [isSequential, isLinearizable], `seed ${seed}`);
    const verdict = `${isSequential} ${isLinearizable}`;
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  }
  assertEquals([...verdicts.keys()].sort(), ["false false", "true false", "true true"]);
});

Deno.test("checkSequential judges the parts of a model together", () => {
  // Each register alone is sequentially consistent; both together are not (Attiya and Welch).
  const crossed = history(
    [0, "invoke", "write", ["x", 1]],
    [0, "ok", "write", ["x", 1]],
    [1, "invoke", "write", ["y", 1]],
    [1, "ok", "write", ["y", 1]],
    [0, "invoke", "read", ["y", null]],
    [0, "ok", "read", ["y", null]],
    [1, "invoke", "read", ["x", null]],
    [1, "ok", "read", ["x", null]],
  );
  const { valid, anomalies: [found] } = checkSequential(crossed, registers);
  assertEquals([valid, found?.name], [false, "not-sequential"]);
  assertStringIncludes(found?.examples[0]?.text ?? "", "explains 3 operations");
  assertEquals(checkSequential(crossed, registers, { stepsMax: 2 }).valid, "unknown");
});

Deno.test("checkSequential is unknown if it needs one step more than its limit", () => {
  const one = history([0, "invoke", "write", ["x", 1]], [0, "ok", "write", ["x", 1]]);
  const valid = (stepsMax: number) => checkSequential(one, registers, { stepsMax }).valid;
  assertEquals([valid(0), valid(1)], ["unknown", true]);
});

Deno.test("a nondeterministic model accepts what one of its steps explains", () => {
  // Porcupine's register whose write may also set any value that was set before.
  const lossy = nondeterministic<unknown, ModelOperation, unknown>({
    initial: () => [null],
    step: (state, { f, value }, output) =>
      f === "write" ? [state, value] : output === undefined || output === state ? [state] : [],
  });
  const reads = (...seen: readonly unknown[]) =>
    checkModel(
      history(
        [0, "invoke", "write", 1],
        [0, "ok", "write", 1],
        ...seen.flatMap((value) => [[1, "invoke", "read", null], [1, "ok", "read", value]] as const),
      ),
      lossy,
    ).valid;
  assertEquals([reads(1), reads(null), reads(null, null)], [true, true, true]);
  assertEquals([reads(null, 1), reads(1, null), reads(2)], [false, false, false]);
});

Deno.test("numbers that order operations make a hard history easy, and a wrong order invalid", () => {
  const list: Model<readonly unknown[], ModelOperation, unknown> = {
    initial: () => [],
    step: (state, { f, value }, output) =>
      f === "append" ? [...state, value] : String(state) === String(output) ? state : REFUSED,
  };
  const numbers = new SeededRandom(1).shuffle(Array.from({ length: 12 }, (_, n) => n));
  const appends = (type: Event["type"]) => numbers.map((n) => [n, type, "append", n] as const);
  const read = [[99, "invoke", "read", null], [99, "ok", "read", numbers.toSorted((a, b) => a - b)]] as const;
  const concurrent = history(...appends("invoke"), ...appends("ok"), ...read);
  const limits = { stepsMax: 20_000 };
  assertEquals(checkModel(concurrent, list, { limits }).valid, "unknown");
  const orderOf = ({ f, value }: ModelOperation) => f === "append" ? Number(value) : undefined;
  assertEquals(checkModel(concurrent, list, { limits, orderOf }).valid, true);
  const reversed = ({ f, value }: ModelOperation) => f === "append" ? -Number(value) : undefined;
  assertEquals(checkModel(concurrent, list, { limits, orderOf: reversed }).valid, false);
});

Deno.test("numbers agree with all orders of random histories", () => {
  for (const seed of SEEDS) {
    const random = new SeededRandom(seed).split("numbers");
    const each = randomHistory(random, 3);
    const numbers = new Map(each.map(({ index }) => [index, random.below(3)]));
    const orderOf = ({ f, invoke }: ModelOperation) => f === "write" ? numbers.get(invoke.index) : undefined;
    const inOrder = (call: ModelCall, others: readonly ModelCall[]) => {
      const own = orderOf(call.input);
      return inRealTime(call, others) &&
        (own === undefined || others.every((other) => {
          const order = other.returned === null ? undefined : orderOf(other.input);
          return order === undefined || order >= own;
        }));
    };
    // An indeterminate write may happen at any place that its number allows.
    const determinate = modelCalls(each).every(({ returned }) => returned !== null);
    if (!determinate) continue;
    assertEquals(
      checkModel(each, register, { orderOf }).valid,
      hasOrder(modelCalls(each), inOrder),
      `seed ${seed}`,
    );
  }
});

Deno.test("two checkers together find serializable transactions whose keys are not linearizable", () => {
  // Elle's transactions of one step. The second read is of an older version, which some serial order explains.
  const txn = (process: number, f: "w" | "r", value: unknown) => {
    const steps = (result: unknown) => [[f, "x", result]];
    return [[process, "invoke", "txn", steps(f === "r" ? null : value)], [
      process,
      "ok",
      "txn",
      steps(value),
    ]] as const;
  };
  const stale = history(...txn(0, "w", 1), ...txn(1, "w", 2), ...txn(2, "r", 1));
  const steps: Model<unknown, ModelOperation, unknown> = {
    initial: () => null,
    step: (state, { value }, output) => {
      const [f, , written] = stepOf(value);
      if (f === "w") return written;
      return output === undefined || stepOf(output)[2] === state ? state : REFUSED;
    },
    partition: ({ value }) => String(stepOf(value)[1]),
  };
  const isolation = checkRwRegister(stale, { consistencyModels: ["serializable"] });
  const keys = checkModel(stale, steps);
  assertEquals([isolation.valid, keys.valid, together({ isolation, keys }).valid], [true, false, false]);
});

/** Returns the only step of a transaction. */
function stepOf(value: unknown): readonly unknown[] {
  return pair(pair(value)[0]);
}
