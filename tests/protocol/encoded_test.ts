import { assertEquals, assertStrictEquals } from "@std/assert";
import { decodedFields, encodeFields, RawJson } from "../../lib/protocol/encoded.ts";

Deno.test("fields are encoded as JSON.stringify encodes them, with or without RawJson", () => {
  const fields = { 'a "key"': [1, "x"], none: undefined, deep: { list: new RawJson("[7]") }, nothing: null };
  const text = encodeFields(fields);
  assertEquals(text, JSON.stringify(fields));
  assertEquals(JSON.parse(encodeFields({ ...fields, messages: new RawJson('["y", 2]') })), {
    ...JSON.parse(text),
    messages: ["y", 2],
  });
  assertEquals(encodeFields({ none: undefined, messages: new RawJson("[]") }), '{"messages":[]}');
});

Deno.test("decodedFields returns what the receiver of the JSON reads", () => {
  const fields = { none: undefined, list: new RawJson("[7]"), text: "x" };
  assertEquals<unknown>(decodedFields(fields), JSON.parse(encodeFields(fields)));
  const plain = { a: 1 };
  assertStrictEquals(decodedFields(plain), plain);
});
