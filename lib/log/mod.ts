/** Logs by origin, exchanged in order, in batches, acknowledged. */

export { type Deliver, OriginLogs, type OriginLogsOptions } from "./origin_logs.ts";
