import { assertEquals, assertStringIncludes } from "@std/assert";
import { exceptionIn } from "../../../lib/bench/findings/exceptions.ts";
import { describeEnd, describeOutput } from "../../../lib/bench/findings/node_output.ts";

const NOTHING = { isRunning: true, stderr: "", stdout: "", unfinished: "" };

Deno.test("a silent node gets a hint to flush, and output without a line end a hint to end lines", () => {
  assertStringIncludes(describeOutput(NOTHING), "Flush stdout after each message");
  const unfinished = describeOutput({ ...NOTHING, unfinished: '{"src":"n0"}' });
  assertStringIncludes(unfinished, "without a newline at the end");
  assertStringIncludes(unfinished, '{"src":"n0"}');
  assertEquals(describeOutput({ ...NOTHING, isRunning: false }), "It wrote nothing.");
});

Deno.test("an init_ok without in_reply_to is reported as such", () => {
  const stdout = '{"src":"n0","dest":"c0","body":{"type":"init_ok"}}';
  assertStringIncludes(describeOutput({ ...NOTHING, stdout }), "Its init_ok has no in_reply_to");
  const right = '{"src":"n0","dest":"c0","body":{"type":"init_ok","in_reply_to":1}}';
  assertEquals(describeOutput({ ...NOTHING, stdout: right }).includes("in_reply_to."), false);
});

Deno.test("an exception is shown before the end of stderr, and its last line is never cut", () => {
  const stderr = `${"log\n".repeat(40)}${TRACES.Python[0]}`;
  const lines = describeOutput({ ...NOTHING, isRunning: false, stderr }).split("\n");
  assertEquals(lines.slice(0, 2), [
    "Python exception: KeyError: 'ehco'",
    "    at node.py, line 7, in handle",
  ]);
  assertEquals(lines.at(-1)?.trim(), "KeyError: 'ehco'");
});

Deno.test("the name of a signal is shown if the process or its exit status indicates one", () => {
  assertEquals(describeEnd({ code: 139, signal: "SIGSEGV" }), "by SIGSEGV");
  assertEquals(describeEnd({ code: 137, signal: null }), "with exit status 137 (SIGKILL)");
  assertEquals(describeEnd({ code: 3, signal: null }), "with exit status 3");
});

/** By language: a report as the runtime writes it, and the parsed exception. */
const TRACES = {
  Python: [
    'Traceback (most recent call last):\n  File "node.py", line 12, in <module>\n    main()\n' +
    '  File "node.py", line 7, in handle\n    body["ehco"]\nKeyError: \'ehco\'\n',
    "KeyError: 'ehco'",
    "node.py, line 7, in handle",
  ],
  Go: [
    "panic: assignment to entry in nil map\n\ngoroutine 1 [running]:\nmain.main()\n\t/home/u/node/main.go:21 +0x1d\nexit status 2\n",
    "panic: assignment to entry in nil map",
    "/home/u/node/main.go:21",
  ],
  Rust: [
    "thread 'main' panicked at src/main.rs:30:14:\ncalled `Option::unwrap()` on a `None` value\nnote: run with `RUST_BACKTRACE=1`\n",
    "panicked: called `Option::unwrap()` on a `None` value",
    "src/main.rs:30:14",
  ],
  JVM: [
    'Exception in thread "main" java.lang.NullPointerException: body is null\n' +
    "\tat java.base/java.util.Objects.requireNonNull(Objects.java:233)\n\tat node.Echo.handle(Echo.java:41)\n",
    "java.lang.NullPointerException: body is null",
    "node.Echo.handle(Echo.java:41)",
  ],
  JavaScript: [
    "/home/u/node.js:3\n  throw new TypeError('no echo')\n\nTypeError: no echo\n    at handle (/home/u/node.js:3:9)\n" +
    "    at node:internal/main:1:1\n",
    "TypeError: no echo",
    "handle (/home/u/node.js:3:9)",
  ],
  Ruby: [
    "node.rb:9:in 'Integer#/': divided by 0 (ZeroDivisionError)\n\tfrom node.rb:9:in '<main>'\n",
    "ZeroDivisionError: divided by 0",
    "node.rb:9",
  ],
} as const;

for (const [language, [text, error, frame]] of Object.entries(TRACES)) {
  Deno.test(`an exception of ${language} is parsed with its message and place`, () => {
    assertEquals(exceptionIn(`12:00 starting\n${text}`), { language, error, frame });
  });
}

Deno.test("a log without an exception has none", () => {
  assertEquals(exceptionIn("12:00 Error while connecting, trying again\n12:01 ready\n"), undefined);
});
