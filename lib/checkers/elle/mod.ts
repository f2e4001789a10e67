/** Transactional isolation after Elle: lists (list-append) and registers (rw-register). */

export type { AnomalousRead, CycleExistsExample, ElleExample, KeyConflict } from "./examples.ts";
export type { CycleStep, EdgeEvidence, ExplainedCycle } from "./explain.ts";
export type { TransactionCheckOptions } from "./check_transactions.ts";
export { checkListAppend, type ListAppendOptions } from "./list_append.ts";
export { CONSISTENCY_MODELS, requireModels } from "./models.ts";
export { checkRwRegister, type RwRegisterOptions } from "./rw_register.ts";
export type { MalformedTransaction } from "./transactions.ts";
export {
  ELLE_VERSIONS,
  type ElleAnomaly,
  type ElleResult,
  type ElleVersion,
  EXAMPLES_MAX,
  type Expectation,
  type NewerFinding,
} from "./verdict.ts";
export type { VersionSources } from "./version_order.ts";
