/** Linearizability: of registers as the lin-kv workload records them, and of any object with a model. */

export { checkLinKv, checkRegister } from "./lin_kv.ts";
export { type Call, checkLinearizable, type Model, REFUSED } from "./model.ts";
export type { LinearizabilityOptions } from "./check_partition.ts";
export type { SearchLimits } from "./search.ts";
