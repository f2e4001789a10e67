/** State that merges: whatever copies have seen, in whatever order, they agree once they have seen the same. */

export { GSet } from "./g_set.ts";
