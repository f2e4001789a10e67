/** State that merges: copies that received the same changes agree, in any order of arrival. See README.md. */

export { Counter, type CounterState } from "./counter.ts";
export { GSet } from "./g_set.ts";
export { type Cell, isCell, StoredCounter } from "./stored_counter.ts";
