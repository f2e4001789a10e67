/** A linearizable map from keys to text: the `get`, `put` and `append` of Porcupine's key-value logs. */

import { type History, NEMESIS } from "../history.ts";
import { emptyHistoryWarning, type Operation, pairOperations } from "../operations.ts";
import type { Result } from "../result.ts";
import { valueKey, valueText } from "../value_key.ts";
import type { LinearizabilityOptions } from "./check_partition.ts";
import { type Call, checkLinearizable, type Model, REFUSED } from "./model.ts";

/** An operation on a key. */
type Input =
  | { readonly f: "get"; readonly key: unknown }
  | { readonly f: "put" | "append"; readonly key: unknown; readonly value: string };

/** Every key begins with the empty text, which an append prolongs. */
const MODEL: Model<string, Input, string> = {
  initial: () => "",
  step(held, input, output) {
    switch (input.f) {
      case "get":
        return output === undefined || output === held ? held : REFUSED;
      case "put":
        return input.value;
      case "append":
        return held + input.value;
    }
  },
  isReadOnly: ({ f }) => f === "get",
  overwrites: ({ f }) => f === "put",
  partition: ({ key }) => valueKey(key),
  describe: (input, output) =>
    input.f === "get"
      ? `get(${valueText(input.key)}) → ${output === undefined ? "?" : valueText(output)}`
      : `${input.f}(${valueText(input.key)}, ${valueText(input.value)})`,
};

/** Returns true if the history is of a key-value store: it has an operation that registers lack. */
export function isKeyValueHistory(history: History): boolean {
  return history.some(({ f, process }) =>
    process !== NEMESIS && (f === "get" || f === "put" || f === "append")
  );
}

/**
 * Checks that each key is linearizable. Values are `[key, text]`; the text of a `get` that returned null is empty. The
 * result has `results` by key and the `failures`, as that of registers.
 */
export function checkKeyValue(history: History, options: LinearizabilityOptions = {}): Result {
  const calls: Call<Input, string>[] = [];
  const malformed: unknown[] = [];
  for (const operation of pairOperations(history)) {
    if (operation.completion?.type === "fail") continue;
    const call = callOf(operation);
    if (call !== null) calls.push(call);
    else malformed.push({ op: operation.invoke, because: "its value is not [key, text]" });
  }
  const { valid, results } = checkLinearizable(calls, MODEL, options);
  const parts: readonly Result[] = Array.isArray(results) ? results : [];
  const byKey = parts.map(({ key, ...linearizable }) => [String(key), linearizable] as const);
  const warning = emptyHistoryWarning(history);
  return {
    valid: malformed.length > 0 ? false : valid,
    results: Object.fromEntries(
      byKey.map(([key, linearizable]) => [key, { valid: linearizable.valid, linearizable }]),
    ),
    failures: byKey.filter(([, linearizable]) => linearizable.valid === false).map(([key]) => key),
    ...(malformed.length === 0 ? {} : { "malformed-count": malformed.length, malformed }),
    ...(warning === null ? {} : { warning }),
  };
}

function callOf({ invoke, completion }: Operation): Call<Input, string> | null {
  const { f } = invoke;
  if (!Array.isArray(invoke.value) || invoke.value.length !== 2) return null;
  const [key, value]: readonly unknown[] = invoke.value;
  const isOk = completion?.type === "ok";
  const interval = { called: invoke.index, returned: isOk ? completion.index : null };
  if (f === "put" || f === "append") {
    return typeof value === "string" ? { input: { f, key, value }, ...interval } : null;
  }
  if (f !== "get") return null;
  const answered: unknown = isOk && Array.isArray(completion.value) ? completion.value[1] : null;
  if (isOk && answered !== null && typeof answered !== "string") return null;
  return {
    input: { f, key },
    ...(isOk ? { output: typeof answered === "string" ? answered : "" } : {}),
    ...interval,
  };
}
