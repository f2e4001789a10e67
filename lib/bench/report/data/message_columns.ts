/**
 * Converts the lines of messages.jsonl to columns, with limits and a record of the omitted data.
 *
 * Tested by `tests/bench/report/columns_test.ts`.
 */

import { isClient } from "../../../protocol/message.ts";
import { isObject } from "../../../protocol/schema.ts";
import { plural } from "../../format.ts";
import { microseconds } from "./operation_columns.ts";
import { DELIVERY_STATUSES, type MessageColumns, type TrafficBins } from "./report_data.ts";
import { clip, numberText } from "../html/text.ts";

/** Maximum number of messages in a report. */
export const MESSAGES_MAX = 60_000;
/** Maximum number of characters of all bodies together. The bodies share it evenly, within the bounds below. */
const BODIES_LENGTH_MAX = 16_000_000;
const BODY_LENGTH = { min: 120, max: 6000 } as const;
const BINS = 200;
/** Maximum length of type and sender names. */
const NAME_MAX = 80;
const IN_FLIGHT = DELIVERY_STATUSES.indexOf("in-flight");

interface Sent {
  readonly id: number;
  sent: number;
  readonly src: string;
  readonly dest: string;
  readonly type: string;
  readonly msgId: number;
  readonly inReplyTo: number;
  /** The line that recorded the send. The body is read from it again. */
  readonly line: string;
  resolved: number;
  deliveryStatus: number;
  readonly copy: number;
}

/** Messages, and the counts of all that were sent. */
export interface Messages {
  readonly columns: MessageColumns;
  /** The row of a message by its id in messages.jsonl. */
  readonly rowOfId: ReadonlyMap<number, number>;
  readonly traffic: TrafficBins;
}

/**
 * Reads the lines of messages.jsonl. If there are too many messages, keeps those near `windows` (times in µs) first.
 */
export function messageColumns(
  lines: Iterable<string>,
  { nodes, windows }: {
    readonly nodes: readonly string[];
    readonly windows: ReadonlyArray<readonly [from: number, to: number]>;
  },
): Messages {
  const { messages, notes } = read(lines);
  const traffic = count(messages);
  const kept = thin(messages, windows, notes);
  const bodyMax = Math.max(
    BODY_LENGTH.min,
    Math.min(BODY_LENGTH.max, Math.floor(BODIES_LENGTH_MAX / Math.max(1, kept.length))),
  );
  const bodies = kept.map(({ line }) => bodyText(line));
  const long = bodies.reduce((n, body) => n + (body.length > bodyMax ? 1 : 0), 0);
  if (long > 0) {
    notes.push(
      `${plural(long, "body", numberText).replace("bodys", "bodies")} cut after ${
        numberText(bodyMax)
      } characters.`,
    );
  }
  // A copy of a duplicated message has the same id; its first row counts.
  const rowOfId = new Map(kept.map(({ id }, row) => [id, row] as const).reverse());
  return {
    rowOfId,
    columns: columnsOf(kept, {
      nodes,
      notes,
      total: messages.length,
      bodies: bodies.map((body) => clip(body, bodyMax)),
    }),
    traffic,
  };
}

function read(lines: Iterable<string>): { messages: Sent[]; notes: string[] } {
  const messages: Sent[] = [];
  const notes: string[] = [];
  const open = new Map<number, Sent>();
  const copies = new Set<number>();
  let startedUs = 0;
  for (const line of lines) {
    const record = deliveryStatusOf(line) ?? parse(line);
    if (record === undefined) continue;
    const { id, event } = record;
    const time = microseconds(Number(record["time"]));
    if (event === "began") startedUs = time;
    else if (event === "left-out") {
      notes.push(
        `The bench kept only the last messages after ${
          ((time - startedUs) / 1e6).toFixed(1)
        } s, where its limit was reached: ${
          plural(Number(record["messages"]), "message", numberText)
        } are missing.`,
      );
    } else if (event === "sent") {
      const message = sentMessage(record, { line, time });
      messages.push(message);
      open.set(message.id, message);
    } else if (event === "duplicated") copies.add(Number(id));
    else {
      const message = open.get(Number(id));
      if (message === undefined) continue;
      const deliveryStatus = Math.max(0, DELIVERY_STATUSES.findIndex((name) => name === event));
      if (message.resolved < 0) {
        message.resolved = time;
        message.deliveryStatus = deliveryStatus;
      } else messages.push({ ...message, resolved: time, deliveryStatus, copy: 1 });
      if (!copies.delete(message.id)) open.delete(message.id);
    }
  }
  for (const message of messages) {
    message.sent -= startedUs;
    message.resolved = message.deliveryStatus === IN_FLIGHT ? -1 : message.resolved - startedUs;
  }
  return { messages: messages.sort((a, b) => a.sent - b.sent), notes };
}

/** Parses a line with a message's delivery status. Avoids a JSON parser, because these lines are half of the file. */
function deliveryStatusOf(line: string): Record<string, unknown> | undefined {
  const [, time, id, event] = /^\{"time":(\d+),"id":(\d+),"event":"([a-z]+)"\}$/.exec(line) ?? [];
  return event === undefined ? undefined : { time: Number(time), id: Number(id), event };
}

