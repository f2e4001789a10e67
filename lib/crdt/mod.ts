/** State that merges: whatever copies have seen, in whatever order, they agree once they have seen the same. */

export { Counter, type CounterState } from "./counter.ts";
export { GSet } from "./g_set.ts";
export { type Cell, isCell, StoredCounter } from "./stored_counter.ts";
