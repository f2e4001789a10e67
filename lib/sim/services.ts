/**
 * The services that Maelstrom offers to nodes, with what makes them dangerous: seq-kv answers from the past, lww-kv
 * forgets. After Maelstrom's doc/services.md and the behaviour of its service.clj.
 */

import { CODE } from "../protocol/errors.ts";
import type { Body } from "../protocol/message.ts";
import * as kv from "../protocol/kv.ts";
import type { SeededRandom } from "./random.ts";

/** Answers a request of `src`; the reply's fields without `in_reply_to`. */
export type Service = (src: string, body: Body) => Body;

/** How many of its last states seq-kv keeps. */
export const SEQUENTIAL_STATES = 32;
/** How many replicas lww-kv has. */
export const LWW_REPLICAS = 2;

/** All services by name. */
export function services(random: SeededRandom): ReadonlyMap<string, Service> {
  return new Map<string, Service>([
    ["lin-kv", linearizableKv()],
    ["seq-kv", sequentialKv(random.split("seq-kv"))],
    ["lww-kv", lastWriteWinsKv(random.split("lww-kv"))],
    ["lin-tso", timestampOracle()],
  ]);
}

/** What a request does to a key that holds `current` (undefined: nothing): the reply, and the value to set. */
interface Outcome {
  readonly reply: Body;
  readonly set?: unknown;
}

const KV_REQUESTS = new Map([kv.read, kv.write, kv.cas].map((declared) => [declared.type, declared.request]));

function apply(body: Body, current: unknown, options: { readonly creates: boolean }): Outcome {
  const exists = current !== undefined;
  switch (body.type) {
    case "read":
      return { reply: exists ? { type: "read_ok", value: current } : noSuchKey() };
    case "write":
      return { reply: { type: "write_ok" }, set: body["value"] };
    default: {
      if (!exists && !(options.creates && body["create_if_not_exists"] === true)) {
        return { reply: noSuchKey() };
      }
      if (exists && !sameJson(current, body["from"])) {
        const text = `current value ${JSON.stringify(current)} is not ${JSON.stringify(body["from"])}`;
        return { reply: { type: "error", code: CODE.preconditionFailed, text } };
      }
      return { reply: { type: "cas_ok" }, set: body["to"] };
    }
  }
}

function noSuchKey(): Body {
  return { type: "error", code: CODE.keyDoesNotExist, text: "key does not exist" };
}

function refusal(body: Body): Body | undefined {
  const request = KV_REQUESTS.get(body.type);
  if (request === undefined) {
    return { type: "error", code: CODE.notSupported, text: `unknown type ${JSON.stringify(body.type)}` };
  }
  const problem = request.problem(body, "");
  return problem === undefined ? undefined : { type: "error", code: CODE.malformedRequest, text: problem };
}

function linearizableKv(): Service {
  const values = new Map<string, unknown>();
  return (_src, body) => {
    const refused = refusal(body);
    if (refused !== undefined) return refused;
    const key = JSON.stringify(body["key"]);
    const { reply, set } = apply(body, values.get(key), { creates: true });
    if (set !== undefined) values.set(key, set);
    return reply;
  };
}

/**
 * A request that changes nothing may be served from any state between the client's last-seen one and the newest; one
 * that changes something moves the client to the newest. "Changes nothing" is judged in the state that was picked: a
 * write of the value that a key had in the past is answered, and never takes place.
 */
function sequentialKv(random: SeededRandom): Service {
  const versions = new Map<string, Array<{ readonly state: number; readonly value: unknown }>>();
  const seen = new Map<string, number>();
  let newest = 0;
  const valueAt = (key: string, state: number): unknown =>
    versions.get(key)?.findLast((version) => version.state <= state)?.value;
  return (src, body) => {
    const refused = refusal(body);
    if (refused !== undefined) return refused;
    const key = JSON.stringify(body["key"]);
    const oldest = Math.max(seen.get(src) ?? 0, newest - SEQUENTIAL_STATES + 1);
    const state = oldest + random.below(newest - oldest + 1);
    const then = valueAt(key, state);
    const past = apply(body, then, { creates: true });
    if (past.set === undefined || sameJson(past.set, then)) {
      seen.set(src, state);
      return past.reply;
    }
    const { reply, set } = apply(body, valueAt(key, newest), { creates: true });
    newest++; // a request that goes to the newest state makes the next one, even where it then changes nothing
    seen.set(src, newest);
    if (set !== undefined) {
      const kept = (versions.get(key) ?? []).filter(({ state }, i, all) =>
        (all[i + 1]?.state ?? Infinity) > newest - SEQUENTIAL_STATES || state > newest - SEQUENTIAL_STATES
      );
      versions.set(key, [...kept, { state: newest, value: set }]);
    }
    return reply;
  };
}

function lastWriteWinsKv(random: SeededRandom): Service {
  type Replica = { clock: number; values: Map<string, { readonly ts: number; readonly value: unknown }> };
  const replicas: Replica[] = Array.from({ length: LWW_REPLICAS }, () => ({ clock: 0, values: new Map() }));
  const merge = (from: Replica, into: Replica) => {
    into.clock = Math.max(into.clock, from.clock);
    for (const [key, theirs] of from.values) {
      const ours = into.values.get(key);
      // The source's value stands where both have the same time.
      if (ours === undefined || ours.ts <= theirs.ts) into.values.set(key, theirs);
    }
  };
  return (_src, body) => {
    const refused = refusal(body);
    if (refused !== undefined) return refused;
    merge(random.pick(replicas), random.pick(replicas));
    const replica = random.pick(replicas);
    const key = JSON.stringify(body["key"]);
    const { reply, set } = apply(body, replica.values.get(key)?.value, { creates: false });
    if (set !== undefined) replica.values.set(key, { ts: replica.clock++, value: set });
    return reply;
  };
}

function timestampOracle(): Service {
  let next = 0;
  return (_src, body) =>
    body.type === "ts"
      ? { type: "ts_ok", ts: next++ }
      : { type: "error", code: CODE.notSupported, text: `unknown type ${JSON.stringify(body.type)}` };
}

/** Whether two JSON values are the same, whatever the order of their keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameJson(Reflect.get(a, key), Reflect.get(b, key)));
}
