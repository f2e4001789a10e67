/** State that merges: copies that have received the same changes agree, in whatever order the changes arrived. See README.md. */

export { Counter, type CounterState } from "./counter.ts";
export { GSet } from "./g_set.ts";
export { type Cell, isCell, StoredCounter } from "./stored_counter.ts";
