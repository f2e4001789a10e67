/** The result of the kafka checker in the form of Jepsen's result map. Tested by `tests/checkers/kafka_test.ts`. */

import { type Fields, warningField } from "../jepsen_fields.ts";
import type { JepsenResult } from "../result.ts";
import type { KafkaAnomaly, KafkaResult, LostMessage, MessageExample, StepExample } from "./check_kafka.ts";
import type { Lag } from "./realtime_lag.ts";

const NS_PER_S = 1_000_000_000;

const INCOMPLETE: Readonly<Record<NonNullable<KafkaResult["incomplete"]>, string>> = {
  "no-writer-of-value": "messages were polled that no operation sent",
  "nothing-polled": "of some key, polls returned lists but no message",
  "stopped": "the check was stopped before its end",
};

/** Returns the result of `checkKafka` as the map of jepsen.tests.kafka's checker. */
export function kafkaToJepsen(result: KafkaResult): JepsenResult {
  return {
    valid: result.valid,
    ...(result.incomplete === null ? {} : { error: INCOMPLETE[result.incomplete] }),
    "error-types": result.errorTypes,
    "bad-error-types": result.badErrorTypes,
    ...Object.fromEntries(result.anomalies.map((anomaly) => [anomaly.kind, anomalyFields(anomaly)])),
    "worst-realtime-lag": lagFields(result.worstRealtimeLag),
    "info-txn-causes": result.infoCauses,
    ...warningField(result.warning),
  };
}

function anomalyFields(anomaly: KafkaAnomaly): Fields {
  switch (anomaly.kind) {
    case "unseen":
      return {
        time: anomaly.timeNs,
        unseen: Object.fromEntries(anomaly.counts),
        messages: Object.fromEntries(anomaly.messages),
      };
    case "empty-transaction-graph":
      return { count: 1, errs: true };
    case "precommitted-read":
      return {
        count: anomaly.count,
        errs: anomaly.examples.map(({ key, value, reader }) => ({ key, value, op: reader })),
      };
    case "G1a":
    case "no-writer-of-value":
      return { count: anomaly.count, errs: anomaly.examples.map(messageFields) };
    case "lost-write":
      return { count: anomaly.count, errs: anomaly.examples.map(lostFields) };
    case "int-poll-skip":
    case "int-nonmonotonic-poll":
    case "int-send-skip":
    case "int-nonmonotonic-send":
      return {
        count: anomaly.count,
        errs: anomaly.examples.map((step) => ({ ...stepFields(step), op: step.operations[0] })),
      };
    case "poll-skip":
    case "nonmonotonic-poll":
    case "nonmonotonic-send":
      return {
        count: anomaly.count,
        errs: anomaly.examples.map((step) => ({ ...stepFields(step), ops: step.operations })),
      };
    case "PL-1-cycle-exists":
    case "strong-PL-1-cycle-exists":
    case "PL-2-cycle-exists":
    case "strong-PL-2-cycle-exists":
      return {
        count: anomaly.count,
        errs: anomaly.examples.map(({ not, sccSize, scc }) => ({
          type: anomaly.kind,
          not,
          "scc-size": sccSize,
          scc,
        })),
      };
    default:
      return { count: anomaly.count, errs: anomaly.examples };
  }
}

function messageFields({ key, value, reader, writer }: MessageExample): Fields {
  return {
    key,
    value,
    ...(reader === undefined ? {} : { reader }),
    ...(writer === undefined ? {} : { writer }),
  };
}

function lostFields({ key, value, index, maxReadIndex, writer, maxRead }: LostMessage): Fields {
  return { key, value, index, "max-read-index": maxReadIndex, writer, "max-read": maxRead };
}

function stepFields({ key, values, delta, skipped }: StepExample): Fields {
  return { key, values, delta, ...(skipped === null ? {} : { skipped }) };
}

/** Returns the lag in seconds; zeros if no poll lagged. */
function lagFields(lag: Lag | null): Fields {
  if (lag === null) return { time: 0, lag: 0 };
  return { time: lag.time / NS_PER_S, process: lag.process, key: lag.key, lag: lag.lag / NS_PER_S };
}
