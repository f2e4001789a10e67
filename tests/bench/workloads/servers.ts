/** Correct servers, which handle one request at a time. */

import { CODE, RpcError } from "../../../lib/protocol/errors.ts";
import * as kafka from "../../../lib/protocol/kafka.ts";
import * as kv from "../../../lib/protocol/kv.ts";
import type { Rpc } from "../../../lib/protocol/message.ts";
import type { Reply } from "../../../lib/bench/workloads/operations.ts";
import { type Json, show } from "../../../lib/protocol/schema.ts";
import { listAppend, rwRegister } from "../../../lib/protocol/txn.ts";
import type { Server } from "./drive.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The reply if the body is a request of that kind. */
function on<Q, R>(
  declared: Rpc<Q, R>,
  handle: (request: Q) => R & Fields,
): (body: Reply) => Fields | undefined {
  return (body) => {
    if (body["type"] !== declared.type) return undefined;
    if (!declared.request.is(body)) throw new TypeError(declared.request.problem(body, "") ?? "malformed");
    return handle(body);
  };
}

function first(...handlers: readonly ((body: Reply) => Fields | undefined)[]): Server {
  return (body) => {
    for (const handler of handlers) {
      const reply = handler(body);
      if (reply !== undefined) return reply;
    }
    throw new RpcError(CODE.notSupported, `no ${body["type"]}`);
  };
}

/** A key-value store. */
export function keyValueServer(): Server {
  const values = new Map<Json, Json>();
  return first(
    on(kv.read, ({ key }) => {
      const value = values.get(key);
      if (value === undefined) throw new RpcError(CODE.keyDoesNotExist, "no such key");
      return { value };
    }),
    on(kv.write, ({ key, value }) => (values.set(key, value), {})),
    on(kv.cas, ({ key, from, to }) => {
      const value = values.get(key);
      if (value === undefined) throw new RpcError(CODE.keyDoesNotExist, "no such key");
      if (value !== from) throw new RpcError(CODE.preconditionFailed, `${show(value)} is not ${show(from)}`);
      values.set(key, to);
      return {};
    }),
  );
}

/** Lists, in serial transactions. */
export function listServer(): Server {
  const lists = new Map<unknown, readonly Json[]>();
  return first(on(listAppend, ({ txn }) => ({
    txn: txn.map((operation) => {
      const [f, key, element] = operation;
      if (f === "r") return [f, key, lists.get(key) ?? null] as const;
      lists.set(key, [...lists.get(key) ?? [], element]);
      return operation;
    }),
  })));
}

/** Registers, in serial transactions. */
export function registerServer(): Server {
  const registers = new Map<unknown, Json>();
  return first(on(rwRegister, ({ txn }) => ({
    txn: txn.map((operation) => {
      const [f, key, value] = operation;
      if (f === "r") return [f, key, registers.get(key) ?? null] as const;
      registers.set(key, value);
      return operation;
    }),
  })));
}

/** Logs, with committed offsets that never go back. A poll gets at most `pollMax` messages of a key. */
export function logServer({ pollMax = 8 }: { readonly pollMax?: number } = {}): Server {
  const logs = new Map<string, Json[]>();
  const committed = new Map<string, number>();
  return first(
    on(kafka.send, ({ key, msg }) => {
      const log = logs.get(key) ?? [];
      logs.set(key, log);
      return { offset: log.push(msg) - 1 };
    }),
    on(kafka.poll, ({ offsets }) => ({
      msgs: Object.fromEntries(
        Object.entries(offsets).map(([key, from]) => [
          key,
          (logs.get(key) ?? []).slice(from, from + pollMax).map((msg, at) => [from + at, msg] as const),
        ]),
      ),
    })),
    on(kafka.commitOffsets, ({ offsets }) => {
      for (const [key, offset] of Object.entries(offsets)) {
        committed.set(key, Math.max(offset, committed.get(key) ?? 0));
      }
      return {};
    }),
    on(kafka.listCommittedOffsets, ({ keys }) => ({
      offsets: Object.fromEntries(keys.flatMap((key) => {
        const offset = committed.get(key);
        return offset === undefined ? [] : [[key, offset]];
      })),
    })),
  );
}
