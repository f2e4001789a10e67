/** Workload kafka: append-only logs, one per key. Tested by `tests/protocol/message_test.ts`. */

import { type Empty, type Rpc, rpc } from "./message.ts";
import {
  array,
  type Json,
  json,
  natural,
  nullableArray,
  record,
  string,
  tuple,
  type WholeNumber,
  wholeNumber,
} from "./schema.ts";

/** Appends a message to a key's log and asks for its offset. */
export const send: Rpc<{ readonly key: string; readonly msg: Json }, { readonly offset: WholeNumber }> = rpc(
  "send",
  {
    description: "Appends msg to the log of key; the reply names its offset.",
    request: { key: string, msg: json },
    reply: { offset: wholeNumber },
    example: { request: { key: "k1", msg: 123 }, reply: { offset: 1000 } },
  },
);

/** Asks for messages from given offsets on. */
export const poll: Rpc<
  { readonly offsets: Readonly<Record<string, number>> },
  { readonly msgs: Readonly<Record<string, readonly (readonly [offset: WholeNumber, msg: Json])[] | null>> }
> = rpc("poll", {
  description: "Asks for messages of each key from an offset on: key → [[offset, msg], …], offsets growing.",
  request: { offsets: record(natural) },
  reply: { msgs: record(nullableArray(tuple(wholeNumber, json))) },
  example: { request: { offsets: { k1: 1000 } }, reply: { msgs: { k1: [[1000, 123], [1001, 7]] } } },
});

/** Commits the offsets up to which a client has processed each log. */
export const commitOffsets: Rpc<{ readonly offsets: Readonly<Record<string, number>> }, Empty> = rpc(
  "commit_offsets",
  {
    description: "Commits offsets: the client has processed each key's log up to and including its offset.",
    request: { offsets: record(natural) },
    reply: {},
    example: { request: { offsets: { k1: 1001 } }, reply: {} },
  },
);

/** Asks for the committed offsets of some keys. */
export const listCommittedOffsets: Rpc<
  { readonly keys: readonly string[] },
  { readonly offsets: Readonly<Record<string, WholeNumber>> }
> = rpc("list_committed_offsets", {
  description: "Asks for the committed offset of each key; keys without one are left out.",
  request: { keys: array(string) },
  reply: { offsets: record(wholeNumber) },
  example: { request: { keys: ["k1", "k2"] }, reply: { offsets: { k1: 1001 } } },
});
