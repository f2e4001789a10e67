import { assertEquals } from "@std/assert";
import type { Event } from "../../../lib/checkers/history.ts";
import type { Validity } from "../../../lib/checkers/result.ts";
import { FailFast } from "../../../lib/bench/run/fail_fast.ts";
import { unjudged } from "../../../lib/bench/run/verdict.ts";
import type { EarlyEnd } from "../../../lib/bench/store/file_limit.ts";
import { VirtualClock } from "../../../lib/sim/virtual_clock.ts";

const invoke: Event = { index: 0, time: 0, process: 0, type: "invoke", f: "echo", value: "a" };
const fail: Event = { ...invoke, index: 1, type: "fail" };

/** A result whose workload part has this verdict. */
function resultOf(valid: Validity) {
  const workload = { valid, errors: [{ expected: 1, received: 2 }] };
  return { ...unjudged("x"), valid, workload };
}

/** Runs `use` and returns the reasons for which the run was ended. */
function reasonsOf(isTotal: boolean, use: (failFast: FailFast) => void): readonly EarlyEnd["kind"][] {
  const reasons: EarlyEnd["kind"][] = [];
  const failFast = new FailFast({
    clock: new VirtualClock(),
    isTotal,
    judge: () => Promise.resolve(undefined),
    end: ({ kind }) => reasons.push(kind),
  });
  failFast.start();
  use(failFast);
  return reasons;
}

/** Lets all timers and promises of a run pass that `judge` judges. Returns the end of the run, with its time in ms. */
async function endOf(judge: (nowMs: number) => Validity, events: readonly Event[] = []) {
  const clock = new VirtualClock();
  const ends: (readonly [EarlyEnd["kind"], number])[] = [];
  const failFast = new FailFast({
    clock,
    isTotal: false,
    judge: () => Promise.resolve(resultOf(judge(clock.now()))),
    end: ({ kind }) => ends.push([kind, clock.now()]),
  });
  failFast.start();
  for (const event of events) failFast.recorded(event);
  while (clock.now() < 60_000 && clock.step()) {
    await new Promise((resolve) => queueMicrotask(() => setTimeout(resolve)));
  }
  failFast.stop();
  return ends;
}

Deno.test("a run ends at the failure of a node, once", () => {
  const fault = { node: "n1", kind: "ended", text: "ended" } as const;
  const reasons = reasonsOf(false, (failFast) => {
    failFast.failed(fault);
    failFast.failed({ ...fault, node: "n2" });
  });
  assertEquals(reasons, ["certain"]);
});

Deno.test("a run ends at an operation that fails only if all must succeed", () => {
  const record = (failFast: FailFast) => {
    failFast.recorded(invoke);
    failFast.recorded({ ...fail, process: "nemesis" });
    failFast.recorded(fail);
  };
  assertEquals(reasonsOf(false, record), []);
  assertEquals(reasonsOf(true, record), ["certain"]);
});

Deno.test("a run ends when its history so far is invalid, after 2, 6, 14 s and so on", async () => {
  assertEquals(await endOf((nowMs) => nowMs < 5000), [["certain", 6000]]);
  assertEquals(await endOf(() => "unknown"), []);
});

Deno.test("a run ends after 10 s if no operation got a reply", async () => {
  assertEquals(await endOf(() => true, [invoke]), [["no-reply", 10_000]]);
  assertEquals(await endOf(() => true, [invoke, fail]), []);
  assertEquals(await endOf(() => true), []);
});
