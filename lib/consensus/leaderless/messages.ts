/**
 * The message of an engine without a leader: everything that a node has for another one in a turn.
 *
 * Tested by `tests/nodes/txn_list_append_test.ts`.
 */

import type { Body } from "../../protocol/message.ts";
import {
  array,
  double,
  json,
  natural,
  optional,
  record,
  schema,
  string,
  tuple,
  union,
} from "../../protocol/schema.ts";
import type { NodeId } from "../types.ts";
import type { ExecutedExchange } from "./executed_exchange.ts";
import type { Outbox } from "./outbox.ts";
import type { Delays } from "./peer_clocks.ts";
import type { Peers } from "./peers.ts";
import type { Floor, LeaderlessConfig } from "./types.ts";

/** The head of a message. */
export interface Head {
  /** The sender's incarnation. */
  readonly incarnation: string;
  /** The time by the sender's clock, in ms. */
  readonly sentAt: number;
  /** The delays of the receiver's messages, as the sender has measured them. */
  readonly delays: Delays | undefined;
  /** The number of each coordinator's instances that the sender has executed without a gap. */
  readonly executed: Floor;
}

/** The way of a message. */
export interface Route {
  readonly from: NodeId;
  readonly to: NodeId;
}

/** A message. The engine defines its parts. */
export interface LeaderlessMessage<Part> extends Route, Head {
  readonly parts: readonly Part[];
}

/** The forms of values that the engines share. */
export const floor = record(natural);
export const commands = array(json);
export const commandsOrNone = union(
  commands,
  schema<null>("null", (value, path) => value === null ? undefined : `${path} must be null`),
);

/** The forms of a message's head. */
export const head = {
  incarnation: string,
  sentAt: double,
  delays: optional(tuple(double, double)),
  executed: floor,
};

/** Returns the body that carries a message of an engine. */
export function toBody<Part>(
  type: string,
  { incarnation, sentAt, delays, executed, parts }: LeaderlessMessage<Part>,
): Body {
  return { type, incarnation, sentAt, ...delays && { delays }, executed, parts };
}

/** The state of a node that its messages tell. */
export interface Sender<Part> {
  readonly config: LeaderlessConfig;
  readonly others: readonly NodeId[];
  readonly exchange: ExecutedExchange;
  readonly outbox: Outbox<Part>;
  readonly peers: Peers;
}

/** Returns the messages of a turn. Without parts, a message still tells what the node has executed, when that is due. */
export function takeMessages<Part>(
  { config, others, exchange, outbox, peers }: Sender<Part>,
  { now, sentAt }: { readonly now: number; readonly sentAt: number },
): LeaderlessMessage<Part>[] {
  const { id: from, incarnation } = config;
  const { upTo: executed } = exchange.executed;
  const parts = outbox.take(now);
  const isDue = exchange.takeGossip(now);
  return others.filter((to) => isDue || parts.has(to)).map((to) => {
    exchange.tell(to);
    const delays = peers.clocks.delaysFrom(to);
    return { from, to, incarnation, sentAt, delays, executed, parts: parts.get(to) ?? [] };
  });
}