function parse(line: string): Record<string, unknown> | undefined {
  if (line === "") return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // an interrupted run leaves a partial line
  }
}

function sentMessage(
  record: Readonly<Record<string, unknown>>,
  { line, time }: { readonly line: string; readonly time: number },
): Sent {
  const message = isObject(record["message"]) ? record["message"] : {};
  const body = isObject(message["body"]) ? message["body"] : {};
  const number = (value: unknown) => typeof value === "number" ? value : -1;
  return {
    id: Number(record["id"]),
    sent: time,
    src: clip(String(message["src"]), NAME_MAX),
    dest: clip(String(message["dest"]), NAME_MAX),
    type: clip(String(body["type"]), NAME_MAX),
    msgId: number(body["msg_id"]),
    inReplyTo: number(body["in_reply_to"]),
    line,
    resolved: -1,
    deliveryStatus: IN_FLIGHT,
    copy: 0,
  };
}

function bodyText(line: string): string {
  const message = parse(line)?.["message"];
  return JSON.stringify(isObject(message) ? message["body"] ?? {} : {});
}

/**
 * Keeps the messages that fit: first those in a window, then those between servers, then the rest, the earliest
 * first.
 */
function thin(
  messages: readonly Sent[],
  windows: ReadonlyArray<readonly [number, number]>,
  notes: string[],
): readonly Sent[] {
  if (messages.length <= MESSAGES_MAX) return messages;
  const rank = ({ sent, src, dest }: Sent) => {
    if (windows.some(([from, to]) => from <= sent && sent <= to)) return 0;
    return isClient(src) || isClient(dest) ? 2 : 1;
  };
  const ranked = messages.map((message, at) => ({ message, at, rank: rank(message) }));
  ranked.sort((a, b) => a.rank - b.rank || a.at - b.at);
  const kept = ranked.slice(0, MESSAGES_MAX).sort((a, b) => a.at - b.at).map(({ message }) => message);
  const order = windows.length === 0
    ? "those between servers first, then those of clients, the earliest first"
    : "those near findings first, then those between servers, then those of clients, the earliest first";
  notes.push(
    `${numberText(MESSAGES_MAX)} of ${numberText(messages.length)} messages are kept: ${order}. ` +
      "The plot of messages counts all messages.",
  );
  return kept;
}

function count(messages: readonly Sent[]): TrafficBins {
  const beginUs = messages[0]?.sent ?? 0;
  const endUs = messages.at(-1)?.sent ?? 0;
  const binUs = Math.max(1, Math.ceil((endUs - beginUs + 1) / BINS));
  const zeros = () => new Array<number>(BINS).fill(0);
  const bins = { clients: zeros(), servers: zeros(), undelivered: zeros() };
  for (const { sent, src, dest, deliveryStatus } of messages) {
    const bin = Math.floor((sent - beginUs) / binUs);
    const counts = isClient(src) || isClient(dest) ? bins.clients : bins.servers;
    counts[bin] = (counts[bin] ?? 0) + 1;
    if (deliveryStatus !== 0) bins.undelivered[bin] = (bins.undelivered[bin] ?? 0) + 1;
  }
  return { beginUs, binUs, ...bins };
}

function columnsOf(
  kept: readonly Sent[],
  { nodes, notes, total, bodies }: {
    readonly nodes: readonly string[];
    readonly notes: readonly string[];
    readonly total: number;
    readonly bodies: readonly string[];
  },
): MessageColumns {
  const { actors, services } = actorsOf(kept, nodes);
  const actorNumbers = new Map(actors.map((name, i) => [name, i]));
  const types: string[] = [];
  const typeNumbers = new Map<string, number>();
  const typeNumber = (type: string) => {
    let number = typeNumbers.get(type);
    if (number === undefined) typeNumbers.set(type, number = types.push(type) - 1);
    return number;
  };
  return {
    actors,
    services,
    sent: kept.map(({ sent }) => sent),
    resolved: kept.map(({ resolved }) => resolved),
    src: kept.map(({ src }) => actorNumbers.get(src) ?? 0),
    dest: kept.map(({ dest }) => actorNumbers.get(dest) ?? 0),
    type: kept.map(({ type }) => typeNumber(type)),
    types,
    deliveryStatus: kept.map(({ deliveryStatus }) => deliveryStatus),
    copy: kept.map(({ copy }) => copy),
    msgId: kept.map(({ msgId }) => msgId),
    inReplyTo: kept.map(({ inReplyTo }) => inReplyTo),
    body: bodies,
    leftOut: { total, notes },
  };
}

/** Sorts nodes in the test's order, then services, then clients, each in numeric order. */
function actorsOf(kept: readonly Sent[], nodes: readonly string[]): { actors: string[]; services: number } {
  const known = new Set(nodes);
  const clients = new Set<string>();
  const services = new Set<string>();
  for (const { src, dest } of kept) {
    for (const name of [src, dest]) {
      if (known.has(name)) continue;
      (isClient(name) ? clients : services).add(name);
    }
  }
  const sorted = (names: Iterable<string>) =>
    [...names].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return { actors: [...nodes, ...sorted(services), ...sorted(clients)], services: services.size };
}
