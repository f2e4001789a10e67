/** Linearizable key-value stores of text: the `get`, `put` and `append` of Porcupine's logs. */

import { type History, NEMESIS } from "../history.ts";
import { emptyHistoryWarning, type Operation, pairOperations } from "../operations.ts";
import { valueKey, valueText } from "../value_key.ts";
import type { LinearizabilityOptions } from "./check_partition.ts";
import type { KeyResult, LinKvResult, MalformedLinKvOperation } from "./lin_kv.ts";
import { type Call, checkLinearizable, type Model, REFUSED } from "./model.ts";

/** An operation on a key. */
type Input =
  | { readonly f: "get"; readonly key: unknown }
  | { readonly f: "put" | "append"; readonly key: unknown; readonly value: string };

/** The text of one key. It begins empty, and an append extends it. */
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

/** Returns true if the history has an operation that only key-value stores have. */
export function isKeyValueHistory(history: History): boolean {
  return history.some(({ f, process }) =>
    process !== NEMESIS && (f === "get" || f === "put" || f === "append")
  );
}

/**
 * Checks that each key of a key-value store is linearizable. Values are `[key, text]`; the text of a `get` that returned
 * null is empty.
 */
export function checkKeyValue(history: History, options: LinearizabilityOptions = {}): LinKvResult {
  const calls: Call<Input, string>[] = [];
  const malformed: MalformedLinKvOperation[] = [];
  for (const operation of pairOperations(history)) {
    if (operation.completion?.type === "fail") continue;
    const call = callOf(operation);
    if (call !== null) calls.push(call);
    else malformed.push({ op: operation.invoke, because: "its value is not [key, text]" });
  }
  const { valid, parts } = checkLinearizable(calls, MODEL, options);
  const results = parts.map((part): KeyResult => ({ key: String(part.key), linearizable: part }));
  return {
    kind: "lin-kv",
    valid: malformed.length > 0 ? false : valid,
    results,
    failures: results.filter(({ linearizable }) => linearizable.valid === false).map(({ key }) => key),
    malformed,
    warning: emptyHistoryWarning(history),
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
