/**
 * A key-value store with compare-and-set: workload lin-kv, and the services lin-kv, seq-kv and lww-kv.
 *
 * Tested by `tests/protocol/message_test.ts`.
 */

import { type Empty, type Rpc, rpc } from "./message.ts";
import { boolean, type Json, json, natural, optional } from "./schema.ts";

/** Asks for a key's value; error 20 if it has none. */
export const read: Rpc<{ readonly key: Json }, { readonly value: Json }> = rpc("read", {
  description: "Asks for the value of key; error 20 if there is none.",
  request: { key: json },
  reply: { value: json },
  example: { request: { key: 5 }, reply: { value: 2 } },
});

/** Sets a key's value unconditionally. */
export const write: Rpc<{ readonly key: Json; readonly value: Json }, Empty> = rpc("write", {
  description: "Sets the value of key unconditionally.",
  request: { key: json, value: json },
  reply: {},
  example: { request: { key: 5, value: 2 }, reply: {} },
});

/** Sets a key's value if it has the expected one. */
export const cas: Rpc<
  { readonly key: Json; readonly from: Json; readonly to: Json; readonly create_if_not_exists?: boolean },
  Empty
> = rpc("cas", {
  description:
    "Sets key to `to` if its value is `from`. Otherwise error 22, or 20 if the key does not exist (services create it on request).",
  request: { key: json, from: json, to: json, create_if_not_exists: optional(boolean) },
  reply: {},
  example: { request: { key: 5, from: 2, to: 3 }, reply: {} },
});

/** Asks the timestamp oracle (service lin-tso) for the next number. */
export const ts: Rpc<Empty, { readonly ts: number }> = rpc("ts", {
  description: "Asks the timestamp oracle for a number greater than all before.",
  request: {},
  reply: { ts: natural },
  example: { request: {}, reply: { ts: 17 } },
});
