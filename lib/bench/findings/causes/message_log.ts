/** The messages of a run, as recorded in messages.jsonl. Tested by `tests/bench/findings/summaries_test.ts`. */

import { mayHoldInexactNumber, parseExactJson } from "../../../protocol/exact_json.ts";
import { isClient } from "../../../protocol/message.ts";
import { isObject } from "../../../protocol/schema.ts";

/** Maximum number of messages kept. For a longer run, causes do not claim "never". */
const MESSAGES_MAX = 400_000;

/** The delivery status of a message; `in flight` if the run ended first. */
export type DeliveryStatus = "received" | "lost" | "cut" | "dead" | "in-flight";

/** One message. Times are in ns since the first operation could start. */
export interface RunMessage {
  /** The message's id in messages.jsonl. */
  readonly id: number;
  readonly src: string;
  readonly dest: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly sentNs: number;
  /** The message's delivery status; for a duplicated message, that of the first copy. */
  readonly deliveryStatus: DeliveryStatus;
  /** The time of delivery or loss; the time of sending if the message is in flight. */
  readonly resolvedNs: number;
}

/** All messages in the order of sending. */
export interface MessageLog {
  readonly messages: readonly RunMessage[];
  /** True if no message is missing. */
  readonly isComplete: boolean;
}

type Draft = { -readonly [K in keyof RunMessage]: RunMessage[K] };

/** Reads the lines of messages.jsonl. */
export function readMessages(lines: Iterable<string>): MessageLog {
  const messages: Draft[] = [];
  const open = new Map<number, Draft>();
  let beganNs = 0;
  let isComplete = true;
  for (const line of lines) {
    const record = parse(line);
    if (record === undefined) continue;
    const time = Number(record["time"]);
    switch (record["event"]) {
      case "began":
        beganNs = time;
        break;
      case "left-out":
        isComplete = false;
        break;
      case "sent": {
        if (messages.length >= MESSAGES_MAX) {
          isComplete = false;
          break;
        }
        const message = sentMessage(record, time);
        messages.push(message);
        open.set(message.id, message);
        break;
      }
      default: {
        const deliveryStatus = deliveryStatusOf(record["event"]);
        const message = open.get(Number(record["id"]));
        if (deliveryStatus === undefined || message === undefined) break;
        message.deliveryStatus = deliveryStatus;
        message.resolvedNs = time;
        open.delete(message.id);
      }
    }
  }
  for (const message of messages) {
    message.sentNs -= beganNs;
    message.resolvedNs -= beganNs;
  }
  return { messages, isComplete };
}

/** True if a message passes between two nodes of the test. */
export function isBetweenNodes({ src, dest }: RunMessage, nodes: ReadonlySet<string>): boolean {
  return nodes.has(src) && nodes.has(dest);
}

/** True if a message comes from a client. */
export function isFromClient({ src }: RunMessage): boolean {
  return isClient(src);
}

function sentMessage(record: Readonly<Record<string, unknown>>, time: number): Draft {
  const message = isObject(record["message"]) ? record["message"] : {};
  return {
    id: Number(record["id"]),
    src: String(message["src"]),
    dest: String(message["dest"]),
    body: isObject(message["body"]) ? message["body"] : {},
    sentNs: time,
    deliveryStatus: "in-flight",
    resolvedNs: time,
  };
}

function deliveryStatusOf(event: unknown): DeliveryStatus | undefined {
  return event === "received" || event === "lost" || event === "cut" || event === "dead" ? event : undefined;
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  if (line === "") return undefined;
  try {
    const value: unknown = mayHoldInexactNumber(line) ? parseExactJson(line) : JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // an interrupted run leaves a partial line
  }
}
