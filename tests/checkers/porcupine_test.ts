/**
 * The histories that Porcupine publishes (repository anishathalye/porcupine, folder test_data) and the verdicts that its
 * tests expect of them. Set CHARYBDIS_PORCUPINE to that folder to run these.
 */

import { assertEquals } from "@std/assert";
import { readHistory } from "../../lib/bench/store/history_file.ts";
import {
  type Call,
  checkLinearizable,
  checkModel,
  type Model,
  type ModelOperation,
  nondeterministic,
  REFUSED,
} from "../../lib/checkers/mod.ts";
import { canRead } from "./recorded.ts";

const folder =
  Deno.permissions.querySync({ name: "env", variable: "CHARYBDIS_PORCUPINE" }).state === "granted"
    ? Deno.env.get("CHARYBDIS_PORCUPINE") ?? null
    : null;
const ignore = folder === null || !canRead;

/** The runs of etcd that are linearizable; all others of 0 to 102 are not (there is no 95). */
const LINEARIZABLE: ReadonlySet<number> = new Set([
  ...[2, 5, 7, 18, 25, 31, 38, 45, 48, 49, 51, 53, 56, 67, 75, 76, 80, 87, 92, 98, 100, 101, 102],
]);

type EtcdCall =
  | { readonly f: "read" }
  | { readonly f: "write"; readonly value: number }
  | { readonly f: "cas"; readonly from: number; readonly to: number };

/** Here, unlike in Jepsen, a failed cas proves that the register had another value. */
const etcd: Model<number | null, EtcdCall, number | boolean | null> = {
  initial: () => null,
  step(held, input, output) {
    if (input.f === "read") return output === undefined || output === held ? held : REFUSED;
    if (input.f === "write") return input.value;
    if (output !== undefined && output !== (held === input.from)) return REFUSED;
    return held === input.from ? input.to : held;
  },
  isReadOnly: ({ f }) => f === "read",
};

function etcdCalls(log: string): Call<EtcdCall, number | boolean | null>[] {
  const calls: {
    input: EtcdCall;
    output?: number | boolean | null;
    called: number;
    returned: number | null;
  }[] = [];
  const pending = new Map<string, number>();
  log.split("\n").forEach((line, at) => {
    const [, process = "", type = "", f = "", rest = ""] =
      /^INFO\s+jepsen\.util\s+-\s+(\d+)\s+:(\w+)\s+:(\w+)\s+(.*)$/.exec(line) ?? [];
    const [first = 0, second = 0] = (rest.match(/\d+/g) ?? []).map(Number);
    if (type === "invoke") {
      const input: EtcdCall = f === "cas"
        ? { f, from: first, to: second }
        : f === "write"
        ? { f, value: first }
        : { f: "read" };
      pending.set(process, calls.push({ input, called: at, returned: null }) - 1);
      return;
    }
    const call = calls[pending.get(process) ?? -1];
    if (call === undefined || rest.includes(":timed-out")) return; // in doubt: it never returns
    pending.delete(process);
    call.returned = at;
    call.output = f === "cas" ? type === "ok" : f === "write" || rest === "nil" ? null : first;
  });
  return calls.filter(({ input, returned }) => input.f !== "read" || returned !== null);
}

Deno.test({
  name: "Porcupine's etcd histories get its verdicts",
  ignore,
  fn: async () => {
    for (let run = 0; run <= 102; run++) {
      if (run === 95) continue;
      const name = `${folder}/jepsen/etcd_${String(run).padStart(3, "0")}.log`;
      const result = checkLinearizable(etcdCalls(await Deno.readTextFile(name)), etcd);
      assertEquals(result.valid, LINEARIZABLE.has(run), name);
    }
  },
});

interface TextCall {
  readonly f: string;
  readonly key: string;
  readonly value: string;
}

/** A store of texts that can be replaced, appended to, and read. */
const texts: Model<string, TextCall, string> = {
  initial: () => "",
  step(held, { f, value }, output) {
    if (f === "get") return output === held ? held : REFUSED;
    return f === "put" ? value : held + value;
  },
  stateKey: (held) => held,
  isReadOnly: ({ f }) => f === "get",
};

/** The same for the operations of a history, whose values are pairs of key and text. */
const keyedTexts: Model<string, ModelOperation, unknown> = {
  initial: () => "",
  step(held, { f, value }, output) {
    const [, text] = pairOf(value);
    if (f !== "get") return f === "put" ? text : held + text;
    return output === undefined || pairOf(output)[1] === held ? held : REFUSED;
  },
  stateKey: (held) => held,
  partition: ({ value }) => pairOf(value)[0],
  isReadOnly: ({ f }) => f === "get",
};

function pairOf(value: unknown): readonly [key: string, text: string] {
  return Array.isArray(value) ? [String(value[0]), String(value[1] ?? "")] : ["", ""];
}

