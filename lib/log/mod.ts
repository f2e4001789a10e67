/** Logs by origin: exchanged in order, in batches and acknowledged; and the services built on them. See README.md. */

export {
  type Acknowledgement,
  CausalOrder,
  type CausalOrderOptions,
  type EntryPosition,
} from "./causal/causal_order.ts";
export { CompositeReplica } from "./composite_replica.ts";
export { CommittedOffsets } from "./keyed/committed_offsets.ts";
export { KeyedLog, type NodeIndex, type OffsetMessage } from "./keyed/keyed_log.ts";
export { KeyedLogs, type KeyedLogsOptions, type SendEntry } from "./keyed/keyed_logs.ts";
export { PAGE_LIMITS, type PageLimits, pages } from "./keyed/poll_pages.ts";
export { type Deliver, OriginLogs, type OriginLogsOptions } from "./origin_logs.ts";
export {
  type ExecutionResult,
  type RegisterKey,
  type RegisterOperation,
  Registers,
} from "./registers/registers.ts";
export { type Answer, TotalOrderRegisters } from "./registers/total_order_registers.ts";
export { BYTES_PER_CREDIT, SizeLimitedLogs } from "./size_limited_logs.ts";
