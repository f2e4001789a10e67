/**
 * The complete summaries of `test` for nodes with one bug each. CHARYBDIS_REWRITE=1 writes the files in `summaries` again; what
 * changed is then reviewed as a diff.
 */

import { assert, assertEquals } from "@std/assert";
import { describeError } from "../../../lib/bench/findings/answer_findings.ts";
import { findingsOf } from "../../../lib/bench/findings/findings.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { style } from "../../../lib/bench/terminal/style.ts";
import { summarize } from "../../../lib/bench/terminal/summary.ts";
import { virtualRun } from "../support/virtual_run.ts";
import { TIMEOUT_ERROR } from "../../../lib/bench/workloads/operations.ts";
import { WRONG_NODES, type WrongNode } from "./wrong_nodes.ts";

const DIRECTORY = new URL("./summaries/", import.meta.url);
const readable = Deno.permissions.querySync({ name: "read" }).state === "granted";
const rewrite = Deno.permissions.querySync({ name: "env" }).state === "granted" &&
  Deno.env.get("CHARYBDIS_REWRITE") === "1";

async function summaryOf({ commandLine, seed, program, storage = false }: WrongNode): Promise<string> {
  const { history, result, messages, logs } = await virtualRun(commandLine, { seed, program, storage });
  const { test } = parseTest(["--virtual", ...commandLine.split(" ")]);
  const findings = findingsOf(result, history, {
    nodes: test.nodes,
    concurrency: test.concurrency,
    messages,
    logs: test.nodes.map((node) =>
      [node, logs.filter((line) => line.startsWith(`${node}: `)).join("\n")] as const
    ),
  });
  const lines = summarize(result, { test, style: style(false), seed, findings });
  return [`test --virtual ${commandLine} --seed ${seed}`, "", ...lines, ""].join("\n")
    .replaceAll(new URL("../../../", import.meta.url).href, "").replaceAll(
      /:\d+:\d+(?=\)|$)/gm,
      ":LINE:COLUMN",
    );
}

for (const wrong of WRONG_NODES) {
  Deno.test({
    name: `the summary of ${wrong.name.replaceAll("_", " ")} equals its golden`,
    ignore: !readable,
    fn: async () => {
      const url = new URL(`${wrong.name}.txt`, DIRECTORY);
      const said = await summaryOf(wrong);
      if (rewrite) Deno.writeTextFileSync(url, said);
      else assertEquals(said, Deno.readTextFileSync(url));
    },
  });
}

Deno.test({
  name: "a summary contains no raw JSON of results, and has at most 80 columns after its head",
  ignore: !readable,
  fn: () => {
    for (const { name } of WRONG_NODES) {
      const text = Deno.readTextFileSync(new URL(`${name}.txt`, DIRECTORY));
      assert(!/"(index|time|process|count|errs)":/.test(text), name);
      const [, ...below] = text.split("\n\n");
      for (const line of below.slice(1).join("\n").split("\n")) assert(line.length <= 80, `${name}: ${line}`);
    }
  },
});

Deno.test("an error of an operation is shown up to a length that a stack trace has", () => {
  const shown = (error: string) =>
    describeError({
      count: 1,
      event: { index: 0, time: 0, process: 0, type: "fail", f: "read", value: null, error },
    });
  assertEquals(shown("x".repeat(2000)), `once: ${"x".repeat(2000)}`);
  assertEquals(shown("x".repeat(100_000)), `once: ${"x".repeat(2000)}… (98000 more characters)`);
});

Deno.test("of a valid run, the errors that left operations indeterminate are shown, but no timeouts", () => {
  const event = { index: 0, time: 0, process: 0, f: "poll", value: null } as const;
  const history = [
    { ...event, type: "info", error: "malformed reply: msgs must be an object, but is []" },
    { ...event, type: "info", error: TIMEOUT_ERROR },
    { ...event, type: "fail", error: ["precondition-failed", "it is 2"] },
  ] as const;
  const findings = findingsOf({ valid: true, workload: { valid: true } }, history);
  assertEquals(findings.map(({ name, severity, count }) => [name, severity, count]), [
    ["client-errors", "info", 1],
  ]);
  assertEquals(findings[0]?.examples[0]?.sentences, [
    "poll, once: malformed reply: msgs must be an object, but is []",
  ]);
});
