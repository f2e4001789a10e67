/** Prints the bench's data about the fault `deaf`, as JSON. The import map adds the fault to the registry. */

import { describeFaults } from "../../../../lib/bench/nemesis/fault_effects.ts";
import { describeFaultKinds, FAULT_KINDS } from "../../../../lib/bench/nemesis/faults.ts";
import { faultBands } from "../../../../lib/bench/report/data/fault_intervals.ts";
import { untried } from "../../../../lib/bench/run/coverage.ts";
import { parseTest, testSettings } from "../../../../lib/bench/run/options.ts";
import { randomizeOptions } from "../../../../lib/bench/sweep/random_options.ts";
import { describeSettings } from "../../../../lib/runtime/settings.ts";
import { virtualRun } from "../../support/virtual_run.ts";

const LINE = "-w broadcast --node-count 3 --time-limit 4 --rate 20 --nemesis-interval 1";

const { history, result, observations } = await virtualRun(`${LINE} --nemesis deaf`, { seed: 1 });
const { test } = parseTest(["--virtual", ...LINE.split(" "), "--faults", "all"]);
const shapes = Array.from({ length: 40 }, (_, seed) => randomizeOptions(test, { seed, fixed: new Set() }));
const uncovered = untried(
  { operations: {}, messages: { cut: {}, lost: { gossip: 1 } }, states: {} },
  { faults: ["deaf"], operations: ["read"] },
);

const described = {
  kinds: FAULT_KINDS,
  help: `${describeSettings(testSettings)}\n${describeFaultKinds()}`,
  events: history.filter(({ process }) => process === "nemesis").map(({ f }) => f),
  faultSchedule: observations.faultSchedule,
  effects: describeFaults(result.faults ?? []),
  bands: faultBands(history, 1e9),
  drawn: shapes.filter(({ faults }) => faults.some((kind) => String(kind) === "deaf")).length,
  parameters: shapes.map((shape) => Object.entries(shape).find(([key]) => key === "deafNodes")?.[1]),
  uncovered,
};
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(described)));
