import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { checkHistory } from "../../../lib/checkers/check_history.ts";
import type { Event } from "../../../lib/checkers/history.ts";
import { historyToJepsen, isWorkload, type WorkloadName } from "../../../lib/checkers/mod.ts";
import { parseHistory } from "../../../lib/checkers/parse.ts";
import { describeAnomaly } from "../../../lib/bench/findings/anomaly_descriptions.ts";
import { cyclePicture } from "../../../lib/bench/report/html/cycle_diagram.ts";
import { metricsOf } from "../../../lib/bench/report/data/metrics.ts";
import { eventsIn } from "../../../lib/bench/findings/draft.ts";
import { findingsOf } from "../../../lib/bench/findings/findings.ts";
import { operationsPicture, registerPicture } from "../../../lib/bench/report/html/operations_diagram.ts";
import { makeReport } from "../../../lib/bench/report/report.ts";
import { evidenceSpan } from "../../../lib/bench/report/run_page.ts";
import { pageText } from "../../../lib/bench/report/html/elements.ts";
import { isInSlice } from "../../seeds.ts";
import { canRead, record, recordedRuns } from "../../checkers/recorded.ts";
import { TimeWindow } from "../../../lib/bench/report/browser/time_window.ts";
import { sampleRun } from "./sample_run.ts";

const WORKLOADS: readonly WorkloadName[] = [
  "broadcast",
  "echo",
  "g-counter",
  "g-set",
  "kafka",
  "lin-kv",
  "pn-counter",
  "unique-ids",
];

Deno.test(
  "every invalid recorded run has a finding with its own description",
  { ignore: !canRead },
  async () => {
    let invalid = 0;
    for (const workload of WORKLOADS) {
      for (const { name, history, availability } of await recordedRuns(workload)) {
        const result = historyToJepsen(checkHistory(workload, history, { availability }));
        const severe = findingsOf(result, history).filter(({ severity }) => severity === "invalid");
        assertEquals(severe.length > 0, result.valid === false, name);
        if (result.valid === false) invalid++;
        for (const finding of severe) {
          assert(finding.description.title !== finding.name, `${name}: ${finding.name} has no words`);
          assert(finding.examples.length > 0 && finding.count > 0, `${name}: ${finding.name} has no case`);
        }
      }
    }
    assert(invalid > 10, "the recorded runs hold many kinds of wrong");
  },
);

Deno.test("every recorded run has a page", { ignore: !canRead }, async () => {
  for (const workload of WORKLOADS) {
    for (const { name, history, availability } of (await recordedRuns(workload)).slice(0, 4)) {
      const result = historyToJepsen(checkHistory(workload, history, { availability }));
      const page = await makeReport({
        workload,
        name,
        head: {},
        result,
        history,
        messages: undefined,
        logs: [],
      });
      const word = result.valid === true ? "Valid: " : result.valid === false ? "Invalid: " : "Unknown: ";
      assertStringIncludes(page, word);
    }
  }
});

Deno.test("an isolation anomaly is shown with a diagram of its cycle", {
  ignore: !canRead || !isInSlice(0, 2),
}, async () => {
  const file = await Deno.open(new URL("../../fixtures/elle/cases.jsonl.gz", import.meta.url));
  const text = await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).text();
  let cycles = 0;
  for (const line of text.split("\n").filter((line) => line !== "").slice(0, 400)) {
    const { workload, options, history: events } = record(JSON.parse(line));
    const name = String(workload);
    if (!isWorkload(name) || !Array.isArray(events)) continue;
    const history = parseHistory(events.map((event) => JSON.stringify(event)));
    const models = record(options)["consistency-models"];
    const result = historyToJepsen(checkHistory(
      name,
      history,
      Array.isArray(models) ? { consistencyModels: models.map(String) } : {},
    ));
    for (const { description, name, examples } of findingsOf(result, history)) {
      assert(description.title !== name, `${name} has no words`);
      for (const { events, cycle } of examples) {
        if (cycle.length === 0) continue;
        cycles++;
        assertEquals(events.length, cycle.length, "a transaction for each edge");
        const diagram = pageText(cyclePicture(events, cycle));
        assertEquals(diagram.match(/class="box"/g)?.length, cycle.length);
      }
    }
  }
  assert(cycles > 20, `${cycles} cycles were drawn`);
});

Deno.test("an anomaly is described by its name, and an unknown name is its own title", () => {
  assertStringIncludes(describeAnomaly("G-single-item-realtime").what, "real time");
  assertStringIncludes(describeAnomaly("PL-3-cycle-exists").title, "PL-3");
  assertEquals(describeAnomaly("constructor").title, "constructor");
  assertEquals(describeAnomaly("something-new").title, "something-new");
});

Deno.test("events are found at any depth of the evidence, each once", () => {
  const event: Event = { index: 4, time: 1, process: 0, type: "ok", f: "read", value: 1 };
  const other: Event = { ...event, index: 2 };
  assertEquals(eventsIn({ a: [event, { b: other }], c: event }), [other, event]);
});

