import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { EdnError } from "../../../../lib/bench/store/histories/edn_reader.ts";
import { recognizeForm } from "../../../../lib/bench/store/histories/forms.ts";
import { linesOf } from "../../../../lib/bench/store/histories/text_chunks.ts";
import { readAs, readHistory } from "../../../../lib/bench/store/history_file.ts";
import { BenchError } from "../../../../lib/bench/errors.ts";
import { folderTest } from "../../../folder.ts";
import { Decimal } from "../../../../lib/protocol/exact_json.ts";
import { type History, HistoryError, type WorkloadName } from "../../../../lib/checkers/mod.ts";

function read(text: string, workload: WorkloadName, interrupted = false): History {
  return readAs(recognizeForm([text]), [text], { workload, interrupted }).history;
}

function refusal(text: string, workload: WorkloadName): string {
  return assertThrows(() => read(text, workload), Error).message;
}

Deno.test("the form of a history is recognized by its content", () => {
  const forms = [
    '{"index":0,"time":0,"process":0,"type":"invoke","f":"echo","value":1}',
    '\uFEFF\n{ "time":5, "index": 0 }',
    "{:process 0}",
    "; a comment\n[",
    "#jepsen.history.Op{:index 0}",
    "^{:a 1} [",
    "'({:process 0})",
    "0\t:invoke\t:read\tnil",
    ":nemesis\t:info\t:start\tnil",
    "INFO  jepsen.util - 0\t:invoke\t:read\tnil",
    "2024-01-01 INFO [main] jepsen.core: Running\n2024 INFO [worker 0] jepsen.util: 3\t:ok\t:read\t5",
    "",
    '[{"process": 0}]',
    '[\n\n {"process": 0}]',
    '{"index": 1, "time": 5}',
    '{"index": 0, "process": 0}',
    '{\n "index": 0,\n "time": 5}',
    "[\n {:process 0}]",
    "[\n]",
    "[main] INFO jepsen.cli - Test options:\n {:args []}\n[jepsen worker 0] INFO jepsen.util - 0\t:ok\t:echo\t1",
  ].map((text) => recognizeForm([text]));
  const [json, edn, lines, log] = ["json-lines", "edn", "operation-lines", "log"] as const;
  const objects = "json-objects" as const;
  assertEquals(
    forms,
    [
      json,
      json,
      edn,
      edn,
      edn,
      edn,
      edn,
      lines,
      lines,
      log,
      log,
      json,
      ...Array(5).fill(objects),
      edn,
      edn,
      log,
    ],
  );
});

Deno.test("a file that is not a history is rejected with the place and the expected form", () => {
  const error = assertThrows(() => recognizeForm(["\nhello world\n"]), HistoryError);
  assertEquals([error.line, error.column], [2, 1]);
  assertStringIncludes(error.message, "expected a history");
});

folderTest("a binary file is named, with the way to a history", async (folder) => {
  const compressed = ReadableStream.from([new TextEncoder().encode("{:process 0}")])
    .pipeThrough(new CompressionStream("gzip"));
  const files = [
    [new Uint8Array(await new Response(compressed).arrayBuffer()), "compressed. Decompress it with gunzip"],
    [new TextEncoder().encode("JEPSEN\0\0\0\x01"), "Name the history.edn"],
    [new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 0]), "but found data that is not UTF-8 text"],
  ] as const;
  for (const [bytes, words] of files) {
    Deno.writeFileSync(`${folder}/history`, bytes);
    const read = () => readHistory(`${folder}/history`, { workload: "echo", interrupted: false });
    assertStringIncludes(assertThrows(read, BenchError).message, words);
  }
});

Deno.test("operations printed by Jepsen are read with values, errors and nemesis events", () => {
  const text = '0\t:invoke\t:write\t[1 {"a" 5N}]\n:nemesis\t:info\t:start\t:majority\n' +
    "0\t:info\t:write\t[1 2]\t[:timeout 5]\n1\t:invoke\t:read\t[1 nil]\n1\t:fail\t:read\t[1 nil]\tConnection refused\n";
  const events = read(text, "lin-kv");
  assertEquals(events.map(({ process, type, f }) => [process, type, f]), [
    [0, "invoke", "write"],
    ["nemesis", "info", "start"],
    [0, "info", "write"],
    [1, "invoke", "read"],
    [1, "fail", "read"],
  ]);
  assertEquals(events.map(({ value, error }) => [value, error]), [
    [[1, { a: 5 }], undefined],
    ["majority", undefined],
    [[1, 2], ["timeout", 5]],
    [[1, null], undefined],
    [[1, null], "Connection refused"],
  ]);
});

Deno.test("operations are read from a listing with line numbers and spaces", () => {
  const text =
    "   1\t0 :invoke :write  [4 2]\n   2\t0 :info :write  [4 2] :timeout\n  10\t:nemesis   :info   :start  nil\n";
  assertEquals(read(text, "lin-kv").map(({ process, type, error }) => [process, type, error]), [
    [0, "invoke", undefined],
    [0, "info", "timeout"],
    ["nemesis", "info", undefined],
  ]);
});

