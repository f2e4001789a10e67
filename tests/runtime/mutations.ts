/** Seeded damage to valid traffic, as from a broken or hostile sender. */

import type { SeededRandom } from "../../lib/sim/random.ts";

const encoder = new TextEncoder();

/** Valid requests, one or more of each form that a node knows. */
export const TRAFFIC: readonly string[] = [
  '{"id":1,"src":"c1","dest":"n1","body":{"type":"echo","msg_id":2,"echo":"Please echo 35"}}',
  '{"src":"c2","dest":"n1","body":{"type":"echo","msg_id":3,"echo":{"a":[1,2.5,null,true],"é":"漢🐙"}}}',
  '{"src":"c1","dest":"n1","body":{"type":"generate","msg_id":4}}',
  '{"src":"c3","dest":"n1","body":{"type":"cas","msg_id":5,"key":1,"from":2,"to":3,"create_if_not_exists":true}}',
  '{"src":"c3","dest":"n1","body":{"type":"txn","msg_id":6,"txn":[["r",1,null],["append",1,6],["r",2,null]]}}',
  '{"src":"c4","dest":"n1","body":{"type":"poll","msg_id":7,"offsets":{"k1":1000,"k2":2000}}}',
  '{"src":"c4","dest":"n1","body":{"type":"topology","msg_id":8,"topology":{"n1":["n2","n3"],"n2":["n1"],"n3":["n1"]}}}',
  '{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]}}',
  '{"src":"n2","dest":"n1","body":{"type":"echo_ok","in_reply_to":9,"msg_id":10,"echo":"x"}}',
  '{"src":"n2","dest":"n1","body":{"type":"error","in_reply_to":9,"code":11,"text":"not now"}}',
];

const NUMBERS = [
  "1e400",
  "-1e400",
  "9007199254740993",
  "-0",
  "1.5",
  "1e-400",
  "123456789012345678901234567890",
  "0x1",
];
const VALUES = [
  "null",
  "true",
  "[]",
  "{}",
  '""',
  "0",
  "-1",
  '"n1"',
  '{"type":"echo"}',
  '[["r",1,null]]',
  '"\\ud800"',
];
const INSERTED = [
  "\0",
  "\\u0000",
  "\\ud800",
  "\\udfff",
  "\u2028",
  "\ufeff",
  "\t",
  '"',
  "\\",
  "{",
  "}",
  ",",
  "é",
  "🐙",
];
const KEYS = [
  "__proto__",
  "constructor",
  "toString",
  "problem",
  "src",
  "dest",
  "body",
  "type",
  "msg_id",
  "in_reply_to",
];

/** Returns the ranges of the tokens of a JSON text, approximately. */
function tokens(text: string): Array<readonly [from: number, to: number]> {
  return Array.from(text.matchAll(/"(?:[^"\\]|\\.)*"|-?[\d.eE+]+|[a-z]+|[[\]{},:]/g), (match) => [
    match.index,
    match.index + match[0].length,
  ]);
}

function replaceToken(text: string, random: SeededRandom, by: string): string {
  const found = tokens(text);
  if (found.length === 0) return by;
  const [from, to] = random.pick(found);
  return text.slice(0, from) + by + text.slice(to);
}

function insertAt(text: string, random: SeededRandom, inserted: string): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + inserted + text.slice(at);
}

/** 10 to 1,000, seldom up to 100,000. */
function magnitude(random: SeededRandom): number {
  return 10 ** (1 + random.below(random.chance(0.1) ? 5 : 3));
}

type Mutation = (text: string, random: SeededRandom) => string;

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "none at all": (text) => text,
  truncated: (text, random) => text.slice(0, random.below(text.length)),
  beheaded: (text, random) => text.slice(random.below(text.length)),
  spliced: (text, random) => {
    const other = random.pick(TRAFFIC);
    return text.slice(0, random.below(text.length)) + other.slice(random.below(other.length));
  },
  "two in a line": (text, random) => text + random.pick(["", " ", ","]) + random.pick(TRAFFIC),
  "a wrong type": (text, random) => replaceToken(text, random, random.pick(VALUES)),
  "a huge number": (text, random) => replaceToken(text, random, random.pick(NUMBERS)),
  "an odd character": (text, random) => insertAt(text, random, random.pick(INSERTED)),
  "a token left out": (text, random) => replaceToken(text, random, ""),
  "a token twice": (text, random) => {
    const found = tokens(text);
    const [from, to] = random.pick(found.length === 0 ? [[0, 0] as const] : found);
    return text.slice(0, to) + text.slice(from, to) + text.slice(to);
  },
  "deep nesting": (text, random) => {
    const depth = magnitude(random);
    const [open, close] = random.pick([["[", "]"], ['{"a":', "}"]] as const);
    const closed = random.chance(0.7) ? close.repeat(depth) : "";
    return replaceToken(text, random, `${open.repeat(depth)}1${closed}`);
  },
  "another key": (text, random) => {
    const objects = [...text.matchAll(/\{/g)].map(({ index }) => index + 1);
    const at = objects.length === 0 ? 0 : random.pick(objects);
    return `${text.slice(0, at)}"${random.pick(KEYS)}":${random.pick(VALUES)},${text.slice(at)}`;
  },
  "a long string": (text, random) => replaceToken(text, random, `"${"x".repeat(magnitude(random))}"`),
  "many keys": (text, random) => {
    const keys = Array.from({ length: 2000 }, (_, i) => `"k${i}":${i}`).join(",");
    return replaceToken(text, random, `{${keys}}`);
  },
  "white space": (text, random) => insertAt(text, random, " \t\r ".repeat(random.below(50))),
  "line ends": (text, random) => insertAt(text, random, random.pick(["\n", "\r\n", "\n\n\n", "\r"])),
};

/** One of the messages, damaged once or more, as bytes without a line's end. */
export function mutated(random: SeededRandom, traffic: readonly string[] = TRAFFIC): Uint8Array<ArrayBuffer> {
  let text = random.pick(traffic);
  do text = random.pick(Object.values(MUTATIONS))(text, random); while (random.chance(0.4));
  const bytes = encoder.encode(text);
  // Bytes that are not UTF-8, or another character.
  while (bytes.length > 0 && random.chance(0.15)) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

/** A message of ten million bytes: half of them whole and valid, half cut off. */
export function tenMegabytes(random: SeededRandom): Uint8Array<ArrayBuffer> {
  const echo = random.pick(["x", "é", "\\u0000", "[],"]).repeat(10_000_000 / 5).slice(0, 10_000_000);
  const whole = `{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":2,"echo":"${echo}"}}`;
  return encoder.encode(random.chance(0.5) ? whole : whole.slice(0, random.below(whole.length)));
}