function textCalls(log: string): Call<TextCall, string>[] {
  const calls: { input: TextCall; output?: string; called: number; returned: number | null }[] = [];
  const pending = new Map<string, number>();
  log.split("\n").forEach((line, at) => {
    const [, process = "", type = "", f = "", key = "", value = ""] =
      /^\{:process (\d+), :type :(\w+), :f :(\w+), :key "(.*)", :value (.*)\}$/.exec(line) ?? [];
    const text = value === "nil" ? "" : value.slice(1, -1);
    if (type === "invoke") {
      pending.set(process, calls.push({ input: { f, key, value: text }, called: at, returned: null }) - 1);
    } else if (type === "ok") {
      const call = calls[pending.get(process) ?? -1];
      if (call !== undefined) Object.assign(call, { output: text, returned: at });
    }
  });
  return calls;
}

Deno.test({
  name: "Porcupine's key-value histories get its verdicts",
  ignore,
  fn: async () => {
    for (const clients of ["c01", "c10", "c50"]) {
      for (const verdict of ["ok", "bad"]) {
        const name = `${folder}/kv/${clients}-${verdict}.txt`;
        const calls = textCalls(await Deno.readTextFile(name));
        const result = checkLinearizable(calls, { ...texts, partition: ({ key }) => key });
        assertEquals(result.valid, verdict === "ok", name);
        // The same through the interface of workload files: the history that `check` reads, and a model of its operations.
        const { history } = readHistory(name, { workload: "lin-kv", interrupted: false });
        assertEquals(checkModel(history, keyedTexts).valid, verdict === "ok", name);
      }
    }
  },
});

/** Returns calls `[input, output, called, returned]`. */
function callsOf<I, O>(...rows: readonly (readonly [I, O, number, number])[]): Call<I, O>[] {
  return rows.map(([input, output, called, returned]) => ({ input, output, called, returned }));
}

Deno.test("Porcupine's register examples get its verdicts", () => {
  const register: Model<number, number | "get", number> = {
    initial: () => 0,
    step: (state, input, output) => input === "get" ? (output === state ? state : REFUSED) : input,
    isReadOnly: (input) => input === "get",
  };
  const valid = (...rows: readonly (readonly [number | "get", number, number, number])[]) =>
    checkLinearizable(callsOf<number | "get", number>(...rows), register).valid;
  assertEquals(valid([100, 0, 0, 100], ["get", 100, 25, 75], ["get", 0, 30, 60]), true);
  assertEquals(valid([200, 0, 0, 100], ["get", 200, 10, 30], ["get", 0, 40, 90]), false);
  // Operations that take no time.
  assertEquals(valid([100, 0, 0, 100], ["get", 100, 25, 75], ["get", 0, 30, 30], ["get", 0, 30, 30]), true);
  assertEquals(
    valid([200, 0, 0, 100], ["get", 200, 10, 10], ["get", 200, 10, 10], ["get", 0, 40, 90]),
    false,
  );
});

Deno.test("Porcupine's set examples get its verdicts", () => {
  type Read = readonly number[] | "unknown";
  const set: Model<readonly number[], number | "read", Read> = {
    initial: () => [],
    step: (state, input, output) => {
      if (input !== "read") return [...new Set([...state, input])].sort((a, b) => a - b);
      return output === undefined || output === "unknown" || String(output) === String(state)
        ? state
        : REFUSED;
    },
  };
  const reads = (added: readonly [number, number], output: Read) =>
    checkLinearizable(
      callsOf<number | "read", Read>([added[0], [], 0, 6], [added[1], [], 1, 5], ["read", output, 2, 4]),
      set,
    )
      .valid;
  assertEquals([reads([100, 0], [100]), reads([100, 110], [100, 110]), reads([100, 110], "unknown")], [
    true,
    true,
    true,
  ]);
  assertEquals(reads([100, 110], [100, 100, 110]), false);
});

Deno.test("Porcupine's nondeterministic register gets its verdict", () => {
  type Input = { readonly put: readonly number[] } | "get-any" | "get-all";
  const subsets = (values: readonly number[]): number[][] => {
    const [first, ...rest] = values;
    return first === undefined ? [[]] : subsets(rest).flatMap((subset) => [subset, [first, ...subset]]);
  };
  // A put sets any subset of its values. get-any returns a subset of the register, and get-all all of it.
  const register = nondeterministic<readonly number[], Input, readonly number[]>({
    initial: () => [[]],
    step: (state, input, output = []) => {
      if (typeof input === "object") return subsets(input.put);
      const fits = output.every((each) => state.includes(each)) &&
        (input === "get-any" || state.every((each) => output.includes(each)));
      return fits ? [state] : [];
    },
  });
  const valid = (all: readonly number[]) =>
    checkLinearizable(
      callsOf<Input, readonly number[]>(
        [{ put: [1, 2, 3, 4] }, [], 0, 10],
        ["get-any", [1, 4], 1, 8],
        ["get-any", [2], 2, 7],
        ["get-all", all, 3, 9],
      ),
      register,
    ).valid;
  assertEquals(valid([1, 2, 3]), false);
  assertEquals(valid([1, 2, 4]), true);
});