Deno.test("operations are read from newer logs of Jepsen, without other messages", () => {
  const start = "INFO [2021-04-13 23:32:29,761] jepsen worker 0 - jepsen.util ";
  const text = ["1000 retries", "0\t:invoke\t:generate\tnil", "5 :ok", "0  :ok  :generate  5"]
    .map((message) => `${start}${message}\n`).join("");
  assertEquals(read(text, "unique-ids").map(({ type, value }) => [type, value]), [["invoke", null], [
    "ok",
    5,
  ]]);
});

Deno.test("an error of several lines belongs to the operation that Jepsen printed before it", () => {
  const text =
    "0\t:invoke\t:read\tnil\n0\t:info\t:read\tnil\tMalformed reply:\n\n{:type 5}\n1\t:invoke\t:read\tnil\n";
  assertEquals(read(text, "broadcast").map(({ process, error }) => [process, error]), [
    [0, undefined],
    [0, "Malformed reply:\n\n{:type 5}"],
    [1, undefined],
  ]);
});

Deno.test("an error of very many lines is read in linear time", () => {
  const lines = "a line of a stack trace\n".repeat(100_000);
  const text = `0\t:invoke\t:read\tnil\n0\t:info\t:read\tnil\tMalformed reply:\n${lines}`;
  assertEquals(read(text, "broadcast")[1]?.error, `Malformed reply:\n${lines.trimEnd()}`);
});

Deno.test("indexes may be absent, start anywhere and have gaps, but never decrease", () => {
  const [one, two] = [
    ":process 0, :type :invoke, :f :echo, :value 1",
    ":process 0, :type :ok, :f :echo, :value 1",
  ];
  for (const [a, b] of [["", ""], [":index 1, ", ":index 2, "], [":index 10, ", ":index 20, "]]) {
    const events = read(`{${a}${one}}\n{${b}${two}}`, "echo");
    assertEquals(events.map(({ index, time }) => [index, time]), [[0, 0], [1, 1]]);
  }
  assertEquals(
    refusal(`{:index 5, ${one}}\n{:index 4, ${two}}`, "echo"),
    "line 2, column 1: the index 4 follows 5: events are out of order",
  );
});

Deno.test("each process may number its own events", () => {
  const [one, two] = [0, 1].map((process) => (index: number, type: string) =>
    `{:index ${index}, :process ${process}, :type ${type}, :f :echo}`
  );
  assert(one !== undefined && two !== undefined);
  const text = [one(1, ":invoke"), one(2, ":ok"), two(1, ":invoke"), two(2, ":ok"), one(3, ":invoke")];
  assertEquals(read(text.join("\n"), "echo").map(({ index }) => index), [0, 1, 2, 3, 4]);
  assertStringIncludes(
    refusal([...text, two(2, ":invoke")].join("\n"), "echo"),
    "line 6, column 1: the index 2 follows 3",
  );
  assertStringIncludes(
    refusal([one(1, ":invoke"), two(3, ":invoke"), one(2, ":ok")].join("\n"), "echo"),
    "line 3, column 1: the index 2 follows 3",
  );
});

const REFUSALS: readonly [text: string, workload: WorkloadName, message: string][] = [
  ["{:type :ok, :f :echo}", "echo", "line 1, column 1: this event has no :process"],
  [
    "[{:process 0 :type :invoke :f :echo}\n {:process nil :type :ok :f :echo}]",
    "echo",
    "line 2, column 2: this event has",
  ],
  ["{:process :client, :type :ok, :f :echo}", "echo", "line 1, column 1: :process must be a whole number"],
  ["{:process 0, :type :started, :f :echo}", "echo", "line 1, column 1: :type must be"],
  ["{:process 0, :type :ok, :f 5}", "echo", "line 1, column 1: :f must be"],
  ["{:process 0, :type :invoke}", "lin-kv", "line 1, column 1: :f must be"],
  ["{:process 0, :type :invoke, :f :sing}", "echo", "line 1, column 1: this is not a history of echo"],
  ["{:process 0, :type :ok, :f :echo}", "echo", "line 1, column 1: process 0 completes"],
  [
    "{:process 0, :type :invoke, :f :read, :value [[:r :x nil] 5]}",
    "txn-rw-register",
    "line 1, column 1: this is not a history of txn-rw-register",
  ],
  [
    "{:process 0, :type :invoke, :f :write, :value [[:append :x 1]]}",
    "txn-rw-register",
    "line 1, column 1: this is not a history of txn-rw-register",
  ],
  ["[1 2]", "echo", "line 1, column 1: expected an operation map"],
  ["{:process 0, :type :invoke, :f :echo} {:a", "echo", "line 1, column 39: this map is never closed"],
  ["0\t:invoke\t:read\t[1", "lin-kv", "line 1, column 17: the operation's value is not EDN"],
  ["0\t:invoke\t:read\tnil\nnonsense", "lin-kv", "line 2, column 1: expected an operation"],
  [
    "INFO jepsen.util - 0\t:invoke\t:read\tnil\nINFO jepsen.util - broken",
    "lin-kv",
    "line 2, column 20: expected",
  ],
];

