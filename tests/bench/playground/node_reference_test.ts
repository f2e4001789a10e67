import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { nodeMembers } from "../../../lib/bench/playground/node_reference.ts";

const SOURCE = Deno.readTextFileSync(new URL("../../../lib/runtime/node.ts", import.meta.url));

Deno.test("the reference has each member of Node once, with its signatures and description", () => {
  const members = nodeMembers(SOURCE);
  const names = members.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const name of ["id", "peers", "on", "send", "rpc", "after", "every", "storage", "watch", "log"]) {
    assert(names.includes(name), name);
  }
  assert(members.every(({ description }) => description.length > 10 && !description.includes("*")));
  const on = members.find(({ name }) => name === "on");
  assertEquals(on?.signature.split("\n").length, 3);
  assertStringIncludes(
    members.find(({ name }) => name === "send")?.signature ?? "",
    "send(dest: string, body: Body): void;",
  );
});
