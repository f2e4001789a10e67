import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  CODE,
  errorName,
  ERRORS,
  invariant,
  InvariantError,
  isDefinite,
  RpcError,
} from "../../lib/protocol/errors.ts";

Deno.test("the codes are those of the protocol, by number, name and definiteness", () => {
  const table = Object.entries(ERRORS).map(([code, { name, definite }]) => `${code} ${name} ${definite}`);
  assertEquals(table, [
    "0 timeout false",
    "1 node-not-found true",
    "10 not-supported true",
    "11 temporarily-unavailable true",
    "12 malformed-request true",
    "13 crash false",
    "14 abort true",
    "20 key-does-not-exist true",
    "21 key-already-exists true",
    "22 precondition-failed true",
    "30 txn-conflict true",
  ]);
});

Deno.test("every code has one name in the program, spelled like the protocol's", () => {
  const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  assertEquals(
    Object.entries(CODE).map(([name, code]) => `${code} ${kebab(name)}`),
    Object.entries(ERRORS).map(([code, { name }]) => `${code} ${name}`),
  );
});

Deno.test("a code that the protocol does not define is unknown and promises nothing", () => {
  for (const code of [1000, 2, -1, 1.5, NaN]) {
    assertEquals(errorName(code), "unknown");
    assertEquals(isDefinite(code), false);
  }
});

Deno.test("an RpcError has its code and its definiteness", () => {
  const error = new RpcError(CODE.preconditionFailed, "expected 1, had 2");
  assert(error instanceof Error);
  assertEquals([error.name, error.code, error.message, error.definite], [
    "RpcError",
    22,
    "expected 1, had 2",
    true,
  ]);
  assertEquals(new RpcError(CODE.timeout, "").definite, false);
  assertEquals(new RpcError(CODE.crash, "").definite, false);
});

Deno.test("a broken invariant throws its message, and one that holds does nothing", () => {
  invariant(true, "one is one");
  const error = assertThrows(
    () => invariant(1 > 2, "one is greater than two"),
    InvariantError,
    "one is greater",
  );
  assertEquals(error.name, "InvariantError");
});

Deno.test("the text of an invariant is written only if the invariant is broken", () => {
  let written = 0;
  const text = () => `text ${++written}`;
  invariant(true, text);
  assertThrows(() => invariant(written > 0, text), InvariantError, "text 1");
});
