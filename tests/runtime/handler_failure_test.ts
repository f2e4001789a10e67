import { assert } from "@std/assert";
import { handlerFailureLine, isHandlerFailure } from "../../lib/runtime/handler_failure.ts";

Deno.test("a failure's line is recognized alone, after a time and after a node's name", () => {
  const [line = ""] = handlerFailureLine("echo", new TypeError("oops")).split("\n");
  for (const prefix of ["", "12.345 ", "n0: ", "12.345 n0: "]) {
    assert(isHandlerFailure(`${prefix}${line}`), prefix);
  }
  assert(isHandlerFailure(handlerFailureLine("read", "a thrown text")));
});

Deno.test("a line that only quotes a failure is not one", () => {
  for (
    const line of ["", "handler of echo", "the peer said: handler of echo failed: x", "    at echo.ts:4:7"]
  ) {
    assert(!isHandlerFailure(line), line);
  }
});
