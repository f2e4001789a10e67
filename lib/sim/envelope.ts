/**
 * Messages as the network sees them: sender, receiver and body, without the meaning of the body.
 *
 * Tested by `tests/sim/message_router_test.ts`.
 */

import { Decimal, mayHoldInexactNumber, parseExactJson, stringifyExactJson } from "../protocol/exact_json.ts";
import { isObject, show } from "../protocol/schema.ts";
import { sparseRecord } from "../protocol/sparse_record.ts";

/** A message on the network. Its body may hold anything, as on Maelstrom. */
export interface Envelope {
  readonly src: string;
  readonly dest: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A line that Maelstrom's network accepts. */
export interface AcceptedLine {
  readonly kind: "accepted";
  readonly envelope: Envelope;
  /** The message without the sender's id: `{"src":…,"dest":…,"body":…}`. */
  readonly line: string;
  /** The reason why the line is not strict JSON; absent if it is. */
  readonly looseness?: string;
}

/** A line that Maelstrom's network refuses, and the reason. */
export interface RefusedLine {
  readonly kind: "not-json" | "malformed-message";
  readonly problem: string;
}

/**
 * Reads a line that a node wrote, and refuses exactly what Maelstrom refuses (its `process/parse-msg` and `net/check-message`): the
 * envelope has `src`, `dest`, `body` and optionally an integer `id`. A missing body is an empty object there.
 * `needsCare` tells which lines may hold numbers that must not be rounded.
 */
export function readEnvelope(
  line: string,
  needsCare: (line: string) => boolean = mayHoldInexactNumber,
): AcceptedLine | RefusedLine {
  let value: unknown;
  try {
    value = parseExactJson(line, needsCare);
  } catch (error) {
    return readLooseEnvelope(line, { problem: messageOf(error), needsCare });
  }
  if (isPlainEnvelope(value)) return { kind: "accepted", envelope: value, line };
  const fields = asFields(value);
  if (fields === undefined) return malformed(`a message is an object, but this is ${show(value)}`);
  const { src, dest, id } = fields;
  const body = asFields(fields["body"] ?? []);
  if (typeof src !== "string") return malformed(fieldProblem("src", src, "a string"));
  if (typeof dest !== "string") return malformed(fieldProblem("dest", dest, "a string"));
  if (body === undefined) return malformed(fieldProblem("body", fields["body"], "an object"));
  if (Object.hasOwn(fields, "id") && !isInteger(id)) return malformed(fieldProblem("id", id, "an integer"));
  const extra = Object.keys(fields).find((key) => !ENVELOPE_KEYS.has(key));
  if (extra !== undefined) {
    return malformed(`${extra} is not expected next to src, dest and body`);
  }
  const envelope = { src, dest, body };
  return { kind: "accepted", envelope, line: stringifyExactJson(envelope) };
}

/** Reads a line that is not strict JSON, as Maelstrom's parser does. */
function readLooseEnvelope(
  line: string,
  { problem, needsCare }: { readonly problem: string; readonly needsCare: (line: string) => boolean },
): AcceptedLine | RefusedLine {
  const strict = firstObject(line);
  const read = strict === line ? undefined : readEnvelope(strict, needsCare);
  if (read === undefined || read.kind === "not-json") return { kind: "not-json", problem };
  return read.kind === "accepted" ? { ...read, looseness: problem } : read;
}

/**
 * Returns the first object of a line in strict JSON. Maelstrom's parser ignores what follows the first value of a line, and
 * accepts control characters in strings.
 */
function firstObject(line: string): string {
  let isInString = false;
  return line.slice(0, firstObjectEnd(line)).replace(/\\.|"|[^ -\uffff]/gs, (token) => {
    if (token === '"') isInString = !isInString;
    return isInString && token < " " ? JSON.stringify(token).slice(1, -1) : token;
  });
}

/** Returns the index after the first object of a line; 0 if it does not end. */
function firstObjectEnd(line: string): number {
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i];
    if (isInString && char === "\\") i++;
    else if (char === '"') isInString = !isInString;
    else if (!isInString && char === "{") depth++;
    else if (!isInString && char === "}" && --depth === 0) return i + 1;
  }
  return 0;
}

/** Returns the line that a node receives: every delivered message carries the network's own id. */
export function withNetworkId(line: string, id: number): string {
  return `{"id":${id},${line.slice(line.indexOf("{") + 1)}`;
}

/** Returns true if an id of a message is an integer, or absent. */
export function isMessageId(id: unknown): boolean {
  return id === undefined || isInteger(id);
}

const ENVELOPE_KEYS: ReadonlySet<string> = new Set(["src", "dest", "body", "id"]);

/** Recognizes the form that nearly every message has, in as few steps as possible. */
function isPlainEnvelope(value: unknown): value is Envelope {
  if (!isObject(value) || typeof value["src"] !== "string" || typeof value["dest"] !== "string") return false;
  if (!isBody(value["body"])) return false;
  for (const key in value) if (key !== "src" && key !== "dest" && key !== "body") return false;
  return true;
}

/** A number that is kept as an object is not a body. */
function isBody(value: unknown): value is Envelope["body"] {
  return isObject(value) && !(value instanceof Decimal);
}

/**
 * Returns the fields of an envelope or a body; undefined if the value has none. Maelstrom (`process/keywordize-keys-1`) also
 * takes a list of pairs, of which it ignores further elements, and an empty string. A key that is not a string is null there.
 */
function asFields(value: unknown): Envelope["body"] | undefined {
  if (isBody(value)) return value;
  if (value === "") return {};
  if (!Array.isArray(value) || !value.every(isPair)) return undefined;
  return sparseRecord(value.map((pair) => [keyOf(pair), pair?.[1] ?? null]));
}

type Pair = readonly unknown[] | string | null;

function keyOf(pair: Pair): string {
  return Array.isArray(pair) && typeof pair[0] === "string" ? pair[0] : "null";
}

/** Clojure takes a list, a string and null apart as a pair. */
function isPair(value: unknown): value is Pair {
  return value === null || typeof value === "string" || Array.isArray(value);
}

/** Returns true if a value of a message is an integer of any size. */
export function isInteger(value: unknown): boolean {
  return Number.isSafeInteger(value) || typeof value === "bigint";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function malformed(problem: string): RefusedLine {
  return { kind: "malformed-message", problem };
}

function fieldProblem(field: string, value: unknown, form: string): string {
  return value === undefined ? `${field} is missing` : `${field} must be ${form}, but is ${show(value)}`;
}
