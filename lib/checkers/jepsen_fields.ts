/** Fields that the result maps of several checkers share. Tested by `tests/checkers/recorded_test.ts`. */

import { valueText } from "./value_key.ts";

/** The fields of a result map. */
export type Fields = Readonly<Record<string, unknown>>;

/** Returns the warning as a field; nothing if there is none. */
export function warningField(warning: string | null): Fields {
  return warning === null ? {} : { warning };
}

/** Returns a list and its length as two fields; nothing if it is empty. */
export function countedList(name: string, list: readonly unknown[]): Fields {
  return list.length === 0 ? {} : { [`${name}-count`]: list.length, [name]: list };
}

/** Returns the text of a JSON value as the name of a field: strings as they are, other values as JSON. */
export function textOfKey(key: unknown): string {
  return typeof key === "string" ? key : valueText(key);
}
