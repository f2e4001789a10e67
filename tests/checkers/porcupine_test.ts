/**
 * The histories that Porcupine publishes (repository anishathalye/porcupine, folder test_data) and the verdicts that its
 * tests expect of them. Set CHARYBDIS_PORCUPINE to that folder to run these.
 */

import { assertEquals } from "@std/assert";
import { type Call, checkLinearizable, type Model, REFUSED } from "../../lib/checkers/mod.ts";
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
      }
    }
  },
});
