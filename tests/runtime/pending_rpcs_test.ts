import { assertEquals } from "@std/assert";
import { CODE, RpcError } from "../../lib/protocol/errors.ts";
import { PendingRpcs } from "../../lib/runtime/pending_rpcs.ts";

/** A request to n1 that records its outcome. */
function pending(ended: unknown[]) {
  return {
    dest: "n1",
    resolve: (body: unknown) => void ended.push(body),
    reject: ({ code }: RpcError) => void ended.push(code),
    cancelTimeout: () => void ended.push("timeout canceled"),
  };
}

Deno.test("a reply settles its request once, and cancels the timeout", () => {
  const [rpcs, ended] = [new PendingRpcs(), new Array<unknown>()];
  rpcs.add(1, pending(ended));
  assertEquals(rpcs.settle(1, { type: "ok" }, "n2"), false, "another node does not answer it");
  assertEquals(rpcs.settle(2, { type: "ok" }, "n1"), false, "another reply does not answer it");
  assertEquals(rpcs.settle(1, { type: "ok" }, "n1"), true);
  assertEquals(rpcs.settle(1, { type: "ok" }, "n1"), false, "a duplicate is ignored");
  assertEquals(ended, ["timeout canceled", { type: "ok" }]);
});

Deno.test("an error reply rejects with its code, or as a crash without one", () => {
  const [rpcs, ended] = [new PendingRpcs(), new Array<unknown>()];
  rpcs.add(1, pending(ended));
  rpcs.add(2, pending(ended));
  rpcs.settle(1, { type: "error", code: CODE.keyDoesNotExist }, "n1");
  rpcs.settle(2, { type: "error" }, "n1");
  assertEquals(ended, ["timeout canceled", CODE.keyDoesNotExist, "timeout canceled", CODE.crash]);
});

Deno.test("a stop rejects all pending requests as indefinite", () => {
  const [rpcs, ended] = [new PendingRpcs(), new Array<unknown>()];
  rpcs.add(1, pending(ended));
  rpcs.fail(1, new RpcError(CODE.abort, "x"));
  rpcs.add(2, pending(ended));
  rpcs.rejectAll();
  assertEquals([ended, rpcs.size], [[CODE.abort, "timeout canceled", CODE.timeout], 0]);
});
