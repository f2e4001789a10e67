/**
 * The services that Maelstrom offers to nodes, including their weaknesses: seq-kv may return stale values, and the replicas of
 * lww-kv never agree. They follow the behavior of Maelstrom's service.clj: a missing field is null, an unknown type is not
 * answered, and any `msg_id` is answered.
 */

import { canonicalJson } from "../protocol/canonical_json.ts";
import { CODE } from "../protocol/errors.ts";
import { show } from "../protocol/schema.ts";
import type { SeededRandom } from "./random.ts";

/** A body as services read and write it. */
export type ServiceBody = Readonly<Record<string, unknown>>;

/** Answers a request of `src` with a reply without `in_reply_to`, or with nothing if the type is unknown. */
export type Service = (src: string, body: ServiceBody) => ServiceBody | undefined;

/** The number of its last states that seq-kv keeps in a ring buffer. */
export const SEQUENTIAL_STATES = 32;
/** The number of replicas of lww-kv. */
export const LWW_REPLICAS = 2;

/** Returns all services by name. */
export function services(random: SeededRandom): ReadonlyMap<string, Service> {
  return new Map<string, Service>([
    ["lin-kv", linearizableKv({ creates: true })],
    ["seq-kv", sequentialKv(random.split("seq-kv"))],
    ["lww-kv", divergingKv(random.split("lww-kv"))],
    ["lin-tso", timestampOracle()],
  ]);
}

/** The value of a key that exists. */
interface Stored {
  readonly value: unknown;
}

/** The effect of a request on one key: the reply, and the new value if the request changes it. */
interface Outcome {
  readonly reply: ServiceBody;
  readonly set?: Stored;
}

/** Executes a request on a key that holds `current`, or that does not exist. Returns nothing for an unknown type. */
function execute(body: ServiceBody, current: Stored | undefined, creates: boolean): Outcome | undefined {
  switch (body["type"]) {
    case "read":
      return { reply: current === undefined ? NO_SUCH_KEY : { type: "read_ok", value: current.value } };
    case "write":
      return { reply: { type: "write_ok" }, set: { value: body["value"] ?? null } };
    case "cas":
      return compareAndSet(body, current, creates);
    default:
      return undefined;
  }
}

function compareAndSet(body: ServiceBody, current: Stored | undefined, creates: boolean): Outcome {
  const { from = null, to = null } = body;
  const create = body["create_if_not_exists"] ?? false; // anything but null and false is true, as in Clojure
  if (current === undefined && (!creates || create === false)) return { reply: NO_SUCH_KEY };
  if (current !== undefined && !isSameJson(current.value, from)) {
    const text = `current value ${show(current.value)} is not ${show(from)}`;
    return { reply: { type: "error", code: CODE.preconditionFailed, text } };
  }
  return { reply: { type: "cas_ok" }, set: { value: to } };
}

const NO_SUCH_KEY: ServiceBody = { type: "error", code: CODE.keyDoesNotExist, text: "key does not exist" };

function keyOf(body: ServiceBody): string {
  return canonicalJson(body["key"]);
}

function isSameJson(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}

/** With `creates`, a cas may create a key. */
function linearizableKv({ creates }: { readonly creates: boolean }): Service {
  const values = new Map<string, Stored>();
  return (_src, body) => {
    const key = keyOf(body);
    const outcome = execute(body, values.get(key), creates);
    if (outcome?.set !== undefined) values.set(key, outcome.set);
    return outcome?.reply;
  };
}

/**
 * A request that changes nothing may be served from any state between the client's last one and the newest; one that changes
 * something moves the client to the newest. "Changes nothing" is judged in the state that was picked: a write of the value
 * that a key had in the past is answered, and never takes place. As in Maelstrom, an index older than the states in the ring
 * buffer wraps around, so that a client that rarely writes may read an older value after a newer one.
 */
function sequentialKv(random: SeededRandom): Service {
  const versions = new Map<string, Array<{ readonly state: number; readonly stored: Stored }>>();
  const seen = new Map<string, number>();
  let newest = 0;
  const storedAt = (key: string, state: number): Stored | undefined =>
    versions.get(key)?.findLast((version) => version.state <= state)?.stored;
  return (src, body) => {
    const key = keyOf(body);
    const last = seen.get(src) ?? 0;
    const index = last + random.below(newest - last + 1);
    const state = newest - (newest - index) % SEQUENTIAL_STATES;
    const then = storedAt(key, state);
    const past = execute(body, then, true);
    if (past === undefined) return undefined;
    if (past.set === undefined || (then !== undefined && isSameJson(past.set.value, then.value))) {
      seen.set(src, index);
      return past.reply;
    }
    const present = execute(body, storedAt(key, newest), true);
    newest++; // a request that goes to the newest state makes the next one, even where it then changes nothing
    seen.set(src, newest);
    if (present?.set !== undefined) {
      const kept = (versions.get(key) ?? []).filter((_, i, all) =>
        (all[i + 1]?.state ?? Infinity) > newest - SEQUENTIAL_STATES
      );
      versions.set(key, [...kept, { state: newest, stored: present.set }]);
    }
    return present?.reply;
  };
}

/**
 * A random replica answers each request. The replicas never exchange their states: Maelstrom's merge two of them at each
 * request, but then discard the result.
 */
function divergingKv(random: SeededRandom): Service {
  const replicas = Array.from({ length: LWW_REPLICAS }, () => linearizableKv({ creates: false }));
  return (src, body) => random.pick(replicas)(src, body);
}

function timestampOracle(): Service {
  let next = 0;
  return (_src, body) => body["type"] === "ts" ? { type: "ts_ok", ts: next++ } : undefined;
}