Deno.test("the card of a lost element shows its broadcast and the read that lacks it", () => {
  const { result, history } = sampleRun({ values: 5, lost: new Set([3]) });
  const [finding] = findingsOf(result, history);
  assertEquals(finding?.name, "lost");
  assertEquals(finding?.count, 1);
  assertEquals(finding?.examples[0]?.events.map(({ f }) => f), ["broadcast", "read"]);
});

Deno.test("a register's diagram shows the longest prefix, with the state after each step", () => {
  const event = (index: number, f: string, value: unknown) =>
    ({ index, time: index, process: 1, type: "ok", f, value: [0, value] }) as const;
  const diagram = pageText(registerPicture({
    key: "0",
    linearized: [event(1, "write", 3), event(3, "cas", [3, 4])],
    linearizedCount: 7,
    failed: event(5, "read", 3),
    pending: [],
    states: ["4"],
  }));
  assertStringIncludes(diagram, "5 earlier operations");
  assertStringIncludes(diagram, "= 3");
  assertStringIncludes(diagram, "= 4");
  assertStringIncludes(diagram, "not linearizable: the register held 4");
});

Deno.test("operations are drawn in the order of their times, with one key's part of a poll", () => {
  const history: Event[] = [[7, "send", [["send", "x", [0, 1]]]], [3, "poll", [["poll", {
    x: [[0, 1]],
    y: [],
  }]]]]
    .flatMap(([process, f, value], i) =>
      (["invoke", "ok"] as const).map((type, j): Event => {
        const index = 2 * i + j;
        return { index, time: index * 1e6, process: Number(process), type, f: String(f), value };
      })
    );
  const ends = history.filter(({ type }) => type === "ok").reverse();
  const text = pageText(operationsPicture(ends, { history, focus: "x" }));
  assertMatch(text, /process 7.*process 3/s);
  assertStringIncludes(text, 'poll {"x":[[0,1]]}'.replaceAll('"', "&quot;"));
});

Deno.test("metrics of a challenge are compared with its bounds", () => {
  const test = {
    workload: "broadcast",
    nodes: Array.from({ length: 25 }, (_, i) => `n${i}`),
    rate: 100,
    timeLimitS: 20,
    latency: { dist: "constant", meanMs: 100 },
    faults: [],
    consistencyModels: ["strict-serializable"],
  };
  const result = {
    valid: true,
    workload: { "stable-latencies": { "0.5": 450, "1": 500 } },
    net: { servers: { "msg-count": 50, "msgs-per-op": 25 } },
  };
  const bounds = metricsOf(result, test).flatMap(({ name, bounds }) =>
    bounds.map(({ text, met }) => `${name} ${text} ${met}`)
  );
  assertEquals(bounds, [
    "Messages per operation 3d: under 30 true",
    "Messages per operation 3e: under 20 false",
    "Median stable latency 3d: under 400 false",
    "Median stable latency 3e: under 1000 true",
    "Longest stable latency 3d: under 600 true",
    "Longest stable latency 3e: under 2000 true",
  ]);
  assertEquals(metricsOf(result, { ...test, rate: 10 }).flatMap(({ bounds }) => bounds), []);
});

Deno.test("evidence in distant groups is shown by its first group", () => {
  assertEquals(evidenceSpan([0, 300, 800, 15_000_000]), { from: 0, to: 800 });
  assertEquals(evidenceSpan([0, 4_000_000, 8_000_000]), { from: 0, to: 8_000_000 });
  assertEquals(evidenceSpan([5_000_000]), { from: 5_000_000, to: 5_000_000 });
});

Deno.test("a card of the report shows the cause and the events that it refers to", async () => {
  const page = await makeReport(sampleRun({ values: 5, lost: new Set([3]) }));
  assertStringIncludes(page, "Cause in this run:");
  assertStringIncludes(page, "the network lost all 4");
  assertStringIncludes(page, "data-messages=");
  assertEquals(page.includes("Likely cause"), false);
});

Deno.test("a report names the start of a run, and none for a case of a sweep", async () => {
  const run = sampleRun({ values: 2 });
  const started = "2026-11-25T10:00:00.000Z";
  assertMatch(await makeReport({ ...run, head: { ...run.head, started } }), /started <b>2026-11-25T10:00/);
  assertEquals((await makeReport({ ...run, name: "a case of seed 7" })).includes("started <b>"), false);
});

Deno.test("+ zooms on the selection, which keeps its place or moves to the middle", () => {
  const window = new TimeWindow(0, 1_000_000);
  window.focus = 100_000;
  window.zoom(0.5);
  assert(window.from <= 100_000 && 100_000 <= window.to);
  window.show(600_000, 700_000);
  window.zoom(0.5);
  assertEquals((window.from + window.to) / 2, 100_000);
  window.focus = undefined;
  window.zoom(0.5);
  assertEquals(Math.round((window.from + window.to) / 2), 100_000);
});
