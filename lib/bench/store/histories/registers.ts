/**
 * Converts histories of registers in other formats to histories of lin-kv.
 *
 * Tested by `tests/bench/store/histories/read_history_test.ts`.
 */

import { type Event, type History, NEMESIS } from "../../../checkers/history.ts";

/** The key for the operations of a single register. */
const ONLY_REGISTER = "register";

/** A history for lin-kv's checker. */
export interface RegisterHistory {
  readonly history: History;
  /** True if the history was not in lin-kv's format: it comes from a model rather than a whole test. */
  readonly isModelOnly: boolean;
}

/**
 * Gives each client operation a value in lin-kv's format, `[key, value]`. Some histories, such as key-value logs, have the
 * key in a separate field, `:key`. Knossos's registers have no key: a history in which no operation has a key, or the invocation of a read has
 * none, is judged as one register.
 */
export function withKeys(history: History): RegisterHistory {
  if (history.some(hasKeyField)) {
    const keyed = history.map((event) => hasKeyField(event) ? withKey(event, event["key"]) : event);
    return { history: keyed, isModelOnly: true };
  }
  const mine = history.filter(({ process }) => process !== NEMESIS);
  // The values of a single register may be pairs, too, but not its invocations of reads.
  if (mine.length === 0 || (mine.some(hasKey) && !mine.some(isReadWithoutKey))) {
    return { history, isModelOnly: false };
  }
  const keyed = history.map((event) => event.process === NEMESIS ? event : withKey(event, ONLY_REGISTER));
  return { history: keyed, isModelOnly: true };
}

function hasKeyField({ process, key }: Event): boolean {
  return process !== NEMESIS && key !== undefined;
}

/** A cas without a key is also a pair; with a key, its second element is a pair. */
function hasKey({ f, value }: Event): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  return f !== "cas" || Array.isArray(value[1]);
}

function isReadWithoutKey({ type, f, value }: Event): boolean {
  return type === "invoke" && f === "read" && value === null;
}

function withKey(event: Event, key: unknown): Event {
  return { ...event, value: [key, event.value] };
}
