/** Linearizability: of registers as the lin-kv workload records them, and of any object with a model. */

export type { LinearizabilityOptions } from "./check_partition.ts";
export type { LinearizedPrefix, RegisterEvidence, RegisterState } from "./counterexample.ts";
export {
  checkLinKv,
  checkRegister,
  type KeyResult,
  type LinKvResult,
  type MalformedLinKvOperation,
  type RegisterResult,
} from "./lin_kv.ts";
export {
  checkModel,
  type ModelCall,
  modelCalls,
  type ModelOperation,
  type ModelOptions,
} from "./history_model.ts";
export { nondeterministic, type NondeterministicModel } from "./nondeterministic.ts";
export {
  type Call,
  checkLinearizable,
  type Model,
  type ModelEvidence,
  type ModelPartResult,
  type ModelResult,
  REFUSED,
} from "./model.ts";
export type { SearchLimits } from "./search.ts";
