/** Logs in the manner of Kafka. */

export {
  checkKafka,
  type DuplicatedMessage,
  type ExternalStepKind,
  type InternalStepKind,
  type KafkaAnomaly,
  type KafkaExamples,
  type KafkaOptions,
  type KafkaResult,
  type LostMessage,
  type MessageExample,
  type OffsetConflict,
  type StepExample,
} from "./check_kafka.ts";
export type {
  CycleExistsType as KafkaCycleExistsType,
  CycleStep as KafkaCycleStep,
  CycleType as KafkaCycleType,
  CyclicComponent,
  DependencyCycle,
} from "./cycles.ts";
export type { EndingKind } from "./ending_kinds.ts";
export {
  type Batch as KafkaBatch,
  type Batches as KafkaBatches,
  type KafkaHistory,
  type KafkaOperation,
  type MalformedKafkaOperation,
  type Offset as KafkaOffset,
  readKafkaHistory,
} from "./operations.ts";
export { type Lag, realtimeLag } from "./realtime_lag.ts";
export {
  type MessageSet,
  polledMessages,
  type VersionOrder,
  type VersionOrders,
  versionOrders,
} from "./version_orders.ts";
