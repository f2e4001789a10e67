import { assert, assertEquals } from "@std/assert";
import type { Intervention } from "../../../lib/bench/nemesis/interventions.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { jobOf, seedCaseOf } from "../../../lib/bench/replay/case.ts";
import { faultBands } from "../../../lib/bench/report/data/fault_intervals.ts";
import { jobOfTest, type JobResult } from "../../../lib/bench/worker/job.ts";
import { runVirtualJob } from "../../../lib/bench/worker/virtual_job.ts";
import { parseHistory } from "../../../lib/checkers/parse.ts";
import { isObject } from "../../../lib/protocol/schema.ts";

const LINE = "--virtual -w lin-kv --node-count 5 --rate 30 --time-limit 6 --latency 5";

function run(interventions: readonly Intervention[], line = LINE): Promise<JobResult> {
  const job = jobOfTest(parseTest(line.split(" ")), {
    seed: 3,
    keepMessages: true,
    keepHistory: "always",
    interventions,
  });
  return runVirtualJob(job, { working: () => {} });
}

function bandsOf({ history = [] }: JobResult): readonly string[] {
  return faultBands(parseHistory(history), 1e9).map(({ kind, from, to, nodes, cuts }) =>
    `${kind} ${from / 1000}..${to < 6_000_000 ? to / 1000 : "end"} ${nodes.join(" ")}${
      cuts === undefined ? "" : JSON.stringify(cuts)
    }`
  );
}

Deno.test("each intervention on a node or a link appears in the history until it is undone", async () => {
  const ran = await run([
    { kind: "cut", atMs: 1000, links: [["n0", "n1"], ["n0", "n2"]] },
    { kind: "heal", atMs: 1500, links: [["n0", "n2"]] },
    { kind: "heal", atMs: 2000, links: [["n0", "n1"]] },
    { kind: "kill", atMs: 2500, node: "n3" },
    { kind: "kill", atMs: 2600, node: "n4" },
    { kind: "start", atMs: 3000, node: "n3" },
    { kind: "pause", atMs: 3200, node: "n1" },
    { kind: "resume", atMs: 3300, node: "n1" },
    { kind: "skew", atMs: 3400, node: "n2", rate: 1.5, jumpMs: 50 },
    { kind: "pause", atMs: 3500, node: "n9" },
  ]);
  assertEquals(ran.result.valid, true);
  assertEquals(bandsOf(ran), [
    'cut 1000..2000 {"n0":["n1"],"n1":["n0"]}',
    "kill 2500..3000 n3 n4",
    "kill 3000..end n4",
    "pause 3200..3300 n1",
    "clock 3400..end ",
  ]);
});

Deno.test("the history is unchanged until an intervention, and differs after it", async () => {
  const [without, with_] = [await run([]), await run([{ kind: "pause", atMs: 3000, node: "n0" }])];
  const before = (ran: JobResult) => (ran.history ?? []).filter((line) => JSON.parse(line).time < 3e9);
  assertEquals(before(with_), before(without));
  assert((with_.history ?? []).join() !== (without.history ?? []).join());
});

/** Returns the outcome of a message: its last event, and that event's time in ms. */
function outcomeOf({ messages = [] }: JobResult, id: number): { event: unknown; atMs: number } | undefined {
  const began = messages.map((line) => JSON.parse(line)).find(({ event }) => event === "began").time;
  const found = messages.map((line): unknown => JSON.parse(line)).filter(isObject).findLast((each) =>
    each["id"] === id
  );
  return found && { event: found["event"], atMs: (Number(found["time"]) - began) / 1e6 };
}

Deno.test("a dropped message is lost, and a held one arrives later", async () => {
  const plain = await run([]);
  const sent = (plain.messages ?? []).map((line) => JSON.parse(line)).filter(({ message, event }) =>
    event === "sent" && message.body.type !== "init" && message.dest.startsWith("n") &&
    message.src.startsWith("n")
  );
  const [first, second] = [sent[100].id, sent[130].id];
  const before = outcomeOf(plain, second);
  const atMs = before?.atMs ?? 0;
  const ran = await run([
    { kind: "drop", atMs: 0, message: first },
    { kind: "hold", atMs, message: second, forMs: 700 },
  ]);
  assertEquals(outcomeOf(ran, first)?.event, "lost");
  const held = outcomeOf(ran, second);
  assertEquals(held?.event, "received");
  assertEquals(Math.round(held?.atMs ?? 0), Math.round(atMs + 700));
});

Deno.test("a case with interventions and no schedule repeats the run to the byte", async () => {
  const interventions: readonly Intervention[] = [{ kind: "kill", atMs: 1500, node: "n2" }];
  const line = `${LINE} --nemesis partition --nemesis-interval 1`;
  const job = jobOfTest(parseTest(line.split(" ")), {
    seed: 3,
    keepMessages: false,
    keepHistory: "always",
    interventions,
  });
  const ran = await runVirtualJob(job, { working: () => {} });
  assertEquals(job.storage, true);
  const recorded = seedCaseOf(job, ran);
  assertEquals(recorded.schedule, undefined);
  const again = await runVirtualJob(jobOf(recorded), { working: () => {} });
  assertEquals(again.history, ran.history);
});
