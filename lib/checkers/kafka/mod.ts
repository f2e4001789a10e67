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
export type { CycleStep as KafkaCycleStep, CycleType as KafkaCycleType, DependencyCycle } from "./cycles.ts";
export {
  type KafkaHistory,
  type KafkaOperation,
  type MalformedKafkaOperation,
  type Message as KafkaMessage,
  type Messages as KafkaMessages,
  type Offset as KafkaOffset,
  readKafkaHistory,
} from "./operations.ts";
export { type Lag, realtimeLag } from "./realtime_lag.ts";
export { polledValues, type ValuesByKey, type VersionOrder, versionOrders } from "./version_orders.ts";
