import { assert, assertEquals } from "@std/assert";
import { runSteps } from "../../../lib/bench/run/request_steps.ts";
import type { Reply, RequestSequence } from "../../../lib/bench/workloads/operations.ts";
import { RpcError } from "../../../lib/protocol/errors.ts";

function* echo(text: string): RequestSequence<unknown> {
  const reply = yield { body: { type: "echo", echo: text }, timeoutMs: undefined };
  return reply["echo"];
}

/** Returns the outcome of one request with this reply. */
function outcomeOf(body: Reply): unknown {
  let found: unknown;
  runSteps(echo("hi"), (_, { reply }) => reply(body), (outcome) => {
    found = "error" in outcome ? outcome.error : outcome.value;
  });
  return found;
}

Deno.test("a reply continues the steps", () => {
  assertEquals(outcomeOf({ type: "echo_ok", echo: "hi" }), "hi");
});

Deno.test("the code of an error reply is a number, or it is unknown", () => {
  for (
    const [code, read] of [[11, 11], [11.5, 11.5], ["22", -1], [null, -1], [2n ** 70n, -1], [undefined, -1]]
  ) {
    const error = outcomeOf({ type: "error", code, text: "no" });
    assert(error instanceof RpcError);
    assertEquals([error.code, error.message], [read, "no"]);
  }
});

Deno.test("the text of an error reply is shown, even if it is not a string", () => {
  const texts: readonly [unknown, string][] = [
    ["busy", "busy"],
    [undefined, ""],
    [null, ""],
    [5, "5"],
    [false, "false"],
    [{ reason: ["busy"] }, '{"reason":["busy"]}'],
  ];
  for (const [text, shown] of texts) {
    const error = outcomeOf({ type: "error", code: 11, text });
    assert(error instanceof RpcError);
    assertEquals(error.message, shown);
  }
});
