/** The effects of faults in a result and its summary. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describeFaults, type FaultEffect, hadEffect } from "../../../lib/bench/nemesis/fault_effects.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { style } from "../../../lib/bench/terminal/style.ts";
import { summarize } from "../../../lib/bench/terminal/summary.ts";
import { type VirtualRun, virtualRun } from "../support/virtual_run.ts";

const LINE = "-w broadcast --node-count 5 --time-limit 10 --rate 20 --nemesis-interval 1 --nemesis";

function count(run: VirtualRun, event: string): number {
  return run.messages.filter((line) => line.includes(`"event":"${event}"`)).length;
}

function effectOf({ result }: VirtualRun, kind: string): FaultEffect | undefined {
  return result.faults?.find((effect) => effect.kind === kind);
}

Deno.test("each affected message is counted once", async () => {
  const cases = [["partition", "cut"], ["one-way", "cut"], ["loss", "lost"], [
    "duplicate",
    "duplicated",
  ]] as const;
  for (const [kind, event] of cases) {
    const run = await virtualRun(`${LINE} ${kind}`, { seed: 2 });
    const messages = effectOf(run, kind)?.messages;
    assertEquals(messages, count(run, event), kind);
    assert(messages !== undefined && messages > 0, kind);
  }
});

Deno.test("kills and pauses name their nodes, and their counts equal the history's", async () => {
  const run = await virtualRun(`${LINE} kill,pause`, { seed: 2, storage: true });
  for (const kind of ["kill", "pause"]) {
    const started = run.history.filter(({ process, f }) => process === "nemesis" && f === kind).length / 2;
    const effect = effectOf(run, kind);
    assertEquals(effect?.times, started);
    assert((effect?.nodes ?? []).length > 0);
  }
});

Deno.test("slow links and held-back messages are counted", async () => {
  const run = await virtualRun(`${LINE} slow,reorder`, { seed: 2 });
  for (const kind of ["slow", "reorder"]) assert((effectOf(run, kind)?.messages ?? 0) > 0, kind);
});

Deno.test("a partition that drops no message has no effect", () => {
  const effect: FaultEffect = { kind: "partition", times: 3, messages: 0 };
  assertEquals(hadEffect(effect), false);
  assertEquals(describeFaults([effect]), ["partition: 3 times, no message cut"]);
  assertEquals(describeFaults([{ kind: "pause", times: 2, nodes: ["n2", "n4"] }]), ["pause: twice, n2, n4"]);
});

Deno.test("a summary has a row for the effects of each fault, and none without faults", async () => {
  const lines = async (faults: string) => {
    const { test } = parseTest(`${LINE} ${faults} --virtual`.split(" "));
    const { result } = await virtualRun(`${LINE} ${faults}`, { seed: 2 });
    return summarize(result, { test, style: style(false) }).join("\n");
  };
  assertStringIncludes(await lines("partition"), "\nfaults        partition: ");
  assert(!(await lines("none")).includes("\nfaults "));
});
