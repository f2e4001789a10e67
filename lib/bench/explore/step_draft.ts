/** The step that is being executed, whose effects are noted as they happen. Tested by `tests/bench/explore/world_test.ts`. */

import type { Clock, Host } from "../../runtime/host.ts";
import type { Step } from "./search.ts";

/** A step whose effects are not complete. */
export type StepDraft = { -readonly [K in keyof Step]: Step[K] };

/** Returns a step without effects. */
export function draftOf(id: string, creator: string | undefined): StepDraft {
  return {
    id,
    process: "",
    creator,
    invokes: false,
    completes: false,
    readsTime: false,
    advancesTime: false,
    showsState: false,
    budget: undefined,
    excludes: [],
  };
}

/** Returns a host that notes in the current step that the step depends on the time. */
export function observedHost(host: Host, current: () => StepDraft | undefined): Host {
  const used = () => {
    const step = current();
    if (step !== undefined) step.readsTime = true;
  };
  const clock: Clock = {
    now: () => {
      used();
      return host.clock.now();
    },
    after: (delayMs, fire) => {
      used();
      return host.clock.after(delayMs, fire);
    },
  };
  return { ...host, clock };
}
