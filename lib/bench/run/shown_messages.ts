/** Shows messages on the terminal as they pass. Tested by `tests/bench/cluster/process_cluster_test.ts`. */

import { stringifyExactJson } from "../../protocol/exact_json.ts";
import type { MessageSink } from "./message_journal.ts";

/** Forwards messages to a sink, and prints selected ones: `send {…}` when a message is sent, `recv {…}` when it arrives. */
export function shownMessages(
  sink: MessageSink,
  { sent, received, say }: {
    readonly sent: boolean;
    readonly received: boolean;
    readonly say: (text: string) => void;
  },
): MessageSink {
  return {
    began: (timeMs) => sink.began?.(timeMs),
    sent: (timeMs, delivery) => {
      sink.sent(timeMs, delivery);
      if (sent) say(`send ${delivery.line}`);
    },
    resolved: (timeMs, id, deliveryStatus, message) => {
      sink.resolved(timeMs, id, deliveryStatus, message);
      if (received && deliveryStatus === "received") say(`recv ${stringifyExactJson(message)}`);
    },
  };
}
