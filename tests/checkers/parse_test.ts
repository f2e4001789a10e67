import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Decimal } from "../../lib/protocol/exact_json.ts";
import {
  checkHistory,
  HistoryError,
  parseHistory,
  type ParseOptions,
  resultText,
  WORKLOADS,
} from "../../lib/checkers/mod.ts";

const INVOKE = '{"index":0,"time":5,"process":0,"type":"invoke","f":"read","value":null}';
const OK = '{"index":1,"time":9,"process":0,"type":"ok","f":"read","value":[1],"node":"n1"}';

function refusal(text: string, options: ParseOptions = {}): [line: number, reason: string] {
  const error = assertThrows(() => parseHistory(text, options), HistoryError);
  assertStringIncludes(error.message, `line ${error.line}: `);
  return [error.line, error.reason];
}

function assertRefused(
  text: string,
  line: number,
  options: { readonly reason: string } & ParseOptions,
): void {
  const [at, why] = refusal(text, options);
  assertStringIncludes(why, options.reason);
  assertEquals(at, line);
}

Deno.test("a history is read from text or lines and keeps further fields", () => {
  const events = [
    { index: 0, time: 5, process: 0, type: "invoke", f: "read", value: null },
    { index: 1, time: 9, process: 0, type: "ok", f: "read", value: [1], node: "n1" },
  ];
  assertEquals([...parseHistory(`${INVOKE}\n${OK}\n`)], events as unknown[]);
  assertEquals([...parseHistory([INVOKE, "", OK])], events as unknown[]);
  assertEquals([...parseHistory("")], []);
  assertEquals(
    parseHistory('{"index":0,"time":1,"process":"nemesis","type":"info","f":"kill"}')[0]?.value,
    null,
  );
});

Deno.test("a last line that is cut off is rejected, or dropped on request", () => {
  const cut = `${INVOKE}\n${OK.slice(0, 30)}`;
  assertRefused(cut, 2, { reason: "cut off" });
  assertEquals(parseHistory(cut, { cutOff: "drop" }).length, 1);
  assertRefused("hello\n", 1, { reason: "this is not JSON" }); // no history, so nothing of it is cut off
});

Deno.test("a line that is not JSON or not an event is rejected with a reason", () => {
  assertRefused(`${INVOKE}\nnonsense\n${OK}`, 2, { reason: "not JSON" });
  assertRefused(`${INVOKE}\nnonsense\n${OK}`, 2, { reason: "not JSON", cutOff: "drop" });
  assertRefused("nonsense\n", 1, { reason: "this is not JSON: Unexpected token" });
  assertRefused("[1]", 1, { reason: "an event is a JSON object" });
  assertRefused(INVOKE.replace('"f":"read",', ""), 1, { reason: 'no "f"' });
  assertRefused(INVOKE.replace('"process":0', '"process":"c1"'), 1, { reason: '"process" must be' });
  assertRefused(INVOKE.replace("invoke", "start"), 1, { reason: '"type" must be' });
  assertRefused(INVOKE.replace('"index":0', '"index":-1'), 1, { reason: '"index" must be' });
});

Deno.test("a gap in the indexes is rejected", () => {
  assertRefused(`${INVOKE}\n${OK.replace('"index":1', '"index":4')}`, 2, {
    reason: "index is 4 instead of 1",
  });
});

Deno.test("a completion without invocation and concurrent invocations are rejected", () => {
  assertRefused(OK.replace('"index":1', '"index":0'), 1, { reason: "never invoked" });
  assertRefused(`${INVOKE}\n${INVOKE.replace('"index":0', '"index":1')}`, 2, { reason: "still pending" });
  assertRefused(`${INVOKE}\n${OK.replace('"f":"read"', '"f":"add"')}`, 2, { reason: 'invoked "read"' });
});

Deno.test("a history of another workload is rejected with the matching workloads", () => {
  assertRefused(INVOKE.replace('"read"', '"txn"'), 1, {
    workload: "broadcast",
    reason: "kafka, txn-list-append, txn-rw-register",
  });
  assertRefused(INVOKE.replace('"read"', '"sing"'), 1, { workload: "echo", reason: "which no workload has" });
});

Deno.test("integers beyond 2^53 are read and written exactly", () => {
  const [event] = parseHistory(
    INVOKE.replace("null", "[9007199254740993,9007199254740992.5,-1234567890123456789]"),
  );
  assertEquals(
    event?.value,
    [9007199254740993n, new Decimal("9007199254740992.5"), -1234567890123456789n] as unknown[],
  );
  assertEquals(resultText({ id: 9007199254740993n, n: 1 }), '{"id":9007199254740993,"n":1}');
});

Deno.test("a reply nested 5,000 deep is read, judged and written", () => {
  for (const inner of ["", "1.0", "12345678901234567890"]) {
    const deep = "[".repeat(5_000) + inner + "]".repeat(5_000);
    const history = parseHistory(`${INVOKE}\n${OK.replace("[1]", deep)}`);
    assertEquals(resultText(history[1]?.value), deep);
    for (const workload of WORKLOADS) {
      assert(checkHistory(workload, history).workload.kind !== "failed");
    }
  }
});

Deno.test("a value nested beyond the stack is read, and written on one line", () => {
  for (const inner of ["", "1.0", '{"a":1.0,"b":["\\"]",2]}']) {
    const deep = "[".repeat(200_000) + inner + "]".repeat(200_000);
    const history = parseHistory(`${INVOKE}\n${OK.replace("[1]", deep)}`);
    assertEquals(resultText(history[1]?.value, 1), deep);
  }
});