for (const [text, workload, message] of REFUSALS) {
  Deno.test(`${JSON.stringify(text)} is refused`, () => {
    const refused = refusal(text, workload);
    assertStringIncludes(refused, message);
  });
}

Deno.test("an interrupted history may end within a form, a complete one may not", () => {
  const text = "{:process 0, :type :invoke, :f :echo, :value 1}\n{:process 0, :ty";
  assertEquals(read(text, "echo", true).length, 1);
  assertThrows(() => read(text, "echo"), EdnError);
});

Deno.test("transactions are read without invocations, and the name of the only operation is optional", () => {
  const events = read(
    "[{:process 0, :type :ok, :value [[:append :x 1] [:r :y [1]]]}\n" +
      " {:process 1, :type :ok, :value [[:append :x 2] [:append :y 1]]}\n" +
      " {:process 2, :type :ok, :value [[:r :x [1 2]]]}]",
    "txn-list-append",
  );
  assertEquals(events.map(({ f, type }) => [f, type]), [["txn", "ok"], ["txn", "ok"], ["txn", "ok"]]);
});

Deno.test("a tuple of process, type, name and value is an operation", () => {
  const events = read("[0 :invoke :write 3]\n[0 :ok :write 3]", "lin-kv");
  assertEquals(events.map(({ process, type, value }) => [process, type, value]), [
    [0, "invoke", ["register", 3]],
    [0, "ok", ["register", 3]],
  ]);
});

Deno.test("the key of a register may be a separate field", () => {
  const text = '{"process":0,"type":"invoke","f":"write","key":"x","value":1}\n' +
    '{"process":"nemesis","type":"info","f":"kill","key":"n1"}\n' +
    '{"process":0,"type":"ok","f":"write","key":"x","value":1}';
  assertEquals(read(text, "lin-kv").map(({ value }) => value), [["x", 1], null, ["x", 1]]);
});

Deno.test("a register whose values are pairs has no key, as the invocations of its reads show", () => {
  const text = "[0 :invoke :write [1 2]]\n[0 :ok :write [1 2]]\n[0 :invoke :read nil]\n[0 :ok :read [1 2]]";
  assertEquals(read(text, "lin-kv").map(({ value }) => value), [
    ["register", [1, 2]],
    ["register", [1, 2]],
    ["register", null],
    ["register", [1, 2]],
  ]);
});

Deno.test("lines are joined from any chunks, without their line ends", () => {
  assertEquals([...linesOf(["a\r", "\nb", "b\n\nc"])], ["a", "bb", "", "c"]);
});

Deno.test("operations in one JSON array are read from any chunks, with exact numbers", () => {
  const text = `[
    {"process": 0, "type": "invoke", "f": "generate", "value": null},
    {"process": 0, "type": "ok", "f": "generate", "value": {"]}": [18446744073709551616, 1.0]}},
    {"process": "nemesis", "type": "info", "f": "kill"}
  ]`;
  const whole = read(text, "unique-ids");
  assertEquals(whole.map(({ process, type, f }) => [process, type, f]), [
    [0, "invoke", "generate"],
    [0, "ok", "generate"],
    ["nemesis", "info", "kill"],
  ]);
  assertEquals(whole[1]?.value, { "]}": [18446744073709551616n, new Decimal("1.0")] });
  const pieces = readAs("json-objects", text.split(""), { workload: "unique-ids", interrupted: false });
  assertEquals(pieces.history, whole);
});

Deno.test("JSON operations of other tools are read one after the other, with free indexes and names", () => {
  const text = `{"index": 1, "process": 0, "type": "invoke", "f": "write", "value": [["w", "x", 1]]}
    {"index": 3, "process": 0, "type": "info", "f": "write", "value": null}
    {
      "index": 4, "process": 1, "type": "ok", "value": [["r", "x", null]]
    }`;
  assertEquals(read(text, "txn-rw-register").map(({ index, f, value }) => [index, f, value]), [
    [0, "write", [["w", "x", 1]]],
    [1, "write", null],
    [2, "txn", [["r", "x", null]]],
  ]);
});

Deno.test("a malformed JSON array is rejected with the place of the error", () => {
  const invoke = '{"process": 0, "type": "invoke", "f": "echo", "value": 1}';
  assertStringIncludes(
    refusal(`[${invoke},\n 5]`, "echo"),
    "line 2, column 2: expected an operation's object",
  );
  assertStringIncludes(
    refusal(`[${invoke},\n {"process": 0,]`, "echo"),
    "line 2, column 2: this is not JSON",
  );
  assertStringIncludes(
    refusal(`[${invoke},\n {"process"`, "echo"),
    "line 2, column 2: this object is never closed",
  );
  assertStringIncludes(
    refusal(`[${invoke},\n {"type": "ok"}]`, "echo"),
    "line 2, column 2: this event has no :process",
  );
});
