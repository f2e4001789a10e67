/** Logs by origin, exchanged in order, in batches, acknowledged; and what can be made of them. */

export { CausalOrder, type CausalOrderOptions, type Place, type Receipt } from "./causal/causal_order.ts";
export { JoinedReplica } from "./joined_replica.ts";
export { CommittedOffsets } from "./keyed/committed_offsets.ts";
export { KeyedLog, type Placed, type Seat } from "./keyed/keyed_log.ts";
export { KeyedLogs, type KeyedLogsOptions, type SendEntry } from "./keyed/keyed_logs.ts";
export { PAGE_LIMITS, type PageLimits, pages } from "./keyed/pages.ts";
export { type Deliver, OriginLogs, type OriginLogsOptions } from "./origin_logs.ts";
export { type Executed, type RegisterKey, type RegisterOperation, Registers } from "./registers/registers.ts";
export { type Answer, SerialRegisters } from "./registers/serial_registers.ts";
export { BYTES_PER_UNIT, WeighedLogs } from "./weighed_logs.ts";
