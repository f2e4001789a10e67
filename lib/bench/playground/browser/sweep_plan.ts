/** The seeds of a sweep in the page. Tested by `tests/bench/playground/sweep_panel_test.ts`. */

import { parseSweep, planSweep } from "../../sweep/plan.ts";
import type { SeedPlan } from "./sweep_panel.ts";

/** The number of seeds of a sweep. */
const SEEDS = 200;

/** Returns the plan of a sweep with the options of a test. Throws `ArgumentError` if they are wrong. */
export function sweepPlan(args: readonly string[], code: string | undefined): SeedPlan {
  const cut = args.indexOf("--");
  const seeds = ["--seeds", `1..${SEEDS}`];
  const all = cut < 0 ? [...args, ...seeds] : [...args.slice(0, cut), ...seeds, ...args.slice(cut)];
  const { job } = planSweep(parseSweep(all));
  return {
    name: "",
    seeds: Array.from({ length: SEEDS }, (_, i) => i + 1),
    job: (seed) => code === undefined ? job(seed) : { ...job(seed), code, form: "text" },
  };
}
